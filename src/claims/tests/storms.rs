//! Two people, a network that fails in every way, an uploader that is killed anywhere, and a clock: nothing is sent that the two did not
//! agree to, nothing with another content, no more in a day than is allowed, and what was agreed to is ours once the storm is over.

use chrono::TimeDelta;
use proptest::prelude::*;

use super::world::{Answer, World, ada, bob, name};
use crate::claims::setback;
use crate::model::claim::{ClaimDecision, ClaimState, Terms};
use crate::registry::pypi::upload::{Refused, UploadReply};

const NAMES: [&str; 3] = ["acme-billing", "acme-tax", "acme-vault"];
/// By the settings of the world.
const PER_DAY: usize = 3;

#[derive(Clone, Copy, Debug)]
enum Weather {
    Limited(u32),
    /// The file is broken, says PyPI: nothing makes it whole.
    Refused,
    LostBefore,
    LostAfter,
    Unsent,
}

#[derive(Clone, Copy, Debug)]
enum Act {
    Propose(usize),
    Approve(usize),
    Reject(usize),
    LetGo,
    /// The uploader works, and is killed after so many acts.
    Work(Option<usize>),
    Weather(Weather),
    TestIndex(bool),
    Retry(usize),
    Pass(i64),
}

fn act() -> impl Strategy<Value = Act> {
    let name = || 0..NAMES.len();
    let weather = prop_oneof![
        2 => (1..9_000_u32).prop_map(Weather::Limited),
        1 => Just(Weather::Refused),
        2 => Just(Weather::LostBefore),
        2 => Just(Weather::LostAfter),
        2 => Just(Weather::Unsent),
    ];
    prop_oneof![
        3 => name().prop_map(Act::Propose),
        4 => name().prop_map(Act::Approve),
        1 => name().prop_map(Act::Reject),
        3 => Just(Act::LetGo),
        6 => prop::option::of(0..8_usize).prop_map(Act::Work),
        3 => weather.prop_map(Act::Weather),
        1 => any::<bool>().prop_map(Act::TestIndex),
        1 => name().prop_map(Act::Retry),
        4 => (1..600_i64).prop_map(Act::Pass),
    ]
}

impl Weather {
    fn answer(self) -> Answer {
        match self {
            Self::Limited(seconds) => Answer::RateLimited { seconds },
            Self::Refused => {
                let reply = UploadReply::Refused { why: Refused::NotOurs, said: "403".to_owned() };
                Answer::Refused(setback(&reply).expect("a refusal"))
            }
            Self::LostBefore => Answer::Lost { stored: false },
            Self::LostAfter => Answer::Lost { stored: true },
            Self::Unsent => Answer::Unsent,
        }
    }
}

async fn does(world: &mut World, act: Act) {
    let named = |of: usize| [NAMES[of].to_owned()];
    match act {
        Act::Propose(of) => drop(world.try_propose(&named(of), &ada()).await),
        Act::Approve(of) => drop(world.decide(&named(of), ClaimDecision::Approve, &bob()).await),
        Act::Reject(of) => drop(world.decide(&named(of), ClaimDecision::Reject, &bob()).await),
        Act::Retry(of) => drop(world.decide(&named(of), ClaimDecision::Retry, &bob()).await),
        Act::LetGo => drop(world.try_apply(&ada()).await),
        Act::Work(kill_after) => {
            world.kill_after = kill_after;
            world.work_off().await;
            world.kill_after = None;
        }
        Act::Weather(weather) => world.pypi.answers.push_back(weather.answer()),
        Act::TestIndex(answers) => world.tries = answers,
        Act::Pass(minutes) => world.pass(TimeDelta::minutes(minutes)).await,
    }
}

/// Which names two people have agreed to, by their newest claim, and let go.
async fn agreed(world: &World) -> Vec<&'static str> {
    let mut agreed = Vec::new();
    for of in NAMES {
        let last = world.claims_of(&name(of)).await.pop();
        if last.is_some_and(|claim| claim.approved.is_some() && claim.released.is_some() && is_going(claim.state)) {
            agreed.push(of);
        }
    }
    agreed
}

fn is_going(state: ClaimState) -> bool {
    !matches!(state, ClaimState::Planned | ClaimState::Abandoned | ClaimState::Refused | ClaimState::Failed)
}

async fn storm(acts: &[Act]) {
    let names = NAMES.map(str::to_owned);
    let mut world = World::new(&names, Terms::default()).await;
    for act in acts {
        let (asked, may) = (world.pypi.asked_for.len(), agreed(&world).await);
        does(&mut world, *act).await;
        let sent = &world.pypi.asked_for[asked..];
        assert!(sent.iter().all(|name| may.contains(&name.as_str())), "{act:?} sent {sent:?}; agreed to: {may:?}");
        assert!(world.pypi.projects.keys().all(|of| NAMES.contains(&of.as_str())), "{:?}", world.pypi.projects.keys());
        assert_eq!(world.pypi.conflicts, 0, "{act:?}: a file came again with other content");
        assert!(world.pypi.most_in_a_day <= PER_DAY, "{act:?}: {} in a day", world.pypi.most_in_a_day);
    }
    world.pypi.answers.clear();
    world.tries = true;
    over(&mut world).await;
}

/// The sky is clear for days: what was let go is ours, and whole, or over in a way that a person hears of.
async fn over(world: &mut World) {
    for _ in 0..40 {
        world.work_off().await;
        world.pass(TimeDelta::hours(2)).await;
    }
    for of in agreed(world).await {
        let state = world.state(of).await;
        assert_eq!(state, ClaimState::Ours, "{of}: {:?}", world.trail(of).await);
        assert_eq!(world.pypi.projects.get(&name(of)).map(std::collections::BTreeMap::len), Some(2), "{of} is whole");
    }
    for (project, files) in &world.pypi.projects {
        assert!(files.is_empty() || files.len() <= 2, "{project}: {files:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 7, max_shrink_iters: 100, ..ProptestConfig::default() })]

    #[test]
    fn no_storm_sends_what_nobody_agreed_to_nor_loses_what_two_did(acts in prop::collection::vec(act(), 1..40)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(storm(&acts));
    }
}

/// All of them at once, each killed after another act, with an answer lost in the middle.
#[tokio::test]
async fn three_that_are_let_go_at_once_are_ours_wherever_the_uploader_was_killed() {
    for kill in (0..10).step_by(3) {
        let mut acts: Vec<Act> = (0..NAMES.len()).flat_map(|of| [Act::Propose(of), Act::Approve(of)]).collect();
        acts.extend([
            Act::LetGo,
            Act::Weather(Weather::LostAfter),
            Act::Work(Some(kill)),
            Act::Pass(5),
            Act::Work(None),
        ]);
        storm(&acts).await;
    }
}
