//! `namewarden scan`: a whole index against an inventory.

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use super::call::Call;
use super::failure::Failure;
use super::format::Format;
use super::inventory;
use super::judgement::{self, FailOn};
use super::tone::hint;
use super::{index_file, output};
use crate::matcher::Matcher;
use crate::model::{Registry, count};
use crate::replay::sweep::{JudgedName, sweep};

/// Judge every name of an index, and print those that match. Ends with 3 when one reaches --fail-on.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// A file, `-` or an http(s) address: a name a line, a table, JSON, a simple index, XML-RPC, what pip prints (docs/lists.md).
    #[arg(long, value_name = "FILE|URL")]
    pub index: String,
    /// TOML, a table, or a list of names in any format. Default: the inventory that the configuration names.
    #[arg(long, value_name = "FILE")]
    pub inventory: Option<PathBuf>,
    /// End with status 3 when a name reaches this tier.
    #[arg(long, value_enum, value_name = "TIER", default_value_t)]
    pub fail_on: FailOn,
    /// How to print it. JSON is one object a line.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

impl Args {
    pub(super) async fn run(self, call: &Call) -> Result<ExitCode, Failure> {
        let inventory = inventory::named(call, self.inventory.as_deref())?;
        let matcher = Matcher::of(&inventory, Registry::Pypi);
        let names = index_file::read(&self.index, call, &index_file::watched(&inventory)).await?;
        let render = |judged: JudgedName| {
            let text = match self.format {
                Format::Json => judgement::json(&judged.name, &judged.matches, judged.more) + "\n",
                Format::Human => judgement::short(&judged.name, &judged.matches, judged.more),
            };
            (text, self.fail_on.reached(&judged.matches))
        };
        // A reader that has gone, such as `head`, does not change what is found.
        let (mut matched, mut reached, mut written) = (0_usize, false, Ok(()));
        let mut out = io::BufWriter::new(io::stdout().lock());
        let swept = sweep(&names, &matcher, render, |(text, serious)| {
            matched += 1;
            reached |= serious;
            if written.is_ok() {
                written = out.write_all(text.as_bytes());
            }
        });
        output::note(written.and_then(|()| out.flush()));
        if self.format == Format::Human {
            let (names, watches) = (count(swept, "name", "names"), count(matcher.watches(), "watch", "watches"));
            hint(&format!("{matched} of {names} match {watches}"));
        }
        if reached { Ok(ExitCode::from(3)) } else { index_file::all_clear(names.doubtful) }
    }
}
