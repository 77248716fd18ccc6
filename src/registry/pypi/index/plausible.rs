//! Is a whole body believable beside what is known? A head that is too high would poison every cursor after it. Pure.

use chrono::TimeDelta;

use super::{IndexRefusal, Listing};
use crate::model::Serial;

/// Two looks at one registry may lie so far apart without any question: some weeks of PyPI.
const NEAR: u64 = 1_000_000;
/// PyPI writes some 30,000 serials a day (41 million in 2026); more than this many are not a busy day.
const PER_DAY: u64 = 200_000;
/// PyPI has some 46 serials a project. A body with fewer projects for its head than this is a stub or a remnant.
const SERIALS_PER_PROJECT: u64 = 1_000_000;

/// May this be the first body? `end` is the changelog's last serial, where it could be asked.
///
/// # Errors
/// Says what is odd; nothing of it was stored.
pub fn first(listing: &Listing, end: Option<Serial>) -> Result<(), IndexRefusal> {
    let newest = listing.iter().map(|entry| entry.serial).max().ok_or(IndexRefusal::Empty)?;
    let known = end.unwrap_or(newest);
    ahead(listing, known, NEAR)?;
    if listing.serial.0 / listing.len() as u64 > SERIALS_PER_PROJECT {
        return Err(IndexRefusal::Sparse { projects: listing.len(), serial: listing.serial });
    }
    Ok(())
}

/// May this body follow the one applied last, which had the serial `applied` and is of this age?
///
/// # Errors
/// Says what is odd; nothing of it was stored.
pub fn next(listing: &Listing, applied: Serial, age: TimeDelta) -> Result<(), IndexRefusal> {
    if listing.is_empty() {
        return Err(IndexRefusal::Empty);
    }
    let days = age.num_days().max(0).unsigned_abs();
    ahead(listing, applied, NEAR.saturating_add(days.saturating_mul(PER_DAY)))
}

fn ahead(listing: &Listing, known: Serial, room: u64) -> Result<(), IndexRefusal> {
    let limit = Serial(known.0.saturating_add(room));
    if listing.serial > limit { Err(IndexRefusal::Ahead { body: listing.serial, limit }) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(projects: u64, head: u64) -> Listing {
        let mut listing = Listing::default();
        (0..projects).for_each(|n| listing.push(&format!("p{n}"), Serial(head.min(41_000_000) - n)));
        listing.finish(Serial(head))
    }

    #[test]
    fn a_first_body_needs_projects_and_a_head_that_something_confirms() {
        assert_eq!(first(&body(300, 41_000_000), None), Ok(()));
        assert_eq!(first(&body(300, 41_000_000), Some(Serial(41_000_090))), Ok(()));
        assert_eq!(first(&body(0, 41_000_000), None), Err(IndexRefusal::Empty));
        let absurd = body(300, 9_000_000_000_000_000_000);
        assert!(matches!(first(&absurd, None), Err(IndexRefusal::Ahead { .. })));
        assert!(matches!(first(&absurd, Some(absurd.serial)), Err(IndexRefusal::Sparse { .. })), "two that lie alike");
        assert!(matches!(first(&body(3, 41_000_000), None), Err(IndexRefusal::Sparse { .. })));
        assert_eq!(first(&body(3, 1_000), None), Ok(()), "a small mirror has few serials");
    }

    #[test]
    fn a_later_body_may_have_grown_with_the_time_that_passed() {
        let at = |head| next(&body(10, head), Serial(41_000_000), TimeDelta::days(30));
        assert_eq!(at(46_000_000), Ok(()));
        assert_eq!(at(48_000_001), Err(IndexRefusal::Ahead { body: Serial(48_000_001), limit: Serial(48_000_000) }));
        assert_eq!(next(&body(10, 40_000_000), Serial(41_000_000), TimeDelta::days(-400)), Ok(()), "a clock set back");
        assert_eq!(next(&body(0, 41_000_000), Serial(41_000_000), TimeDelta::zero()), Err(IndexRefusal::Empty));
    }
}
