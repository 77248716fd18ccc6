//! `findings ack`, `resolve`, `suppress` and `reopen`: what a person decides about cases.

use super::super::client::Client;
use super::super::failure::Failure;
use super::super::format::Format;
use super::super::output::say_json;
use super::super::tone::confirm;
use super::case::parse_case;
use crate::api::v1::{Command as Ask, Decision, Ruled, RuledCase};
use crate::messages::hostile::line as harmless;
use crate::model::FindingState;

#[derive(Debug, clap::Args)]
pub struct DecisionArgs {
    /// Short names (nw-417), keys, or names of projects, as lists and alerts give them.
    #[arg(value_name = "CASE", required = true, value_parser = parse_case)]
    pub cases: Vec<String>,
    /// What the next reader should know.
    #[arg(long, value_name = "TEXT")]
    pub note: Option<String>,
    /// Who decided; recorded beside your user. Default: the user of this shell.
    #[arg(long, value_name = "NAME")]
    pub who: Option<String>,
    /// How to print what became of each. JSON is one object a line.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

/// Each on its own: what is unknown among them is said at the end, and costs the others nothing.
pub(super) async fn run(client: &Client, args: DecisionArgs, decision: Decision) -> Result<(), Failure> {
    let who = args.who.unwrap_or_else(|| client.who.clone());
    let ruled: Vec<Ruled> = client.ask(Ask::Judge { cases: args.cases, decision, who, note: args.note }).await?;
    told(&ruled, args.format, outcome)
}

/// What became of each, and at the end which there are not.
pub(super) fn told(ruled: &[Ruled], format: Format, outcome: fn(&RuledCase) -> String) -> Result<(), Failure> {
    match format {
        Format::Json => ruled.iter().for_each(say_json),
        Format::Human => ruled.iter().filter_map(|ruled| ruled.case.as_ref()).for_each(|case| confirm(&outcome(case))),
    }
    let unknown: Vec<String> =
        ruled.iter().filter(|ruled| ruled.case.is_none()).map(|ruled| harmless(&ruled.asked)).collect();
    match unknown.as_slice() {
        [] => Ok(()),
        [one] => Err(Failure::new(format!("there is no case {one}; {LOOK}"))),
        many => Err(Failure::new(format!("there are no cases {}; {LOOK}", many.join(", ")))),
    }
}

const LOOK: &str = "`namewarden findings list` shows them, with --all also those that are closed";

/// `nw-417 acme-billing is now acknowledged`
fn outcome(case: &RuledCase) -> String {
    let (name, stands) = (name(case), FindingState::from(case.state).word(case.quarantined));
    if case.changed { format!("{name} is now {stands}") } else { format!("{name} is {stands} already") }
}

/// `nw-417 acme-billing`
pub(super) fn name(case: &RuledCase) -> String {
    let id = case.id.as_ref().map(|id| format!("{id} ")).unwrap_or_default();
    let project = case.key.rsplit_once('@').map_or(case.key.as_str(), |(project, _)| project);
    format!("{id}{project}")
}
