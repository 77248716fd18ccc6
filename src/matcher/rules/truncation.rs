//! `truncation`: the watched name without its last letters.

use super::core::same_core;
use super::spec::Spec;
use crate::matcher::evidence::affixes;
use crate::matcher::evidence::cost;
use crate::matcher::evidence::forms::Forms;
use crate::matcher::evidence::pair::Pair;
use crate::matcher::evidence::weigh::Evidence;
use crate::matcher::retrieval::tag;
use crate::model::Rule;

pub(super) const SPEC: Spec = Spec {
    rule: Rule::Truncation,
    line: "the watched name without its last letters, three or more, in the middle of a word",
    attacker: "a name that was not typed to its end, or cut off where it was copied",
    sources: "reque for requests, 2025; generators of variants",
    example: ("acme-billing", "acme-bill"),
    find,
    says,
};

/// Bits that it costs.
const COST: f32 = 8.0;

/// So many letters must be left, and more than half of all.
const MIN: usize = 5;
/// What lacks fewer is one or two edits away.
const LOST_MIN: usize = 3;

fn find(pair: &Pair<'_>) -> Option<Evidence> {
    let name = pair.forms().joined();
    let version_only = affixes::unversioned(name) == affixes::unversioned(pair.watch.joined());
    if !pair.comparable() || version_only || same_core(pair) || !beginnings(pair.watch, |text| text == name) {
        return None;
    }
    let respelled = !pair.watch.text.starts_with(pair.forms().text);
    let separators = if respelled { cost::SEPARATOR_BITS } else { 0.0 };
    Evidence::of_change(pair, COST + separators, None)
}

/// Does `test` hold for a beginning that ends within a word?
fn beginnings(watch: &Forms<'_>, mut test: impl FnMut(&[u8]) -> bool) -> bool {
    let joined = watch.joined();
    let ends = MIN.max(joined.len() / 2 + 1)..(joined.len() + 1).saturating_sub(LOST_MIN);
    ends.filter(|end| (1..watch.tokens()).all(|word| watch.bound(word) != *end)).any(|end| test(&joined[..end]))
}

/// Keys of a watched name: its beginnings.
pub(in crate::matcher) fn watch_keys(forms: &Forms<'_>, key: &mut impl FnMut(u64)) {
    beginnings(forms, |beginning| {
        key(tag::text(beginning));
        false
    });
}

fn says(pair: &Pair<'_>) -> String {
    format!("{} is the beginning of {}", pair.forms().text, pair.watch.text)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{holds, says};
    use super::SPEC;

    #[test]
    fn holds_for_its_kind_only() {
        for (watch, name) in [("requests", "reque"), ("customtkinter", "customtkin"), ("acme-billing", "acmebill")] {
            assert!(holds(&SPEC, watch, name), "{watch} {name}");
        }
        for (watch, name) in [
            ("requests", "reques"),
            ("acme-billing-gateway", "acme-billing"),
            ("customtkinter", "custom"),
            ("pandas", "pan"),
        ] {
            assert!(!holds(&SPEC, watch, name), "{watch} {name}");
        }
    }

    #[test]
    fn says_what_differs() {
        assert_eq!(says(&SPEC), "acme-bill is the beginning of acme-billing");
    }
}
