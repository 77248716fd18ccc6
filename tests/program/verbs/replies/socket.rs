//! Every command over the socket of a real daemon.

use namewarden::api::v1::Command;
use namewarden::api::v1::resource::{Shape, request};
use namewarden::upstream::local;

use super::super::trial::Trial;
use super::*;

const COMMANDS: &str = include_str!("../../../../docs/api/v1/command.json");

/// The variants of the schema: the word of the command, and its description.
fn commands() -> Vec<(String, String)> {
    let schema: Value = serde_json::from_str(COMMANDS).expect("JSON");
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    let variants = schema["oneOf"].as_array().expect("variants").iter();
    variants.map(|of| (text(&of["properties"]["command"]["const"]), text(&of["description"]))).collect()
}

/// By which schema each command is answered, as its description says.
pub(super) fn answers() -> BTreeMap<String, String> {
    let answer = |(command, description): (String, String)| match schemas(&description).as_slice() {
        [one] => (command, one.clone()),
        other => panic!("{command} names {other:?} as its answer: {description}"),
    };
    commands().into_iter().map(answer).collect()
}

/// In an order in which each has something to answer.
fn asked() -> Vec<Value> {
    let acme = json!(["acme-billing", "no-watch-of-ours"]);
    vec![
        json!({"command": "status"}),
        json!({"command": "metrics"}),
        json!({"command": "coverage"}),
        json!({"command": "rules"}),
        json!({"command": "report", "owner": null, "since": null}),
        json!({"command": "report-file", "owner": null, "since": null, "form": "html"}),
        json!({"command": "findings"}),
        json!({"command": "finding", "case": "nw-1"}),
        json!({"command": "judge", "cases": ["nw-1", "nothing"], "decision": "acknowledge", "note": "on it"}),
        json!({"command": "snooze", "cases": ["nw-1", "nothing"], "minutes": 60, "note": null}),
        json!({"command": "finding", "case": "nw-1"}),
        json!({"command": "watches", "owner": null, "exposure": null, "after": null, "limit": null}),
        json!({"command": "apply-inventory", "force": false}),
        json!({"command": "reload", "dry_run": true}),
        json!({"command": "test-alert", "owner": null}),
        json!({"command": "probe"}),
        json!({"command": "reconcile", "dry_run": true, "accept": false}),
        json!({"command": "health", "after": null, "limit": null}),
        json!({"command": "acknowledge-health", "case": "unreadable:changelog", "note": null}),
        json!({"command": "cursor"}),
        json!({"command": "set-cursor", "serial": 7}),
        json!({"command": "known", "after": null, "limit": 20}),
        json!({"command": "check"}),
        json!({"command": "backup", "name": null}),
        json!({"command": "claim-plan", "names": [], "after": null, "limit": null}),
        json!({"command": "claim-propose", "names": acme}),
        json!({"command": "claim-decide", "names": acme, "decision": "approve", "note": null}),
        json!({"command": "claim-apply", "names": [], "dry_run": true}),
        json!({"command": "claim-status", "names": [], "after": null, "limit": null}),
        json!({"command": "claim-request"}),
        json!({"command": "claim-agree", "reference": "https://pypi.example/support/1"}),
        json!({"command": "glance"}),
        json!({"command": "check-name", "name": "acme-biling"}),
        json!({"command": "inventory-lint", "after": null, "limit": null}),
        json!({"command": "inventory-preview", "text": "acme-new", "whole": false}),
        json!({"command": "user-change", "name": "ada", "change": "add", "role": "viewer", "uid": null, "password": null}),
        json!({"command": "users", "after": null, "limit": null}),
        json!({"command": "user-link", "name": "ada"}),
        json!({"command": "token-create", "name": "ci", "user": "ada", "scope": "viewer", "days": 7}),
        json!({"command": "tokens", "after": null, "limit": null}),
        json!({"command": "token-revoke", "id": 1}),
        json!({"command": "gate"}),
        json!({"command": "gate-reviews", "state": null, "search": null, "after": null, "limit": null}),
        json!({"command": "gate-review", "review": "1"}),
        json!({"command": "gate-decide", "review": "1", "act": "reject", "reason": "it calls home"}),
        json!({"command": "audit", "since": null, "after": null, "limit": null}),
        json!({"command": "claim-work"}),
        json!({"command": "claim-report", "claim": "acme-billing@1", "step": {"told": "created"}}),
    ]
}

async fn ask(scene: &Scene, command: &Value) -> (u16, Value) {
    let asked: Command = serde_json::from_value(command.clone()).expect("a command");
    let asked = request(&asked).expect("it has a place");
    let socket = scene.path().join("control.sock");
    let told = local::ask(&socket, asked.method.as_str(), &asked.target, asked.body).await.expect("told");
    match (told.status, asked.shape) {
        (200, Shape::Text) => {
            // Of which kind a text is stands beside it, where it may be of several.
            let mut text = json!({"text": String::from_utf8_lossy(&told.body)});
            if command["command"] == "report-file" {
                text["media_type"] = json!(told.media_type);
            }
            (200, text)
        }
        (status, _) => (status, serde_json::from_slice(&told.body).expect("JSON")),
    }
}

/// Root is nobody in particular: what a person alone may say is refused where this runs as root. And nobody here is the
/// uploader, who is held against the daemon by tests/clients/claims/whole.rs.
fn is_for_others(command: &str, status: u16) -> bool {
    // No gate runs here: tests/clients/gate/spoken.rs has one.
    let of_gate = ["gate-reviews", "gate-review", "gate-decide"].contains(&command);
    let of_people = command == "claim-agree" && rustix::process::getuid().is_root();
    let of_claims = of_people || ["claim-work", "claim-report"].contains(&command);
    (status == 503 && of_gate) || (status == 422 && of_claims)
}

/// A reply as what it is made of: a page, the items of a list, or one thing.
fn parts(command: &str, schema: &str, reply: Value) -> Vec<Said> {
    let said = |schema: &str, value| Said { by: command.to_owned(), schemas: vec![schema.to_owned()], value };
    let items = |items: &Value| items.as_array().expect("a list").clone();
    if let Some(page) = reply.get("items").filter(|_| reply.get("next").is_some()).map(items) {
        let page = page.into_iter().map(|item| said(schema, item)).collect::<Vec<_>>();
        return page.into_iter().chain([said("page", reply)]).collect();
    }
    match reply {
        Value::Array(all) => all.into_iter().map(|item| said(schema, item)).collect(),
        one => vec![said(schema, one)],
    }
}

/// Everything that is answered, each with the schema that it should be of.
pub(super) async fn answered() -> Vec<Said> {
    let (trial, _daemon) = Trial::prepared(false).await;
    let (scene, answers) = (&trial.scene, answers());
    scene.unreadable().await;
    scene.write(
        "inventory.toml",
        &format!("{INVENTORY}[[name]]\nname = \"acme-tax\"\nowner = \"sec\"\npublic_ok = true\n"),
    );
    scene.eventually(&["inventory", "list"], "acme-tax").await;
    let (mut said, mut seen) = (Vec::new(), BTreeSet::new());
    let mut queue = asked();
    while !queue.is_empty() {
        let command = queue.remove(0);
        let word = command["command"].as_str().expect("a word").to_owned();
        let (status, reply) = ask(scene, &command).await;
        let of = if is_for_others(&word, status) { "problem" } else { answers[&word].as_str() };
        assert!(status == 200 || of == "problem", "{command}: {status} {reply}");
        if word == "test-alert" {
            queue.insert(0, json!({"command": "deliveries", "notices": reply}));
        }
        said.extend(parts(&word, of, reply));
        seen.insert(word);
    }
    assert_eq!(seen, answers.into_keys().collect(), "every command is asked");
    said.extend(refused(scene).await);
    said
}

/// What is not done is a problem, whatever was asked.
async fn refused(scene: &Scene) -> Vec<Said> {
    let bad = [json!({"command": "finding", "case": "nothing"}), json!({"command": "check-name", "name": "a b"})];
    let mut said = Vec::new();
    for command in bad {
        let (status, reply) = ask(scene, &command).await;
        assert!(status >= 400, "{command}: {reply}");
        said.push(Said { by: command.to_string(), schemas: vec!["problem".to_owned()], value: reply });
    }
    said
}
