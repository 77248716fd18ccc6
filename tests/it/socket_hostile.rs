//! A local client that wishes the daemon ill, or is merely wrong: every answer is a problem that says so, and the watch goes
//! on.

use std::io::{Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::time::Duration;

use namewarden::api::v1::{Problem, ProblemType};
use namewarden::upstream::local;
use serde_json::{Value, json};

use crate::socket::ask;
use crate::world::World;

async fn post(world: &World, path: &str, body: &[u8]) -> (u16, Vec<u8>) {
    local::post(&world.dir().join("control.sock"), path, body.to_vec()).await.expect("an answer")
}

/// The problem, which has to be one, with the status of its type.
fn problem(status: u16, said: &[u8]) -> Problem {
    let problem: Problem = serde_json::from_slice(said).unwrap_or_else(|e| panic!("{e}: {said:?}"));
    assert_eq!(status, problem.of().status(), "{problem}");
    assert!(!problem.title.is_empty() && problem.detail.len() < 2_000, "{problem}");
    problem
}

#[tokio::test]
async fn what_is_no_request_is_a_problem_of_a_type() {
    let world = World::new().await;
    let deep = format!("{}{}", "[".repeat(30_000), "]".repeat(30_000));
    let deep_value = format!(r#"{{"cases":["nw-1"],"decision":"acknowledge","x":{deep}}}"#);
    let bodies: [&[u8]; 15] = [
        b"",
        b" ",
        b"null",
        b"[]",
        b"7",
        b"{",
        b"{}",
        b"\xff\xfe{\x00",
        br#""acknowledge""#,
        br#"{"cases":7,"decision":"acknowledge"}"#,
        br#"{"cases":["nw-1"],"decision":"Acknowledge"}"#,
        br#"{"cases":["nw-1"],"decision":"acknowledge"} {"cases":[]}"#,
        br#"{"cases":["nw-1"],"decision":["acknowledge"]}"#,
        br#"{"cases":[1e400],"decision":"acknowledge"}"#,
        deep.as_bytes(),
    ];
    for body in bodies.into_iter().chain([deep_value.as_bytes()]) {
        let (status, said) = post(&world, "/api/v1/decisions", body).await;
        let start = String::from_utf8_lossy(&body[..body.len().min(60)]).into_owned();
        assert_eq!(problem(status, &said).of(), ProblemType::BadValue, "{start:?}");
    }
    for target in ["/api/v1/findings?limit=99999999999999999999999", "/api/v1/status?x=1", "/api/v1/check"] {
        let told = local::ask(&world.dir().join("control.sock"), "GET", target, None).await.expect("an answer");
        assert_eq!(problem(told.status, &told.body).of(), ProblemType::BadValue, "{target}");
    }
    world.finish().await;
}

#[tokio::test]
async fn values_that_cannot_be_used_are_refused_by_name() {
    let world = World::new().await;
    let cases = [
        (json!({"command": "finding", "case": "no-such"}), ProblemType::NoSuchCase),
        (json!({"command": "finding", "case": "x".repeat(60_000)}), ProblemType::NoSuchCase),
        (json!({"command": "findings", "filter": {"owner": "nobody"}}), ProblemType::NoSuchOwner),
        (json!({"command": "findings", "filter": {"project": "a b"}}), ProblemType::BadValue),
        (json!({"command": "findings", "filter": {"after": "☃"}}), ProblemType::BadCursor),
        (json!({"command": "watches", "owner": "nobody"}), ProblemType::NoSuchOwner),
        (json!({"command": "watches", "after": "x"}), ProblemType::BadCursor),
        (json!({"command": "health", "after": "x"}), ProblemType::BadCursor),
        (json!({"command": "known", "after": "x"}), ProblemType::BadCursor),
        (json!({"command": "users", "after": "x"}), ProblemType::BadCursor),
        (json!({"command": "tokens", "after": "x"}), ProblemType::BadCursor),
        (json!({"command": "inventory-lint", "after": "x"}), ProblemType::BadCursor),
        (json!({"command": "check-name", "name": "a b"}), ProblemType::BadValue),
        (json!({"command": "acknowledge-health", "case": "x"}), ProblemType::NoSuchHealthCase),
        (json!({"command": "test-alert", "owner": "nobody"}), ProblemType::NoSuchOwner),
        (
            json!({"command": "deliveries", "notices": [{"key": "", "owner": "", "channel": "pigeon"}]}),
            ProblemType::BadValue,
        ),
        (json!({"command": "backup", "name": "../../etc/passwd"}), ProblemType::BadValue),
    ];
    for (command, wanted) in cases {
        let (status, said) = ask(&world, &command).await;
        let (asked, problem) = (command.to_string(), problem(status, said.to_string().as_bytes()));
        assert_eq!(problem.of(), wanted, "{}: {problem}", &asked[..asked.len().min(80)]);
    }
    for path in ["/", "/v1", "/v1/command", "/v1/store", "/api/v2/status", "/api/v1/store/copy/x"] {
        let (status, said) = post(&world, path, b"{}").await;
        assert_eq!(problem(status, &said).of(), ProblemType::NoSuchPath, "{path}");
    }
    world.finish().await;
}

#[tokio::test]
async fn what_is_not_known_in_a_command_is_left_aside_and_limits_have_a_limit() {
    let world = World::new().await;
    let body = br#"{"notices":[],"later":{"x":[1]},"actor":{"uid":0}}"#;
    let (status, said) = post(&world, "/api/v1/deliveries", body).await;
    assert_eq!((status, said.as_slice()), (200, b"[]".as_slice()));
    for limit in [0_u64, 1, u64::from(u32::MAX), u64::MAX] {
        for command in ["watches", "health", "known"] {
            let (status, said) = ask(&world, &json!({"command": command, "limit": limit})).await;
            assert!(status == 200 && said["items"].is_array(), "{command} {limit}: {said}");
        }
    }
    world.finish().await;
}

/// What somebody writes on the socket, and what comes back before it is closed.
fn raw(world: &World, text: &[u8], pause: Duration) -> String {
    let mut stream = UnixStream::connect(world.dir().join("control.sock")).expect("accepted");
    stream.set_read_timeout(Some(Duration::from_secs(15))).expect("set");
    for part in text.chunks(text.len().div_ceil(3).max(1)) {
        // Whoever has heard enough hangs up.
        if stream.write_all(part).is_err() {
            break;
        }
        std::thread::sleep(pause);
    }
    let mut said = Vec::new();
    // A reset is an end like any other.
    let _ = stream.read_to_end(&mut said);
    String::from_utf8_lossy(&said).into_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn who_speaks_no_http_or_stops_in_the_middle_is_let_go_and_others_are_answered() {
    let mut world = World::new().await;
    let none = br#"{"notices":[]}"#;
    let head = "POST /api/v1/deliveries HTTP/1.1\r\ncontent-type: application/json\r\n";
    let whole = format!("{head}content-length: {}\r\n\r\n", none.len());
    let slow = raw(&world, &[whole.as_bytes(), none].concat(), Duration::from_millis(300));
    assert!(slow.starts_with("HTTP/1.1 200"), "who is slow and gets there is answered: {slow}");
    let wrong: [&[u8]; 6] = [
        b"PUT /api/v1/deliveries HTTP/1.1\r\n\r\n",
        b"hello\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"POST /api/v1/deliveries HTTP/1.1\r\ncontent-length: -5\r\n\r\n",
        b"POST /api/v1/deliveries HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n",
        b"POST /api/v1/deliveries HTTP/1.1\r\ncontent-length: 3\r\ncontent-length: 9\r\n\r\n{}",
    ];
    for text in wrong {
        let said = raw(&world, text, Duration::ZERO);
        assert!(!said.contains("HTTP/1.1 200"), "{:?}: {said}", String::from_utf8_lossy(text));
    }
    let header = format!("POST /api/v1/deliveries HTTP/1.1\r\nx: {}\r\n\r\n", "x".repeat(200_000));
    assert!(!raw(&world, header.as_bytes(), Duration::ZERO).contains("HTTP/1.1 200"));
    let (status, said) = ask(&world, &json!({"command": "status"})).await;
    assert_eq!((status, &said["running"]), (200, &Value::Bool(true)));
    world.register("acme-billing", "mallory");
    world.expect_mail("registered", "acme-billing").await;
    world.finish().await;
}

/// The resources of the web under the same paths, asked for by whoever may connect.
#[tokio::test(flavor = "multi_thread")]
async fn the_socket_has_the_resources_of_the_web() {
    let mut world = World::new().await;
    world.register("acme-billing", "mallory");
    world.expect_mail("registered", "acme-billing").await;
    let told = raw(&world, b"GET /api/v1/findings/acme-billing HTTP/1.1\r\nhost: x\r\n\r\n", Duration::ZERO);
    assert!(told.starts_with("HTTP/1.1 200") && told.contains("\"id\":\"nw-1\""), "{told}");
    let body = r#"{"cases":["nw-1"],"decision":"acknowledge"}"#;
    let head = "POST /api/v1/decisions HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\nidempotency-key: k\r\n";
    let write = format!("{head}content-length: {}\r\n\r\n{body}", body.len());
    let first = raw(&world, write.as_bytes(), Duration::ZERO);
    assert!(first.contains("\"changed\":true") && !first.contains("idempotent-replayed"), "{first}");
    let again = raw(&world, write.as_bytes(), Duration::ZERO);
    assert!(again.contains("\"changed\":true") && again.contains("idempotent-replayed: true"), "{again}");
    let (_, file) = ask(&world, &json!({"command": "finding", "case": "nw-1"})).await;
    let history = file["timeline"].as_array().expect("a history");
    let actors: Vec<&Value> =
        history.iter().filter(|line| line["kind"] == "acknowledged").map(|l| &l["actor"]).collect();
    assert_eq!((actors.len(), &actors[0]["through"]), (1, &json!("socket")), "{actors:?}");
    let refused = raw(&world, b"POST /api/v1/uploader/work HTTP/1.1\r\nhost: x\r\n\r\n", Duration::ZERO);
    assert!(refused.starts_with("HTTP/1.1 422") && refused.contains("claim-refused"), "{refused}");
    world.finish().await;
}

/// Who asks is whoever the kernel names, whatever stands in the command.
#[tokio::test]
async fn an_actor_in_a_command_is_nobody() {
    let mut world = World::new().await;
    world.register("acme-billing", "mallory");
    world.expect_mail("registered", "acme-billing").await;
    let forged = json!({"uid": 4242, "user": "root", "through": "daemon", "declared": "root"});
    let judged = json!({
        "command": "judge", "cases": ["acme-billing"], "decision": "acknowledge", "note": null, "who": "boss \"(uid 0)\"",
        "actor": forged, "uid": 4242, "user": "root", "through": "daemon",
    });
    let (status, said) = post(&world, "/api/v1/decisions", judged.to_string().as_bytes()).await;
    let said: Value = serde_json::from_slice(&said).expect("JSON");
    assert_eq!((status, &said[0]["case"]["state"]), (200, &json!("acknowledged")), "{said}");
    let (_, file) = ask(&world, &json!({"command": "finding", "case": "acme-billing"})).await;
    let history = file["timeline"].as_array().expect("a history");
    let line = history.iter().find(|line| line["kind"] == "acknowledged").expect("it is written down");
    let own = std::os::unix::fs::MetadataExt::uid(&std::fs::metadata("/proc/self").expect("Linux"));
    let actor = &line["actor"];
    assert_eq!((&actor["uid"], &actor["through"]), (&json!(own), &json!("socket")), "{actor}");
    assert_eq!(actor["declared"], json!("boss (uid 0)"), "beside, and never instead: {actor}");
    assert!(line["who"].as_str().is_some_and(|who| who.contains(&format!("uid {own})"))), "{line}");
    assert!(history.iter().filter(|line| line["kind"] != "acknowledged").all(|line| line["actor"].is_null()));
    world.finish().await;
}
