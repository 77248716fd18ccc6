//! Lists of cases by every filter at once, beside the same asked of all cases one by one.

use std::cmp::Reverse;

use chrono::TimeDelta;
use namewarden::api::v1::{Command, Filter, Finding as Shown, Page};
use namewarden::cases::{self, Ruling};
use namewarden::model::command::{Decision, FindingFilter};
use namewarden::model::timeline::Person;
use namewarden::model::{
    Actor, CaseRef, Channel, Event, Finding, FindingState, OwnerId, ProjectName, Tier, WatchId, WatchKind,
};
use namewarden::store::Tx;
use namewarden::watchlist::routes::Routes;
use proptest::prelude::*;

use crate::bench::Bench;
use crate::known::service;

const INVENTORY: &str = r#"
[owners.security]
email = ["s@acme.example"]
names = ["acme-billing==4.0", "corp-vault==1.0"]

[owners.payments]
email = ["p@acme.example"]
names = ["acme-ledger==2.0"]

[[prefix]]
text = "zeta-*"
owner = "payments"
exclusive = true

[[prefix]]
text = "acme-*"
owner = "payments"
"#;

const PROJECTS: [&str; 12] = [
    "acme-billing",
    "acme-ledger",
    "acme-ledgers",
    "acme-tool",
    "acme-tools",
    "corp-vaults",
    "corp-vault",
    "corp-vautl",
    "zeta-one",
    "zeta-two",
    "zeta-three",
    "beta-three",
];
const OWNERS: [&str; 3] = ["security", "payments", "nobody"];
/// The last stands in no name, and in how watches are kept.
const SEARCHED: [&str; 6] = ["acme", "vault", "zeta-t", "ledger", "nothing", "name:"];

/// What became of each: nothing, decided, told, or gone.
#[derive(Clone, Copy, Debug)]
enum Fate {
    Open,
    Decided(Decision),
    Removed,
    Again,
}

fn fate() -> impl Strategy<Value = Fate> {
    let decision = prop::sample::select(vec![Decision::Acknowledge, Decision::Resolve, Decision::Suppress]);
    prop_oneof![
        2 => Just(Fate::Open),
        2 => decision.prop_map(Fate::Decided),
        1 => Just(Fate::Removed),
        1 => Just(Fate::Again),
    ]
}

/// Everything that a filter may name, by place in what there is.
type Wish = (
    (Option<usize>, Option<usize>, Option<usize>, Option<usize>),
    (Vec<FindingState>, Option<Tier>, Option<Tier>, bool),
    (Option<usize>, Option<usize>, bool),
);

fn wish() -> impl Strategy<Value = Wish> {
    let rarely = |most: usize| prop::option::weighted(0.25, 0..most);
    let tier = || prop::option::weighted(0.3, prop::sample::select(vec![Tier::Digest, Tier::Alert, Tier::Page]));
    let states = prop::sample::subsequence(FindingState::ALL.to_vec(), 0..3);
    (
        (rarely(OWNERS.len()), rarely(PROJECTS.len()), rarely(4), rarely(SEARCHED.len())),
        (states, tier(), tier(), prop::bool::weighted(0.2)),
        (rarely(12), prop::option::weighted(0.5, 1..6_usize), any::<bool>()),
    )
}

fn watches() -> [WatchId; 4] {
    let name = |text: &str| WatchId::name(&ProjectName::parse(text).expect("valid"));
    let prefix = |text: &str| WatchId::new(namewarden::model::Registry::Pypi, WatchKind::Prefix, text);
    [name("acme-billing"), name("corp-vault"), prefix("zeta-"), prefix("acme-")]
}

async fn populated(fates: &[Fate]) -> Bench {
    let routes = Routes { default_owner: OwnerId("security".into()), channels: [Channel::Email].into() };
    let mut bench = Bench::with(INVENTORY, routes, &[]).await;
    for (at, (project, fate)) in PROJECTS.iter().zip(fates).enumerate() {
        let created = bench.told(project, Event::Created);
        bench.apply(vec![created]).await;
        if at.is_multiple_of(3) {
            bench.deliver().await;
        }
        match fate {
            Fate::Open => {}
            Fate::Decided(decision) => decide(&bench, project, *decision).await,
            Fate::Removed | Fate::Again => {
                bench.pass(TimeDelta::minutes(1));
                let removed = bench.told(project, Event::Removed);
                bench.apply(vec![removed]).await;
            }
        }
        if matches!(fate, Fate::Again) {
            bench.pass(TimeDelta::minutes(1));
            let again = bench.told(project, Event::Created);
            bench.apply(vec![again]).await;
        }
        // Some are of one moment.
        bench.pass(TimeDelta::minutes(i64::from(at.is_multiple_of(2))));
    }
    bench
}

async fn decide(bench: &Bench, project: &str, decision: Decision) {
    let who = Person { actor: Actor::default(), declared: "ann".to_owned() };
    let (ruling, now, of) = (Ruling { decision, who, note: None }, bench.now, [CaseRef(project.to_owned())]);
    bench.store.write(move |tx| cases::judge_each(tx, &of, &ruling, now)).await.expect("ruled");
}

/// Each case, and whether anybody was told of it.
fn everything(tx: &Tx<'_>) -> Result<Vec<(Finding, bool)>, namewarden::store::StoreError> {
    let all = tx.findings().list(&FindingFilter::default())?;
    let told = |finding: Finding| {
        let fates = tx.tellings().fates(&finding.key)?;
        let told = fates.iter().any(|fate| fate.outcome.as_deref() == Some("told"));
        Ok((finding, told))
    };
    all.into_iter().map(told).collect()
}

fn filter((of, how, page): &Wish, all: &[(Finding, bool)]) -> FindingFilter {
    let ((owner, project, watch, search), (states, at_least, at_most, untold), (after, limit, urgent)) =
        (of, how, page);
    FindingFilter {
        owner: owner.map(|at| OwnerId(OWNERS[at].to_owned())),
        project: project.map(|at| ProjectName::parse(PROJECTS[at]).expect("valid")),
        watch: watch.map(|at| watches()[at].clone()),
        states: states.clone(),
        at_least: *at_least,
        at_most: *at_most,
        urgent: *urgent,
        search: search.map(|at| SEARCHED[at].to_owned()),
        untold: *untold,
        after: after.and_then(|at| all.get(at)).map(|(case, _)| (case.seen_at, case.key.clone())),
        limit: *limit,
        ..FindingFilter::default()
    }
}

fn wants(filter: &FindingFilter, case: &Finding, told: bool) -> bool {
    let threatens = |is: &dyn Fn(&namewarden::model::Threat) -> bool| case.threats.iter().any(is);
    let named = |text: &String| {
        case.project().as_str().contains(text.as_str())
            || threatens(&|threat| threat.watch.text.contains(text.as_str()))
    };
    filter.owner.as_ref().is_none_or(|owner| threatens(&|threat| threat.owner == *owner))
        && filter.project.as_ref().is_none_or(|project| case.project() == project)
        && filter.watch.as_ref().is_none_or(|watch| threatens(&|threat| threat.watch == *watch))
        && (filter.states.is_empty() || filter.states.contains(&case.state))
        && filter.at_least.is_none_or(|least| case.tier >= least)
        && filter.at_most.is_none_or(|most| case.tier <= most)
        && filter.search.as_ref().is_none_or(named)
        && !(filter.untold && told)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 6, max_shrink_iters: 100, ..ProptestConfig::default() })]

    #[test]
    fn a_list_by_any_filter_is_what_its_filter_says(
        fates in prop::collection::vec(fate(), PROJECTS.len()),
        wishes in prop::collection::vec(wish(), 40),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let bench = populated(&fates).await;
            let all = bench.store.read(everything).await.expect("reads");
            for wish in &wishes {
                let filter = filter(wish, &all);
                let is_behind = |case: &Finding| match &filter.after {
                    Some((seen, key)) => case.seen_at < *seen || (case.seen_at == *seen && case.key > *key),
                    None => true,
                };
                let wanted = all.iter().filter(|(case, told)| wants(&filter, case, *told) && is_behind(case));
                let mut wanted: Vec<&Finding> = wanted.map(|(case, _)| case).collect();
                if filter.urgent {
                    wanted.sort_by_key(|case| Reverse(case.tier));
                }
                let wanted: Vec<&str> = wanted.iter().map(|case| case.key.0.as_str()).collect();
                let (asked, most) = (filter.clone(), filter.limit.unwrap_or(usize::MAX));
                let list = move |tx: &Tx<'_>| Ok((tx.findings().list(&asked)?, tx.findings().total(&asked)?));
                let (found, total) = bench.store.read(list).await.expect("reads");
                let found: Vec<&str> = found.iter().map(|case| case.key.0.as_str()).collect();
                assert_eq!(found, wanted[..wanted.len().min(most)], "{filter:?}");
                let whole = all.iter().filter(|(case, told)| wants(&filter, case, *told)).count() as u64;
                assert!(total.is_none_or(|total| total == whole), "{total:?} of {whole}: {filter:?}");
            }
        });
    }
}

/// Whoever asks in another spelling means the same watch, and whoever asks for none that there is hears how to.
#[tokio::test]
async fn cases_are_narrowed_by_a_watch_in_any_spelling() {
    let bench = populated(&[Fate::Open; PROJECTS.len()]).await;
    let found = async |watch: &str| {
        let filter = Filter { watch: Some(watch.to_owned()), ..Filter::default() };
        let said = service(&bench).answer(&Actor::default(), Command::Findings { filter }).await;
        said.map(|said| {
            let page: Page<Shown> = said.read().expect("a page");
            page.items.len()
        })
    };
    for (watch, count) in [
        ("name:acme-billing", 1),
        ("name:Acme_Billing", 1),
        ("prefix:zeta-", 3),
        ("prefix:ZETA-*", 3),
        ("name:zeta-one", 0),
        ("brand:acme", 0),
    ] {
        assert_eq!(found(watch).await.ok(), Some(count), "{watch}");
    }
    for (watch, why) in [
        ("acme-billing", "watch cannot be \"acme-billing\": write it as name:acme-billing, prefix:acme- or brand:acme"),
        ("npm:acme", "watch cannot be \"npm:acme\": write it as name:acme-billing, prefix:acme- or brand:acme"),
        ("", "watch cannot be \"\": write it as name:acme-billing, prefix:acme- or brand:acme"),
    ] {
        let refusal = found(watch).await.expect_err(watch);
        assert_eq!(refusal.to_string(), why);
    }
    let refusal = found("name:_").await.expect_err("no name").to_string();
    assert!(refusal.starts_with("project cannot be \"_\": "), "{refusal}");
}
