//! `gate preview`: what the gate would hold of a lock file, or of what was received, by the ages that are proposed, or by another configuration.

mod print;
mod proposed;
mod subject;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use super::super::call::Call;
use super::super::failure::Failure;
use super::super::format::Format;
use super::super::output::{say, say_json};
use super::super::since::{Since, since};
use crate::config::{self, GateSettings, Period};
use crate::gate::{Foreseen, ForeseenRelease, PreviewRules, ProposedAges};
use print::{Rows, Summary, words};
use subject::{PreviewAnswer, PreviewSubject, foreseen, seconds, subject};

/// Something would not be given out.
const LOOK: u8 = 3;
/// Ages of a file that are shown beside the proposed one.
const DAYS: [u64; 6] = [0, 1, 3, 7, 14, 30];
const DAY: Duration = Duration::from_hours(24);

#[derive(Debug, clap::Args)]
pub struct PreviewArgs {
    /// Lock files, requirements or what `pip freeze` prints, `-` for standard input: may they be installed through the gate now?
    #[arg(value_name = "FILE", required_unless_present = "received", conflicts_with = "received")]
    files: Vec<PathBuf>,
    /// What went out since then, each file as of when it first did: a day, a time, or a length as 30d.
    #[arg(long, value_name = "WHEN", value_parser = since)]
    received: Option<Since>,
    /// How old a file would have to be. Default: `file_age` of the configuration.
    #[arg(long, value_name = "AGE", value_parser = age)]
    file_age: Option<Duration>,
    /// How old a project would have to be. Default: `project_age` of the configuration.
    #[arg(long, value_name = "AGE", value_parser = age)]
    project_age: Option<Duration>,
    /// A configuration whose whole policy is judged beside the one in force: ages, modes, freeze, evidence and records of malware.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["file_age", "project_age"])]
    proposed: Option<PathBuf>,
    /// How to print it.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// As the configuration takes it.
fn age(text: &str) -> Result<Duration, String> {
    let age = text.parse::<Period>().map_err(|error| error.to_string())?.0;
    (age <= 365 * DAY).then_some(age).ok_or_else(|| "write an age up to 365d".to_owned())
}

pub(super) async fn run(call: &Call, args: PreviewArgs) -> Result<ExitCode, Failure> {
    let gate = config::load_sealed(&call.path(), &call.environment)?.gate;
    let since = args.received.map(Since::time);
    let is_well = match &args.proposed {
        Some(file) => {
            let proposed = config::load_sealed(file, &call.environment)?.gate;
            let subject = subject(call, since, &args.files).await?;
            proposed::run(call, (&gate, &proposed, file), subject, args.format).await?
        }
        None => aged(call, &gate, subject(call, since, &args.files).await?, &args).await?,
    };
    Ok(if is_well { ExitCode::SUCCESS } else { ExitCode::from(LOOK) })
}

/// By other ages alone; would all of it be given out?
async fn aged(call: &Call, gate: &GateSettings, of: PreviewSubject, args: &PreviewArgs) -> Result<bool, Failure> {
    let (file, project) = (args.file_age.unwrap_or(gate.file_age), args.project_age.unwrap_or(gate.project_age));
    let ages = |file: Duration| ProposedAges { file: seconds(file), project: seconds(project), freeze: gate.freeze };
    let each = [file].into_iter().chain(DAYS.map(|days| days as u32 * DAY));
    let rules: Vec<PreviewRules> = each.map(|file| PreviewRules::Ages(ages(file))).collect();
    let PreviewSubject { releases, what } = of;
    let foreseen: Rows = foreseen(call, releases, &rules).await?.into_iter().map(row).collect();
    let summary = Summary::of(&foreseen, DAYS);
    match args.format {
        Format::Json => foreseen.iter().for_each(|(release, _)| say_json(release)),
        Format::Human => say(&words(&foreseen, &summary, &what, (Period(file), Period(project)))),
    }
    Ok(summary.is_well())
}

fn row((release, foreseen, others): PreviewAnswer) -> (ForeseenRelease, Vec<bool>) {
    let held = others.iter().map(Foreseen::is_held).collect();
    (ForeseenRelease { release, foreseen, in_force: None }, held)
}
