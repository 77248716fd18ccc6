//! `dropped-token`: the watched name without its first or last words.

use super::spec::Spec;
use crate::matcher::evidence::forms::Forms;
use crate::matcher::evidence::pair::Pair;
use crate::matcher::evidence::score::Use;
use crate::matcher::evidence::weigh::Evidence;
use crate::matcher::retrieval::tag;
use crate::model::Rule;

pub(super) const SPEC: Spec = Spec {
    rule: Rule::DroppedToken,
    line: "the watched name without its first or last words",
    attacker: "the short name that people type for the long one",
    sources: "Neupane 2023 (simplification)",
    example: ("acme-billing-gateway", "acme-billing"),
    find,
    says,
};

/// Bits that it costs.
const COST: f32 = 6.0;

/// Runs of at least so many words, and so many characters, are told.
const WORDS_MIN: usize = 2;
const MIN: usize = 6;

fn find(pair: &Pair<'_>) -> Option<Evidence> {
    let name = pair.forms().joined();
    if !pair.comparable() || !runs(pair.watch, |run| run == name) {
        return None;
    }
    Evidence::used_by(Use::Everyday, pair.name.unnumbered_bits(), COST, None)
}

/// Does `test` hold for a leading or trailing run of the words, not all of them?
fn runs(forms: &Forms<'_>, mut test: impl FnMut(&[u8]) -> bool) -> bool {
    let all = forms.tokens();
    (WORDS_MIN..all).any(|words| {
        [forms.run(0, words), forms.run(all - words, all)].into_iter().any(|run| run.len() >= MIN && test(run))
    })
}

/// Keys of a watched name: what is left of it.
pub(in crate::matcher) fn watch_keys(forms: &Forms<'_>, key: &mut impl FnMut(u64)) {
    runs(forms, |run| {
        key(tag::text(run));
        false
    });
}

fn says(pair: &Pair<'_>) -> String {
    format!("{} is {} without some of its words", pair.forms().text, pair.watch.text)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{holds, says};
    use super::SPEC;

    #[test]
    fn holds_for_its_kind_only() {
        for (watch, name) in [
            ("acme-billing-gateway", "acme-billing"),
            ("django-server-guardian-api", "django-server"),
            ("a-data-tools", "datatools"),
        ] {
            assert!(holds(&SPEC, watch, name), "{watch} {name}");
        }
        for (watch, name) in [("acme-billing", "acme"), ("acme-billing-gateway", "acme-gateway"), ("a-b-c", "a-b")] {
            assert!(!holds(&SPEC, watch, name), "{watch} {name}");
        }
    }

    #[test]
    fn says_what_differs() {
        assert_eq!(says(&SPEC), "acme-billing is acme-billing-gateway without some of its words");
    }
}
