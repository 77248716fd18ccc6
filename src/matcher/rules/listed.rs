//! `listed`: a look-alike that the team itself supplied.

use super::spec::Spec;
use crate::matcher::evidence::pair::Pair;
use crate::matcher::evidence::weigh::Evidence;
use crate::model::{Rule, WatchKind};

pub(super) const SPEC: Spec = Spec {
    rule: Rule::Listed,
    line: "on the team's own list of look-alikes",
    attacker: "registers a name that models invent or that people remember wrongly, and waits",
    sources: "slopsquatting; the inbox.ru campaign of 2025",
    example: ("acme-billing", "acme-invoices"),
    find,
    says,
};

fn find(pair: &Pair<'_>) -> Option<Evidence> {
    if pair.listed { Evidence::fixed(85, None) } else { None }
}

fn says(pair: &Pair<'_>) -> String {
    let all = if pair.kind == WatchKind::Prefix { "*" } else { "" };
    format!("{} is on your own list of look-alikes of {}{all}", pair.forms().text, pair.watch.text)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{holds, says};
    use super::SPEC;

    #[test]
    fn says_whose_list_it_is() {
        assert_eq!(says(&SPEC), "acme-invoices is on your own list of look-alikes of acme-billing");
    }

    #[test]
    fn holds_for_listed_names_only() {
        assert!(!holds(&SPEC, "acme-billing", "acme-accounts"));
    }
}
