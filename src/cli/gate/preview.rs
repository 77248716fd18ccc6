//! `gate preview`: what the gate would hold of a lock file, or of what was received, by the ages that are proposed.

mod print;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use super::super::call::Call;
use super::super::failure::Failure;
use super::super::format::Format;
use super::super::inventory::{Opened, open};
use super::super::output::{say, say_json};
use super::super::since::{Since, since};
use super::super::tone::hint;
use super::ask::ask;
use crate::config::{self, Period};
use crate::gate::{Foreseen, ForeseenRelease, GateQuestion, PreviewedRelease, ProposedAges, ReceivedFile};
use crate::lists::Package;
use crate::model::count;
use crate::model::{ProjectName, Time};
use print::{Rows, Summary, words};

/// Something would not be given out.
const LOOK: u8 = 3;
/// Of one question: its pages are fetched while it waits.
const BATCH: usize = 50;
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
    /// How to print it.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// As the configuration takes it.
fn age(text: &str) -> Result<Duration, String> {
    let age = text.parse::<Period>().map_err(|error| error.to_string())?.0;
    (age <= 365 * DAY).then_some(age).ok_or_else(|| "write an age up to 365d".to_owned())
}

/// What is asked about, and how it is called in the summary.
struct Asked {
    releases: Vec<PreviewedRelease>,
    what: String,
}

pub(super) async fn run(call: &Call, args: PreviewArgs) -> Result<ExitCode, Failure> {
    let gate = config::load_sealed(&call.path(), &call.environment)?.gate;
    let (file, project) = (args.file_age.unwrap_or(gate.file_age), args.project_age.unwrap_or(gate.project_age));
    let ages = |file: Duration| ProposedAges { file: seconds(file), project: seconds(project), freeze: gate.freeze };
    let rules: Vec<ProposedAges> = [file].into_iter().chain(DAYS.map(|days| days as u32 * DAY)).map(ages).collect();
    let Asked { releases, what } = match args.received {
        Some(since) => received(call, since.time()).await?,
        None => locked(&args.files)?,
    };
    let foreseen = foreseen(call, releases, &rules).await?;
    let summary = Summary::of(&foreseen, DAYS);
    match args.format {
        Format::Json => foreseen.iter().for_each(|(release, _)| say_json(release)),
        Format::Human => say(&words(&foreseen, &summary, &what, (Period(file), Period(project)))),
    }
    Ok(if summary.is_well() { ExitCode::SUCCESS } else { ExitCode::from(LOOK) })
}

fn seconds(age: Duration) -> i64 {
    i64::try_from(age.as_secs()).unwrap_or(i64::MAX)
}

async fn foreseen(call: &Call, releases: Vec<PreviewedRelease>, rules: &[ProposedAges]) -> Result<Rows, Failure> {
    let mut rows = Rows::with_capacity(releases.len());
    for batch in releases.chunks(BATCH) {
        let question = GateQuestion::Preview { releases: batch.to_vec(), rules: rules.to_vec() };
        let answers: Vec<Vec<Foreseen>> = ask(call, &question).await?;
        for (release, answer) in batch.iter().zip(answers) {
            let held = answer.iter().skip(1).map(Foreseen::is_held).collect();
            let Some(foreseen) = answer.into_iter().next() else { continue };
            rows.push((ForeseenRelease { release: release.clone(), foreseen }, held));
        }
    }
    Ok(rows)
}

/// Each file that went out since then.
async fn received(call: &Call, since: Time) -> Result<Asked, Failure> {
    let (mut releases, mut unversioned) = (Vec::new(), 0);
    for ReceivedFile { project, version, filename, first, .. } in super::received::received(call, since).await? {
        match (ProjectName::parse(&project), version) {
            (Ok(project), Some(version)) => {
                releases.push(PreviewedRelease { project, version, filename: Some(filename), at: Some(first) });
            }
            _ => unversioned += 1,
        }
    }
    if unversioned > 0 {
        hint(&format!("namewarden: {} without a version in its name left out", count(unversioned, "file", "files")));
    }
    let what =
        format!("{} received since {}", count(releases.len() as u64, "file", "files"), since.format("%F %H:%M UTC"));
    Ok(Asked { releases, what })
}

/// What the files pin, each release once.
fn locked(files: &[PathBuf]) -> Result<Asked, Failure> {
    let (mut releases, mut unpinned) = (BTreeMap::new(), Vec::new());
    for path in files {
        for package in packages(path)? {
            let Ok(project) = ProjectName::parse(&package.name) else { continue };
            match package.version {
                Some(version) => {
                    let release = PreviewedRelease {
                        project: project.clone(),
                        version: version.clone(),
                        filename: None,
                        at: None,
                    };
                    releases.insert((project, version), release);
                }
                None => unpinned.push(package.name),
            }
        }
    }
    if !unpinned.is_empty() {
        hint(&format!(
            "namewarden: {} without a version left out, since an installer chooses one that is given out: {}",
            count(unpinned.len() as u64, "name", "names"),
            print::named(&unpinned)
        ));
    }
    let releases: Vec<PreviewedRelease> = releases.into_values().collect();
    match releases.is_empty() {
        true => Err(Failure::new(
            "no release is named: give a lock file, requirements with ==, or --received 30d".to_owned(),
        )),
        false => Ok(Asked { what: count(releases.len() as u64, "release", "releases"), releases }),
    }
}

fn packages(path: &Path) -> Result<Vec<Package>, Failure> {
    let packages = open(path).and_then(Opened::packages);
    packages.map_err(|error| Failure::failed(&error))
}
