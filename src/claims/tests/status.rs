//! What `claim status` says comes next is what comes next, at every moment.

use chrono::TimeDelta;

use super::world::{Answer, World, ada, bob, name};
use crate::model::Exposure;
use crate::model::claim::{ClaimState, Resting, Terms, Work};

const NAME: &str = "acme-billing";
const AUTO: Terms = Terms { publicity: crate::model::claim::Publicity::Unsaid, auto: true };

async fn next(world: &World, of: &str) -> String {
    let name = name(of);
    world.file(&name).await.next
}

fn says(next: &str, parts: &[&str]) {
    for part in parts {
        assert!(next.contains(part), "{part} in {next}");
    }
}

/// No time of the past, and no advice to do what somebody else is to do.
fn keeps_to_the_future(next: &str, world: &World) {
    let times = next.match_indices(" UTC").filter_map(|(at, _)| next.get(at.checked_sub(19)?..at));
    for time in times.filter(|_| !next.contains("since")) {
        let time = chrono::NaiveDateTime::parse_from_str(time, "%F %T").expect("a time").and_utc();
        assert!(time > world.now, "{time} is past at {}: {next}", world.now);
    }
}

#[tokio::test]
async fn of_what_goes_by_itself_it_says_when_and_what_keeps_it() {
    let mut world = World::new(&[NAME.to_owned()], AUTO).await;
    world.automatic().await;
    says(&next(&world, NAME).await, &["its owner is told first", "`namewarden status`", "claim reject acme-billing"]);
    world.deliver().await;
    world.automatic().await;
    says(&next(&world, NAME).await, &["approves itself at 2026-11-21 12:00:00 UTC"]);
    world.settings.enabled = false;
    world.pass(TimeDelta::hours(30)).await;
    let stopped = next(&world, NAME).await;
    says(&stopped, &["nothing, as long as", "[claim] enabled = true"]);
    assert!(!stopped.contains("approves itself") && !stopped.contains("2026-11-21"), "{stopped}");
    world.settings.enabled = true;
    says(&next(&world, NAME).await, &["within a minute"]);
    world.expose(NAME, Exposure::Taken).await;
    says(&next(&world, NAME).await, &["cannot go on", "somebody holds it"]);
}

#[tokio::test]
async fn of_what_was_stopped_it_says_by_what_and_how_to_go_on() {
    let names = [NAME, "acme-ledger"].map(str::to_owned);
    let mut world = World::new(&names, Terms::default()).await;
    world.propose(&names, &ada()).await;
    says(&next(&world, NAME).await, &["another person", "claim approve acme-billing"]);
    world.settings.one_person = true;
    says(&next(&world, NAME).await, &["a person: `namewarden claim approve"]);
    world.settings.one_person = false;
    world.approve(&names, &bob()).await;
    says(&next(&world, NAME).await, &["`namewarden claim apply`"]);
    world.settings.contact = None;
    says(&next(&world, NAME).await, &["`namewarden claim apply`", "in its way now", "[claim] contact"]);
    world.settings.contact = Some("python@acme.example".to_owned());
    world.apply(&ada()).await;
    says(&next(&world, NAME).await, &["the uploader builds and tries"]);
    world.pypi.answers.push_back(Answer::Strange);
    world.work_off().await;
    let refused = next(&world, "acme-ledger").await;
    says(&refused, &["nothing, as long as", "everything is stopped", "claim retry acme-billing`"]);
    says(&next(&world, NAME).await, &["PyPI is looked at", "everything is stopped"]);
}

#[tokio::test]
async fn of_what_waits_it_says_until_when_and_no_time_that_is_over() {
    let names: Vec<String> = (0..5).map(|n| format!("acme-part-{n}")).collect();
    let mut world = World::new(&names, Terms::default()).await;
    world.propose(&names, &ada()).await;
    world.approve(&names, &bob()).await;
    world.apply(&ada()).await;
    world.work_off().await;
    says(&next(&world, "acme-part-3").await, &["used up", "its turn comes at 2026-11-21 12:10:00 UTC"]);
    for _ in 0..30 {
        for name in &names {
            keeps_to_the_future(&next(&world, name).await, &world);
        }
        world.pass(TimeDelta::hours(1)).await;
    }
    says(
        &next(&world, "acme-part-3").await,
        &["no uploader has asked for work since 2026-11-20 12:00:00", "systemctl status"],
    );
    world.pypi.answers.push_back(Answer::RateLimited { seconds: 7200 });
    world.work_off().await;
    for name in &names[3..] {
        says(&next(&world, name).await, &["until 2026-11-21 20:00:00 UTC"]);
    }
    world.pass(TimeDelta::hours(3)).await;
    world.pypi.answers.push_back(Answer::Unsent);
    world.work_off().await;
    says(&next(&world, "acme-part-4").await, &["https://upload.example/legacy", "asked again at 2026-11-21 21:05:00"]);
}

#[tokio::test]
async fn beyond_a_handful_what_goes_by_itself_says_that_it_waits_for_pypi() {
    let names: Vec<String> = (0..11).map(|n| format!("acme-part-{n:02}")).collect();
    let mut world = World::new(&names, AUTO).await;
    world.automatic().await;
    world.deliver().await;
    world.automatic().await;
    world.mind(TimeDelta::hours(25)).await;
    world.automatic().await;
    for _ in 0..24 * 5 {
        world.work_off().await;
        world.mind(TimeDelta::hours(1)).await;
    }
    assert_eq!(world.published(), 10, "the eleventh is for people");
    assert!(world.pages().await.iter().any(|page| page.contains("claims-stopped")), "they are told that it waits");
    says(&next(&world, "acme-part-10").await, &["nothing for now", "11 names", "claim agree REFERENCE"]);
    world.agreement("https://pypi.example/support/1").await;
    world.automatic().await;
    world.work_off().await;
    assert_eq!(world.published(), 11);
}

/// What `claim upload --once` ends by.
#[tokio::test]
async fn the_uploader_hears_whether_what_is_left_waits_or_is_kept() {
    let rest = async |world: &World| match world.write(|desk, tx| desk.work(tx)).await {
        Work::Rest { rest, why, .. } => (rest, why),
        other => panic!("there is work: {other:?}"),
    };
    let names: Vec<String> = (0..5).map(|n| format!("acme-part-{n}")).collect();
    let mut world = World::new(&names, Terms::default()).await;
    assert_eq!(rest(&world).await.0, Resting::Done);
    world.propose(&names, &ada()).await;
    world.approve(&names[..4], &bob()).await;
    assert_eq!(rest(&world).await.0, Resting::Done, "nobody has let anything go");
    world.apply(&ada()).await;
    world.work_off().await;
    let (waits, why) = rest(&world).await;
    assert_eq!(waits, Resting::Waits);
    says(&why, &["acme-part-3#1 waits", "used up until 2026-11-21 12:10:00 UTC"]);
    world.pass(TimeDelta::hours(25)).await;
    world.pypi.answers.push_back(Answer::Lost { stored: false });
    world.work_off().await;
    assert_eq!((world.state("acme-part-3").await, rest(&world).await.0), (ClaimState::Uncertain, Resting::Kept));
    world.pass(TimeDelta::minutes(6)).await;
    let (waits, why) = rest(&world).await;
    assert_eq!(waits, Resting::Waits, "the index may be asked again, and a look comes first");
    says(&why, &["acme-part-3#1 waits", "looked at"]);
    world.pass(TimeDelta::minutes(30)).await;
    world.work_off().await;
    assert_eq!((rest(&world).await.0, world.published()), (Resting::Done, 4));
    world.settings.company = None;
    world.approve(&names[4..], &bob()).await;
    assert_eq!(rest(&world).await.0, Resting::Done, "what nobody let go is nothing to be done");
}
