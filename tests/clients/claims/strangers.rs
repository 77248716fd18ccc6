//! A stranger at PyPI who knows how claims go: what they can do to ours, and who hears of it.

use chrono::TimeDelta;
use namewarden::model::Exposure;
use namewarden::model::claim::{ClaimState, Origin};
use namewarden::model::health::HealthIssue;
use namewarden::sim::world::Role;

use super::bench::Bench;
use super::stage::{NAME, name};

/// An hour in which everybody looks.
async fn an_hour(bench: &mut Bench) {
    for _ in 0..3 {
        bench.feed().await;
        bench.automatic().await;
        bench.work_off().await;
        bench.pass(TimeDelta::minutes(20));
    }
}

/// PyPI takes our files into their project: it is theirs all the same, since they can publish in it.
#[tokio::test(flavor = "multi_thread")]
async fn a_project_that_a_stranger_shares_with_our_account_is_never_ours() {
    let mut bench = Bench::new().await;
    bench.let_go().await;
    bench.sim.world().create(NAME, "mallory", bench.now).expect("free");
    bench.sim.world().add_role(NAME, "acme-bot", Role::Maintainer, bench.now).expect("there");
    bench.work_off().await;
    assert_eq!(bench.uploads(), 2, "PyPI took both");
    an_hour(&mut bench).await;
    assert_eq!((bench.file().await.claim.state, bench.exposure().await), (ClaimState::Refused, Some(Exposure::Taken)));
    assert!(bench.alarms().await.contains(NAME));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_who_comes_into_our_project_later_is_a_page_and_an_alert() {
    let mut bench = Bench::new().await;
    bench.let_go().await;
    bench.work_off().await;
    bench.feed().await;
    assert_eq!((bench.exposure().await, bench.alarms().await.len()), (Some(Exposure::Ours), 0));
    bench.sim.world().add_role(NAME, "mallory", Role::Owner, bench.now).expect("there");
    an_hour(&mut bench).await;
    assert!(bench.alarms().await.contains(NAME));
    assert!(bench.pages().await.iter().any(|page| page.contains("claim-changed:acme-billing")));
}

/// They had the name, uploaded a file called as ours is, and removed both: PyPI never takes a file of that name again. The name is
/// claimed back with a version that was never there.
#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_who_used_up_our_file_name_keeps_us_from_nothing() {
    let mut bench = Bench::new().await;
    bench.let_go().await;
    bench.sim.world().upload(NAME, "0.0.1", "", "mallory", bench.now).expect("free");
    an_hour(&mut bench).await;
    assert_eq!(bench.exposure().await, Some(Exposure::Taken));
    bench.sim.world().remove(NAME, bench.now).expect("there");
    an_hour(&mut bench).await;
    let claim = bench.file().await.claim;
    assert_eq!((claim.origin, claim.state, claim.key.number), (Origin::Back, ClaimState::Ours, 2));
    assert_eq!(claim.seal.map(|seal| seal.version), Some("0.0.2".to_owned()));
    assert_eq!((bench.uploads(), bench.exposure().await), (2, Some(Exposure::Ours)), "no slot is burnt");
    assert_eq!(bench.detail(HealthIssue::ClaimEnded { name: name(NAME) }).await, None);
}

/// Whoever archives our project has a role in it: it takes no upload of ours then.
#[tokio::test(flavor = "multi_thread")]
async fn a_project_of_ours_that_is_archived_is_a_page() {
    let mut bench = Bench::new().await;
    bench.let_go().await;
    bench.work_off().await;
    an_hour(&mut bench).await;
    assert!(bench.pages().await.is_empty());
    bench.sim.world().archive(NAME, true).expect("there");
    for _ in 0..25 {
        an_hour(&mut bench).await;
    }
    let told = bench.detail(HealthIssue::ClaimChanged { name: name(NAME) }).await.expect("told");
    assert!(told.contains("described otherwise on its page, without a new file: archived"), "{told}");
}

/// They register what PyPI takes for the same, so that our claim ends before anything is sent, and remove it: the name is open, and
/// whoever let the claim go hears that it is not held.
#[tokio::test]
async fn a_twin_that_stood_in_our_way_and_is_gone_is_told_of() {
    let mut bench = Bench::new().await;
    bench.let_go().await;
    bench.sim.world().create("acme-bi11ing", "mallory", bench.now).expect("free");
    an_hour(&mut bench).await;
    assert_eq!((bench.file().await.claim.state, bench.uploads()), (ClaimState::Abandoned, 0));
    assert!(matches!(bench.exposure().await, Some(Exposure::Shielded { .. })));
    let ended = HealthIssue::ClaimEnded { name: name(NAME) };
    assert_eq!(bench.detail(ended.clone()).await, None, "nobody can take it");
    bench.sim.world().remove("acme-bi11ing", bench.now).expect("there");
    an_hour(&mut bench).await;
    assert!(bench.write(|desk, tx| desk.tell_of_reopened_names(tx)).await);
    let told = bench.detail(ended).await.expect("told");
    assert!(told.contains("anybody can take the name") && told.contains("acme-bi11ing"), "{told}");
}
