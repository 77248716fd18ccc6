//! Claims under a clock that is set while the daemon runs, while it is down, and before PyPI has said anything: whatever
//! happens in whatever order, no window ends early, no day has more projects, and nothing is believed to be missing too soon.
//!
//! What is true is told by the monotonic clock of the test, which nobody can set.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::TimeDelta;
use namewarden::cases;
use namewarden::claims::Desk;
use namewarden::clock::Clock;
use namewarden::config::{ClaimSettings, Endpoint, Proof, TokenPlace, UploadSettings};
use namewarden::daemon::Timekeeper;
use namewarden::model::Machine;
use namewarden::model::claim::{Claim, ClaimEvent, ClaimKey, ClaimState, Seal, SealedFile, Work};
use namewarden::model::health::HealthIssue;
use namewarden::model::{Channel, OwnerId, ProjectName, Time};
use namewarden::registry::pypi::upload::look::{Sight, Stand};
use namewarden::store::{StoreError, Tx};
use namewarden::upstream::bearing::{Bearing, Offset};
use namewarden::watchlist::routes::Routes;
use proptest::prelude::*;

use crate::bench::Bench;

const NAMES: usize = 5;
const PER_DAY: usize = 2;
const DAY: Duration = Duration::from_secs(24 * 3600);
/// PyPI's pages are so old at most.
const CACHED: Duration = Duration::from_secs(15 * 60);
/// What two clocks may differ by, before and after a restart.
const DIFFER: Duration = Duration::from_secs(2 * 300);

const MINUTES_OF_A_DAY: i64 = 24 * 60;
/// By how much somebody sets the clock, in minutes.
const STEPS: [i64; 9] = [
    -3,
    7,
    -120,
    120,
    -MINUTES_OF_A_DAY,
    MINUTES_OF_A_DAY,
    3 * MINUTES_OF_A_DAY,
    -400 * MINUTES_OF_A_DAY,
    400 * MINUTES_OF_A_DAY,
];

#[derive(Clone, Debug)]
enum Act {
    /// So many hours pass.
    Pass(u32),
    Set(i64),
    /// The clock is right again, as a time server makes it.
    SetRight,
    /// Down for minutes, and the clock is set meanwhile; killed, or ended clean.
    Restart {
        down: u64,
        set: Option<i64>,
        clean: bool,
    },
    /// PyPI answers, or does not.
    Answers(bool),
    /// Uploads are answered, or arrive and are not.
    Lost(bool),
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let step = prop::sample::select(STEPS.to_vec());
    let down = prop_oneof![0..10_u64, 10..300_u64, Just(3 * 24 * 60)];
    let act = prop_oneof![
        5 => (1..14_u32).prop_map(Act::Pass),
        3 => step.clone().prop_map(Act::Set),
        2 => Just(Act::SetRight),
        5 => (down, prop::option::of(step), any::<bool>()).prop_map(|(down, set, clean)| Act::Restart { down, set, clean }),
        2 => any::<bool>().prop_map(Act::Answers),
        1 => any::<bool>().prop_map(Act::Lost),
    ];
    prop::collection::vec(act, 3..16)
}

/// A daemon and an uploader by their parts, and what somebody knows of them whose clock nobody sets.
struct Host {
    bench: Bench,
    began: Time,
    wall: Clock,
    clock: Clock,
    keeper: Timekeeper,
    bearing: Bearing,
    answers: bool,
    lost: bool,
    /// By so many minutes the clock is set while the next package is on its way.
    jump: Option<i64>,
    /// When each owner was told.
    told: BTreeMap<ClaimKey, Duration>,
    /// When each package was sent.
    sent: BTreeMap<ClaimKey, Duration>,
    restarts: u32,
}

fn settings() -> ClaimSettings {
    let proof = Proof::Token(TokenPlace::Credential("pypi".to_owned()));
    let to = Endpoint { address: "https://upload.example/legacy".to_owned(), proof };
    ClaimSettings {
        enabled: true,
        company: Some("Acme Corp".to_owned()),
        contact: Some("python@acme.example".to_owned()),
        upload: UploadSettings { to: Some(to), test: None, user: "uploader".to_owned(), per_day: PER_DAY },
        window: DAY,
        ..ClaimSettings::default()
    }
}

fn inventory() -> String {
    let name = |n| {
        format!(
            "[[name]]\nname = \"zeta-part-{n}\"\nowner = \"security\"\nlatest_version = \"2.0\"\nfirst_use = 2020-01-01\n\
             claim = \"auto\"\n"
        )
    };
    let head = "[owners.security]\nname = \"Security\"\nemail = [\"security@acme.example\"]\n[registrants]\nusers = [\"acme-bot\"]\n";
    (0..NAMES).map(name).fold(head.to_owned(), |text, name| text + &name)
}

fn seal(name: &ProjectName) -> Seal {
    let file = SealedFile { filename: format!("{name}-0.0.1.tar.gz"), sha256: "0".repeat(64), size: 1 };
    Seal { version: "0.0.1".to_owned(), files: vec![file] }
}

impl Host {
    async fn new() -> Self {
        let routes = Routes { default_owner: OwnerId("security".into()), channels: [Channel::Email].into() };
        let bench = Bench::with(&inventory(), routes, &[]).await;
        let wall = Clock::manual(bench.now);
        let clock = wall.clone().steady();
        let keeper = Timekeeper::start(&bench.store, &clock, &bench.watchlist).await.expect("starts");
        Self {
            began: bench.now,
            bench,
            wall,
            clock,
            keeper,
            bearing: Bearing::default(),
            answers: true,
            lost: false,
            jump: None,
            told: BTreeMap::new(),
            sent: BTreeMap::new(),
            restarts: 0,
        }
    }

    fn mono(&self) -> Duration {
        self.wall.mono()
    }

    /// How far the machine's clock is ahead of the truth.
    fn error(&self, clock: &Clock) -> TimeDelta {
        clock.now() - (self.began + TimeDelta::from_std(self.mono()).expect("in range"))
    }

    /// What the rules may be short of, since clocks differ.
    fn slack(&self) -> Duration {
        DIFFER * self.restarts
    }

    async fn write<T: Send + 'static>(
        &self,
        work: impl Fn(&Desk, &Tx<'_>) -> Result<T, StoreError> + Send + Sync + 'static,
    ) -> T {
        let desk = Desk::new(self.bench.watchlist.clone(), &settings(), Machine::run_by(998), self.clock.now());
        self.bench.store.write(move |tx| work(&desk, tx)).await.expect("writes")
    }

    async fn act(&mut self, act: &Act) {
        match act {
            Act::Pass(hours) => self.pass(*hours, 1).await,
            Act::Set(by) => self.wall.step(TimeDelta::minutes(*by)),
            Act::SetRight => self.wall.step(-self.error(&self.wall)),
            Act::Restart { down, set, clean } => self.restart(*down, *set, *clean).await,
            Act::Answers(answers) => self.answers = *answers,
            Act::Lost(lost) => self.lost = *lost,
        }
    }

    async fn pass(&mut self, rounds: u32, hours: i64) {
        for _ in 0..rounds {
            // A window counts while somebody minds it, which the daemon does every minute.
            for _ in 1..hours * 4 {
                self.wall.advance(TimeDelta::minutes(15));
                self.keep_time().await;
                self.write(Desk::automatic).await;
            }
            self.wall.advance(TimeDelta::minutes(15));
            self.round().await;
        }
    }

    async fn restart(&mut self, down: u64, set: Option<i64>, clean: bool) {
        if clean {
            let (now, right) = (self.clock.now(), self.bearing.offset() == Some(Offset::Right));
            self.bench.store.write(move |tx| tx.clock().mark(now, right)).await.expect("marks");
        }
        self.restarts += 1;
        self.wall.advance(TimeDelta::minutes(i64::try_from(down).expect("in range")));
        match set {
            Some(by) => self.wall.step(TimeDelta::minutes(by)),
            None => self.wall.step(-self.error(&self.wall)),
        }
        self.clock = self.wall.clone().steady();
        self.bearing = Bearing::default();
        self.keeper = Timekeeper::start(&self.bench.store, &self.clock, &self.bench.watchlist).await.expect("starts");
        // Nobody has asked PyPI anything yet.
        self.claims().await;
        self.round().await;
    }

    async fn round(&mut self) {
        if self.keep_time().await {
            // The worker of claims may be quicker than any answer.
            self.claims().await;
        }
        self.bear().await;
        self.keeper.judge(&self.bench.store, &self.clock, self.bearing.offset()).await.expect("judges");
        self.claims().await;
    }

    /// Was the clock set?
    async fn keep_time(&mut self) -> bool {
        let mut set = false;
        while self.keeper.look(&self.bench.store, &self.clock, &self.bench.watchlist).await.expect("looks") {
            self.bearing.forget();
            set = true;
        }
        set
    }

    /// As the daemon compares its clock with PyPI's.
    async fn bear(&self) {
        let error = self.error(&self.clock);
        let offset = match error.num_minutes() {
            6.. => Offset::Ahead(error),
            ..=-6 => Offset::Behind(-error),
            _ => Offset::Right,
        };
        if self.answers {
            (0..3).for_each(|_| self.bearing.note(offset));
        }
        let (watchlist, now, held) = (self.bench.watchlist.clone(), self.clock.now(), self.bearing.offset());
        self.write(move |_, tx| match held {
            None => Ok(false),
            Some(Offset::Right) => cases::clear_health(tx, &watchlist, &HealthIssue::ClockWrong, now),
            Some(_) => cases::raise_health(tx, &watchlist, &HealthIssue::ClockWrong, "it is", now),
        })
        .await;
    }

    /// What the workers of claims do, and what must hold.
    async fn claims(&mut self) {
        self.bench.now = self.clock.now();
        self.write(Desk::automatic).await;
        self.bench.deliver().await;
        self.write(Desk::automatic).await;
        self.look().await;
        self.upload().await;
        let mono = self.mono();
        for claim in self.newest().await {
            if claim.announced.is_some() {
                self.told.entry(claim.key.clone()).or_insert(mono);
            }
            if claim.approved.is_some() {
                let told = self.told[&claim.key];
                assert!(mono + self.slack() >= told + DAY, "{} after {:?} alone", claim.key, mono - told);
            }
        }
    }

    async fn newest(&self) -> Vec<Claim> {
        self.write(|_, tx| tx.claims().newest()).await
    }

    async fn upload(&mut self) {
        for _ in 0..20 {
            let (key, told) = match self.write(|desk, tx| desk.work(tx)).await {
                Work::Rest { .. } => return,
                Work::Rehearse { key, .. } => {
                    let seal = seal(&key.name);
                    (key, ClaimEvent::Rehearsed { seal })
                }
                Work::Upload { key, seal, .. } => {
                    self.send(&key, &seal).await;
                    if let Some(by) = self.jump.take() {
                        self.wall.step(TimeDelta::minutes(by));
                        self.keep_time().await;
                    }
                    let filename = seal.files[0].filename.clone();
                    let lost = ClaimEvent::Unanswered { why: "reset".to_owned() };
                    (key, if self.lost { lost } else { ClaimEvent::Accepted { filename } })
                }
            };
            self.write(move |desk, tx| desk.report(tx, &key, &told)).await.expect("taken down");
        }
        panic!("there is always more to do");
    }

    async fn send(&mut self, key: &ClaimKey, seal: &Seal) {
        let (to, begin) = (key.clone(), ClaimEvent::Begin { seal: seal.clone() });
        self.write(move |desk, tx| desk.report(tx, &to, &begin)).await.expect("begun");
        let mono = self.mono();
        assert_eq!(self.sent.insert(key.clone(), mono), None, "{key} is sent again");
        let since = (mono + self.slack()).saturating_sub(DAY);
        let day = self.sent.values().filter(|sent| **sent > since).count();
        assert!(day <= PER_DAY, "{day} new projects within a day at {mono:?}");
    }

    /// A page is as old as a cache, and shows what was sent.
    async fn look(&self) {
        if !self.answers {
            return;
        }
        for claim in self.write(|desk, tx| desk.to_look_at(tx)).await {
            let is_shown = self.sent.get(&claim.key).is_some_and(|sent| self.mono() - *sent >= CACHED);
            let stand = if is_shown { Stand::OursWithTheseFiles } else { Stand::Nothing };
            let (before, key) = (claim.state, claim.key.clone());
            let sight = Sight { stand, described: None };
            self.write(move |desk, tx| desk.looked(tx, &claim, &sight)).await;
            let after = self.write(move |_, tx| tx.claims().get(&key)).await.expect("there");
            assert!(is_shown || after.state == before, "a page of before the upload was believed: {after:?}");
        }
    }
}

fn run(acts: &[Act], to_the_end: bool) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let mut machine = Host::new().await;
        machine.round().await;
        for act in acts {
            machine.act(act).await;
        }
        if !to_the_end {
            return;
        }
        for act in [Act::Answers(true), Act::SetRight] {
            machine.act(&act).await;
        }
        machine.pass(6 * 8, 3).await;
        let states: Vec<ClaimState> = machine.newest().await.into_iter().map(|claim| claim.state).collect();
        assert_eq!(states, [ClaimState::Ours; NAMES], "nothing waits for ever");
    });
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_the_clock_does_over_restarts_nothing_is_published_early(acts in acts()) {
        run(&acts, true);
    }
}

/// Of each way to be wrong one life in which it matters: a window and a day's quota are open when the daemon goes down.
#[test]
fn a_clock_that_is_wrong_while_the_daemon_is_down_ends_no_window_and_no_day() {
    let restart = |set, clean| Act::Restart { down: 5, set: Some(set), clean };
    for by in [-MINUTES_OF_A_DAY, MINUTES_OF_A_DAY, 3 * MINUTES_OF_A_DAY, 400 * MINUTES_OF_A_DAY] {
        for clean in [true, false] {
            // It is wrong at the start, and mended while it runs, by PyPI's word or before it.
            for answers in [true, false] {
                let silent = Act::Answers(answers);
                let wrong = restart(by, clean);
                run(&[Act::Pass(2), silent.clone(), wrong.clone(), Act::Set(-by), Act::Pass(3)], false);
                run(&[Act::Pass(26), silent.clone(), wrong.clone(), Act::Pass(3), Act::Set(-by), Act::Pass(3)], false);
                // Or while it is down again.
                let lost = [Act::Pass(24), Act::Lost(true), Act::Pass(2)];
                let again = [silent, wrong, Act::Pass(1), restart(-by, clean), Act::Pass(3)];
                run(&[lost.as_slice(), &again].concat(), false);
            }
        }
    }
}

/// Between the first byte and PyPI's answer, which comes or does not.
#[test]
fn a_clock_that_jumps_while_a_package_is_on_its_way_sends_nothing_twice_and_ends_no_day() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let steps = [-120, 120, -400 * MINUTES_OF_A_DAY, 400 * MINUTES_OF_A_DAY];
    for (by, lost) in steps.into_iter().flat_map(|by| [(by, false), (by, true)]) {
        runtime.block_on(async {
            let mut machine = Host::new().await;
            machine.round().await;
            (machine.jump, machine.lost) = (Some(by), lost);
            machine.pass(26, 1).await;
            assert_eq!(machine.jump, None, "a package was on its way");
            machine.lost = false;
            machine.act(&Act::SetRight).await;
            machine.pass(6 * 8, 3).await;
            let states: Vec<ClaimState> = machine.newest().await.into_iter().map(|claim| claim.state).collect();
            assert_eq!(states, [ClaimState::Ours; NAMES], "{by} min, lost: {lost}");
        });
    }
}

/// Nor is anybody kept waiting by a machine that was off for some days and is right.
#[test]
fn time_without_a_daemon_counts_where_pypi_bears_it_out() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let mut machine = Host::new().await;
        machine.act(&Act::Pass(26)).await;
        assert_eq!(machine.sent.len(), PER_DAY, "a day's new projects");
        machine.act(&Act::Restart { down: 3 * 24 * 60, set: None, clean: true }).await;
        assert_eq!(machine.sent.len(), 2 * PER_DAY, "and those of another");
    });
}
