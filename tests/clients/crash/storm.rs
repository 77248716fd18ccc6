//! Registrations by script while the daemon is killed at random moments: nothing may be lost, whatever the moment.

#![expect(clippy::print_stdout, reason = "a run says its seed and what came of it")]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::time::Duration;

use namewarden::model::notice::NoticeEvent;
use namewarden::model::{Channel, Feed, Registry, Serial, Time};
use namewarden::sim::{Endpoint, Scenario, Sim};
use namewarden::store::{Grade, NoticeRow, Span, Store};
use tokio::time::{Instant, sleep, sleep_until};

use super::inventory;
use super::letter::{Letter, Ring};
use super::place::{Place, findings_of};
use super::program::Program;
use super::wait_for;

/// A fixed sequence of numbers from a seed (SplitMix64), so that a run can be repeated.
pub(crate) struct Dice(u64);

impl Dice {
    /// From `NAMEWARDEN_SEED`, else from the clock; printed, so that a failure can be repeated.
    #[expect(clippy::disallowed_methods, reason = "a test reads its own knob and draws its own seed")]
    pub(crate) fn thrown() -> Self {
        let given = std::env::var("NAMEWARDEN_SEED").ok().and_then(|text| text.parse().ok());
        let drawn = || std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(7, |d| d.as_secs());
        let seed = given.unwrap_or_else(drawn);
        println!("NAMEWARDEN_SEED={seed}");
        Self(seed)
    }

    /// In 0..1.
    pub(crate) fn roll(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }
}

/// What becomes of a project after its registration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    Stays,
    /// Removed within seconds.
    Removed,
    /// Never gets a release.
    Empty,
    /// Quarantined at once.
    Quarantined,
}

/// One scripted registration.
#[derive(Clone, Debug)]
pub(crate) struct Act {
    pub(crate) name: String,
    pub(crate) fate: Fate,
    /// Does it name a watch, exactly?
    pub(crate) aimed: bool,
}

/// Mixes the acts over `length` by the dice, and writes them as a scenario of the simulator.
pub(crate) fn script(acts: &[Act], length: Duration, dice: &mut Dice) -> Scenario {
    let mut text = String::new();
    for Act { name, fate, .. } in acts {
        let at = dice.roll() * length.as_secs_f64();
        let mut step = |delay: f64, verb: &str, rest: &str| {
            let at = at + delay;
            writeln!(text, "[[step]]\nat = {at:.3}\ndo = \"{verb}\"\nname = \"{name}\"\n{rest}").expect("a string");
        };
        match fate {
            Fate::Empty => step(0.0, "create", "user = \"mallory\""),
            _ => step(0.0, "upload", "version = \"9.0.0\"\nuser = \"mallory\""),
        }
        match fate {
            Fate::Removed => step(0.5 + 2.5 * dice.roll(), "remove", ""),
            Fate::Quarantined => step(0.1, "quarantine", ""),
            Fate::Stays | Fate::Empty => {}
        }
    }
    Scenario::parse(&text).expect("a scenario")
}

/// The daemon's surroundings, and what has arrived.
pub(crate) struct Storm<'a, M: Fn() -> Vec<Letter>, R: Fn() -> Vec<Ring>> {
    pub(crate) sim: &'a Sim,
    pub(crate) place: &'a Place,
    pub(crate) mails: M,
    pub(crate) rings: R,
    pub(crate) patience: Duration,
}

impl<M: Fn() -> Vec<Letter>, R: Fn() -> Vec<Ring>> Storm<'_, M, R> {
    /// Plays `acts` over `length` with `kills` kills in it, then lets the daemon finish and looks at everything.
    pub(crate) async fn rage(&self, acts: &[Act], length: Duration, kills: u32, dice: &mut Dice) {
        let mut daemon = Program::start(&self.place.config(), None);
        daemon.says("the baseline is made", 1, self.patience).await;
        let floor = self.sim.world().last_serial();
        let play = self.sim.play(script(acts, length, dice), Vec::new());
        let moments: Vec<(Duration, Duration)> = (0..kills)
            .map(|kill| {
                let slot = length / kills;
                (slot * kill + slot.mul_f64(dice.roll()), Duration::from_secs_f64(0.3 * dice.roll()))
            })
            .collect();
        let killing = async {
            let start = Instant::now();
            for (moment, pause) in moments {
                sleep_until(start + moment).await;
                daemon.kill();
                sleep(pause).await;
                daemon = Program::start(&self.place.config(), None);
            }
            daemon
        };
        let (refused, daemon) = tokio::join!(play, killing);
        assert!(refused.is_empty(), "the script is possible: {refused:?}");
        self.everything_arrives(acts).await;
        daemon.stop().await;
        self.look(acts, floor).await;
    }

    /// Every aimed name was told both ways, and the changelog was read to its end.
    async fn everything_arrives(&self, acts: &[Act]) {
        let aimed = || acts.iter().filter(|act| act.aimed);
        let silent = || {
            let (mails, rings) = ((self.mails)(), (self.rings)());
            let told = |name: &str| mails.iter().any(|m| m.names(name)) && rings.iter().any(|r| r.names(name));
            aimed().map(|act| act.name.as_str()).filter(|name| !told(name)).map(str::to_owned).collect::<Vec<_>>()
        };
        let deadline = Instant::now() + self.patience;
        while !silent().is_empty() {
            assert!(Instant::now() < deadline, "no alert about {:?}", silent());
            sleep(Duration::from_millis(200)).await;
        }
        let last = format!("<int>{}</int>", self.sim.world().last_serial());
        wait_for("the end of the changelog", self.patience, || {
            let asked = self.sim.log().requests();
            asked.iter().any(|r| r.endpoint == Endpoint::Xmlrpc && r.body.contains(&last)).then_some(())
        })
        .await;
    }

    async fn look(&self, acts: &[Act], floor: Serial) {
        let store = self.place.store();
        for act in acts.iter().filter(|act| act.aimed) {
            let findings = findings_of(&store, &act.name).await;
            let exact =
                findings.iter().filter(|f| f.threats.iter().any(|threat| threat.watch.text == act.name)).count();
            assert_eq!(exact, 1, "{act:?}: one registration, one finding of its watch: {findings:?}");
            let owner = [inventory::address(&act.name)];
            let told = (self.mails)().into_iter().filter(|mail| mail.names(&act.name)).any(|mail| mail.to == owner);
            assert!(told, "{act:?}: {owner:?} was told");
        }
        let notices = store.read(|tx| tx.notices().recent(Time::default())).await.expect("reads");
        let left: Vec<_> = notices.iter().filter(|(_, state)| state != "delivered").collect();
        assert!(left.is_empty(), "undelivered: {left:?}");
        let unwell: Vec<_> = notices.iter().filter(|(notice, _)| notice.event == NoticeEvent::Health).collect();
        assert!(unwell.is_empty(), "being killed is no issue of a feed: {unwell:?}");
        self.grades(&store, floor).await;
        self.keys(&notices.into_iter().map(|(notice, _)| notice).collect::<Vec<_>>());
    }

    /// One unbroken stretch of every event, from the baseline to the end, and no stretch of survivors only.
    async fn grades(&self, store: &Store, floor: Serial) {
        let ledger = store.read(|tx| tx.coverage().all(Registry::Pypi)).await.expect("reads");
        let told: Vec<&Span> = ledger.iter().filter(|span| span.feed == Feed::Changelog).collect();
        assert!(told.iter().all(|span| span.grade == Grade::EveryEvent), "{told:?}");
        let serials: Vec<_> = told.iter().filter_map(|span| span.serials).collect();
        assert_eq!(serials, [(floor, self.sim.world().last_serial())], "without a hole");
        let account = store.read(namewarden::cases::coverage::account).await.expect("reads");
        assert!(account.survivors_only.is_empty(), "no stretch of survivors only: {account:?}");
        println!("coverage: {} from {} to {}", Grade::EveryEvent.as_str(), serials[0].0, serials[0].1);
    }

    /// A repeat has the key of what it repeats, and no finding is told as new under two keys. What waits for a channel may go out by
    /// it in one notice, and by another, which was quicker, in two.
    fn keys(&self, notices: &[NoticeRow]) {
        let stored = |on: Channel| -> BTreeSet<String> {
            notices.iter().filter(|notice| notice.channel == on).map(|notice| notice.key.0.clone()).collect()
        };
        let (mails, rings) = ((self.mails)(), (self.rings)());
        let mut ids: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for mail in &mails {
            ids.entry(&mail.key).or_default().insert(&mail.message_id);
        }
        assert!(ids.values().all(|of| of.len() == 1), "a key has one Message-ID: {ids:?}");
        let mailed: BTreeSet<String> = mails.iter().map(|mail| mail.key.clone()).collect();
        let rung: BTreeSet<String> = rings.iter().map(|ring| ring.id.clone()).collect();
        assert_eq!(mailed, stored(Channel::Email), "every notice was mailed, and nothing that is no notice");
        let posted = stored(Channel::Webhook("soc".to_owned()));
        assert_eq!(rung, posted, "every notice was posted, and nothing that is no notice");
        let mut registration_ids: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for ring in rings.iter().filter(|ring| ring.kind == "finding.registered") {
            for key in &ring.findings {
                registration_ids.entry(key).or_default().insert(&ring.id);
            }
        }
        assert!(
            registration_ids.values().all(|keys| keys.len() == 1),
            "told as new under two keys: {registration_ids:?}"
        );
        println!(
            "{} notices; {} mails, {} of them repeats; {} posts, {} of them repeats",
            notices.len(),
            mails.len(),
            mails.len() - mailed.len(),
            rings.len(),
            rings.len() - rung.len()
        );
    }
}
