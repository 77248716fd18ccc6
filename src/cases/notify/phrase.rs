//! Several changes of one case in a few words. Pure.

use std::cmp::Reverse;

use crate::cases::transition::tier::is_absurd;
use crate::model::version::Pep440;

/// Changes that are named; more than a stranger's few make no message longer.
const NAMED: usize = 3;
/// Of each, beside others: a version as long as its author pleases hides nothing that stands after it.
const LONGEST: usize = 90;

/// One of several changes.
#[derive(Clone, Copy, Debug)]
pub struct OneChange<'a> {
    pub what: &'a str,
    /// By how much the case was worse after it than ever before.
    pub rise: u8,
}

/// What made it worse, then what was made to win, then all but releases, which a stranger may publish without end; of these the
/// highest.
type Weight = (u8, bool, bool, Option<(u64, u64)>);

/// What changed, in one phrase: "first release: 1.0", "new release: 99.0; new owner: eve and 2 other changes". Those that weigh most
/// are named, in the order in which they came, but the worst before all: no number of harmless ones hides it.
pub fn phrase(changes: &[OneChange<'_>]) -> String {
    let mut distinct = distinct(changes);
    let others = distinct.len().saturating_sub(NAMED);
    let cut = distinct.len() > 1;
    distinct.sort_by_key(|(at, change)| Reverse((weight(change), *at)));
    distinct.truncate(NAMED);
    let worst = distinct.first().map(|(at, change)| (*at, weight(change)));
    let worst = worst.filter(|(_, (rise, to_win, ..))| *rise > 0 || *to_win).map(|(at, _)| at);
    distinct.sort_by_key(|(at, _)| (Some(*at) != worst, *at));
    let named: Vec<String> = distinct
        .into_iter()
        .map(|(_, change)| if cut { beginning(change.what) } else { change.what.to_owned() })
        .collect();
    let more = match others {
        0 => String::new(),
        1 => " and another change".to_owned(),
        n => format!(" and {n} other changes"),
    };
    format!("{}{more}", named.join("; "))
}

/// Each once, where it came last, and as bad as it ever was.
fn distinct<'a>(changes: &[OneChange<'a>]) -> Vec<(usize, OneChange<'a>)> {
    let mut distinct: Vec<(usize, OneChange<'_>)> = Vec::new();
    for (at, change) in changes.iter().enumerate().rev().filter(|(_, change)| !change.what.is_empty()) {
        match distinct.iter_mut().find(|(_, later)| later.what == change.what) {
            Some((_, later)) => later.rise = later.rise.max(change.rise),
            None => distinct.push((at, *change)),
        }
    }
    distinct
}

fn weight(change: &OneChange<'_>) -> Weight {
    let version = released(change.what);
    let lead = version.and_then(Pep440::read).map(|version| version.lead());
    (change.rise, version.is_some_and(is_absurd), version.is_none(), lead)
}

/// The version in our words for a release. Several in one phrase begin with the worst.
fn released(what: &str) -> Option<&str> {
    let told = ["first release: ", "new release: "].iter().find_map(|words| what.strip_prefix(words))?;
    told.split([';', ' ']).next()
}

fn beginning(change: &str) -> String {
    match change.char_indices().nth(LONGEST) {
        Some((at, _)) => format!("{}…", &change[..at]),
        None => change.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(changes: &[&str]) -> String {
        phrase(&changes.iter().map(|what| OneChange { what, rise: 0 }).collect::<Vec<_>>())
    }

    #[test]
    fn the_last_few_are_named_in_their_order_and_the_rest_is_counted() {
        assert_eq!(said(&["first release: 0.1"]), "first release: 0.1");
        let (first, hands) = ("first release: 0.1", "new owner: eve");
        assert_eq!(said(&[first, hands]), "first release: 0.1; new owner: eve");
        assert_eq!(said(&[first, hands, first]), "new owner: eve; first release: 0.1");
        let long = "9".repeat(300);
        assert!(said(&[&long, hands]).ends_with("9…; new owner: eve"));
        let five = ["a", "b", "c", "d", "e"];
        assert_eq!(said(&five[..4]), "b; c; d and another change");
        assert_eq!(said(&five), "c; d; e and 2 other changes");
    }

    #[test]
    fn no_number_of_harmless_changes_hides_the_worst() {
        let harmless: Vec<String> = (1..20).map(|n| format!("new release: 0.{n}")).collect();
        for place in 0..harmless.len() {
            let mut all: Vec<OneChange<'_>> = harmless.iter().map(|what| OneChange { what, rise: 0 }).collect();
            all.insert(place, OneChange { what: "new release: 99.1", rise: 0 });
            all.insert(0, OneChange { what: "new owner: eve", rise: 0 });
            let told = phrase(&all);
            assert!(told.starts_with("new release: 99.1; new owner: eve; new release: 0."), "{told}");
            assert!(told.ends_with(" and 18 other changes"), "{told}");
            all[place + 1] = OneChange { what: "new release: 5.0", rise: 2 };
            assert!(phrase(&all).starts_with("new release: 5.0; new owner: eve; "), "pip takes it by now");
        }
        let hands = "new owner: eve";
        assert_eq!(said(&[hands, "new release: 99.1", hands]), "new release: 99.1; new owner: eve");
        let both = "new release: 99.1; new owner: eve and 2 other changes";
        assert!(said(&[both, "a", "b", "c"]).starts_with(both), "what was put together before begins with its worst");
    }
}
