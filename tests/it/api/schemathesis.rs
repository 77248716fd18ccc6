//! What nobody would send, by schemathesis: requests made out of the document that the daemon serves, good and bad ones. None
//! may end in a failure of ours, and each answer is what the document says.

use std::process::Stdio;

use namewarden::model::Role;
use tokio::process::Command;

use super::gated;
use crate::world::Browser;

/// Requests for each operation and phase; the page of the API says how to have 10,000 of them in all.
const EACH: &str = "10";
const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance,\
                      allow_header_conformance";

#[expect(clippy::disallowed_methods, reason = "tests/run says where its Python is, and people how many")]
fn told(variable: &str) -> Option<String> {
    std::env::var(variable).ok()
}

fn schemathesis(browser: &Browser) -> Command {
    let venv = told("NAMEWARDEN_TEST_VENV").expect("NAMEWARDEN_TEST_VENV names the client venv");
    let each = told("NAMEWARDEN_SCHEMATHESIS_EACH").unwrap_or_else(|| EACH.to_owned());
    let cookie = browser.cookie.as_deref().expect("signed in");
    let mut command = Command::new(format!("{venv}/bin/schemathesis"));
    command.args(["run", "--seed", "7", "--no-color", "--continue-on-failure", "--phases", "coverage,fuzzing"]);
    command.args(["--max-examples", &each, "--checks", CHECKS, "--generation-database", "none"]);
    command.args(["--suppress-health-check", "all", "--warnings", "off", "--request-timeout", "60"]);
    // It asks PyPI for its index, as seldom as PyPI wants to be asked: whoever asks next waits for that. The page of the API says so.
    command.args(["--exclude-operation-id", "reconcile"]);
    command.arg("--header").arg(format!("cookie: namewarden={cookie}"));
    command.arg("--header").arg(format!("x-csrf-token: {}", browser.csrf()));
    command.arg(format!("{}/api/v1/openapi.json", browser.base));
    command
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the client venv; tests/run provides it"]
async fn schemathesis_finds_no_failure_of_ours() {
    let (mut world, _gate) = gated().await;
    let admin = world.signed_in(Role::Admin).await;
    // What it leaves where it runs goes with the directory.
    let ran = schemathesis(&admin).current_dir(world.dir()).stdin(Stdio::null()).output().await.expect("it runs");
    let said = String::from_utf8_lossy(&ran.stdout);
    println!("{said}");
    assert!(ran.status.success(), "{said}\n{}", String::from_utf8_lossy(&ran.stderr));
    world.assert_alive().await;
    assert_eq!(admin.get("/api/v1/status").await.status(), 200, "and it still answers");
}
