//! `prefix`: under a watched prefix.

use super::spec::Spec;
use crate::matcher::evidence::pair::Pair;
use crate::matcher::evidence::weigh::Evidence;
use crate::model::{Rule, WatchKind};

pub(super) const SPEC: Spec = Spec {
    rule: Rule::Prefix,
    line: "under a prefix of ours, such as acme-*",
    attacker: "looks like one of the family; where the prefix is exclusive nobody else has a reason to use it",
    sources: "PEP 752; dagster-cloud-*, lyft-* and neural-compressor-* campaigns",
    example: ("acme-*", "acme-payments"),
    find,
    says,
};

/// A page: nobody else may use the prefix.
const EXCLUSIVE: u8 = 92;
/// An alert: somebody may have a reason.
const SHARED: u8 = 70;

fn find(pair: &Pair<'_>) -> Option<Evidence> {
    let under = pair.kind == WatchKind::Prefix && pair.forms().text.starts_with(pair.watch.text);
    if under { Evidence::fixed(if pair.exclusive { EXCLUSIVE } else { SHARED }, None) } else { None }
}

fn says(pair: &Pair<'_>) -> String {
    let (name, prefix) = (pair.forms().text, pair.watch.text);
    let whose = if pair.exclusive { "which is ours alone" } else { "which others may use too" };
    format!("{name} is under {prefix}*, {whose}")
}

#[cfg(test)]
mod tests {
    use super::super::testing::{holds, says};
    use super::SPEC;

    #[test]
    fn holds_below_the_prefix_only() {
        assert!(holds(&SPEC, "acme-*", "acme-payments"));
        for name in ["acme", "acmepay", "my-acme-payments"] {
            assert!(!holds(&SPEC, "acme-*", name), "{name}");
        }
    }

    #[test]
    fn says_whose_it_is() {
        assert_eq!(says(&SPEC), "acme-payments is under acme-*, which is ours alone");
    }
}
