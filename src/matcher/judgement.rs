//! What judging a name comes to: the strongest matches, and a count of the rest. Bounded, however many watches a name
//! resembles: `acme-service` resembles each of 20,000 watches `acme-service-00001`.

use std::collections::BTreeMap;
use std::ops::Range;

use super::compiled::Matcher;
use crate::model::{Match, OwnerId, WatchId};

/// So many watches are named, the strongest first.
pub(super) const NAMED: usize = 20;
/// And so many more: the strongest of each owner that none of those is of. Whoever must hear of a name hears of a watch of
/// their own.
pub(super) const OWNERS: usize = 20;

/// What is said of one name. The default is silence.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Judgement {
    /// One match per (watch, rule), strongest first: all matches of at most `NAMED` watches, and of the strongest watch of
    /// at most `OWNERS` owners more.
    pub matches: Vec<Match>,
    pub rest: Rest,
}

/// The watches that a name resembles and that are not named: weaker ones, or ones that share with it what those named
/// share.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rest {
    /// Stretches of the list of watches, ascending: members of a family mostly stand side by side.
    stretches: Vec<Range<u32>>,
}

impl Rest {
    /// How many watches.
    pub fn len(&self) -> usize {
        self.stretches.iter().map(|stretch| stretch.len()).sum()
    }

    pub fn is_empty(&self) -> bool {
        self.stretches.is_empty()
    }

    /// Of places in the list of watches, ascending.
    pub(super) fn of(places: impl IntoIterator<Item = u32>) -> Self {
        let mut rest = Self::default();
        for place in places {
            match rest.stretches.last_mut() {
                Some(last) if last.end == place => last.end += 1,
                _ => rest.stretches.push(place..place + 1),
            }
        }
        rest
    }
}

impl Matcher {
    /// The watches of a rest that this matcher gave, each with its owner, in the order of their ids: a look each, no search.
    pub fn watches_of<'m>(&'m self, rest: &'m Rest) -> impl Iterator<Item = (&'m WatchId, &'m OwnerId)> {
        let watches =
            rest.stretches.iter().flat_map(|stretch| &self.watches[stretch.start as usize..stretch.end as usize]);
        watches.map(|watch| (&watch.id, &self.owners[watch.owner as usize]))
    }

    /// The owners of a rest that this matcher gave, and how many watches of it are theirs.
    pub fn owners_of(&self, rest: &Rest) -> BTreeMap<&OwnerId, usize> {
        let mut counts = vec![0; self.owners.len()];
        let places = rest.stretches.iter().cloned().flatten();
        places.for_each(|place| counts[self.watches[place as usize].owner as usize] += 1);
        self.owners.iter().zip(counts).filter(|(_, count)| *count > 0).collect()
    }
}
