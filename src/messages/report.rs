//! A report in short: what its first lines say in every form, and all that Slack shows.

use super::gate_report;
use super::hostile::shown;
use super::layout::{Answer, Card, Layout};
use super::marks::code;
use super::parties::origin;
use super::phrase::{clock, count, span, upper};
use crate::model::notice::Briefing;
use crate::model::report::{Audience, Errand, Occasion, Report, Waits, Whom};
use crate::model::{Tier, Time};

pub use super::layout::DASHBOARD;

/// Waiting things that are listed.
const LISTED: usize = 12;

pub(crate) fn fill(layout: &mut Layout, briefing: &Briefing, report: &Report) {
    layout.verdict = verdict(report);
    layout.about = format!("{}, {}", about(report), period(report));
    layout.lead = lead(report);
    layout.answer = Some(Answer {
        title: "Read all of it with",
        command: command(report),
        text: format!("On {}. --format html is a page to print, csv a table.", code(&origin(briefing))),
        link: None,
    });
    let mut figures = Card { title: "In figures".to_owned(), ..Card::default() };
    for (label, value) in self::figures(report) {
        figures.row(label, value);
    }
    layout.cards = vec![figures];
    if !report.waits.is_empty() {
        let mut waits = Card { title: "What waits".to_owned(), ..Card::default() };
        for of in report.waits.iter().take(LISTED) {
            waits.row(urgency(of.what), waiting(of, report.at));
        }
        layout.cards.push(waits);
    }
}

/// `2 pages open; 3 of 14 names can be registered by anybody`.
pub(crate) fn headline(report: &Report) -> String {
    format!("Report for {}: {}", about(report), lower(&verdict(report)))
}

/// For whom it is.
pub fn about(report: &Report) -> String {
    match &report.audience {
        Audience::Platform => "all owners".to_owned(),
        Audience::Owner { id, name } => shown(if name.is_empty() { &id.0 } else { name }, 80),
    }
}

pub fn period(report: &Report) -> String {
    let day = |time: Time| time.format("%Y-%m-%d %H:%M").to_string();
    format!("{} to {} UTC", day(report.since), day(report.until))
}

fn command(report: &Report) -> String {
    let since = report.since.format("%Y-%m-%dT%H:%M:%SZ");
    match &report.audience {
        Audience::Platform => format!("namewarden report --since {since}"),
        Audience::Owner { id, .. } => {
            format!("namewarden report --owner {} --since {since}", super::hostile::shell(&id.0))
        }
    }
}

/// The worst first. That all is well is said where nothing is open, nothing waits, and everything was seen.
pub fn verdict(report: &Report) -> String {
    if report.is_quiet() {
        return "Nothing is open, and everything was seen".to_owned();
    }
    let open = |tier: Tier| report.findings.tiers.iter().filter(|of| of.tier == tier).map(|of| of.open).sum::<usize>();
    let names = report.exposure.names();
    let unseen = report.coverage.holes.len() + report.coverage.blind.len();
    let free = report.standing("exposed") + report.standing("removed");
    let parts: Vec<String> = [
        (open(Tier::Page) > 0).then(|| format!("{} open", count(open(Tier::Page) as u64, "page", "pages"))),
        (open(Tier::Alert) > 0).then(|| format!("{} open", count(open(Tier::Alert) as u64, "alert", "alerts"))),
        report.coverage.stale.is_some().then(|| "the watch is not up to date".to_owned()),
        (!report.coverage.unwell.is_empty()).then(|| "the watch is unwell".to_owned()),
        (!report.coverage.waiting.is_empty()).then(|| "messages wait".to_owned()),
        (unseen > 0).then(|| format!("{} not seen whole", count(unseen as u64, "stretch", "stretches"))),
        (free > 0).then(|| format!("{free} of {} free for anyone", count(names as u64, "name", "names"))),
    ]
    .into_iter()
    .flatten()
    .chain(gate_report::worries(report.gate.as_ref()))
    .collect();
    match parts.split_first() {
        Some((first, rest)) => [&[upper(first)], rest].concat().join("; "),
        None => rest(report).to_owned(),
    }
}

/// Not quiet, and none of what a headline names.
fn rest(report: &Report) -> &'static str {
    if report.coverage.is_whole() {
        "No page and no alert is open"
    } else {
        "No page is open; survivors only were seen"
    }
}

fn lower(text: &str) -> String {
    super::phrase::lower(text)
}

/// Why it comes now, and what it can say.
pub fn lead(report: &Report) -> Vec<String> {
    let mut lead: Vec<String> = occasion(report).into_iter().collect();
    lead.push(changes(report));
    lead.push(format!("Seen so far: {}.", shown(&report.coverage.line, 200)));
    lead.extend(report.coverage.stale.as_ref().map(|why| format!("The watch is {}.", shown(why, 200))));
    lead
}

/// A report that is late, or stands for others, says so.
const LATE: i64 = 3600;

fn occasion(report: &Report) -> Option<String> {
    let Occasion::Scheduled { due, missed } = report.occasion else { return None };
    let late = (report.until - due).num_seconds() > LATE;
    let others = count(u64::from(missed), "report before it was", "reports before it were");
    match (late, missed) {
        (false, 0) => None,
        (true, 0) => Some(format!("It was due at {}, when nobody could make it.", clock(due))),
        (_, missed) => Some(format!(
            "It was due at {}. {others} missed while nobody could make {}: this one stands for all of them.",
            clock(due),
            if missed == 1 { "it" } else { "them" }
        )),
    }
}

fn changes(report: &Report) -> String {
    let of = &report.exposure;
    let watches = count(of.all() as u64, "watch", "watches");
    let before = match of.before {
        Some(before) if before != of.all() => format!(", {before} at the last report"),
        _ => String::new(),
    };
    let changed = match of.changes.len() + of.changes_omitted {
        0 => "no change of how a name stands".to_owned(),
        n => format!("{} of how a name stands", count(n as u64, "change", "changes")),
    };
    let new: usize = report.findings.tiers.iter().filter(|of| of.tier > Tier::Digest).map(|of| of.new).sum();
    let new = match new {
        0 => "no page and no alert was new".to_owned(),
        n => format!("{} new", count(n as u64, "page or alert was", "pages and alerts were")),
    };
    format!("{watches}{before}. In the period {new}, with {changed}.")
}

/// What people ask for first, in few words.
pub fn figures(report: &Report) -> Vec<(&'static str, String)> {
    let tier = |tier: Tier| report.findings.tiers.iter().find(|of| of.tier == tier).copied();
    let cases = |of: Tier| {
        tier(of).map_or_else(
            || "none".to_owned(),
            |n| {
                format!(
                    "{} open, {} of them unacknowledged; {} new, {} settled",
                    n.open, n.unanswered, n.new, n.settled
                )
            },
        )
    };
    let mut figures = vec![
        ("Names", standing(report)),
        ("Pages", cases(Tier::Page)),
        ("Alerts", cases(Tier::Alert)),
        ("Answered in", answered(report)),
        ("Noise", noise(report)),
        ("Seen", seen(report)),
    ];
    figures.extend(report.gate.as_ref().map(|part| ("Gate", gate_report::figure(part, report.at))));
    figures
}

/// `3 exposed, 1 taken, 10 ours; 2 patterns`.
pub fn standing(report: &Report) -> String {
    let mut parts: Vec<String> = STATES
        .iter()
        .map(|word| (report.standing(word), *word))
        .filter(|(n, _)| *n > 0)
        .map(|(n, word)| format!("{n} {word}"))
        .collect();
    let others = report.exposure.all() - report.exposure.names();
    parts.extend((others > 0).then(|| format!("{others} without (prefixes, brand words, not looked at yet)")));
    if parts.is_empty() { "nothing is watched".to_owned() } else { parts.join(", ") }
}

/// As they are told: what wants a look first.
pub const STATES: [&str; 7] = ["taken", "removed", "quarantined", "exposed", "shielded", "ours", "refused"];

pub fn answered(report: &Report) -> String {
    let answers = &report.findings.answers;
    let longest = answers.since.map(|since| span(since, report.at));
    let waiting = match answers.waiting {
        0 => "none waits".to_owned(),
        n => format!("{}, the longest for {}", count(n as u64, "waits", "wait"), longest.unwrap_or_default()),
    };
    match (answers.median(), answers.slowest()) {
        (Some(median), Some(slowest)) => {
            let [median, slowest] = [median, slowest].map(|delta| span(report.at, report.at + delta));
            format!("{median} (median of {}), {slowest} at most; {waiting}", answers.seconds.len())
        }
        _ => format!("nobody answered in the period; {waiting}"),
    }
}

pub fn noise(report: &Report) -> String {
    let noise = &report.noise;
    match noise.per_thousand() {
        Some(rate) => {
            let alerts = count(noise.alerts, "alert", "alerts");
            format!("{rate:.2} alerts per 1,000 registrations ({alerts}, {} registrations)", noise.registrations)
        }
        None => "no registration was seen in the period".to_owned(),
    }
}

pub fn seen(report: &Report) -> String {
    let proof = &report.coverage;
    let gaps = proof.holes.len() + proof.blind.len();
    match (proof.is_whole(), gaps) {
        (true, _) => "every event of the period".to_owned(),
        (false, 0) if proof.stretches.iter().any(|s| s.feed == crate::model::Feed::Changelog) => {
            "every event of the period; the watch itself wants a look".to_owned()
        }
        (false, 0) => "survivors only: shorter lives may have been missed".to_owned(),
        (false, n) => format!("with {}", count(n as u64, "gap", "gaps")),
    }
}

/// The label of something that waits.
fn urgency(what: Errand) -> &'static str {
    match what {
        Errand::Pages => "Pages",
        Errand::Alerts => "Alerts",
        Errand::Taken => "Taken",
        Errand::Exposed => "Exposed",
        Errand::Approval | Errand::Claims => "Claims",
        Errand::Reviews => "Reviews",
        Errand::Health => "Unwell",
        Errand::Channels => "Channels",
    }
}

/// `3 pages that nobody acknowledged, the oldest for 5 h: payments`.
pub fn waiting(of: &Waits, at: Time) -> String {
    let n = of.count as u64;
    let what = match of.what {
        Errand::Pages => format!("{} that nobody acknowledged", count(n, "page", "pages")),
        Errand::Alerts => format!("{} that nobody acknowledged", count(n, "alert", "alerts")),
        Errand::Taken => format!("{} that somebody else holds on PyPI", count(n, "name", "names")),
        Errand::Exposed => format!("{} that anybody can register", count(n, "name", "names")),
        Errand::Reviews => format!("{} of what the gate holds", count(n, "review", "reviews")),
        Errand::Approval => format!("{} to be approved by another person", count(n, "claim", "claims")),
        Errand::Claims => format!("{} under way", count(n, "claim", "claims")),
        Errand::Health => format!("{} of the watch itself", count(n, "trouble", "troubles")),
        Errand::Channels => format!("{} on which messages wait", count(n, "channel", "channels")),
    };
    let since = of.since.map(|since| format!(", for {}", span(since, at))).unwrap_or_default();
    format!("{what}{since}: {}", whom(&of.whom))
}

pub fn whom(whom: &Whom) -> String {
    match whom {
        Whom::Owner(id) => shown(&id.0, 60),
        Whom::Approver => "an approver".to_owned(),
        Whom::Reviewer => "a reviewer of the gate".to_owned(),
        Whom::Operator => "who runs the watch".to_owned(),
    }
}
