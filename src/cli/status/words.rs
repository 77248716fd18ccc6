//! A status in words: for the first line, which monitoring shows, and for the lines below it.

use super::super::instance::fitted;
use super::super::tone::{Paint, paint};
use crate::api::v1::{Hole, Level, Open, Outbox, Status};
use crate::cases::coverage::{ago, span_of_time};
use crate::messages::hostile::line;
use crate::model::{FindingState, Tier, Time, count};

/// Of the first line: what comes after it is cut by what shows it.
const REASONS: usize = 3;

pub(super) fn word(level: Level) -> &'static str {
    match level {
        Level::Ok => "OK",
        Level::Warning => "WARNING",
        Level::Critical => "CRITICAL",
    }
}

fn painted(level: Level) -> String {
    let colour = match level {
        Level::Ok => Paint::Good,
        Level::Warning => Paint::Doubtful,
        Level::Critical => Paint::Bad,
    };
    paint(colour, word(level))
}

/// One line without what begins the figures.
pub(super) fn plain(text: &str) -> String {
    fitted(&line(text)).replace('|', "/")
}

/// A plugin's output: the first line, what is wrong, and how things stand.
pub(super) fn for_people(status: &Status) -> String {
    let first = format!("NAMEWARDEN {} - {} | {}", painted(status.level), summary(status), figures(status));
    let worries = status.worries.iter().map(|worry| format!("\n  ! {}", plain(worry)));
    let version = ("version", status.namewarden.clone());
    let lines = [version].into_iter().chain(standing(status)).map(|(of, says)| format!("\n{of:<10} {says}"));
    first
        + &worries
            .chain(lines)
            .chain(status.outboxes.iter().map(|outbox| outbox_line(outbox, status.now)))
            .collect::<String>()
}

fn outbox_line(outbox: &Outbox, now: Time) -> String {
    format!("\n{:<10} {}", outbox.channel, channel(outbox, now))
}

/// What is seen, and what of it stands how: a word, and what is to be said of it.
pub(super) fn standing(status: &Status) -> Vec<(&'static str, String)> {
    let watches = status.watches.iter().map(|of| format!("{} {}", of.watches, of.exposure));
    let findings =
        status.findings.iter().map(|of| format!("{} {} {}", of.cases, Tier::from(of.tier), state(of.state.into())));
    [("covered", status.covered.clone())]
        .into_iter()
        .chain(status.coverage.survivors_only.iter().map(|hole| ("", missed(hole))))
        .chain([
            ("projects", status.projects.to_string()),
            ("watches", counted(watches)),
            ("findings", counted(findings)),
        ])
        .collect()
}

/// A case is over as `removed`, too, while PyPI keeps its project in quarantine.
fn state(of: FindingState) -> &'static str {
    if of == FindingState::Removed { "removed or in quarantine" } else { of.as_str() }
}

fn missed(hole: &Hole) -> String {
    let serials = hole.after.zip(hole.up_to).map(|(a, b)| format!("({a}, {b}]")).unwrap_or_default();
    let when = format!("{} to {}", hole.from.format("%F %T"), hole.to.format("%F %T UTC"));
    format!("survivors only {serials}, {when}: shorter lives may have been missed")
}

/// What is wrong; else what is open; and well only where nothing is.
pub(super) fn summary(status: &Status) -> String {
    let (first, rest) = status.worries.split_at(status.worries.len().min(REASONS));
    let open = open(status);
    let told: Vec<String> = match first.is_empty() {
        false => first.iter().map(|worry| plain(worry)).collect(),
        true if open.is_empty() => vec!["well".to_owned()],
        true => Vec::new(),
    };
    let more = (!rest.is_empty()).then(|| format!("and {} more", rest.len()));
    let parts: Vec<String> = told.into_iter().chain(more).chain(open).chain([status.covered.clone()]).collect();
    parts.join("; ")
}

fn open(status: &Status) -> Vec<String> {
    let tier = |open: &Open, one: &str, many: &str| {
        let cases = count(open.cases, one, many);
        let oldest =
            open.oldest.as_ref().map(|oldest| format!(", the oldest for {}", span_of_time(status.now - oldest.since)));
        let unacknowledged = format!("{} unacknowledged{}", open.unacknowledged, oldest.unwrap_or_default());
        (open.cases > 0).then(|| format!("{cases} open, {unacknowledged}"))
    };
    let overview = &status.overview;
    [tier(&overview.pages, "page", "pages"), tier(&overview.alerts, "alert", "alerts")].into_iter().flatten().collect()
}

/// Figures for graphs: `'label'=value[UOM];[warn];[crit];[min]`.
fn figures(status: &Status) -> String {
    let overview = &status.overview;
    // All that is due, also what nobody has tried to deliver yet.
    let undelivered: u64 = status.outboxes.iter().map(|outbox| outbox.due).sum();
    let age = status.coverage.last_look().map(|at| format!("age={}s;;;0 ", (status.now - at).num_seconds().max(0)));
    format!(
        "{}pages_open={};;;0 pages_unacknowledged={};;;0 pages_overdue={};;0;0 alerts_open={};;;0 undelivered={};;;0 \
         feeds_down={};0;1;0",
        age.unwrap_or_default(),
        overview.pages.cases,
        overview.pages.unacknowledged,
        overview.unanswered + overview.untold,
        overview.alerts.cases,
        undelivered,
        status.feeds_down.len()
    )
}

pub(super) fn channel(outbox: &Outbox, now: Time) -> String {
    let oldest = outbox.oldest.map_or_else(String::new, |at| format!(", oldest {}", ago(at, now)));
    let refused = if outbox.given_up > 0 { format!(", {} refused today", outbox.given_up) } else { String::new() };
    let error = outbox.last_error.as_deref().map_or_else(String::new, |text| format!("; last error: {}", plain(text)));
    format!("{} delivered, {} due{oldest}{refused}{error}", outbox.delivered, outbox.due)
}

pub(super) fn counted(parts: impl Iterator<Item = String>) -> String {
    let parts: Vec<String> = parts.collect();
    if parts.is_empty() { "none".to_owned() } else { parts.join(", ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_of_others_does_more_than_to_be_read() {
        let ours = ["namewarden", "exposure", "covered", "channel"];
        crate::cli::hostile::is_printed_harmlessly("namewarden status --format json", &ours, for_people);
    }
}
