//! `affix`: a customary word added or removed.

use super::core::{core_evidence, same_core};
use super::spec::Spec;
use crate::matcher::evidence::affixes;
use crate::matcher::evidence::cost;
use crate::matcher::evidence::forms::Forms;
use crate::matcher::evidence::pair::Pair;
use crate::matcher::evidence::tokens;
use crate::matcher::evidence::weigh::Evidence;
use crate::model::Rule;

pub(super) const SPEC: Spec = Spec {
    rule: Rule::Affix,
    line: "a customary word added or removed: python-, -sdk, -client, -utils, -dev",
    attacker: "looks like an official companion of the project",
    sources: "typomania at crates.io; OSSGadget; Neupane 2023 (prefix/suffix)",
    example: ("acme-billing", "acme-billing-sdk"),
    find,
    says,
};

/// Bits that it costs to add a customary word, and to remove one.
const ADDED: f32 = 1.0;
const REMOVED: f32 = 6.0;

fn find(pair: &Pair<'_>) -> Option<Evidence> {
    if !same_core(pair) {
        return None;
    }
    let (name, watch) = (pair.forms(), pair.watch);
    let length = cost::length_bits(watch.core().len());
    if name.joined() == watch.core() {
        return removed(pair).then(|| core_evidence(pair, REMOVED + length)).flatten();
    }
    if version_only(name, watch) {
        return None;
    }
    if watch.joined() != watch.core() {
        return around(pair);
    }
    core_evidence(pair, ADDED + length)
}

/// Customary words around a watch that has such itself: the two share the whole watch, and not only its core.
fn around(pair: &Pair<'_>) -> Option<Evidence> {
    let (name, watch) = (pair.forms(), pair.watch);
    let more = name.tokens().checked_sub(watch.tokens()).filter(|more| *more > 0)?;
    let starts = name.run(0, watch.tokens()) == watch.joined();
    if !starts && name.run(more, name.tokens()) != watch.joined() {
        return None;
    }
    let shared = tokens::bits(watch.text) + cost::CORE_BITS;
    let each = cost::AFFIX_EACH * f32::from(u8::try_from(more - 1).unwrap_or(u8::MAX));
    let cost = ADDED + each + cost::length_bits(watch.joined().len());
    Evidence::bits(pair.name.bits().min(shared), cost, None)
}

/// The watch has something to remove, and it is no version.
fn removed(pair: &Pair<'_>) -> bool {
    pair.watch.joined() != pair.watch.core() && !version_only(pair.forms(), pair.watch)
}

fn version_only(a: &Forms<'_>, b: &Forms<'_>) -> bool {
    affixes::unversioned(a.joined()) == affixes::unversioned(b.joined())
}

fn says(pair: &Pair<'_>) -> String {
    let verb = if pair.forms().joined().len() > pair.watch.joined().len() { "adds to" } else { "drops from" };
    format!("{} {verb} {} what people customarily add", pair.forms().text, pair.watch.text)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{holds, says};
    use super::SPEC;

    #[test]
    fn holds_for_its_kind_only() {
        for (watch, name) in [
            ("acme-billing", "acme-billing-sdk"),
            ("acme-billing-sdk", "acme-billing"),
            ("mllearn", "mllearnlib"),
            ("pytz", "pytz3-dev"),
            ("auth-service", "auth-service-sdk"),
            ("auth-service", "python-auth-service"),
        ] {
            assert!(holds(&SPEC, watch, name), "{watch} {name}");
        }
        for (watch, name) in [
            ("acme-billing", "acme-billing-x"),
            ("urllib3", "urllib"),
            ("pycurl", "libcurl"),
            ("auth-service", "auth-sdk-service"),
        ] {
            assert!(!holds(&SPEC, watch, name), "{watch} {name}");
        }
    }

    #[test]
    fn says_what_differs() {
        assert_eq!(says(&SPEC), "acme-billing-sdk adds to acme-billing what people customarily add");
    }
}
