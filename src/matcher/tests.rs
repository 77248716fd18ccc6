//! The matcher as others use it: examples, properties, and the index against a matcher that has none.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::evidence::name::Name;
use super::evidence::score::{self, Use, Weight};
use super::evidence::{affixes, cost};
use super::judgement::{self, Judgement};
use super::retrieval::index::number;
use super::*;
use crate::model::{Inventory, Match, OwnerId, ProjectName, Registry, Rule, Tier, Watch, WatchId, WatchKind};

fn inventory<'a>(watches: impl IntoIterator<Item = (WatchKind, &'a str)>) -> Inventory {
    let watch = |(kind, text): (WatchKind, &str)| {
        let id = WatchId::new(Registry::Pypi, kind, text);
        let watch = Watch {
            id: id.clone(),
            display: text.to_owned(),
            owner: OwnerId("team".to_owned()),
            exclusive: true,
            latest_version: None,
            first_use: None,
            index: None,
        };
        (id, watch)
    };
    Inventory { watches: watches.into_iter().map(watch).collect::<BTreeMap<_, _>>(), ..Inventory::default() }
}

fn watching(names: &[&str]) -> Matcher {
    Matcher::build(&inventory(names.iter().map(|name| (WatchKind::Name, *name))))
}

fn name(text: &str) -> ProjectName {
    ProjectName::parse(text).expect("a valid name")
}

fn rules(matcher: &Matcher, text: &str) -> Vec<(Rule, Tier)> {
    matcher.judge(&name(text)).matches.iter().map(|m| (m.rule, m.tier)).collect()
}

/// Every watch, no index: what the index must not lose.
fn naive(matcher: &Matcher, text: &str) -> Judgement {
    let name = Name::new(text);
    let mut held = Vec::new();
    for watch in 0..matcher.watches.len() {
        matcher.judge_pair(&name, number(watch), &mut held);
    }
    matcher.judgement(&name, held, Vec::new())
}

#[test]
fn the_rules_find_their_kind() {
    let matcher = watching(&["acme-billing"]);
    for (text, rule, tier) in [
        ("Acme.Billing", Rule::Exact, Tier::Page),
        ("acme-bi1ling", Rule::Ultranormal, Tier::Page),
        ("acme-biling", Rule::Omission, Tier::Alert),
        ("acme-billling", Rule::Repetition, Tier::Alert),
        ("acme-bixlling", Rule::Insertion, Tier::Alert),
        ("acme-billnig", Rule::Transposition, Tier::Alert),
        ("acme-billimg", Rule::Keyboard, Tier::Alert),
        ("acme-biloimg", Rule::TwoEdits, Tier::Alert),
        ("billing-acme", Rule::Reorder, Tier::Alert),
        ("acme-billings", Rule::Plural, Tier::Alert),
        ("acme-biling-sdk", Rule::AffixEdit, Tier::Alert),
    ] {
        assert_eq!(rules(&matcher, text).first(), Some(&(rule, tier)), "{text}");
    }
    assert_eq!(rules(&matcher, "requests"), []);
}

#[test]
fn a_watched_name_is_found_behind_any_number_of_words() {
    let name = format!("{}acme-billing-z", "a-b-".repeat(20));
    assert_eq!(rules(&watching(&["acme-billing"]), &name).first(), Some(&(Rule::Contains, Tier::Alert)));
}

#[test]
fn exact_names_match_by_that_rule_alone() {
    assert_eq!(rules(&watching(&["acme-billing", "requests"]), "Acme.Billing"), [(Rule::Exact, Tier::Page)]);
}

#[test]
fn separators_are_told_beside_ultranormal() {
    let found = rules(&watching(&["acme-billing"]), "acmebilling");
    assert_eq!(found, [(Rule::Ultranormal, Tier::Page), (Rule::Separators, Tier::Alert)]);
}

#[test]
fn a_listed_name_alerts() {
    let mut inventory = inventory([(WatchKind::Name, "acme-billing")]);
    let watch = WatchId::new(Registry::Pypi, WatchKind::Name, "acme-billing");
    inventory.listed.insert(name("shop-invoices"), watch);
    assert_eq!(rules(&Matcher::build(&inventory), "shop.invoices"), [(Rule::Listed, Tier::Alert)]);
}

#[test]
fn a_look_alike_of_a_prefix_names_it_as_people_write_it() {
    let mut inventory = inventory([(WatchKind::Prefix, "acme-")]);
    inventory.listed.insert(name("shop-invoices"), WatchId::new(Registry::Pypi, WatchKind::Prefix, "acme-"));
    let found = Matcher::build(&inventory).judge(&name("shop-invoices")).matches;
    assert!(found[0].explanation.contains("look-alikes of acme-*."), "{}", found[0].explanation);
}

#[test]
fn prefixes_and_brand_words_match_whole_tokens() {
    let matcher = Matcher::build(&inventory([(WatchKind::Prefix, "acme-"), (WatchKind::Brand, "acme")]));
    assert_eq!(rules(&matcher, "acme-new"), [(Rule::Prefix, Tier::Page), (Rule::Brand, Tier::Digest)]);
    assert_eq!(rules(&matcher, "my-acme"), [(Rule::Brand, Tier::Digest)]);
    assert_eq!(rules(&matcher, "acmecorp"), []);
}

#[test]
fn an_explanation_says_what_and_why() {
    let found = watching(&["acme-billing"]).judge(&name("acme-biling")).matches;
    insta::assert_snapshot!(found[0].explanation, @"acme-biling leaves out l in acme-billing. Alert: chance is a poor explanation; 37.2 bits of evidence (42.2 for how unusual the name is, less 5.0 for the technique), digest from 10, alert from 18.");
}

#[test]
fn another_number_is_another_version_and_no_slip() {
    let matcher = watching(&["acme-cuda12"]);
    let (other, slip) = (matcher.judge(&name("acme-cuda13")).matches, matcher.judge(&name("acme-cdua12")).matches);
    assert_eq!((other[0].tier, slip[0].tier), (Tier::Digest, Tier::Alert), "{}", other[0].explanation);
    assert!(other[0].explanation.contains("alert from 32"), "{}", other[0].explanation);
}

#[test]
fn what_honest_projects_do_takes_more_and_grows_slower() {
    let score = |use_, unusual| score::score(Weight::Bits { unusual, technique: 0.0, use_, least: None });
    assert_eq!([9.0, 10.0, 31.9].map(|bits| score(Use::Everyday, bits)), [None, Some(30), Some(59)]);
    assert_eq!([32.0, 40.0].map(|bits| score(Use::Everyday, bits)), [Some(60), Some(64)]);
    assert_eq!([25.4, 25.5, 29.5].map(|bits| score(Use::Companion, bits)), [Some(59), Some(60), Some(62)]);
    assert_eq!([18.0, 26.0].map(|bits| score(Use::Imitation, bits)), [Some(60), Some(68)]);
}

#[test]
fn an_edit_in_a_short_word_weighs_less() {
    let tier = |watch: &str, text: &str| watching(&[watch]).judge(&name(text)).matches.first().map(|m| m.score);
    assert!(tier("acme-sqs-loader", "acme-sks-loader") < tier("acme-sqsm-loader", "acme-sksm-loader"));
}

#[test]
fn the_tier_does_not_depend_on_other_watches() {
    let alone = watching(&["acme-billing"]);
    let many: Vec<String> =
        (0..2000).map(|n| format!("team{n}-service{}", n * 7)).chain(["acme-billing".into()]).collect();
    let crowd = watching(&many.iter().map(String::as_str).collect::<Vec<_>>());
    for text in ["acme-biling", "acmebilling", "acme-billing-x", "billing"] {
        assert_eq!(alone.judge(&name(text)), crowd.judge(&name(text)), "{text}");
    }
}

/// A family as machines make them: 2,000 watches of forty owners that differ by their numbers.
fn family() -> Matcher {
    let texts: Vec<String> = (1..=2000).map(|n| format!("acme-service-{n:05}")).collect();
    let mut inventory = inventory(texts.iter().map(|text| (WatchKind::Name, text.as_str())));
    for (watch, n) in inventory.watches.values_mut().zip(0..) {
        watch.owner = OwnerId(format!("team{}", n % 40));
    }
    Matcher::build(&inventory)
}

#[test]
fn of_a_family_the_strongest_are_named_and_the_rest_counted() {
    let family = family();
    let own = |text: &str| family.judge(&name(text)).matches[0].watch.text.clone();
    for text in ["acme-service-01999", "acme-servise-01999", "acme-servic-0199", "acme-service-01999-sdk"] {
        let judged = family.judge(&name(text));
        let named: BTreeSet<&str> = judged.matches.iter().map(|m| m.watch.text.as_str()).collect();
        assert!(named.len() <= judgement::NAMED + judgement::OWNERS, "{text}");
        assert!(judged.matches.is_sorted_by_key(|m| (Reverse(m.score), m.rule)), "{text}");
        assert_eq!(named.len() + judged.rest.len(), 2000, "{text}");
    }
    assert_eq!(own("acme-service-01999"), "acme-service-01999");
    assert_eq!(own("acme-servise-01999"), "acme-service-01999");
    assert_eq!(own("acme-service-01999-sdk"), "acme-service-01999");
}

#[test]
fn every_owner_of_a_family_can_be_found() {
    let family = family();
    let judged = family.judge(&name("acme-service"));
    let owner = |text: &str| text.rsplit('-').next().and_then(|n| n.parse::<usize>().ok()).map(|n| (n - 1) % 40);
    let named: BTreeSet<usize> = judged.matches.iter().filter_map(|m| owner(&m.watch.text)).collect();
    assert_eq!(named.len(), 40, "whoever is named no strongest watch is named another");
    assert!(family.watches_of(&judged.rest).all(|(id, of)| of.0 == format!("team{}", owner(&id.text).unwrap())));
    assert_eq!(family.owners_of(&judged.rest).values().sum::<usize>(), judged.rest.len());
    assert_eq!(family.owners_of(&judged.rest).len(), 40);
}

#[test]
fn kinds_of_several_edits_are_told() {
    let tiers = |watch: &str, text: &str| rules(&watching(&[watch]), text).first().copied();
    for (watch, text, rule, tier) in [
        ("customtkinter", "customtkyntars", Rule::ThreeEdits, Tier::Alert),
        ("matplotlib", "mltpoialtb", Rule::Scramble, Tier::Alert),
        ("selenium", "suelinem", Rule::Scramble, Tier::Alert),
        ("matplotlib", "matplotlotlib", Rule::Repetition, Tier::Alert),
        ("requests", "reqrequests", Rule::Repetition, Tier::Alert),
        ("customtkinter", "customtkin", Rule::Truncation, Tier::Alert),
        ("requests", "reque", Rule::Truncation, Tier::Alert),
    ] {
        assert_eq!(tiers(watch, text), Some((rule, tier)), "{text} for {watch}");
    }
}

#[test]
fn companions_of_unusual_names_alert_and_those_of_common_words_do_not() {
    let tier = |watch: &str, text: &str| rules(&watching(&[watch]), text).first().map(|(_, tier)| *tier);
    for (watch, text) in [
        ("acme-billing", "acme-billing-payments"),
        ("acme-billing", "acme-billing-utils"),
        ("zorblax", "zorblax-payments"),
        ("zorblax", "zorblax-latest"),
        ("zorblax", "zorblaxkit"),
    ] {
        assert_eq!(tier(watch, text), Some(Tier::Alert), "{text} for {watch}");
    }
    assert_eq!(tier("requests", "requests-lite"), Some(Tier::Digest));
    assert_eq!(tier("data-service", "data-service-reports"), Some(Tier::Digest));
    assert_eq!(tier("data", "data-reports"), None);
}

#[test]
fn a_name_beside_a_family_is_not_one_of_its_members_neighbours() {
    let family = family();
    assert_eq!(family.judge(&name("acme-gateway-00017")), Judgement::default());
    assert!(family.judge(&name("zeta-service-00017")).rest.is_empty());
}

/// Names that are too long for a word of bits, near members that differ in front, in the middle or at the end, or leave a
/// gap in the list: whatever is shared or skipped, what is told of those that are few is told of those that are many.
#[test]
fn a_family_is_judged_as_its_members_are_alone() {
    let long = "acme-corporation-internal-billing-reconciliation-platform-service-NNN";
    for pattern in ["acme-service-NNN", "acme-NNN-service", "NNN-acme-service", long] {
        let member = |n: usize| pattern.replace("NNN", &format!("{n:03}"));
        let texts: Vec<String> = (0..50).map(member).chain([format!("{}-docs", member(25))]).collect();
        let family = watching(&texts.iter().map(String::as_str).collect::<Vec<_>>());
        let sighted = [member(17), member(17).replace("service", "sevrice"), member(17).replace("acme", "ame")];
        for sighted in sighted.into_iter().chain([format!("{}-sdk", member(33)), member(77)]) {
            let judged = family.judge(&name(&sighted));
            let near = texts.iter().filter(|text| !watching(&[text]).judge(&name(&sighted)).matches.is_empty()).count();
            let told: BTreeSet<_> = judged.matches.iter().map(|m| &m.watch).collect();
            assert_eq!(told.len() + judged.rest.len(), near, "{sighted} beside {pattern}");
            for found in &judged.matches {
                let alone = watching(&[&found.watch.text]).judge(&name(&sighted));
                assert!(alone.matches.contains(found), "{sighted}: {found:?}");
            }
        }
    }
}

/// Kinds that were silent for watches of unusual words, and of watches that end in a customary one themselves.
#[test]
fn customary_words_are_told_wherever_they_stand() {
    for (watch, text, rule) in [
        ("zorblax-billing", "zorblax-core-billing", Rule::Reorder),
        ("zorblax-billing", "python-billing-zorblax", Rule::Reorder),
        ("zorblax-api-billing", "zorblax-billing", Rule::Reorder),
        ("zorblax-service", "zorblax-service-dev", Rule::Affix),
        ("badger-zebra", "84d9er-2e8ra", Rule::Homoglyph),
    ] {
        assert_eq!(rules(&watching(&[watch]), text).first(), Some(&(rule, Tier::Alert)), "{text} for {watch}");
    }
    assert!(!rules(&watching(&["auth-service"]), "auth-service-dev").is_empty());
    assert_eq!(rules(&watching(&["event-stream"]), "event-core-message"), []);
}

/// Words of a watch and customary ones, in any order and number: what keys of words must not lose.
#[test]
fn among_customary_words_the_index_loses_nothing() {
    let words = ["zorblax", "billing", "core", "py", "sdk"];
    let names = |depth: usize| {
        (0..words.len().pow(u32::try_from(depth).unwrap())).map(move |n| {
            let word = |at: usize| words[n / words.len().pow(u32::try_from(at).unwrap()) % words.len()];
            (0..depth).map(word).collect::<Vec<_>>().join("-")
        })
    };
    for watch in names(2).chain(names(3)) {
        let matcher = watching(&[&watch]);
        for sighted in names(2).chain(names(3)) {
            assert_eq!(matcher.judge_normalized(&sighted), naive(&matcher, &sighted), "{sighted} for {watch}");
        }
    }
}

#[test]
fn an_empty_inventory_matches_nothing() {
    let matcher = Matcher::build(&Inventory::default());
    assert_eq!((matcher.watches(), rules(&matcher, "acme")), (0, vec![]));
}

/// A name as people write watches: one to four words.
fn watch_name() -> impl Strategy<Value = String> {
    "[a-z][a-z0-9]{2,8}(-[a-z0-9]{2,8}){0,3}"
}

/// A name of words that everybody uses, which chance explains best.
fn common_name() -> impl Strategy<Value = String> {
    let word = prop::sample::select(vec![
        "data", "model", "service", "request", "requests", "django", "client", "auth", "api",
    ]);
    prop::collection::vec(word, 1..3).prop_map(|words| words.join("-")).prop_filter("too short", |name| name.len() > 4)
}

/// One edit somewhere in a text.
fn edited(text: &str, at: usize, kind: u8, letter: char) -> String {
    let mut letters: Vec<char> = text.chars().collect();
    let at = at % letters.len();
    match kind {
        0 => drop(letters.remove(at)),
        1 => letters.insert(at, letter),
        2 => letters[at] = letter,
        3 => letters.insert(at, letters[at]),
        _ if at > 0 => letters.swap(at - 1, at),
        _ => {}
    }
    letters.into_iter().collect()
}

proptest! {
    // Each builds two matchers, the larger of twenty names and more.
    #![proptest_config(ProptestConfig::with_cases(500))]

    /// Which of its matches are told depends on the others; what each says does not.
    #[test]
    fn what_is_said_of_a_watch_does_not_depend_on_others(
        watch in watch_name(),
        others in prop::collection::vec(watch_name(), 0..12),
        at in 0_usize..40,
        kind in 0_u8..5,
    ) {
        let sighted = edited(&watch, at, kind, 'q');
        let Ok(sighted) = ProjectName::parse(&sighted) else { return Ok(()) };
        let near = (0..9).map(|n| format!("{watch}{n}"));
        let crowd: Vec<String> = others.into_iter().chain(near).chain([watch.clone()]).collect();
        let crowd = watching(&crowd.iter().map(String::as_str).collect::<Vec<_>>());
        let of = |judged: Judgement| -> Vec<Match> {
            judged.matches.into_iter().filter(|m| m.watch.text == watch).collect()
        };
        prop_assert_eq!(of(crowd.judge(&sighted)), of(watching(&[&watch]).judge(&sighted)));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    /// The promise of `cost::SLIP_MIN` and its neighbours, whatever the words are made of.
    #[test]
    fn one_edit_is_never_silent_and_alerts_in_longer_names(
        watch in prop_oneof!["[a-z]{5,14}", "[a-z]{2,8}-[a-z]{3,8}", common_name()],
        at in 0_usize..40,
        kind in 0_u8..5,
        letter in "[a-z0-9]",
    ) {
        let sighted = edited(&watch, at, kind, letter.chars().next().unwrap());
        prop_assume!(ProjectName::parse(&sighted).is_ok_and(|name| name.as_str() == sighted && sighted != watch));
        let (joined, letters) = (sighted.replace('-', ""), watch.replace('-', ""));
        let first = joined.chars().next() != letters.chars().next();
        let tier = watching(&[&watch]).judge(&name(&sighted)).matches.first().map(|m| m.tier);
        prop_assert!(tier.is_some(), "{sighted} for {watch} is silent");
        let alerts = letters.len() >= if first { cost::SLIP_FIRST_ALERT } else { cost::SLIP_ALERT };
        prop_assert!(!alerts || tier >= Some(Tier::Alert), "{sighted} for {watch}: {tier:?}");
    }

    #[test]
    fn words_in_another_order_are_found(watch in "[a-z]{4,8}-[a-z]{4,8}-[a-z]{4,8}", joined in any::<bool>()) {
        let words: Vec<&str> = watch.rsplit('-').collect();
        prop_assume!(words[0] != words[2]);
        let sighted = words.join(if joined { "" } else { "-" });
        let found = watching(&[&watch]).judge(&name(&sighted)).matches;
        prop_assert!(found.iter().any(|m| m.rule == Rule::Reorder), "{}", sighted);
    }

    #[test]
    fn customary_words_are_found(watch in "[a-z]{6,9}-[a-z]{6,9}", word in 0..affixes::AFFIXES.len(), before in any::<bool>()) {
        let word = affixes::AFFIXES[word];
        let sighted = if before { format!("{word}-{watch}") } else { format!("{watch}-{word}") };
        let found = watching(&[&watch]).judge(&name(&sighted)).matches;
        prop_assert!(!found.is_empty(), "{}", sighted);
    }

    #[test]
    fn judging_ignores_spelling(watch in watch_name(), at in 0_usize..40, kind in 0_u8..5) {
        let sighted = edited(&watch, at, kind, 'q');
        let other = sighted.replace('-', "_.").to_uppercase();
        let (Ok(a), Ok(b)) = (ProjectName::parse(&sighted), ProjectName::parse(&other)) else { return Ok(()) };
        let matcher = watching(&[&watch]);
        prop_assert_eq!(matcher.judge(&a), matcher.judge(&b));
    }

    #[test]
    fn the_index_loses_nothing(watch in watch_name(), edits in prop::collection::vec((0_usize..40, 0_u8..5, "[a-z0-9]"), 1..4)) {
        let mut sighted = watch.clone();
        for (at, kind, letter) in edits {
            sighted = edited(&sighted, at, kind, letter.chars().next().unwrap());
        }
        let Ok(sighted) = ProjectName::parse(&sighted) else { return Ok(()) };
        let matcher = watching(&[&watch]);
        prop_assert_eq!(matcher.judge(&sighted), naive(&matcher, sighted.as_str()));
    }

    #[test]
    fn nothing_panics(watch in "[a-z0-9-]{0,130}", sighted in "\\PC{0,130}") {
        let matcher = watching(&[&watch]);
        matcher.judge_normalized(&sighted);
        matcher.judge_normalized(&watch);
    }
}

proptest! {
    // Each makes a filter of eight megabytes.
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn what_a_name_resembles_is_met_by_it(
        watch in watch_name(),
        edits in prop::collection::vec((0_usize..40, 0_u8..5, "[a-z0-9]"), 0..4),
        word in prop::sample::select(vec!["", "py-", "api-"]),
    ) {
        let mut sighted = format!("{word}{watch}");
        for (at, kind, letter) in edits {
            sighted = edited(&sighted, at, kind, letter.chars().next().unwrap());
        }
        let Ok(sighted) = ProjectName::parse(&sighted) else { return Ok(()) };
        let keys = SightedKeys::default();
        keys.add(sighted.as_str());
        let is_met = keys.may_meet(&WatchId::new(Registry::Pypi, WatchKind::Name, &watch));
        prop_assert!(is_met || watching(&[&watch]).judge(&sighted).matches.is_empty(), "{} for {}", sighted, watch);
    }
}

/// A watch of so many rare characters in each of the ways an affix may stand.
fn around(len: usize) -> impl Iterator<Item = String> {
    let core = "qzjxkvwpyhgbdf".split_at(len).0;
    ["", "py"]
        .into_iter()
        .flat_map(move |before| ["", "-sdk", "2"].into_iter().map(move |after| format!("{before}{core}{after}")))
}

/// Where deletions end and partitions begin each length has its own keys: every edit at every place, with every affix on
/// either side.
#[test]
fn about_the_length_where_keys_change_the_index_loses_nothing() {
    for (watched, len) in (8..=13).flat_map(|len| around(len).map(move |watched| (watched, len))) {
        let matcher = watching(&[&watched]);
        let changed =
            around(len).flat_map(|text| (0..90).map(move |edit| edited(&text, edit / 5, edit as u8 % 5, 'm')));
        let changed = changed.flat_map(|text| [edited(&text, len / 2, 2, 't'), edited(&text, len - 2, 0, 't'), text]);
        for sighted in changed.filter(|text| ProjectName::parse(text).is_ok()) {
            assert_eq!(matcher.judge_normalized(&sighted), naive(&matcher, &sighted), "{sighted} for {watched}");
        }
    }
}

#[test]
fn a_number_that_makes_a_word_is_little_evidence() {
    for watch in ["neo04j", "neo3j"] {
        let matcher = watching(&[watch]);
        assert_eq!(naive(&matcher, "neo4j"), matcher.judge(&name("neo4j")), "{watch}");
        assert!(rules(&matcher, "neo4j").iter().all(|(_, tier)| *tier == Tier::Digest), "{watch}");
    }
}

/// 2,000 real names, those of them that stand close to others included.
static REAL: &str = include_str!("../../tests/fixtures/matcher-names.txt");

fn real_names() -> Vec<&'static str> {
    REAL.lines().filter(|line| !line.starts_with('#')).collect()
}

#[test]
fn on_real_names_the_index_agrees_with_no_index() {
    let names = real_names();
    let (watched, sighted): (Vec<_>, Vec<_>) = names.iter().zip(0..).partition(|(_, at)| at % 10 == 0);
    let watched: Vec<&str> = watched.into_iter().map(|(name, _)| *name).collect();
    let matcher = watching(&watched);
    let mut matched = 0;
    for (name, _) in sighted {
        let found = matcher.judge_normalized(name);
        assert_eq!(found, naive(&matcher, name), "{name}");
        matched += usize::from(!found.matches.is_empty());
    }
    assert!(matched > 20, "the fixture holds families of names: {matched}");
}

#[test]
fn every_real_name_finds_itself_by_exact_alone() {
    let matcher = watching(&real_names());
    for name in real_names() {
        let own: Vec<Rule> =
            matcher.judge_normalized(name).matches.iter().filter(|m| m.watch.text == name).map(|m| m.rule).collect();
        assert_eq!(own, [Rule::Exact], "{name}");
    }
}
