//! `contains`: the watched name inside a longer one.

use super::{Spec, same_core};
use crate::matcher::affixes;
use crate::matcher::forms::Forms;
use crate::matcher::pair::{Evidence, Pair};
use crate::matcher::{score, tokens};
use crate::model::Rule;

pub(super) const SPEC: Spec = Spec {
    rule: Rule::Contains,
    line: "the watched name inside a longer one, at a word boundary or at an end",
    attacker: "passes for a plugin, an add-on or a fork of the project",
    sources: "opensquat; Neupane 2023 (prefix/suffix); lc-django-elasticsearch-dsl",
    example: ("acme-billing", "xy-acme-billing-proxy"),
    find,
    says,
};

/// A shorter name is in too many others.
pub(in crate::matcher) const MIN: usize = 5;
/// Without a word boundary beside it, it must be longer.
pub(in crate::matcher) const GLUED_MIN: usize = 7;

fn find(pair: &Pair<'_>) -> Option<Evidence> {
    let version_only = affixes::unversioned(pair.forms().joined()) == affixes::unversioned(pair.watch.joined());
    if !pair.comparable() || same_core(pair) || version_only {
        return None;
    }
    let (part, cost) = contained(pair)?;
    Evidence::weak(worth(pair.watch, part), cost)
}

/// How unusual what is contained is.
fn worth(watch: &Forms<'_>, part: &[u8]) -> f32 {
    tokens::joined_bits(part).min(tokens::bits(watch.text))
}

/// Are the first `len` characters of the watch unusual enough to be told inside any name? Common words are not.
pub(in crate::matcher) fn can_weigh(watch: &Forms<'_>, len: usize) -> bool {
    len >= MIN && worth(watch, &watch.joined()[..len]) >= score::DIGEST_BITS + score::cost::CONTAINS
}

/// The watched name, or what it is without its version, if the other contains it, and what that costs.
fn contained<'a>(pair: &'a Pair<'_>) -> Option<(&'a [u8], f32)> {
    let name = pair.forms();
    let parts = || {
        [pair.watch.joined(), affixes::unversioned(pair.watch.joined())]
            .into_iter()
            .filter(|p| p.len() < name.joined().len())
    };
    let words = parts().find(|part| as_words(name, part)).map(|part| (part, score::cost::CONTAINS));
    words.or_else(|| parts().find(|p| at_end(name.joined(), p)).map(|p| (p, score::cost::CONTAINS_GLUED)))
}

fn as_words(name: &Forms<'_>, part: &[u8]) -> bool {
    let words = name.tokens();
    part.len() >= MIN && (0..words).any(|from| (from + 1..=words).any(|to| name.run(from, to) == part))
}

fn at_end(name: &[u8], part: &[u8]) -> bool {
    part.len() >= GLUED_MIN && (name.starts_with(part) || name.ends_with(part))
}

fn says(pair: &Pair<'_>) -> String {
    format!("{} contains {}", pair.forms().text, pair.watch.text)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{holds, says};
    use super::SPEC;

    #[test]
    fn holds_for_its_kind_only() {
        for (watch, name) in [
            ("acme-billing", "xy-acme-billing-proxy"),
            ("acme-billing", "acmebillingx"),
            ("beautifulsoup4", "beautifulsoup-numpy"),
            ("mitmproxy", "mitmproxy-iframe"),
        ] {
            assert!(holds(&SPEC, watch, name), "{watch} {name}");
        }
        for (watch, name) in [
            ("acme-billing", "acme-billing"),
            ("acme", "acme-x"),
            ("acme-billing-core", "acme-billing-proxy"),
            ("mydata", "dummydatax"),
        ] {
            assert!(!holds(&SPEC, watch, name), "{watch} {name}");
        }
    }

    #[test]
    fn says_what_differs() {
        assert_eq!(says(&SPEC), "xy-acme-billing-proxy contains acme-billing");
    }
}
