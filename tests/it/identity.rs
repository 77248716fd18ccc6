//! Which sighting is a registration, and whose case an event moves.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use namewarden::cases::{self, Learned};
use namewarden::model::finding::WouldPipTake;
use namewarden::model::notice::NoticeEvent::{Ended, Escalated, Registered, Worsened};
use namewarden::model::{Event, FindingState, Releases, Sighting, Tier};
use namewarden::store::NoticeBody;

use crate::bench::{Bench, release, sighting};

use FindingState::{Open, Removed};

#[tokio::test]
async fn any_order_of_the_feeds_is_one_finding_and_one_notice() {
    for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
        let mut bench = Bench::new(&[]).await;
        let at = bench.now;
        let told = vec![bench.told("acme-billing", Event::Created), bench.told("acme-billing", release("0.1"))];
        let rss = vec![bench.rss("acme-billing", at)];
        bench.pass(TimeDelta::seconds(2));
        let listed = vec![bench.index("acme-billing", Event::Listed)];
        let feeds = [told, rss, listed];
        for feed in order {
            bench.apply(feeds[feed].clone()).await;
        }
        assert_eq!(bench.states("acme-billing").await, [Open], "{order:?}");
        assert_eq!(bench.events().await, [Registered], "{order:?}");
    }
}

/// A reminder was sent after the backup that the watch goes on from; what gets worse then has the reminder's number.
#[tokio::test]
async fn no_key_of_a_message_that_was_lost_is_given_to_another() {
    let mut bench = Bench::new(&[]).await;
    let created = vec![bench.told("acme-billing", Event::Created)];
    bench.apply(created).await;
    bench.pass(TimeDelta::seconds(6));
    bench.deliver().await;
    let copy = bench.back_up().await;
    bench.pass(TimeDelta::hours(4));
    let (watchlist, now) = (bench.watchlist.clone(), bench.now);
    let remind = bench.store.write(move |tx| cases::escalate(tx, &watchlist, TimeDelta::hours(4), now));
    assert_eq!(remind.await.expect("the store works"), 1);
    let lost = bench.deliver().await;
    assert_eq!(lost.iter().map(|row| row.event).collect::<Vec<_>>(), [Escalated]);
    bench.restore(&copy).await;
    let worse = vec![bench.told("acme-billing", release("99.0"))];
    bench.apply(worse).await;
    bench.pass(TimeDelta::seconds(6));
    let told = bench.deliver().await;
    assert_eq!(told.iter().map(|row| row.event).collect::<Vec<_>>(), [Worsened]);
    assert_eq!(told[0].body, lost[0].body, "the same number");
    assert_ne!(told[0].key, lost[0].key, "its receiver would drop the page as a repeat");
}

/// RSS tells of the new registration before the changelog tells of the removal, all in one second. Nobody has heard of the first
/// by then: it goes out with the one that stands.
#[tokio::test]
async fn a_removal_and_a_registration_in_one_second_leave_the_case_open() {
    let mut bench = Bench::new(&[]).await;
    let first = vec![bench.told("acme-billing", Event::Created)];
    bench.apply(first).await;
    bench.pass(TimeDelta::minutes(5));
    let at = bench.now;
    bench.apply(vec![bench.rss("acme-billing", at)]).await;
    let late = vec![bench.told("acme-billing", Event::Removed), bench.told("acme-billing", Event::Created)];
    bench.apply_each(late).await;
    assert_eq!(bench.states("acme-billing").await, [Removed, Open]);
    bench.apply(vec![bench.index("acme-billing", Event::Changed)]).await;
    bench.pass(TimeDelta::minutes(1));
    let [told] = bench.deliver().await.try_into().expect("one message");
    let NoticeBody::Cases { events } = &told.body else { panic!("it is about cases") };
    let cases: BTreeSet<_> = events.iter().map(|event| &event.finding).collect();
    assert_eq!((told.event, cases.len()), (Registered, 2), "it was never gone, and nothing is left out: {events:?}");
}

/// The catch-up after an outage tells a whole life at once.
#[tokio::test]
async fn a_life_told_at_once_is_one_notice() {
    let mut bench = Bench::new(&[]).await;
    let created = bench.told("acme-billing", Event::Created);
    bench.pass(TimeDelta::minutes(30));
    let batch = vec![created, bench.told("acme-billing", release("99.0")), bench.told("acme-billing", Event::Removed)];
    bench.apply(batch).await;
    assert_eq!(bench.states("acme-billing").await, [Removed]);
    assert_eq!(bench.deliver().await.iter().map(|row| row.event).collect::<Vec<_>>(), [Registered]);
}

#[tokio::test]
async fn a_stale_item_and_an_old_create_open_nothing() {
    let mut bench = Bench::new(&[]).await;
    let old = bench.now;
    let first = vec![bench.told("acme-billing", Event::Created)];
    bench.apply(first.clone()).await;
    bench.pass(TimeDelta::minutes(5));
    let again = vec![bench.told("acme-billing", Event::Removed), bench.told("acme-billing", Event::Created)];
    bench.apply(again).await;
    assert_eq!(bench.states("acme-billing").await, [Removed, Open]);
    bench.apply(vec![bench.rss("acme-billing", old)]).await;
    bench.apply(first).await;
    assert_eq!(bench.states("acme-billing").await, [Removed, Open]);
    assert_eq!(bench.events().await, [Registered, Registered, Ended]);
}

#[tokio::test]
async fn events_move_the_case_of_the_registration_that_stands() {
    let mut bench = Bench::new(&[]).await;
    let first = vec![bench.told("acme-billing", Event::Created)];
    bench.apply(first).await;
    bench.pass(TimeDelta::minutes(5));
    let at = bench.now;
    bench.apply(vec![bench.rss("acme-billing", at)]).await;
    assert_eq!(bench.states("acme-billing").await, [Removed, Open], "registered again, whoever removed it");
    bench.deliver().await;
    bench.pass(TimeDelta::minutes(20));
    bench.deliver().await;
    let released = vec![bench.told("acme-billing", release("99.0"))];
    bench.apply(released).await;
    assert_eq!(bench.events().await, [Registered, Registered, Ended, Worsened], "one case got worse, not two");
    let quarantined = vec![bench.told("acme-billing", Event::Quarantined)];
    bench.apply(quarantined).await;
    let cleared = vec![bench.told("acme-billing", Event::QuarantineCleared)];
    bench.apply(cleared).await;
    assert_eq!(bench.states("acme-billing").await, [Removed, Open], "what was superseded stays closed");
}

#[tokio::test]
async fn a_project_of_the_baseline_that_is_registered_again_alerts() {
    let mut bench = Bench::new(&["acme-billing"]).await;
    assert_eq!(bench.states("acme-billing").await, [FindingState::PreExisting]);
    bench.pass(TimeDelta::minutes(1));
    let again = vec![bench.told("acme-billing", Event::Removed), bench.told("acme-billing", Event::Created)];
    bench.apply(again).await;
    let mut events = bench.events().await;
    events.sort();
    assert_eq!(events, [Registered, Ended], "the greeting had told of the earlier one");
    let mut states = bench.states("acme-billing").await;
    states.sort_by_key(|state| state.as_str());
    assert_eq!(states, [Open, Removed]);
}

/// A name that nobody could read is judged as what can be salvaged of it.
#[tokio::test]
async fn an_item_without_a_date_is_a_registration_and_learns_its_second_later() {
    let mut bench = Bench::new(&[]).await;
    let undated = Sighting { feed: namewarden::model::Feed::Rss, ..sighting("acme-billing", Event::Created) };
    bench.apply(vec![undated.clone()]).await;
    bench.apply(vec![undated]).await;
    let told = vec![bench.told("acme-billing", Event::Created), bench.told("acme-billing", release("0.1"))];
    bench.apply(told).await;
    assert_eq!(bench.states("acme-billing").await, [Open]);
    assert_eq!(bench.events().await, [Registered]);
    let finding = &bench.findings("acme-billing").await[0];
    assert_eq!((finding.registered_at, finding.facts.releases.versions().count()), (Some(bench.now), 1));
}

/// A weak case waits for the digest; a version made to win must not wait with it.
#[tokio::test]
async fn a_case_that_waits_for_the_digest_and_gets_worse_is_told_at_once() {
    let mut bench = Bench::new(&[]).await;
    let created = vec![bench.told("my-acmecorp", Event::Created)];
    bench.apply(created).await;
    assert_eq!(bench.events().await, []);
    bench.pass(TimeDelta::minutes(1));
    let released = vec![bench.told("my-acmecorp", release("99.0"))];
    bench.apply(released).await;
    assert_eq!(
        bench.deliver().await.iter().map(|row| (row.tier, row.event)).collect::<Vec<_>>(),
        [(Tier::Alert, Registered)]
    );
}

#[tokio::test]
async fn what_a_look_up_learns_late_is_told_only_when_it_is_worse() {
    let mut bench = Bench::new(&[]).await;
    let created = vec![bench.told("acme-billing", Event::Created)];
    bench.apply(created).await;
    bench.learn("acme-billing", missing(Releases::default())).await;
    assert_eq!(bench.deliver().await.len(), 1, "the alert does not wait longer");
    let facts = |versions: &[&str]| {
        let releases = Releases::told(versions.iter().copied());
        let users = vec!["mallory".to_owned()];
        let facts = namewarden::model::Facts { releases, users, ..Default::default() };
        Learned::Facts { facts: Box::new(facts), serial: Some(namewarden::model::Serial(u64::MAX)) }
    };
    bench.pass(TimeDelta::minutes(2));
    assert_eq!(bench.learn("acme-billing", facts(&["0.1"])).await, 1, "the page left it open, and it is below ours");
    bench.pass(TimeDelta::minutes(11));
    assert_eq!(bench.learn("acme-billing", facts(&["0.1", "99.0"])).await, 1, "pip would take it now");
    assert_eq!(bench.learn("acme-billing", facts(&["0.1", "99.0"])).await, 0, "the same again");
}

#[tokio::test]
async fn what_stands_at_the_baseline_and_is_ours_or_weak_wakes_nobody_and_gets_worse_like_any_other() {
    let mut bench = Bench::new(&["acme-billing", "corp-mial"]).await;
    let users = vec!["acme-release-bot".to_owned()];
    let facts = namewarden::model::Facts { users, releases: Releases::told(["4.12.0"]), ..Default::default() };
    assert_eq!(
        bench.learn("acme-billing", Learned::Facts { facts: Box::new(facts), serial: Some(bench.serial()) }).await,
        0
    );
    assert_eq!(bench.states("acme-billing").await, [FindingState::Ours]);
    assert_eq!(bench.states("corp-mial").await, [FindingState::PreExisting]);
    bench.pass(TimeDelta::days(1));
    let removed = vec![bench.told("corp-mial", Event::Removed)];
    bench.apply(removed).await;
    assert_eq!(bench.states("corp-mial").await, [Removed]);
    assert_eq!(bench.events().await, []);
}

/// A clock of ours that is behind PyPI's, and the index first: what RSS tells then is the same registration.
#[tokio::test]
async fn a_clock_that_is_behind_makes_no_second_case_of_what_the_index_listed() {
    for behind in [-120, -2, 0, 90] {
        let mut bench = Bench::new(&[]).await;
        let theirs = bench.now + TimeDelta::minutes(behind);
        bench.told("other", Event::Changed);
        let listed = Sighting { at: Some(theirs), ..bench.index("acme-billing", Event::Listed) };
        bench.apply(vec![listed]).await;
        bench.pass(TimeDelta::seconds(20));
        bench.apply(vec![bench.rss("acme-billing", theirs - TimeDelta::seconds(40))]).await;
        assert_eq!(bench.states("acme-billing").await, [Open], "{behind} minutes");
        assert_eq!(bench.events().await, [Registered], "{behind} minutes");
        bench.apply(vec![bench.rss("acme-billing", theirs + TimeDelta::seconds(10))]).await;
        assert_eq!(bench.states("acme-billing").await.len(), 2, "registered after it was listed: {behind} minutes");
    }
}

/// PyPI has no project page, and these releases on its simple page.
fn missing(releases: Releases) -> Learned {
    Learned::Trouble {
        reason: "PyPI's project page is not there yet".into(),
        releases: Box::new(releases),
        uploaded: None,
        serial: None,
        wait: None,
    }
}

/// The project page is cached as missing while the simple page has the release that pip takes.
#[tokio::test]
async fn releases_are_learned_from_the_simple_page_where_there_is_no_other() {
    let mut bench = Bench::new(&[]).await;
    bench.told("other", Event::Changed);
    bench.apply(vec![bench.index("acme-billing", Event::Listed)]).await;
    bench.learn("acme-billing", missing(Releases::told(["99.0"]))).await;
    let finding = bench.findings("acme-billing").await.remove(0);
    assert_eq!(finding.facts.would_pip_take, WouldPipTake::Yes);
    assert_eq!(finding.facts.ours, None, "who holds it is not known");
}

/// Names of a suppression that stood before it, each with what the index alone shows of what becomes of it.
mod settled {
    use namewarden::model::{Channel, Facts, FindingState, OwnerId, Time};
    use namewarden::watchlist::routes::Routes;

    use super::*;
    use crate::world::INVENTORY;

    const NAMES: [&str; 3] = ["zeta-internal-tools", "acme-biling", "acme-ledger"];

    async fn bench() -> Bench {
        let routes = Routes { default_owner: OwnerId("security".into()), channels: [Channel::Email].into() };
        let suppressions =
            NAMES.map(|name| format!("[[suppress]]\nproject = \"{name}\"\nreason = \"known\"\n")).concat();
        let mut bench = Bench::with(&format!("{INVENTORY}\n{suppressions}"), routes, &NAMES).await;
        for name in NAMES {
            assert_eq!(bench.states(name).await, [FindingState::Suppressed], "{name}");
        }
        bench.pass(TimeDelta::hours(1));
        bench
    }

    /// PyPI's page: held by `user`, the oldest of its files uploaded at `uploaded`.
    fn page(bench: &Bench, user: &str, uploaded: Time) -> Learned {
        let facts = Facts {
            users: vec![user.to_owned()],
            releases: Releases::told(["1.0"]),
            first_upload: Some(uploaded),
            ..Facts::default()
        };
        Learned::Facts { facts: Box::new(facts), serial: Some(bench.serial()) }
    }

    async fn changed(bench: &mut Bench, name: &str) {
        bench.told("other", Event::Changed);
        bench.apply(vec![bench.index(name, Event::Changed)]).await;
        let (now, name) = (bench.now, name.to_owned());
        let due = bench.store.read(move |tx| tx.facts().due(now, 10)).await.expect("reads");
        assert!(due.iter().any(|due| due.project.as_str() == name), "{name} is looked at");
    }

    #[tokio::test]
    async fn a_new_release_of_what_was_settled_stays_silent() {
        let mut bench = bench().await;
        let old = bench.now - TimeDelta::days(400);
        for name in NAMES {
            changed(&mut bench, name).await;
            bench.learn(name, page(&bench, "friend", old)).await;
            bench.pass(TimeDelta::hours(1));
            changed(&mut bench, name).await;
            bench.learn(name, page(&bench, "friend", old)).await;
            assert_eq!(bench.states(name).await, [FindingState::Suppressed], "{name}");
        }
        assert_eq!(bench.events().await, []);
    }

    /// Removed and registered again between two passes: the index only says that it changed.
    #[tokio::test]
    async fn what_was_registered_again_between_two_passes_is_told() {
        let mut bench = bench().await;
        for name in NAMES {
            changed(&mut bench, name).await;
            let uploaded = bench.now - TimeDelta::minutes(3);
            bench.learn(name, page(&bench, "mallory", uploaded)).await;
            assert_eq!(bench.states(name).await, [Open], "{name}");
        }
        assert_eq!(bench.events().await, [Worsened; NAMES.len()]);
    }

    /// The same, where the page had been read before, and the old one is served for a while after.
    #[tokio::test]
    async fn a_page_that_is_late_delays_that_and_does_not_hide_it() {
        let mut bench = bench().await;
        let old = bench.now - TimeDelta::days(400);
        for name in NAMES {
            changed(&mut bench, name).await;
            bench.learn(name, page(&bench, "friend", old)).await;
            let stale = page(&bench, "friend", old);
            bench.pass(TimeDelta::hours(1));
            let uploaded = bench.now - TimeDelta::minutes(3);
            changed(&mut bench, name).await;
            bench.learn(name, stale).await;
            assert_eq!(bench.states(name).await, [FindingState::Suppressed], "{name}");
            bench.pass(TimeDelta::minutes(5));
            let (now, store) = (bench.now, &bench.store);
            assert!(!store.read(move |tx| tx.facts().due(now, 10)).await.expect("reads").is_empty(), "asked again");
            bench.learn(name, page(&bench, "mallory", uploaded)).await;
            assert_eq!(bench.states(name).await, [Open], "{name}");
        }
    }

    #[tokio::test]
    async fn other_people_hold_it_now() {
        let mut bench = bench().await;
        let old = bench.now - TimeDelta::days(400);
        changed(&mut bench, NAMES[0]).await;
        bench.learn(NAMES[0], page(&bench, "friend", old)).await;
        bench.pass(TimeDelta::minutes(5));
        changed(&mut bench, NAMES[0]).await;
        bench.learn(NAMES[0], page(&bench, "mallory", old)).await;
        assert_eq!(bench.states(NAMES[0]).await, [Open]);
        assert_eq!(bench.events().await, [Worsened]);
    }
}
