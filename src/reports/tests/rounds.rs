//! Reports on a store: one begins where the one before it ended, whoever sets the clock, changes the calendar or was away.

use proptest::prelude::*;

use super::super::{asked, round};
use super::*;
use crate::config::source::Source;
use crate::config::{Calendar, ReportSettings};
use crate::model::notice::NoticeEvent;
use crate::store::{NoticeBody, NoticeRow, NoticeState, Slots, Store, StoreError, Tx};
use crate::watchlist::routes::Routes;
use crate::watchlist::{self, Watchlist};

/// Two owners of watches; the platform team has none.
const INVENTORY: &str = r#"
[owners.security]
email = ["security@acme.example"]
[owners.payments]
email = ["payments@acme.example"]
names = ["acme-billing", "acme-ledger"]
[owners.data]
slack = ["data"]
names = ["acme-tables"]
"#;

fn watchlist() -> Watchlist {
    let source = Source::new(Path::new("inventory.toml"), INVENTORY.to_owned());
    let inventory = watchlist::from_source(source, &OwnerId("security".into())).expect("a good inventory");
    let routes = Routes { default_owner: OwnerId("security".into()), channels: [Channel::Email].into() };
    Watchlist::new(inventory, routes)
}

#[derive(Clone, Copy, Debug)]
enum Step {
    /// Hours pass, with a round in each or with none.
    Pass(i64),
    Away(i64),
    /// Somebody sets the clock by so many minutes.
    Set(i64),
    /// The configuration has the other calendar.
    Calendar,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        4 => (1..40_i64).prop_map(Step::Pass),
        2 => (1..300_i64).prop_map(Step::Away),
        2 => prop_oneof![-2_000..2_000_i64, -100..100_i64].prop_map(Step::Set),
        1 => Just(Step::Calendar),
    ];
    prop::collection::vec(step, 1..14)
}

fn settings(which: usize) -> ReportSettings {
    let (text, zone) =
        [("0 8 * * *", chrono_tz::Tz::Europe__Berlin), ("30 2 * * 1", chrono_tz::Tz::America__New_York)][which];
    ReportSettings { cron: Calendar::read(text).ok(), zone }
}

/// What a round queued for the outbox of mails, in the order of its making; all of it is taken.
fn queued(tx: &Tx<'_>, now: Time) -> Result<Vec<NoticeRow>, StoreError> {
    let rows = tx.notices().lease(&Channel::Email, now, now + TimeDelta::days(1), Slots { free: 9, low: 9 })?;
    rows.iter().try_for_each(|row| tx.notices().settle(row.id, NoticeState::Delivered, None, now))?;
    Ok(rows)
}

fn order(row: &NoticeRow) -> Order {
    match &row.body {
        NoticeBody::Report { order } => order.clone(),
        other => panic!("no report: {other:?}"),
    }
}

struct World {
    store: Store,
    watchlist: Watchlist,
    now: Time,
    calendar: usize,
    /// Where the next report has to begin.
    until: Option<Time>,
    keys: Vec<String>,
}

impl World {
    async fn round(&mut self) {
        let (list, settings, now) = (self.watchlist.clone(), settings(self.calendar), self.now);
        let look = move |tx: &Tx<'_>| {
            let made = round(tx, &list, &settings, now)?;
            Ok((made, queued(tx, now)?, asked(tx, None, None, now)?))
        };
        let (made, rows, asked) = self.store.write(look).await.expect("stored");
        assert_eq!(made, rows.len());
        let since = *self.until.get_or_insert(now);
        if !rows.is_empty() {
            self.report(&rows, since);
        }
        assert!(asked.since <= asked.until && asked.until == now, "{asked:?}");
    }

    fn report(&mut self, rows: &[NoticeRow], since: Time) {
        let to: Vec<_> = rows.iter().map(|row| (row.owner.0.clone(), order(row).owner.map(|owner| owner.0))).collect();
        // Whoever has no channel of their own has it in that of all.
        assert_eq!(to, [("security".to_owned(), None), ("payments".to_owned(), Some("payments".to_owned()))]);
        for row in rows {
            let order = order(row);
            assert_eq!((order.since, order.until), (since.min(self.now), self.now), "nothing between two reports");
            assert_eq!((row.event, row.tier), (NoticeEvent::Report, Tier::Digest));
            let watches = order.before.map(|before| before.watches);
            assert_eq!(watches, Some(if order.owner.is_some() { 2 } else { 3 }));
            self.keys.push(row.key.0.clone());
        }
        self.until = Some(self.now);
    }

    async fn set(&mut self, minutes: i64) {
        let by = TimeDelta::minutes(minutes);
        self.now += by;
        let now = self.now;
        self.store.write(move |tx| tx.clock().shift(by, now).map(drop)).await.expect("stored");
        self.until = self.until.map(|until| until + by);
    }

    async fn play(&mut self, steps: &[Step]) {
        self.round().await;
        for step in steps {
            match step {
                Step::Pass(hours) => {
                    for _ in 0..*hours {
                        self.now += TimeDelta::hours(1);
                        self.round().await;
                    }
                }
                Step::Away(hours) => self.now += TimeDelta::hours(*hours),
                Step::Set(minutes) => self.set(*minutes).await,
                Step::Calendar => self.calendar = 1 - self.calendar,
            }
            self.round().await;
        }
    }
}

fn world() -> (tempfile::TempDir, World) {
    let dir = tempfile::tempdir().expect("a directory");
    let store = Store::open(dir.path()).expect("opens");
    let now = "2026-10-20T12:00:00Z".parse().expect("a time");
    (dir, World { store, watchlist: watchlist(), now, calendar: 0, until: None, keys: Vec::new() })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 6, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn reports_follow_each_other_without_a_gap_and_none_comes_twice(steps in steps()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let (_dir, mut world) = world();
        runtime.block_on(world.play(&steps));
        let mut keys = world.keys.clone();
        keys.sort_unstable();
        keys.dedup();
        prop_assert_eq!(keys.len(), world.keys.len(), "each is another message");
    }
}

/// Somebody who asks after another calendar was configured is told since the last report, as before.
#[tokio::test]
async fn whoever_asks_is_told_since_the_last_report_also_after_the_calendar_became_another() {
    let (_dir, mut world) = world();
    world.play(&[Step::Pass(24)]).await;
    let told = world.until.expect("a report");
    assert_eq!(world.keys.len(), 2, "two owners had it");
    world.play(&[Step::Calendar, Step::Pass(2)]).await;
    let now = world.now;
    let order = world.store.read(move |tx| asked(tx, None, None, now)).await.expect("reads");
    assert_eq!((order.since, order.until), (told, now));
    assert_eq!(order.before.map(|before| before.watches), Some(3));
}
