//! Names that are a letter apart, among those that are used elsewhere: whoever mistypes one of them gets the other.

use serde::{Deserialize, Serialize};

use super::counts::Counts;
use crate::model::ProjectName;

/// Of those that are told.
const MOST: usize = 5;
/// Shorter ones have neighbours everywhere.
const SHORTEST: usize = 4;

/// A project of the lists that the operator brings, with a name that is nearly this one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
pub struct NearProject {
    pub project: String,
    /// `downloads`, of 30 days, or `dependents`.
    pub of: String,
    pub number: u64,
}

/// What is near it and used more than it is, the most used first, by the first list that has each.
pub(super) fn near<'l>(project: &ProjectName, lists: impl Iterator<Item = &'l Counts>) -> Vec<NearProject> {
    let mut near: Vec<NearProject> = Vec::new();
    for counts in lists {
        let own = counts.of(project);
        let more = counts.all().filter(|(other, number)| *number > own && is_near(project.as_str(), other.as_str()));
        let mut more: Vec<(&ProjectName, u64)> = more.collect();
        more.sort_by(|(a, of_a), (b, of_b)| of_b.cmp(of_a).then(a.cmp(b)));
        for (other, number) in more {
            if !near.iter().any(|known| known.project == other.as_str()) {
                near.push(NearProject { project: other.to_string(), of: counts.what().key().to_owned(), number });
            }
        }
    }
    near.truncate(MOST);
    near
}

/// One letter more, less, or another, or two that changed places.
fn is_near(a: &str, b: &str) -> bool {
    if a == b || a.len().min(b.len()) < SHORTEST || a.len().abs_diff(b.len()) > 1 {
        return false;
    }
    let (a, b) = (a.as_bytes(), b.as_bytes());
    let first = a.iter().zip(b).take_while(|(a, b)| a == b).count();
    let (a, b) = (&a[first..], &b[first..]);
    let last = a.iter().rev().zip(b.iter().rev()).take_while(|(a, b)| a == b).count();
    match (&a[..a.len() - last], &b[..b.len() - last]) {
        ([a, b], [c, d]) => (a, b) == (d, c),
        (a, b) => a.len() <= 1 && b.len() <= 1,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::gate::counts::CountedUse;

    fn name(text: &str) -> ProjectName {
        ProjectName::parse(text).expect("valid")
    }

    #[test]
    fn a_letter_more_less_or_another_is_near_and_so_are_two_that_changed_places() {
        for near in ["reqests", "requestss", "requezts", "reqeusts", "requests-", "equests", "xrequests"] {
            assert!(is_near("requests", near) && is_near(near, "requests"), "{near}");
        }
        for far in ["requests", "reqst", "requests-x", "stseuqer", "rqeuetss", "erquestss"] {
            assert!(!is_near("requests", far) && !is_near(far, "requests"), "{far}");
        }
        assert!(!is_near("six", "mix"), "what is that short is near to everything");
    }

    /// Optimal string alignment, by the usual recurrence.
    fn edits(a: &[u8], b: &[u8]) -> usize {
        let mut rows = vec![(0..=b.len()).collect::<Vec<_>>()];
        for i in 1..=a.len() {
            let mut row = vec![i];
            for j in 1..=b.len() {
                let changed = rows[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
                let mut least = changed.min(rows[i - 1][j] + 1).min(row[j - 1] + 1);
                if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                    least = least.min(rows[i - 2][j - 2] + 1);
                }
                row.push(least);
            }
            rows.push(row);
        }
        rows[a.len()][b.len()]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(512))]
        #[test]
        fn what_is_near_is_one_edit_away(a in "[ab-]{4,7}", b in "[ab-]{4,7}") {
            prop_assert_eq!(is_near(&a, &b), edits(a.as_bytes(), b.as_bytes()) == 1, "{} {}", a, b);
        }
    }

    #[test]
    fn of_what_is_used_more_the_most_used_come_first_and_each_once() {
        let list =
            |what, of: &[(&str, u64)]| Counts::made(what, of.iter().map(|(project, number)| (name(project), *number)));
        let downloads = list(
            CountedUse::Downloads,
            &[("requests", 900), ("request", 40), ("requestz", 700), ("reqests", 3), ("flask", 5000)],
        );
        let dependents = list(CountedUse::Dependents, &[("requests", 80), ("requestsx", 9)]);
        let of = |text: &str| {
            let near = near(&name(text), [&downloads, &dependents].into_iter());
            near.into_iter().map(|of| format!("{} {} {}", of.project, of.number, of.of)).collect::<Vec<_>>()
        };
        assert_eq!(of("reqests"), ["requests 900 downloads"]);
        assert_eq!(of("requestt"), ["requests 900 downloads", "requestz 700 downloads", "request 40 downloads"]);
        assert_eq!(of("requests"), ["requestsx 9 dependents"; 0], "nothing near it is used more");
        let names = ["flasa", "flasb", "flasc", "flasd", "flase", "flasf"];
        let many = list(CountedUse::Downloads, &names.map(|name| (name, 1)));
        assert_eq!(near(&name("flask"), std::iter::once(&many)).len(), MOST);
    }
}
