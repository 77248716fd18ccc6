//! The verbs for accounts, tokens and the trail, as people and scripts call them beside a daemon.

use std::io::Write as _;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

use crate::world::{Setup, World};

/// Runs a verb with this on its standard input.
async fn typed(world: &World, line: &str, input: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_namewarden"));
    command.args(line.split(' ')).args(["--config", "namewarden.toml"]).current_dir(world.dir());
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let input = input.to_owned();
    let run = move || {
        let mut child = command.spawn().expect("starts");
        child.stdin.take().expect("piped").write_all(input.as_bytes()).expect("taken");
        child.wait_with_output().expect("runs")
    };
    tokio::task::spawn_blocking(run).await.expect("runs")
}

fn out(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn err(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

async fn done(world: &World, line: &str) -> String {
    let output = typed(world, line, "").await;
    assert!(output.status.success(), "{line}: {}", err(&output));
    out(&output)
}

#[tokio::test]
async fn a_password_is_a_line_of_standard_input_or_made_and_never_an_argument() {
    let world = Setup { web: true, ..Setup::default() }.start().await;
    let added = typed(&world, "user add ada --role admin", "correct horse battery\nanother line\n").await;
    assert_eq!((added.status.code(), out(&added).as_str()), (Some(0), "ada is added, as admin\n"));
    let mut browser = world.browser().await;
    assert_eq!(browser.sign_in("ada", "correct horse battery", "/").await.status(), 303);
    for (weak, why) in
        [("short\n", "12 to 1024"), ("aaaaaaaaaaaaaaaa\n", "anybody would try"), ("", "no password came")]
    {
        let refused = typed(&world, "user password ada", weak).await;
        assert_eq!(refused.status.code(), Some(1), "{weak:?}");
        assert!(err(&refused).contains(why) && !err(&refused).contains("aaaa"), "{}", err(&refused));
    }
    let made = done(&world, "user password ada --generate").await;
    let password = made.lines().nth(1).expect("a line of its own").to_owned();
    assert_eq!(password.len(), 43, "{made}");
    let mut again = world.browser().await;
    assert_eq!(again.sign_in("ada", &password, "/").await.status(), 303);
    assert_eq!(browser.get("/nothing").await.status(), 303, "signed out by another password");
    let json = done(&world, "user password ada --generate --format json").await;
    let json: Value = serde_json::from_str(&json).expect("one line of JSON");
    assert_eq!(json["generated"].as_str().map(str::len), Some(43));
    for wrong in ["user add bob --role admin --password x", "user add bob --role boss", "user add bob"] {
        assert_eq!(typed(&world, wrong, "").await.status.code(), Some(2), "{wrong}");
    }
    let both = typed(&world, "user password ada --generate --no-password", "").await;
    assert_eq!(both.status.code(), Some(2));
    world.finish().await;
}

#[tokio::test]
async fn the_list_says_who_may_do_what_and_a_link_where_to_go() {
    let world = Setup { web: true, ..Setup::default() }.start().await;
    assert!(done(&world, "user list").await.contains("there is no account"));
    done(&world, "user add ada@acme.example --role approver --uid 4001 --no-password").await;
    let listed = done(&world, "user list").await;
    assert!(listed.starts_with("ada@acme.example "), "{listed}");
    assert!(listed.contains("approver") && listed.contains("uid 4001") && listed.contains("no password"), "{listed}");
    let link = typed(&world, "user link ada@acme.example", "").await;
    assert!(out(&link).starts_with("http://127.0.0.1:0/login/once?code="), "{}", out(&link));
    assert!(err(&link).contains("it signs in once"), "{}", err(&link));
    assert!(done(&world, "user role ada@acme.example viewer").await.contains("has the role viewer now"));
    assert!(done(&world, "user remove ada@acme.example").await.contains("is removed"));
    assert!(done(&world, "user list").await.contains("there is no account"));
    world.finish().await;
}

#[tokio::test]
async fn a_token_is_printed_once_and_alone() {
    let world = Setup { web: true, ..Setup::default() }.start().await;
    done(&world, "user add ada --role responder --no-password").await;
    let made = done(&world, "token create grafana --scope read --user ada --expires 30d").await;
    let token = made.trim();
    assert!(token.starts_with("nwt_") && made.lines().count() == 1, "{made}");
    let listed = done(&world, "token list").await;
    assert!(listed.contains("grafana") && listed.contains("  read  ") && listed.contains("never used"), "{listed}");
    assert!(!listed.contains(&token[4..]));
    for wrong in [
        "token create x --scope approve",
        "token create x --scope read --expires 90",
        "token create x --scope read --expires 367d",
        "token create x --scope read --expires 36h",
    ] {
        assert_eq!(typed(&world, wrong, "").await.status.code(), Some(2), "{wrong}");
    }
    assert!(done(&world, "token revoke 1").await.contains("token 1 (grafana) is good no longer"));
    assert!(done(&world, "token list").await.contains("there is no token"));
    world.finish().await;
}

#[tokio::test]
async fn the_trail_is_a_table_for_people_programs_and_spreadsheets() {
    let world = Setup { web: true, ..Setup::default() }.start().await;
    assert!(done(&world, "audit").await.contains("nobody has done anything yet"));
    done(&world, "user add ada --role viewer --no-password").await;
    typed(&world, "findings ack nw-77 --note =HYPERLINK(1)", "").await;
    let people = done(&world, "audit").await;
    assert!(people.contains("user-change") && people.contains("name=ada"), "{people}");
    assert!(people.ends_with(": not done: there is no such case\n"), "{people}");
    let csv = done(&world, "audit --format csv").await;
    let mut read = csv::Reader::from_reader(csv.as_bytes());
    let head = read.headers().expect("a head").iter().collect::<Vec<_>>().join(" ");
    assert_eq!(head, "id at who uid through action outcome detail");
    let rows: Vec<csv::StringRecord> = read.records().map(|row| row.expect("a row")).collect();
    assert_eq!(rows.iter().map(|row| row[5].to_owned()).collect::<Vec<_>>(), ["user-change", "judge"]);
    assert!(rows.iter().flatten().all(|cell| !cell.starts_with(['=', '+', '-', '@'])), "{csv}");
    let json = done(&world, "audit --format json --limit 1").await;
    let lines: Vec<Value> = json.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!((lines.len(), &lines[0]["action"]), (2, &Value::from("user-change")));
    assert!(lines[1]["next"].is_string());
    assert!(!done(&world, "audit --since 2099-01-01").await.contains("user-change"));
    world.finish().await;
}
