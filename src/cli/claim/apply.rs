//! `claim apply`: what would be done with the approved claims; with `--yes`, it is.

use std::process::ExitCode;

use super::super::client::Client;
use super::super::failure::Failure;
use super::super::format::Format;
use super::super::instance::fitted;
use super::super::output::show;
use super::rows::row;
use crate::api::v1::{ClaimApplied, ClaimsApplied, Command as Ask};
use crate::messages::hostile::line as harmless;
use crate::model::claim::ClaimState;

/// Something is in the way, and a person has to decide.
const HELD: u8 = 3;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Only the claims of these names. Default: all.
    #[arg(value_name = "NAME")]
    pub names: Vec<String>,
    /// Do it. Without this nothing changes.
    #[arg(long)]
    pub yes: bool,
    /// How to print it.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

pub(super) async fn run(client: &Client, args: Args) -> Result<ExitCode, Failure> {
    let applied = all(client, &args).await?;
    show(args.format, &applied, |applied| words(applied, args.yes));
    let refused = applied.claims.iter().filter_map(refusal);
    let in_the_way: Vec<String> = applied.obstacles.iter().cloned().chain(refused).chain(unknown(&applied)).collect();
    match (in_the_way.is_empty(), args.yes) {
        (true, _) => Ok(ExitCode::SUCCESS),
        (false, true) => Err(Failure { status: HELD, ..Failure::new(in_the_way.join("\n")) }),
        (false, false) => Ok(ExitCode::from(HELD)),
    }
}

/// Page after page, each let go by itself: the daemon has other things to do in between.
async fn all(client: &Client, args: &Args) -> Result<ClaimsApplied, Failure> {
    let ask = |after| Ask::ClaimApply { names: args.names.clone(), dry_run: !args.yes, after, limit: None };
    let mut all: Option<ClaimsApplied> = None;
    let next = |page: ClaimsApplied| {
        let next = page.next.clone();
        match &mut all {
            None => all = Some(ClaimsApplied { next: None, ..page }),
            Some(all) => join(all, page),
        }
        next.map(|next| ask(Some(next)))
    };
    client.ask_on(ask(None), next).await?;
    all.ok_or_else(|| Failure::new("the daemon gave no answer".to_owned()))
}

/// What came into the way meanwhile counts, too.
fn join(all: &mut ClaimsApplied, page: ClaimsApplied) {
    all.done &= page.done;
    all.claims.extend(page.claims);
    all.obstacles
        .extend(page.obstacles.into_iter().filter(|obstacle| !all.obstacles.contains(obstacle)).collect::<Vec<_>>());
}

fn refusal(claim: &ClaimApplied) -> Option<String> {
    claim.refused.as_ref().map(|why| format!("{} stays: {}", claim.key, harmless(why)))
}

fn unknown(applied: &ClaimsApplied) -> impl Iterator<Item = String> {
    applied.unknown.iter().map(|name| {
        let name = harmless(name);
        format!(
            "{name} has no claim that goes on: `namewarden claim status` says where those stand that there are, \
             `namewarden claim plan` what is best for the name"
        )
    })
}

fn words(applied: &ClaimsApplied, yes: bool) -> String {
    let line = |claim: &ClaimApplied| {
        let state = ClaimState::from(claim.state).as_str();
        row(&format!("{:<44} {state}", claim.key), &[("", claim.says.clone())]) + "\n"
    };
    let mut out: String = applied.claims.iter().map(line).collect();
    if applied.claims.is_empty() {
        out.push_str("no claim goes on\n");
    }
    if !yes {
        let ways: Vec<(&str, String)> =
            applied.obstacles.iter().cloned().chain(unknown(applied)).map(|way| ("-", way)).collect();
        if !ways.is_empty() {
            out.push_str(&(row("in the way", &ways) + "\n"));
        }
        out.push_str(&fitted(done(applied)));
    }
    out
}

/// Of a dry run.
fn done(applied: &ClaimsApplied) -> &'static str {
    let waits = |claim: &ClaimApplied| claim.released.is_none() && claim.refused.is_none();
    let approved =
        |claim: &ClaimApplied| matches!(ClaimState::from(claim.state), ClaimState::Approved | ClaimState::Rehearsed);
    match applied.claims.iter().any(|claim| waits(claim) && approved(claim)) {
        true => "nothing was done; `namewarden claim apply --yes` lets what is approved be published\n",
        false => "nothing was done, and nothing is approved that was not let go before\n",
    }
}
