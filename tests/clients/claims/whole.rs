//! From a name that anybody can take to one that is ours.

use std::time::Duration;

use namewarden::model::Exposure;
use namewarden::model::claim::{ClaimState, Party};
use namewarden::sim::Fault;

use super::stage::{NAME, Stage, name};

#[tokio::test(flavor = "multi_thread")]
async fn a_claim_goes_from_the_configuration_to_ours_and_no_alert_is_raised_of_ourselves() {
    let stage = Stage::set().await;
    let daemon = stage.daemon(None);
    let uploader = stage.uploader(None);
    stage.until(ClaimState::Ours).await;
    stage.until_exposure(&Exposure::Ours).await;
    let trail = stage.trail(NAME).await;
    let events: Vec<&str> = trail.iter().map(|line| line.event.as_str()).collect();
    let expected = ["plan", "announced", "approve", "rehearsed", "begin", "accepted", "accepted", "looked"];
    assert_eq!(events, expected, "{trail:#?}");
    assert_eq!(trail[2].by, Party::Configuration);
    let release = stage.sim.world().release_of(&name(NAME), "0.0.1");
    assert!(release.is_some() && stage.uploads() == 2, "the wheel and the source distribution, each once");
    // The feeds tell of the project, too, and it stays what it is.
    tokio::time::sleep(Duration::from_secs(8)).await;
    assert_eq!(stage.exposure(NAME).await, Some(Exposure::Ours));
    let told = stage.told();
    let about = told.iter().filter(|body| body.contains("registered")).collect::<Vec<_>>();
    assert!(about.is_empty(), "our own project is no stranger's: {about:#?}");
    uploader.stop().await;
    daemon.stop().await;
}

/// The look-up of the owner gets 404 from a cache for as long as it lasts: what PyPI took from us is ours all the same.
#[tokio::test(flavor = "multi_thread")]
async fn our_own_upload_is_no_strangers_while_pypis_pages_are_behind() {
    let stage = Stage::set().await;
    let (daemon, uploader) = (stage.daemon(None), stage.uploader(None));
    stage.until(ClaimState::Planned).await;
    for fault in [Fault::JsonNotFound, Fault::XmlrpcGone] {
        stage.sim.faults().start(fault);
    }
    // What PyPI took, and shows, is ours whoever its pages name.
    stage.until_exposure(&Exposure::Ours).await;
    // Longer than any alert waits for a look-up; RSS tells of the project meanwhile.
    tokio::time::sleep(Duration::from_secs(9)).await;
    assert_eq!((stage.uploads(), stage.exposure(NAME).await), (2, Some(Exposure::Ours)));
    stage.sim.faults().clear();
    stage.until(ClaimState::Ours).await;
    let told = stage.told();
    let about: Vec<_> = told.iter().filter(|body| body.contains("registered")).collect();
    assert!(about.is_empty(), "our own project is no stranger's: {about:#?}");
    uploader.stop().await;
    daemon.stop().await;
}
