//! All that one look takes in: how the watch stands, what it saw in thirty days, what came, and what waits for whom.

use std::collections::BTreeMap;

use chrono::TimeDelta;

use super::refusal::Refusal;
use super::reply::{Reply, reply};
use super::service::CommandService;
use super::status::Status;
use super::v1::{Accounted, Blind, Day, Glance, Hour, Waits};
use crate::model::claim::ClaimState;
use crate::model::report::{Errand, Waits as Wait, Whom};
use crate::model::{Tier, Time};
use crate::reports;
use crate::store::{StoreError, Tx};

/// Days that it looks back.
const DAYS: i64 = 30;
const HOURS: i64 = 48;
const DAY: i64 = 86_400;

impl CommandService {
    pub(super) async fn glance(&self) -> Result<Reply, Refusal> {
        let (status, now) = (self.status().await?, self.clock.now());
        reply(self.store.read(move |tx| glance(tx, &status, now)).await?)
    }
}

fn glance(tx: &Tx<'_>, status: &Status, now: Time) -> Result<Glance, StoreError> {
    let since = now - TimeDelta::days(DAYS);
    let proof = reports::seen(tx, status.overview.clone(), (since, now), now)?;
    Ok(Glance {
        status: status.into(),
        since,
        seen: proof.stretches.iter().map(Accounted::from).collect(),
        blind: proof.blind.iter().map(Blind::from).collect(),
        days: days(&tx.findings().by_day(first_day(now))?, now),
        hours: hours(&tx.reported().registrations_by_hour(now - TimeDelta::hours(HOURS), now)?, now),
        waits: waits(tx, status)?.iter().map(Waits::from).collect(),
    })
}

/// Of those that are shown, counted from 1970.
fn first_day(now: Time) -> i64 {
    now.timestamp().div_euclid(DAY) - DAYS + 1
}

fn days(counts: &[(i64, Tier, u64)], now: Time) -> Vec<Day> {
    let of = |day: i64, tier: Tier| counts.iter().filter(|c| (c.0, c.1) == (day, tier)).map(|c| c.2).sum();
    let day = |day: i64| {
        let from = Time::from_timestamp(day * DAY, 0)?;
        Some(Day { from, pages: of(day, Tier::Page), alerts: of(day, Tier::Alert), digests: of(day, Tier::Digest) })
    };
    (first_day(now)..first_day(now) + DAYS).filter_map(day).collect()
}

/// The changelog tells each registration once; where it told none, whoever told of most.
fn hours(counts: &[(i64, String, u64)], now: Time) -> Vec<Hour> {
    let mut told: BTreeMap<i64, (bool, u64)> = BTreeMap::new();
    for (hour, feed, count) in counts {
        let of = told.entry(*hour).or_default();
        *of = (*of).max((feed == "changelog" && *count > 0, *count));
    }
    let current = now.timestamp().div_euclid(3600);
    let hour = |hour: i64| {
        let registrations = told.get(&hour).map_or(0, |(_, count)| *count);
        Some(Hour { from: Time::from_timestamp(hour * 3600, 0)?, registrations })
    };
    (current - HOURS + 1..=current).filter_map(hour).collect()
}

/// Most urgent first.
fn waits(tx: &Tx<'_>, status: &Status) -> Result<Vec<Wait>, StoreError> {
    let answers = tx.findings().unanswered(None)?.into_iter().map(|(owner, tier, count, since)| Wait {
        whom: Whom::Owner(owner),
        what: if tier == Tier::Page { Errand::Pages } else { Errand::Alerts },
        count: count as usize,
        since: Some(since),
    });
    let names = reports::open_names(tx, None)?;
    let mut waits: Vec<Wait> = answers.chain(names).chain(claims(tx)?).chain(of_watch(status)).collect();
    waits.sort_by(|a, b| (a.what, &a.whom).cmp(&(b.what, &b.whom)));
    Ok(waits)
}

/// Claims of which a person has to do the next step.
fn claims(tx: &Tx<'_>) -> Result<impl Iterator<Item = Wait>, StoreError> {
    let claims = tx.claims().newest()?;
    let of = |wanted: fn(ClaimState) -> bool| {
        claims.iter().filter(|claim| wanted(claim.state)).map(|claim| claim.changed_at).collect::<Vec<_>>()
    };
    let approval = some(Whom::Approver, Errand::Approval, &of(|state| state == ClaimState::Planned));
    let others = of(|state| !state.is_over() && state != ClaimState::Planned);
    Ok(approval.into_iter().chain(some(Whom::Operator, Errand::Claims, &others)))
}

/// What keeps the watch from seeing or telling.
fn of_watch(status: &Status) -> impl Iterator<Item = Wait> {
    let issues: Vec<Time> = status.overview.issues.iter().map(|case| case.since).collect();
    let channels: Vec<Time> = status.overview.waiting.iter().map(|waiting| waiting.since).collect();
    let [health, channels] = [(Errand::Health, issues), (Errand::Channels, channels)]
        .map(|(what, since)| some(Whom::Operator, what, &since));
    health.into_iter().chain(channels)
}

fn some(whom: Whom, what: Errand, since: &[Time]) -> Option<Wait> {
    (!since.is_empty()).then(|| Wait { whom, what, count: since.len(), since: since.iter().min().copied() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_and_days_in_which_nothing_came_are_there_too() {
        let now: Time = "2026-11-20T12:30:00Z".parse().expect("a time");
        let hour = now.timestamp() / 3600;
        let counts = [(hour, "index", 900), (hour, "changelog", 7), (hour - 2, "rss", 3), (hour - 99, "rss", 1)];
        let counts = counts.map(|(hour, feed, count)| (hour, feed.to_owned(), count));
        let hours = hours(&counts, now);
        let told: Vec<u64> = hours.iter().map(|hour| hour.registrations).collect();
        assert_eq!((told.len(), &told[45..]), (48, &[3, 0, 7][..]), "the changelog tells each once");
        assert_eq!(hours[47].from.to_rfc3339(), "2026-11-20T12:00:00+00:00");
        let today = now.timestamp() / DAY;
        let days = days(&[(today, Tier::Page, 2), (today - 29, Tier::Digest, 4), (today - 40, Tier::Page, 1)], now);
        assert_eq!((days.len(), days[29].pages, days[0].digests, days[1].pages), (30, 2, 4, 0));
        assert_eq!(days[0].from.to_rfc3339(), "2026-10-22T00:00:00+00:00");
    }
}
