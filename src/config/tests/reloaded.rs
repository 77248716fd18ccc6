//! The file read again and again: what is in force is what a start with the last good one would have, but for what waits for a start.

use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use crate::config::difference::tests::{Becomes, HOOK, TEXT, keys, read, settings, with_other};
use crate::config::{Settings, adopt, changed_keys};

/// What somebody saved, and reloaded.
#[derive(Clone, Debug)]
enum Saved {
    /// With another value of each of these keys.
    Good(BTreeSet<&'static str>),
    /// The same, and this besides.
    Broken(BTreeSet<&'static str>, &'static str),
}

fn saved() -> impl Strategy<Value = Saved> {
    let names: Vec<&'static str> = keys().into_iter().map(|(name, _)| name).collect();
    let some = subsequence(names, 0..12).prop_map(|names| {
        // The other value of both is one directory, where the memory of a store would be lost with it.
        let is_moved = names.contains(&"state_dir");
        names.into_iter().filter(|name| !(is_moved && *name == "witness")).collect::<BTreeSet<_>>()
    });
    let faults = select(vec!["[", "[alrt]\n", "[feeds]\nrss_every = \"2h\"\n", "a = 1"]);
    prop_oneof![
        3 => some.clone().prop_map(Saved::Good),
        1 => (some, faults).prop_map(|(some, fault)| Saved::Broken(some, fault)),
    ]
}

fn with(others: &BTreeSet<&'static str>) -> String {
    others.iter().fold(TEXT.to_owned(), |text, key| with_other(&text, key))
}

fn of(what: Becomes, others: &BTreeSet<&'static str>) -> BTreeSet<&'static str> {
    keys()
        .into_iter()
        .filter(|(name, becomes)| *becomes == what && others.contains(name))
        .map(|(name, _)| name)
        .collect()
}

/// Those whose value is another than it was.
fn turned(before: &BTreeSet<&'static str>, after: &BTreeSet<&'static str>) -> BTreeSet<&'static str> {
    before.symmetric_difference(after).copied().collect()
}

fn as_started(others: &BTreeSet<&'static str>) -> Settings {
    settings(&with(&others.difference(&of(Becomes::Kept, others)).copied().collect()), HOOK)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(6))]
    #[test]
    fn reloads_in_a_row_come_to_what_a_start_with_the_last_good_file_has(all in prop::collection::vec(saved(), 1..5)) {
        let (mut now, mut good) = (settings(TEXT, HOOK), BTreeSet::new());
        for saved in all {
            let (others, text) = match &saved {
                Saved::Good(others) => (others, with(others)),
                Saved::Broken(others, fault) => (others, format!("{}{fault}", with(others))),
            };
            // A reload takes no part of a file that is broken.
            let Ok(new) = read(&text, HOOK) else {
                prop_assert!(matches!(saved, Saved::Broken(..)), "{saved:?} is good");
                continue;
            };
            let (adopted, restart) = adopt(&now, new);
            let (ours, theirs) = (others.contains("gate.with_run"), of(Becomes::OfGate, others));
            let kept = of(Becomes::Kept, others);
            let of_gate = turned(&of(Becomes::OfGate, &good), &theirs);
            let waits: BTreeSet<&str> = restart.iter().map(|restart| restart.key.as_str()).collect();
            prop_assert_eq!(waits, if ours { kept } else { kept.union(&of_gate).copied().collect() });
            let live = turned(&of(Becomes::New, &good), &of(Becomes::New, others));
            let changed: BTreeSet<&str> = changed_keys(&now, &adopted).into_iter().collect();
            prop_assert_eq!(changed, if ours { live.union(&of_gate).copied().collect() } else { live });
            (now, good) = (adopted, others.clone());
        }
        prop_assert_eq!(now, as_started(&good));
    }
}
