//! Several changes of one case in a few words. Pure.

use std::collections::BTreeSet;

/// What changed, in one phrase: "first release: 1.0", "first release: 1.0 and 4 other changes".
pub fn phrase(changes: &[&str]) -> String {
    let distinct: BTreeSet<&str> = changes.iter().copied().collect();
    let last = changes.last().copied().unwrap_or_default();
    match distinct.len() {
        0 | 1 => last.to_owned(),
        2 => format!("{last} and another change"),
        n => format!("{last} and {} other changes", n - 1),
    }
}
