//! What an index body says beside what is known: a merge join of two bytewise sorted sides. Pure.

use std::cmp::Ordering;

use super::Listing;
use crate::model::{Serial, count};

/// A pass may unlist this share of the known projects, or [`FEW`] of them where that is more (only a simulator is so
/// small that it matters); beyond it the body is halved or wrong.
const SHARE: usize = 200;
const FEW: usize = 50;
/// More unlisted names than this are counted, not kept.
const KEPT: usize = 100_000;

/// A project that was known and is not in the body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unlisted {
    pub name: String,
    pub serial: Serial,
}

/// What the body says that was not known. Places are for [`Listing::at`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IndexDifference {
    /// Projects that were not known.
    pub listed: Vec<u32>,
    /// Known projects with a higher serial than any event held about them: something happened.
    pub changed: Vec<u32>,
    /// Projects that were gone and are back; not a registration.
    pub relisted: Vec<u32>,
    /// Known projects that are missing, although the body is as new as all that is known about them.
    pub unlisted: Vec<Unlisted>,
    /// Missing from the body, but newer than it or of unknown serial: nothing can be said yet.
    pub too_new: usize,
    /// Projects in the body.
    pub total: usize,
    /// Known projects that were not gone.
    pub known: usize,
    /// The body's serial, to be stored as the last one applied.
    pub serial: Serial,
}

/// Why a whole body is not applied.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IndexRefusal {
    /// An older cache answered. That happens between PyPI's edges and passes; it is "could not look", not an alarm.
    #[error("the index body is of serial {body}, older than the one applied last ({applied})")]
    Stale { body: Serial, applied: Serial },
    #[error("the index body lacks {missing} of {known} known projects, more than it may ({limit}): it is not believed")]
    TooManyMissing { missing: usize, known: usize, limit: usize },
    #[error("the index body lists no project at all")]
    Empty,
    #[error("the index body lists {} at serial {serial}: far too few for it", count(*projects, "project", "projects"))]
    Sparse { projects: usize, serial: Serial },
    #[error("the index body says serial {body}, and the registry can hardly be past {limit}")]
    Ahead { body: Serial, limit: Serial },
    /// A mistake of the caller.
    #[error("known projects must come sorted by name, bytewise, each once: {0:?} did not")]
    Unsorted(String),
}

/// A comparison of a body with all known projects, one of them at a time: callers walk a table.
#[derive(Debug)]
pub struct Comparison<'a> {
    listing: &'a Listing,
    /// The first entry that no known project has reached.
    next: u32,
    previous: String,
    missing: usize,
    /// A person vouches for the body, whatever it lacks.
    vouched: bool,
    difference: IndexDifference,
}

impl<'a> Comparison<'a> {
    /// `applied` is the serial of the body applied last.
    ///
    /// # Errors
    /// [`IndexRefusal::Stale`].
    pub fn new(listing: &'a Listing, applied: Option<Serial>) -> Result<Self, IndexRefusal> {
        if let Some(applied) = applied.filter(|applied| listing.serial < *applied) {
            return Err(IndexRefusal::Stale { body: listing.serial, applied });
        }
        let difference = IndexDifference { total: listing.len(), serial: listing.serial, ..IndexDifference::default() };
        Ok(Self { listing, next: 0, previous: String::new(), missing: 0, vouched: false, difference })
    }

    /// The same for a body that a person vouches for: it may lack what it lacks.
    pub fn vouched(self) -> Self {
        Self { vouched: true, ..self }
    }

    /// Takes the next known project, bytewise by its normalized name. `serial` is the highest of every event held about it, `None` when only RSS
    /// told, which has no serials; it is `gone` when it was removed or unlisted as far as is known.
    ///
    /// # Errors
    /// [`IndexRefusal::Unsorted`].
    pub fn known(&mut self, name: &str, serial: Option<Serial>, gone: bool) -> Result<(), IndexRefusal> {
        if name <= self.previous.as_str() {
            return Err(IndexRefusal::Unsorted(name.to_owned()));
        }
        name.clone_into(&mut self.previous);
        self.difference.known += usize::from(!gone);
        while let Some(order) = self.order_of_next(name) {
            match order {
                Ordering::Less => self.difference.listed.push(self.next),
                Ordering::Equal => {
                    self.both(serial, gone);
                    self.next += 1;
                    return Ok(());
                }
                Ordering::Greater => break,
            }
            self.next += 1;
        }
        if !gone {
            self.absent(name, serial);
        }
        Ok(())
    }

    /// # Errors
    /// [`IndexRefusal::TooManyMissing`].
    pub fn finish(mut self) -> Result<IndexDifference, IndexRefusal> {
        let rest = self.next..u32::try_from(self.listing.len()).unwrap_or(u32::MAX);
        self.difference.listed.extend(rest);
        let known = self.difference.known;
        let limit = (known / SHARE).clamp(FEW, KEPT);
        if self.missing > limit && !self.vouched {
            return Err(IndexRefusal::TooManyMissing { missing: self.missing, known, limit });
        }
        Ok(self.difference)
    }

    /// How the next entry of the body sorts beside `name`; `None` at the body's end.
    fn order_of_next(&self, name: &str) -> Option<Ordering> {
        ((self.next as usize) < self.listing.len()).then(|| self.listing.at(self.next).name.cmp(name))
    }

    fn both(&mut self, serial: Option<Serial>, gone: bool) {
        let listed_at = self.listing.at(self.next).serial;
        if gone {
            // A removal that is newer than the body has not reached it yet.
            if serial.is_none_or(|serial| serial <= self.listing.serial) {
                self.difference.relisted.push(self.next);
            }
        } else if serial.is_none_or(|serial| listed_at > serial) {
            self.difference.changed.push(self.next);
        }
    }

    fn absent(&mut self, name: &str, serial: Option<Serial>) {
        let Some(serial) = serial.filter(|serial| *serial <= self.listing.serial) else {
            self.difference.too_new += 1;
            return;
        };
        self.missing += 1;
        if self.missing <= KEPT {
            self.difference.unlisted.push(Unlisted { name: name.to_owned(), serial });
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A project as the store knows it.
    struct Held<N> {
        name: N,
        serial: Option<Serial>,
        gone: bool,
    }

    fn compare<N: AsRef<str>>(
        listing: &Listing,
        known: impl IntoIterator<Item = Held<N>>,
        applied: Option<Serial>,
    ) -> Result<IndexDifference, IndexRefusal> {
        let mut comparison = Comparison::new(listing, applied)?;
        for Held { name, serial, gone } in known {
            comparison.known(name.as_ref(), serial, gone)?;
        }
        comparison.finish()
    }

    fn says_nothing(of: &IndexDifference) -> bool {
        of.listed.is_empty() && of.changed.is_empty() && of.relisted.is_empty() && of.unlisted.is_empty()
    }

    /// A body of serial 1,000, pushed in the order given.
    fn listing<'a>(projects: impl IntoIterator<Item = (&'a str, u64)>) -> Listing {
        let mut listing = Listing::default();
        projects.into_iter().for_each(|(name, serial)| listing.push(name, Serial(serial)));
        listing.finish(Serial(1_000))
    }

    fn known<'a>(projects: &[(&'a str, u64)]) -> Vec<Held<&'a str>> {
        projects.iter().map(|(name, serial)| Held { name: *name, serial: Some(Serial(*serial)), gone: false }).collect()
    }

    fn names(listing: &Listing, places: &[u32]) -> Vec<String> {
        places.iter().map(|place| listing.at(*place).name.to_owned()).collect()
    }

    #[test]
    fn each_kind_of_news_is_told_apart() {
        let listing = listing([("new", 900), ("Same.one", 5), ("moved", 800), ("back", 7), ("z-new", 901)]);
        let mut all = known(&[("back", 7), ("lost", 9), ("moved", 799), ("same-one", 5), ("too-new", 1_001)]);
        all[0].gone = true;
        let difference = compare(&listing, all, Some(Serial(1_000))).expect("a difference");
        assert_eq!(names(&listing, &difference.listed), ["new", "z-new"]);
        assert_eq!(names(&listing, &difference.changed), ["moved"]);
        assert_eq!(names(&listing, &difference.relisted), ["back"]);
        assert_eq!(difference.unlisted, [Unlisted { name: "lost".to_owned(), serial: Serial(9) }]);
        assert_eq!((difference.too_new, difference.total, difference.known), (1, 5, 4));
    }

    #[test]
    fn the_order_served_makes_no_difference() {
        let bytewise = ["0", "0-0", "0-0-1", "000", "00101s", "a-b", "ab", "b"];
        let hyphens_ignored = ["0", "0-0", "000", "0-0-1", "00101s", "ab", "a-b", "b"];
        let shuffled = ["b", "000", "a-b", "0-0-1", "0", "ab", "00101s", "0-0"];
        for order in [bytewise, hyphens_ignored, shuffled] {
            let listing = listing(order.map(|name| (name, 5)));
            let difference = compare(&listing, known(&bytewise.map(|name| (name, 5))), None).expect("a difference");
            assert!(says_nothing(&difference), "{order:?}: {difference:?}");
        }
    }

    #[test]
    fn an_older_cache_says_nothing_about_newer_events() {
        let listing = listing([("a", 5)]);
        let stale = compare(&listing, known(&[]), Some(Serial(1_001)));
        assert_eq!(stale, Err(IndexRefusal::Stale { body: Serial(1_000), applied: Serial(1_001) }));
        let difference = compare(&listing, known(&[("a", 1_005), ("b", 1_006)]), None).expect("a difference");
        assert!(says_nothing(&difference) && difference.too_new == 1, "{difference:?}");
        let removed = [Held { name: "a", serial: Some(Serial(1_005)), gone: true }];
        assert!(says_nothing(&compare(&listing, removed, None).expect("a difference")), "its removal is newer");
    }

    #[test]
    fn what_only_rss_told_is_placed_by_the_index_but_never_unlisted() {
        let rss = |name| Held { name, serial: None, gone: false };
        let listing = listing([("a", 5)]);
        let difference = compare(&listing, [rss("a"), rss("b")], None).expect("a difference");
        assert_eq!((names(&listing, &difference.changed), difference.too_new), (vec!["a".to_owned()], 1));
    }

    #[test]
    fn a_halved_body_is_refused() {
        let all: Vec<String> = (0..20_000).map(|n| format!("p{n:06}")).collect();
        let known = || all.iter().map(|name| Held { name, serial: Some(Serial(5)), gone: false });
        let body = |kept: usize| listing(all.iter().take(kept).map(|name| (name.as_str(), 5)));
        let refusal = compare(&body(10_000), known(), None).expect_err("refused");
        assert_eq!(refusal, IndexRefusal::TooManyMissing { missing: 10_000, known: 20_000, limit: 100 });
        assert_eq!(compare(&body(19_900), known(), None).expect("half a percent").unlisted.len(), 100);
        assert!(compare(&body(19_899), known(), None).is_err());
        assert!(compare(&body(0), known(), None).is_err(), "an empty body");
    }

    #[test]
    fn a_caller_that_does_not_sort_is_told() {
        let listing = listing([]);
        assert_eq!(compare(&listing, known(&[("b", 1), ("a", 1)]), None), Err(IndexRefusal::Unsorted("a".to_owned())));
        assert_eq!(compare(&listing, known(&[("a", 1), ("a", 1)]), None), Err(IndexRefusal::Unsorted("a".to_owned())));
    }

    proptest! {
        /// The merge join beside the same question asked of two maps.
        #[test]
        fn the_join_agrees_with_sets(
            body in proptest::collection::btree_map("[ab-]{0,3}[ab]", 1..20_u64, 0..12),
            held in proptest::collection::btree_map("[ab-]{0,3}[ab]", (1..20_u64, any::<bool>()), 0..12),
        ) {
            let body: std::collections::BTreeMap<_, _> = body.into_iter().filter(|(n, _)| is_normal(n)).collect();
            let held: std::collections::BTreeMap<_, _> = held.into_iter().filter(|(n, _)| is_normal(n)).collect();
            let listing = listing(body.iter().map(|(name, serial)| (name.as_str(), *serial)));
            let known = held.iter().map(|(name, (serial, gone))| Held { name, serial: Some(Serial(*serial)), gone: *gone });
            let got = compare(&listing, known, None).expect("a difference");
            let listed: Vec<String> = body.keys().filter(|n| !held.contains_key(*n)).cloned().collect();
            let changed: Vec<String> =
                body.iter().filter(|(n, s)| held.get(*n).is_some_and(|(h, gone)| !gone && h < s)).map(|(n, _)| n.clone()).collect();
            let relisted: Vec<String> = body.keys().filter(|n| held.get(*n).is_some_and(|(_, gone)| *gone)).cloned().collect();
            let unlisted: Vec<String> = held.iter().filter(|(n, (_, gone))| !gone && !body.contains_key(*n)).map(|(n, _)| n.clone()).collect();
            prop_assert_eq!(names(&listing, &got.listed), listed);
            prop_assert_eq!(names(&listing, &got.changed), changed);
            prop_assert_eq!(names(&listing, &got.relisted), relisted);
            prop_assert_eq!(got.unlisted.into_iter().map(|u| u.name).collect::<Vec<_>>(), unlisted);
        }
    }

    fn is_normal(name: &str) -> bool {
        crate::model::ProjectName::parse(name).is_ok_and(|parsed| parsed.as_str() == name)
    }
}
