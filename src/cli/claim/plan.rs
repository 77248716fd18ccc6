//! `claim plan`: what protects each watched name best. Reads, and changes nothing.

use std::process::ExitCode;

use super::super::client::Client;
use super::super::failure::Failure;
use super::super::format::Format;
use super::super::output::{say, show};
use super::super::pages::{ListPart, pages};
use super::rows::{minute, row, theirs};
use crate::api::v1::{ClaimRef, Command as Ask, PlannedName, Publicity};
use crate::model::claim::ClaimState;
use crate::model::count;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Only these names of the inventory, in any spelling.
    #[arg(value_name = "NAME")]
    pub names: Vec<String>,
    /// Also names for which nothing is to be done.
    #[arg(long)]
    pub all: bool,
    #[command(flatten)]
    pub part: ListPart,
    /// How to print it. JSON has every name.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

pub(super) async fn run(client: &Client, args: Args) -> Result<ExitCode, Failure> {
    let Args { names, all, part, format } = args;
    let shows_all = all || !names.is_empty();
    let ask = |ListPart { limit, after }| Ask::ClaimPlan { names: names.clone(), after, limit };
    let mut quiet = 0;
    let shown = pages(client, part, ask, |page: Vec<PlannedName>| {
        let hides = |planned: &&PlannedName| needs_nothing(planned) && !shows_all && format == Format::Human;
        let (hidden, shown): (Vec<_>, Vec<_>) = page.iter().partition(hides);
        quiet += hidden.len();
        shown.iter().for_each(|planned| show(format, *planned, name));
    })
    .await?;
    match format {
        Format::Human if shown.items == 0 => say("the inventory has no names"),
        Format::Human if quiet > 0 => {
            let names = count(quiet, "name needs", "names need");
            say(&format!("{names} nothing; --all shows them"));
        }
        _ => {}
    }
    shown.end(format, "first");
    Ok(ExitCode::SUCCESS)
}

fn needs_nothing(planned: &PlannedName) -> bool {
    matches!(planned.protection.as_str(), "none" | "covered")
}

fn name(planned: &PlannedName) -> String {
    let publicity = match planned.publicity {
        Publicity::Confidential => "confidential",
        Publicity::Unsaid => "",
        Publicity::Public => "public_ok",
    };
    let exposure = serde_json::to_value(planned.exposure).ok();
    let exposure = exposure.as_ref().and_then(|word| word.as_str()).unwrap_or_default();
    let (name, protection) = (&planned.name, &planned.protection);
    let but = planned.astray.as_ref().map(|astray| format!(", but {}", theirs(&astray.says))).unwrap_or_default();
    let claim = planned.claim.as_ref().map(|of| claim(of) + &but).unwrap_or_default();
    let covers = match planned.covers.as_slice() {
        [] => String::new(),
        covers => format!("{} and others that read the same", covers.join(", ")),
    };
    row(
        &format!("{name:<30} {exposure:<12} {protection:<12} {publicity}"),
        &[
            ("why", planned.why.clone()),
            ("do", planned.how.clone()),
            ("turn", planned.turn.map(minute).unwrap_or_default()),
            ("claim", claim),
            ("closes", covers),
            ("but", planned.unfit.clone().map(|why| format!("no package: {why}")).unwrap_or_default()),
        ],
    )
}

fn claim(of: &ClaimRef) -> String {
    format!("{} is {}", of.key, ClaimState::from(of.state).as_str())
}
