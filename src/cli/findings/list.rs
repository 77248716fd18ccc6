//! `findings list`: the newest first, page by page.

use std::fmt::Write;

use serde_json::Value;

use super::super::client::Client;
use super::super::failure::Failure;
use super::super::format::Format;
use super::super::output::{say, say_json};
use super::super::tone::{Paint, hint, paint};
use super::case::short;
use crate::model::command::{Command as Ask, FindingFilter};
use crate::model::{Finding, FindingState, OwnerId, ProjectName, Tier};

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

/// One of the tiers, for an option.
fn parse_tier(text: &str) -> Result<Tier, String> {
    serde_json::from_value(Value::String(text.to_owned())).map_err(|_| "write page, alert or digest".to_owned())
}

fn parse_state(text: &str) -> Result<FindingState, String> {
    let known = || FindingState::ALL.map(FindingState::as_str).join(", ");
    serde_json::from_value(Value::String(text.to_owned())).map_err(|_| format!("write one of {}", known()))
}

pub(super) async fn run(client: &Client, args: ListArgs) -> Result<(), Failure> {
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
    let (findings, more) = pages(client, filter).await?;
    match args.format {
        Format::Json => findings.iter().for_each(say_json),
        Format::Human if findings.is_empty() => say("no findings"),
        Format::Human => say(&table(&findings)),
    }
    if more {
        hint(&format!(
            "namewarden: these are the newest {}, there are more; --limit NUMBER shows them",
            findings.len()
        ));
    }
    Ok(())
}

/// Everything the filter lets through up to its limit, page by page, and whether there is more.
async fn pages(client: &Client, filter: FindingFilter) -> Result<(Vec<Finding>, bool), Failure> {
    let (mut all, limit) = (Vec::new(), filter.limit.unwrap_or(usize::MAX));
    // One more than is shown, to know.
    let filter = FindingFilter { limit: Some(limit.saturating_add(1)), ..filter };
    let most = limit.saturating_add(1);
    let next = |page: Vec<Finding>| {
        let after = Some(page.last()?.key.clone());
        all.extend(page);
        let left = most.saturating_sub(all.len());
        let filter = FindingFilter { after, limit: Some(left), ..filter.clone() };
        (left > 0).then_some(Ask::Findings { filter })
    };
    client.ask_on(Ask::Findings { filter: filter.clone() }, next).await?;
    let more = all.len() > limit;
    all.truncate(limit);
    Ok((all, more))
}

fn table(findings: &[Finding]) -> String {
    let mut out = String::new();
    for finding in findings {
        let rule = finding.strongest().map_or("?", |m| m.rule.as_str());
        let watch = finding.first().map(|threat| threat.watch.label()).unwrap_or_default();
        let more = match finding.others() {
            0 => String::new(),
            n => format!(" +{n}"),
        };
        // A String takes any text.
        let _ = writeln!(
            out,
            "{:<8} {} {:<12} {}  {} ~ {watch}{more} ({rule})\n         {}",
            short(finding),
            urgency(finding.tier),
            finding.state.as_str(),
            finding.seen_at.format("%F %T"),
            finding.project(),
            finding.key
        );
    }
    out
}

/// The tier, in the colour of its urgency, as wide as the widest.
fn urgency(tier: Tier) -> String {
    let text = format!("{:<6}", tier.as_str());
    match tier {
        Tier::Page => paint(Paint::Bad, &text),
        Tier::Alert => paint(Paint::Doubtful, &text),
        Tier::Digest => text,
    }
}
