//! `claim upload --once`, as cron runs it: what was left undone is told by its exit status, with where, why and what to do.

use std::time::Duration;

use namewarden::model::claim::ClaimState;
use namewarden::sim::Fault;

use super::stage::{Differs, NAME, Stage};

/// Runs it until it says this, as each run does one piece at most.
async fn ends(stage: &Stage, status: i32, parts: &[&str]) {
    let (ended, said) = stage.once().await;
    assert_eq!(ended, Some(status), "{said}");
    for part in parts {
        assert!(said.contains(part), "{part} in {said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_test_index_that_does_not_answer_is_a_failure_until_it_is_mended() {
    let lines =
        "token_file = \"pypi-token\"\ntest_address = \"http://127.0.0.1:9/legacy/\"\ntest_token_file = \"pypi-token\"";
    let stage = Stage::differing(&Differs { upload: Some(lines) }).await;
    let daemon = stage.daemon(None);
    stage.until(ClaimState::Approved).await;
    ends(&stage, 1, &["acme-billing#1 is not tried", "onnection refused"]).await;
    // Again within minutes: it is not even asked, and says until when.
    ends(&stage, 1, &["http://127.0.0.1:9/legacy", "it is asked again at", "claim retry acme-billing"]).await;
    assert_eq!(stage.uploads(), 0);
    daemon.stop().await;
    let hindered = stage.trail(NAME).await.into_iter().filter(|line| line.event == "hindered").count();
    assert_eq!(hindered, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_index_that_fails_is_a_failure_and_one_that_works_is_none() {
    let stage = Stage::set().await;
    let daemon = stage.daemon(None);
    stage.until(ClaimState::Approved).await;
    stage.sim.faults().start(Fault::UploadReadOnly);
    ends(&stage, 1, &["was not taken", "PyPI takes no changes at present", "status page"]).await;
    stage.sim.faults().clear();
    ends(&stage, 1, &["/legacy since", "Read-only mode", "claim retry acme-billing"]).await;
    daemon.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_done_is_no_failure() {
    let stage = Stage::set().await;
    let daemon = stage.daemon(None);
    stage.until(ClaimState::Approved).await;
    ends(&stage, 0, &[]).await;
    stage.until(ClaimState::Ours).await;
    tokio::time::sleep(Duration::from_millis(100)).await;
    ends(&stage, 0, &[]).await;
    daemon.stop().await;
}

/// What waits is neither done nor failed: a script comes again later.
#[tokio::test(flavor = "multi_thread")]
async fn what_waits_for_a_quota_is_to_be_run_again_later() {
    let stage = Stage::set().await;
    let daemon = stage.daemon(None);
    stage.until(ClaimState::Approved).await;
    stage.sim.world().policy.new_projects_a_day = 0;
    ends(&stage, 1, &["was not taken"]).await;
    ends(&stage, 75, &["acme-billing#1 waits", " until 20"]).await;
    daemon.stop().await;
}
