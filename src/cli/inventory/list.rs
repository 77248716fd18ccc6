//! `namewarden inventory list`: the watches as a table, or as JSON.

use super::super::call::Call;
use super::super::client::Client;
use super::super::failure::Failure;
use super::super::format::Format;
use super::super::output::{say, say_json};
use super::super::pages::{ListPart, pages};
use crate::api::v1::{Command, Exposure, Watch};
use crate::messages::hostile::line as harmless;

/// How a watch may stand; `unknown` until it was looked up.
const STATES: [(&str, Exposure); 8] = [
    ("exposed", Exposure::Exposed),
    ("ours", Exposure::Ours),
    ("taken", Exposure::Taken),
    ("shielded", Exposure::Shielded),
    ("refused", Exposure::Refused),
    ("removed", Exposure::Removed),
    ("quarantined", Exposure::Quarantined),
    ("unknown", Exposure::Unknown),
];

#[derive(Debug, clap::Args)]
pub struct ListArgs {
    /// Only the watches of this owner.
    #[arg(long, value_name = "ID")]
    pub owner: Option<String>,
    /// Only watches in this state.
    #[arg(long, value_name = "STATE", value_parser = STATES.map(|(word, _)| word))]
    pub exposure: Option<String>,
    #[command(flatten)]
    pub part: ListPart,
    /// How to print it.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

pub(super) async fn run(call: &Call, args: ListArgs) -> Result<(), Failure> {
    let (client, mut table) = (Client::open(call)?, Table::default());
    let exposure =
        STATES.iter().find(|(word, _)| args.exposure.as_deref() == Some(word)).map(|(_, exposure)| *exposure);
    let ask = |ListPart { limit, after }| Command::Watches {
        owner: args.owner.clone(),
        exposure,
        search: None,
        after,
        limit,
    };
    let shown = pages(&client, args.part, ask, |page: Vec<Watch>| match args.format {
        Format::Json => page.iter().for_each(say_json),
        Format::Human => say(&table.rows(&page)),
    })
    .await?;
    shown.end(args.format, "first");
    Ok(())
}

const HEADER: [&str; 6] = ["WATCH", "OWNER", "EXPOSURE", "SINCE", "VERSION", "NOTES"];

/// A table that is shown page by page: no column becomes narrower.
#[derive(Debug, Default)]
pub struct Table {
    widths: [usize; 6],
}

impl Table {
    /// The rows of a page, below the header where it is the first.
    pub fn rows(&mut self, watches: &[Watch]) -> String {
        let first = self.widths == [0; 6];
        let header = first.then(|| HEADER.map(str::to_owned));
        let rows: Vec<[String; 6]> = header.into_iter().chain(watches.iter().map(row)).collect();
        let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or_default();
        self.widths = std::array::from_fn(|column| self.widths[column].max(width(column)));
        let cells = |row: &[String; 6]| -> String {
            let padded = row.iter().zip(self.widths).map(|(cell, width)| format!("{cell:width$}")).collect::<Vec<_>>();
            format!("{}\n", padded.join("  ").trim_end())
        };
        rows.iter().map(cells).collect()
    }
}

fn row(watch: &Watch) -> [String; 6] {
    let look_alikes = format!("{} listed", watch.listed.len());
    let notes = [
        (watch.exclusive, "exclusive"),
        // Every exclusive prefix is.
        (watch.guarded && !watch.exclusive, "guarded"),
        (!watch.listed.is_empty(), &look_alikes),
    ];
    let notes: Vec<&str> = notes.into_iter().filter(|(holds, _)| *holds).map(|(_, note)| note).collect();
    let version = watch.latest_version.clone().unwrap_or_else(|| "-".to_owned());
    let exposure = STATES.iter().find(|(_, exposure)| *exposure == watch.exposure).map_or("unknown", |(word, _)| word);
    let since = watch.since.map_or_else(|| "-".to_owned(), |at| at.format("%F").to_string());
    [watch.label.clone(), harmless(&watch.owner), exposure.to_owned(), since, harmless(&version), notes.join(", ")]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_of_others_does_more_than_to_be_read() {
        let ours = ["label"];
        crate::cli::hostile::is_printed_harmlessly(
            "namewarden inventory list --format json",
            &ours,
            |watch: &Watch| Table::default().rows(std::slice::from_ref(watch)),
        );
    }
}
