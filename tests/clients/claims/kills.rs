//! The daemon and the uploader die at every step of a claim, each time without a farewell, and others take over: the name
//! ends as ours, each file was stored once and as it was sealed, and nothing is lost.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use futures_util::StreamExt as _;
use namewarden::model::Exposure;
use namewarden::model::claim::ClaimState;
use namewarden::sim::Sim;
use namewarden::sim::world::Pending;

use super::stage::{Differs, NAME, Stage};

/// Who dies.
#[derive(Clone, Copy, Debug)]
enum Who {
    Daemon,
    Uploader,
}

/// Lives at one time.
const AT_ONCE: usize = 3;

async fn all(who: Who, steps: &[&str], differs: &Differs<'_>) {
    let lives = steps.iter().map(|step| live(who, step, differs));
    futures_util::stream::iter(lives).buffer_unordered(AT_ONCE).collect::<Vec<()>>().await;
}

/// Dies at the step, lives again, and ends as ours with two uploads in all.
async fn live(who: Who, step: &str, differs: &Differs<'_>) {
    let stage = Stage::differing(differs).await;
    match who {
        Who::Daemon => {
            let uploader = stage.uploader(None);
            stage.daemon(Some(step)).aborts(step).await;
            uploader.kill();
        }
        Who::Uploader => {
            let daemon = stage.daemon(None);
            stage.has_socket().await;
            stage.uploader(Some(step)).aborts(step).await;
            daemon.kill();
        }
    }
    let uploader = stage.uploader(None);
    if !settles(&stage, Duration::from_secs(25), SHORTLY).await {
        // What may be half there is looked at, and the look is believed after a quarter of an hour: nothing is sent before.
        stage.believe().await;
        assert!(
            settles(&stage, Duration::from_secs(60), Duration::MAX).await,
            "{step}: {:#?}",
            stage.claim(NAME).await
        );
    }
    uploader.stop().await;
    assert_eq!(stage.uploads(), 2, "{step}");
    same_content(&stage, step).await;
}

/// What waits for a look for so long waits for it to be believed.
const SHORTLY: Duration = Duration::from_secs(4);

/// Runs a daemon until the name is ours. False where only time brings that: where it waits for a look for longer than `open`. An
/// uploader that has just asked for work comes again after half a minute.
pub(super) async fn settles(stage: &Stage, patience: Duration, open: Duration) -> bool {
    let (daemon, begun) = (stage.daemon(None), Instant::now());
    let mut waits = None;
    let is_ours = loop {
        let claim = stage.claim(NAME).await;
        match claim.map(|claim| claim.state) {
            Some(ClaimState::Ours) => break true,
            Some(ClaimState::Partial | ClaimState::Uncertain) => waits = waits.or(Some(Instant::now())),
            _ => waits = None,
        }
        if waits.is_some_and(|since: Instant| since.elapsed() > open) || begun.elapsed() > patience {
            break false;
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    };
    if is_ours {
        stage.until_exposure(&Exposure::Ours).await;
    }
    daemon.stop().await;
    is_ours
}

/// What PyPI has is what was sealed, and every upload was begun with the same seal.
pub(super) async fn same_content(stage: &Stage, step: &str) {
    let claim = stage.claim(NAME).await.expect("a claim");
    let files = claim.seal.iter().flat_map(|seal| &seal.files);
    let sealed: BTreeMap<String, String> = files.map(|file| (file.filename.clone(), file.sha256.clone())).collect();
    assert_eq!(stage.stored(), sealed, "{step}");
    let trail = stage.trail(NAME).await;
    let begun: Vec<&str> = trail.iter().filter(|line| line.event == "begin").map(|line| line.detail.as_str()).collect();
    assert!(!begun.is_empty() && begun.windows(2).all(|two| two[0] == two[1]), "{step}: {trail:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_daemon_dies_at_any_step_and_the_name_ends_as_ours_and_no_file_twice() {
    let steps = [
        "claim-moved:1",
        "claim-moved:2",
        "claim-given:2",
        "claim-stored:1",
        "claim-stored:2",
        "claim-stored:3",
        "claim-stored:4",
        "claim-seen",
        "claim-settled",
    ];
    all(Who::Daemon, &steps, &Differs::default()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_uploader_dies_at_any_step_and_the_name_ends_as_ours_and_no_file_twice() {
    let steps = ["claim-tried", "claim-begun", "claim-answered:1", "claim-answered:2", "claim-told:1", "claim-told:2"];
    all(Who::Uploader, &steps, &Differs::default()).await;
}

/// Minting creates the project, and an identity is good once: the project is there, empty, and nobody was told. Nothing is sent
/// until it was looked at, and the next identity goes on from there.
#[tokio::test(flavor = "multi_thread")]
async fn the_uploader_dies_with_a_minted_token_and_the_next_identity_goes_on() {
    let stage = Stage::differing(&Differs { upload: Some("identity_file = \"identity\"") }).await;
    let (user, subject) = ("acme-bot".to_owned(), "repo:acme".to_owned());
    let pending = Pending { display: NAME.to_owned(), user, subject, organization: None, registered: Sim::now() };
    stage.sim.world().register_publisher(pending).expect("free");
    stage.write("identity", &stage.sim.identity_token("repo:acme"));
    let daemon = stage.daemon(None);
    stage.has_socket().await;
    stage.uploader(Some("claim-minted")).aborts("claim-minted").await;
    stage.write("identity", &stage.sim.identity_token("repo:acme"));
    let uploader = stage.uploader(None);
    stage.until(ClaimState::Uncertain).await;
    uploader.stop().await;
    daemon.stop().await;
    assert_eq!(stage.uploads(), 0, "nothing is sent before somebody has looked");
    stage.believe().await;
    let uploader = stage.uploader(None);
    assert!(settles(&stage, Duration::from_secs(60), Duration::MAX).await, "{:#?}", stage.claim(NAME).await);
    uploader.stop().await;
    assert_eq!(stage.uploads(), 2);
    same_content(&stage, "claim-minted").await;
}
