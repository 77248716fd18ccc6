//! `namewarden findings`: the cases, and what people decide about them.

use std::fmt::Write;

use serde_json::Value;

use super::desk::Desk;
use super::inventory::Format;
use super::{Failure, say};
use crate::model::command::{Command as Ask, FindingFilter, Verdict};
use crate::model::{Finding, FindingKey, FindingState, OwnerId, ProjectName, Standing, Threat, Tier};
use crate::policy::render::hostile::line as harmless;
use crate::store::Fate;
use crate::web::office::CaseFile;

/// See and settle findings.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// List findings, newest first; those that still need somebody unless told otherwise.
    List(ListArgs),
    /// Show one finding with its history.
    Show(ShowArgs),
    /// Say that somebody is on it: reminders stop, a worsening still alerts.
    Ack(VerdictArgs),
    /// Say what became of it.
    Resolve(VerdictArgs),
    /// Say that it is no threat; it never alerts again.
    Suppress(VerdictArgs),
    /// Open it again.
    Reopen(VerdictArgs),
}

#[derive(Debug, clap::Args)]
pub struct ListArgs {
    /// Every state, not only open and acknowledged.
    #[arg(long)]
    pub all: bool,
    /// Only of this state.
    #[arg(long, value_parser = parse_state, value_name = "STATE", conflicts_with = "all")]
    pub state: Option<FindingState>,
    /// Only of this tier or above.
    #[arg(long, value_parser = parse_tier, value_name = "TIER")]
    pub tier: Option<Tier>,
    /// Only of this owner.
    #[arg(long, value_name = "ID")]
    pub owner: Option<String>,
    /// Only about this project on PyPI.
    #[arg(long, value_name = "NAME")]
    pub project: Option<ProjectName>,
    /// At most so many.
    #[arg(long, value_name = "NUMBER", default_value_t = 100)]
    pub limit: usize,
    /// How to print it.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

#[derive(Debug, clap::Args)]
pub struct ShowArgs {
    /// The key, as lists and alerts give it.
    pub key: String,
    /// How to print it.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

#[derive(Debug, clap::Args)]
pub struct VerdictArgs {
    /// The key, as lists and alerts give it.
    pub key: String,
    /// What the next reader should know.
    #[arg(long, value_name = "TEXT")]
    pub note: Option<String>,
    /// Who decided; recorded beside your user. Default: the user of this shell.
    #[arg(long, value_name = "NAME")]
    pub who: Option<String>,
}

/// One of the tiers, for an option.
pub fn parse_tier(text: &str) -> Result<Tier, String> {
    serde_json::from_value(Value::String(text.to_owned())).map_err(|_| "write page, alert or digest".to_owned())
}

fn parse_state(text: &str) -> Result<FindingState, String> {
    let known = || FindingState::ALL.map(FindingState::as_str).join(", ");
    serde_json::from_value(Value::String(text.to_owned())).map_err(|_| format!("write one of {}", known()))
}

pub(super) async fn run(desk: &Desk, command: Command) -> Result<(), Failure> {
    match command {
        Command::List(args) => list(desk, args).await,
        Command::Show(args) => show(desk, args).await,
        Command::Ack(args) => judge(desk, args, Verdict::Acknowledge).await,
        Command::Resolve(args) => judge(desk, args, Verdict::Resolve).await,
        Command::Suppress(args) => judge(desk, args, Verdict::Suppress).await,
        Command::Reopen(args) => judge(desk, args, Verdict::Reopen).await,
    }
}

async fn list(desk: &Desk, args: ListArgs) -> Result<(), Failure> {
    let states = match (args.all, args.state) {
        (true, _) => Vec::new(),
        (false, Some(state)) => vec![state],
        (false, None) => vec![FindingState::Open, FindingState::Acknowledged],
    };
    let filter = FindingFilter {
        owner: args.owner.map(OwnerId),
        project: args.project,
        states,
        at_least: args.tier,
        limit: Some(args.limit),
        ..FindingFilter::default()
    };
    let findings = pages(desk, filter).await?;
    match args.format {
        Format::Json => findings.iter().for_each(say_json),
        Format::Human if findings.is_empty() => say("no findings"),
        Format::Human => say(&table(&findings)),
    }
    Ok(())
}

/// Everything the filter lets through up to its limit, page by page.
async fn pages(desk: &Desk, filter: FindingFilter) -> Result<Vec<Finding>, Failure> {
    let (mut all, limit) = (Vec::new(), filter.limit.unwrap_or(usize::MAX));
    let next = |page: Vec<Finding>| {
        let after = Some(page.last()?.key.clone());
        all.extend(page);
        let left = limit.saturating_sub(all.len());
        let filter = FindingFilter { after, limit: Some(left), ..filter.clone() };
        (left > 0).then_some(Ask::Findings { filter })
    };
    desk.ask_on(Ask::Findings { filter: filter.clone() }, next).await?;
    Ok(all)
}

fn table(findings: &[Finding]) -> String {
    let mut out = String::new();
    for finding in findings {
        let rule = finding.strongest().map_or("?", |m| m.rule.as_str());
        let watch = finding.first().map(|threat| threat.watch.label()).unwrap_or_default();
        let more = match finding.threats.len().saturating_sub(1) {
            0 => String::new(),
            n => format!(" +{n}"),
        };
        // A String takes any text.
        let _ = writeln!(
            out,
            "{:<6} {:<12} {}  {} ~ {watch}{more} ({rule})\n       {}",
            finding.tier.as_str(),
            finding.state.as_str(),
            finding.seen_at.format("%F %T"),
            finding.project(),
            finding.key
        );
    }
    out
}

async fn show(desk: &Desk, args: ShowArgs) -> Result<(), Failure> {
    let file: CaseFile = desk.ask(Ask::Finding { key: FindingKey(args.key) }).await?;
    match args.format {
        Format::Json => say_json(&file),
        Format::Human => say(&page(&file)),
    }
    Ok(())
}

fn page(file: &CaseFile) -> String {
    let finding = &file.finding;
    let mut out = format!(
        "{}\n{} {}, seen {}\n\n",
        finding.key,
        finding.tier,
        finding.state.as_str(),
        finding.seen_at.format("%F %T UTC")
    );
    for threat in &finding.threats {
        let _ = writeln!(out, "{} (owner {}): {}{}", threat.watch.label(), threat.owner, threat.tier, standing(threat));
        for found in &threat.matches {
            let _ = writeln!(out, "  {:<14} score {:>3}  {}", found.rule.as_str(), found.score, found.explanation);
        }
    }
    let facts = &finding.facts;
    let told = [
        ("registered", finding.registered_at.map(|at| at.format("%F %T UTC").to_string())),
        ("held by", (!facts.users.is_empty()).then(|| held_by(&facts.users))),
        ("organization", facts.organization.clone()),
        ("versions", (!facts.releases.is_empty()).then(|| facts.releases.listed(20))),
        ("summary", facts.summary.clone()),
        ("not known", facts.trouble.clone()),
        ("note", finding.note.clone()),
    ];
    for (label, value) in told {
        if let Some(value) = value {
            let _ = writeln!(out, "{label:<14} {}", harmless(&value));
        }
    }
    let _ = writeln!(out, "\ntold");
    for fate in &file.told {
        let _ = writeln!(out, "{}", fate_line(fate));
    }
    if file.told.is_empty() {
        let _ = writeln!(out, "nobody yet");
    }
    let _ = writeln!(out, "\nhistory");
    if file.earlier > 0 {
        let _ = writeln!(out, "{} earlier lines are not shown", file.earlier);
    }
    for line in &file.timeline {
        let who = line.who.as_deref().map(|who| format!(" by {}", harmless(who))).unwrap_or_default();
        let _ = writeln!(out, "{}  {}{who}: {}", line.at.format("%F %T"), line.kind, harmless(&line.detail));
    }
    out
}

/// `2026-11-23 03:10:10  registered to security by email: told`
fn fate_line(fate: &Fate) -> String {
    let at = fate.at.map_or_else(|| "next digest".to_owned(), |at| at.format("%F %T").to_string());
    let outcome = fate.outcome.as_deref().unwrap_or("waits");
    let what = format!("{} to {} by {}: {outcome}", fate.kind.as_str(), fate.owner, fate.channel);
    format!("{at:<19}  {}", harmless(&what))
}

/// A few of them; the JSON has all that are kept.
fn held_by(users: &[String]) -> String {
    const SHOWN: usize = 20;
    let rest = users.len().saturating_sub(SHOWN);
    let shown = users.iter().take(SHOWN).map(String::as_str).collect::<Vec<_>>().join(", ");
    if rest == 0 { shown } else { format!("{shown} and {rest} more") }
}

fn standing(threat: &Threat) -> String {
    match &threat.standing {
        Standing::Live => String::new(),
        Standing::PreExisting => ", stood before the watch".to_owned(),
        Standing::Suppressed { reason } => format!(", suppressed: {}", harmless(reason)),
        Standing::Unwatched => ", no longer watched".to_owned(),
    }
}

async fn judge(desk: &Desk, args: VerdictArgs, verdict: Verdict) -> Result<(), Failure> {
    let who = args.who.unwrap_or_else(|| desk.who.clone());
    let key = FindingKey(args.key);
    let finding: Finding = desk.ask(Ask::Judge { key, verdict, who, note: args.note }).await?;
    say(&format!("{} is now {}", finding.key, finding.state.as_str()));
    Ok(())
}

/// One object a line.
pub(super) fn say_json(value: &impl serde::Serialize) {
    say(&serde_json::to_string(value).unwrap_or_default());
}
