//! `reorder`: the same tokens in another order, or with customary ones among them.

use super::core::same_core;
use super::spec::Spec;
use crate::matcher::evidence::affixes::{is_affix, seam};
use crate::matcher::evidence::cost;
use crate::matcher::evidence::forms::Forms;
use crate::matcher::evidence::pair::Pair;
use crate::matcher::evidence::text::{CAP, Text};
use crate::matcher::evidence::tokens;
use crate::matcher::evidence::weigh::Evidence;
use crate::matcher::retrieval::anagram::spread;
use crate::matcher::retrieval::rolling::Rolling;
use crate::matcher::retrieval::tag;
use crate::matcher::retrieval::tag::{Tag, mix};
use crate::model::Rule;

pub(super) const SPEC: Spec = Spec {
    rule: Rule::Reorder,
    line: "the same tokens in another order, with or without separators; or with customary words between them",
    attacker: "people remember the words and not their order",
    sources: "TypoGard; Neupane 2023 (sequence reordering); ConfuGuard",
    example: ("acme-billing", "billing-acme"),
    find,
    says,
};

/// Bits that it costs.
const COST: f32 = 5.0;
/// On top, when separators come or go.
const REJOIN: f32 = 3.0;

/// More tokens than this are not tried in every order.
const JOINED_MAX: usize = 3;

/// Of fewer words than this that are not customary the order says nothing.
const OWN_MIN: usize = 2;

fn find(pair: &Pair<'_>) -> Option<Evidence> {
    let (name, watch) = (pair.forms(), pair.watch);
    if !pair.comparable() || name.joined() == watch.joined() {
        return None;
    }
    let separated = name.tokens() == watch.tokens() && same_tokens(name, watch);
    if separated {
        Evidence::bits(pair.name.bits(), COST, None)
    } else if joined_orders(watch, |order| order == name.joined())
        || (name.tokens() == 2 && joined_orders(name, |order| order == watch.joined()))
    {
        Evidence::bits(pair.name.bits(), COST + REJOIN, None)
    } else {
        with_others(pair)
    }
}

/// The same words in whatever order but for customary ones, of which one at least stands between others or at another
/// end: what stands around the same core is told by `affix` and `token-swap`.
fn with_others(pair: &Pair<'_>) -> Option<Evidence> {
    let (name, watch) = (pair.forms(), pair.watch);
    if same_core(pair) || !same_own_words(name, watch) {
        return None;
    }
    let in_order = name.own_words().eq(watch.own_words());
    let own = name.own_words().count();
    let others = (name.tokens() - own).max(watch.tokens() - own);
    let cost = cost::AFFIX_EACH * f32::from(u8::try_from(others).unwrap_or(u8::MAX));
    let shared = tokens::words_bits(watch.own_words()) + cost::CORE_BITS;
    Evidence::bits(pair.name.bits().min(shared), cost + if in_order { 0.0 } else { COST }, None)
}

/// Are the words that are not customary the same, and several?
fn same_own_words(a: &Forms<'_>, b: &Forms<'_>) -> bool {
    let count = a.own_words().count();
    let times = |forms: &Forms<'_>, word: &[u8]| forms.own_words().filter(|other| *other == word).count();
    count >= OWN_MIN && count == b.own_words().count() && a.own_words().all(|word| times(a, word) == times(b, word))
}

/// Is each token as often in both? Counting is quick and needs no heap: names have few tokens.
fn same_tokens(a: &Forms<'_>, b: &Forms<'_>) -> bool {
    let times = |forms: &Forms<'_>, token: &[u8]| forms.token_list().filter(|other| *other == token).count();
    a.joined().len() == b.joined().len() && a.token_list().all(|token| times(a, token) == times(b, token))
}

/// Does `test` hold for the tokens in another order, joined? Tries two or three tokens, and one that is an affix and
/// something else.
fn joined_orders(forms: &Forms<'_>, mut test: impl FnMut(&[u8]) -> bool) -> bool {
    if forms.tokens() == 1 {
        return seam(forms.joined()).is_some_and(|seam| {
            let mut rotated = Text::of(forms.joined());
            rotated.rotate(seam);
            test(rotated.as_bytes())
        });
    }
    let orders: &[&[usize]] = match forms.tokens() {
        2 => &[&[1, 0]],
        JOINED_MAX => &[&[0, 2, 1], &[1, 0, 2], &[1, 2, 0], &[2, 0, 1], &[2, 1, 0]],
        _ => &[],
    };
    let mut buffer = [0; CAP];
    orders.iter().any(|order| {
        let mut len = 0;
        for token in order.iter().map(|at| forms.token(*at)) {
            buffer[len..len + token.len()].copy_from_slice(token);
            len += token.len();
        }
        test(&buffer[..len])
    })
}

/// Keys of a watched name: its words in any order, and each order of a few joined.
pub(in crate::matcher) fn watch_keys(forms: &Forms<'_>, joined: &Rolling, key: &mut impl FnMut(u64)) {
    words(forms, joined, key);
    order_keys(forms, key);
}

/// Keys of a sighted name, likewise.
pub(in crate::matcher) fn name_keys(forms: &Forms<'_>, joined: &Rolling, key: &mut impl FnMut(u64)) {
    words(forms, joined, key);
    if forms.tokens() == 2 {
        order_keys(forms, key);
    }
}

fn order_keys(forms: &Forms<'_>, key: &mut impl FnMut(u64)) {
    joined_orders(forms, |order| {
        key(tag::text(order));
        false
    });
}

/// Anagram keys of the words, if there are several, in any order;
/// and of those that are not customary, where these are others and several.
fn words(forms: &Forms<'_>, joined: &Rolling, key: &mut impl FnMut(u64)) {
    if forms.tokens() < 2 {
        return;
    }
    let (mut all, mut own, mut count) = (0_u64, 0_u64, 0);
    for at in 0..forms.tokens() {
        let word = spread(joined.part(forms.bound(at), forms.bound(at + 1)));
        all = all.wrapping_add(word);
        if !is_affix(forms.token(at)) {
            own = own.wrapping_add(word);
            count += 1;
        }
    }
    key(mix(Tag::Words, all));
    if (OWN_MIN..forms.tokens()).contains(&count) {
        key(mix(Tag::Words, own));
    }
}

fn says(pair: &Pair<'_>) -> String {
    let (name, watch) = (pair.forms(), pair.watch);
    let in_order = name.own_words().eq(watch.own_words());
    let how = if in_order { "with customary words between them" } else { "in another order" };
    format!("{} has the words of {} {how}", name.text, watch.text)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{holds, says};
    use super::SPEC;

    #[test]
    fn holds_for_its_kind_only() {
        for (watch, name) in [
            ("acme-billing", "billing-acme"),
            ("kafka-python", "pythonkafka"),
            ("pythonkafka", "kafka-python"),
            ("html5lib", "libhtml5"),
            ("a-b-c-d", "d-c-b-a"),
            ("acme-billing", "python-billing-acme"),
            ("acme-billing", "acme-core-billing"),
            ("acme-api-billing-sdk", "acme-billing"),
        ] {
            assert!(holds(&SPEC, watch, name), "{watch} {name}");
        }
        for (watch, name) in [("acme-billing", "acmebilling"), ("acme-billing", "billing-acme-x"), ("a-b-b", "b-a-a")] {
            assert!(!holds(&SPEC, watch, name), "{watch} {name}");
        }
    }

    #[test]
    fn says_what_differs() {
        assert_eq!(says(&SPEC), "billing-acme has the words of acme-billing in another order");
    }
}
