//! `namewarden check`: one name in depth.

use std::path::PathBuf;
use std::process::ExitCode;

use super::call::Call;
use super::failure::Failure;
use super::format::Format;
use super::inventory;
use super::judgement::{self, FailOn};
use super::output::say;
use crate::matcher::{Judgement, Matcher};
use crate::model::{ProjectName, Registry};

/// Judge names against an inventory and say why. Ends with 3 when one reaches --fail-on.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Project names, in any spelling.
    #[arg(required = true, value_name = "NAME")]
    pub names: Vec<ProjectName>,
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
        let matcher = Matcher::of(&inventory::named(call, self.inventory.as_deref())?, Registry::Pypi);
        let judged: Vec<(&ProjectName, Judgement)> =
            self.names.iter().map(|name| (name, matcher.judge(name))).collect();
        for (name, Judgement { matches, rest }) in &judged {
            say(&match self.format {
                Format::Json => judgement::json(name, matches, rest.len()),
                Format::Human => judgement::long(name, matches, rest.len()),
            });
        }
        let reached = judged.iter().any(|(_, judged)| self.fail_on.reached(&judged.matches));
        Ok(ExitCode::from(if reached { 3 } else { 0 }))
    }
}
