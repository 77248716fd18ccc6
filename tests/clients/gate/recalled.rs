//! Owners hear that what they received turned out to be bad: a real gate, a real daemon, kills of both, and a record that is taken back.

use std::fs;
use std::time::Duration;

use chrono::TimeDelta;
use namewarden::sim::Sim;

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

/// Somebody receives a version of it that is old enough. Who asks hears of it once it is on the disk.
async fn received(stage: &Stage, name: &str) {
    let (path, _) = listed(stage, name).await.into_iter().find(|(path, _)| path.contains("-1.0")).expect("old enough");
    assert_eq!(stage.get(&path, &[]).await.status, 200);
    assert!(stage.verb(None, &["who", name]).1.contains("127.0.0.1"));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_received_what_a_record_names_later_is_told_once_over_kills_and_until_it_is_withdrawn() {
    let mut stage = Stage::new().await;
    let channels = Channels::new(&stage).await;
    received(&stage, "widgets").await;
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

/// The numbers of one that is new begin below what the daemon was told, which may be never reached again.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_received_after_the_log_was_lost_is_told_beside_a_daemon_that_heard_of_another() {
    let mut stage = Stage::new().await;
    stage.pypi.world().upload("gizmos", "1.0", "of use", "ada", Sim::now() - TimeDelta::days(90)).expect("free");
    let channels = Channels::new(&stage).await;
    received(&stage, "widgets").await;
    stage.recorded("MAL-2026-7", "widgets", "1.0");
    stage.restart_with("malware.records = \"osv\"").await;
    let _daemon = Program::start(&channels.config, None);
    let told = |of: &str| recalls(&channels).iter().filter(|letter| flat(letter).contains(of)).count();
    assert!(wait_for("the mail", PATIENCE, || (told("MAL-2026-7") > 0).then_some(true)).await);
    // As the gate itself advises where it is damaged.
    stage.gate.kill().expect("lives");
    stage.gate.wait().expect("ended");
    let state = stage.dir.path().join("gate");
    let of_log = fs::read_dir(&state).expect("a directory").map(|entry| entry.expect("an entry").path());
    let of_log: Vec<_> = of_log.filter(|path| path.file_stem().is_some_and(|stem| stem == "deliveries")).collect();
    assert!(of_log.len() > 1, "{of_log:?}");
    of_log.iter().for_each(|path| fs::remove_file(path).expect("gone"));
    stage.restart().await;
    received(&stage, "gizmos").await;
    stage.recorded("MAL-2026-9", "gizmos", "1.0");
    stage.restart().await;
    assert!(wait_for("another mail", PATIENCE, || (told("MAL-2026-9") > 0).then_some(true)).await);
}
