//! How the watch stands: the reply to `status`, and how much it should worry whoever asks.

use std::collections::BTreeSet;

use chrono::TimeDelta;

use crate::cases::coverage::{Account, account, span_of_time, staleness};
use crate::cases::{outboxes, overview_beside};
use crate::model::health::{HealthCase, HealthIssue};
use crate::model::overview::{Overview, Waiting};
use crate::model::{Feed, FindingState, Registry, Serial, Tier, Time, count};
use crate::registry::pypi::mode::ChangelogHealth;
use crate::store::{CHANGELOG, CHANGELOG_HEALTH, Outbox, StoreError, Tx};

/// How bad it is, as the plugins of Nagios say it (Monitoring Plugins Development Guidelines, "Plugin Return Codes").
/// What cannot be told has no status at all: that is the asker's UNKNOWN.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    #[default]
    Ok,
    /// Something is undelivered, feeds are down and coverage is whole without them, or something else wants a hand.
    Warning,
    /// Nobody watches, the watch is blind or stale, or a page is overdue.
    Critical,
}

/// Everything `namewarden status` shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    pub namewarden: String,
    pub level: Level,
    pub now: Time,
    /// Is a daemon running? A store opened by a verb has nobody watching.
    pub running: bool,
    pub coverage: Account,
    /// The ledger in one line.
    pub covered: String,
    pub changelog: ChangelogHealth,
    pub cursor: Option<Serial>,
    pub projects: u64,
    /// (exposure, number of watches)
    pub watches: Vec<(String, usize)>,
    /// (tier, state, number)
    pub findings: Vec<(Tier, FindingState, u64)>,
    /// What is open, waits or is blind.
    pub overview: Overview,
    pub outboxes: Vec<Outbox>,
    /// Feeds that see nothing.
    pub feeds_down: Vec<Feed>,
    /// Why this should worry somebody, worst first; empty when nothing should.
    pub worries: Vec<String>,
}

impl Status {
    /// Something that cannot be read from the store. What is critical comes first, as it explains the rest.
    pub fn worry(&mut self, level: Level, text: String) {
        let place = if level == Level::Critical || level > self.level { 0 } else { self.worries.len() };
        self.level = self.level.max(level);
        self.worries.insert(place, text);
    }
}

/// Reads the status out of the store. `answer_within`: how long a page may be open before somebody acknowledges it.
pub fn status(tx: &Tx<'_>, running: bool, answer_within: TimeDelta, now: Time) -> Result<Status, StoreError> {
    let coverage = account(tx)?;
    let changelog: ChangelogHealth = tx.cursors_of(Registry::Pypi).get(CHANGELOG_HEALTH)?.unwrap_or_default();
    let outboxes = outboxes(tx, now)?;
    let overview = overview_beside(tx, &outboxes, answer_within, now)?;
    let feeds_down = feeds_down(&overview.issues);
    let mut worries = worries(&overview, &feeds_down, answer_within, now);
    worries.extend(staleness(&coverage, &changelog, now).map(|text| (Level::Critical, text)));
    if !running {
        worries.push((Level::Critical, "no daemon is running on this store".to_owned()));
    }
    worries.sort_by_key(|(level, _)| std::cmp::Reverse(*level));
    Ok(Status {
        namewarden: env!("CARGO_PKG_VERSION").to_owned(),
        level: worries.iter().map(|(level, _)| *level).max().unwrap_or_default(),
        now,
        running,
        covered: coverage.line(now),
        coverage,
        changelog,
        cursor: tx.cursors_of(Registry::Pypi).get(CHANGELOG)?,
        projects: tx.projects().count()?,
        watches: exposures(tx)?,
        findings: tx.findings().counts()?,
        overview,
        outboxes,
        feeds_down,
        worries: worries.into_iter().map(|(_, text)| text).collect(),
    })
}

fn exposures(tx: &Tx<'_>) -> Result<Vec<(String, usize)>, StoreError> {
    let word = |stands: String| if stands.is_empty() { "pattern".to_owned() } else { stands };
    let counts = tx.watches().standing(None)?.into_iter();
    let mut counts: Vec<(String, usize)> = counts.map(|(stands, watches)| (word(stands), watches as usize)).collect();
    counts.sort();
    Ok(counts)
}

/// What anybody should worry about, in no order.
fn worries(overview: &Overview, down: &[Feed], answer_within: TimeDelta, now: Time) -> Vec<(Level, String)> {
    let mut worries: Vec<(Level, String)> = untold(overview).map(|text| (Level::Critical, text)).into_iter().collect();
    worries.extend(unanswered(overview, answer_within, now).map(|text| (Level::Critical, text)));
    let sight = sight(&overview.issues, down);
    worries.extend(overview.issues.iter().filter_map(|case| Some((level(&case.issue, sight)?, complaint(case)))));
    worries.extend(overview.waiting.iter().filter(|w| !is_told(w, overview)).map(|w| (Level::Warning, waits(w, now))));
    worries
}

/// Retirement of the changelog was said once and is a way of life; the rest wants a hand.
fn level(issue: &HealthIssue, sight: Sight) -> Option<Level> {
    match issue {
        HealthIssue::ChangelogGone => None,
        HealthIssue::CanaryLost | HealthIssue::StoreUnusable | HealthIssue::Down => Some(Level::Critical),
        _ if feed(issue).is_some() && sight == Sight::Partial => Some(Level::Critical),
        _ => Some(Level::Warning),
    }
}

/// What the feeds that see leave to be known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sight {
    /// Whoever accounts for completeness does, or two others see while it is down.
    Enough,
    /// Nobody accounts for it, and one feed at most sees anything.
    Partial,
}

/// The changelog accounts for completeness, and the index once that is gone: while this one sees, all others may be down.
fn sight(issues: &[HealthCase], down: &[Feed]) -> Sight {
    let gone = issues.iter().any(|case| case.issue == HealthIssue::ChangelogGone);
    let carrier = if gone { Feed::Index } else { Feed::Changelog };
    if down.contains(&carrier) && (gone || down.len() > 1) { Sight::Partial } else { Sight::Enough }
}

/// The feed that sees nothing because of this.
fn feed(issue: &HealthIssue) -> Option<Feed> {
    match issue {
        HealthIssue::FeedBlind { feed } | HealthIssue::SerialWentBack { feed } | HealthIssue::Implausible { feed } => {
            Some(*feed)
        }
        HealthIssue::IndexRefused => Some(Feed::Index),
        _ => None,
    }
}

fn feeds_down(issues: &[HealthCase]) -> Vec<Feed> {
    let down: BTreeSet<Feed> = issues.iter().filter_map(|case| feed(&case.issue)).collect();
    down.into_iter().collect()
}

fn complaint(case: &HealthCase) -> String {
    format!("{} since {}: {}", case.issue, case.since.format("%F %T UTC"), case.detail)
}

/// Pages that nobody has yet, whatever holds them: long before a channel counts as failing.
fn untold(overview: &Overview) -> Option<String> {
    let oldest = overview.untold_since?;
    let pages = count(overview.untold, "page is", "pages are");
    Some(format!("{pages} undelivered and overdue, the oldest since {}", oldest.format("%F %T UTC")))
}

/// Pages that somebody has, and nobody answered in time.
fn unanswered(overview: &Overview, answer_within: TimeDelta, now: Time) -> Option<String> {
    let oldest = overview.pages.oldest.as_ref().filter(|_| overview.unanswered > 0)?;
    let id = oldest.id.map(|id| format!(" ({id})")).unwrap_or_default();
    Some(format!(
        "{} overdue: nobody acknowledged within {}; the oldest is {}{id}, open for {}",
        count(overview.unanswered, "page is", "pages are"),
        span_of_time(answer_within),
        oldest.project,
        span_of_time(now - oldest.since)
    ))
}

/// Its channel is a health case already, which says more.
fn is_told(waiting: &Waiting, overview: &Overview) -> bool {
    let channel = waiting.channel.to_string();
    overview.issues.iter().any(|case| case.issue == HealthIssue::Undelivered { channel: channel.clone() })
}

fn waits(waiting: &Waiting, now: Time) -> String {
    let error = waiting.last_error.as_deref().map(|error| format!("; last error: {error}")).unwrap_or_default();
    format!(
        "{} undelivered on {}, the oldest for {}{error}",
        count(waiting.messages, "message is", "messages are"),
        waiting.channel,
        span_of_time(now - waiting.since)
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::overview::{Open, Unacknowledged};
    use crate::model::{Channel, ProjectName};

    fn ailing(issues: impl IntoIterator<Item = HealthIssue>) -> Overview {
        let case = |issue| HealthCase { issue, since: Time::UNIX_EPOCH, until: None, detail: "x".into() };
        Overview { issues: issues.into_iter().map(case).collect(), ..Overview::default() }
    }

    fn verdict(overview: &Overview) -> Level {
        let now = Time::UNIX_EPOCH + TimeDelta::days(1);
        let worries = worries(overview, &feeds_down(&overview.issues), TimeDelta::hours(4), now);
        worries.into_iter().map(|(level, _)| level).max().unwrap_or_default()
    }

    #[test]
    fn what_the_feeds_still_see_decides() {
        use Feed::{Changelog, Index, Rss};
        let blind = |feed| HealthIssue::FeedBlind { feed };
        let down = |feeds: &[Feed]| verdict(&ailing(feeds.iter().map(|feed| blind(*feed))));
        let retired = |feeds: &[Feed]| {
            verdict(&ailing(feeds.iter().map(|feed| blind(*feed)).chain([HealthIssue::ChangelogGone])))
        };
        assert_eq!(verdict(&ailing([])), Level::Ok);
        assert_eq!(verdict(&ailing([HealthIssue::ChangelogGone])), Level::Ok);
        assert_eq!(down(&[Rss]), Level::Warning);
        assert_eq!(verdict(&ailing([HealthIssue::IndexRefused, blind(Index)])), Level::Warning, "one feed, twice");
        assert_eq!(down(&[Rss, Index]), Level::Warning, "the changelog still tells every event");
        assert_eq!(down(&[Changelog]), Level::Warning);
        assert_eq!(down(&[Changelog, Rss]), Level::Critical, "the index looks once a day");
        assert_eq!(down(&[Changelog, Index]), Level::Critical, "RSS shows the last forty");
        assert_eq!(down(&[Changelog, Rss, Index]), Level::Critical);
        assert_eq!(retired(&[Rss]), Level::Warning, "the index accounts for all that survive");
        assert_eq!(retired(&[Index]), Level::Critical, "nobody accounts for anything");
        assert_eq!(retired(&[Rss, Index]), Level::Critical);
        assert_eq!(verdict(&ailing([HealthIssue::CanaryLost])), Level::Critical);
    }

    #[test]
    fn what_is_undelivered_is_a_warning_until_it_is_a_page_that_is_late_or_unanswered() {
        let since = Time::UNIX_EPOCH;
        let waiting = Waiting { channel: Channel::Email, messages: 1, since, last_error: Some("refused".into()) };
        let waits = Overview { waiting: vec![waiting], ..Overview::default() };
        assert_eq!(verdict(&waits), Level::Warning);
        assert_eq!(verdict(&Overview { untold: 1, untold_since: Some(since), ..waits }), Level::Critical);
        let project = ProjectName::parse("acme-billing").expect("valid");
        let oldest = Some(Unacknowledged { project, id: None, since });
        let open = Overview { pages: Open { cases: 1, unacknowledged: 1, oldest }, ..Overview::default() };
        assert_eq!(verdict(&open), Level::Ok, "somebody has time to answer");
        assert_eq!(verdict(&Overview { unanswered: 1, ..open }), Level::Critical);
    }
}
