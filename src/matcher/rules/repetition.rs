//! `repetition`: one character doubled.

use super::{Spec, edit_said};
use crate::matcher::edits::Kind;
use crate::matcher::pair::{Evidence, Pair};
use crate::model::Rule;

pub(super) const SPEC: Spec = Spec {
    rule: Rule::Repetition,
    line: "one character doubled",
    attacker: "a key held too long",
    sources: "TypoGard; typomania; dnstwist",
    example: ("acme-billing", "acme-billling"),
    find,
    says,
};

fn find(pair: &Pair<'_>) -> Option<Evidence> {
    let script = pair.single_edit(&[Kind::Repeat])?;
    Evidence::of_edits(pair, script)
}

fn says(pair: &Pair<'_>) -> String {
    edit_said(pair, |e| format!("doubles {}", char::from(e.sighted)))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{holds, says};
    use super::SPEC;

    #[test]
    fn holds_for_its_kind_only() {
        for (watch, name) in [("acme-billing", "acme-billling"), ("requests", "requestss"), ("requests", "rrequests")] {
            assert!(holds(&SPEC, watch, name), "{watch} {name}");
        }
        for (watch, name) in [("acme-billing", "acme-biling"), ("requests", "requestsx")] {
            assert!(!holds(&SPEC, watch, name), "{watch} {name}");
        }
    }

    #[test]
    fn says_what_differs() {
        assert_eq!(says(&SPEC), "acme-billling doubles l in acme-billing");
    }
}
