//! Owners hear that what they received turned out to be bad: a real gate, a real daemon, kills of both, and a record that is taken back.

use std::fs;
use std::time::Duration;

use super::Stage;
use super::agree::listed;
use super::told::Channels;
use crate::crash::letter::Letter;
use crate::crash::program::Program;
use crate::crash::wait_for;

const PATIENCE: Duration = Duration::from_secs(60);

fn recalls(channels: &Channels) -> Vec<Letter> {
    channels.mail.mails().iter().map(Letter::of).filter(|letter| letter.event == "recall").collect()
}

fn flat(letter: &Letter) -> String {
    letter.text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[tokio::test(flavor = "multi_thread")]
async fn who_received_what_a_record_names_later_is_told_once_over_kills_and_until_it_is_withdrawn() {
    let mut stage = Stage::new().await;
    let channels = Channels::new(&stage).await;
    let path =
        listed(&stage, "widgets").await.into_iter().find(|(path, _)| path.contains("-1.0")).expect("old enough").0;
    assert_eq!(stage.get(&path, &[]).await.status, 200);
    // Who asks hears it once it is on the disk.
    assert!(stage.verb(None, &["who", "widgets"]).1.contains("127.0.0.1"));
    // The record comes while neither runs: nothing happens then, and nothing is lost.
    stage.recorded("MAL-2026-7", "widgets", "1.0");
    stage.recorded("MAL-2026-8", "never-heard-of", "1.0");
    stage.restart_with("malware.records = \"osv\"").await;
    let daemon = Program::start(&channels.config, None);
    let letter = wait_for("the mail", PATIENCE, || recalls(&channels).pop()).await;
    let text = flat(&letter);
    for words in [
        "1 client has received what is known to be bad",
        "the record MAL-2026-7 names it as malware",
        "by 127.0.0.1 (first ",
        "namewarden gate who widgets",
        "revoke the tokens",
    ] {
        assert!(text.contains(words), "{words}: {text}");
    }
    assert!(!text.contains("never-heard-of"), "{text}");
    drop(daemon);
    stage.restart().await;
    let _daemon = Program::start(&channels.config, None);
    tokio::time::sleep(Duration::from_secs(25)).await;
    let all: std::collections::BTreeSet<String> = recalls(&channels).into_iter().map(|of| of.message_id).collect();
    assert_eq!(all.len(), 1, "once, over kills of both");
    let (status, said) = stage.verb(None, &["recalls"]);
    assert!(status == 0 && said.contains("widgets: malware by MAL-2026-7") && said.contains("127.0.0.1"), "{said}");
    let withdrawn = stage.dir.path().join("osv/MAL-2026-7.json");
    let text = fs::read_to_string(&withdrawn).expect("reads");
    fs::write(&withdrawn, text.replacen('{', "{\"withdrawn\": \"2026-11-28T00:00:00Z\", ", 1)).expect("written");
    stage.restart().await;
    assert!(
        wait_for("the end", PATIENCE, || {
            let said = stage.verb(None, &["recalls"]).1;
            said.contains("nothing that was received is known to be bad").then_some(true)
        })
        .await
    );
}
