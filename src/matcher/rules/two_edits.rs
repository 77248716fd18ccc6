//! `two-edits`: two edits, the first character kept.

use super::spec::Spec;
use crate::matcher::evidence::pair::Pair;
use crate::matcher::evidence::weigh::Evidence;
use crate::model::Rule;

pub(super) const SPEC: Spec = Spec {
    rule: Rule::TwoEdits,
    line: "two edits; the first character is kept",
    attacker: "machine-made variants by the hundred, such as the campaigns of 2024",
    sources: "Neupane 2023; campaigns against requests, colorama and customtkinter, 2024",
    example: ("acme-billing", "acme-bilinng"),
    find,
    says,
};

/// In shorter names two edits leave nothing to recognize.
const MIN: usize = 5;

fn find(pair: &Pair<'_>) -> Option<Evidence> {
    if !pair.comparable() || pair.shorter() < MIN || !pair.same_start() {
        return None;
    }
    let script = pair.script().filter(|script| script.len == 2)?;
    Evidence::of_edits(pair, script)
}

fn says(pair: &Pair<'_>) -> String {
    format!("{} is two edits from {}", pair.forms().text, pair.watch.text)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{holds, says};
    use super::SPEC;

    #[test]
    fn holds_for_its_kind_only() {
        for (watch, name) in
            [("acme-billing", "acme-bilinng"), ("beautifulsoup4", "beaufifulsoup"), ("selenium", "sellenim")]
        {
            assert!(holds(&SPEC, watch, name), "{watch} {name}");
        }
        for (watch, name) in [("acme-billing", "acme-biling"), ("requests", "gequestz"), ("flyer", "foyex-a")] {
            assert!(!holds(&SPEC, watch, name), "{watch} {name}");
        }
    }

    #[test]
    fn says_what_differs() {
        assert_eq!(says(&SPEC), "acme-bilinng is two edits from acme-billing");
    }
}
