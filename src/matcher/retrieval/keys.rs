//! Keys: what a watch is filed under and a name is looked up by, so that a name meets only watches it may resemble.
//!
//! Where a rule holds and weighs enough, name and watch share a key; the differential tests hold them to it. Keys are 64-bit
//! hashes; a collision costs one look at a watch in vain and nothing else. Here are the keys that several rules share:
//! the whole, its core, the deletion neighbourhood, partitions and the anagram key. Those of one rule stand in its file
//! (`watch_keys`, `name_keys`), and are called here.

use super::anagram::letters;
use super::deletions::DELETION_MAX;
use super::hint::Hint;
use super::partitions;
use super::rolling::{Part, Rolling, hash, step};
use super::tag::{Tag, mix};
use crate::matcher::evidence::affixes::unversioned;
use crate::matcher::evidence::fold::fold;
use crate::matcher::evidence::forms::Forms;
use crate::matcher::rules::{affix_edit, contains, dropped_token, reorder, repetition, three_edits, truncation};
use crate::model::{WatchId, WatchKind};

/// Two deletions need this much (`two-edits`).
const TWO_MIN: usize = 5;
/// One deletion needs this much (`pair::ONE_EDIT_MIN`).
const ONE_MIN: usize = 3;

/// The keys of a watch. `inside`: of a name, what `contains::telling_inside` says.
pub(in crate::matcher) fn of_watch(id: &WatchId, inside: [bool; 2], mut key: impl FnMut(u64)) {
    match id.kind {
        WatchKind::Name => of_watched_name(&Forms::new(&id.text), inside, key),
        WatchKind::Prefix => key(mix(Tag::Prefix, hash(Forms::new(&id.text).joined()))),
        WatchKind::Brand => key(mix(Tag::Brand, hash(Forms::new(&id.text).joined()))),
    }
}

fn of_watched_name(forms: &Forms<'_>, inside: [bool; 2], mut key: impl FnMut(u64)) {
    let joined = Rolling::new(forms.joined());
    key(mix(Tag::Fold, fold(forms.joined()).fold(0, step)));
    if forms.is_long() {
        return;
    }
    texts(forms, &joined, &mut key);
    reorder::watch_keys(forms, &joined, &mut key);
    contains::watch_keys(forms, &joined, inside, &mut key);
    dropped_token::watch_keys(forms, &mut key);
    truncation::watch_keys(forms, &mut key);
    letters(forms.joined(), &mut key);
    of_watch_edits(&joined.all(), &mut key);
    if let Some(core) = affix_edit::core_part(forms, &joined) {
        of_watch_core(&core, &mut key);
    }
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
/// names watched or listed? `may_hold`: may any watch be filed under this key?
pub(in crate::matcher) fn of_name(
    forms: &Forms<'_>,
    words: bool,
    may_hold: impl Fn(u64) -> bool,
    mut follow: impl FnMut(u64, Hint),
) {
    let mut look = |key, hint| {
        if may_hold(key) {
            follow(key, hint);
        }
    };
    let joined = Rolling::new(forms.joined());
    if words {
        of_name_words(forms, &joined, &mut |key| look(key, Hint::Shape));
    }
    shapes(forms, &joined, &may_hold, &mut |key| look(key, Hint::Shape));
    if !forms.is_long() {
        letters(forms.joined(), &mut |key| look(key, Hint::Letters));
        of_name_edits(&joined, affix_edit::core_part(forms, &joined), &mut |key| look(key, Hint::Near));
    }
}

fn of_name_words(forms: &Forms<'_>, joined: &Rolling, key: &mut impl FnMut(u64)) {
    key(mix(Tag::Listed, joined.whole()));
    for at in 0..forms.tokens() {
        key(mix(Tag::Brand, joined.part(forms.bound(at), forms.bound(at + 1))));
        key(mix(Tag::Prefix, joined.part(0, forms.bound(at + 1))));
    }
}

fn shapes(forms: &Forms<'_>, joined: &Rolling, may_hold: impl Fn(u64) -> bool, key: &mut impl FnMut(u64)) {
    key(mix(Tag::Fold, fold(forms.joined()).fold(0, step)));
    if forms.is_long() {
        return;
    }
    texts(forms, joined, key);
    reorder::name_keys(forms, joined, key);
    contains::name_keys(forms, joined, may_hold, key);
    repetition::name_keys(forms, joined, key);
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

/// The whole, and its core and what it is without its version, where these are something else.
fn texts(forms: &Forms<'_>, joined: &Rolling, key: &mut impl FnMut(u64)) {
    key(mix(Tag::Text, joined.whole()));
    let (start, len) = (forms.core_start(), forms.core().len());
    if len < joined.len {
        key(mix(Tag::Text, joined.part(start, start + len)));
    }
    let unversioned = unversioned(forms.joined()).len();
    if unversioned < joined.len && (start, len) != (0, unversioned) {
        key(mix(Tag::Text, joined.prefix[unversioned]));
    }
}

pub(in crate::matcher) fn of_listed(name: &str) -> u64 {
    mix(Tag::Listed, hash(Forms::new(name).joined()))
}
