//! Keys: what a watch is filed under and a name is looked up by, so that a name meets only watches it may resemble.
//!
//! Where a rule holds and weighs enough, name and watch share a key; the differential tests hold them to it. Keys are 64-bit
//! hashes; a collision costs one look at a watch in vain and nothing else.

use super::index::Index;
use super::partitions;
use super::rolling::{Part, Rolling, SHORT, hash, letter, step};
use crate::matcher::evidence::affixes;
use crate::matcher::evidence::forms::{Forms, place};
use crate::matcher::rules::{
    affix_edit, contains, dropped_token, reorder, repetition, scramble, three_edits, truncation,
};

/// Sighted names up to this length are looked up by everything that remains after two deletions, longer ones by their
/// partitions. A watched name whose length is about this much is filed under both.
pub(in crate::matcher) const DELETION_MAX: usize = 9;
/// A watched name up to two longer loses two characters as well.
const _: () = assert!(DELETION_MAX + 2 <= SHORT);
/// Two deletions need this much (`two-edits`).
const TWO_MIN: usize = 5;
/// One deletion needs this much (`pair::ONE_EDIT_MIN`).
const ONE_MIN: usize = 3;

/// What sharing a key suggests: what to check before all rules look at the pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::matcher) enum Hint {
    /// Equal in some shape: every rule may hold.
    Shape,
    /// Nearly the same letters: at most three edits.
    Letters,
    /// Equal after deletions or in one piece: at most two edits, in short names three, or one between the cores.
    Near,
}

/// One kind of key cannot meet another.
#[derive(Clone, Copy)]
enum Tag {
    Fold = 1,
    Whole,
    /// The first characters of what is filed under `Whole`, and the last: what no name begins or ends with spares it
    /// looking for longer parts.
    Start,
    End,
    /// The whole, its words in another order, the first or last of them, its core, what it is without its version.
    Text,
    Words,
    Deletion,
    Piece,
    Letters,
    Prefix,
    Brand,
    Listed,
}

/// The hashes are spread already (`rolling`): the upper half chooses the bucket and is compared.
#[inline]
fn mix(tag: Tag, hash: u64) -> u64 {
    hash.wrapping_add((tag as u64).wrapping_mul(0xA24B_AED4_963E_E407))
}

/// A hash that is to be added to others: otherwise letters could change places between the words of a sum.
#[inline]
fn spread(hash: u64) -> u64 {
    (hash ^ (hash >> 32)).wrapping_mul(0x9FB2_1C65_1E98_DF25)
}

/// The keys of a watched name. `inside`: what `telling_inside` says.
pub(in crate::matcher) fn of_watch(forms: &Forms<'_>, inside: [bool; 2], mut key: impl FnMut(u64)) {
    let joined = Rolling::new(forms.joined());
    key(mix(Tag::Fold, forms.fold().fold(0, step)));
    if forms.is_long() {
        return;
    }
    texts(forms, &joined, &mut key);
    words(forms, &joined, &mut key);
    of_watch_inside(forms, &joined, inside, &mut key);
    reorder::joined_orders(forms, |order| text(order, &mut key));
    dropped_token::runs(forms, |run| text(run, &mut key));
    truncation::beginnings(forms, |beginning| text(beginning, &mut key));
    letters(forms.joined(), &mut key);
    of_watch_edits(&joined.all(), &mut key);
    if let Some(core) = core(forms, &joined) {
        of_watch_core(&core, &mut key);
    }
}

/// A text; the answer lets those who list them go on.
fn text(text: &[u8], key: &mut impl FnMut(u64)) -> bool {
    key(mix(Tag::Text, hash(text)));
    false
}

/// What is to be found inside other names.
fn of_watch_inside(forms: &Forms<'_>, joined: &Rolling, inside: [bool; 2], key: &mut impl FnMut(u64)) {
    let unversioned = affixes::unversioned(forms.joined()).len();
    for (len, _) in [joined.len, unversioned].into_iter().zip(inside).filter(|(_, telling)| *telling) {
        key(mix(Tag::Whole, joined.prefix[len]));
        if len >= contains::GLUED_MIN {
            key(mix(Tag::Start, joined.part(0, contains::GLUED_MIN)));
            key(mix(Tag::End, joined.part(len - contains::GLUED_MIN, len)));
        }
    }
}

/// Are the name, and the name without its version where it has one, worth finding inside others? Takes a while: ask once.
pub(in crate::matcher) fn telling_inside(forms: &Forms<'_>) -> [bool; 2] {
    let (whole, unversioned) = (forms.joined().len(), affixes::unversioned(forms.joined()).len());
    [contains::can_weigh(forms, whole), unversioned < whole && contains::can_weigh(forms, unversioned)]
}

/// The core of a name, where it is something else and long enough for an edit (`affix-edit`).
fn core<'r>(forms: &Forms<'_>, joined: &'r Rolling) -> Option<Part<'r>> {
    let (start, len) = (forms.core_start(), forms.core().len());
    (affix_edit::MIN..joined.len).contains(&len).then(|| joined.between(start, start + len))
}

/// Two edits: by deletions as far as the sighted text may be short, by partitions as far as it may be long. An edit of the
/// first character of a long text leaves the `letters`.
fn of_watch_edits(all: &Part<'_>, key: &mut impl FnMut(u64)) {
    if (ONE_MIN..=DELETION_MAX).contains(&all.len()) {
        all.one_deletion(|hash| key(mix(Tag::Deletion, hash)));
    }
    if (TWO_MIN..=DELETION_MAX + 2).contains(&all.len()) {
        all.two_deletions(|hash| key(mix(Tag::Deletion, hash)));
    }
    let edits = if all.len() >= three_edits::WATCH_MIN { 3 } else { 2 };
    partitions::moved(all, edits, |hash| key(mix(Tag::Piece, hash)));
}

/// One edit of the core, likewise.
fn of_watch_core(core: &Part<'_>, key: &mut impl FnMut(u64)) {
    if core.len() <= DELETION_MAX + 1 {
        core.one_deletion(|hash| key(mix(Tag::Deletion, hash)));
    }
    partitions::moved(core, 1, |hash| key(mix(Tag::Piece, hash)));
}

/// The keys a sighted name is looked up by that may lead somewhere, and what each suggests. `words`: is anything but
/// names watched or listed?
pub(in crate::matcher) fn of_name(forms: &Forms<'_>, words: bool, index: &Index, mut follow: impl FnMut(u64, Hint)) {
    let mut look = |key, hint| {
        if index.may_hold(key) {
            follow(key, hint);
        }
    };
    let joined = Rolling::new(forms.joined());
    if words {
        of_name_words(forms, &joined, &mut |key| look(key, Hint::Shape));
    }
    shapes(forms, &joined, index, &mut |key| look(key, Hint::Shape));
    if !forms.is_long() {
        letters(forms.joined(), &mut |key| look(key, Hint::Letters));
        of_name_edits(&joined, core(forms, &joined), &mut |key| look(key, Hint::Near));
    }
}

fn of_name_words(forms: &Forms<'_>, joined: &Rolling, key: &mut impl FnMut(u64)) {
    key(mix(Tag::Listed, joined.whole()));
    for at in 0..forms.tokens() {
        key(mix(Tag::Brand, joined.part(forms.bound(at), forms.bound(at + 1))));
        key(mix(Tag::Prefix, joined.part(0, forms.bound(at + 1))));
    }
}

fn shapes(forms: &Forms<'_>, joined: &Rolling, index: &Index, key: &mut impl FnMut(u64)) {
    key(mix(Tag::Fold, forms.fold().fold(0, step)));
    if forms.is_long() {
        return;
    }
    words(forms, joined, key);
    texts(forms, joined, key);
    if forms.tokens() == 2 {
        reorder::joined_orders(forms, |order| text(order, key));
    }
    runs(forms, joined, key);
    ends(joined, index, key);
    repetition::blocks(forms.joined(), |from, len| {
        key(mix(Tag::Text, joined.without_part(from, len)));
        false
    });
}

/// By deletions or by partitions: the length of the sighted text alone decides.
fn of_name_edits(joined: &Rolling, core: Option<Part<'_>>, key: &mut impl FnMut(u64)) {
    let all = joined.all();
    if joined.len > DELETION_MAX {
        partitions::of(&all, |hash| key(mix(Tag::Piece, hash)));
    } else if joined.len >= ONE_MIN {
        all.one_deletion(|hash| key(mix(Tag::Deletion, hash)));
        if joined.len >= TWO_MIN {
            all.two_deletions(|hash| key(mix(Tag::Deletion, hash)));
        }
    }
    match core {
        Some(core) if core.len() > DELETION_MAX => partitions::of(&core, |hash| key(mix(Tag::Piece, hash))),
        Some(core) => core.one_deletion(|hash| key(mix(Tag::Deletion, hash))),
        None => {}
    }
}

/// Every run of words, which may be a watched name.
fn runs(forms: &Forms<'_>, joined: &Rolling, key: &mut impl FnMut(u64)) {
    for from in 0..forms.tokens() {
        for to in from + 1..=forms.tokens() {
            let (from, to) = (forms.bound(from), forms.bound(to));
            if to - from >= contains::MIN && to - from < joined.len {
                key(mix(Tag::Whole, joined.part(from, to)));
            }
        }
    }
}

/// What the name begins or ends with, if any watched name does.
fn ends(joined: &Rolling, index: &Index, key: &mut impl FnMut(u64)) {
    const MIN: usize = contains::GLUED_MIN;
    if joined.len <= MIN {
        return;
    }
    if index.may_hold(mix(Tag::Start, joined.part(0, MIN))) {
        (MIN..joined.len).for_each(|len| key(mix(Tag::Whole, joined.prefix[len])));
    }
    if index.may_hold(mix(Tag::End, joined.part(joined.len - MIN, joined.len))) {
        (MIN..joined.len).for_each(|len| key(mix(Tag::Whole, joined.part(joined.len - len, joined.len))));
    }
}

/// The whole, and its core and what it is without its version, where these are something else.
fn texts(forms: &Forms<'_>, joined: &Rolling, key: &mut impl FnMut(u64)) {
    key(mix(Tag::Text, joined.whole()));
    let (start, len) = (forms.core_start(), forms.core().len());
    if len < joined.len {
        key(mix(Tag::Text, joined.part(start, start + len)));
    }
    let unversioned = affixes::unversioned(forms.joined()).len();
    if unversioned < joined.len && (start, len) != (0, unversioned) {
        key(mix(Tag::Text, joined.prefix[unversioned]));
    }
}

/// The words, if there are several, in any order; and those that are not customary, where these are others and several.
fn words(forms: &Forms<'_>, joined: &Rolling, key: &mut impl FnMut(u64)) {
    if forms.tokens() < 2 {
        return;
    }
    let (mut all, mut own, mut count) = (0_u64, 0_u64, 0);
    for at in 0..forms.tokens() {
        let word = spread(joined.part(forms.bound(at), forms.bound(at + 1)));
        all = all.wrapping_add(word);
        if !affixes::is_affix(forms.token(at)) {
            own = own.wrapping_add(word);
            count += 1;
        }
    }
    key(mix(Tag::Words, all));
    if (reorder::OWN_MIN..forms.tokens()).contains(&count) {
        key(mix(Tag::Words, own));
    }
}

/// The letters of a text in any order, and of a long one without each one of them: what one edit, and three that keep nearly
/// all letters, leave equal. A text of `DELETION_MAX` may be the shorter one, all of whose letters the other has.
fn letters(joined: &[u8], key: &mut impl FnMut(u64)) {
    if joined.len() < scramble::MIN {
        return;
    }
    let all = joined.iter().fold(0_u64, |sum, byte| sum.wrapping_add(letter(*byte)));
    key(mix(Tag::Letters, all));
    let without = if joined.len() > DELETION_MAX { joined } else { &[] };
    let mut seen = 0_u64;
    for byte in without {
        let bit = 1 << place(*byte);
        if seen & bit == 0 {
            key(mix(Tag::Letters, all.wrapping_sub(letter(*byte))));
        }
        seen |= bit;
    }
}

/// Which letters a name has, one bit each (digits share six): an edit changes at most two bits.
pub(in crate::matcher) fn signature(joined: &[u8]) -> u32 {
    joined.iter().fold(0, |bits, byte| bits | BITS[usize::from(*byte)])
}

static BITS: [u32; 256] = bits();

const fn bits() -> [u32; 256] {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = match byte {
            0x61..=0x7a => 1 << (byte - 0x61),
            other => 1 << (26 + other % 6),
        };
        byte += 1;
    }
    table
}

pub(in crate::matcher) fn of_prefix(prefix: &str) -> u64 {
    mix(Tag::Prefix, hash(Forms::new(prefix).joined()))
}

pub(in crate::matcher) fn of_brand(word: &str) -> u64 {
    mix(Tag::Brand, hash(Forms::new(word).joined()))
}

pub(in crate::matcher) fn of_listed(name: &str) -> u64 {
    mix(Tag::Listed, hash(Forms::new(name).joined()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn one_letter_changes_two_bits_at_most(a in "[a-z0-9]{1,20}", at in 0_usize..20, letter in "[a-z0-9]") {
            let mut b = a.clone().into_bytes();
            let at = at % b.len();
            b[at] = letter.as_bytes()[0];
            prop_assert!((signature(a.as_bytes()) ^ signature(&b)).count_ones() <= 2);
        }
    }
}
