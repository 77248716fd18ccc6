//! `omission`: one character left out.

use super::phrase::edit_said;
use super::spec::Spec;
use crate::matcher::evidence::edits::Kind;
use crate::matcher::evidence::pair::Pair;
use crate::matcher::evidence::weigh::Evidence;
use crate::model::Rule;

pub(super) const SPEC: Spec = Spec {
    rule: Rule::Omission,
    line: "one character left out",
    attacker: "a key not struck; the name still reads the same",
    sources: "TypoGard; typomania; dnstwist; OSSGadget",
    example: ("acme-billing", "acme-biling"),
    find,
    says,
};

fn find(pair: &Pair<'_>) -> Option<Evidence> {
    let script = pair.single_edit(&[Kind::Omit, Kind::Undouble])?;
    Evidence::of_edits(pair, script)
}

fn says(pair: &Pair<'_>) -> String {
    edit_said(pair, |e| format!("leaves out {}", char::from(e.watched)))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{holds, says};
    use super::SPEC;

    #[test]
    fn holds_for_its_kind_only() {
        for (watch, name) in [("acme-billing", "acme-biling"), ("requests", "requets")] {
            assert!(holds(&SPEC, watch, name), "{watch} {name}");
        }
        for (watch, name) in [("acme-billing", "acme-billling"), ("requests", "reqets")] {
            assert!(!holds(&SPEC, watch, name), "{watch} {name}");
        }
    }

    #[test]
    fn says_what_differs() {
        assert_eq!(says(&SPEC), "acme-biling leaves out l in acme-billing");
    }
}
