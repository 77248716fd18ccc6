//! `transposition`: two neighbouring characters swapped.

use super::phrase::edit_said;
use super::spec::Spec;
use crate::matcher::evidence::edits::Kind;
use crate::matcher::evidence::pair::Pair;
use crate::matcher::evidence::weigh::Evidence;
use crate::model::Rule;

pub(super) const SPEC: Spec = Spec {
    rule: Rule::Transposition,
    line: "two neighbouring characters swapped",
    attacker: "the commonest slip of fast fingers, and rare by accident",
    sources: "TypoGard; typomania; dnstwist; crates.io",
    example: ("acme-billing", "acme-billnig"),
    find,
    says,
};

fn find(pair: &Pair<'_>) -> Option<Evidence> {
    let script = pair.single_edit(&[Kind::Swap])?;
    Evidence::of_edits(pair, script)
}

fn says(pair: &Pair<'_>) -> String {
    edit_said(pair, |e| format!("swaps {} and {}", char::from(e.watched), char::from(e.sighted)))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{holds, says};
    use super::SPEC;

    #[test]
    fn holds_for_its_kind_only() {
        for (watch, name) in [("acme-billing", "acme-billnig"), ("requests", "reqeusts")] {
            assert!(holds(&SPEC, watch, name), "{watch} {name}");
        }
        for (watch, name) in [("acme-billing", "acme-biling"), ("requests", "reqeutss")] {
            assert!(!holds(&SPEC, watch, name), "{watch} {name}");
        }
    }

    #[test]
    fn says_what_differs() {
        assert_eq!(says(&SPEC), "acme-billnig swaps i and n in acme-billing");
    }
}
