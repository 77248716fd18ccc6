//! The stranger, the careless colleague and the clock against the rules of the desk: whatever they do in whatever order.

use chrono::TimeDelta;
use proptest::prelude::*;

use super::world::{SERVICE, World, ada, all, bob, name, user};
use crate::claims::Unbuildable;
use crate::model::claim::{ClaimDecision, ClaimState, Party, Publicity, Terms};
use crate::model::{Exposure, Inventory, WatchId};
use crate::watchlist::Watchlist;

/// Two that PyPI takes for the same, one that may not be told, and two more.
const NAMES: [&str; 5] = ["acme-billing", "acme-b1lling", "acme-secret", "acme-tax", "acme-vault"];
/// What may be sent of them in the longest life that the test leads.
const MOST_IN_A_DAY: usize = 3;

/// Something that somebody does.
#[derive(Clone, Copy, Debug)]
enum Act {
    Propose(usize, usize),
    Decide(usize, ClaimDecision, usize),
    Apply(usize),
    Work,
    Look,
    Automatic,
    /// A stranger takes the name, before anybody has looked.
    TakenUnseen(usize),
    Seen(usize),
    Freed(usize),
    /// The inventory says otherwise from now on.
    Confidential(usize),
    NoVersion(usize),
    Disabled(bool),
    Hours(i64),
    /// Somebody sets the daemon's clock, and it does not notice.
    ClockBack(i64),
}

/// Ada by two login names, Bob, root, the service, and two whom the kernel names to nobody.
fn parties() -> [Party; 7] {
    let hidden = Party::User { uid: None, user: Some("bob".to_owned()) };
    [
        ada(),
        user(1001, "ada-admin"),
        bob(),
        user(0, "root"),
        user(SERVICE, "namewarden"),
        hidden,
        user(65_534, "nobody"),
    ]
}

fn act() -> impl Strategy<Value = Act> {
    let decision = prop::sample::select(vec![
        ClaimDecision::Approve,
        ClaimDecision::Approve,
        ClaimDecision::Reject,
        ClaimDecision::Abandon,
        ClaimDecision::Retry,
    ]);
    let (name, party) = (0..NAMES.len(), 0..parties().len());
    prop_oneof![
        4 => (name.clone(), party.clone()).prop_map(|(name, party)| Act::Propose(name, party)),
        4 => (name.clone(), decision, party.clone()).prop_map(|(name, d, party)| Act::Decide(name, d, party)),
        3 => party.prop_map(Act::Apply),
        4 => Just(Act::Work),
        1 => Just(Act::Look),
        1 => Just(Act::Automatic),
        1 => name.clone().prop_map(Act::TakenUnseen),
        1 => name.clone().prop_map(Act::Seen),
        1 => name.clone().prop_map(Act::Freed),
        1 => name.clone().prop_map(Act::Confidential),
        1 => name.prop_map(Act::NoVersion),
        1 => any::<bool>().prop_map(Act::Disabled),
        2 => (1..30_i64).prop_map(Act::Hours),
        1 => (1..48_i64).prop_map(Act::ClockBack),
    ]
}

impl World {
    fn inventory(&mut self, change: impl Fn(&mut Inventory)) {
        let mut inventory = Inventory::clone(&self.watchlist.inventory);
        change(&mut inventory);
        self.watchlist = Watchlist::new(inventory, (*self.watchlist.routes).clone());
    }

    async fn does(&mut self, act: Act) {
        let named = |of: usize| [NAMES[of].to_owned()];
        let id = |of: usize| WatchId::name(&name(NAMES[of]));
        let by = |party: usize| parties()[party].clone();
        match act {
            Act::Propose(of, party) => drop(self.try_propose(&named(of), &by(party)).await),
            Act::Decide(of, decision, party) => drop(self.decide(&named(of), decision, &by(party)).await),
            Act::Apply(party) => drop(self.try_apply(&by(party)).await),
            Act::Work => self.work_off().await,
            Act::Look => drop(self.look().await),
            Act::Automatic => drop(self.automatic().await),
            Act::TakenUnseen(of) if !self.pypi.projects.contains_key(&name(NAMES[of])) => {
                self.pypi.strangers.insert(name(NAMES[of]));
            }
            Act::TakenUnseen(_) => {}
            Act::Seen(of) if self.pypi.strangers.contains(&name(NAMES[of])) => {
                self.expose(NAMES[of], Exposure::Taken).await;
            }
            Act::Seen(_) => {}
            Act::Freed(of) if self.pypi.strangers.remove(&name(NAMES[of])) => {
                self.expose(NAMES[of], Exposure::Removed).await;
            }
            Act::Freed(_) => {}
            Act::Confidential(of) => {
                let terms = Terms { publicity: Publicity::Confidential, auto: false };
                self.inventory(|inventory| {
                    inventory.terms.insert(id(of), terms);
                });
            }
            Act::NoVersion(of) => self.inventory(|inventory| {
                inventory.watches.get_mut(&id(of)).expect("watched").latest_version = None;
            }),
            Act::Disabled(disabled) => self.settings.enabled = !disabled,
            Act::Hours(hours) => self.pass(TimeDelta::hours(hours)).await,
            Act::ClockBack(hours) => {
                self.now -= TimeDelta::hours(hours);
                self.behind += TimeDelta::hours(hours);
            }
        }
    }

    /// What may be sent at this moment, as somebody says who reads the inventory alone.
    fn may_be_sent(&self) -> Vec<usize> {
        let inventory = &self.watchlist.inventory;
        let may = |of: &usize| {
            let id = WatchId::name(&name(NAMES[*of]));
            let versioned = inventory.watch(&id).is_some_and(|watch| watch.latest_version.is_some());
            self.settings.enabled && versioned && inventory.publicity(&id) != Publicity::Confidential
        };
        (0..NAMES.len()).filter(may).collect()
    }

    /// Every project of ours came by two persons, or by the watch's own word; a claim of each name is alone.
    async fn keeps_the_rules(&self) {
        for of in self.pypi.projects.keys() {
            let claims = self.claims_of(of).await;
            let sent = claims.iter().filter(|claim| claim.sent_at.is_some());
            for claim in sent {
                let approved = claim.approved.as_ref().expect("sent, so approved").by.clone();
                let agreed = matches!(approved, Party::User { uid: Some(1001 | 1002), .. });
                assert!(agreed && !claim.planned.by.is_same_human(&approved), "{claim:?}");
                assert!(claim.released.is_some(), "{claim:?}");
            }
        }
        assert!(!self.pypi.projects.contains_key(&name("acme-secret")), "it was told");
        let twins = ["acme-billing", "acme-b1lling"].map(|twin| self.pypi.projects.contains_key(&name(twin)));
        assert_ne!(twins, [true, true], "PyPI would not have taken both");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

    #[test]
    fn no_order_of_acts_sends_what_two_persons_did_not_agree_to(acts in prop::collection::vec(act(), 1..50)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let names = NAMES.map(str::to_owned);
            let mut world = World::new(&names, Terms::default()).await;
            let secret = Terms { publicity: Publicity::Confidential, auto: false };
            world.inventory(|inventory| {
                inventory.terms.insert(WatchId::name(&name("acme-secret")), secret);
            });
            for act in acts {
                let (asked, may) = (world.pypi.asked_for.len(), world.may_be_sent());
                world.does(act).await;
                for sent in &world.pypi.asked_for[asked..] {
                    let at = NAMES.iter().position(|of| name(of) == *sent).expect("only of the inventory");
                    // What PyPI has begun to hold is completed whatever the inventory says.
                    let begun = world.pypi.projects.contains_key(sent);
                    assert!(may.contains(&at) || (begun && world.settings.enabled), "{act:?} sent {sent}");
                }
                world.keeps_the_rules().await;
            }
            assert!(world.pypi.most_in_a_day <= MOST_IN_A_DAY, "{} in a day", world.pypi.most_in_a_day);
            assert_eq!(world.pypi.conflicts, 0);
        });
    }
}

#[tokio::test]
async fn nobody_is_a_second_person_by_another_name_and_nobody_in_particular_is_one() {
    let names = ["acme-tax".to_owned()];
    let world = World::new(&names, Terms::default()).await;
    world.propose(&names, &ada()).await;
    for (who, why) in
        parties().iter().zip(["another person", "another person", "", "root", "own user", "cannot be told", "hides"])
    {
        if why.is_empty() {
            continue;
        }
        let ruled = world.decide(&names, ClaimDecision::Approve, who).await;
        assert!(ruled[0].refused.as_deref().is_some_and(|said| said.contains(why)), "{who}: {ruled:?}");
        assert_eq!(world.state("acme-tax").await, ClaimState::Planned);
    }
    world.approve(&names, &bob()).await;
}

#[tokio::test]
async fn one_person_suffices_where_the_configuration_says_so_and_root_still_does_not() {
    let names = ["acme-tax".to_owned()];
    let mut world = World::new(&names, Terms::default()).await;
    world.settings.one_person = true;
    world.propose(&names, &ada()).await;
    let ruled = world.decide(&names, ClaimDecision::Approve, &user(0, "root")).await;
    assert!(ruled[0].refused.is_some());
    world.approve(&names, &ada()).await;
    world.settings.one_person = false;
    world.apply(&ada()).await;
    world.work_off().await;
    assert_eq!(world.pypi.asked, 0, "the word was taken back before anything was sent");
}

#[tokio::test]
async fn what_is_secret_is_refused_by_name_by_prefix_and_by_its_twin() {
    let names = ["acme-secret", "acmesecret", "acme-tax"].map(str::to_owned);
    let mut world = World::new(&names, Terms::default()).await;
    let secret = Terms { publicity: Publicity::Confidential, auto: false };
    world.inventory(|inventory| {
        inventory.terms.insert(WatchId::name(&name("acme-secret")), secret);
    });
    let asked = ["acme-secret", "Acme_Secret", "acme-*", "acme-s*"].map(str::to_owned);
    for ruled in world.try_propose(&asked, &ada()).await {
        let why = ruled.refused.expect("refused");
        assert!(why.contains("is confidential") || why.contains("is a prefix"), "{why}");
    }
    // Its twin may be told, and stands for both.
    world.propose(&["acmesecret".to_owned()], &ada()).await;
    let plan = world.write(|desk, tx| desk.plan(tx)).await;
    let covered = plan.iter().find(|planned| planned.name == name("acme-secret")).expect("planned");
    assert_eq!(covered.protection.as_str(), "covered");
}

#[tokio::test]
async fn a_name_that_a_stranger_takes_between_rehearsal_and_upload_is_a_case_and_costs_one_answer() {
    let names = ["acme-tax", "acme-vault"].map(str::to_owned);
    let mut world = World::new(&names, Terms::default()).await;
    world.propose(&names, &ada()).await;
    world.approve(&names, &bob()).await;
    world.apply(&ada()).await;
    world.pypi.strangers.insert(name("acme-tax"));
    world.work_off().await;
    assert_eq!(world.state("acme-tax").await, ClaimState::Refused);
    assert_eq!(world.state("acme-vault").await, ClaimState::Ours, "the others go on");
    let id = WatchId::name(&name("acme-tax"));
    assert_eq!(world.write(move |_, tx| tx.watches().exposure(&id)).await, Some(Exposure::Taken));
}

#[tokio::test]
async fn a_retry_gives_no_quota_back_and_what_pypi_says_of_it_has_an_end() {
    let names = ["acme-tax", "acme-vault"].map(str::to_owned);
    let mut world = World::new(&names, Terms::default()).await;
    world.propose(&names, &ada()).await;
    world.approve(&names, &bob()).await;
    world.apply(&ada()).await;
    world.pypi.answers.push_back(super::world::Answer::RateLimited { seconds: u32::MAX });
    world.work_off().await;
    for name in &names {
        world.decide(std::slice::from_ref(name), ClaimDecision::Retry, &ada()).await;
    }
    world.work_off().await;
    assert_eq!(world.pypi.asked, 1, "PyPI's word stands");
    world.pass(TimeDelta::hours(49)).await;
    for name in &names {
        world.decide(std::slice::from_ref(name), ClaimDecision::Retry, &ada()).await;
    }
    world.work_off().await;
    assert_eq!(world.published(), 2);
}

#[tokio::test]
async fn what_cannot_be_made_is_neither_approved_nor_let_go() {
    let names = ["acme-tax".to_owned()];
    let world = World::new(&names, Terms::default()).await;
    world.propose(&names, &ada()).await;
    world.approve(&names, &bob()).await;
    let broken: Unbuildable = [(name("acme-tax"), "module.py:1: x".to_owned())].into();
    let applied = world.write(move |desk, tx| desk.apply(tx, &all(broken.clone()), &ada())).await.0;
    assert_eq!(applied.lines[0].refused.as_deref(), Some("module.py:1: x"));
    assert!(world.claims_of(&name("acme-tax")).await[0].released.is_none());
}

#[tokio::test]
async fn a_customer_and_a_secret_in_a_name_are_refused_before_anybody_agrees() {
    let names = ["acme-globex-sync", "acme-5f4dcc3b5aa765d61d8327deb882cf99"].map(str::to_owned);
    let mut world = World::new(&names, Terms::default()).await;
    world.settings.customers = vec!["Globex".to_owned()];
    let ruled = world.try_propose(&names, &ada()).await;
    for (ruled, why) in ruled.iter().zip(["the customer \"Globex\"", "looks like a secret"]) {
        assert!(ruled.refused.as_deref().is_some_and(|said| said.contains(why)), "{ruled:?}");
    }
}
