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
struct Features {
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
        self.passes(watch, name, hint, |watched, limit| distance::distance(name.forms.joined(), watched, limit))
    }

    /// The same for a member of a family, the one of many that a name is compared with; and how many edits it is `apart`.
    pub(in crate::matcher) fn member_may_match(&self, watch: u32, name: &Name<'_>, hint: Hint) -> Option<u8> {
        let apart = self.apart(watch, name);
        self.passes(watch, name, hint, |_, limit| (usize::from(apart) <= limit).then_some(apart)).then_some(apart)
    }

    #[inline]
    fn passes(
        &self,
        watch: u32,
        name: &Name<'_>,
        hint: Hint,
        distance: impl FnOnce(&[u8], usize) -> Option<u8>,
    ) -> bool {
        let features = &self.all[watch as usize];
        match hint {
            Hint::Shape => true,
            Hint::Letters => self.edits_may_match(features, name, hint, distance) || self.scrambled(features, name),
            Hint::Near => self.edits_may_match(features, name, hint, distance) || self.cores_near(features, name),
        }
    }

    /// How many edits apart are they, separators left out? `FAR` for too many.
    pub(in crate::matcher) fn apart(&self, watch: u32, name: &Name<'_>) -> u8 {
        let features = &self.all[watch as usize];
        let lengths = (name.forms.joined().len(), usize::from(features.len));
        let (extra, missing) = (name.letters & !features.letters, features.letters & !name.letters);
        if !letters_allow(extra, missing, lengths, EDITS_MAX) {
            return FAR;
        }
        name.distance(self.joined(features), EDITS_MAX).unwrap_or(FAR)
    }

    /// Are they one to three edits apart that can weigh enough? A key that long names share by their `letters` alone
    /// tells of three. Their letters tell most pairs, without a call.
    #[inline(always)]
    fn edits_may_match(
        &self,
        features: &Features,
        name: &Name<'_>,
        hint: Hint,
        distance: impl FnOnce(&[u8], usize) -> Option<u8>,
    ) -> bool {
        let lengths = (name.forms.joined().len(), usize::from(features.len));
        let two = hint == Hint::Near
            && lengths.0.max(lengths.1) > DELETION_MAX
            && !three_edits::is_long(lengths.0, lengths.1);
        let limit = if two { 2 } else { 3 };
        let (extra, missing) = (name.letters & !features.letters, features.letters & !name.letters);
        letters_allow(extra, missing, lengths, limit)
            && distance(self.joined(features), limit)
                .is_some_and(|edits| self.edits_may_weigh(features, name, (extra, missing), edits))
    }

    /// Are they so many edits apart that can weigh enough?
    #[inline(never)]
    fn edits_may_weigh(&self, features: &Features, name: &Name<'_>, letters: (u32, u32), edits: u8) -> bool {
        let (joined, watched) = (name.forms.joined(), self.joined(features));
        let lengths = (joined.len(), watched.len());
        let letters = (letters.0.count_ones(), letters.1.count_ones());
        let same_start = joined.first() == watched.first();
        let same_words = name.forms.tokens() == usize::from(features.words);
        let apart = Apart { edits, lengths, letters, same_start, same_words };
        (edits < 2 || same_start)
            && (edits < 3 || three_may_hold(lengths, letters.0))
            && name.bits() >= lower_bound(&apart)
    }

    /// Are the cores one edit apart, not in the first character, and is one of them not the whole name?
    fn cores_near(&self, features: &Features, name: &Name<'_>) -> bool {
        let sighted = name.forms.core();
        if features.core.1 == features.len && sighted.len() == name.forms.joined().len() {
            return false;
        }
        let (start, len) = (usize::from(features.core.0), usize::from(features.core.1));
        let core = &self.joined(features)[start..start + len];
        let (extra, missing) =
            (name.core_letters() & !features.core_letters, features.core_letters & !name.core_letters());
        sighted.first() == core.first()
            && !more_than(extra, 1)
            && !more_than(missing, 1)
            && name.is_core_near(core, |core| distance::distance(sighted, core, 1).is_some())
    }

    /// May they be the same letters between the same ends?
    fn scrambled(&self, features: &Features, name: &Name<'_>) -> bool {
        let (joined, watched) = (name.forms.joined(), self.joined(features));
        name.letters == features.letters
            && joined.len() == watched.len()
            && joined.first() == watched.first()
            && joined.last() == watched.last()
    }

    fn joined(&self, features: &Features) -> &[u8] {
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
