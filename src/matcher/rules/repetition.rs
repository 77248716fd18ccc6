//! `repetition`: one character doubled, or a part of three characters and more said twice, up to the whole name.

use super::phrase::edit_said;
use super::spec::Spec;
use crate::matcher::evidence::edits::Kind;
use crate::matcher::evidence::forms::Forms;
use crate::matcher::evidence::pair::Pair;
use crate::matcher::evidence::weigh::Evidence;
use crate::matcher::retrieval::rolling::Rolling;
use crate::matcher::retrieval::tag::{Tag, mix};
use crate::model::Rule;

pub(super) const SPEC: Spec = Spec {
    rule: Rule::Repetition,
    line: "one character doubled, or a part of three characters and more, up to the whole name",
    attacker: "a key held too long; something pasted twice",
    sources: "TypoGard; typomania; dnstwist",
    example: ("acme-billing", "acme-billling"),
    find,
    says,
};

/// Bits that a block costs.
const BLOCK_COST: f32 = 6.0;

/// Two characters that are doubled are two edits.
const BLOCK_MIN: usize = 3;
/// What is left without the block.
const MIN: usize = 5;

fn find(pair: &Pair<'_>) -> Option<Evidence> {
    if let Some(script) = pair.single_edit(&[Kind::Repeat]) {
        return Evidence::of_edits(pair, script);
    }
    let (name, watch) = (pair.forms().joined(), pair.watch.joined());
    let without = |at: usize, len: usize| name[..at] == watch[..at] && name[at + len..] == watch[at..];
    let repeated =
        name.len() > watch.len() + 2 && blocks(name, |at, len| name.len() == watch.len() + len && without(at, len));
    if pair.comparable() && repeated { Evidence::of_change(pair, BLOCK_COST, None) } else { None }
}

/// Does `test` hold for a block that repeats what stands before it: where it begins, and its length?
#[inline]
fn blocks(name: &[u8], mut test: impl FnMut(usize, usize) -> bool) -> bool {
    for len in BLOCK_MIN..=(name.len() / 2).min(name.len().saturating_sub(MIN)) {
        let (before, after) = (&name[..name.len() - len], &name[len..]);
        // As many in a row as the block is long are equal to what follows: one of them is one of these.
        let mut at = len - 1;
        while at < before.len() {
            if before[at] == after[at] && block_at(name, at, len).is_some_and(|from| test(from, len)) {
                return true;
            }
            at += len;
        }
    }
    false
}

/// Where a block of this length begins that repeats the one around `at`.
#[cold]
fn block_at(name: &[u8], at: usize, len: usize) -> Option<usize> {
    let equal = |at: &usize| name.get(at + len) == Some(&name[*at]);
    let from = at - (0..at).rev().take_while(equal).count();
    let to = at + (at..name.len()).take_while(equal).count();
    (to - from >= len).then_some(from + len)
}

/// Keys of a sighted name: what is left of it without a block that is there twice.
pub(in crate::matcher) fn name_keys(forms: &Forms<'_>, joined: &Rolling, key: &mut impl FnMut(u64)) {
    blocks(forms.joined(), |from, len| {
        key(mix(Tag::Text, joined.without_part(from, len)));
        false
    });
}

fn says(pair: &Pair<'_>) -> String {
    if pair.script().is_some_and(|script| script.single().is_some()) {
        return edit_said(pair, |e| format!("doubles {}", char::from(e.sighted)));
    }
    format!("{} repeats a part of {}", pair.forms().text, pair.watch.text)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{holds, says};
    use super::SPEC;

    #[test]
    fn holds_for_its_kind_only() {
        for (watch, name) in [
            ("acme-billing", "acme-billling"),
            ("requests", "requestss"),
            ("requests", "rrequests"),
            ("requests", "reqrequests"),
            ("matplotlib", "matplotlotlib"),
            ("requests", "requests-requests"),
        ] {
            assert!(holds(&SPEC, watch, name), "{watch} {name}");
        }
        for (watch, name) in [("acme-billing", "acme-biling"), ("requests", "requestsx"), ("requests", "reqxrequests")]
        {
            assert!(!holds(&SPEC, watch, name), "{watch} {name}");
        }
    }

    #[test]
    fn says_what_differs() {
        assert_eq!(says(&SPEC), "acme-billling doubles l in acme-billing");
    }
}
