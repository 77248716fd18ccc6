//! A store of before our package was published, restored: its project is taken up again, and the daemon dies while it does. It is
//! taken up once, and nothing is sent.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::Duration;

use namewarden::model::Exposure;
use namewarden::model::claim::{ClaimState, Origin};

use super::kills::settles;
use super::stage::{NAME, Stage};

/// What the inventory said of the name when the store was copied, and says again.
const BY_ITSELF: &str = "claim = \"auto\"";
const BY_PEOPLE: &str = "";

fn copied(from: &Path, to: &Path) {
    fs::create_dir(to).expect("made");
    for entry in fs::read_dir(from).expect("a directory") {
        let entry = entry.expect("an entry");
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        match from.is_dir() {
            true => copied(&from, &to),
            false => drop(fs::copy(from, to).expect("copied")),
        }
    }
}

/// Published, whole, and the store is put back to what it was before.
async fn restored(says: &str) -> Stage {
    let stage = Stage::set().await;
    stage.watched(says);
    let (state, yesterday) = (stage.dir().join("state"), stage.dir().join("yesterday"));
    let daemon = stage.daemon(None);
    match says {
        BY_ITSELF => stage.until(ClaimState::Approved).await,
        _ => stage.until_exposure(&Exposure::Exposed).await,
    }
    daemon.stop().await;
    copied(&state, &yesterday);
    stage.watched(BY_ITSELF);
    let uploader = stage.uploader(None);
    assert!(settles(&stage, Duration::from_secs(60), Duration::MAX).await, "{:#?}", stage.claim(NAME).await);
    uploader.stop().await;
    stage.watched(says);
    fs::remove_dir_all(&state).expect("removed");
    fs::rename(&yesterday, &state).expect("put back");
    stage
}

async fn dies(says: &str, step: &str, is_known: bool) {
    let stage = restored(says).await;
    stage.daemon(Some(step)).aborts(step).await;
    let state = stage.claim(NAME).await.map(|claim| claim.state);
    assert_eq!(state == Some(ClaimState::Ours), is_known, "{says} {step}: {state:?}");
    let uploader = stage.uploader(None);
    assert!(settles(&stage, Duration::from_secs(60), Duration::MAX).await, "{step}: {:#?}", stage.claim(NAME).await);
    uploader.stop().await;
    let claim = stage.claim(NAME).await.expect("a claim");
    assert_eq!((claim.origin == Origin::Found, claim.key.number), (says == BY_PEOPLE, 1), "{step}: {claim:#?}");
    let files = claim.seal.iter().flat_map(|seal| &seal.files);
    let sealed: BTreeMap<String, String> = files.map(|file| (file.filename.clone(), file.sha256.clone())).collect();
    assert_eq!((stage.stored(), stage.uploads(), stage.slots().await), (sealed, 2, 1), "{says} {step}");
    let trail = stage.trail(NAME).await;
    let found = trail.iter().filter(|line| line.event == "found").count();
    assert_eq!((found, trail.iter().any(|line| line.event == "begin")), (1, false), "{says} {step}: {trail:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_daemon_dies_while_it_takes_up_what_we_published_and_takes_it_up_once() {
    for says in [BY_ITSELF, BY_PEOPLE] {
        tokio::join!(dies(says, "claim-seen", false), dies(says, "claim-settled", true));
    }
}
