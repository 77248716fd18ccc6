//! The ledger beside a registry that is modelled: what it claims is what was answered, whatever feeds fail, servers forget, and
//! operators set.

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;
use namewarden::cases::{self, coverage};
use namewarden::model::{Feed, Registry, Serial, Time};
use namewarden::store::{Grade, Span, Store, Tx};
use proptest::prelude::*;

#[derive(Clone, Copy, Debug)]
enum Act {
    /// So many things happen at PyPI.
    Happens(u64),
    /// The changelog is asked; it tells so many at most.
    Changelog(u64),
    Index,
    /// The changelog is silent from now on, or answers again.
    Silent(bool),
    /// The server loses its end, and counts on from there.
    Loses(u64),
    /// A person vouches for the index as it is.
    Vouch,
    /// Where the changelog goes on: so much further back, or at the end.
    CursorBack(u64),
    CursorToEnd,
}

/// A server that keeps what it has.
fn calm() -> impl Strategy<Value = Act> {
    prop_oneof![
        8 => (1..40_u64).prop_map(Act::Happens),
        8 => (5..60_u64).prop_map(Act::Changelog),
        6 => Just(Act::Index),
        3 => any::<bool>().prop_map(Act::Silent),
        1 => Just(Act::CursorToEnd),
    ]
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        26 => calm(),
        2 => (1..60_u64).prop_map(Act::CursorBack),
        3 => (1..50_u64).prop_map(Act::Loses),
        3 => Just(Act::Vouch),
    ]
}

/// The head of the baseline.
const HEAD: u64 = 100;

/// One event: its serial, and how often the server had lost its end before.
type Happening = (u64, u32);

struct Play {
    _dir: tempfile::TempDir,
    store: Store,
    now: Time,
    /// What each serial is by now.
    journal: BTreeMap<u64, Happening>,
    lost: u32,
    silent: bool,
    cursor: u64,
    applied: u64,
    /// Where an answer of the changelog ended, or where the ledger was cut.
    reached: BTreeSet<u64>,
    told: BTreeSet<Happening>,
    /// What lies in stretches that the index has accounted for.
    listed: BTreeSet<Happening>,
}

impl Play {
    async fn new() -> Self {
        let dir = tempfile::tempdir().expect("a directory");
        let store = Store::open(dir.path()).expect("opens");
        let now: Time = "2026-11-20T12:00:00Z".parse().expect("a time");
        let play = Self {
            _dir: dir,
            store,
            now,
            journal: BTreeMap::new(),
            lost: 0,
            silent: false,
            cursor: HEAD,
            applied: HEAD,
            reached: [HEAD].into(),
            told: BTreeSet::new(),
            listed: BTreeSet::new(),
        };
        play.extend(Feed::Index, (0, HEAD)).await;
        play
    }

    fn head(&self) -> u64 {
        self.journal.last_key_value().map_or(HEAD, |(serial, _)| *serial)
    }

    async fn extend(&self, feed: Feed, (after, up_to): (u64, u64)) {
        let grade = if feed == Feed::Changelog { Grade::EveryEvent } else { Grade::SurvivorsOnly };
        let serials = Some((Serial(after), Serial(up_to)));
        let span = Span { feed, grade, serials, from: self.now, to: self.now };
        self.store.write(move |tx| tx.coverage().extend(&span)).await.expect("extends");
    }

    fn between(&self, after: u64, up_to: u64) -> Vec<Happening> {
        let within = |(serial, _): &Happening| *serial > after && *serial <= up_to;
        self.journal.values().copied().filter(within).collect()
    }

    async fn act(&mut self, act: Act) {
        self.now += TimeDelta::minutes(1);
        match act {
            Act::Happens(count) => {
                let head = self.head();
                self.journal.extend((head + 1..=head + count).map(|serial| (serial, (serial, self.lost))));
            }
            Act::Changelog(most) if !self.silent => {
                let last = self.head().min(self.cursor + most);
                self.told.extend(self.between(self.cursor, last));
                self.extend(Feed::Changelog, (self.cursor, last)).await;
                self.cursor = last;
                self.reached.insert(last);
            }
            Act::Changelog(_) => {}
            Act::Index if self.head() >= self.applied => self.list(self.applied).await,
            Act::Index => {}
            Act::Silent(silent) => self.silent = silent,
            // Where nobody can see that it lost anything, nobody can say so.
            Act::Loses(count) if !self.silent => self.lose(count).await,
            Act::Loses(_) => {}
            Act::Vouch => self.vouch().await,
            Act::CursorBack(by) => {
                self.cursor = self.cursor.saturating_sub(by).max(HEAD);
                let cursor = Serial(self.cursor);
                self.reached.insert(self.cursor);
                self.store.write(move |tx| tx.coverage().cut(Registry::Pypi, cursor)).await.expect("cut");
            }
            Act::CursorToEnd => self.cursor = self.head(),
        }
    }

    /// A pass of the index, which accounts for what lies between the last and its head.
    async fn list(&mut self, from: u64) {
        let head = self.head();
        self.listed.extend(self.between(from, head));
        self.extend(Feed::Index, (from, head)).await;
        self.applied = head;
    }

    /// As the worker of the changelog has it, who sees it at once.
    async fn lose(&mut self, count: u64) {
        let head = self.head().saturating_sub(count).max(HEAD);
        drop(self.journal.split_off(&(head + 1)));
        self.lost += 1;
        if self.cursor > head {
            self.cursor = head;
            self.reached.insert(head);
            let now = self.now;
            let renumber = move |tx: &Tx<'_>| cases::renumbered(tx, Registry::Pypi, Serial(head), now);
            self.store.write(renumber).await.expect("renumbered");
        }
    }

    /// As a pass has it that is vouched for.
    async fn vouch(&mut self) {
        let (head, now) = (self.head(), self.now);
        if head < self.applied {
            let serials = Some((Serial(head), Serial(head)));
            let restart = Span { feed: Feed::Index, grade: Grade::SurvivorsOnly, serials, from: now, to: now };
            self.store.write(move |tx| tx.coverage().restart(&restart)).await.expect("restarts");
        }
        let renumber = move |tx: &Tx<'_>| cases::renumbered(tx, Registry::Pypi, Serial(head), now);
        self.store.write(renumber).await.expect("renumbered");
        self.reached.insert(head);
        self.list(self.applied.min(head)).await;
    }

    async fn account(&self) -> coverage::Account {
        self.store.read(coverage::account).await.expect("reads")
    }

    /// Each serial of its holes, with how often it is in one.
    async fn holes(&self) -> BTreeMap<u64, usize> {
        let mut holes = BTreeMap::new();
        for (after, up_to) in self.account().await.survivors_only.into_iter().filter_map(|hole| hole.serials) {
            assert!(after < up_to, "an empty hole: {after} to {up_to}");
            (after.0 + 1..=up_to.0).for_each(|serial| *holes.entry(serial).or_default() += 1);
        }
        holes
    }

    /// What the index alone has seen, of what the server still has.
    fn untold(&self) -> BTreeSet<u64> {
        let stands = |it: &&Happening| self.journal.get(&it.0) == Some(*it);
        self.listed.difference(&self.told).filter(stands).map(|(serial, _)| *serial).collect()
    }

    /// The changelog's reach is what it told, of what stands at that serial by now.
    async fn reaches_no_further_than_was_told(&self, act: Act) {
        let Some(reach) = self.account().await.every_event else { return };
        let up_to = reach.serial.0;
        assert!(up_to <= self.head(), "{act:?}: every event to {up_to}, and the end is {}", self.head());
        assert!(self.reached.contains(&up_to), "{act:?}: no answer ended at {up_to}, and nothing was cut there");
    }
}

fn run(acts: &[Act], check: impl AsyncFn(&Play, Act)) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let mut play = Play::new().await;
        for act in acts {
            play.act(*act).await;
            check(&play, *act).await;
        }
    });
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 10, ..ProptestConfig::default() })]

    #[test]
    fn what_only_the_index_saw_is_what_the_ledger_says(acts in prop::collection::vec(calm(), 1..40)) {
        run(&acts, async |play, act| {
            let holes = play.holes().await;
            assert_eq!(holes.keys().copied().collect::<BTreeSet<_>>(), play.untold(), "{act:?}");
            assert!(holes.values().all(|times| *times == 1), "{act:?}: a hole twice: {holes:?}");
            play.reaches_no_further_than_was_told(act).await;
        });
    }

    #[test]
    fn no_server_that_forgets_makes_it_claim_more_than_was_seen(acts in prop::collection::vec(act(), 1..40)) {
        run(&acts, async |play, act| {
            let holes = play.holes().await;
            let hidden: Vec<u64> = play.untold().into_iter().filter(|serial| !holes.contains_key(serial)).collect();
            assert_eq!(hidden, [] as [u64; 0], "{act:?}: only the index saw them");
            play.reaches_no_further_than_was_told(act).await;
        });
    }
}

/// The index is another server's, and nobody has seen its changelog.
#[tokio::test]
async fn what_the_changelog_of_before_told_says_nothing_of_the_same_serials_now() {
    let mut play = Play::new().await;
    for act in [Act::Happens(40), Act::Changelog(60), Act::Index, Act::Silent(true)] {
        play.act(act).await;
    }
    assert_eq!(play.account().await.every_event.map(|reach| reach.serial), Some(Serial(140)));
    // The changelog does not answer any more, so it never says that it went back.
    (play.lost, play.journal) = (1, BTreeMap::new());
    for act in [Act::Happens(20), Act::Vouch, Act::Happens(10), Act::Index] {
        play.act(act).await;
    }
    let holes = play.holes().await;
    assert!((121..=130).all(|serial| holes.contains_key(&serial)), "as if the changelog had told them: {holes:?}");
    let line = play.account().await.line(play.now);
    assert_eq!(line, "every event to serial 120, 6 min ago; survivors only to serial 130, 0 s ago");
}
