//! `gate learn`: vouch for what is used already, so that its next releases have prior use.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::process::ExitCode;

use super::super::call::Call;
use super::super::failure::Failure;
use super::super::format::Format;
use super::super::inventory::open;
use super::super::output::{say, say_json};
use super::super::since::{Since, since};
use super::ask::ask;
use super::received::received;
use super::release::release;
use crate::gate::{ForgottenUse, GateQuestion, LearnedProject, LearnedProjects, LearnedRelease, Learning, UsedRelease};
use crate::lists::{Digests, UploadTimes};
use crate::messages::hostile::line as harmless;
use crate::model::count;
use crate::model::{ProjectName, Time};

/// Something was not learned.
const LOOK: u8 = 3;
/// Bytes of one question, of the 64 KB that the gate reads.
const ROOM: usize = 40_000;
/// A digest with its marks, a time with those and the digest that it is of, and the rest of a release.
const DIGEST: usize = 68;
const TIME: usize = 110;
const RELEASE: usize = 200;
/// Its pages are fetched while it waits.
const BATCH: usize = 50;
/// One of them is enough.
const MOST_DIGESTS: usize = 300;
/// Lines of what was refused.
const MOST: usize = 50;

#[derive(Debug, clap::Args)]
pub struct LearnArgs {
    /// Lock files, or requirements with --hash: what they pin is used already.
    #[arg(value_name = "FILE", required_unless_present_any = ["received", "forget", "list"])]
    files: Vec<PathBuf>,
    /// What went out through this gate since then: a day, a time, or a length as 30d.
    #[arg(long, value_name = "WHEN", value_parser = since, conflicts_with = "files")]
    received: Option<Since>,
    /// Let nothing speak for this project any more: what persons vouch for, and what clients used so far.
    #[arg(long, value_name = "NAME", conflicts_with_all = ["files", "received"])]
    forget: Option<String>,
    /// List what persons vouch for, and who does.
    #[arg(long, conflicts_with_all = ["files", "received", "forget"])]
    list: bool,
    /// How to print it.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

pub(super) async fn run(call: &Call, args: LearnArgs) -> Result<ExitCode, Failure> {
    if args.list {
        return list(call, args.format).await;
    }
    if let Some(name) = &args.forget {
        return forget(call, name).await;
    }
    let (used, mut rows, source) = match args.received {
        Some(since) => {
            let (used, left_out) = went_out(call, since.time()).await?;
            (used, left_out, "what was received".to_owned())
        }
        None => locked(&args.files).map(|(used, source)| (used, Vec::new(), source))?,
    };
    for batch in batches(used) {
        let question = GateQuestion::Learn { releases: batch.clone(), source: source.clone() };
        let learned: Vec<Learning> = ask(call, &question).await?;
        let row = |(UsedRelease { project, version, .. }, learning)| LearnedRelease {
            project,
            version,
            learning,
            vouched: None,
        };
        rows.extend(batch.into_iter().zip(learned).map(row));
    }
    match args.format {
        Format::Json => rows.iter().for_each(say_json),
        Format::Human => say(&words(&rows)),
    }
    let is_refused = |row: &LearnedRelease| matches!(row.learning, Learning::Refused { .. });
    Ok(if rows.iter().any(is_refused) { ExitCode::from(LOOK) } else { ExitCode::SUCCESS })
}

/// What the files pin with a digest, and how they are called.
fn locked(files: &[PathBuf]) -> Result<(Vec<UsedRelease>, String), Failure> {
    let (mut all, mut times) = (Digests::new(), UploadTimes::new());
    for path in files {
        let opened = open(path).map_err(|error| Failure::failed(&error))?;
        let digests = opened.digests();
        if digests.is_empty() {
            return Err(Failure::new(format!(
                "{} pins no release by SHA-256: give a lock of uv, Poetry, PDM, Pipenv or PEP 751, or requirements with --hash",
                path.display()
            )));
        }
        opened.upload_times().into_iter().for_each(|(digest, said)| times.entry(digest).or_default().extend(said));
        digests.into_iter().for_each(|(release, digests)| all.entry(release).or_default().extend(digests));
    }
    let names: Vec<String> = files.iter().map(|path| harmless(&path.display().to_string())).collect();
    Ok((used(all, &times), names.join(", ")))
}

fn used(all: Digests, times: &UploadTimes) -> Vec<UsedRelease> {
    let used = all.into_iter().map(|((project, version), digests)| {
        let digests: Vec<String> = digests.into_iter().take(MOST_DIGESTS).collect();
        let said = |digest: &String| Some((digest.clone(), times.get(digest)?.clone()));
        UsedRelease { project, version, uploaded: digests.iter().filter_map(said).collect(), digests }
    });
    used.collect()
}

/// Each release that went out since then, and those that went out past a rule which only observed.
async fn went_out(call: &Call, since: Time) -> Result<(Vec<UsedRelease>, Vec<LearnedRelease>), Failure> {
    let (mut all, mut observed) = (Digests::new(), BTreeSet::new());
    for file in received(call, since).await? {
        let (Ok(project), Some(version)) = (ProjectName::parse(&file.project), file.version) else { continue };
        match file.is_admitted {
            true => drop(all.entry((project, version)).or_default().insert(file.sha256)),
            false => drop(observed.insert((project, version))),
        }
    }
    if all.is_empty() && observed.is_empty() {
        return Err(Failure::new(format!("nothing was received since {}", since.format("%F %H:%M UTC"))));
    }
    let only_observed = observed.into_iter().filter(|release| !all.contains_key(release)).map(past_a_rule).collect();
    Ok((used(all, &UploadTimes::new()), only_observed))
}

fn past_a_rule((project, version): (ProjectName, String)) -> LearnedRelease {
    let why = "it went out while its age was only observed, or nobody wrote down whether it was: learn a lock file that pins it".to_owned();
    LearnedRelease { project, version, learning: Learning::Refused { why }, vouched: None }
}

/// As many as fit into one question.
fn batches(used: Vec<UsedRelease>) -> Vec<Vec<UsedRelease>> {
    let (mut batches, mut size): (Vec<Vec<UsedRelease>>, usize) = (Vec::new(), ROOM);
    for release in used {
        let times: usize = release.uploaded.values().map(BTreeSet::len).sum();
        let of_it = RELEASE + DIGEST * release.digests.len() + TIME * times;
        match batches.last_mut().filter(|batch| size + of_it <= ROOM && batch.len() < BATCH) {
            Some(batch) => {
                size += of_it;
                batch.push(release);
            }
            None => {
                size = of_it;
                batches.push(vec![release]);
            }
        }
    }
    batches
}

/// What was refused, a line each, then how many of each kind.
fn words(rows: &[LearnedRelease]) -> String {
    let (mut counts, mut text): (BTreeMap<&str, usize>, String) = (BTreeMap::new(), String::new());
    for row in rows {
        let count = counts.entry(row.learning.as_str()).or_default();
        *count += 1;
        if let Some(why) = row.learning.why().filter(|_| *count <= MOST) {
            text += &format!("refused  {}=={}: {}\n", row.project, harmless(&row.version), harmless(why));
        }
    }
    let counts: Vec<String> = counts.iter().map(|(kind, number)| format!("{number} {kind}")).collect();
    format!("{text}{}: {}\n", count(rows.len() as u64, "release", "releases"), counts.join(", "))
}

async fn forget(call: &Call, name: &str) -> Result<ExitCode, Failure> {
    let (project, _) = release(name)?;
    let ForgottenUse { was_vouched, clients } = ask(call, &GateQuestion::Forget { project: project.clone() }).await?;
    let vouched = was_vouched.then(|| "nobody vouches for it any more".to_owned());
    let used =
        (clients > 0).then(|| format!("the use of {} counts no more", count(clients as u64, "client", "clients")));
    let gone: Vec<String> = vouched.into_iter().chain(used).collect();
    if gone.is_empty() {
        return Err(Failure::new(format!(
            "{project} has no prior use: `namewarden gate learn --list` lists what persons vouch for"
        )));
    }
    say(&format!("{project}: {}\n", gone.join(", and ")));
    Ok(ExitCode::SUCCESS)
}

async fn list(call: &Call, format: Format) -> Result<ExitCode, Failure> {
    let mut after = String::new();
    loop {
        let page: LearnedProjects = ask(call, &GateQuestion::Learned { after: after.clone() }).await?;
        for of in &page.projects {
            match format {
                Format::Json => say_json(&row(of)?),
                Format::Human => say(&line(of)),
            }
        }
        match page.projects.last().filter(|_| page.more) {
            Some(last) => after.clone_from(&last.project),
            None => return Ok(ExitCode::SUCCESS),
        }
    }
}

fn row(of: &LearnedProject) -> Result<LearnedRelease, Failure> {
    let project = ProjectName::parse(&of.project).map_err(|error| Failure::failed(&error))?;
    let (version, learning, vouched) = (of.version.clone(), Learning::Known, Some(of.clone()));
    Ok(LearnedRelease { project, version, learning, vouched })
}

fn line(of: &LearnedProject) -> String {
    let at = of.at.format("%F %H:%M UTC");
    format!(
        "{}  by {}, {at}: {} of {}\n",
        harmless(&of.project),
        harmless(&of.by),
        harmless(&of.version),
        harmless(&of.source)
    )
}
