//! The body of webhooks.

use super::*;

/// The schema that receivers rely on: this file may gain fields, and nothing else may change in it.
#[test]
fn the_webhook_body_is_frozen() {
    let expected: serde_json::Value =
        serde_json::from_str(include_str!("../../../tests/fixtures/alert-webhook-v1.json")).unwrap();
    assert_eq!(webhook(&registered(vec![torchtriton()])), expected);
}

#[test]
fn the_webhook_tells_every_kind() {
    let startup = webhook(&startup());
    assert_eq!(startup["type"], "watch.startup");
    assert_eq!(startup["data"]["startup"]["watched"][1]["exposure"], "exposed");
    assert_eq!(startup["data"]["cases"][0]["state"], "pre-existing");
    let health = webhook(&health(None));
    assert_eq!(health["data"]["health"][0]["issue"], "feed-blind:rss");
    assert_eq!(health["data"]["health"][0]["until"], serde_json::Value::Null);
    assert_eq!(webhook(&unwatched())["data"]["unwatched"]["closed_findings"], 1);
}

/// An index address may carry a token; the owner's mailbox is no place for it.
#[test]
fn credentials_in_an_index_address_stay_home() {
    let mut case = torchtriton();
    if let Some(watch) = case.watches.first_mut() {
        watch.index = Some("https://user:hunter2@index.acme.example/simple?token=hunter2#hunter2".to_owned());
    }
    let briefing = registered(vec![case]);
    let mail = mail(&briefing);
    for form in [mail.text, mail.html, slack(&briefing, None).to_string(), webhook(&briefing).to_string()] {
        assert!(form.contains("https://index.acme.example/simple"), "{form}");
        assert!(!form.contains("hunter2"), "{form}");
    }
}
