//! `namewarden status`: how the watch stands; exit status 3 when somebody should worry.

use std::fmt::Write;
use std::process::ExitCode;

use super::desk::Desk;
use super::findings::say_json;
use super::inventory::Format;
use super::{Failure, say};
use crate::model::command::Command;
use crate::pipeline::account::ago;
use crate::policy::render::hostile::line as harmless;
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
        let oldest = outbox.oldest.map(|at| format!(", oldest {}", ago(at, status.now)));
        let _ = writeln!(
            out,
            "{:<10} {} delivered, {} due{}",
            outbox.channel.to_string(),
            outbox.delivered,
            outbox.due,
            oldest.unwrap_or_default()
        );
    }
    out
}

fn counted(parts: impl Iterator<Item = String>) -> String {
    let parts: Vec<String> = parts.collect();
    if parts.is_empty() { "none".to_owned() } else { parts.join(", ") }
}
