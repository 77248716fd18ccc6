//! What whoever looks first is shown, be it on the first page of the dashboard or on a terminal: both ask for a glance and for
//! what threatens, and say what waits for whom in the same words.

use super::v1::{Filter, FindingState, Order, Tier, Waits};
use crate::messages::hostile::shown;
use crate::model::count;

/// Letters of an owner.
const OWNER: usize = 80;

/// The cases that somebody has to do something about: not closed, an alert at least, the most urgent first.
pub fn threats(most: usize) -> Filter {
    Filter {
        states: vec![FindingState::Open, FindingState::Acknowledged],
        at_least: Some(Tier::Alert),
        order: Order::Urgent,
        limit: Some(most),
        ..Filter::default()
    }
}

/// What waits, with its number: `2 pages to answer`.
pub fn errand(of: &Waits) -> String {
    let (singular, plural) = match of.what.as_str() {
        "pages" => ("page to answer", "pages to answer"),
        "alerts" => ("alert to answer", "alerts to answer"),
        "approval" => ("claim to approve", "claims to approve"),
        "claims" => ("claim to carry on", "claims to carry on"),
        "taken" => ("name that is taken", "names that are taken"),
        "exposed" => ("name that is exposed", "names that are exposed"),
        "health" => ("health case", "health cases"),
        "channels" => ("channel that does not deliver", "channels that do not deliver"),
        other => return format!("{} {other}", of.count),
    };
    count(of.count, singular, plural)
}

/// For whom, as the beginning of a line.
pub fn whom(of: &Waits) -> String {
    match (of.whom.as_str(), &of.owner) {
        ("owner", Some(owner)) => shown(owner, OWNER),
        ("approver", _) => "An approver".to_owned(),
        ("operator", _) => "Who runs the watch".to_owned(),
        (other, _) => shown(other, OWNER),
    }
}

/// As many of them as are shown, and how many are left out. What is listed last waits as well: a name that anybody can register
/// is left out before a claim that has to be approved.
pub fn shown_of(waits: &[Waits], most: usize) -> (Vec<&Waits>, usize) {
    let is_many = |of: &&Waits| matches!(of.what.as_str(), "taken" | "exposed");
    let others = waits.iter().filter(|of| !is_many(of)).count();
    let room = most.saturating_sub(others);
    let mut names = 0;
    let kept = waits.iter().filter(|of| {
        names += usize::from(is_many(of));
        !is_many(of) || names <= room
    });
    let kept: Vec<&Waits> = kept.take(most).collect();
    let left_out = waits.len() - kept.len();
    (kept, left_out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn waits(what: &str, many: usize) -> Vec<Waits> {
        let of = Waits { whom: "owner".into(), owner: Some("ml".into()), what: what.into(), count: 1, since: None };
        vec![of; many]
    }

    #[test]
    fn names_give_way_to_what_else_waits_and_what_is_left_out_is_counted() {
        let all = [waits("pages", 2), waits("taken", 3), waits("exposed", 9), waits("approval", 1)].concat();
        let (kept, left_out) = shown_of(&all, 7);
        let kept: Vec<&str> = kept.iter().map(|of| of.what.as_str()).collect();
        assert_eq!((kept, left_out), (vec!["pages", "pages", "taken", "taken", "taken", "exposed", "approval"], 8));
        assert_eq!(shown_of(&waits("alerts", 20), 12).1, 8);
        assert_eq!(shown_of(&all, 100).1, 0);
    }
}
