//! `token-swap`: one customary word for another.

use super::core::{core_evidence, same_core};
use super::phrase::core_text;
use super::spec::Spec;
use crate::matcher::evidence::affixes;
use crate::matcher::evidence::forms::Forms;
use crate::matcher::evidence::pair::Pair;
use crate::matcher::evidence::weigh::Evidence;
use crate::model::Rule;

pub(super) const SPEC: Spec = Spec {
    rule: Rule::TokenSwap,
    line: "one customary word for another: py for python, lib for py, client for sdk",
    attacker: "the name a user would guess; often chosen because it is free",
    sources: "GuardDog (py/python); OSSGadget; Neupane 2023 (semantic substitution)",
    example: ("pyacme", "python-acme"),
    find,
    says,
};

/// Bits that it costs.
const COST: f32 = 2.0;

fn find(pair: &Pair<'_>) -> Option<Evidence> {
    if !same_core(pair) || bare(pair.forms()) || bare(pair.watch) {
        return None;
    }
    let version_only = affixes::unversioned(pair.forms().joined()) == affixes::unversioned(pair.watch.joined());
    if version_only { None } else { core_evidence(pair, COST) }
}

/// Does the name consist of its core alone?
fn bare(forms: &Forms<'_>) -> bool {
    forms.core().len() == forms.joined().len()
}

fn says(pair: &Pair<'_>) -> String {
    format!("{} is {} with another customary word around {}", pair.forms().text, pair.watch.text, core_text(pair.watch))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{holds, says};
    use super::SPEC;

    #[test]
    fn holds_for_its_kind_only() {
        for (watch, name) in [
            ("pysqlite", "python-sqlite"),
            ("pycurl", "libcurl"),
            ("html5lib", "libhtml5"),
            ("acme-billing-sdk", "acme-billing-client"),
        ] {
            assert!(holds(&SPEC, watch, name), "{watch} {name}");
        }
        for (watch, name) in [("acme-billing", "acme-billing-client"), ("urllib3", "urllib2")] {
            assert!(!holds(&SPEC, watch, name), "{watch} {name}");
        }
    }

    #[test]
    fn says_what_differs() {
        assert_eq!(says(&SPEC), "python-acme is pyacme with another customary word around acme");
    }
}
