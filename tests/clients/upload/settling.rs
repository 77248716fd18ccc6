//! Answers that never come, or come from nobody: what looking afterwards says.

use std::time::Duration;

use namewarden::clock::Clock;
use namewarden::model::inventory::Registrants;
use namewarden::registry::pypi::Pypi;
use namewarden::registry::pypi::upload::look::{Difference, Stand, expected, stand};
use namewarden::registry::pypi::upload::{Distribution, Sent, UploadReply};
use namewarden::sim::{Endpoint, Fault, Sim};
use namewarden::upstream::{Egress, HttpClient};

use super::{TOKEN, accepted, day, login, name, sdist, sim, unmoved, upload, uploader, wheel};

fn ours() -> Registrants {
    Registrants { users: ["acme-bot".to_owned()].into(), organizations: ["acme".to_owned()].into() }
}

async fn look(sim: &Sim, project: &str, files: &[&Distribution]) -> Stand {
    let egress = Egress { contact: "sec@acme.example", proxy: None, ca_file: None, timeout: Duration::from_secs(5) };
    let client = HttpClient::new(&egress).expect("a client");
    let pypi = Pypi::new(sim.base_url(), client, Clock::System).expect("a loopback address");
    stand(&pypi, &name(project), &expected(files.iter().copied()), &ours()).await
}

#[tokio::test]
async fn what_was_cut_off_is_settled_by_looking_and_a_retry_is_safe() {
    for (fault, after) in [(Fault::UploadCutBefore, Stand::Nothing), (Fault::UploadCutAfter, Stand::OursWithTheseFiles)]
    {
        let sim = sim().await;
        let file = wheel("acme-billing", "0.0.1");
        sim.faults().start(fault);
        let reply = upload(&sim, &file).await.reply;
        assert!(matches!(reply, UploadReply::NoAnswer { sent: Sent::All, .. }), "{fault:?}: {reply:?}");
        assert!(reply.is_uncertain());
        assert_eq!(sim.log().count(Endpoint::Upload), 1, "nothing below us sends it again");
        sim.faults().clear();
        assert_eq!(look(&sim, "acme-billing", &[&file]).await, after);
        assert_eq!(upload(&sim, &file).await.reply, accepted());
        assert_eq!(look(&sim, "acme-billing", &[&file]).await, Stand::OursWithTheseFiles);
        let actions = sim.world().journal().iter().filter(|entry| entry.action.starts_with("add py3")).count();
        assert_eq!(actions, 2, "the stranger's, and ours once");
    }
}

#[tokio::test]
async fn failures_and_pages_of_others_are_uncertain() {
    let sim = sim().await;
    let file = wheel("acme-billing", "0.0.1");
    sim.faults().start(Fault::UploadEdge);
    let reply = upload(&sim, &file).await.reply;
    assert_eq!(reply, UploadReply::Failing { status: 502, said: "Bad Gateway".to_owned() });
    sim.faults().clear();
    sim.faults().start(Fault::UploadPortal);
    let reply = upload(&sim, &file).await.reply;
    assert!(matches!(reply, UploadReply::NotUnderstood { status: 200, .. }), "{reply:?}");
    sim.faults().clear();
    assert_eq!(look(&sim, "acme-billing", &[&file]).await, Stand::Nothing);
    sim.faults().start(Fault::UploadErrorAfter);
    assert!(upload(&sim, &file).await.reply.is_uncertain());
    assert_eq!(look(&sim, "acme-billing", &[&file]).await, Stand::OursWithTheseFiles);
}

#[tokio::test]
async fn a_silent_server_is_left_after_the_time_limit() {
    let sim = sim().await;
    sim.faults().start(Fault::Refused);
    tokio::time::sleep(Duration::from_millis(50)).await;
    let address = format!("{}/legacy/", sim.base_url());
    let impatient =
        namewarden::registry::pypi::upload::Uploader::new(&address, unmoved(Duration::from_secs(1)), Clock::System);
    let reply = impatient.expect("loopback").upload(&login(TOKEN), &wheel("acme-billing", "0.0.1")).await.reply;
    assert!(matches!(reply, UploadReply::NoAnswer { sent: Sent::Nothing, .. }) && !reply.is_uncertain(), "{reply:?}");
}

#[tokio::test]
async fn whose_a_name_is_and_with_which_files() {
    let sim = sim().await;
    let (wheel, sdist) = (wheel("acme-billing", "0.0.1"), sdist("acme-billing", "0.0.1"));
    let both = [&wheel, &sdist];
    assert_eq!(look(&sim, "acme-billing", &both).await, Stand::Nothing);
    sim.world().create("acme-billing", "acme-bot", day(1)).expect("free");
    assert_eq!(
        look(&sim, "acme-billing", &both).await,
        Stand::OursWithoutFile,
        "by its roles: JSON knows nothing of it"
    );
    assert_eq!(upload(&sim, &wheel).await.reply, accepted());
    let Stand::OursWithOtherFiles(difference) = look(&sim, "acme-billing", &both).await else {
        panic!("one is missing")
    };
    assert_eq!(difference.missing.into_iter().collect::<Vec<_>>(), [&*sdist.filename]);
    let more = super::wheel("acme-billing", "0.0.2");
    assert_eq!(upload(&sim, &sdist).await.reply, accepted());
    assert_eq!(upload(&sim, &more).await.reply, accepted());
    let Stand::OursWithOtherFiles(difference) = look(&sim, "acme-billing", &both).await else {
        panic!("one is foreign")
    };
    assert_eq!(difference.foreign.into_iter().collect::<Vec<_>>(), [&*more.filename]);
    assert_eq!(look(&sim, "other", &[]).await, Stand::SomebodyElses { holders: vec!["mallory".to_owned()] });
    sim.world().change_owner("acme-billing", "mallory", day(2)).expect("there");
    assert!(matches!(look(&sim, "acme-billing", &both).await, Stand::SomebodyElses { .. }));
    sim.world().quarantine("other", day(2)).expect("there");
    assert_eq!(look(&sim, "other", &[]).await, Stand::Quarantined);
}

#[tokio::test]
async fn what_cannot_be_looked_at_is_unknown_and_never_nothing() {
    let sim = sim().await;
    sim.world().create_for_organization("acme-ledger", "acme", day(1)).expect("free");
    assert_eq!(
        look(&sim, "acme-ledger", &[]).await,
        Stand::HeldByUnknown(Difference::default()),
        "PyPI tells no organization of an empty project"
    );
    sim.faults().start(Fault::JsonError);
    assert!(matches!(look(&sim, "other", &[]).await, Stand::Unknown { .. }));
    sim.faults().clear();
    sim.faults().start(Fault::JsonNotFound);
    assert_eq!(
        look(&sim, "other", &[]).await,
        Stand::SomebodyElses { holders: vec!["mallory".to_owned()] },
        "by its roles"
    );
    sim.faults().start(Fault::XmlrpcGone);
    assert!(matches!(look(&sim, "other", &[]).await, Stand::HeldByUnknown(files) if files.foreign.len() == 1));
    sim.faults().start(Fault::Refused);
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert!(matches!(look(&sim, "other", &[]).await, Stand::Unknown { .. }));
}

#[tokio::test]
async fn a_proxied_name_never_reaches_another_server() {
    let sim = sim().await;
    let reply = uploader(&format!("{}/legacy", sim.base_url()))
        .upload(&login(TOKEN), &wheel("acme-billing", "0.0.1"))
        .await
        .reply;
    assert!(matches!(reply, UploadReply::NotUnderstood { status: 404, .. }), "{reply:?}");
    assert!(sim.world().project(&name("acme-billing")).is_none());
}
