//! `namewarden preview`: what an inventory would have alerted on what is known, before it goes live.

mod print;
mod stretch;

use std::path::PathBuf;
use std::process::ExitCode;

use chrono::NaiveDate;

use super::call::Call;
use super::client::Client;
use super::failure::Failure;
use super::format::Format;
use super::output::show;
use super::tone::hint;
use super::{index_file, inventory};
use crate::api::v1;
use crate::lists::Sought;
use crate::model::{Inventory, count};
use crate::replay::judge::{Preview, Scope, replay};
use crate::replay::names::NameLines;
use crate::replay::stream::Stream;
use stretch::{Stretch, known};

/// Replay the projects that the daemon knows against an inventory: what would have alerted, by tier, rule, watch and
/// week.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Replay this index instead: a file, `-` or an http(s) address, in any format that `scan` reads.
    #[arg(long, value_name = "FILE|URL")]
    pub index: Option<String>,
    /// The inventory in question. Default: the one that the configuration names.
    #[arg(long, value_name = "FILE")]
    pub inventory: Option<PathBuf>,
    /// Only what was registered on this day (UTC) or later, as far as that is known. An index knows no days.
    #[arg(long, value_name = "DAY", value_parser = day, conflicts_with = "index")]
    pub since: Option<NaiveDate>,
    /// Only what was registered before this day.
    #[arg(long, value_name = "DAY", value_parser = day, conflicts_with = "index")]
    pub until: Option<NaiveDate>,
    /// Only what watches and look-alikes would have alerted that are not in force yet.
    #[arg(long)]
    pub new: bool,
    /// End with status 3 when more names than this would have alerted or paged.
    #[arg(long, value_name = "N")]
    pub budget: Option<usize>,
    /// How many watches to show, the noisiest first.
    #[arg(long, value_name = "N", default_value_t = 20)]
    pub watches: usize,
    /// How to print it.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

fn day(text: &str) -> Result<NaiveDate, String> {
    text.parse().map_err(|_| "it is no day; write it like 2026-11-01".to_owned())
}

impl Args {
    pub(super) async fn run(self, call: &Call) -> Result<ExitCode, Failure> {
        let stretch = Stretch::new(self.since, self.until)?;
        let proposed = inventory::named(call, self.inventory.as_deref())?;
        let scope = match self.new {
            true => Scope::NewTo(inventory::in_force(call).await?),
            false => Scope::All,
        };
        let sought = index_file::watched(&proposed);
        let stream = stream(call, self.index.as_deref(), stretch, &sought).await?;
        let clear = index_file::all_clear(stream.names.doubtful);
        let preview = replay(stream, &proposed, &scope);
        show(self.format, &v1::Preview::from(&preview), |_| print::human(&preview, self.watches));
        let ended = ended(&preview, self.budget);
        let is_over = self.budget.is_some_and(|budget| preview.tally.alerts() > budget);
        if is_over { Ok(ended) } else { clear }
    }
}

async fn stream(call: &Call, index: Option<&str>, stretch: Stretch, sought: &Sought) -> Result<Stream, Failure> {
    match index {
        Some(index) => Ok(Stream::of_index(index_file::read(index, call, sought).await?)),
        None => {
            let known = async { known(&Client::open(call)?, stretch).await };
            known.await.map_err(|failure| failure.or("name an index: --index FILE|URL"))
        }
    }
}

/// Says it when there is more than a budget allows.
fn ended(preview: &Preview, budget: Option<usize>) -> ExitCode {
    let alerts = preview.tally.alerts();
    match budget.filter(|budget| alerts > *budget) {
        Some(budget) => {
            let names = count(alerts, "name", "names");
            hint(&format!("over budget: {names} would have alerted, at most {budget} may"));
            ExitCode::from(3)
        }
        None => ExitCode::SUCCESS,
    }
}

/// For `inventory import`: what is new in an inventory, before it goes live. To standard error, as the inventory itself
/// is on standard output.
pub(super) async fn of_import(
    call: &Call,
    imported: &Inventory,
    index: Option<NameLines>,
    budget: Option<usize>,
) -> Result<ExitCode, Failure> {
    let scope = Scope::NewTo(inventory::in_force(call).await?);
    let new = scope.size(imported);
    if new == 0 {
        hint("preview: no watch of it is new");
        return Ok(ExitCode::SUCCESS);
    }
    let stream = match index {
        Some(names) => Stream::of_index(names),
        None => stream(call, None, Stretch::default(), &Sought::default()).await?,
    };
    let preview = replay(stream, imported, &scope);
    hint(&format!(
        "preview: what {} would have alerted\n{}",
        count(new, "new watch or look-alike", "new watches and look-alikes"),
        print::brief(&preview)
    ));
    Ok(ended(&preview, budget))
}
