//! `test-alert` waits, and says what became of each message; with a daemon and without one.

use namewarden::sim::sink::{HttpMood, HttpSink, SmtpMood};

use super::Scene;

const OWNERS: &str = r#"
[owners.sec]
name = "Security"
email = ["sec@acme.example"]
slack = ["team"]
names = ["acme-billing==2.0"]

[owners.payments]
email = ["payments@acme.example"]
names = ["acme-ledger"]
"#;

/// Two owners, of whom one has two channels.
async fn scene() -> (Scene, HttpSink) {
    use std::os::unix::fs::PermissionsExt as _;
    let scene = Scene::new().await;
    let slack = HttpSink::start(0).await.expect("a free port");
    scene.write("inventory.toml", OWNERS);
    scene.write("slack-url", &format!("{}/services/t", slack.base_url()));
    let secret = std::fs::Permissions::from_mode(0o600);
    std::fs::set_permissions(scene.path().join("slack-url"), secret).expect("set");
    let configuration =
        scene.configuration().replace("[control]", "[alert.slack.team]\nurl_file = \"slack-url\"\n[control]");
    scene.write("namewarden.toml", &configuration);
    (scene, slack)
}

/// Who it says got it, or did not, and how.
fn lines(said: &str) -> Vec<String> {
    let mut lines: Vec<String> = said.lines().filter(|line| line.contains(" by ")).map(str::to_owned).collect();
    lines.sort();
    lines
}

fn all_delivered(said: &str) {
    let lines = lines(said);
    assert_eq!(lines.len(), 3, "{said}");
    for (line, start) in lines.iter().zip(["payments by email", "sec by email", "sec by slack:team"]) {
        assert!(line.starts_with(&format!("{start}: delivered in ")), "{line}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_owner_is_reached_by_every_channel_and_each_is_told_apart() {
    let (scene, slack) = scene().await;
    all_delivered(&scene.said(&["test-alert"], 0).await);
    let before = (scene.mail.mails().len(), slack.posts().len());
    assert_eq!(before, (2, 1), "without a daemon, from here");
    let daemon = scene.daemon().await;
    scene.eventually(&["status"], "OK - well").await;
    all_delivered(&scene.said(&["test-alert"], 0).await);
    let one = scene.said(&["test-alert", "--owner", "payments"], 0).await;
    assert!(one.starts_with("payments by email: delivered in ") && one.lines().count() == 1, "{one}");
    scene.said(&["test-alert", "--owner", "nobody"], 1).await;
    slack.set_mood(HttpMood::Fail(400));
    let said = scene.said(&["test-alert"], 1).await;
    let refused = lines(&said).pop().expect("three");
    assert!(refused.starts_with("sec by slack:team: refused: ") && refused.contains("400"), "{said}");
    drop(daemon);
    let said = scene.said(&["test-alert"], 1).await;
    assert!(said.contains("sec by slack:team: refused: ") && said.contains("payments by email: delivered"), "{said}");
}

/// Who hears nothing is named, whoever else has the message, and whether a daemon runs or not.
#[tokio::test(flavor = "multi_thread")]
async fn a_recipient_who_refuses_is_a_failure_though_others_have_it() {
    let (scene, slack) = scene().await;
    scene.write("inventory.toml", &OWNERS.replace("\"payments@", "\"gone@acme.example\", \"payments@"));
    scene.mail.set_mood(SmtpMood::RejectGone);
    let refused = |said: &str| {
        let line = lines(said).swap_remove(0);
        assert!(line.starts_with("payments by email: delivered in "), "{said}");
        assert!(line.contains("go…@acme.example was refused (550 5.1.1 no such user)"), "{said}");
    };
    refused(&scene.said(&["test-alert"], 1).await);
    slack.set_mood(HttpMood::Fail(503));
    let said = scene.said(&["test-alert"], 1).await;
    assert!(
        said.contains("sec by slack:team: not delivered: ") && !said.contains("again"),
        "nobody tries again: {said}"
    );
    slack.set_mood(HttpMood::Accept);
    let _daemon = scene.daemon().await;
    scene.eventually(&["status"], "NAMEWARDEN").await;
    refused(&scene.said(&["test-alert"], 1).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_arrive_in_time_is_a_failure_that_says_why() {
    let (scene, _slack) = scene().await;
    scene.mail.set_mood(SmtpMood::Down);
    let _daemon = scene.daemon().await;
    scene.eventually(&["status"], "NAMEWARDEN").await;
    let said = scene.said(&["test-alert", "--wait", "3"], 1).await;
    let lines = lines(&said);
    assert_eq!(lines.len(), 3, "{said}");
    assert!(lines[0].starts_with("payments by email: not delivered within 3 s, and tried on: "), "{said}");
    assert!(lines[2].starts_with("sec by slack:team: delivered in "), "{said}");
}

/// A list is no use to whoever it cannot be told to.
#[tokio::test(flavor = "multi_thread")]
async fn lint_refuses_the_credentials_that_config_check_refuses() {
    use std::os::unix::fs::PermissionsExt as _;
    let (scene, _slack) = scene().await;
    scene.said(&["inventory", "lint"], 0).await;
    let secret = scene.path().join("slack-url");
    let mode = |mode: u32| std::fs::set_permissions(&secret, std::fs::Permissions::from_mode(mode)).expect("ours");
    let both = async |wanted: &str| {
        for words in [&["config", "check"][..], &["inventory", "lint"]] {
            let output = scene.verb(words).await;
            let said = super::text(&output.stderr);
            assert_eq!((output.status.code(), said.contains(wanted)), (Some(78), true), "{words:?}\n{said}");
        }
    };
    mode(0o644);
    both("is open to every user of this machine").await;
    mode(0o600);
    scene.write("slack-url", "no address");
    both("holds no address to post to").await;
}
