//! `version-suffix`: another number at the end.

use super::spec::Spec;
use crate::matcher::evidence::affixes;
use crate::matcher::evidence::cost;
use crate::matcher::evidence::pair::Pair;
use crate::matcher::evidence::weigh::Evidence;
use crate::model::Rule;

pub(super) const SPEC: Spec = Spec {
    rule: Rule::VersionSuffix,
    line: "a number at the end added, removed or changed: name2, name-v3",
    attacker: "taken for the next major version",
    sources: "OSSGadget; typomania; urllib for urllib3",
    example: ("acme-billing", "acme-billing2"),
    find,
    says,
};

/// Bits that it costs.
const COST: f32 = 6.0;

fn find(pair: &Pair<'_>) -> Option<Evidence> {
    let (name, watch) = (pair.forms().joined(), pair.watch.joined());
    if !pair.comparable() || name == watch || affixes::unversioned(name) != affixes::unversioned(watch) {
        return None;
    }
    Evidence::of_change(pair, COST + cost::length_bits(pair.shorter()), None)
}

fn says(pair: &Pair<'_>) -> String {
    format!("{} differs from {} by the number at its end", pair.forms().text, pair.watch.text)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{holds, says};
    use super::SPEC;

    #[test]
    fn holds_for_its_kind_only() {
        for (watch, name) in [
            ("acme-billing", "acme-billing2"),
            ("urllib3", "urllib"),
            ("acme-billing", "acme-billing-v2"),
            ("boto2", "boto3"),
        ] {
            assert!(holds(&SPEC, watch, name), "{watch} {name}");
        }
        for (watch, name) in [("acme-billing", "acme-billing"), ("acme-billing", "acme-billingx2")] {
            assert!(!holds(&SPEC, watch, name), "{watch} {name}");
        }
    }

    #[test]
    fn says_what_differs() {
        assert_eq!(says(&SPEC), "acme-billing2 differs from acme-billing by the number at its end");
    }
}
