//! `keyboard`: one character for a neighbour on the keyboard.

use super::phrase::edit_said;
use super::spec::Spec;
use crate::matcher::evidence::edits::Kind;
use crate::matcher::evidence::pair::Pair;
use crate::matcher::evidence::weigh::Evidence;
use crate::model::Rule;

pub(super) const SPEC: Spec = Spec {
    rule: Rule::Keyboard,
    line: "one character for its neighbour on a QWERTY, QWERTZ or AZERTY keyboard",
    attacker: "a finger beside its key",
    sources: "TypoGard; dnstwist (three layouts)",
    example: ("acme-billing", "acme-bilking"),
    find,
    says,
};

fn find(pair: &Pair<'_>) -> Option<Evidence> {
    let script = pair.single_edit(&[Kind::Neighbour])?;
    Evidence::of_edits(pair, script)
}

fn says(pair: &Pair<'_>) -> String {
    edit_said(pair, |e| {
        format!("has {} for its neighbour {} on the keyboard", char::from(e.sighted), char::from(e.watched))
    })
}

#[cfg(test)]
mod tests {
    use super::super::testing::{holds, says};
    use super::SPEC;

    #[test]
    fn holds_for_its_kind_only() {
        for (watch, name) in [("acme-billing", "acme-bilking"), ("requests", "requesfs")] {
            assert!(holds(&SPEC, watch, name), "{watch} {name}");
        }
        for (watch, name) in [("acme-billing", "acme-bilxing"), ("requests", "requists")] {
            assert!(!holds(&SPEC, watch, name), "{watch} {name}");
        }
    }

    #[test]
    fn says_what_differs() {
        assert_eq!(says(&SPEC), "acme-bilking has k for its neighbour l on the keyboard in acme-billing");
    }
}
