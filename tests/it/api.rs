//! `/api/v1` over HTTP, as a program finds it: every resource, every refusal, and requests that come again.

mod schemathesis;

use namewarden::api::v1::resource::{RESOURCES, request};
use namewarden::api::v1::{Command, Problem, ProblemType};
use namewarden::model::Role;
use reqwest::{Method, Response};
use serde_json::{Value, json};

use crate::dashboard::gate::FakeGate;
use crate::world::{Browser, Setup, World};

async fn world() -> World {
    let mut world = Setup { web: true, ..Setup::default() }.start().await;
    world.register("acme-billing", "mallory");
    world.expect_mail("registered", "acme-billing").await;
    world
}

/// With a gate that answers.
async fn gated() -> (World, FakeGate) {
    let world = world().await;
    let gate = FakeGate::at(&world.dir().join("gate.sock"));
    world.reconfigure(&(world.config() + "[gate]\ncontrol_socket = \"gate.sock\"\n")).await;
    (world, gate)
}

/// Sends JSON, with a key where one is given.
async fn write(browser: &Browser, method: Method, path: &str, body: &str, key: Option<&str>) -> Response {
    let csrf = browser.csrf();
    let mut headers = vec![("x-csrf-token", csrf.as_str()), ("content-type", "application/json")];
    headers.extend(key.map(|key| ("idempotency-key", key)));
    browser.send(method, path, &headers, body).await
}

async fn json_of(response: Response) -> Value {
    assert_eq!(response.headers()["cache-control"], "no-store");
    response.json().await.expect("JSON")
}

/// The problem, which has to be one, with the status of its type.
async fn problem(response: Response) -> ProblemType {
    let status = response.status().as_u16();
    assert_eq!(response.headers()["content-type"], "application/problem+json", "{status}");
    let problem: Problem = response.json().await.expect("a problem");
    assert_eq!(status, problem.of().status(), "{problem}");
    problem.of()
}

async fn judged(browser: &Browser, case: &str, decision: &str, key: Option<&str>) -> Response {
    let body = json!({"cases": [case], "decision": decision, "note": "n"}).to_string();
    write(browser, Method::POST, "/api/v1/decisions", &body, key).await
}

/// Each of the table, asked by somebody who may.
#[tokio::test]
async fn every_resource_answers() {
    let (world, _gate) = gated().await;
    let admin = world.signed_in(Role::Admin).await;
    for resource in RESOURCES.iter().filter(|resource| resource.role.is_some()) {
        let path = resource.path.replace("{case}", "nw-1").replace("{form}", "html").replace("{name}", "bob");
        let path = path.replace("{review}", "17");
        let method: Method = resource.method.as_str().parse().expect("a method");
        let body = match resource.word {
            "judge" => r#"{"cases":["nw-1"],"decision":"acknowledge"}"#,
            "snooze" => r#"{"cases":["nw-1"],"minutes":60}"#,
            "claim-propose" => r#"{"names":["acme-tax"]}"#,
            "claim-decide" => r#"{"names":["acme-tax"],"decision":"abandon"}"#,
            "claim-agree" => r#"{"reference":"ticket 7"}"#,
            "inventory-preview" => r#"{"text":"acme-new\n"}"#,
            "deliveries" => r#"{"notices":[]}"#,
            "set-cursor" => r#"{"serial":7}"#,
            "user-change" => r#"{"change":"add","role":"viewer"}"#,
            "token-create" => r#"{"name":"ci","scope":"viewer","days":1}"#,
            "gate-decide" => r#"{"act":"approve","reason":"looked at"}"#,
            "token-revoke" => r#"{"id":1}"#,
            "reconcile" | "reload" | "claim-apply" => r#"{"dry_run":true}"#,
            _ => "",
        };
        let refused = match resource.word {
            "acknowledge-health" => Some(ProblemType::NoSuchHealthCase),
            "claim-request" => Some(ProblemType::ClaimRefused),
            _ => None,
        };
        let path = if resource.word == "check-name" { path + "?name=acme-biling" } else { path };
        let response = write(&admin, method, &path, body, None).await;
        match refused {
            Some(kind) => assert_eq!(problem(response).await, kind, "{path}"),
            None => assert_eq!(response.status(), 200, "{path}: {}", response.text().await.expect("text")),
        }
    }
    let document = json_of(admin.get("/api/v1/openapi.json").await).await;
    assert_eq!(document["openapi"], "3.1.0");
    drop(world);
}

#[tokio::test]
async fn a_page_leads_to_the_next_and_a_cursor_is_of_its_list_alone() {
    let mut world = world().await;
    world.register("acme-ledger", "eve");
    world.expect_mail("registered", "acme-ledger").await;
    let viewer = world.signed_in(Role::Viewer).await;
    let first = viewer.get("/api/v1/findings?limit=1&states=open&states=acknowledged").await;
    let link = first.headers()["link"].to_str().expect("text").to_owned();
    let next = link.strip_prefix('<').and_then(|link| link.strip_suffix(">; rel=\"next\"")).expect("a link");
    let first = json_of(first).await;
    let second = viewer.get(next).await;
    assert!(second.headers().get("link").is_none(), "nothing follows");
    let second = json_of(second).await;
    let names = [&first, &second].map(|page| page["items"][0]["project"].as_str().expect("a name").to_owned());
    assert_eq!(names, ["acme-ledger", "acme-billing"]);
    let cursor = first["next"].as_str().expect("a cursor");
    for list in ["watches", "health", "projects", "claims", "claims/plan"] {
        let refused = viewer.get(&format!("/api/v1/{list}?after={cursor}")).await;
        assert_eq!(problem(refused).await, ProblemType::BadCursor, "{list}");
    }
    world.finish().await;
}

#[tokio::test]
async fn what_cannot_be_answered_is_a_problem_of_a_type() {
    let world = world().await;
    let admin = world.signed_in(Role::Admin).await;
    let reads = [
        ("/api/v1/findings/no-such", ProblemType::NoSuchCase),
        ("/api/v1/findings/%2e%2e%2f%2e%2e%2fetc%2fpasswd", ProblemType::NoSuchCase),
        ("/api/v1/findings/npm%3A%40acme%2Fbilling", ProblemType::NoSuchCase),
        ("/api/v1/findings/%E2%80%AE%00", ProblemType::NoSuchCase),
        ("/api/v1/findings/a/b", ProblemType::NoSuchPath),
        ("/api/v1/findings/%FF", ProblemType::NoSuchPath),
        ("/api/v1/findings?at_last=page", ProblemType::BadValue),
        ("/api/v1/findings?limit=many", ProblemType::BadValue),
        ("/api/v1/findings?project=a%20b", ProblemType::BadValue),
        ("/api/v1/findings?owner=nobody", ProblemType::NoSuchOwner),
        ("/api/v1/findings?after=%E2%98%83", ProblemType::BadCursor),
        ("/api/v1/report/pdf", ProblemType::BadValue),
        ("/api/v1/report?since=2999-01-01T00:00:00Z", ProblemType::BadValue),
        ("/api/v1/uploader/work", ProblemType::NoSuchPath),
        ("/api/v1/nothing", ProblemType::NoSuchPath),
        ("/api/v1/", ProblemType::NoSuchPath),
        ("/api/v1/decisions", ProblemType::WrongMethod),
    ];
    for (path, kind) in reads {
        assert_eq!(problem(admin.get(path).await).await, kind, "{path}");
    }
    let wrong = admin.get("/api/v1/cursor").await;
    assert_eq!(wrong.status(), 200);
    let wrong = write(&admin, Method::DELETE, "/api/v1/cursor", "", None).await;
    let allow = wrong.headers()["allow"].to_str().expect("text").to_owned();
    assert!(allow.contains("GET") && allow.contains("PUT"), "{allow}");
    assert_eq!(problem(wrong).await, ProblemType::WrongMethod);
    world.finish().await;
}

#[tokio::test]
async fn a_body_that_is_none_is_a_problem_of_a_type() {
    let world = world().await;
    let admin = world.signed_in(Role::Admin).await;
    let deep = format!("{}{}", "[".repeat(30_000), "]".repeat(30_000));
    let long = format!(r#"{{"cases":["{}"],"decision":"reopen"}}"#, "x".repeat(70_000));
    let bodies = [
        ("{", ProblemType::BadValue),
        ("[]", ProblemType::BadValue),
        ("{}", ProblemType::BadValue),
        (r#"{"cases":"nw-1","decision":"acknowledge"}"#, ProblemType::BadValue),
        (r#"{"cases":["nw-1"],"decision":"forget"}"#, ProblemType::BadValue),
        (&deep, ProblemType::BadValue),
        (&long, ProblemType::TooLarge),
    ];
    for (body, kind) in bodies {
        let refused = write(&admin, Method::POST, "/api/v1/decisions", body, None).await;
        assert_eq!(problem(refused).await, kind, "{}", &body[..body.len().min(60)]);
    }
    // Of which schemathesis sends none.
    for body in ["{", "[]", "7", r#"{"dry_run":"yes"}"#, r#"{"dry_run":true,"accept":1}"#, &deep] {
        let refused = write(&admin, Method::POST, "/api/v1/reconcile", body, None).await;
        assert_eq!(problem(refused).await, ProblemType::BadValue, "{}", &body[..body.len().min(60)]);
    }
    let csrf = admin.csrf();
    let form = [("x-csrf-token", csrf.as_str()), ("content-type", "text/plain")];
    let refused = admin.send(Method::POST, "/api/v1/decisions", &form, "{}").await;
    assert_eq!(problem(refused).await, ProblemType::UnsupportedMedia);
    world.finish().await;
}

#[tokio::test]
async fn a_name_says_which_case_whatever_it_is() {
    let mut world = world().await;
    let viewer = world.signed_in(Role::Viewer).await;
    for name in ["acme-billing", "nw-1", "Acme_Billing"] {
        let case = Command::Finding { case: name.to_owned() };
        let file = json_of(viewer.get(&request(&case).expect("a place").target).await).await;
        assert_eq!(file["finding"]["project"], "acme-billing", "{name}");
    }
    let head = viewer.send(Method::HEAD, "/api/v1/findings/nw-1", &[], "").await;
    assert_eq!((head.status().as_u16(), head.text().await.expect("text").len()), (200, 0));
    let metrics = viewer.get("/metrics").await;
    assert_eq!(metrics.headers()["content-type"], "application/openmetrics-text; version=1.0.0; charset=utf-8");
    assert!(metrics.text().await.expect("text").ends_with("# EOF\n"));
    let table = viewer.get("/api/v1/report/cases").await;
    assert_eq!(table.headers()["content-type"], "text/csv; charset=utf-8; header=present");
    let length = table.content_length();
    assert_eq!(length, Some(table.text().await.expect("text").len() as u64), "it is whole before it leaves");
    let head = viewer.send(Method::HEAD, "/api/v1/report/cases", &[], "").await;
    assert_eq!(head.headers()["content-length"], length.expect("a length").to_string().as_str());
    world.assert_alive().await;
    world.finish().await;
}

/// The same request again is answered as the first was, and done once; also after a restart, and for a day.
#[tokio::test]
async fn a_request_that_comes_again_is_done_once() {
    let mut world = world().await;
    let ada = world.signed_in(Role::Responder).await;
    let first = judged(&ada, "nw-1", "acknowledge", Some("\"k-1\"")).await;
    assert!(first.headers().get("idempotent-replayed").is_none());
    let first = json_of(first).await;
    assert_eq!(first[0]["case"]["changed"], true);
    let again = judged(&ada, "nw-1", "acknowledge", Some("k-1")).await;
    assert_eq!(again.headers()["idempotent-replayed"], "true");
    assert_eq!(json_of(again).await, first, "as if it had changed something");
    let other = judged(&ada, "nw-1", "reopen", Some("k-1")).await;
    assert_eq!(problem(other).await, ProblemType::KeyReused);
    let theirs = json_of(judged(&world.signed_in(Role::Admin).await, "nw-1", "acknowledge", Some("k-1")).await).await;
    assert_eq!(theirs[0]["case"]["changed"], false, "a key is one actor's");
    world.restart().await;
    let mut later = world.browser().await;
    later.cookie = ada.cookie;
    let restarted = judged(&later, "nw-1", "acknowledge", Some("k-1")).await;
    assert_eq!(json_of(restarted).await, first, "it is kept in the store");
    let bad = judged(&later, "nw-1", "acknowledge", Some("a b")).await;
    assert_eq!(problem(bad).await, ProblemType::BadKey);
    world.finish().await;
}

/// Whoever only looks would fill the disk with what they saw.
#[tokio::test]
async fn of_what_changes_nothing_no_answer_is_kept() {
    let world = world().await;
    let viewer = world.signed_in(Role::Viewer).await;
    for body in [r#"{"text":"acme-new\n"}"#, r#"{"text":"acme-new\n"}"#, r#"{"text":"acme-newer\n"}"#] {
        let seen = write(&viewer, Method::POST, "/api/v1/inventory/preview", body, Some("k")).await;
        assert_eq!(seen.status(), 200, "{body}");
        assert!(seen.headers().get("idempotent-replayed").is_none(), "{body}");
    }
    world.finish().await;
}

/// A refusal is an answer, too: asked again, it is the same.
#[tokio::test]
async fn a_refusal_is_kept_under_its_key_and_a_malformed_request_is_not() {
    let world = world().await;
    let admin = world.signed_in(Role::Admin).await;
    let ask = async |body: &str| write(&admin, Method::POST, "/api/v1/test-alert", body, Some("k")).await;
    assert_eq!(problem(ask("{").await).await, ProblemType::BadValue);
    let first = ask(r#"{"owner":"nobody"}"#).await;
    assert_eq!(problem(first).await, ProblemType::NoSuchOwner);
    let again = ask(r#"{ "owner" : "nobody", "more": 1 }"#).await;
    assert_eq!(again.headers()["idempotent-replayed"], "true", "however it was written");
    assert_eq!(problem(again).await, ProblemType::NoSuchOwner);
    world.finish().await;
}

/// Many at once under one key: one is done, the others are told to wait, or what it came to.
#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_at_work_once() {
    let mut world = world().await;
    let ada = world.signed_in(Role::Responder).await;
    let all = (0..20).map(|_| judged(&ada, "nw-1", "acknowledge", Some("k")));
    let mut done = 0;
    for response in futures_util::future::join_all(all).await {
        match response.status().as_u16() {
            200 => done += usize::from(response.headers().get("idempotent-replayed").is_none()),
            _ => assert_eq!(problem(response).await, ProblemType::KeyInUse),
        }
    }
    assert_eq!(done, 1);
    let file = json_of(ada.get("/api/v1/findings/nw-1").await).await;
    let history = file["timeline"].as_array().expect("a history");
    assert_eq!(history.iter().filter(|line| line["kind"] == "acknowledged").count(), 1);
    let actor = &history.iter().find(|line| line["kind"] == "acknowledged").expect("there")["actor"];
    assert_eq!((&actor["user"], &actor["through"]), (&json!("responder"), &json!("session")));
    world.assert_alive().await;
    world.finish().await;
}
