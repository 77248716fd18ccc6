//! `namewarden inventory list`: the watches as a table, or as JSON.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::super::call::Call;
use super::super::client::Client;
use super::super::failure::Failure;
use super::super::format::Format;
use super::super::output::say;
use super::outcome::line;
use crate::api::service::{InForce, no_owner};
use crate::model::command::Command;
use crate::model::{Exposure, Inventory, OwnerId, ProjectName, Watch, WatchId};

/// How a watch may stand; `unknown` until it was looked up.
const STATES: [&str; 8] = ["exposed", "ours", "taken", "shielded", "refused", "removed", "quarantined", "unknown"];

#[derive(Debug, clap::Args)]
pub struct ListArgs {
    /// Only the watches of this owner.
    #[arg(long, value_name = "ID")]
    pub owner: Option<String>,
    /// Only watches in this state.
    #[arg(long, value_name = "STATE", value_parser = STATES)]
    pub exposure: Option<String>,
    /// How to print it.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

pub(super) async fn run(call: &Call, args: &ListArgs) -> Result<(), Failure> {
    let in_force: InForce = Client::open(call)?.ask(Command::Inventory).await?;
    check_owner(args.owner.as_deref(), &in_force.inventory)?;
    let known = in_force.exposures.into_iter().filter_map(|(id, exposure)| Some((id, exposure?))).collect();
    say(&list(args, &in_force.inventory, &known));
    Ok(())
}

/// An empty list must not read like nothing to worry about.
fn check_owner(owner: Option<&str>, inventory: &Inventory) -> Result<(), Failure> {
    match owner.map(|owner| OwnerId(owner.to_owned())) {
        Some(owner) if !inventory.owners.contains_key(&owner) => Err(Failure::failed(&no_owner(&owner, inventory))),
        _ => Ok(()),
    }
}

/// `inventory list`: the watches that the options select, in the order of their ids. `exposures` is what the store
/// knows; a watch without one has not been looked up.
pub fn list(args: &ListArgs, inventory: &Inventory, exposures: &BTreeMap<WatchId, Exposure>) -> String {
    let state = |watch: &Watch| exposures.get(&watch.id).map_or("unknown", Exposure::as_str);
    let owned = |watch: &&Watch| args.owner.as_ref().is_none_or(|owner| *owner == watch.owner.0);
    let stands = |watch: &&Watch| args.exposure.as_ref().is_none_or(|wanted| wanted == state(watch));
    let watches = inventory.watches.values().filter(owned).filter(stands);
    let look_alikes = inventory.look_alikes();
    let listed = |watch: &Watch| look_alikes.get(&watch.id).map_or(&[][..], Vec::as_slice);
    match args.format {
        Format::Json => watches.map(|w| line(&watch_json(inventory, w, state(w), listed(w)))).collect(),
        Format::Human => table(watches.map(|w| row(inventory, w, state(w), listed(w).len())).collect()),
    }
}

fn watch_json(inventory: &Inventory, watch: &Watch, state: &str, listed: &[&ProjectName]) -> Value {
    json!({
        "watch": watch.id.to_string(),
        "display": watch.display,
        "owner": watch.owner.0,
        "exposure": state,
        "latest_version": watch.latest_version,
        "first_use": watch.first_use.map(|day| day.to_string()),
        "index": watch.index,
        "exclusive": watch.exclusive,
        "guarded": inventory.is_guarded(watch),
        "listed": listed,
    })
}

const HEADER: [&str; 5] = ["WATCH", "OWNER", "EXPOSURE", "VERSION", "NOTES"];

fn row(inventory: &Inventory, watch: &Watch, state: &str, listed: usize) -> [String; 5] {
    let look_alikes = format!("{listed} listed");
    let notes = [
        (watch.exclusive, "exclusive"),
        (inventory.guarded.contains(&watch.id), "guarded"),
        (listed > 0, &look_alikes),
    ];
    let notes: Vec<&str> = notes.into_iter().filter(|(holds, _)| *holds).map(|(_, note)| note).collect();
    let version = watch.latest_version.clone().unwrap_or_else(|| "-".to_owned());
    [watch.id.label(), watch.owner.to_string(), state.to_owned(), version, notes.join(", ")]
}

fn table(rows: Vec<[String; 5]>) -> String {
    let rows: Vec<[String; 5]> = std::iter::once(HEADER.map(str::to_owned)).chain(rows).collect();
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or_default();
    let widths: [usize; 5] = std::array::from_fn(width);
    let cells = |row: &[String; 5]| -> String {
        let padded = row.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}")).collect::<Vec<_>>();
        format!("{}\n", padded.join("  ").trim_end())
    };
    rows.iter().map(cells).collect()
}
