//! `exact`: the watched name itself.

use super::spec::Spec;
use crate::matcher::evidence::pair::Pair;
use crate::matcher::evidence::weigh::Evidence;
use crate::model::{Rule, WatchKind};

pub(super) const SPEC: Spec = Spec {
    rule: Rule::Exact,
    line: "the watched name itself",
    attacker: "pip with an extra index takes the higher version, whoever published it: dependency confusion",
    sources: "PEP 503; Birsan 2021; torchtriton 2022",
    example: ("acme-billing", "Acme.Billing"),
    find,
    says,
};

fn find(pair: &Pair<'_>) -> Option<Evidence> {
    let same = pair.kind == WatchKind::Name && pair.forms().text == pair.watch.text;
    if same { Evidence::fixed(100, Some(0)) } else { None }
}

fn says(pair: &Pair<'_>) -> String {
    format!("{} is the watched name itself: an installer cannot tell the two apart", pair.watch.text)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{holds, says};
    use super::SPEC;

    #[test]
    fn holds_for_its_kind_only() {
        for (watch, name) in [("acme-billing", "Acme_Billing"), ("b2", "b2")] {
            assert!(holds(&SPEC, watch, name), "{watch} {name}");
        }
        for (watch, name) in [("acme-billing", "acmebilling"), ("acme-billing", "acme-billings")] {
            assert!(!holds(&SPEC, watch, name), "{watch} {name}");
        }
    }

    #[test]
    fn says_what_differs() {
        assert_eq!(says(&SPEC), "acme-billing is the watched name itself: an installer cannot tell the two apart");
    }
}
