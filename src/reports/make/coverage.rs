//! The proof: which serials and times each feed accounted for in the period, and what nobody saw.

use chrono::TimeDelta;

use crate::cases;
use crate::cases::coverage::{account, staleness};
use crate::model::overview::{Blind, Overview};
use crate::model::report::{Accounted, Before, CoverageProof, Unaccounted};
use crate::model::{Feed, Registry, Time};
use crate::store::{CHANGELOG_HEALTH, Span, StoreError, Tx};

/// Somebody registers a project every few minutes: hours in which no feed told anything are hours in which nobody looked.
const SILENT: i64 = 6;

pub(super) fn read(
    tx: &Tx<'_>,
    overview: Overview,
    before: Option<&Before>,
    (since, until): (Time, Time),
    now: Time,
) -> Result<CoverageProof, StoreError> {
    let account = account(tx)?;
    let changelog = tx.cursors_of(Registry::Pypi).get(CHANGELOG_HEALTH)?.unwrap_or_default();
    let within = |from: Time, to: Time| to > since && from < until;
    let ledger = tx.coverage().all(Registry::Pypi)?;
    let stretches = ledger.iter().filter(|span| within(span.from, span.to) && !is_baseline(span));
    let holes = account.survivors_only.iter().filter(|hole| within(hole.from, hole.to));
    let mut blind = cases::blind_since(tx, since)?;
    blind.retain(|blind| within(blind.from, blind.to) && blind.what != SURVIVORS);
    let begun = begun(&ledger, (since, until));
    blind.extend(unwatched(since, begun));
    blind.extend(silence(&tx.reported().hours(begun, until)?, (begun, until)));
    blind.sort_by_key(|blind| (blind.from, blind.to));
    Ok(CoverageProof {
        stretches: joined(stretches.map(|span| stretch(span, before, (since, until)))),
        holes: holes.map(|hole| Unaccounted { serials: hole.serials, from: hole.from, to: hole.to }).collect(),
        blind,
        unwell: overview.issues,
        waiting: overview.waiting,
        line: account.line(now),
        stale: staleness(&account, &changelog, now),
    })
}

/// Listed among the holes, with their serials.
const SURVIVORS: &str = "survivors only";

fn is_baseline(span: &Span) -> bool {
    span.serials.is_some_and(|(after, _)| after.0 == 0)
}

/// What was accounted for before the period is cut off where it is known how far that went.
fn stretch(span: &Span, before: Option<&Before>, (since, until): (Time, Time)) -> Accounted {
    let known = before.and_then(|before| before.serial).filter(|_| span.feed == Feed::Changelog);
    let earlier = span.from < since;
    let serials = span.serials.map(|(after, up_to)| match known {
        Some(known) if earlier && known <= up_to => (after.max(known), up_to),
        _ => (after, up_to),
    });
    Accounted {
        feed: span.feed,
        grade: span.grade.as_str().to_owned(),
        serials,
        earlier: earlier && known.is_none(),
        from: span.from.max(since),
        to: span.to.min(until),
    }
}

/// When the watch first looked, if that is within the period; else its beginning.
fn begun(ledger: &[Span], (since, until): (Time, Time)) -> Time {
    ledger.iter().map(|span| span.from).min().unwrap_or(until).clamp(since, until)
}

/// Nobody looked before there was a watch: what came then is in no report.
fn unwatched(since: Time, begun: Time) -> Option<Blind> {
    (begun - since > TimeDelta::minutes(1)).then(|| Blind { what: Blind::BEFORE.to_owned(), from: since, to: begun })
}

/// Times of one feed that meet are one stretch to a reader. Serials never are: they have gaps.
fn joined(stretches: impl Iterator<Item = Accounted>) -> Vec<Accounted> {
    let mut joined: Vec<Accounted> = Vec::new();
    for next in stretches {
        let same = |last: &&mut Accounted| {
            last.feed == next.feed && last.grade == next.grade && last.serials.is_none() && next.serials.is_none()
        };
        match joined
            .iter_mut()
            .rev()
            .find(|last| last.feed == next.feed)
            .filter(same)
            .filter(|last| next.from <= last.to)
        {
            Some(last) => last.to = last.to.max(next.to),
            None => joined.push(next),
        }
    }
    joined
}

/// Stretches without a word, longer than registries are ever silent.
fn silence(hours: &[i64], (since, until): (Time, Time)) -> Vec<Blind> {
    let hour = |time: Time| time.timestamp() / 3600;
    let ends = [hour(since) - 1].into_iter().chain(hours.iter().copied()).chain([hour(until) + 1]);
    let ends: Vec<i64> = ends.collect();
    let time = |hour: i64| Time::from_timestamp(hour * 3600, 0).unwrap_or(since);
    let gaps = ends.windows(2).filter(|pair| pair[1] - pair[0] > SILENT);
    gaps.map(|pair| Blind {
        what: "nothing seen".to_owned(),
        from: time(pair[0] + 1).max(since),
        to: time(pair[1]).min(until),
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Time {
        Time::from_timestamp(second, 0).expect("a time")
    }

    fn told(feed: Feed, from: i64, to: i64) -> Accounted {
        let (from, to, grade) = (at(from), at(to), "survivors only".to_owned());
        Accounted { feed, grade, serials: None, earlier: false, from, to }
    }

    #[test]
    fn times_that_meet_are_one_stretch_and_a_gap_stays() {
        let all = [told(Feed::Rss, 0, 10), told(Feed::Index, 0, 5), told(Feed::Rss, 10, 20), told(Feed::Rss, 21, 30)];
        let spans: Vec<_> =
            joined(all.into_iter()).iter().map(|a| (a.feed, a.from.timestamp(), a.to.timestamp())).collect();
        assert_eq!(spans, [(Feed::Rss, 0, 20), (Feed::Index, 0, 5), (Feed::Rss, 21, 30)]);
    }

    #[test]
    fn what_was_before_the_watch_is_a_gap() {
        let blind = unwatched(at(0), at(3_600)).expect("an hour");
        assert_eq!((blind.what.as_str(), blind.from, blind.to), ("before the watch began", at(0), at(3_600)));
        assert_eq!(unwatched(at(0), at(30)), None);
        assert_eq!(begun(&[], (at(0), at(100))), at(100), "nobody looked at all");
    }

    #[test]
    fn hours_without_a_word_are_a_stretch_and_one_quiet_hour_is_none() {
        let at = |hour: i64| Time::from_timestamp(hour * 3600, 0).expect("a time");
        let told = |hours: &[i64]| {
            let all = silence(hours, (at(100), at(124)));
            all.iter().map(|b| (b.from.timestamp() / 3600, b.to.timestamp() / 3600)).collect::<Vec<_>>()
        };
        assert_eq!(told(&(100..=124).collect::<Vec<_>>()), []);
        assert_eq!(told(&[100, 101, 104, 109, 114, 119, 124]), []);
        assert_eq!(told(&[100, 101, 112, 113, 118, 124]), [(102, 112)]);
        assert_eq!(told(&[]), [(100, 124)], "nobody looked at all");
    }
}
