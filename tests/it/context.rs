//! What happens around a case raises it, and the case that was there before: whoever is told first, visibly, and for good.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use chrono::TimeDelta;
use namewarden::cases;
use namewarden::cases::Learned;
use namewarden::cases::throttle;
use namewarden::model::notice::NoticeEvent::{Registered, Worsened};
use namewarden::model::{
    Channel, Event, Facts, Finding, FindingState, OwnerId, ProjectName, Registry, Releases, Serial, Sighting, Tier, Why,
};
use namewarden::watchlist::routes::Routes;
use proptest::prelude::*;

use crate::bench::{Bench, cases, held_by, neighbours, release, sighting};
use crate::world::World;

const INVENTORY: &str = r#"
[owners.security]
email = ["security@acme.example"]
names = ["acme-billing==4.12.0", "quarto", "ledgers", "corp-search", "data-service"]

[[brand]]
word = "acmecorp"
owner = "security"

[registrants]
users = ["acme-release-bot"]
"#;

async fn bench() -> Bench {
    bench_with(&[]).await
}

async fn bench_with(standing: &[&'static str]) -> Bench {
    let routes = Routes { default_owner: OwnerId("security".into()), channels: [Channel::Email].into() };
    let bench = Bench::with(INVENTORY, routes, standing).await;
    bench.deliver().await;
    bench
}

/// Names that resemble this watch alone, by edits, and too little for an alert. Judged once: every bench has the same inventory, and
/// there are thousands to choose from.
fn faint(bench: &Bench, watch: &'static str) -> Vec<String> {
    static FOUND: Mutex<BTreeMap<&str, Vec<String>>> = Mutex::new(BTreeMap::new());
    let mut found = FOUND.lock().unwrap_or_else(PoisonError::into_inner);
    found.entry(watch).or_insert_with(|| find_faint(bench, watch)).clone()
}

fn find_faint(bench: &Bench, watch: &str) -> Vec<String> {
    let letters = || "abcdefghijklmnopqrstuvwxyz".chars();
    let near = (1..watch.len()).flat_map(|at| {
        letters().flat_map(move |a| {
            letters().step_by(5).flat_map(move |b| {
                let cut =
                    |by: usize, with: String| format!("{}{with}{}", &watch[..at], watch.get(at + by..).unwrap_or(""));
                [
                    cut(1, format!("{a}{b}")),
                    cut(2, format!("{a}{b}")),
                    cut(1, format!("{a}")),
                    cut(0, format!("{a}{b}")),
                ]
            })
        })
    });
    let is_faint = |name: &String| {
        let found = bench.watchlist.matcher(Registry::Pypi).judge(&ProjectName::parse(name).expect("valid")).matches;
        let edits = found.iter().any(|m| m.rule.is_by_edits());
        edits && found.iter().all(|m| m.tier == Tier::Digest && m.lacks <= 8 && m.watch.text == watch)
    };
    let mut names: Vec<String> = near.filter(is_faint).collect();
    names.sort();
    names.dedup();
    assert!(names.len() > 10, "{watch} has {} faint look-alikes", names.len());
    names
}

async fn only(bench: &Bench, name: &str) -> Finding {
    let mut found = bench.findings(name).await;
    assert_eq!(found.len(), 1, "{name}");
    found.remove(0)
}

/// What a look-up tells, and how it is said of a case.
fn says(finding: &Finding) -> Vec<&'static str> {
    finding.context.iter().map(|context| context.why.as_str()).collect()
}

#[tokio::test]
async fn two_faint_look_alikes_within_the_hour_raise_each_other() {
    let mut bench = bench().await;
    let names = faint(&bench, "quarto");
    let first = vec![bench.told(&names[0], Event::Created)];
    bench.apply(first).await;
    assert_eq!((bench.deliver().await.len(), only(&bench, &names[0]).await.tier), (0, Tier::Digest));
    bench.pass(TimeDelta::minutes(59));
    let second = vec![bench.told(&names[1], Event::Created)];
    bench.apply(second).await;
    for (name, other) in [(0, 1), (1, 0)] {
        let finding = only(&bench, &names[name]).await;
        assert_eq!((finding.tier, finding.state), (Tier::Alert, FindingState::Open), "{}", finding.key);
        let [context] = &finding.context[..] else { panic!("{:?}", finding.context) };
        let with = ProjectName::parse(&names[other]).expect("valid");
        assert!(matches!(&context.why, Why::Together { with: seen, .. } if *seen == with), "{context:?}");
        assert!(finding.threats[0].matches.iter().all(|m| m.tier == Tier::Digest), "the match is what it was");
    }
    let told = bench.deliver().await;
    assert_eq!(told.iter().map(|row| (row.tier, cases(row))).collect::<Vec<_>>(), [(Tier::Alert, 2)]);
    assert_eq!(bench.events().await, [Registered, Registered, Worsened]);
}

#[tokio::test]
async fn the_one_that_was_told_before_is_told_as_worse() {
    let mut bench = bench().await;
    let names = faint(&bench, "quarto");
    let first = vec![bench.told(&names[0], Event::Created)];
    bench.apply(first).await;
    let now = bench.now;
    bench.store.write(move |tx| cases::digest(tx, now)).await.expect("the store works");
    assert_eq!(bench.deliver().await.len(), 1);
    bench.pass(TimeDelta::minutes(20));
    let second = vec![bench.told(&names[1], Event::Created)];
    bench.apply(second).await;
    assert_eq!(bench.deliver().await.iter().map(cases).collect::<Vec<_>>(), [2]);
    assert_eq!(bench.events().await, [Registered, Registered, Worsened]);
    let third = vec![bench.told(&names[2], Event::Created)];
    bench.apply(third).await;
    assert_eq!(bench.deliver().await.iter().map(cases).collect::<Vec<_>>(), [1], "each is raised once");
}

#[tokio::test]
async fn what_is_farther_apart_or_near_another_watch_raises_nothing() {
    let mut bench = bench().await;
    let (names, others) = (faint(&bench, "quarto"), faint(&bench, "ledgers"));
    for (name, wait) in [(&names[0], 0), (&others[0], 1), (&names[1], 61), (&names[1], 1)] {
        bench.pass(TimeDelta::minutes(wait));
        let created = vec![bench.told(name, Event::Created)];
        bench.apply(created).await;
    }
    for name in [&names[0], &others[0], &names[1]] {
        assert!(bench.findings(name).await.iter().all(|finding| finding.tier == Tier::Digest), "{name}");
    }
    assert_eq!(bench.deliver().await.len(), 0);
}

/// What is removed again, to be raised no more, has been seen.
#[tokio::test]
async fn what_is_taken_back_lowers_nothing() {
    let mut bench = bench().await;
    let names = faint(&bench, "quarto");
    let created = vec![bench.told(&names[0], Event::Created), bench.told(&names[1], Event::Created)];
    bench.apply(created).await;
    let gone = vec![bench.told(&names[0], Event::Removed)];
    bench.apply(gone).await;
    assert_eq!(only(&bench, &names[1]).await.tier, Tier::Alert);
    let third = vec![bench.told(&names[2], Event::Created), bench.told(&names[2], release("99.0"))];
    bench.apply(third).await;
    let withdrawn = vec![bench.told(&names[2], Event::Withdrawn { version: "99.0".into() })];
    bench.apply(withdrawn).await;
    bench.learn(&names[2], page("mallory", &["0.1"], bench.serial())).await;
    assert_eq!(only(&bench, &names[2]).await.tier, Tier::Alert);
}

fn page(user: &str, versions: &[&str], serial: Serial) -> Learned {
    let releases = Releases::told(versions.iter().copied());
    let facts = Facts { users: vec![user.to_owned()], releases, ..Facts::default() };
    Learned::Facts { facts: Box::new(facts), serial: Some(serial) }
}

#[tokio::test]
async fn a_version_made_to_win_is_worth_eight_bits() {
    let mut bench = bench().await;
    let near = &faint(&bench, "quarto")[0];
    // A brand word in a name lacks six; a companion of a name lacks more.
    let far = companion(&bench);
    for name in [near.as_str(), "acmecorp-things", &far] {
        let created = vec![bench.told(name, Event::Created)];
        bench.apply(created).await;
    }
    bench.pass(TimeDelta::minutes(30));
    for (name, tier) in [(near.as_str(), Tier::Alert), ("acmecorp-things", Tier::Alert), (&far, Tier::Digest)] {
        let released = vec![bench.told(name, release("99.0"))];
        bench.apply(released).await;
        let finding = only(&bench, name).await;
        assert_eq!((finding.tier, says(&finding)), (tier, vec!["version"]), "{name}");
    }
    assert_eq!(bench.deliver().await.iter().map(cases).sum::<usize>(), 2);
}

/// A name that resembles a watch of common words by a technique of everyday use, and lacks more than one thing is worth.
fn companion(bench: &Bench) -> String {
    let words = ["tools", "utils", "client", "web", "test", "demo", "py", "api", "data", "app"];
    let names = words.iter().map(|word| format!("data-service-{word}"));
    let is_far = |name: &String| {
        let found = bench.watchlist.matcher(Registry::Pypi).judge(&ProjectName::parse(name).expect("valid")).matches;
        !found.is_empty() && found.iter().all(|m| m.lacks > 8 && !m.rule.is_by_edits())
    };
    names.into_iter().find(is_far).expect("a companion")
}

/// Alerts that come together are told as they are: nothing is higher than it was, and no page comes of any of it.
#[tokio::test]
async fn context_makes_no_page_and_tells_no_alert_twice() {
    let mut bench = bench().await;
    let names = &neighbours("corp-search")[..6];
    for name in names {
        let created = vec![bench.told(name, Event::Created), bench.told(name, release("99.0"))];
        bench.apply(created).await;
        bench.learn(name, held_by("mallory", bench.serial())).await;
        assert_eq!(bench.deliver().await.len(), 1);
        bench.pass(TimeDelta::seconds(5));
    }
    assert_eq!(bench.deliver().await.len(), 0);
    for name in names {
        let finding = only(&bench, name).await;
        assert_eq!(finding.tier, Tier::Alert);
        assert_eq!(finding.context.len(), 3, "{:?}", finding.context);
    }
}

#[tokio::test]
async fn one_hand_in_two_cases_raises_both_and_ours_is_no_hand() {
    let mut bench = bench().await;
    let (far, near) = ("acmecorp-things", faint(&bench, "ledgers").remove(0));
    for name in [far, near.as_str()] {
        let created = vec![bench.told(name, Event::Created)];
        bench.apply(created).await;
        bench.pass(TimeDelta::hours(30));
    }
    bench.learn(far, held_by("Mallory", bench.serial())).await;
    assert_eq!(bench.deliver().await.len(), 0);
    bench.learn(&near, held_by("mallory", bench.serial())).await;
    for name in [far, near.as_str()] {
        let finding = only(&bench, name).await;
        assert_eq!((finding.tier, says(&finding)), (Tier::Alert, vec!["registrant"]), "{name}");
    }
    assert_eq!(bench.deliver().await.iter().map(cases).sum::<usize>(), 2);
    let twice = bench.learn(&near, held_by("mallory", bench.serial())).await;
    assert_eq!(twice, 0);
    for name in ["acmecorp-alpha", "acmecorp-beta"] {
        let created = vec![bench.told(name, Event::Created)];
        bench.apply(created).await;
        bench.learn(name, held_by("acme-release-bot", bench.serial())).await;
        assert_eq!(only(&bench, name).await.context, []);
    }
}

/// Who rightfully holds a watched name, or was declared harmless, makes nothing suspect.
#[tokio::test]
async fn who_held_a_name_before_the_watch_is_no_hand() {
    let mut bench = bench_with(&["quarto"]).await;
    bench.learn("quarto", held_by("rightful", bench.serial())).await;
    let created = vec![bench.told("acmecorp-things", Event::Created)];
    bench.apply(created).await;
    bench.learn("acmecorp-things", held_by("rightful", bench.serial())).await;
    assert_eq!(only(&bench, "acmecorp-things").await.context, []);
}

/// Look-alikes that alert are asked for, after everything else, and never more than a few hundred at once.
#[tokio::test]
async fn look_alikes_that_alert_are_looked_up_in_a_line_of_their_own() {
    let mut bench = bench().await;
    let near = faint(&bench, "quarto").remove(0);
    let created = vec![bench.told(&near, Event::Created)];
    bench.apply(created).await;
    let now = bench.now;
    let waiting =
        async |bench: &Bench| bench.store.read(|tx| tx.facts().look_alikes_waiting(10_000)).await.expect("reads");
    assert_eq!(waiting(&bench).await, 0, "a digest tells nobody which names are near ours");
    let many = neighbours("acme-billing");
    let all = many.iter().chain(&neighbours("corp-search")).map(|name| bench.told(name, Event::Created)).collect();
    bench.apply(all).await;
    let own = vec![bench.told("acme-billing", Event::Created)];
    bench.apply(own).await;
    assert!((200..=500).contains(&waiting(&bench).await), "{}", waiting(&bench).await);
    let due = bench.store.read(move |tx| tx.facts().due(now, 10)).await.expect("reads");
    assert_eq!(due[0].project.as_str(), "acme-billing");
    // The others are what PyPI takes for it: acme-biiling.
    assert!(due.iter().all(|look| look.project.as_str().starts_with("acme-b")), "{due:?}");
    // What is asked for in vain is given up.
    let first = neighbours("corp-search").remove(0);
    let first = first.as_str();
    for _ in 0..5 {
        let reason = "no answer".to_owned();
        let none = Learned::Trouble { reason, releases: Box::default(), uploaded: None, serial: None, wait: None };
        bench.learn(first, none).await;
        bench.pass(TimeDelta::hours(1));
    }
    let (key, now) = (only(&bench, first).await.key, bench.now + TimeDelta::days(2));
    assert!(!bench.store.read(move |tx| tx.facts().is_due(&key, now)).await.expect("reads"));
}

/// Three hundred faint look-alikes in an hour: all are raised, in a few messages, and a watched name comes before them.
#[tokio::test]
async fn a_storm_of_raises_is_folded_and_a_watched_name_waits_for_none_of_it() {
    let mut bench = bench().await;
    let names: Vec<String> = faint(&bench, "quarto").into_iter().chain(faint(&bench, "ledgers")).take(300).collect();
    let mut messages = 0;
    for name in &names {
        let created = vec![bench.told(name, Event::Created)];
        bench.apply(created).await;
        messages += bench.deliver().await.len();
        bench.pass(TimeDelta::seconds(10));
    }
    assert!(messages <= throttle::PER_HOUR + 5, "{messages}");
    let own = vec![bench.told("acme-billing", Event::Created)];
    bench.apply(own).await;
    bench.pass(TimeDelta::seconds(5));
    let told = bench.deliver().await;
    assert!(told.iter().any(|row| row.tier == Tier::Page && cases(row) == 1), "{told:?}");
    bench.pass(throttle::BATCH);
    bench.deliver().await;
    for name in &names {
        assert_eq!(only(&bench, name).await.tier, Tier::Alert, "{name}");
    }
    let events = bench.events().await;
    assert_eq!(events.iter().filter(|event| **event == Registered).count(), names.len() + 1);
    assert!(events.iter().filter(|event| **event == Worsened).count() <= 2, "one for each watch");
}

/// A registration of one of the names, so many minutes after the first, with what it releases and who holds it.
#[derive(Clone, Debug)]
struct Act {
    name: usize,
    minute: i64,
    version: Option<&'static str>,
    holder: Option<&'static str>,
    removed: bool,
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let version = prop::option::of(prop_oneof![Just("0.1"), Just("99.0")]);
    let holder = prop::option::of(prop_oneof![Just("mallory"), Just("eve"), Just("acme-release-bot")]);
    let act = (0..14_usize, 0..200_i64, version, holder, any::<bool>());
    let act = act.prop_map(|(name, minute, version, holder, removed)| Act { name, minute, version, holder, removed });
    prop::collection::vec(act, 2..8).prop_map(|mut acts| {
        acts.sort_by_key(|act| act.name);
        acts.dedup_by_key(|act| act.name);
        acts
    })
}

/// What feeds and look-ups tell of each registration, in order; the registrations in the order given, in batches of so
/// many.
async fn tiers(acts: &[Act], order: &[usize], batch: usize) -> BTreeMap<String, (Tier, Vec<&'static str>)> {
    let mut bench = bench().await;
    let mut names = faint(&bench, "quarto")[..5].to_vec();
    names.extend_from_slice(&faint(&bench, "ledgers")[..4]);
    names.extend_from_slice(&neighbours("corp-search")[..3]);
    names.extend(["acmecorp-things".to_owned(), companion(&bench)]);
    let start = bench.now;
    bench.pass(TimeDelta::hours(4));
    let at = |act: &Act, after: i64, event: Event| Sighting {
        feed: namewarden::model::Feed::Changelog,
        serial: Some(Serial(2000 + act.name as u64 * 10 + after.unsigned_abs())),
        at: Some(start + TimeDelta::minutes(act.minute) + TimeDelta::seconds(after)),
        ..sighting(&names[act.name], event)
    };
    let of = |act: &Act| {
        let mut told = vec![at(act, 0, Event::Created)];
        told.extend(act.version.map(|version| at(act, 1, release(version))));
        told
    };
    let told: Vec<Sighting> = order.iter().flat_map(|place| of(&acts[*place])).collect();
    for some in told.chunks(batch) {
        bench.apply(some.to_vec()).await;
    }
    for act in order.iter().map(|place| &acts[*place]) {
        if let Some(holder) = act.holder {
            bench.learn(&names[act.name], held_by(holder, Serial(1_000_000))).await;
        }
    }
    for act in order.iter().map(|place| &acts[*place]).filter(|act| act.removed) {
        bench.apply(vec![at(act, 2, Event::Removed)]).await;
    }
    let mut tiers = BTreeMap::new();
    for act in acts {
        let finding = only(&bench, &names[act.name]).await;
        let mut kinds = says(&finding);
        kinds.sort_unstable();
        tiers.insert(finding.key.0.clone(), (finding.tier, kinds));
    }
    tiers
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, max_shrink_iters: 100, ..ProptestConfig::default() })]

    #[test]
    fn the_tiers_in_the_end_are_the_same_in_any_order(
        (acts, order) in acts().prop_flat_map(|acts| {
            let order = Just((0..acts.len()).collect::<Vec<_>>()).prop_shuffle();
            (Just(acts), order)
        }),
        batch in 1..9_usize,
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let straight: Vec<usize> = (0..acts.len()).collect();
            assert_eq!(tiers(&acts, &straight, 1).await, tiers(&acts, &order, batch).await);
        });
    }
}

/// The daemon asks who holds a look-alike once it has told of it.
#[tokio::test]
async fn a_look_alike_that_alerts_is_told_at_once_and_looked_up_after() {
    let mut world = World::new().await;
    world.register("corp-serch", "mallory");
    let mail = world.expect_mail("registered", "corp-serch").await;
    assert!(mail.subject.starts_with("[alert]"), "{}", mail.subject);
    let held = async |w: &World| w.findings_of("corp-serch").await[0].facts.users == ["mallory"];
    world.until("it is known who holds it", async |w| held(w).await).await;
    world.register("corp-serhc", "mallory");
    let mail = world.expect_mail("registered", "corp-serhc").await;
    assert!(mail.text.contains("another look-alike of corp-search"), "{}", mail.text);
    let both = async |w: &World| {
        let context = &w.findings_of("corp-serch").await[0].context;
        context.iter().any(|context| matches!(context.why, Why::Registrant { .. }))
    };
    world.until("it is known that one hand holds both", async |w| both(w).await).await;
    world.finish().await;
}
