//! `insertion`: one character added.

use super::phrase::edit_said;
use super::spec::Spec;
use crate::matcher::evidence::edits::Kind;
use crate::matcher::evidence::pair::Pair;
use crate::matcher::evidence::weigh::Evidence;
use crate::model::Rule;

pub(super) const SPEC: Spec = Spec {
    rule: Rule::Insertion,
    line: "one character added",
    attacker: "a slip, or a name chosen to be taken for the next version",
    sources: "dnstwist; GuardDog; OSSGadget; typomania knows only repetition",
    example: ("acme-billing", "acme-bixlling"),
    find,
    says,
};

fn find(pair: &Pair<'_>) -> Option<Evidence> {
    let script = pair.single_edit(&[Kind::Insert])?;
    Evidence::of_edits(pair, script)
}

fn says(pair: &Pair<'_>) -> String {
    edit_said(pair, |e| format!("adds {}", char::from(e.sighted)))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{holds, says};
    use super::SPEC;

    #[test]
    fn holds_for_its_kind_only() {
        for (watch, name) in [("acme-billing", "acme-bixlling"), ("requests", "requestsx")] {
            assert!(holds(&SPEC, watch, name), "{watch} {name}");
        }
        for (watch, name) in [("acme-billing", "acme-billling"), ("requests", "requestsxx")] {
            assert!(!holds(&SPEC, watch, name), "{watch} {name}");
        }
    }

    #[test]
    fn says_what_differs() {
        assert_eq!(says(&SPEC), "acme-bixlling adds x in acme-billing");
    }
}
