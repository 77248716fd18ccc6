//! `namewarden status`: how the watch stands; exit status 3 when somebody should worry.

use std::fmt::Write;
use std::process::ExitCode;

use super::desk::Desk;
use super::findings::say_json;
use super::inventory::Format;
use super::{Failure, say};
use crate::model::Time;
use crate::model::command::Command;
use crate::pipeline::account::ago;
use crate::policy::render::hostile::line as harmless;
use crate::store::Outbox;
use crate::web::status::Status;

/// Blind, stale or undelivered: for cron and Nagios.
const WORRYING: u8 = 3;

/// Show coverage, health, findings and undelivered notices. Ends with status 3 when something needs a hand.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// How to print it.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

pub(super) async fn run(desk: &Desk, args: Args) -> Result<ExitCode, Failure> {
    let status: Status = desk.ask(Command::Status).await?;
    match args.format {
        Format::Json => say_json(&status),
        Format::Human => say(&page(&status)),
    }
    Ok(if status.worries.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(WORRYING) })
}

fn page(status: &Status) -> String {
    let mut out = String::new();
    let verdict = if status.worries.is_empty() { "well" } else { "needs a hand" };
    // A String takes any text.
    let _ = writeln!(out, "namewarden {}: {verdict}", status.namewarden);
    for worry in &status.worries {
        let _ = writeln!(out, "  ! {}", harmless(worry));
    }
    let _ = writeln!(out, "covered    {}", status.covered);
    for hole in &status.coverage.survivors_only {
        let serials = hole.serials.map(|(a, b)| format!("({a}, {b}]")).unwrap_or_default();
        let when = format!("{} to {}", hole.from.format("%F %T"), hole.to.format("%F %T UTC"));
        let _ = writeln!(out, "           survivors only {serials}, {when}: shorter lives may have been missed");
    }
    let _ = writeln!(out, "projects   {}", status.projects);
    let _ = writeln!(out, "watches    {}", counted(status.watches.iter().map(|(state, n)| format!("{n} {state}"))));
    let findings = status.findings.iter().map(|(tier, state, n)| format!("{n} {tier} {state}"));
    let _ = writeln!(out, "findings   {}", counted(findings));
    for outbox in &status.outboxes {
        let _ = writeln!(out, "{:<10} {}", outbox.channel.to_string(), channel(outbox, status.now));
    }
    out
}

fn channel(outbox: &Outbox, now: Time) -> String {
    let oldest = outbox.oldest.map_or_else(String::new, |at| format!(", oldest {}", ago(at, now)));
    let refused = if outbox.given_up > 0 { format!(", {} refused today", outbox.given_up) } else { String::new() };
    let error =
        outbox.last_error.as_deref().map_or_else(String::new, |text| format!("; last error: {}", harmless(text)));
    format!("{} delivered, {} due{oldest}{refused}{error}", outbox.delivered, outbox.due)
}

fn counted(parts: impl Iterator<Item = String>) -> String {
    let parts: Vec<String> = parts.collect();
    if parts.is_empty() { "none".to_owned() } else { parts.join(", ") }
}
