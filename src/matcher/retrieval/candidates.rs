//! `Candidates`: the watches that a name shares keys with and that passed the prefilter; and which of them are weighed rule by
//! rule, where they are too many for that.

use super::hint::Hint;
use super::prefilter::FAR;

/// So many watches are weighed rule by rule. Where there are more, they share what they have in common with the name, as the
/// members of a family do.
pub(in crate::matcher) const WEIGHED: usize = 64;

/// As many as nearly every name meets at most, on the stack: most of them resemble nothing after all.
const HERE: usize = 16;

/// A watch in the low half; above it, where only keys of families led there, how many edits the two are apart, and above
/// that, that it is so.
type Entry = u64;
const APART: u32 = 32;
const OF_FAMILY: Entry = 1 << 40;

#[derive(Default)]
pub(in crate::matcher) struct Candidates {
    here: [Entry; HERE],
    len: usize,
    /// What there is no room for; a watch may be here several times.
    more: Vec<Entry>,
    /// What keys of families led to, ascending and each once.
    members: Vec<Entry>,
    /// Families met, those that stand side by side in the list: by which hint, first and last watch.
    families: [Option<(Hint, (u32, u32))>; 4],
}

impl Candidates {
    /// A watch that a key of its own, or of few, led to.
    pub(in crate::matcher) fn add(&mut self, watch: u32) {
        let entry = Entry::from(watch);
        let here = &self.here[..self.len];
        match here.iter().find(|known| **known == entry) {
            Some(_) => {}
            None if self.len < HERE => {
                self.here[self.len] = entry;
                self.len += 1;
            }
            None => self.more.push(entry),
        }
    }

    /// Members of a family, ascending: those that `apart` says a number of edits of. It is not asked of those that are here.
    pub(in crate::matcher) fn add_family(
        &mut self,
        watches: impl Iterator<Item = u32>,
        mut apart: impl FnMut(u32) -> Option<u8>,
    ) {
        let (before, mut at) = (self.members.len(), 0);
        for watch in watches {
            at += self.members[at..before].iter().take_while(|known| place(**known) < watch).count();
            if self.members[at..before].first().is_none_or(|known| place(*known) != watch) {
                let member = |apart| Entry::from(watch) | Entry::from(apart) << APART | OF_FAMILY;
                self.members.extend(apart(watch).map(member));
            }
        }
        // The first time they come sorted.
        if before > 0 {
            in_order(&mut self.members, before);
        }
    }

    /// Did keys of families lead to the watches between these two before, for the same hint or for one that lets every pair
    /// pass?
    pub(in crate::matcher) fn met(&self, hint: Hint, ends: (u32, u32)) -> bool {
        let covers = |known: Hint| known == hint || known == Hint::Shape;
        let within = |met: (u32, u32)| met.0 <= ends.0 && ends.1 <= met.1;
        self.families.iter().flatten().any(|(known, met)| covers(*known) && within(*met))
    }

    /// A key led to so many watches, the first and the last of them `ends`. Remembered where they stand side by side in the
    /// list.
    pub(in crate::matcher) fn meet(&mut self, hint: Hint, ends: (u32, u32), count: usize) {
        let side_by_side = (ends.1 - ends.0) as usize + 1 == count;
        if let Some(free) = self.families.iter_mut().find(|family| family.is_none()).filter(|_| side_by_side) {
            *free = Some((hint, ends));
        }
    }

    /// Calls `weigh` with the watches to be weighed, ascending and each once, and gives the others, likewise. Those that a
    /// key of their own led to come first, then the nearest. Where `weigh` finds nothing in any of the farthest that it is
    /// given, there is nothing in the others.
    pub(in crate::matcher) fn each(mut self, mut weigh: impl FnMut(u32) -> bool) -> Vec<u32> {
        if self.more.is_empty() && self.members.is_empty() {
            self.here[..self.len].sort_unstable_by_key(|entry| place(*entry));
            for entry in &self.here[..self.len] {
                weigh(place(*entry));
            }
            return Vec::new();
        }
        let all = self.distinct();
        let last = last_weighed(&all);
        let (mut others, mut farthest_hold) = (Vec::new(), false);
        for entry in &all {
            if *entry <= last {
                let holds = weigh(place(*entry));
                farthest_hold |= holds && entry >> APART == last >> APART;
            } else {
                others.push(place(*entry));
            }
        }
        if farthest_hold { others } else { Vec::new() }
    }

    /// All of them, ascending and each once. Of several entries of a watch that stays which says that a key of its own led
    /// there.
    fn distinct(&mut self) -> Vec<Entry> {
        let mut all = std::mem::take(&mut self.members);
        self.more.extend(&self.here[..self.len]);
        self.more.sort_unstable();
        self.more.dedup();
        let before = all.len();
        for entry in &self.more {
            match all[..before].binary_search_by_key(entry, |member| Entry::from(place(*member))) {
                Ok(at) => all[at] = *entry,
                Err(_) => all.push(*entry),
            }
        }
        in_order(&mut all, before);
        all
    }
}

/// Sorts entries of which so many are.
fn in_order(entries: &mut [Entry], sorted: usize) {
    if sorted < entries.len() {
        entries.sort_by_key(|entry| place(*entry));
    }
}

/// The last entry that is weighed, of entries in the order of their places.
fn last_weighed(all: &[Entry]) -> Entry {
    let mut counts = [0; CLASSES];
    all.iter().for_each(|entry| counts[class(*entry)] += 1);
    let mut left = WEIGHED;
    for (number, count) in counts.into_iter().enumerate() {
        if count >= left {
            let of_class = all.iter().filter(|entry| class(**entry) == number);
            return of_class.copied().nth(left - 1).unwrap_or(Entry::MAX);
        }
        left -= count;
    }
    Entry::MAX
}

/// Entries of one class differ in their places only: those that a key of their own led to, and those of families by how far
/// they are apart.
const CLASSES: usize = 2 + FAR as usize;

fn class(entry: Entry) -> usize {
    let apart = (entry >> APART) as u8;
    if entry < OF_FAMILY { 0 } else { 1 + usize::from(apart.min(FAR)) }
}

/// The place of a watch in the list.
#[expect(clippy::cast_possible_truncation, reason = "the low half")]
fn place(entry: Entry) -> u32 {
    entry as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Which are weighed, and which are not, where what is less than so far apart holds.
    fn arranged(candidates: Candidates, holds: u8) -> (Vec<u32>, Vec<u32>) {
        let mut weighed = Vec::new();
        let others = candidates.each(|watch| {
            weighed.push(watch);
            apart(watch) < holds
        });
        (weighed, others)
    }

    #[test]
    fn few_are_all_weighed_once() {
        let mut candidates = Candidates::default();
        [7, 3, 7, 5].into_iter().for_each(|watch| candidates.add(watch));
        assert_eq!(arranged(candidates, 9), (vec![3, 5, 7], vec![]));
    }

    /// The farther down the list, the nearer, in steps of a hundred.
    fn apart(watch: u32) -> u8 {
        9 - u8::try_from(watch / 100).unwrap_or(9).min(9)
    }

    fn many() -> Candidates {
        let mut candidates = Candidates::default();
        candidates.add_family((0..1000).step_by(3), |watch| Some(apart(watch)));
        candidates.add_family(0..1000, |watch| Some(apart(watch)));
        [17, 3].into_iter().for_each(|watch| candidates.add(watch));
        candidates
    }

    #[test]
    fn of_many_those_of_their_own_key_are_weighed_and_then_the_nearest() {
        let (weighed, others) = arranged(many(), 9);
        assert_eq!((weighed.len(), others.len()), (WEIGHED, 1000 - WEIGHED));
        assert_eq!((&weighed[..3], weighed[WEIGHED - 1]), (&[3, 17, 900][..], 961));
        assert!(others.is_sorted() && others.contains(&899));
    }

    #[test]
    fn where_the_farthest_hold_nothing_the_others_do_not() {
        let (weighed, others) = arranged(many(), 0);
        assert_eq!((weighed.len(), others), (WEIGHED, vec![]));
    }

    #[test]
    fn a_family_is_met_once_by_whatever_keys() {
        let mut candidates = Candidates::default();
        assert!(!candidates.met(Hint::Letters, (10, 59)));
        candidates.meet(Hint::Letters, (10, 59), 50);
        assert!(candidates.met(Hint::Letters, (10, 59)));
        assert!(candidates.met(Hint::Letters, (12, 58)), "some of them");
        assert!(!candidates.met(Hint::Near, (10, 59)), "cores may be near where the letters are not");
        assert!(!candidates.met(Hint::Letters, (9, 58)), "one of them is another");
        assert!(!candidates.met(Hint::Shape, (10, 59)), "every rule may hold now");
        candidates.meet(Hint::Shape, (10, 59), 50);
        assert!(candidates.met(Hint::Near, (20, 59)));
        candidates.meet(Hint::Shape, (100, 159), 40);
        assert!(!candidates.met(Hint::Near, (100, 159)), "gaps");
    }
}
