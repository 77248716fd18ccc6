//! `claim status`: where claims stand, what comes next, and all that happened to them.

use std::process::ExitCode;

use super::super::client::Client;
use super::super::failure::Failure;
use super::super::format::Format;
use super::super::output::{say, show};
use super::super::pages::{ListPart, pages};
use super::rows::{minute, row, theirs};
use crate::api::v1::{Claim, ClaimEvent, Command as Ask, Decided, Party};
use crate::model::claim::ClaimState;
use crate::model::{Actor, ProjectName};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Only the claims of these names, each with its trail. Default: all, without.
    #[arg(value_name = "NAME")]
    pub names: Vec<String>,
    #[command(flatten)]
    pub part: ListPart,
    /// How to print it. JSON has the trail of each.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

pub(super) async fn run(client: &Client, args: Args) -> Result<ExitCode, Failure> {
    let Args { names, part, format } = args;
    let ask = |ListPart { limit, after }| Ask::ClaimStatus { names: names.clone(), after, limit };
    let mut missing: Vec<&String> = names.iter().collect();
    let shown = pages(client, part, ask, |page: Vec<Claim>| {
        missing.retain(|name| !page.iter().any(|claim| is_of(claim, name)));
        page.iter().for_each(|claim| show(format, claim, |claim| words(claim, !names.is_empty())));
    })
    .await?;
    if shown.items == 0 && names.is_empty() && format == Format::Human {
        say("no claims");
    }
    shown.end(format, "first");
    match missing.as_slice() {
        [] => Ok(ExitCode::SUCCESS),
        missing => Err(without(missing)),
    }
}

fn is_of(claim: &Claim, asked: &str) -> bool {
    ProjectName::parse(asked).is_ok_and(|name| name.as_str() == claim.name)
}

fn without(names: &[&String]) -> Failure {
    let names: Vec<&str> = names.iter().map(|name| name.as_str()).collect();
    Failure::new(format!("there is no claim of {}; `namewarden claim plan` says what is best", names.join(", ")))
}

fn words(claim: &Claim, trail: bool) -> String {
    let head = format!("{:<44} {}", claim.key, stands(claim));
    let by = |decided: Option<&Decided>| {
        decided.map(|decided| format!("{} by {}", minute(decided.at), party(&decided.by))).unwrap_or_default()
    };
    let mut parts = vec![
        ("but", claim.astray.as_ref().map(|astray| theirs(&astray.says)).unwrap_or_default()),
        ("planned", by(Some(&claim.planned))),
        ("approved", by(claim.approved.as_ref())),
        ("let go", by(claim.released.as_ref())),
        ("note", claim.note.as_deref().map(theirs).unwrap_or_default()),
        ("next", claim.next.clone()),
    ];
    parts.extend(claim.trail.iter().filter(|_| trail).map(|line| ("·", event(line))));
    row(&head, &parts)
}

/// At a glance.
fn stands(claim: &Claim) -> String {
    let state = ClaimState::from(claim.state).as_str();
    match &claim.astray {
        Some(astray) if astray.foreign => format!("{state}, but held by somebody else"),
        Some(astray) if !astray.accepted => format!("{state}, but not as we left it"),
        _ => state.to_owned(),
    }
}

fn event(line: &ClaimEvent) -> String {
    let detail = if line.detail.is_empty() { String::new() } else { format!(": {}", line.detail) };
    theirs(&format!("{} {} by {}, now {}{detail}", line.at.format("%F %T"), line.event, party(&line.by), line.state))
}

fn party(of: &Party) -> String {
    match of.party.as_str() {
        "user" => Actor { uid: of.uid, user: of.user.clone(), ..Actor::default() }.to_string(),
        other => format!("the {other}"),
    }
}
