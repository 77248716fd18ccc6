//! `plural`: singular for plural.

use super::spec::Spec;
use crate::matcher::evidence::cost;
use crate::matcher::evidence::edits::Kind;
use crate::matcher::evidence::forms::Forms;
use crate::matcher::evidence::pair::Pair;
use crate::matcher::evidence::weigh::{self, Evidence};
use crate::model::Rule;

pub(super) const SPEC: Spec = Spec {
    rule: Rule::Plural,
    line: "a word in the singular for the plural, or the other way round",
    attacker: "people do not remember the s",
    sources: "dnstwist (plural); Neupane 2023 (grammatical)",
    example: ("acme-report", "acme-reports"),
    find,
    says,
};

fn find(pair: &Pair<'_>) -> Option<Evidence> {
    let script = pair.single_edit(&[Kind::Insert, Kind::Omit, Kind::Repeat, Kind::Undouble])?;
    let edit = script.single()?;
    let (longer, at) = match edit.kind {
        Kind::Insert | Kind::Repeat => (pair.forms(), usize::from(edit.at)),
        _ => (pair.watch, usize::from(edit.at)),
    };
    if edit.watched.max(edit.sighted) != b's' || !ends_token(longer, at) {
        return None;
    }
    let technique = weigh::script_bits(pair, script) - cost::edit_bits(edit.kind) + cost::PLURAL;
    Evidence::of_slip(pair, technique)
}

/// Is the character at `at` the last of a token?
fn ends_token(forms: &Forms<'_>, at: usize) -> bool {
    (1..=forms.tokens()).any(|token| forms.bound(token) == at + 1)
}

fn says(pair: &Pair<'_>) -> String {
    let form = if pair.forms().joined().len() > pair.watch.joined().len() { "plural" } else { "singular" };
    format!("{} has a {form} that {} has not", pair.forms().text, pair.watch.text)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{holds, says};
    use super::SPEC;

    #[test]
    fn holds_for_its_kind_only() {
        for (watch, name) in [
            ("acme-report", "acme-reports"),
            ("sphinx-rtd-theme", "sphinx-rtd-themes"),
            ("importlib-resources", "importlib-resource"),
            ("acme-reports-x", "acme-report-x"),
        ] {
            assert!(holds(&SPEC, watch, name), "{watch} {name}");
        }
        for (watch, name) in [("acme-report", "acme-reporta"), ("acme-report", "acme-rseport")] {
            assert!(!holds(&SPEC, watch, name), "{watch} {name}");
        }
    }

    #[test]
    fn says_what_differs() {
        assert_eq!(says(&SPEC), "acme-reports has a plural that acme-report has not");
    }
}
