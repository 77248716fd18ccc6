//! `Prefilter`: what is kept of each watch for a first look: the length and count filters of approximate search, and a lower
//! bound of what the edits cost. Most keys that lead to a watch lead there in vain, and end here.

use super::deletions::DELETION_MAX;
use super::hint::Hint;
use super::index::number;
use crate::matcher::evidence::distance;
use crate::matcher::evidence::edits::EDITS_MAX;
use crate::matcher::evidence::forms::Forms;
use crate::matcher::evidence::letters::signature;
use crate::matcher::evidence::lower_bound::{Apart, lower_bound};
use crate::matcher::evidence::name::Name;
use crate::matcher::rules::three_edits;

/// More edits apart than any rule looks at.
pub(in crate::matcher) const FAR: u8 = 4;
const _: () = assert!(FAR as usize > EDITS_MAX);

/// The watched names without separators, one after the other, and the features of each.
#[derive(Debug, Default)]
pub(in crate::matcher) struct Prefilter {
    text: Vec<u8>,
    all: Vec<Features>,
}

#[derive(Debug)]
pub(super) struct Features {
    /// `signature`, and that of the core.
    letters: u32,
    core_letters: u32,
    /// Where it begins in `text`.
    start: u32,
    len: u8,
    /// How many words.
    words: u8,
    /// Where its core begins in it, and how long that is.
    core: (u8, u8),
}

impl Features {
    /// Where the core begins and ends in the name without separators.
    #[inline]
    pub(super) fn core(&self) -> (usize, usize) {
        let (start, len) = (usize::from(self.core.0), usize::from(self.core.1));
        (start, start + len)
    }

    /// Is the core all of it?
    fn is_core(&self) -> bool {
        self.core.1 == self.len
    }

    /// The letters that only a name has, and that only the watch has.
    #[inline]
    fn letters_apart(&self, name: &Name<'_>) -> (u32, u32) {
        (name.letters & !self.letters, self.letters & !name.letters)
    }

    /// May they be so many edits apart, by their letters?
    #[inline]
    pub(super) fn letters_allow(&self, name: &Name<'_>, edits: usize) -> bool {
        let (extra, missing) = self.letters_apart(name);
        letters_allow(extra, missing, (name.forms.joined().len(), usize::from(self.len)), edits)
    }
}

impl Prefilter {
    pub(in crate::matcher) fn push(&mut self, forms: &Forms<'_>) {
        // A text on the stack is no longer than a byte can say.
        let byte = |n: usize| u8::try_from(n).unwrap_or(u8::MAX);
        self.all.push(Features {
            letters: signature(forms.joined()),
            core_letters: signature(forms.core()),
            start: number(self.text.len()),
            len: byte(forms.joined().len()),
            words: byte(forms.tokens()),
            core: (byte(forms.core_start()), byte(forms.core().len())),
        });
        self.text.extend(forms.joined());
    }

    /// Bytes on the heap.
    pub(in crate::matcher) fn bytes(&self) -> usize {
        self.text.capacity() + size_of::<Features>() * self.all.capacity()
    }

    /// The cheap part of what the rules behind a hint demand. A pair refused here may come again by another key.
    pub(in crate::matcher) fn may_match(&self, watch: u32, name: &Name<'_>, hint: Hint) -> bool {
        let features = self.features(watch);
        let edits = |limit| self.edits(features, name, limit);
        self.passes(features, name, hint, edits, || self.is_core_near(features, name))
    }

    /// The same, by the edits they are apart, if at most a limit, and by whether the cores are near.
    #[inline]
    pub(super) fn passes(
        &self,
        features: &Features,
        name: &Name<'_>,
        hint: Hint,
        edits: impl FnOnce(usize) -> Option<u8>,
        is_core_near: impl FnOnce() -> bool,
    ) -> bool {
        match hint {
            Hint::Shape => true,
            Hint::Letters => self.edits_may_match(features, name, hint, edits) || self.scrambled(features, name),
            Hint::Near => {
                self.edits_may_match(features, name, hint, edits)
                    || !(features.is_core() && name.forms.is_core()) && is_core_near()
            }
        }
    }

    /// How many edits apart are they, separators left out? `FAR` for too many.
    pub(in crate::matcher) fn apart(&self, watch: u32, name: &Name<'_>) -> u8 {
        self.edits(self.features(watch), name, EDITS_MAX).unwrap_or(FAR)
    }

    /// How many, if at most a limit? Their letters tell most pairs, without a call.
    #[inline(always)]
    fn edits(&self, features: &Features, name: &Name<'_>, limit: usize) -> Option<u8> {
        if features.letters_allow(name, limit) {
            distance::distance(name.forms.joined(), self.joined(features), limit)
        } else {
            None
        }
    }

    /// Are they one to three edits apart that can weigh enough? A key that long names share by their `letters` alone
    /// tells of three.
    #[inline(always)]
    fn edits_may_match(
        &self,
        features: &Features,
        name: &Name<'_>,
        hint: Hint,
        edits: impl FnOnce(usize) -> Option<u8>,
    ) -> bool {
        let lengths = (name.forms.joined().len(), usize::from(features.len));
        let two = hint == Hint::Near
            && lengths.0.max(lengths.1) > DELETION_MAX
            && !three_edits::is_long(lengths.0, lengths.1);
        edits(if two { 2 } else { 3 }).is_some_and(|edits| self.edits_may_weigh(features, name, edits))
    }

    /// Are they so many edits apart that can weigh enough?
    #[inline(never)]
    fn edits_may_weigh(&self, features: &Features, name: &Name<'_>, edits: u8) -> bool {
        let (joined, watched) = (name.forms.joined(), self.joined(features));
        let lengths = (joined.len(), watched.len());
        let (extra, missing) = features.letters_apart(name);
        let letters = (extra.count_ones(), missing.count_ones());
        let same_start = joined.first() == watched.first();
        let same_words = name.forms.tokens() == usize::from(features.words);
        let apart = Apart { edits, lengths, letters, same_start, same_words };
        (edits < 2 || same_start)
            && (edits < 3 || three_may_hold(lengths, letters.0))
            && name.bits() >= lower_bound(&apart)
    }

    /// Are the cores one edit apart, not in the first character?
    pub(super) fn is_core_near(&self, features: &Features, name: &Name<'_>) -> bool {
        let (sighted, (start, end)) = (name.forms.core(), features.core());
        let core = &self.joined(features)[start..end];
        let (extra, missing) =
            (name.core_letters() & !features.core_letters, features.core_letters & !name.core_letters());
        sighted.first() == core.first()
            && !more_than(extra, 1)
            && !more_than(missing, 1)
            && distance::distance(sighted, core, 1).is_some()
    }

    /// May they be the same letters between the same ends?
    fn scrambled(&self, features: &Features, name: &Name<'_>) -> bool {
        let (joined, watched) = (name.forms.joined(), self.joined(features));
        name.letters == features.letters
            && joined.len() == watched.len()
            && joined.first() == watched.first()
            && joined.last() == watched.last()
    }

    #[inline]
    pub(super) fn features(&self, watch: u32) -> &Features {
        &self.all[watch as usize]
    }

    /// A watched name without separators.
    #[inline]
    pub(super) fn joined<'m>(&'m self, features: &Features) -> &'m [u8] {
        let start = features.start as usize;
        &self.text[start..start + usize::from(features.len)]
    }
}

/// May three edits be told of names of these lengths, of which one has so many letters that the other has not?
fn three_may_hold((name, watch): (usize, usize), extra: u32) -> bool {
    three_edits::is_long(name, watch) || (extra <= 1 && name.min(watch) >= three_edits::MIN)
}

/// May so many edits bring the `extra` letters and take the `missing` ones? Each edit that makes a name longer takes
/// none, and the other way round.
fn letters_allow(extra: u32, missing: u32, (name, watch): (usize, usize), edits: usize) -> bool {
    let (longer, shorter) = (name.saturating_sub(watch), watch.saturating_sub(name));
    longer.max(shorter) <= edits && !more_than(extra, edits - shorter) && !more_than(missing, edits - longer)
}

/// Are more than so many bits set, three at most? Counting them all takes longer.
fn more_than(bits: u32, count: usize) -> bool {
    let without_lowest = |bits: u32| bits & bits.wrapping_sub(1);
    let one = without_lowest(bits);
    let two = without_lowest(one);
    [bits, one, two, without_lowest(two)][count] != 0
}
