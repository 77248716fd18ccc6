//! `ultranormal`: equal to PyPI's "too similar" check.

use super::spec::Spec;
use crate::matcher::evidence::pair::Pair;
use crate::matcher::evidence::weigh::Evidence;
use crate::model::{Rule, WatchKind};

pub(super) const SPEC: Spec = Spec {
    rule: Rule::Ultranormal,
    line: "the same to PyPI, which ignores separators and takes l, i for 1 and o for 0",
    attacker: "reads like the name; PyPI refuses it only while the watched name exists there, which a private one does not",
    sources: "warehouse migration d18d443f89f0 (ultranormalize_name)",
    example: ("acme-billing", "acme-bi1ling"),
    find,
    says,
};

fn find(pair: &Pair<'_>) -> Option<Evidence> {
    let same = pair.kind == WatchKind::Name
        && pair.forms().text != pair.watch.text
        && pair.forms().same_ultranormal(pair.watch);
    if same { Evidence::fixed(95, Some(0)) } else { None }
}

fn says(pair: &Pair<'_>) -> String {
    let (name, watch) = (pair.forms().text, pair.watch.text);
    format!("{name} is {watch} to PyPI, which ignores separators and takes l and i for 1, o for 0")
}

#[cfg(test)]
mod tests {
    use super::super::testing::{holds, says};
    use super::SPEC;

    #[test]
    fn holds_for_its_kind_only() {
        for (watch, name) in [("acme-billing", "acmebilling"), ("acme-billing", "acme-bi1ling"), ("pillow", "p1ll0w")] {
            assert!(holds(&SPEC, watch, name), "{watch} {name}");
        }
        for (watch, name) in [("acme-billing", "acme-billing"), ("acme-billing", "acme-biling"), ("modern", "modem")] {
            assert!(!holds(&SPEC, watch, name), "{watch} {name}");
        }
    }

    #[test]
    fn says_what_differs() {
        assert_eq!(
            says(&SPEC),
            "acme-bi1ling is acme-billing to PyPI, which ignores separators and takes l and i for 1, o for 0"
        );
    }
}
