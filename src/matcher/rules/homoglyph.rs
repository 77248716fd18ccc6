//! `homoglyph`: characters that look alike.

use super::spec::Spec;
use crate::matcher::evidence::cost;
use crate::matcher::evidence::edits::Kind;
use crate::matcher::evidence::fold::fold;
use crate::matcher::evidence::pair::Pair;
use crate::matcher::evidence::weigh::Evidence;
use crate::model::Rule;

pub(super) const SPEC: Spec = Spec {
    rule: Rule::Homoglyph,
    line: "characters that look alike: rn and m, vv and w, cl and d, 5 and s, 3 and e",
    attacker: "passes a review by eye; PyPI's own check knows only 0/o and 1/l/i",
    sources: "dnstwist (homoglyph); Neupane 2023 (homographic)",
    example: ("acme-modern", "acme-modem"),
    find,
    says,
};

/// Bits that it costs.
const COST: f32 = 3.0;

fn find(pair: &Pair<'_>) -> Option<Evidence> {
    if !pair.comparable() || pair.forms().same_ultranormal(pair.watch) {
        return None;
    }
    if let Some(script) = pair.single_edit(&[Kind::LookAlike]) {
        return Evidence::of_edits(pair, script);
    }
    let alike = fold(pair.forms().joined()).eq(fold(pair.watch.joined()));
    if !alike {
        return None;
    }
    Evidence::bits(pair.name.bits(), COST + cost::length_bits(pair.shorter()), None)
}

fn says(pair: &Pair<'_>) -> String {
    format!("{} looks like {}", pair.forms().text, pair.watch.text)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{holds, says};
    use super::SPEC;

    #[test]
    fn holds_for_its_kind_only() {
        for (watch, name) in
            [("acme-modern", "acme-modem"), ("wheel", "vvheel"), ("requests", "r3quest5"), ("django", "diango")]
        {
            assert!(holds(&SPEC, watch, name), "{watch} {name}");
        }
        for (watch, name) in [("acme-billing", "acme-bi1ling"), ("requests", "rekuests")] {
            assert!(!holds(&SPEC, watch, name), "{watch} {name}");
        }
    }

    #[test]
    fn says_what_differs() {
        assert_eq!(says(&SPEC), "acme-modem looks like acme-modern");
    }
}
