//! `gate share export` and `gate share import`: the list that others get of us, and theirs, brought to where the gate reads it.

use std::path::{Path, PathBuf};

use chrono::SubsecRound as _;

use super::super::call::Call;
use super::super::failure::Failure;
use super::super::output::say;
use super::super::tone::hint;
use super::ask::ask;
use crate::clock::Clock;
use crate::config::{self, SharedSource, is_organisation};
use crate::gate::GateQuestion;
use crate::gate::share::{
    SharedList, SharedListFile, SharedRelease, SharedReleases, opened, put, signature_of, written,
};
use crate::messages::hostile::line as harmless;
use crate::model::{Time, count};

/// What organisations share.
#[derive(Debug, clap::Subcommand)]
pub enum ShareVerb {
    /// Print what was installed here and is trusted, as a list to sign and to give to others.
    Export(ShareExportArgs),
    /// Verify another organisation's list by its key in the configuration, and put it where the gate reads it.
    Import(ShareImportArgs),
}

#[derive(Debug, clap::Args)]
pub struct ShareExportArgs {
    /// What others call this organisation; they write it into their configuration.
    #[arg(long, value_parser = organisation)]
    name: String,
}

#[derive(Debug, clap::Args)]
pub struct ShareImportArgs {
    /// The list; its signature is beside it, with .minisig at its end.
    file: PathBuf,
    /// Verify it, and put it nowhere.
    #[arg(long)]
    check: bool,
}

/// A list that was verified.
struct Verified<'s> {
    source: &'s SharedSource,
    list: SharedList,
}

fn organisation(text: &str) -> Result<String, String> {
    match is_organisation(text) {
        true => Ok(text.to_owned()),
        false => Err("write one short line, as globex".to_owned()),
    }
}

pub(super) async fn run(call: &Call, below: ShareVerb) -> Result<(), Failure> {
    match below {
        ShareVerb::Export(args) => export(call, &args.name).await,
        ShareVerb::Import(args) => import(call, &args),
    }
}

async fn export(call: &Call, name: &str) -> Result<(), Failure> {
    let (mut releases, mut after): (Vec<SharedRelease>, String) = (Vec::new(), String::new());
    loop {
        let page: SharedReleases = ask(call, &GateQuestion::Share { after }).await?;
        releases.extend(page.releases);
        match page.last {
            Some(last) => after = last,
            None => break,
        }
    }
    let made_at = Clock::System.now().trunc_subsecs(0);
    say(&written(name, made_at, &releases).map_err(|error| Failure::failed(&error))?);
    hint(&format!(
        "namewarden: {}; write it to a file, sign that with `minisign -S -m FILE`, and give away both, FILE.minisig too",
        count(releases.len(), "release", "releases")
    ));
    Ok(())
}

fn import(call: &Call, args: &ShareImportArgs) -> Result<(), Failure> {
    let sources = config::load_sealed(&call.path(), &call.environment)?.gate.consensus.shared;
    let (bytes, signature) = (read(&args.file)?, read(&signature_of(&args.file))?);
    let now = Clock::System.now();
    let Verified { source, list } = verified(&sources, &bytes, &signature, now)
        .map_err(|why| Failure::new(format!("{} is not taken: {why}", args.file.display())))?;
    newer(source, &list, now)?;
    let words = words(source, &list);
    if args.check {
        say(&format!("{words}: good, and put nowhere"));
        return Ok(());
    }
    let at = &source.list;
    put(at, &bytes, &signature).map_err(|error| {
        Failure::new(format!(
            "{} cannot be written ({error}); make its directory, or run this as its owner",
            at.display()
        ))
    })?;
    say(&format!("{words}: put at {}, which the gate reads again every 30 s", at.display()));
    Ok(())
}

fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    std::fs::read(path).map_err(|error| {
        let what = "give the list, with its signature beside it, FILE.minisig";
        Failure::new(format!("{} cannot be read ({error}); {what}", path.display()))
    })
}

/// Whose it is says its key.
fn verified<'s>(sources: &'s [SharedSource], list: &[u8], signature: &[u8], now: Time) -> Result<Verified<'s>, String> {
    let mut refused = Vec::new();
    for source in sources {
        match opened(source, list, signature, now) {
            Ok(list) => return Ok(Verified { source, list }),
            Err(why) => refused.push(format!("as that of {}, {why}", source.name)),
        }
    }
    match refused.is_empty() {
        true => Err("nobody's lists are read; write their name, list and key as [gate.consensus] shared".to_owned()),
        false => Err(refused.join("; ")),
    }
}

/// Whoever has an old list may want back what its organisation has taken out since.
fn newer(source: &SharedSource, list: &SharedList, now: Time) -> Result<(), Failure> {
    match SharedListFile::at(source.clone()).look(now) {
        Ok(Some(there)) if there.made_at > list.made_at => Err(Failure::new(format!(
            "the list of {} that lies at {} was made {}, after this one, of {}: ask them for a newer one",
            source.name,
            source.list.display(),
            there.made_at,
            list.made_at
        ))),
        // One that cannot be used is no better.
        Ok(_) | Err(_) => Ok(()),
    }
}

fn words(source: &SharedSource, list: &SharedList) -> String {
    let (releases, projects) =
        (count(list.releases, "release", "releases"), count(list.projects(), "project", "projects"));
    let made_at = list.made_at.format("%F %H:%M UTC");
    format!("{}: {releases} of {projects}, made {made_at}, signed by {}", harmless(&source.name), source.key)
}
