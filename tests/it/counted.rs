//! What is counted as cases change is what counting them anew would give, after whatever happened: sightings, look-ups,
//! decisions, inventories, hand-overs, clocks, transactions that fail at their end, and what is forgotten.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use namewarden::cases::{self, Batch, Ruling};
use namewarden::model::command::{Decision, FindingFilter};
use namewarden::model::report::{Occasion, Order};
use namewarden::model::timeline::Person;
use namewarden::model::{Actor, CaseRef, Event, Finding, FindingState, OwnerId, Tier, Time};
use namewarden::reports::{self, Extent, Settled};
use namewarden::store::{OwnersStanding, StoreError, Tx};
use proptest::prelude::*;
use rusqlite::{Connection, OptionalExtension as _};

use crate::bench::{Bench, held_by, release};
use crate::world::INVENTORY;

const NAMES: [&str; 8] = [
    "acme-billing",
    "acme-biling",
    "acme-billling",
    "corp-vault",
    "corp-vaults",
    "zeta-internal-x",
    "acme-legder",
    "acme-ledger",
];

#[derive(Clone, Copy, Debug)]
enum Step {
    Told(usize, Told),
    /// The same, in a transaction that fails at its end.
    Lost(usize, Told),
    LookedUp(usize, bool),
    Ruled(usize, Decision),
    Inventory(usize),
    Days(i64),
    ClockSet(i64),
    Forget,
}

#[derive(Clone, Copy, Debug)]
enum Told {
    Created,
    Released,
    Removed,
}

impl Told {
    fn event(self) -> Event {
        match self {
            Self::Created => Event::Created,
            Self::Released => release("99.0"),
            Self::Removed => Event::Removed,
        }
    }
}

fn step() -> impl Strategy<Value = Step> {
    let name = || 0..NAMES.len();
    let told = || prop_oneof![3 => Just(Told::Created), 1 => Just(Told::Released), 1 => Just(Told::Removed)];
    let decision = prop_oneof![Just(Decision::Acknowledge), Just(Decision::Resolve), Just(Decision::Reopen)];
    prop_oneof![
        6 => (name(), told()).prop_map(|(name, told)| Step::Told(name, told)),
        1 => (name(), told()).prop_map(|(name, told)| Step::Lost(name, told)),
        2 => (name(), any::<bool>()).prop_map(|(name, ours)| Step::LookedUp(name, ours)),
        3 => (name(), decision).prop_map(|(name, decision)| Step::Ruled(name, decision)),
        2 => (0..4_usize).prop_map(Step::Inventory),
        2 => (0..3_i64).prop_map(Step::Days),
        1 => (-30..30_i64).prop_map(Step::ClockSet),
        1 => Just(Step::Forget),
    ]
}

/// Other owners of the same, and fewer watches.
fn inventory(which: usize) -> String {
    match which {
        0 => INVENTORY.to_owned(),
        1 => INVENTORY.replace("\"acme-billing", "\"acme-bookings"),
        2 => "[owners.security]\nemail = [\"s@acme.example\"]\nnames = [\"corp-vault\", \"acme-ledger\"]\n\
              [owners.others]\nemail = [\"o@acme.example\"]\nnames = [\"acme-billing==4.12.0\"]\n"
            .to_owned(),
        _ => "[owners.security]\nemail = [\"s@acme.example\"]\nnames = [\"acme-billing==4.12.0\", \"acme-ledger\"]\n"
            .to_owned(),
    }
}

async fn go(bench: &mut Bench, step: Step) {
    match step {
        Step::Told(name, told) => {
            let sighting = bench.told(NAMES[name], told.event());
            bench.apply(vec![sighting]).await;
        }
        Step::Lost(name, told) => {
            let (watchlist, now) = (bench.watchlist.clone(), bench.now);
            let batch = Batch { sightings: vec![bench.told(NAMES[name], told.event())], ..Batch::default() };
            let lost = bench.store.write(move |tx| {
                cases::apply(tx, &watchlist, &batch, now)?;
                Err::<(), _>(StoreError::Closed)
            });
            assert!(lost.await.is_err());
        }
        Step::LookedUp(name, ours) => {
            let user = if ours { "acme-release-bot" } else { "mallory" };
            bench.learn(NAMES[name], held_by(user, bench.serial())).await;
        }
        Step::Ruled(name, decision) => rule(bench, NAMES[name], decision).await,
        Step::Inventory(which) => bench.follow(&inventory(which)).await,
        Step::Days(days) => bench.pass(TimeDelta::days(days) + TimeDelta::hours(5)),
        Step::ClockSet(hours) => {
            let by = TimeDelta::hours(hours);
            bench.now += by;
            let now = bench.now;
            bench.store.write(move |tx| tx.clock().shift(by, now).map(drop)).await.expect("shifted");
        }
        Step::Forget => {
            let later = bench.now + TimeDelta::days(731);
            while bench.store.write(move |tx| tx.retire(later)).await.expect("retired") > 0 {}
        }
    }
}

async fn rule(bench: &Bench, name: &'static str, decision: Decision) {
    let now = bench.now;
    let ruled = move |tx: &Tx<'_>| {
        let who = Person { actor: Actor::default(), declared: "ada".to_owned() };
        let ruling = Ruling { decision, who, note: Some("x".to_owned()) };
        cases::judge_each(tx, &[CaseRef(name.to_owned())], &ruling, now).map(drop)
    };
    bench.store.write(ruled).await.expect("asked");
}

/// What is kept.
#[derive(Debug, PartialEq, Eq)]
struct Numbers {
    counts: Vec<(Tier, FindingState, u64)>,
    by_day: Vec<(i64, Tier, u64)>,
    rules: Vec<(String, String, u64)>,
    worked_on: Vec<u64>,
    unanswered: BTreeMap<(OwnerId, Tier), (u64, Time)>,
    standing: Vec<(String, u64)>,
    open_names: Vec<OwnersStanding>,
    /// What each channel has to deliver.
    outboxes: Vec<(String, u64)>,
}

async fn kept(bench: &Bench) -> Numbers {
    let now = bench.now;
    let read = move |tx: &Tx<'_>| {
        let mut counts = tx.findings().counts()?;
        counts.sort_by_key(|(tier, state, _)| (*tier, state.as_str()));
        let rules = tx.findings().rules()?;
        let unanswered = tx.findings().unanswered(None)?;
        let outboxes = tx.notices().outboxes(now, now)?;
        Ok(Numbers {
            counts,
            by_day: tx.findings().by_day(0)?,
            rules: rules.into_iter().map(|(rule, tier, number)| (rule, tier.as_str().to_owned(), number)).collect(),
            worked_on: [Tier::Page, Tier::Alert]
                .map(|tier| tx.findings().worked_on(tier))
                .into_iter()
                .collect::<Result<_, _>>()?,
            unanswered: unanswered
                .into_iter()
                .map(|(owner, tier, number, since)| ((owner, tier), (number, since)))
                .collect(),
            standing: tx.watches().standing(None)?,
            open_names: tx.watches().open_to_others(None)?,
            outboxes: outboxes.iter().filter(|of| of.due > 0).map(|of| (of.channel.to_string(), of.due)).collect(),
        })
    };
    let numbers = bench.store.read(read).await.expect("reads");
    each_owner_is_one_of_all(bench, &numbers).await;
    numbers
}

async fn each_owner_is_one_of_all(bench: &Bench, numbers: &Numbers) {
    for (owner, tier) in numbers.unanswered.keys() {
        let of = owner.clone();
        let theirs = bench.store.read(move |tx| tx.findings().unanswered(Some(&of))).await.expect("reads");
        let (_, _, number, since) = theirs.iter().find(|of| of.1 == *tier).expect("theirs");
        assert_eq!(numbers.unanswered[&(owner.clone(), *tier)], (*number, *since));
    }
}

/// The same by reading every case.
async fn counted(bench: &Bench) -> Numbers {
    let store = Connection::open(bench.store.state_dir().join("namewarden.db")).expect("opens");
    let all = bench.store.read(|tx| tx.findings().list(&FindingFilter::default())).await.expect("reads");
    let (mut counts, mut by_day, mut unanswered) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
    for finding in &all {
        counts.entry((finding.tier, finding.state.as_str())).or_insert((finding.state, 0)).1 += 1;
        if !matches!(finding.state, FindingState::PreExisting | FindingState::Unwatched) {
            let day = time(&store, "seen_at", finding).timestamp().div_euclid(86_400);
            *by_day.entry((day, finding.tier)).or_insert(0) += 1;
        }
        asks(&store, finding, &mut unanswered);
    }
    Numbers {
        counts: counts.into_iter().map(|((tier, _), (state, number))| (tier, state, number)).collect(),
        by_day: by_day.into_iter().map(|((day, tier), number)| (day, tier, number)).collect(),
        rules: rules(&store),
        worked_on: [Tier::Page, Tier::Alert].map(|tier| worked_on(&store, tier)).to_vec(),
        unanswered,
        standing: standing(bench).await,
        open_names: open_names(bench).await,
        outboxes: outboxes(&store, bench.now),
    }
}

/// By reading all that waits.
fn outboxes(store: &Connection, now: Time) -> Vec<(String, u64)> {
    let query = "SELECT channel, count(*) FROM (SELECT channel FROM notices WHERE state = 'due' UNION ALL SELECT channel FROM tellings \
                 WHERE notice IS NULL AND outcome IS NULL AND due_at <= ?1) GROUP BY channel ORDER BY channel";
    let mut statement = store.prepare(query).expect("prepares");
    let rows =
        statement.query_map([now.timestamp_micros()], |row| Ok((row.get(0)?, row.get::<_, i64>(1)?.unsigned_abs())));
    rows.expect("runs").map(|row| row.expect("a row")).collect()
}

/// How the watches stand, by reading each.
async fn standing(bench: &Bench) -> Vec<(String, u64)> {
    let all = bench.store.read(|tx| tx.watches().all()).await.expect("reads");
    let mut counts = BTreeMap::new();
    for watched in all {
        let word = watched.known.map_or("", |(exposure, _)| exposure.as_str());
        *counts.entry(word.to_owned()).or_insert(0) += 1;
    }
    counts.into_iter().collect()
}

async fn open_names(bench: &Bench) -> Vec<OwnersStanding> {
    let all = bench.store.read(|tx| tx.watches().all()).await.expect("reads");
    let mut open: BTreeMap<(OwnerId, &str), (u64, Option<Time>)> = BTreeMap::new();
    for watched in all {
        let Some((exposure, since)) = watched.known else { continue };
        if matches!(exposure.as_str(), "taken" | "exposed" | "removed") {
            let owner = bench.watchlist.inventory.watch(&watched.id).expect("in force").owner.clone();
            let of = open.entry((owner, exposure.as_str())).or_default();
            *of = (of.0 + 1, Some(of.1.map_or(since, |first| first.min(since))));
        }
    }
    open.into_iter().map(|((owner, word), (count, since))| (owner, word.to_owned(), count, since)).collect()
}

fn asks(store: &Connection, finding: &Finding, unanswered: &mut BTreeMap<(OwnerId, Tier), (u64, Time)>) {
    if finding.state != FindingState::Open {
        return;
    }
    let since = time(store, "worsened_at", finding);
    for (owner, tier) in finding.audience().into_iter().filter(|(_, tier)| *tier > Tier::Digest) {
        let of = unanswered.entry((owner.clone(), tier)).or_insert((0, since));
        *of = (of.0 + 1, of.1.min(since));
    }
}

/// As a clock that was set has left it.
fn time(store: &Connection, column: &str, of: &Finding) -> Time {
    let query = format!("SELECT {column} FROM findings WHERE key = ?1");
    let micros: i64 = store.query_row(&query, [&of.key.0], |row| row.get(0)).expect("a time");
    Time::from_timestamp_micros(micros).expect("a time")
}

fn rules(store: &Connection) -> Vec<(String, String, u64)> {
    let query =
        "SELECT rule, tier, count(*) FROM threats WHERE rule IS NOT NULL GROUP BY rule, tier ORDER BY rule, tier";
    let mut statement = store.prepare(query).expect("prepares");
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get::<_, i64>(2)?.unsigned_abs())));
    rows.expect("runs").map(|row| row.expect("a row")).collect()
}

fn worked_on(store: &Connection, tier: Tier) -> u64 {
    let query = "SELECT count(*) FROM findings f WHERE f.state = 'acknowledged' AND f.tier = ?1 \
                 AND (EXISTS (SELECT 1 FROM finding_events e WHERE e.key = f.key AND e.kind = 'opened') \
                 OR EXISTS (SELECT 1 FROM case_events c WHERE c.key = f.key AND c.kind = 'worsened'))";
    store.query_row(query, [tier.as_str()], |row| row.get::<_, i64>(0)).expect("counts").unsigned_abs()
}

/// What a list is said to hold is what it holds.
async fn totals(bench: &Bench) {
    use FindingState::{Acknowledged, Open, Resolved};
    let of = |owner: Option<&str>, states: &[FindingState], at_least| FindingFilter {
        owner: owner.map(|owner| OwnerId(owner.to_owned())),
        states: states.to_vec(),
        at_least,
        ..FindingFilter::default()
    };
    let asked = [
        of(None, &[], None),
        of(None, &[Open, Resolved], Some(Tier::Alert)),
        of(Some("security"), &[Open, Acknowledged], None),
        of(Some("others"), &[Open], Some(Tier::Page)),
        FindingFilter { at_most: Some(Tier::Alert), ..of(None, &[Open], Some(Tier::Alert)) },
    ];
    for filter in asked {
        let (wanted, again) = (filter.clone(), filter.clone());
        let total = bench.store.read(move |tx| tx.findings().total(&wanted)).await.expect("reads");
        let listed = bench.store.read(move |tx| tx.findings().list(&again)).await.expect("reads");
        assert_eq!(total, Some(listed.len() as u64), "{filter:?}");
    }
}

/// The numbers of a report.
#[derive(Debug, Default, PartialEq, Eq)]
struct Reported {
    /// New, open, unanswered, settled.
    tiers: BTreeMap<Tier, [usize; 4]>,
    /// New pages, alerts and digests, bar by bar.
    bars: Vec<(Time, [usize; 3])>,
    cases: usize,
    seconds: Vec<i64>,
    waiting: usize,
    since: Option<Time>,
}

async fn reported(bench: &Bench, owner: Option<&str>, since: Time) -> Option<Reported> {
    let (watchlist, now) = (bench.watchlist.clone(), bench.now);
    let owner = owner.map(|owner| OwnerId(owner.to_owned()));
    let order = Order { owner, since, until: now, occasion: Occasion::Asked, before: None };
    let make = move |tx: &Tx<'_>| {
        let (inventory, default_owner) = (&*watchlist.inventory, &watchlist.routes.default_owner);
        let by = Settled { inventory, default_owner, answer_within: TimeDelta::hours(4) };
        let [brief, whole] = [Extent::Brief, Extent::Whole].map(|extent| reports::make(tx, by, &order, extent, now));
        let (brief, whole) = (brief?, whole?);
        assert_eq!(brief, whole, "a few cases are told whole");
        Ok(whole)
    };
    let report = bench.store.read(make).await.expect("reads")?;
    let of = report.findings;
    Some(Reported {
        tiers: of.tiers.iter().map(|tier| (tier.tier, [tier.new, tier.open, tier.unanswered, tier.settled])).collect(),
        bars: of.histogram.bars.iter().map(|bar| (bar.from, [bar.pages, bar.alerts, bar.digests])).collect(),
        cases: of.cases.len() + of.omitted,
        seconds: of.answers.seconds,
        waiting: of.answers.waiting,
        since: of.answers.since,
    })
}

/// The same by reading every case, and whatever happened to each; of the bars it is known when each begins.
async fn reread(bench: &Bench, owner: Option<&str>, since: Time, bars: &[Time]) -> Reported {
    let store = Connection::open(bench.store.state_dir().join("namewarden.db")).expect("opens");
    let all = bench.store.read(|tx| tx.findings().list(&FindingFilter::default())).await.expect("reads");
    let tiers = [Tier::Page, Tier::Alert, Tier::Digest].map(|tier| (tier, [0; 4]));
    let bars = bars.iter().map(|from| (*from, [0; 3])).collect();
    let mut reported = Reported { tiers: tiers.into(), bars, ..Reported::default() };
    for finding in all.iter().filter(|finding| is_reported(&store, finding)) {
        if owner.is_none_or(|owner| finding.is_of(&OwnerId(owner.to_owned()))) {
            add(&store, finding, (since, bench.now), &mut reported);
        }
    }
    reported.seconds.sort_unstable();
    reported
}

/// What stood or is not watched is none, nor what was ours before anybody heard of it.
fn is_reported(store: &Connection, of: &Finding) -> bool {
    let told = "SELECT count(*) FROM tellings WHERE key = ?1 AND outcome = 'told'";
    match of.state {
        FindingState::PreExisting | FindingState::Unwatched => false,
        FindingState::Ours => store.query_row(told, [&of.key.0], |row| row.get::<_, i64>(0)).expect("counts") > 0,
        _ => true,
    }
}

fn add(store: &Connection, of: &Finding, (since, until): (Time, Time), to: &mut Reported) {
    let (seen, worsened) = (time(store, "seen_at", of), time(store, "worsened_at", of));
    let event = |what: &str| {
        let query = format!("SELECT at FROM finding_events WHERE key = ?1 {what} LIMIT 1");
        let micros: Option<i64> = store.query_row(&query, [&of.key.0], |row| row.get(0)).optional().expect("a time");
        micros.and_then(Time::from_timestamp_micros)
    };
    let open = matches!(of.state, FindingState::Open | FindingState::Acknowledged);
    let happened = seen > since || event("ORDER BY at DESC").is_some_and(|at| at > since);
    let is_new = seen > since && seen <= until;
    if let Some((_, bar)) = to.bars.iter_mut().rfind(|(from, _)| is_new && *from <= seen) {
        bar[(Tier::Page as usize).abs_diff(of.tier as usize)] += 1;
    }
    let tier = to.tiers.entry(of.tier).or_default();
    tier[0] += usize::from(is_new);
    tier[1] += usize::from(open);
    tier[2] += usize::from(of.state == FindingState::Open);
    tier[3] += usize::from(!open && happened);
    to.cases += usize::from(open || happened);
    if of.tier == Tier::Digest {
        return;
    }
    let said = "AND person IS NOT NULL AND kind IN ('acknowledged', 'resolved', 'suppressed') ORDER BY id";
    to.seconds.extend(event(said).filter(|at| *at > since).map(|at| (at - seen).num_seconds().max(0)));
    if of.state == FindingState::Open {
        to.waiting += 1;
        to.since = Some(to.since.map_or(worsened, |since| since.min(worsened)));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_kept_is_what_counting_gives(stands in 0..4_usize, steps in prop::collection::vec(step(), 1..24)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let mut bench = Bench::new(&NAMES[..stands]).await;
            for (done, step) in steps.iter().enumerate() {
                go(&mut bench, *step).await;
                totals(&bench).await;
                let (kept, counted) = (kept(&bench).await, counted(&bench).await);
                assert_eq!(kept, counted, "after {:?}", &steps[..=done]);
                for (owner, days) in [(None, 1), (None, 400), (Some("security"), 2), (Some("others"), 9)] {
                    let since = bench.now - TimeDelta::days(days);
                    let Some(reported) = reported(&bench, owner, since).await else { continue };
                    let bars: Vec<Time> = reported.bars.iter().map(|(from, _)| *from).collect();
                    let reread = reread(&bench, owner, since, &bars).await;
                    assert_eq!(reported, reread, "{owner:?} after {:?}", &steps[..=done]);
                }
            }
        });
    }
}
