//! What somebody answered was said of what pip might take then: whatever it takes for more is told again.

use chrono::TimeDelta;
use namewarden::cases;
use namewarden::cases::Ruling;
use namewarden::model::command::Decision;
use namewarden::model::notice::NoticeEvent;
use namewarden::model::resolve::{Installer, would_take};
use namewarden::model::timeline::Person;
use namewarden::model::{Actor, CaseRef, Event, FindingState, Releases};
use proptest::prelude::*;

use crate::bench::{Bench, release};

/// With an internal version, 4.12.0, and without one.
const NAMES: [&str; 2] = ["acme-billing", "acme-ledger"];

const VERSIONS: [&str; 6] = ["0.1", "0.2", "4.12.0", "4.13.0", "5.0", "99.0"];

#[derive(Clone, Copy, Debug)]
enum Act {
    Release(&'static str),
    Withdraw(&'static str),
    Acknowledge,
    Resolve,
    Snooze,
}

fn act() -> impl Strategy<Value = Act> {
    let version = prop::sample::select(VERSIONS.to_vec());
    prop_oneof![
        4 => version.clone().prop_map(Act::Release),
        1 => version.prop_map(Act::Withdraw),
        2 => prop::sample::select(vec![Act::Acknowledge, Act::Resolve, Act::Snooze]),
    ]
}

async fn answer(bench: &Bench, name: &str, act: Act) {
    let who = Person { actor: Actor::default(), declared: "ann".to_owned() };
    let (case, now) = (CaseRef(name.to_owned()), bench.now);
    let work = move |tx: &namewarden::store::Tx<'_>| {
        let cases = std::slice::from_ref(&case);
        match act {
            Act::Snooze => {
                let until = now + TimeDelta::days(5);
                cases::snooze_each(tx, cases, &cases::Snooze { until, who: who.clone(), note: None }, now)
            }
            _ => {
                let decision = if matches!(act, Act::Resolve) { Decision::Resolve } else { Decision::Acknowledge };
                cases::judge_each(tx, cases, &Ruling { decision, who: who.clone(), note: None }, now)
            }
        }
    };
    bench.store.write(work).await.expect("ruled");
}

/// How much it is by what stands: that pip takes it, whether for itself, and where nobody can say, its first number.
fn weight(name: &str, releases: &Releases) -> (u8, bool, u64) {
    let internal = (name == NAMES[0]).then_some("4.12.0");
    let answer = would_take(Installer::Pip, internal, releases);
    let first = |version: &str| version.split('.').next().and_then(|n| n.parse().ok()).unwrap_or(0);
    let lead = if internal.is_none() { releases.versions().map(first).max().unwrap_or(0) } else { 0 };
    (answer.take as u8, answer.is_preferred(), lead)
}

struct Play {
    bench: Bench,
    name: &'static str,
    /// What it was when somebody answered last, and how much had been told then.
    answered: Option<(u8, bool, u64)>,
    told: usize,
}

impl Play {
    async fn new(name: &'static str) -> Self {
        let mut bench = Bench::new(&[]).await;
        for event in [Event::Created, release("0.0.1")] {
            let sighting = bench.told(name, event);
            bench.apply(vec![sighting]).await;
        }
        bench.pass(TimeDelta::minutes(20));
        bench.deliver().await;
        Self { bench, name, answered: None, told: 0 }
    }

    async fn releases(&self) -> Releases {
        self.bench.findings(self.name).await.remove(0).facts.releases
    }

    async fn act(&mut self, act: Act) {
        let event = match act {
            Act::Release(version) => release(version),
            Act::Withdraw(version) => Event::Withdrawn { version: version.to_owned() },
            answer => return self.answer(answer).await,
        };
        let sighting = self.bench.told(self.name, event);
        self.bench.apply(vec![sighting]).await;
        let weight = weight(self.name, &self.releases().await);
        if self.answered.is_some_and(|answered| weight > answered) {
            self.heard(act).await;
        }
    }

    /// What no answer covered is told within a minute.
    async fn heard(&mut self, act: Act) {
        self.bench.pass(TimeDelta::seconds(30));
        self.bench.deliver().await;
        let told = self.bench.events().await.split_off(self.told);
        assert!(told.contains(&NoticeEvent::Worsened), "{} after {act:?}: {told:?}", self.name);
        let late = self.bench.store.read(|tx| tx.tellings().next_due(&namewarden::model::Channel::Email)).await;
        assert_eq!(late.expect("reads"), None, "{act:?} waits");
        let state = self.bench.findings(self.name).await.remove(0).state;
        assert!(matches!(state, FindingState::Open | FindingState::Acknowledged), "{state:?}");
        self.answered = None;
    }

    async fn answer(&mut self, act: Act) {
        answer(&self.bench, self.name, act).await;
        self.bench.pass(TimeDelta::seconds(20));
        self.bench.deliver().await;
        self.told = self.bench.events().await.len();
        self.answered = Some(weight(self.name, &self.releases().await));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, max_shrink_iters: 300, ..ProptestConfig::default() })]

    #[test]
    fn whoever_answered_hears_of_whatever_pip_would_rather_take(
        name in prop::sample::select(NAMES.to_vec()),
        acts in prop::collection::vec(act(), 2..12),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let mut play = Play::new(name).await;
            for act in &acts {
                play.act(*act).await;
            }
        });
    }
}

/// The first case that was found: equal to ours, acknowledged, and then above it.
#[tokio::test]
async fn who_answered_what_is_equal_to_ours_hears_of_what_is_above_it() {
    let mut play = Play::new(NAMES[0]).await;
    for act in [Act::Release("4.12.0"), Act::Acknowledge, Act::Release("99.0")] {
        play.act(act).await;
    }
    assert_eq!(play.bench.states(NAMES[0]).await, [FindingState::Open], "nobody is on that");
}

/// What an answer covers is told, too, and makes nothing that it does not cover wait: a release that comes to be known by its
/// withdrawal, and a moment later one that stands.
#[tokio::test]
async fn what_was_told_a_moment_before_delays_nothing_that_exceeds_the_answer() {
    let mut play = Play::new(NAMES[1]).await;
    for act in [Act::Acknowledge, Act::Withdraw("99.0")] {
        play.act(act).await;
    }
    play.bench.pass(TimeDelta::seconds(20));
    assert_eq!(play.bench.deliver().await.len(), 1, "the withdrawal");
    play.act(Act::Release("4.12.0")).await;
    assert_eq!(play.bench.states(NAMES[1]).await, [FindingState::Open]);
}

/// Where the inventory has no version, a project that lives is not told at each of its releases.
#[tokio::test]
async fn further_releases_of_the_same_first_number_are_no_news() {
    let mut play = Play::new(NAMES[1]).await;
    play.act(Act::Release("0.1")).await;
    play.act(Act::Acknowledge).await;
    let known = play.bench.events().await.len();
    play.act(Act::Release("0.2")).await;
    assert_eq!(play.bench.events().await.split_off(known), []);
}
