//! A name is freed and taken again, whatever was known of it first, however it went, and whoever tells that it is back: one case for
//! each that held it, and its owners hear of both.

use chrono::TimeDelta;
use namewarden::model::{Event, FindingState, Serial, Sighting, Time};
use namewarden::registry::pypi::changelog::{ChangelogReply, read_reply};

use crate::bench::{Bench, release};

const NAME: &str = "acme-billing";

/// By what the first registration came to be known.
#[derive(Clone, Copy, Debug)]
enum First {
    Created,
    /// Its creation was never told, as where the changelog was begun later.
    Released,
    Roles,
    Cleared,
    /// By an item of RSS without a date.
    Undated,
    Dated,
    Listed,
}

/// How it went.
#[derive(Clone, Copy, Debug)]
enum Gone {
    Removed,
    Quarantined,
    /// The index lacks it, and then the changelog tells why.
    Unlisted,
}

impl First {
    const ALL: [Self; 7] =
        [Self::Created, Self::Released, Self::Roles, Self::Cleared, Self::Undated, Self::Dated, Self::Listed];

    async fn is_seen(self, bench: &mut Bench) {
        let now = bench.now;
        let sighting = match self {
            Self::Created => bench.told(NAME, Event::Created),
            Self::Released => bench.told(NAME, release("0.1")),
            Self::Roles => bench.told(NAME, Event::RolesChanged { action: "add Owner mallory".to_owned() }),
            Self::Cleared => bench.told(NAME, Event::QuarantineCleared),
            Self::Undated => Sighting { at: None, ..bench.rss(NAME, now) },
            Self::Dated => bench.rss(NAME, now),
            Self::Listed => {
                bench.told("somebody-elses", Event::Created);
                Sighting { at: Some(now), ..bench.index(NAME, Event::Listed) }
            }
        };
        bench.apply(vec![sighting]).await;
    }
}

impl Gone {
    async fn happens(self, bench: &mut Bench) {
        let events: &[Event] = match self {
            Self::Removed => &[Event::Removed],
            Self::Quarantined => &[Event::Quarantined, Event::Removed],
            Self::Unlisted => {
                bench.told("somebody-elses", Event::Removed);
                let unlisted = Sighting { at: Some(bench.now), ..bench.index(NAME, Event::Unlisted) };
                bench.apply(vec![unlisted]).await;
                &[Event::Removed]
            }
        };
        for event in events {
            let sighting = bench.told(NAME, event.clone());
            bench.apply(vec![sighting]).await;
        }
    }
}

/// It is registered again, which both feeds tell in this order; what pip would take is published later.
async fn is_back(bench: &mut Bench, rss_first: bool) {
    let at = bench.now;
    let created = bench.told(NAME, Event::Created);
    let mut told = vec![created, bench.rss(NAME, at)];
    if rss_first {
        told.reverse();
    }
    bench.apply_each(told).await;
}

async fn states(bench: &Bench) -> Vec<(Option<i64>, FindingState)> {
    bench.findings(NAME).await.iter().map(|case| (case.registered_at.map(|at| at.timestamp()), case.state)).collect()
}

#[tokio::test]
async fn each_that_holds_it_in_turn_is_a_case_of_which_its_owners_hear() {
    for first in First::ALL {
        for gone in [Gone::Removed, Gone::Quarantined, Gone::Unlisted] {
            // How it went is one matter, and what was known of it another.
            if !matches!(gone, Gone::Removed) && !matches!(first, First::Created | First::Released | First::Undated) {
                continue;
            }
            let rss_first = matches!(gone, Gone::Quarantined);
            let what = format!("{first:?}, {gone:?}");
            let mut bench = Bench::new(&[]).await;
            first.is_seen(&mut bench).await;
            bench.pass(TimeDelta::minutes(2));
            assert_eq!(bench.deliver().await.len(), 1, "{what}: the first");
            bench.pass(TimeDelta::hours(1));
            gone.happens(&mut bench).await;
            bench.pass(TimeDelta::minutes(5));
            assert_eq!(bench.states(NAME).await, [FindingState::Removed], "{what}");
            bench.deliver().await;
            bench.pass(TimeDelta::hours(1));
            is_back(&mut bench, rss_first).await;
            let second = Some(bench.now.timestamp());
            let all = states(&bench).await;
            assert_eq!(all.len(), 2, "{what}: {all:?}");
            assert!(all.contains(&(second, FindingState::Open)), "{what}: {all:?}");
            bench.pass(TimeDelta::minutes(2));
            assert_eq!(bench.deliver().await.len(), 1, "{what}: it is told");
            bench.pass(TimeDelta::hours(1));
            let released = bench.told(NAME, release("99.0"));
            bench.apply(vec![released]).await;
            bench.pass(TimeDelta::minutes(2));
            assert_eq!(bench.deliver().await.len(), 1, "{what}: so is what it publishes");
            assert_eq!(states(&bench).await.len(), 2, "{what}");
        }
    }
}

/// An entry of the changelog: name, Unix second, action and serial.
fn entry((name, second, action, serial): (&str, i64, &str, u64)) -> String {
    let text = |text: &str| format!("<value><string>{text}</string></value>");
    let version = if action == "new release" { text("99.0") } else { "<value><nil/></value>".to_owned() };
    let int = |n: String| format!("<value><int>{n}</int></value>");
    let fields = [text(name), version, int(second.to_string()), text(action), int(serial.to_string())].concat();
    format!("<value><array><data>{fields}</data></array></value>")
}

fn reply(entries: &[(&str, i64, &str, u64)], after: Serial, now: Time) -> ChangelogReply {
    let entries: String = entries.iter().copied().map(entry).collect();
    let body = format!(
        "<?xml version='1.0'?><methodResponse><params><param><value><array><data>{entries}</data></array></value></param>\
         </params></methodResponse>"
    );
    let mut reply = read_reply(body.as_bytes(), after).expect("a reply");
    reply.distrust(now + TimeDelta::days(30));
    reply
}

/// A server whose clock was wrong for a moment, or that wishes us ill: what it dates to come, or before all time, hides nothing that
/// follows.
#[tokio::test]
async fn a_registration_that_is_dated_out_of_this_world_hides_nothing_that_follows() {
    for absurd in [4_102_444_800, 253_402_300_799, 8_210_266_876_799, 0, -5, i64::MIN, i64::MAX] {
        let mut bench = Bench::new(&[]).await;
        let mut serial = bench.serial().0;
        let mut next = || {
            serial += 10;
            serial
        };
        let tell = async |bench: &mut Bench, second: i64, action: &str, serial: u64| {
            let reply = reply(&[(NAME, second, action, serial)], Serial(serial - 1), bench.now);
            assert_eq!(
                reply.unreadable.is_empty(),
                second == bench.now.timestamp(),
                "{second}: {:?}",
                reply.unreadable
            );
            bench.apply(reply.sightings).await;
            bench.pass(TimeDelta::hours(1));
            bench.deliver().await.len()
        };
        assert_eq!(tell(&mut bench, absurd, "create", next()).await, 1, "{absurd}");
        let now = bench.now.timestamp();
        assert_eq!(tell(&mut bench, now, "new release", next()).await, 1, "{absurd}: what pip would take");
        let now = bench.now.timestamp();
        assert_eq!(tell(&mut bench, now, "remove project", next()).await, 1, "{absurd}: its end");
        assert_eq!(bench.states(NAME).await, [FindingState::Removed], "{absurd}");
        let now = bench.now.timestamp();
        assert_eq!(tell(&mut bench, now, "create", next()).await, 1, "{absurd}: another");
        assert_eq!(bench.states(NAME).await.len(), 2, "{absurd}");
        let now = bench.now.timestamp();
        assert_eq!(tell(&mut bench, now, "new release", next()).await, 1, "{absurd}: what that publishes");
    }
}
