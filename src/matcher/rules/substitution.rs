//! `substitution`: one character for another.

use super::phrase::edit_said;
use super::spec::Spec;
use crate::matcher::evidence::edits::Kind;
use crate::matcher::evidence::pair::Pair;
use crate::matcher::evidence::weigh::Evidence;
use crate::model::Rule;

pub(super) const SPEC: Spec = Spec {
    rule: Rule::Substitution,
    line: "one character for another that is neither beside it nor like it",
    attacker: "a misheard vowel, a spelling half remembered, a name made by machine",
    sources: "Neupane 2023 (1-step edit); GuardDog; dnstwist (vowel swap)",
    example: ("acme-billing", "acme-balling"),
    find,
    says,
};

fn find(pair: &Pair<'_>) -> Option<Evidence> {
    let script = pair.single_edit(&[Kind::Vowel, Kind::Substitute])?;
    Evidence::of_edits(pair, script)
}

fn says(pair: &Pair<'_>) -> String {
    edit_said(pair, |e| format!("has {} for {}", char::from(e.sighted), char::from(e.watched)))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{holds, says};
    use super::SPEC;

    #[test]
    fn holds_for_its_kind_only() {
        for (watch, name) in [("acme-billing", "acme-bylling"), ("requests", "requists")] {
            assert!(holds(&SPEC, watch, name), "{watch} {name}");
        }
        for (watch, name) in [("acme-billing", "acme-bilking"), ("requests", "r3quests")] {
            assert!(!holds(&SPEC, watch, name), "{watch} {name}");
        }
    }

    #[test]
    fn says_what_differs() {
        assert_eq!(says(&SPEC), "acme-balling has a for i in acme-billing");
    }
}
