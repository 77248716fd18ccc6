//! Inventories change in whatever order while strangers register, publish and withdraw, and people answer: whoever answers for a name
//! that is threatened has heard of it, and what an answer did not cover is open.

mod said;

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;
use namewarden::cases::{self, Learned, Ruling};
use namewarden::model::command::Decision;
use namewarden::model::finding::WouldPipTake;
use namewarden::model::release::Files;
use namewarden::model::resolve::{Installer, would_take};
use namewarden::model::timeline::Person;
use namewarden::model::{Actor, CaseRef, Channel, Event, Facts, Finding, FindingKey, FindingState, OwnerId, Releases};
use namewarden::store::{NoticeBody, Tx};
use namewarden::watchlist::routes::Routes;
use proptest::prelude::*;

use said::{NAMES, Said, said, threatened};

use crate::bench::{Bench, release};

const VERSIONS: [&str; 3] = ["0.1", "5.0", "99.0"];

#[derive(Clone, Copy, Debug)]
enum Act {
    Register { name: usize, version: Option<usize> },
    Release { name: usize, version: usize },
    Remove { name: usize },
    Answer { name: usize, decision: Decision },
    Follow(Said),
    Pass { minutes: i64 },
}

fn act() -> impl Strategy<Value = Act> {
    let (name, version) = (|| 0..NAMES.len(), || 0..VERSIONS.len());
    let decision = prop::sample::select(vec![Decision::Acknowledge, Decision::Resolve]);
    prop_oneof![
        4 => (name(), prop::option::of(version())).prop_map(|(name, version)| Act::Register { name, version }),
        4 => (name(), version()).prop_map(|(name, version)| Act::Release { name, version }),
        1 => name().prop_map(|name| Act::Remove { name }),
        4 => (name(), decision).prop_map(|(name, decision)| Act::Answer { name, decision }),
        6 => said().prop_map(Act::Follow),
        2 => (1..600_i64).prop_map(|minutes| Act::Pass { minutes }),
    ]
}

/// A registration that stands.
struct Life {
    key: FindingKey,
    versions: Vec<&'static str>,
    /// The watches that were there when it was registered, and ever since.
    live: BTreeSet<&'static str>,
    /// What it came to when somebody answered last.
    answered: Option<(WouldPipTake, bool)>,
}

struct Play {
    bench: Bench,
    said: Said,
    lives: BTreeMap<usize, Life>,
    heard: BTreeSet<(OwnerId, FindingKey)>,
}

impl Play {
    async fn new() -> Self {
        let said = Said { name: Some((0, 1)), prefix: None };
        let routes = Routes { default_owner: OwnerId("security".into()), channels: [Channel::Email].into() };
        let bench = Bench::with(&said.text(), routes, &[]).await;
        Self { bench, said, lives: BTreeMap::new(), heard: BTreeSet::new() }
    }

    async fn act(&mut self, act: Act) {
        match act {
            Act::Register { name, version } => self.register(name, version).await,
            Act::Release { name, version } => self.release(name, version).await,
            Act::Remove { name } => {
                if self.lives.remove(&name).is_some() {
                    let removed = self.bench.told(NAMES[name], Event::Removed);
                    self.bench.apply(vec![removed]).await;
                }
            }
            Act::Answer { name, decision } => self.answer(name, decision).await,
            Act::Follow(said) => self.follow(said).await,
            Act::Pass { minutes } => self.bench.pass(TimeDelta::minutes(minutes)),
        }
        self.settle().await;
    }

    async fn follow(&mut self, said: Said) {
        self.bench.follow(&said.text()).await;
        let before = std::mem::replace(&mut self.said, said);
        for (name, life) in &mut self.lives {
            let (was, is) = (before.watchers(*name), said.watchers(*name));
            life.live.retain(|watch| is.contains_key(watch));
            // What was settled of other watches than there are now stays so, whatever it is to these.
            let stays = was.keys().any(|watch| is.contains_key(watch));
            life.answered = life.answered.map(|answered| if stays { answered } else { (WouldPipTake::Yes, true) });
        }
    }

    async fn register(&mut self, name: usize, version: Option<usize>) {
        if self.lives.contains_key(&name) {
            return;
        }
        let mut batch = vec![self.bench.told(NAMES[name], Event::Created)];
        batch.extend(version.map(|version| self.bench.told(NAMES[name], release(VERSIONS[version]))));
        self.bench.apply(batch).await;
        let key = FindingKey(format!("{}@{}", NAMES[name], self.bench.now.timestamp()));
        let versions = version.map(|version| VERSIONS[version]).into_iter().collect();
        let live = self.said.watchers(name).into_keys().collect();
        self.lives.insert(name, Life { key, versions, live, answered: None });
    }

    async fn release(&mut self, name: usize, version: usize) {
        let Some(life) = self.lives.get_mut(&name) else { return };
        if !life.versions.contains(&VERSIONS[version]) {
            life.versions.push(VERSIONS[version]);
            let released = self.bench.told(NAMES[name], release(VERSIONS[version]));
            self.bench.apply(vec![released]).await;
        }
    }

    async fn answer(&mut self, name: usize, decision: Decision) {
        let Some(case) = self.case(name).await.filter(|case| case.state.is_live()) else { return };
        let who = Person { actor: Actor::default(), declared: "ann".to_owned() };
        let (ruling, now) = (Ruling { decision, who, note: None }, self.bench.now);
        let of = [CaseRef(case.key.0)];
        let judge = move |tx: &Tx<'_>| cases::judge_each(tx, &of, &ruling, now);
        self.bench.store.write(judge).await.expect("ruled");
        let weight = self.weight(name);
        if let Some(life) = self.lives.get_mut(&name) {
            life.answered = Some(weight);
        }
    }

    /// A stranger holds all of them, as their pages show; whoever is to hear has the time for it.
    async fn settle(&mut self) {
        for _ in 0..2 {
            for (name, life) in &self.lives {
                let shown = life.versions.iter().map(|version| ((*version).to_owned(), Files::INSTALLABLE));
                let serial = Some(self.bench.serial());
                let users = vec!["mallory".to_owned()];
                let facts = Facts { users, releases: Releases::shown(shown, serial), ..Facts::default() };
                self.bench.learn(NAMES[*name], Learned::Facts { facts: Box::new(facts), serial }).await;
            }
            self.bench.pass(TimeDelta::minutes(12));
            for row in self.bench.deliver().await {
                if let NoticeBody::Cases { events } = &row.body {
                    self.heard.extend(events.iter().map(|event| (row.owner.clone(), event.finding.clone())));
                }
            }
        }
    }

    async fn case(&self, name: usize) -> Option<Finding> {
        let key = &self.lives.get(&name)?.key;
        self.bench.findings(NAMES[name]).await.into_iter().find(|case| case.key == *key)
    }

    /// What pip makes of it: of a name that is covered by a prefix alone nobody knows an internal version.
    fn weight(&self, name: usize) -> (WouldPipTake, bool) {
        let Some(life) = self.lives.get(&name) else { return (WouldPipTake::No, false) };
        let shown = life.versions.iter().map(|version| ((*version).to_owned(), Files::INSTALLABLE));
        let answer = would_take(Installer::Pip, self.said.internal(name), &Releases::shown(shown, None));
        (answer.take, answer.is_preferred())
    }

    async fn check(&mut self, act: Act) {
        for name in self.lives.keys().copied().collect::<Vec<_>>() {
            let watchers = self.said.watchers(name);
            let case = self.case(name).await;
            let Some(case) = case else {
                assert!(watchers.is_empty(), "{act:?}: no case of {}", NAMES[name]);
                continue;
            };
            assert_eq!(threatened(&case), watchers, "{act:?}: {}", NAMES[name]);
            self.check_answer(name, &case, act);
            self.check_heard(name, &case, &watchers, act);
        }
    }

    /// What is more than somebody answered is open, as long as it threatens anybody.
    fn check_answer(&mut self, name: usize, case: &Finding, act: Act) {
        let (weight, watched) = (self.weight(name), !self.said.watchers(name).is_empty());
        let Some(life) = self.lives.get_mut(&name) else { return };
        let Some(answered) = life.answered else { return };
        if !watched || weight <= answered || life.versions.is_empty() {
            return;
        }
        assert_eq!(case.state, FindingState::Open, "{act:?}: {} came from {answered:?} to {weight:?}", NAMES[name]);
        life.answered = None;
    }

    /// What nobody has answered is open, and known to whoever answers for it.
    fn check_heard(&self, name: usize, case: &Finding, watchers: &BTreeMap<&'static str, OwnerId>, act: Act) {
        let life = &self.lives[&name];
        let takes = watchers.contains_key("name") && self.weight(name).0 == WouldPipTake::Yes;
        if life.answered.is_some() || (life.live.is_empty() && !takes) {
            return;
        }
        assert_eq!(case.state, FindingState::Open, "{act:?}: {}, {:?}", NAMES[name], life.live);
        for (watch, owner) in
            watchers.iter().filter(|(watch, _)| (takes && **watch == "name") || life.live.contains(*watch))
        {
            let heard = self.heard.contains(&(owner.clone(), case.key.clone()));
            assert!(heard, "{act:?}: {owner} has not heard of {} by the {watch}", NAMES[name]);
        }
    }
}

fn run(acts: &[Act]) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let mut play = Play::new().await;
        for act in acts {
            play.act(*act).await;
            play.check(*act).await;
        }
    });
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 6, max_shrink_iters: 200, ..ProptestConfig::default() })]

    #[test]
    fn whoever_answers_for_a_threatened_name_has_heard_whatever_the_inventory_was_before(
        acts in prop::collection::vec(act(), 1..16),
    ) {
        run(&acts);
    }
}

const PAYMENTS: Said = Said { name: Some((0, 1)), prefix: None };
const PREFIX: Said = Said { name: None, prefix: Some(1) };

/// Somebody resolved it, since pip takes ours; then ours is said to be older, or is not said any more.
#[test]
fn an_answer_covers_no_internal_version_that_is_given_up_later() {
    for internal in [0, 2] {
        for decision in [Decision::Resolve, Decision::Acknowledge] {
            run(&[
                Act::Register { name: 0, version: Some(0) },
                Act::Answer { name: 0, decision },
                Act::Follow(Said { name: Some((0, internal)), prefix: None }),
            ]);
        }
    }
}

/// The watch leaves, and its version with it; a prefix covers the name still.
#[test]
fn an_answer_to_a_watch_that_leaves_covers_nothing_of_the_prefix_that_stays() {
    let both = Said { prefix: Some(1), ..PAYMENTS };
    let born = Act::Register { name: 0, version: Some(0) };
    run(&[Act::Follow(both), born, Act::Answer { name: 0, decision: Decision::Resolve }, Act::Follow(PREFIX)]);
}

/// It was a contractor's under a prefix; then it is the name of a package of ours, and pip would take theirs.
#[test]
fn what_was_settled_under_a_prefix_is_open_when_its_name_is_watched_and_pip_takes_it() {
    run(&[
        Act::Follow(PREFIX),
        Act::Register { name: 0, version: Some(1) },
        Act::Answer { name: 0, decision: Decision::Resolve },
        Act::Follow(Said { prefix: Some(1), ..PAYMENTS }),
    ]);
}

/// The watch leaves, and is there again before its project is.
#[tokio::test]
async fn who_watches_again_what_is_away_hears_when_it_stands_again() {
    let away = Said { name: None, prefix: None };
    for (goes, comes) in [(Event::Removed, Event::Relisted), (Event::Quarantined, Event::QuarantineCleared)] {
        let mut play = Play::new().await;
        play.act(Act::Register { name: 0, version: Some(0) }).await;
        play.act(Act::Follow(away)).await;
        assert_eq!(play.bench.states(NAMES[0]).await, [FindingState::Unwatched]);
        let gone = play.bench.told(NAMES[0], goes.clone());
        play.bench.apply(vec![gone]).await;
        play.act(Act::Follow(PAYMENTS)).await;
        assert_eq!(play.bench.states(NAMES[0]).await, [FindingState::Unwatched], "{goes:?}: there is nothing");
        play.heard.clear();
        let back = match comes {
            Event::Relisted => play.bench.index(NAMES[0], comes.clone()),
            _ => play.bench.told(NAMES[0], comes.clone()),
        };
        play.bench.apply(vec![back]).await;
        play.settle().await;
        assert_eq!(play.bench.states(NAMES[0]).await, [FindingState::Open], "{comes:?}");
        let owners: Vec<&OwnerId> = play.heard.iter().map(|(owner, _)| owner).collect();
        assert_eq!(owners, [&OwnerId("payments".to_owned())], "{comes:?}");
    }
}
