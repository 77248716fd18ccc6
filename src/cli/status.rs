//! `namewarden status`: how the watch stands, in the words and with the exit status of a Nagios plugin.
//!
//! Monitoring Plugins Development Guidelines: the first line says the verdict, then `|` and figures for graphs; the rest is
//! for people. 0 is OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN.

use std::fmt::Write;
use std::process::ExitCode;

use super::call::Call;
use super::client::{Client, Silence, daemon_status};
use super::failure::Failure;
use super::format::Format;
use super::instance::fitted;
use super::output::{say, show};
use crate::api::v1::{Level, NoStatus, Open, Outbox, Status, Untold};
use crate::cases::coverage::ago;
use crate::config;
use crate::messages::hostile::line;
use crate::model::{FindingState, Tier, Time, count};

/// Of the first line: what comes after it is cut by what shows it.
const REASONS: usize = 3;
pub(super) const UNKNOWN: u8 = 3;

/// Show how the watch stands, as a Nagios plugin does: 0 well, 1 something undelivered or one feed down, 2 no daemon,
/// blind, stale or a page overdue, 3 cannot tell.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// How to print it.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

impl Args {
    /// Never fails: what cannot be told is a status too.
    pub(super) async fn run(self, call: &Call) -> Result<ExitCode, Failure> {
        match ask(call).await {
            Ok(status) => {
                show(self.format, &status, for_people);
                Ok(ExitCode::from(code(status.level)))
            }
            Err((level, reason)) => Ok(without(self.format, level, &reason)),
        }
    }
}

/// Wrong usage of this verb: to whoever only sees the first line, it cannot tell.
pub(super) fn misused(error: &clap::Error) -> ExitCode {
    let text = error.to_string();
    let first = text.lines().next().unwrap_or_default().trim_start_matches("error: ");
    say(&format!("NAMEWARDEN UNKNOWN - wrong usage: {}", plain(first)));
    // Where standard error is closed, the first line has said it.
    let _ = error.print();
    ExitCode::from(UNKNOWN)
}

/// A daemon goes on with the last good configuration, and says itself what is wrong with the new one.
async fn by_broken(call: &Call, broken: Failure) -> Result<Status, (Untold, String)> {
    let Some(socket) = config::listening_at(&call.path(), &call.environment) else {
        return Err((Untold::Unknown, broken.to_string()));
    };
    match daemon_status(&socket).await {
        Ok(status) => Ok(status),
        Err(Silence::Fails(why)) => Err((Untold::Critical, why)),
        Err(Silence::Closed(_) | Silence::Nobody) => Err((Untold::Unknown, broken.to_string())),
    }
}

async fn ask(call: &Call) -> Result<Status, (Untold, String)> {
    let client = match Client::open(call) {
        Ok(client) => client,
        Err(broken) => return by_broken(call, broken).await,
    };
    match daemon_status(&client.settings.control.socket).await {
        Ok(status) => Ok(status),
        Err(Silence::Closed(why)) => Err((Untold::Unknown, why)),
        Err(Silence::Fails(why)) => Err((Untold::Critical, why)),
        // What the store says is of use, and changes nothing about the verdict.
        Err(Silence::Nobody) => {
            client.status_of_store().await.map_err(|failure| (Untold::Critical, unwatched(failure.to_string())))
        }
    }
}

/// Nobody watches, and the store says no more.
fn unwatched(why: String) -> String {
    if ["no daemon", "the daemon"].iter().any(|said| why.starts_with(said)) {
        why
    } else {
        format!("no daemon is running; {why}")
    }
}

fn code(level: Level) -> u8 {
    match level {
        Level::Ok => 0,
        Level::Warning => 1,
        Level::Critical => 2,
    }
}

fn word(level: Level) -> &'static str {
    match level {
        Level::Ok => "OK",
        Level::Warning => "WARNING",
        Level::Critical => "CRITICAL",
    }
}

/// There is nothing to show but why.
fn without(format: Format, level: Untold, reason: &str) -> ExitCode {
    let (word, code) = match level {
        Untold::Critical => (word(Level::Critical), code(Level::Critical)),
        Untold::Unknown => ("UNKNOWN", UNKNOWN),
    };
    show(format, &NoStatus::new(level, reason), |_| format!("NAMEWARDEN {word} - {}", plain(reason)));
    ExitCode::from(code)
}

/// One line without what begins the figures.
fn plain(text: &str) -> String {
    fitted(&line(text)).replace('|', "/")
}

fn for_people(status: &Status) -> String {
    let mut out = format!("NAMEWARDEN {} - {} | {}\n", word(status.level), summary(status), figures(status));
    // A String takes any text.
    for worry in &status.worries {
        let _ = writeln!(out, "  ! {}", plain(worry));
    }
    let _ = writeln!(out, "version    {}", status.namewarden);
    let _ = writeln!(out, "covered    {}", status.covered);
    for hole in &status.coverage.survivors_only {
        let serials = hole.after.zip(hole.up_to).map(|(a, b)| format!("({a}, {b}]")).unwrap_or_default();
        let when = format!("{} to {}", hole.from.format("%F %T"), hole.to.format("%F %T UTC"));
        let _ = writeln!(out, "           survivors only {serials}, {when}: shorter lives may have been missed");
    }
    let _ = writeln!(out, "projects   {}", status.projects);
    let _ = writeln!(
        out,
        "watches    {}",
        counted(status.watches.iter().map(|of| format!("{} {}", of.watches, of.exposure)))
    );
    let findings = status
        .findings
        .iter()
        .map(|of| format!("{} {} {}", of.cases, Tier::from(of.tier), FindingState::from(of.state).as_str()));
    let _ = writeln!(out, "findings   {}", counted(findings));
    for outbox in &status.outboxes {
        let _ = writeln!(out, "{:<10} {}", outbox.channel, channel(outbox, status.now));
    }
    out
}

/// What is wrong; else what is open; and well only where nothing is.
fn summary(status: &Status) -> String {
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
        (open.cases > 0).then(|| format!("{cases} open, {} unacknowledged", open.unacknowledged))
    };
    let overview = &status.overview;
    [tier(&overview.pages, "page", "pages"), tier(&overview.alerts, "alert", "alerts")].into_iter().flatten().collect()
}

/// Figures for graphs: `'label'=value[UOM];[warn];[crit];[min]`.
fn figures(status: &Status) -> String {
    let overview = &status.overview;
    let undelivered: u64 = overview.waiting.iter().map(|waiting| waiting.messages).sum();
    let age = status.coverage.last_look().map(|at| format!("age={}s;;;0 ", (status.now - at).num_seconds().max(0)));
    format!(
        "{}pages_open={};;;0 pages_unacknowledged={};;;0 pages_overdue={};;0;0 alerts_open={};;;0 undelivered={};0;;0 \
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

fn channel(outbox: &Outbox, now: Time) -> String {
    let oldest = outbox.oldest.map_or_else(String::new, |at| format!(", oldest {}", ago(at, now)));
    let refused = if outbox.given_up > 0 { format!(", {} refused today", outbox.given_up) } else { String::new() };
    let error = outbox.last_error.as_deref().map_or_else(String::new, |text| format!("; last error: {}", plain(text)));
    format!("{} delivered, {} due{oldest}{refused}{error}", outbox.delivered, outbox.due)
}

fn counted(parts: impl Iterator<Item = String>) -> String {
    let parts: Vec<String> = parts.collect();
    if parts.is_empty() { "none".to_owned() } else { parts.join(", ") }
}
