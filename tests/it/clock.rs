//! Somebody sets the wall clock, ahead and back, within a run and over a restart: waits keep their real length, and
//! nothing that the watch says of itself is better than the truth.
//!
//! What is true is told by the monotonic clock of the test, which nobody can set.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::TimeDelta;
use namewarden::api::status::{Status, status};
use namewarden::cases;
use namewarden::cases::Batch;
use namewarden::clock::Clock;
use namewarden::config::AlertSettings;
use namewarden::daemon::Timekeeper;
use namewarden::model::command::Decision;
use namewarden::model::health::HealthIssue;
use namewarden::model::notice::NoticeEvent;
use namewarden::model::timeline::Person;
use namewarden::model::{Actor, CaseRef, Channel, Event, Feed, OwnerId, Reached, Registry, Serial};
use namewarden::schedule;
use namewarden::sim::Fault;
use namewarden::sim::sink::SmtpMood;
use namewarden::store::{Grade, NoticeRow, NoticeState, Span};
use proptest::prelude::*;

use crate::bench::{Bench, release};
use crate::world::World;

/// Workers wake up this often in the simulated hours.
const ROUND: Duration = Duration::from_secs(600);
/// What a stored mark of the clock may be late.
const MARK: Duration = Duration::from_secs(60);
const ESCALATE_AFTER: Duration = Duration::from_secs(4 * 3600);
const A_DAY: Duration = Duration::from_secs(25 * 3600);
/// `status` may be silent about a changelog that has been dark for this long.
const STALE: Duration = Duration::from_secs(15 * 60);

/// By how much somebody sets the clock, in minutes.
const STEPS: [i64; 12] =
    [-3, 3, -120, 120, -24 * 60, 24 * 60, -365 * 24 * 60, 365 * 24 * 60, -400 * 24 * 60, 400 * 24 * 60, 7, -59];

fn minutes(n: u64) -> Duration {
    Duration::from_secs(60 * n)
}

fn delta(of: Duration) -> TimeDelta {
    TimeDelta::from_std(of).expect("in range")
}

#[derive(Clone, Debug)]
enum Act {
    /// So many rounds pass.
    Pass(u32),
    /// The wall clock is set by minutes.
    Set(i64),
    /// Down for minutes, and the clock is set meanwhile; killed, or ended clean.
    Restart { down: u64, set: i64, clean: bool },
    /// The changelog answers, or does not.
    Feed(bool),
    /// The mail server takes what comes, or defers it for minutes.
    Mail(Option<u64>),
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let step = prop::sample::select(STEPS.to_vec());
    let set = prop_oneof![Just(0), step.clone()];
    let act = prop_oneof![
        4 => (1..20_u32).prop_map(Act::Pass),
        1 => (60..160_u32).prop_map(Act::Pass),
        4 => step.prop_map(Act::Set),
        2 => (0..300_u64, set, any::<bool>()).prop_map(|(down, set, clean)| Act::Restart { down, set, clean }),
        2 => any::<bool>().prop_map(Act::Feed),
        2 => prop::option::of(1..300_u64).prop_map(Act::Mail),
    ];
    prop::collection::vec(act, 4..14)
}

/// When something is to happen, on the test's clock.
#[derive(Clone, Copy, Debug)]
struct Wait {
    earliest: Duration,
    latest: Duration,
}

/// A daemon by its parts, on a clock that is moved by hand, and what a monotonic observer knows about it.
struct Watched {
    bench: Bench,
    wall: Clock,
    clock: Clock,
    keeper: Timekeeper,
    alert: AlertSettings,
    feed: bool,
    mail: Option<u64>,
    /// Messages that were postponed.
    waiting: BTreeMap<i64, Wait>,
    escalation: Wait,
    canary: Wait,
    /// When the changelog last answered, as far as anybody can know.
    answered: TimeDelta,
    serial: Serial,
}

impl Watched {
    /// A page is open and told, and the canary has sung.
    async fn new() -> Self {
        let mut bench = Bench::new(&[]).await;
        let wall = Clock::manual(bench.now);
        let clock = wall.clone().steady();
        let keeper = Timekeeper::start(&bench.store, &clock, &bench.watchlist).await.expect("starts");
        let created = vec![bench.told("acme-billing", Event::Created)];
        bench.apply(created).await;
        bench.deliver().await;
        let never = Wait { earliest: Duration::ZERO, latest: Duration::MAX };
        let mut watched = Self {
            bench,
            wall,
            clock,
            keeper,
            alert: alert(),
            feed: true,
            mail: None,
            waiting: BTreeMap::new(),
            escalation: Wait { earliest: ESCALATE_AFTER, latest: ESCALATE_AFTER },
            canary: never,
            answered: TimeDelta::zero(),
            serial: Serial(2000),
        };
        watched.round().await;
        watched
    }

    fn mono(&self) -> Duration {
        self.wall.mono()
    }

    async fn act(&mut self, act: &Act) {
        match act {
            Act::Pass(rounds) => {
                for _ in 0..*rounds {
                    self.wall.advance(delta(ROUND));
                    self.round().await;
                }
            }
            Act::Set(by) => self.wall.step(TimeDelta::minutes(*by)),
            Act::Restart { down, set, clean } => self.restart(minutes(*down), TimeDelta::minutes(*set), *clean).await,
            Act::Feed(answers) => self.feed = *answers,
            Act::Mail(defers) => self.mail = *defers,
        }
    }

    /// What every worker does once, and what must then hold.
    async fn round(&mut self) {
        // The look after a step is two seconds later, and everybody else still in the middle of something.
        let mut looks = 0;
        while self.keeper.look(&self.bench.store, &self.clock, &self.bench.watchlist).await.expect("the store works")
            || looks == 0
        {
            looks += 1;
        }
        self.bench.now = self.clock.now();
        self.poll().await;
        self.watchdog().await;
        self.deliver().await;
        self.look_at_status().await;
    }

    async fn poll(&mut self) {
        if !self.feed {
            return;
        }
        let (now, after) = (self.bench.now, self.serial);
        self.serial = Serial(after.0 + 1);
        let (watchlist, serial) = (self.bench.watchlist.clone(), self.serial);
        let write = self.bench.store.write(move |tx| {
            let from = tx.cursors_of(Registry::Pypi).get("changelog-answered")?.unwrap_or(now);
            let serials = Some((after, serial));
            let span = Span { feed: Feed::Changelog, grade: Grade::EveryEvent, serials, from, to: now };
            let cursors = vec![("changelog-answered".to_owned(), serde_json::json!(now))];
            cases::apply(tx, &watchlist, &Batch { spans: vec![span], cursors, ..Batch::default() }, now)
        });
        write.await.expect("applied");
        self.answered = delta(self.mono());
    }

    async fn watchdog(&mut self) {
        let (watchlist, alert, now) = (self.bench.watchlist.clone(), self.alert.clone(), self.bench.now);
        let before = self.made().await;
        self.bench.store.write(move |tx| schedule::round(tx, &watchlist, &alert, now)).await.expect("a round");
        let mono = self.mono();
        let fresh = |event: NoticeEvent, after: &BTreeMap<NoticeEvent, usize>| after.get(&event) > before.get(&event);
        let after = self.made().await;
        if fresh(NoticeEvent::Escalated, &after) {
            assert!(self.escalation.earliest <= mono, "escalated {:?} too early", self.escalation.earliest - mono);
            self.escalation = Wait { earliest: mono + ESCALATE_AFTER, latest: mono + ESCALATE_AFTER };
        }
        if fresh(NoticeEvent::Canary, &after) {
            self.canary = Wait { earliest: mono, latest: mono + A_DAY };
        }
        assert!(mono <= self.escalation.latest.saturating_add(ROUND), "nobody was told again: {:?}", self.escalation);
        assert!(mono <= self.canary.latest.saturating_add(ROUND), "no canary within a day: {:?}", self.canary);
    }

    async fn made(&self) -> BTreeMap<NoticeEvent, usize> {
        let mut made = BTreeMap::new();
        let proofs = self.bench.notices().await.into_iter().map(|(row, _)| row.event);
        for event in self.bench.events().await.into_iter().chain(proofs.filter(|event| *event == NoticeEvent::Canary)) {
            *made.entry(event).or_default() += 1;
        }
        made
    }

    /// The delivery worker: everything that is due, and what it was told to do with it.
    async fn deliver(&mut self) {
        let mono = self.mono();
        loop {
            let taken = self.bench.take(&Channel::Email).await;
            if taken.is_empty() {
                break;
            }
            for row in taken {
                if let Some(wait) = self.waiting.remove(&row.id) {
                    assert!(wait.earliest <= mono, "{:?} went {:?} too early", row.event, wait.earliest - mono);
                }
                match self.mail {
                    Some(wait) => self.defer(row, minutes(wait)).await,
                    None => self.bench.settle(&row, NoticeState::Delivered).await,
                }
            }
        }
        for (id, wait) in &self.waiting {
            assert!(mono <= wait.latest + ROUND, "message {id} waits {:?} too long", mono - wait.latest);
        }
    }

    async fn defer(&mut self, row: NoticeRow, wait: Duration) {
        let (now, id) = (self.bench.now, row.id);
        let postponed = self.bench.store.write(move |tx| {
            let failed = cases::FailedAttempt {
                notice: &row,
                wait: Some(delta(wait)),
                reached: Reached::Perhaps,
                reason: "deferred",
                spread: 0.5,
            };
            cases::postponed(tx, failed, now)?;
            Ok(tx.notices().waiting(now)?.into_iter().find(|waiting| waiting.id == id).map(|row| row.due_at))
        });
        let due = postponed.await.expect("postponed").expect("it waits");
        let due = self.mono() + (due - now).to_std().expect("it is to come");
        self.waiting.insert(id, Wait { earliest: due, latest: due });
    }

    async fn look_at_status(&self) {
        let now = self.bench.now;
        let seen: Status =
            self.bench.store.read(move |tx| status(tx, true, TimeDelta::hours(4), now)).await.expect("reads");
        let dark = (delta(self.mono()) - self.answered).to_std().unwrap_or_default();
        let worried = seen.worries.iter().any(|worry| worry.starts_with("stale") || worry.starts_with("blind"));
        assert!(
            worried || dark <= STALE + MARK,
            "dark for {dark:?}, and status says {:?}, {}",
            seen.worries,
            seen.covered
        );
        assert!(!worried || dark >= STALE - MARK, "dark for {dark:?}, and status says {:?}", seen.worries);
    }

    /// The end of a process, time without one, and the start of the next.
    async fn restart(&mut self, down: Duration, set: TimeDelta, clean: bool) {
        let now = self.clock.now();
        if clean {
            self.bench.store.write(move |tx| tx.clock().mark(now, true)).await.expect("marks");
        }
        self.wall.advance(delta(down));
        self.wall.step(set);
        self.clock = self.wall.clone().steady();
        self.keeper = Timekeeper::start(&self.bench.store, &self.clock, &self.bench.watchlist).await.expect("starts");
        self.bench.store.write(|tx| tx.notices().free_leases().map(drop)).await.expect("frees");
        // A clock that nobody had looked at since it was set is set by both; what a start sees of it is all that counts.
        let seen = (self.clock.now() - now).max(TimeDelta::zero());
        self.excuse(down, seen);
        self.round().await;
    }

    /// Over a restart nobody can know how much time passed: what waits may come at once, or as late as the time that the
    /// start could not see. `seen` is what it took for passed.
    fn excuse(&mut self, down: Duration, seen: TimeDelta) {
        let late = |wait: Wait| Wait { earliest: Duration::ZERO, latest: wait.latest.saturating_add(down + MARK) };
        self.waiting.values_mut().for_each(|wait| *wait = late(*wait));
        self.escalation = late(self.escalation);
        self.canary = late(self.canary);
        self.answered += delta(down) - seen;
    }
}

pub(crate) fn alert() -> AlertSettings {
    AlertSettings {
        default_owner: OwnerId("security".into()),
        escalate_after: Some(ESCALATE_AFTER),
        undelivered_after: Duration::from_secs(3600),
        daily_at_hour: 8,
        canary: true,
        channels: BTreeMap::new(),
    }
}

fn run(acts: &[Act]) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let mut watched = Watched::new().await;
        for act in acts {
            watched.act(act).await;
        }
        watched.act(&Act::Pass(30)).await;
    });
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_the_clock_does_waits_keep_their_real_length(acts in acts()) {
        run(&acts);
    }
}

/// The three of the field: postponed while a day ahead, a canary from the future, a dark feed that was "just now".
#[test]
fn a_clock_that_is_right_again_has_left_nothing_behind() {
    for by in STEPS {
        run(&[Act::Mail(Some(20)), Act::Set(by), Act::Pass(30), Act::Feed(false), Act::Set(-by), Act::Pass(170)]);
        let restart = |set| Act::Restart { down: 5, set, clean: true };
        run(&[Act::Mail(Some(20)), restart(by), Act::Pass(30), Act::Feed(false), restart(-by), Act::Pass(170)]);
    }
}

/// A machine without a battery starts in 2020, and its time server puts it right: what happened until then is said to be of 2014.
#[tokio::test]
async fn what_somebody_closed_is_known_after_a_clock_that_was_years_behind() {
    let mut watched = Watched::new().await;
    let closed = watched.bench.store.write(|tx| {
        let who = Person { actor: Actor::default(), declared: "ada".to_owned() };
        let ruling = cases::Ruling { decision: Decision::Resolve, who, note: None };
        cases::judge_each(tx, &[CaseRef("acme-billing".to_owned())], &ruling, chrono::DateTime::UNIX_EPOCH)
    });
    closed.await.expect("ruled");
    for by in [-6 * 365, 6 * 365] {
        watched.wall.step(TimeDelta::days(by));
        while watched.keeper.look(&watched.bench.store, &watched.clock, &watched.bench.watchlist).await.expect("looks")
        {
        }
        watched.bench.now = watched.clock.now();
    }
    let now = watched.bench.now;
    let forget = || watched.bench.store.write(move |tx| schedule::forget(tx, now));
    assert_eq!(forget().await.expect("asks"), None, "the clock was set a moment ago");
    let (watchlist, stepped) = (watched.bench.watchlist.clone(), HealthIssue::ClockStepped);
    let clear = move |tx: &namewarden::store::Tx<'_>| cases::clear_health(tx, &watchlist, &stepped, now);
    assert!(watched.bench.store.write(clear).await.expect("cleared"));
    while forget().await.expect("forgets").expect("the clock is right") > 0 {}
    let known = watched.bench.events().await.len();
    let released = watched.bench.told("acme-billing", release("99.0"));
    watched.bench.apply(vec![released]).await;
    assert_eq!(watched.bench.events().await.split_off(known), [NoticeEvent::Worsened]);
}

const AHEAD: [i64; 4] = [120, 24 * 60, 365 * 24 * 60, 400 * 24 * 60];

/// The daemon as it runs, with real waits of seconds. Never months behind PyPI: its dates would be out of this world then.
const SET: [i64; 8] = [-120, 120, -24 * 60, 24 * 60, 365 * 24 * 60, -365 * 24 * 60, 400 * 24 * 60, -400 * 24 * 60];

/// A page that the mail server has deferred.
async fn postponed(world: &mut World, name: &str) {
    world.mail.set_mood(SmtpMood::Defer);
    world.register(name, "mallory");
    world.until("it was tried", async |w| w.due().await.iter().any(|row| row.attempts > 0)).await;
}

/// Somebody sets the clock, and the daemon follows.
async fn set(world: &mut World, by: TimeDelta) {
    world.clock.step(by);
    world.until("it follows", async |w| w.engine().clock.lead().abs() < TimeDelta::seconds(1)).await;
}

async fn goes_out(world: &mut World, name: &str) {
    world.mail.set_mood(SmtpMood::Accept);
    world.expect_mail("registered", name).await;
}

/// What arrived beside the answers to pages that were tried before the look-up was done; one may repeat what the page itself could say
/// when it went out at last.
fn others(world: &mut World) -> Vec<String> {
    let subjects = world.take().into_iter().map(|told| told.subject);
    let answers =
        |subject: &str| subject.contains("zeta-internal-") && subject.contains("changed (first release: 0.1)");
    subjects.filter(|subject| !answers(subject)).collect()
}

#[tokio::test]
async fn a_postponed_page_goes_out_in_seconds_whatever_the_clock_is_set_to() {
    let mut world = World::new().await;
    world.allow_ailment("clock-wrong");
    for (n, by) in SET.iter().enumerate() {
        let name = format!("zeta-internal-{n}");
        postponed(&mut world, &name).await;
        set(&mut world, TimeDelta::minutes(*by)).await;
        goes_out(&mut world, &name).await;
    }
    let told = world.expect_unwell("clock-stepped").await;
    assert!(told.text.contains("stored times were moved with it"), "{}", told.text);
    world.until("every end is told", async |w| w.nothing_waits().await).await;
    let others = others(&mut world);
    assert!(others.iter().all(|subject| subject.contains("clock-wrong")), "PyPI's own was not set: {others:?}");
    world.finish().await;
}

#[tokio::test]
async fn a_postponed_page_goes_out_in_seconds_after_a_restart_on_another_clock() {
    let mut world = World::new().await;
    // Set ahead while nobody ran, it has waited for as long, for all that can be known.
    world.allow_ailment("undelivered:email");
    world.allow_ailment("clock-wrong");
    let settings = std::fs::read_to_string(world.dir().join("namewarden.toml")).expect("reads");
    world.write("namewarden.toml", &settings.replace("[alert]\n", "[alert]\nescalate_after = \"never\"\n"));
    // Ahead first: while a clock is behind, a project that the index has first looks registered after it was seen.
    for (n, by) in AHEAD.into_iter().flat_map(|by| [by, -by]).enumerate() {
        let name = format!("zeta-internal-{n}");
        postponed(&mut world, &name).await;
        world.stop().await;
        world.clock.step(TimeDelta::minutes(by));
        world.boot().await.unwrap_or_else(|error| panic!("{error}"));
        goes_out(&mut world, &name).await;
    }
    world.expect_unwell("clock-stepped").await;
    // Once for every time that a look found it waiting, if the worker was not faster; each with its end.
    world.until("it is over", async |w| w.unwell().await.iter().all(|issue| issue != "undelivered:email")).await;
    world.until("every end is told", async |w| w.nothing_waits().await).await;
    let others = others(&mut world);
    let ends =
        |subject: &str| ["well again", "over"].iter().any(|end| subject.contains(&format!("{end}: undelivered:email")));
    // By PyPI's own it is wrong while it is ahead.
    assert!(others.iter().all(|subject| ends(subject) || subject.contains("clock-wrong")), "{others:?}");
    world.finish().await;
}

#[tokio::test]
async fn a_pypi_that_goes_dark_is_seen_in_time_by_a_clock_that_was_set_back() {
    let mut world = World::new().await;
    for fault in [Fault::XmlrpcDown, Fault::RssDown, Fault::IndexError] {
        world.start(fault);
    }
    world.clock.step(TimeDelta::days(-1));
    world.expect_unwell("clock-stepped").await;
    world.minutes_pass(20);
    world.expect_unwell("feed-blind:changelog").await;
    world.expect_unwell("feed-blind:rss").await;
    world.expect_unwell("feed-blind:index").await;
    let now = world.engine().clock.now();
    let seen = world.engine().store.read(move |tx| status(tx, true, TimeDelta::hours(4), now)).await.expect("reads");
    assert!(seen.covered.contains("20 min ago"), "{}", seen.covered);
    assert!(seen.worries.iter().any(|worry| worry.starts_with("feed-blind:changelog")), "{:?}", seen.worries);
    world.finish().await;
}

#[tokio::test]
async fn a_clock_that_was_wrong_from_the_start_is_told_until_it_is_set_right() {
    let mut world = World::new().await;
    for (by, said) in
        [(TimeDelta::days(800), "800 d behind PyPI's; "), (TimeDelta::hours(-3), "3 h ahead of PyPI's, unless")]
    {
        world.stop().await;
        world.sim.date_ahead(by);
        world.boot().await.unwrap_or_else(|error| panic!("{error}"));
        let told = world.expect_unwell("clock-wrong").await;
        assert!(told.text.contains(said), "{}", told.text);
        world.clock.step(by);
        world.expect_well("clock-wrong").await;
        world.expect_unwell("clock-stepped").await;
        world.minutes_pass(61);
        world.expect_well("clock-stepped").await;
    }
    world.finish().await;
}

#[tokio::test]
async fn a_clock_that_was_left_alone_for_an_hour_is_well_again() {
    let mut world = World::new().await;
    world.clock.step(TimeDelta::hours(-3));
    world.expect_unwell("clock-stepped").await;
    world.expect_unwell("clock-wrong").await;
    world.minutes_pass(61);
    world.expect_well("clock-stepped").await;
    world.finish().await;
}

/// It was looked at by the clock of before, waited for the store, and was stored by the clock of after.
#[tokio::test]
async fn a_look_that_is_stored_after_the_clock_was_set_back_claims_no_time_to_come() {
    let bench = Bench::new(&[]).await;
    let ahead = bench.now + TimeDelta::hours(3);
    let serials = Some((Serial(1_000), Serial(1_007)));
    let span = Span { feed: Feed::Changelog, grade: Grade::EveryEvent, serials, from: ahead, to: ahead };
    let (watchlist, now) = (bench.watchlist.clone(), bench.now);
    let batch = Batch { spans: vec![span], ..Batch::default() };
    bench.store.write(move |tx| cases::apply(tx, &watchlist, &batch, now)).await.expect("applied");
    let last = bench.store.read(|tx| tx.coverage().last(Feed::Changelog, Grade::EveryEvent)).await.expect("reads");
    assert_eq!(last.map(|span| (span.from, span.to)), Some((now, now)));
}
