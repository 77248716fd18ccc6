//! Thirty names under PyPI's quota, in a life as it comes: strangers take ten of them half-way, an uploader dies again and again, a
//! colleague uses up a day of the account, and three of the ten are free again.

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;
use namewarden::model::claim::{ClaimState, Origin};

use super::bench::Bench;
use super::stage::name;

/// A die that falls the same whenever it is thrown in the same order.
struct Dice(u64);

impl Dice {
    fn below(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }
}

struct Campaign {
    bench: Bench,
    dice: Dice,
    /// All names, the longest in use first.
    order: Vec<String>,
    /// Of whom somebody was told that they were registered.
    told: BTreeSet<String>,
    /// How often the uploader died.
    deaths: usize,
}

impl Campaign {
    /// Planned, approved, and let go, with PyPI's agreement.
    async fn new(seed: u64) -> Self {
        let mut dice = Dice(seed);
        let name = |n: u64| format!("acme-part-{n:02}");
        let mut names: Vec<(u64, String)> = (0..30).map(|n| (dice.below(1 << 20), name(n))).collect();
        names.sort();
        let order: Vec<String> = names.into_iter().map(|(_, name)| name).collect();
        let used = |(n, name): (usize, &String)| (name.clone(), format!("{}-01-01", 1990 + n));
        let mut used: Vec<(String, String)> = order.iter().enumerate().map(used).collect();
        used.sort();
        let bench = Bench::of(&used).await;
        bench.agreement().await;
        bench.let_all_go(&order).await;
        Self { bench, dice, order, told: BTreeSet::new(), deaths: 0 }
    }

    /// An hour, in which the uploader may die, and the changelog may be behind.
    async fn hour(&mut self) {
        if self.dice.below(5) == 0 {
            let dies = (self.dice.below(4) as usize, self.dice.below(2) == 0);
            self.kill(dies);
        }
        if self.dice.below(4) > 0 {
            self.bench.feed().await;
        }
        self.bench.automatic().await;
        let undone = self.bench.work_off().await;
        self.deaths += undone.iter().filter(|why| why.contains("is dead")).count();
        self.listens().await;
        self.bench.pass(TimeDelta::hours(1));
        self.listens().await;
    }

    /// The uploader dies at so many of its words from now.
    fn kill(&self, at: (usize, bool)) {
        self.bench.dies.lock().expect("no panic").get_or_insert(at);
    }

    /// What owners hear is of strangers alone, at every moment.
    async fn listens(&mut self) {
        let alarms = self.bench.alarms().await;
        let strangers = self.strangers();
        let ever: BTreeSet<&String> = strangers.iter().chain(&self.told).collect();
        assert!(alarms.iter().all(|name| ever.contains(name)), "our own is told as a stranger's: {alarms:?}");
        self.told.extend(alarms);
        let pages = self.bench.pages().await;
        // That a name is claimed back is announced; nothing is wrong with any.
        assert!(pages.iter().all(|page| page.contains("\"kind\":\"claim\"")), "{pages:?}");
    }

    /// Names that a stranger holds.
    fn strangers(&self) -> BTreeSet<String> {
        self.held(|owner| owner != "acme-bot")
    }

    fn held(&self, by: impl Fn(&str) -> bool) -> BTreeSet<String> {
        let world = self.bench.sim.world();
        let owners = |text: &str| world.project(&name(text)).map(|project| project.life().owners());
        let is_held = |text: &&String| owners(text).is_some_and(|owners| owners.iter().any(|owner| by(owner)));
        self.order.iter().filter(is_held).cloned().collect()
    }

    fn ours(&self) -> BTreeSet<String> {
        self.held(|owner| owner == "acme-bot")
    }

    /// What nobody holds, in the order of their turns.
    fn free(&self) -> Vec<String> {
        let (ours, theirs) = (self.ours(), self.strangers());
        self.order.iter().filter(|name| !ours.contains(*name) && !theirs.contains(*name)).cloned().collect()
    }

    fn taken(&self, names: &[String]) {
        for name in names {
            self.bench.sim.world().upload(name, "9.9.9", "mine", "mallory", self.bench.now).expect("free");
        }
    }

    /// Names in the order in which the first byte of each was about to leave.
    fn begun(&self) -> Vec<String> {
        let mut seen = BTreeSet::new();
        self.bench.begun.lock().expect("no panic").iter().filter(|name| seen.insert((*name).clone())).cloned().collect()
    }

    async fn states(&self) -> BTreeMap<String, ClaimState> {
        self.bench.claims().await.into_iter().map(|claim| (claim.key.name.to_string(), claim.state)).collect()
    }

    /// What PyPI said of quotas.
    async fn rate_limits(&self) -> usize {
        let mut limits = 0;
        for claim in self.bench.claims().await {
            let trail = self.bench.trail(&claim.key).await;
            limits += trail.iter().filter(|line| line.detail.starts_with("rate-limited")).count();
        }
        limits
    }
}

/// A colleague makes projects with the same account, which nobody told us.
fn a_colleague_uses_up_the_day(bench: &Bench) {
    let mut world = bench.sim.world();
    let quota = world.policy.new_projects_a_day;
    while world.quotas.hit(("user", "acme-bot"), quota, bench.now) {}
}

async fn live(seed: u64) {
    let mut campaign = Campaign::new(seed).await;
    while campaign.ours().len() < 12 {
        campaign.hour().await;
    }
    // The longest in use came first, whoever died meanwhile.
    let begun = campaign.begun();
    assert_eq!(begun, campaign.order[..begun.len()], "seed {seed}");
    assert_eq!(campaign.rate_limits().await, 0, "seed {seed}: a day has no more than its projects");
    // Strangers take ten: some that the changelog tells of, and some that only PyPI's answer does.
    let free = campaign.free();
    campaign.taken(&free[..5]);
    campaign.bench.feed().await;
    campaign.hour().await;
    campaign.bench.pass(TimeDelta::hours(25));
    campaign.taken(&campaign.free()[..5]);
    campaign.bench.work_off().await;
    let lost = campaign.strangers();
    assert_eq!(lost.len(), 10, "seed {seed}");
    campaign.bench.pass(TimeDelta::hours(25));
    a_colleague_uses_up_the_day(&campaign.bench);
    for _ in 0..48 {
        campaign.hour().await;
    }
    assert_eq!(campaign.told, lost, "seed {seed}: owners hear of each, and of nothing else");
    let states = campaign.states().await;
    let over = |name: &String| matches!(states[name], ClaimState::Abandoned | ClaimState::Refused);
    assert!(lost.iter().all(over), "seed {seed}: {states:?}");
    goes_to_its_end(&mut campaign, seed, &lost).await;
}

/// Three are free again, and are claimed back before anything else.
async fn goes_to_its_end(campaign: &mut Campaign, seed: u64, lost: &BTreeSet<String>) {
    let states = campaign.states().await;
    let by_answer: Vec<&String> = lost.iter().filter(|name| states[*name] == ClaimState::Refused).collect();
    let by_feed: Vec<&String> = lost.iter().filter(|name| states[*name] == ClaimState::Abandoned).collect();
    let back: Vec<String> = by_answer.into_iter().take(2).chain(by_feed.into_iter().take(1)).cloned().collect();
    assert_eq!(back.len(), 3, "seed {seed}: {states:?}");
    for name in &back {
        campaign.bench.sim.world().remove(name, campaign.bench.now).expect("PyPI removes it");
    }
    campaign.bench.feed().await;
    let so_far = campaign.bench.begun.lock().expect("no panic").len();
    for _ in 0..24 * 14 {
        if campaign.ours().len() == 23 && campaign.states().await.values().all(|state| state.is_over()) {
            break;
        }
        campaign.hour().await;
    }
    assert_eq!(campaign.ours().len(), 23, "seed {seed}: {:?}", campaign.states().await);
    let next: Vec<String> = campaign.bench.begun.lock().expect("no panic")[so_far..].to_vec();
    let first: BTreeSet<&String> = next.iter().filter(|name| back.contains(name)).collect();
    let others = next.iter().position(|name| !back.contains(name)).unwrap_or(next.len());
    assert!(first.len() == 3 && next[..others].iter().collect::<BTreeSet<_>>().len() == 3, "seed {seed}: {next:?}");
    let claims = campaign.bench.claims().await;
    let ours = claims.iter().filter(|claim| claim.state == ClaimState::Ours);
    let origins: Vec<(String, Origin)> = ours.map(|claim| (claim.key.name.to_string(), claim.origin)).collect();
    assert!(origins.iter().all(|(name, origin)| (*origin == Origin::Back) == back.contains(name)), "{origins:?}");
    assert_eq!((origins.len(), campaign.told.len()), (23, 10), "seed {seed}");
    assert_eq!(campaign.rate_limits().await, 1, "seed {seed}: the colleague's day, and no other");
    assert!(campaign.deaths > 5, "seed {seed}: the uploader died {} times", campaign.deaths);
}

/// Each life has other deaths and another order.
#[tokio::test(flavor = "multi_thread")]
async fn thirty_names_come_home_in_their_order_and_owners_hear_of_strangers_alone() {
    live(1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn thirty_names_come_home_by_another_life_too() {
    live(300).await;
}
