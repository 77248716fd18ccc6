//! `contains`: the watched name inside a longer one.

use super::core::same_core;
use super::spec::Spec;
use crate::matcher::evidence::affixes;
use crate::matcher::evidence::forms::Forms;
use crate::matcher::evidence::pair::Pair;
use crate::matcher::evidence::score;
use crate::matcher::evidence::score::Use;
use crate::matcher::evidence::tokens;
use crate::matcher::evidence::weigh::Evidence;
use crate::matcher::retrieval::rolling::Rolling;
use crate::matcher::retrieval::tag::{Tag, mix};
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

/// Bits that it costs.
const COST: f32 = 5.0;
/// With no word boundary on one side.
const GLUED_COST: f32 = 9.0;

/// A shorter name is in too many others.
pub(in crate::matcher) const MIN: usize = 5;
/// Without a word boundary beside it, it must be longer.
pub(in crate::matcher) const GLUED_MIN: usize = 7;

fn find(pair: &Pair<'_>) -> Option<Evidence> {
    let version_only = affixes::unversioned(pair.forms().joined()) == affixes::unversioned(pair.watch.joined());
    if !pair.comparable() || same_core(pair) || version_only {
        return None;
    }
    let (part, cost) = match as_words(pair) {
        Some(part) => (part, COST),
        None => (at_end(pair)?, GLUED_COST),
    };
    Evidence::used_by(Use::Companion, worth(pair.watch, part), cost, None)
}

/// How unusual what is contained is.
fn worth(watch: &Forms<'_>, part: &[u8]) -> f32 {
    tokens::joined_bits(part).min(tokens::bits(watch.text))
}

/// Are the first `len` characters of the watch unusual enough to be told inside any name? Common words are not.
pub(in crate::matcher) fn can_weigh(watch: &Forms<'_>, len: usize) -> bool {
    len >= MIN && worth(watch, &watch.joined()[..len]) >= score::DIGEST_BITS + COST
}

/// The watched name, and what it is without its version, where they are shorter than the other.
fn parts<'a>(pair: &'a Pair<'_>) -> impl Iterator<Item = &'a [u8]> {
    let parts = [pair.watch.joined(), affixes::unversioned(pair.watch.joined())];
    parts.into_iter().filter(|part| part.len() < pair.forms().joined().len())
}

/// What of the watch is words of the name.
fn as_words<'a>(pair: &'a Pair<'_>) -> Option<&'a [u8]> {
    let (name, words) = (pair.forms(), pair.forms().tokens());
    let is_run = |part: &[u8]| (0..words).any(|from| (from + 1..=words).any(|to| name.run(from, to) == part));
    parts(pair).find(|part| part.len() >= MIN && is_run(part))
}

/// What of the watch the name begins or ends with.
fn at_end<'a>(pair: &'a Pair<'_>) -> Option<&'a [u8]> {
    let name = pair.forms().joined();
    parts(pair).find(|part| part.len() >= GLUED_MIN && (name.starts_with(part) || name.ends_with(part)))
}

/// Keys of a watched name: what is to be found inside others. `inside`: what `telling_inside` says.
pub(in crate::matcher) fn watch_keys(
    forms: &Forms<'_>,
    joined: &Rolling,
    inside: [bool; 2],
    key: &mut impl FnMut(u64),
) {
    let unversioned = affixes::unversioned(forms.joined()).len();
    for (len, _) in [joined.len, unversioned].into_iter().zip(inside).filter(|(_, telling)| *telling) {
        key(mix(Tag::Whole, joined.prefix[len]));
        if len >= GLUED_MIN {
            key(mix(Tag::Start, joined.part(0, GLUED_MIN)));
            key(mix(Tag::End, joined.part(len - GLUED_MIN, len)));
        }
    }
}

/// Are the name, and the name without its version where it has one, worth finding inside others? Takes a while: ask once.
pub(in crate::matcher) fn telling_inside(forms: &Forms<'_>) -> [bool; 2] {
    let (whole, unversioned) = (forms.joined().len(), affixes::unversioned(forms.joined()).len());
    [can_weigh(forms, whole), unversioned < whole && can_weigh(forms, unversioned)]
}

/// Keys of a sighted name: every run of its words, and what it begins or ends with, if any watched name does.
pub(in crate::matcher) fn name_keys(
    forms: &Forms<'_>,
    joined: &Rolling,
    may_hold: impl Fn(u64) -> bool,
    key: &mut impl FnMut(u64),
) {
    runs(forms, joined, key);
    ends(joined, may_hold, key);
}

/// Every run of words, which may be a watched name.
fn runs(forms: &Forms<'_>, joined: &Rolling, key: &mut impl FnMut(u64)) {
    for from in 0..forms.tokens() {
        for to in from + 1..=forms.tokens() {
            let (from, to) = (forms.bound(from), forms.bound(to));
            if to - from >= MIN && to - from < joined.len {
                key(mix(Tag::Whole, joined.part(from, to)));
            }
        }
    }
}

/// What the name begins or ends with, if any watched name does.
fn ends(joined: &Rolling, may_hold: impl Fn(u64) -> bool, key: &mut impl FnMut(u64)) {
    if joined.len <= GLUED_MIN {
        return;
    }
    if may_hold(mix(Tag::Start, joined.part(0, GLUED_MIN))) {
        (GLUED_MIN..joined.len).for_each(|len| key(mix(Tag::Whole, joined.prefix[len])));
    }
    if may_hold(mix(Tag::End, joined.part(joined.len - GLUED_MIN, joined.len))) {
        (GLUED_MIN..joined.len).for_each(|len| key(mix(Tag::Whole, joined.part(joined.len - len, joined.len))));
    }
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
