//! Killed in the middle of an upload, provably: PyPI has the connection, and has not answered. And two uploaders at once.

use std::fs;
use std::io::Read as _;
use std::net::TcpListener;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use namewarden::model::claim::ClaimState;
use namewarden::sim::Fault;

use super::kills::{same_content, settles};
use super::stage::{NAME, PATIENCE, Stage};
use crate::crash::wait_for;

/// A door where connections are taken, read in part, and never answered; how many bytes came.
struct Silent {
    base: String,
    read: Arc<AtomicUsize>,
    /// Open as long as this lives: a kill is to find an upload, and no broken connection.
    _held: Arc<Mutex<Vec<std::net::TcpStream>>>,
}

impl Silent {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let base = format!("http://{}", listener.local_addr().expect("an address"));
        let (read, held) = (Arc::new(AtomicUsize::new(0)), Arc::<Mutex<Vec<_>>>::default());
        let (count, keep) = (read.clone(), held.clone());
        std::thread::spawn(move || {
            while let Ok((mut stream, _)) = listener.accept() {
                let mut half = [0; 1024];
                count.fetch_add(stream.read(&mut half).unwrap_or_default(), Ordering::SeqCst);
                keep.lock().expect("no panic").push(stream);
            }
        });
        Self { base, read, _held: held }
    }
}

/// The claim as it stands in the store: under way, and nothing of it known to be there.
async fn is_midway(stage: &Stage) {
    let claim = stage.claim(NAME).await.expect("a claim");
    assert_eq!((claim.state, claim.missing().len(), claim.exists), (ClaimState::Uploading, 2, false), "{claim:#?}");
}

/// A life after it: looked at first, sent again as it was sealed where nothing arrived, and ours.
async fn ends_as_ours(stage: &Stage) {
    let sent = stage.uploads();
    let uploader = stage.uploader(None);
    if !settles(stage, Duration::from_secs(25), Duration::from_secs(4)).await {
        assert_eq!(stage.uploads(), sent, "nothing is sent before a look");
        stage.believe().await;
        assert!(settles(stage, Duration::from_secs(60), Duration::MAX).await, "{:#?}", stage.claim(NAME).await);
    }
    uploader.stop().await;
    assert_eq!(stage.uploads(), 2);
    same_content(stage, "midway").await;
}

/// PyPI has stored the first file and says nothing; both die at that moment.
#[tokio::test(flavor = "multi_thread")]
async fn both_are_killed_while_pypi_has_the_file_and_has_not_answered() {
    let stage = Stage::set().await;
    stage.sim.faults().start(Fault::UploadHang);
    let (daemon, uploader) = (stage.daemon(None), stage.uploader(None));
    wait_for("an upload", PATIENCE, || (stage.uploads() == 1).then_some(())).await;
    stage.until(ClaimState::Uploading).await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    is_midway(&stage).await;
    uploader.kill();
    daemon.kill();
    is_midway(&stage).await;
    stage.sim.faults().clear();
    assert_eq!(stage.stored().len(), 1, "PyPI has it");
    ends_as_ours(&stage).await;
}

/// Half of the form has left, and PyPI never has the rest.
#[tokio::test(flavor = "multi_thread")]
async fn both_are_killed_while_the_form_is_on_its_way() {
    let (stage, silent) = (Stage::set().await, Silent::start());
    fs::create_dir(stage.dir().join("namewarden.d")).expect("made");
    let door =
        |base: &str| stage.write("namewarden.d/10.toml", &format!("[claim.upload]\naddress = \"{base}/legacy/\"\n"));
    door(&silent.base);
    let (daemon, uploader) = (stage.daemon(None), stage.uploader(None));
    wait_for("half of a form", PATIENCE, || (silent.read.load(Ordering::SeqCst) > 0).then_some(())).await;
    is_midway(&stage).await;
    uploader.kill();
    daemon.kill();
    is_midway(&stage).await;
    assert_eq!(stage.uploads(), 0, "PyPI has nothing");
    door(stage.sim.base_url());
    ends_as_ours(&stage).await;
}

/// The lock of the first is on a file that an editor has replaced since, so that a second works beside it: what it finds under
/// way is looked at, and what the first is answered comes too late. Nothing is sent twice.
#[tokio::test(flavor = "multi_thread")]
async fn two_uploaders_at_once_send_nothing_twice() {
    let stage = Stage::set().await;
    stage.sim.faults().start(Fault::UploadHang);
    let (daemon, first) = (stage.daemon(None), stage.uploader(None));
    wait_for("an upload", PATIENCE, || (stage.uploads() == 1).then_some(())).await;
    stage.until(ClaimState::Uploading).await;
    let (status, said) = stage.once().await;
    assert_eq!(status, Some(1), "{said}");
    assert!(said.contains("another uploader works by"), "{said}");
    let config = stage.config();
    fs::copy(&config, stage.dir().join("new.toml")).expect("copied");
    fs::rename(stage.dir().join("new.toml"), &config).expect("replaced");
    let second = stage.uploader(None);
    stage.until(ClaimState::Uncertain).await;
    stage.sim.faults().clear();
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(stage.uploads(), 1, "what may be there is looked at first");
    daemon.stop().await;
    stage.believe().await;
    assert!(settles(&stage, Duration::from_secs(60), Duration::MAX).await, "{:#?}", stage.claim(NAME).await);
    first.stop().await;
    second.stop().await;
    assert_eq!(stage.uploads(), 2);
    same_content(&stage, "two at once").await;
}
