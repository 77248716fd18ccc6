//! `scramble`: the letters of the watched name, its middle in another order.

use super::spec::Spec;
use crate::matcher::evidence::pair::Pair;
use crate::matcher::evidence::weigh::Evidence;
use crate::model::Rule;

pub(super) const SPEC: Spec = Spec {
    rule: Rule::Scramble,
    line: "the same letters, the first and the last in their places and what is between in another order",
    attacker: "people read a word by its ends; a generator of variants makes hundreds of these",
    sources: "the matplotlib and selenium campaigns of 2024",
    example: ("acme-billing", "aclbmeinlig"),
    find,
    says,
};

/// Bits that it costs.
const COST: f32 = 6.0;

/// In shorter names the same letters are no sign.
pub(in crate::matcher) const MIN: usize = 6;

/// Three edits and fewer are told as such.
fn find(pair: &Pair<'_>) -> Option<Evidence> {
    let (name, watch) = (pair.forms().joined(), pair.watch.joined());
    let ends = name.first() == watch.first() && name.last() == watch.last();
    if !pair.comparable() || name.len() < MIN || !ends || !pair.anagram() || pair.script().is_some() {
        return None;
    }
    Evidence::of_change(pair, COST, None)
}

fn says(pair: &Pair<'_>) -> String {
    format!("{} has the letters of {}, its middle scrambled", pair.forms().text, pair.watch.text)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{holds, says};
    use super::SPEC;

    #[test]
    fn holds_for_its_kind_only() {
        for (watch, name) in [("selenium", "suelinem"), ("matplotlib", "mltpoialtb"), ("tensorflow", "tsrnoeoflw")] {
            assert!(holds(&SPEC, watch, name), "{watch} {name}");
        }
        for (watch, name) in [("selenium", "selneium"), ("matplotlib", "altpomiltb"), ("requests", "rqeusst")] {
            assert!(!holds(&SPEC, watch, name), "{watch} {name}");
        }
    }

    #[test]
    fn says_what_differs() {
        assert_eq!(says(&SPEC), "aclbmeinlig has the letters of acme-billing, its middle scrambled");
    }
}
