//! The numbers as OpenMetrics 1.0 text. Names end in their unit; times are Unix seconds, of which the reader makes ages, so
//! that a scrape of a daemon that hangs does not look fresh.

use std::sync::atomic::AtomicU64;

use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

use super::measures::Measures;
use crate::api::status::{Level, Status};
use crate::model::overview::Open;
use crate::model::{Feed, Time};

type Number = Gauge<f64, AtomicU64>;
/// A row: the values of its labels, and its number.
type Row<const N: usize> = ([String; N], f64);

/// One scrape, to its `# EOF`.
pub(crate) fn text(measures: &Measures) -> String {
    let mut page = Page(Registry::with_prefix("namewarden"));
    let status = &measures.status;
    page.many("build", "What runs; always 1", ["version"], [([status.namewarden.clone()], 1.0)]);
    page.one("daemon_running", "1 where a daemon is behind this answer", one_if(status.running));
    page.one("status", "0 well, 1 something wants a hand, 2 blind, stale, or a page is overdue", level(status.level));
    page.one("store_bytes", "What the store takes on the disk", whole(measures.store_bytes));
    sight(&mut page, measures);
    cases(&mut page, measures);
    delivery(&mut page, status);
    let mut out = String::new();
    // Writing to a string cannot fail.
    let _ = encode(&mut out, &page.0);
    out
}

/// What the watch sees, and how far.
fn sight(page: &mut Page, measures: &Measures) {
    let status = &measures.status;
    let seen = measures.seen.iter().map(|(feed, at)| ([feed.as_str().to_owned()], seconds(*at)));
    page.many("feed_seen_timestamp_seconds", "When the feed last accounted for something", ["feed"], seen);
    let down = Feed::ALL.iter().map(|feed| ([feed.as_str().to_owned()], one_if(status.feeds_down.contains(feed))));
    page.many("feed_down", "1 for a feed that sees nothing", ["feed"], down);
    let (every, survivors) = (&status.coverage.every_event, &status.coverage.survivors);
    let reaches = [("every-event", every), ("survivors-only", survivors)];
    let reaches = reaches.into_iter().filter_map(|(grade, reach)| reach.as_ref().map(|reach| (grade, reach)));
    let ages = reaches.clone().map(|(grade, reach)| ([grade.to_owned()], seconds(reach.at)));
    page.many("covered_timestamp_seconds", "When everything was last accounted for", ["grade"], ages);
    let serials = reaches.map(|(grade, reach)| ([grade.to_owned()], whole(reach.serial.0)));
    page.many("covered_serial", "PyPI's serial up to which everything is accounted for", ["grade"], serials);
    let holes = status.coverage.survivors_only.len();
    page.one("coverage_holes", "Stretches in which only what survived was seen", count(holes));
    let missed = "Projects that the index had and the changelog should have told, since the store was made";
    page.one("missed_projects", missed, whole(measures.missed));
    page.one("projects", "Projects known", whole(status.projects));
    let sightings = measures.sightings.iter();
    let sightings = sightings.map(|(feed, event, number)| ([feed.clone(), event.clone()], whole(*number)));
    page.many("sightings_last_day", "What the registry said in 24 hours", ["feed", "event"], sightings);
    let issues = status.overview.issues.iter().map(|case| ([case.issue.to_string()], seconds(case.since)));
    page.many(
        "health_issue_since_timestamp_seconds",
        "What keeps it from seeing or telling, and since when",
        ["issue"],
        issues,
    );
}

/// What it found.
fn cases(page: &mut Page, measures: &Measures) {
    let status = &measures.status;
    let watches = status.watches.iter().map(|(exposure, number)| ([exposure.clone()], count(*number)));
    page.many("watches", "Watches by how they stand on the registry", ["exposure"], watches);
    let findings = status.findings.iter();
    let findings =
        findings.map(|(tier, state, number)| ([tier.as_str(), state.as_str()].map(str::to_owned), whole(*number)));
    page.many("findings", "Cases", ["tier", "state"], findings);
    let rules = measures.rules.iter();
    let rules = rules.map(|(rule, tier, number)| ([rule.clone(), tier.as_str().to_owned()], whole(*number)));
    page.many("threats", "Threatened watches by the strongest rule", ["rule", "tier"], rules);
    let overview = &status.overview;
    let open = [("page", &overview.pages), ("alert", &overview.alerts)];
    let number = |of: fn(&Open) -> u64| open.map(|(tier, open)| ([tier.to_owned()], whole(of(open))));
    page.many("open_findings", "Cases that are not closed", ["tier"], number(|open| open.cases));
    page.many("unacknowledged_findings", "Of these, nobody is on", ["tier"], number(|open| open.unacknowledged));
    let oldest = open.into_iter().filter_map(|(tier, open)| Some((tier, open.oldest.as_ref()?.since)));
    let oldest = oldest.map(|(tier, since)| ([tier.to_owned()], seconds(since)));
    page.many("oldest_unacknowledged_timestamp_seconds", "When the oldest of them last got worse", ["tier"], oldest);
    page.one("pages_unanswered", "Pages that nobody acknowledged in time", whole(overview.unanswered));
    let claims = measures.claims.iter().map(|(state, number)| ([state.clone()], whole(*number)));
    page.many("claims", "Names with a claim, by the state of the newest", ["state"], claims);
}

/// What it told.
fn delivery(page: &mut Page, status: &Status) {
    page.one("pages_untold", "Pages that should have been delivered by now", whole(status.overview.untold));
    let boxes = || status.outboxes.iter().map(|outbox| (outbox.channel.to_string(), outbox));
    let due = boxes().map(|(channel, outbox)| ([channel], whole(outbox.due)));
    page.many("notices_due", "Messages that wait", ["channel"], due);
    let oldest = boxes().filter_map(|(channel, outbox)| Some(([channel], seconds(outbox.oldest?))));
    page.many(
        "notices_oldest_timestamp_seconds",
        "Of those tried in vain or late, when the oldest was made",
        ["channel"],
        oldest,
    );
    let delivered = boxes().map(|(channel, outbox)| ([channel], whole(outbox.delivered)));
    page.many("notices_delivered", "Messages delivered, as far back as they are kept", ["channel"], delivered);
    let refused = boxes().map(|(channel, outbox)| ([channel], whole(outbox.given_up)));
    page.many("notices_refused_last_day", "Messages refused for good in 24 hours", ["channel"], refused);
}

struct Page(Registry);

impl Page {
    fn one(&mut self, name: &str, help: &str, number: f64) {
        let gauge = Number::default();
        gauge.set(number);
        self.0.register(name, help, gauge);
    }

    fn many<const N: usize>(
        &mut self,
        name: &str,
        help: &str,
        labels: [&'static str; N],
        rows: impl IntoIterator<Item = Row<N>>,
    ) {
        let family = Family::<Vec<(&'static str, String)>, Number>::default();
        for (values, number) in rows {
            family.get_or_create(&labels.into_iter().zip(values).collect()).set(number);
        }
        self.0.register(name, help, family);
    }
}

fn level(level: Level) -> f64 {
    match level {
        Level::Ok => 0.0,
        Level::Warning => 1.0,
        Level::Critical => 2.0,
    }
}

fn one_if(is: bool) -> f64 {
    f64::from(u8::from(is))
}

fn seconds(at: Time) -> f64 {
    whole(at.timestamp().unsigned_abs())
}

/// Exact up to 2^53, which no count of ours reaches.
#[expect(clippy::cast_precision_loss, reason = "what monitoring systems count with is a double")]
fn whole(number: u64) -> f64 {
    number as f64
}

fn count(number: usize) -> f64 {
    whole(u64::try_from(number).unwrap_or(u64::MAX))
}
