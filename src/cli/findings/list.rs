//! `findings list`: the newest first, page by page.

use serde_json::Value;

use super::super::client::Client;
use super::super::failure::Failure;
use super::super::format::Format;
use super::super::output::{say, say_json};
use super::super::pages::{ListPart, pages, parse_limit};
use super::super::tone::{Paint, paint};
use super::case::{short, state};
use crate::api::v1::{Command as Ask, Filter, Finding, FindingState, Tier};
use crate::model;
use crate::model::ProjectName;

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
    #[arg(long, value_name = "NUMBER", default_value_t = 100, value_parser = parse_limit)]
    pub limit: usize,
    /// Only what follows this cursor, which a list that was cut ends with.
    #[arg(long, value_name = "CURSOR")]
    pub after: Option<String>,
    /// How to print it.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

/// One of the tiers, for an option.
fn parse_tier(text: &str) -> Result<Tier, String> {
    serde_json::from_value(Value::String(text.to_owned())).map_err(|_| "write page, alert or digest".to_owned())
}

fn parse_state(text: &str) -> Result<FindingState, String> {
    let known = || model::FindingState::ALL.map(model::FindingState::as_str).join(", ");
    serde_json::from_value(Value::String(text.to_owned())).map_err(|_| format!("write one of {}", known()))
}

pub(super) async fn run(client: &Client, args: ListArgs) -> Result<(), Failure> {
    let every = args.all || args.state.is_some();
    let narrowed = args.owner.is_some() || args.project.is_some() || args.tier.is_some();
    let states = match (args.all, args.state) {
        (true, _) => Vec::new(),
        (false, Some(state)) => vec![state],
        (false, None) => vec![FindingState::Open, FindingState::Acknowledged],
    };
    let (owner, project, at_least) = (args.owner, args.project.map(|name| name.to_string()), args.tier);
    let filter = Filter { owner, project, states, at_least, ..Filter::default() };
    let ask = |ListPart { limit, after }| Ask::Findings { filter: Filter { limit, after, ..filter.clone() } };
    let part = ListPart { limit: Some(args.limit), after: args.after };
    let shown = pages(client, part, ask, |page: Vec<Finding>| match args.format {
        Format::Json => page.iter().for_each(say_json),
        Format::Human => page.iter().for_each(|finding| say(&row(finding))),
    })
    .await?;
    if shown.items == 0 && args.format == Format::Human {
        say(match (every, narrowed) {
            (true, _) => "no findings",
            (false, true) => "none of these is open; --all shows what is settled, over, or stood before the watch",
            (false, false) => "no open findings; --all shows those that are settled, or stood before the watch",
        });
    }
    shown.end(args.format, "newest");
    Ok(())
}

fn row(finding: &Finding) -> String {
    let first = finding.threats.first();
    let rule = first.and_then(|threat| threat.matches.first()).map_or("?", |found| &found.rule);
    let watch = first.map_or("", |threat| &threat.watch.label);
    let others = finding.threats.len().saturating_sub(1) + finding.more.iter().map(|more| more.watches).sum::<usize>();
    let more = if others == 0 { String::new() } else { format!(" +{others}") };
    let put_off = finding.snoozed_until.map(|until| until.format("; put off until %F %H:%M UTC").to_string());
    format!(
        "{:<8} {} {:<12} {}  {} ~ {watch}{more} ({rule})\n         {}{}",
        short(finding),
        urgency(finding.tier),
        state(finding),
        finding.seen_at.format("%F %T"),
        finding.project,
        finding.key,
        put_off.unwrap_or_default()
    )
}

/// The tier, in the colour of its urgency, as wide as the widest.
fn urgency(tier: Tier) -> String {
    let text = format!("{:<6}", model::Tier::from(tier).as_str());
    match tier {
        Tier::Page => paint(Paint::Bad, &text),
        Tier::Alert => paint(Paint::Doubtful, &text),
        Tier::Digest => text,
    }
}
