//! What a preview is of, and what the gate says of it, in questions of a size that it answers in time.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::super::super::call::Call;
use super::super::super::failure::Failure;
use super::super::super::inventory::{Opened, open};
use super::super::super::tone::hint;
use super::super::ask::ask;
use super::print::named;
use crate::gate::{Foreseen, GateQuestion, PreviewRules, PreviewedRelease, ReceivedFile};
use crate::lists::Package;
use crate::model::count;
use crate::model::{ProjectName, Time};

/// Of one question: its pages are fetched while it waits.
const BATCH: usize = 50;

/// What is asked about, and how it is called in the summary.
pub(super) struct PreviewSubject {
    pub(super) releases: Vec<PreviewedRelease>,
    pub(super) what: String,
}

/// As the gate is told it.
pub(super) fn seconds(age: Duration) -> i64 {
    i64::try_from(age.as_secs()).unwrap_or(i64::MAX)
}

/// What went out since then, or else what the files pin.
pub(super) async fn subject(call: &Call, since: Option<Time>, files: &[PathBuf]) -> Result<PreviewSubject, Failure> {
    match since {
        Some(since) => received(call, since).await,
        None => locked(files),
    }
}

/// A release, with what the first of the rules would do, and each of the others.
pub(super) type PreviewAnswer = (PreviewedRelease, Foreseen, Vec<Foreseen>);

/// What the gate says of each.
pub(super) async fn foreseen(
    call: &Call,
    releases: Vec<PreviewedRelease>,
    rules: &[PreviewRules],
) -> Result<Vec<PreviewAnswer>, Failure> {
    let mut rows = Vec::with_capacity(releases.len());
    for batch in releases.chunks(BATCH) {
        let question = GateQuestion::Preview { releases: batch.to_vec(), rules: rules.to_vec() };
        let answers: Vec<Vec<Foreseen>> = ask(call, &question).await?;
        for (release, answer) in batch.iter().zip(answers) {
            let mut answer = answer.into_iter();
            let Some(first) = answer.next() else { continue };
            rows.push((release.clone(), first, answer.collect()));
        }
    }
    Ok(rows)
}

/// Each file that went out since then.
async fn received(call: &Call, since: Time) -> Result<PreviewSubject, Failure> {
    let (mut releases, mut unversioned) = (Vec::new(), 0);
    for ReceivedFile { project, version, filename, first, .. } in super::super::received::received(call, since).await? {
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
    Ok(PreviewSubject { releases, what })
}

/// What the files pin, each release once.
fn locked(files: &[PathBuf]) -> Result<PreviewSubject, Failure> {
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
            named(&unpinned)
        ));
    }
    let releases: Vec<PreviewedRelease> = releases.into_values().collect();
    match releases.is_empty() {
        true => Err(Failure::new(
            "no release is named: give a lock file, requirements with ==, or --received 30d".to_owned(),
        )),
        false => Ok(PreviewSubject { what: count(releases.len() as u64, "release", "releases"), releases }),
    }
}

fn packages(path: &Path) -> Result<Vec<Package>, Failure> {
    let packages = open(path).and_then(Opened::packages);
    packages.map_err(|error| Failure::failed(&error))
}
