//! Several changes of one case in a few words. Pure.

/// Changes that are named; more than a stranger's few make no message longer.
const NAMED: usize = 3;
/// Of each, beside others: a version as long as its author pleases hides nothing that stands after it.
const LONGEST: usize = 90;

/// What changed, in one phrase: "first release: 1.0", "first release: 1.0; new owner: eve and 2 other changes". The last are named, in
/// the order in which they came.
pub fn phrase(changes: &[&str]) -> String {
    let mut distinct: Vec<&str> = Vec::new();
    for change in changes.iter().rev().filter(|change| !change.is_empty()) {
        if !distinct.contains(change) {
            distinct.push(change);
        }
    }
    let others = distinct.len().saturating_sub(NAMED);
    let cut = distinct.len() > 1;
    let named: Vec<String> = distinct
        .into_iter()
        .take(NAMED)
        .rev()
        .map(|change| if cut { beginning(change) } else { change.to_owned() })
        .collect();
    let more = match others {
        0 => String::new(),
        1 => " and another change".to_owned(),
        n => format!(" and {n} other changes"),
    };
    format!("{}{more}", named.join("; "))
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

    #[test]
    fn the_last_few_are_named_in_their_order_and_the_rest_is_counted() {
        assert_eq!(phrase(&["first release: 0.1"]), "first release: 0.1");
        let (won, hands) = ("new release: 99.1", "new owner: eve");
        assert_eq!(phrase(&[won, hands]), "new release: 99.1; new owner: eve");
        assert_eq!(phrase(&[won, hands, won]), "new owner: eve; new release: 99.1");
        let long = "9".repeat(300);
        assert!(phrase(&[&long, hands]).ends_with("9…; new owner: eve"));
        let five = ["a", "b", "c", "d", "e"];
        assert_eq!(phrase(&five[..4]), "b; c; d and another change");
        assert_eq!(phrase(&five), "c; d; e and 2 other changes");
    }
}
