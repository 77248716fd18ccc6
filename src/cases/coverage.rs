//! How far the watch has seen: the ledger summed up for status, mails and reports.

use chrono::TimeDelta;

use crate::model::{Feed, Registry, Serial, Time};
use crate::registry::pypi::mode::ChangelogHealth;
use crate::store::{Grade, Span, StoreError, Tx};

/// A watch that has seen nothing for this long is stale, whatever the feeds say of themselves.
const STALE: TimeDelta = TimeDelta::hours(26);
/// While the changelog works, it answers every minute.
const STALE_CHANGELOG: TimeDelta = TimeDelta::minutes(15);

/// The ledger in short.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Every event up to here, since when, seen at.
    pub every_event: Option<CoveredTo>,
    /// Every survivor up to here.
    pub survivors: Option<CoveredTo>,
    /// RSS: seen without a hole since, until.
    pub rss: Option<(Time, Time)>,
    /// Stretches in which only survivors are accounted for, so that shorter lives may have been missed.
    pub survivors_only: Vec<Span>,
}

/// The end of the newest stretch of one grade.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CoveredTo {
    pub serial: Serial,
    pub since: Time,
    pub at: Time,
}

/// Sums up the ledger of PyPI.
pub fn account(tx: &Tx<'_>) -> Result<Account, StoreError> {
    let every = tx.coverage().last(Feed::Changelog, Grade::EveryEvent)?;
    let survivors = tx.coverage().last(Feed::Index, Grade::SurvivorsOnly)?;
    let rss = tx.coverage().last(Feed::Rss, Grade::SurvivorsOnly)?;
    let ledger = tx.coverage().all(Registry::Pypi)?;
    Ok(Account {
        every_event: every.as_ref().and_then(reach),
        survivors: survivors.as_ref().and_then(reach),
        rss: rss.map(|span| (span.from, span.to)),
        survivors_only: uncovered(&ledger),
    })
}

fn reach(span: &Span) -> Option<CoveredTo> {
    span.serials.map(|(_, serial)| CoveredTo { serial, since: span.from, at: span.to })
}

/// What index spans account for and no changelog span does. The baseline is no gap: nothing was promised before it.
fn uncovered(ledger: &[Span]) -> Vec<Span> {
    let mut told: Vec<&Span> = ledger.iter().filter(|s| s.grade == Grade::EveryEvent && s.serials.is_some()).collect();
    told.sort_by_key(|span| span.serials);
    let mut holes = Vec::new();
    for span in ledger.iter().filter(|s| s.feed == Feed::Index) {
        let Some((start, end)) = span.serials.filter(|(start, _)| start.0 > 0) else { continue };
        holes.extend(subtract((start, end), &told).into_iter().map(|hole| dated(span, hole, &told)));
    }
    holes
}

/// The hole with its period: from when the changelog last answered to when it, or else the index, answered next.
fn dated(span: &Span, hole: (Serial, Serial), told: &[&Span]) -> Span {
    let begins = told.iter().filter(|t| t.serials.is_some_and(|(_, end)| end == hole.0)).map(|t| t.to).max();
    let ends = told.iter().filter(|t| t.serials.is_some_and(|(start, _)| start == hole.1)).map(|t| t.from).min();
    Span { serials: Some(hole), from: begins.unwrap_or(span.from), to: ends.unwrap_or(span.to), ..span.clone() }
}

/// (start, end] without the stretches given, which are in order.
fn subtract((start, end): (Serial, Serial), told: &[&Span]) -> Vec<(Serial, Serial)> {
    let mut holes = Vec::new();
    let mut at = start;
    for (from, to) in told.iter().filter_map(|t| t.serials).filter(|(from, to)| *to > start && *from < end) {
        if from > at {
            holes.push((at, from));
        }
        at = at.max(to);
    }
    if at < end {
        holes.push((at, end));
    }
    holes
}

impl Account {
    /// One line: "every event to serial 41234567, 14 s ago".
    pub fn line(&self, now: Time) -> String {
        let every =
            self.every_event.as_ref().map(|r| format!("every event to serial {}, {}", r.serial, ago(r.at, now)));
        let later =
            |s: &&CoveredTo| self.every_event.as_ref().is_none_or(|every| s.at > every.at && s.serial > every.serial);
        let survivors = self.survivors.as_ref().filter(later);
        let survivors = survivors.map(|r| format!("survivors only to serial {}, {}", r.serial, ago(r.at, now)));
        let parts: Vec<String> = every.into_iter().chain(survivors).collect();
        if parts.is_empty() { "nothing yet: no feed has answered".to_owned() } else { parts.join("; ") }
    }
}

/// Two clocks may differ by this much without one of them having been set; see `Clock::steady`.
const TOLERANCE: TimeDelta = TimeDelta::seconds(10);

/// Is this stored time still to come, so that no age can be told?
pub fn is_to_come(at: Time, now: Time) -> bool {
    at - now > TOLERANCE
}

/// "14 s ago"; of a time that is still to come it says so, and never that it was just now.
pub fn ago(at: Time, now: Time) -> String {
    if is_to_come(at, now) {
        return format!("{} ahead of the clock, which was set back", span_of_time(at - now));
    }
    format!("{} ago", span_of_time((now - at).max(TimeDelta::zero())))
}

/// "14 s", "3 min", "2 h", "5 d"; "-2 h" where a clock was set back.
pub fn span_of_time(delta: TimeDelta) -> String {
    let sign = if delta < TimeDelta::zero() { "-" } else { "" };
    let seconds = delta.num_seconds().abs();
    match seconds {
        0..120 => format!("{sign}{seconds} s"),
        120..7200 => format!("{sign}{} min", seconds / 60),
        7200..172_800 => format!("{sign}{} h", seconds / 3600),
        _ => format!("{sign}{} d", seconds / 86_400),
    }
}

/// The same, of what was measured: to the minute, since a day is measured as 23:59:59.9.
pub fn about(delta: TimeDelta) -> String {
    let minutes = |seconds: i64| TimeDelta::minutes((seconds + 30 * seconds.signum()) / 60);
    span_of_time(if delta.abs() < TimeDelta::minutes(2) { delta } else { minutes(delta.num_seconds()) })
}

/// When the last complete look was.
fn latest(coverage: &Account) -> Option<Time> {
    coverage.every_event.iter().chain(&coverage.survivors).map(|reach| reach.at).max()
}

/// Why what is known is not what is, if it is not: nobody has looked for too long, or ever.
pub fn staleness(coverage: &Account, changelog: &ChangelogHealth, now: Time) -> Option<String> {
    let Some(latest) = latest(coverage) else {
        return Some("blind: no feed has answered yet".to_owned());
    };
    // Ages are then unknown: whatever is "just now" may be hours old.
    if is_to_come(latest, now) {
        return Some(format!("blind: the last complete look is {}", ago(latest, now)));
    }
    let limit = if *changelog == ChangelogHealth::Working { STALE_CHANGELOG } else { STALE };
    (now - latest > limit).then(|| format!("stale: the last complete look was {}", ago(latest, now)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn s(n: u64) -> Serial {
        Serial(n)
    }

    fn span(feed: Feed, grade: Grade, (start, end): (u64, u64), (from, to): (i64, i64)) -> Span {
        let at = |minute: i64| Time::UNIX_EPOCH + TimeDelta::minutes(minute);
        Span { feed, grade, serials: Some((s(start), s(end))), from: at(from), to: at(to) }
    }

    #[test]
    fn a_time_that_is_still_to_come_was_never_just_now() {
        let now = Time::UNIX_EPOCH + TimeDelta::days(9);
        let told = |seconds: i64| ago(now - TimeDelta::seconds(seconds), now);
        assert_eq!([told(14), told(7200), told(-3)], ["14 s ago", "2 h ago", "0 s ago"]);
        assert_eq!(told(-86_400), "24 h ahead of the clock, which was set back");
        assert_eq!(span_of_time(TimeDelta::hours(-2)), "-2 h");
        assert_eq!(about(TimeDelta::milliseconds(86_399_900)), "24 h");
        assert_eq!(about(TimeDelta::milliseconds(-10_799_100)), "-3 h");
        assert_eq!(about(TimeDelta::seconds(75)), "75 s");
    }

    #[test]
    fn what_the_changelog_told_is_no_hole() {
        let told = [(10, 20), (40, 60)].map(|serials| span(Feed::Changelog, Grade::EveryEvent, serials, (0, 0)));
        let told: Vec<&Span> = told.iter().collect();
        assert_eq!(subtract((s(10), s(60)), &told), [(s(20), s(40))]);
        assert_eq!(subtract((s(5), s(12)), &told), [(s(5), s(10))]);
        assert_eq!(subtract((s(55), s(70)), &told), [(s(60), s(70))]);
        assert_eq!(subtract((s(12), s(18)), &told), []);
    }

    #[test]
    fn a_hole_has_its_serials_and_its_period_and_the_baseline_is_none() {
        let ledger = [
            span(Feed::Index, Grade::SurvivorsOnly, (0, 10), (0, 1)),
            span(Feed::Changelog, Grade::EveryEvent, (10, 20), (1, 5)),
            span(Feed::Index, Grade::SurvivorsOnly, (10, 35), (1, 9)),
        ];
        assert_eq!(uncovered(&ledger), [span(Feed::Index, Grade::SurvivorsOnly, (20, 35), (5, 9))]);
    }
}
