//! A report beside a real gate: who waits and what was decided stand in it, and a gate that is gone is said in its place.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use serde_json::Value;

use super::Stage;
use super::agree::listed;
use super::decided::ADA;
use super::told::Channels;
use crate::crash::program::Program;
use crate::crash::wait_for;

const PATIENCE: Duration = Duration::from_secs(60);

/// What the verb prints, where it prints anything.
fn reported(config: &Path, words: &[&str]) -> Option<String> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_namewarden"));
    let output = command.arg("report").args(words).arg("--config").arg(config).output().expect("starts");
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

fn gate(config: &Path) -> Value {
    let text = reported(config, &["--format", "json"]).expect("it is made whatever the gate does");
    serde_json::from_str::<Value>(&text).expect("JSON")["gate"].take()
}

#[tokio::test(flavor = "multi_thread")]
async fn who_waits_at_a_real_gate_stands_in_the_report_and_over_its_restart_and_end() {
    let mut stage = Stage::new().await;
    let channels = Channels::new(&stage).await;
    stage.open_to_all();
    for project in ["widgets", "brandnew"] {
        let path = listed(&stage, project).await.pop().expect("a file").0;
        assert_eq!(stage.get(&path, &[]).await.status, 451, "{path}");
        assert_eq!(stage.get(&path, &[]).await.status, 451, "again");
    }
    let (status, said) = stage.verb(Some(ADA), &["approve", "2", "--reason", "looked at"]);
    assert_eq!(status, 0, "{said}");
    let daemon = Program::start(&channels.config, None);
    let text = wait_for("a report", PATIENCE, || reported(&channels.config, &[])).await;
    assert!(text.contains("widgets==1.1") && text.contains("1 was approved"), "{text}");
    let of = gate(&channels.config);
    let (counts, open) = (&of["said"]["counts"], &of["said"]["open"]);
    assert_eq!(
        (counts["began"].as_u64(), counts["approved"].as_u64(), counts["open"].as_u64()),
        (Some(2), Some(1), Some(1))
    );
    assert_eq!((open[0]["review"].as_i64(), open[0]["clients"].as_u64()), (Some(1), Some(1)), "{of}");
    assert!(open[0]["until"].is_string() && open[0]["given_out"] == false, "{of}");
    assert_eq!((of["said"]["recalls"]["bad_files"].as_u64(), of["silent"].is_null()), (Some(0), true), "{of}");
    let table = reported(&channels.config, &["--format", "csv", "--table", "reviews"]).expect("it answers");
    assert!(table.lines().count() == 2 && table.contains("1,widgets,1.1,"), "{table}");
    // Nothing of it resembles a name of theirs.
    let theirs = reported(&channels.config, &["--owner", "sec"]).expect("they are there");
    assert!(!theirs.contains("Gate\n===="), "{theirs}");

    stage.restart().await;
    assert_eq!(gate(&channels.config)["said"]["counts"], *counts, "what was counted is on the disk");
    stage.gate.kill().expect("it runs");
    stage.gate.wait().expect("ended");
    let of = gate(&channels.config);
    assert!(of["said"].is_null() && of["silent"].as_str().is_some_and(|why| why.contains("does not answer")), "{of}");
    assert_eq!(reported(&channels.config, &["--format", "csv", "--table", "reviews"]), None, "nobody knows who waits");
    drop(daemon);
}
