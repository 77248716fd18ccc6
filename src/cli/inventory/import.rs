//! `namewarden inventory import`: a file in any form as TOML, and what its new watches would have alerted.

use std::collections::BTreeSet;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use super::public::{self, Surroundings};
use super::which::{configured, settings};
use super::{remarks, tally};
use crate::cli::tone::hint;
use crate::cli::{Failure, index_file, preview, say};
use crate::config::Environment;
use crate::config::source::{Fault, MOST, Source};
use crate::inventory::{
    Given, Harvest, InventoryError, LintKind, decoded, draft, from_source, given, lint as judge, of_packages, sift,
    to_toml,
};
use crate::lists::{Origin, Package, read_capped};
use crate::model::{Inventory, OwnerId, ProjectName, Watch};

/// Through how many files `-r` may lead.
const DEEPEST: usize = 8;

#[derive(Debug, Default, clap::Args)]
pub struct ImportArgs {
    /// A table (name, kind, owner, latest_version, first_use, index, watch), a list in any format, a lock file, or TOML;
    /// `-` for standard input.
    pub file: PathBuf,
    /// Owner of the watches that name none. Default: that of the configuration, else `security`.
    #[arg(long, value_name = "ID")]
    pub owner: Option<String>,
    /// Also watch what a lock file, requirements or `pip freeze` take from PyPI, or what already stands there.
    #[arg(long)]
    pub include_public: bool,
    /// Take this index, a file or an http(s) address, for what stands on PyPI, instead of what the daemon knows.
    #[arg(long, value_name = "FILE|URL")]
    pub index: Option<String>,
    /// End with status 3 when what is new would have alerted or paged for more names than this.
    #[arg(long, value_name = "N")]
    pub budget: Option<usize>,
    /// Do not preview what the new watches would have alerted.
    #[arg(long, conflicts_with = "budget")]
    pub no_preview: bool,
}

/// A file turned into TOML.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Imported {
    /// For standard output.
    pub toml: String,
    /// For standard error: what was left out, repetitions of the old file, then what lint says of the new one.
    pub remarks: String,
    pub inventory: Inventory,
}

/// A file that was read, with those that it names.
pub struct Opened {
    source: Source,
    given: Given,
}

impl Opened {
    /// Takes the index that is watched for PyPI, where a lock file is resolved from it: a mirror, for instance.
    pub fn resolved_from(&mut self, watched: &str) {
        let Given::Packages(harvest) = &mut self.given else { return };
        let below =
            |index: &str| index.strip_prefix(watched).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        for package in &mut harvest.packages {
            if matches!(&package.origin, Origin::Index(index) if below(index)) {
                package.origin = Origin::Pypi;
            }
        }
    }

    /// Names that may be anybody's; none of an inventory, which somebody wrote.
    pub fn names(&self) -> BTreeSet<ProjectName> {
        let Given::Packages(harvest) = &self.given else { return BTreeSet::new() };
        harvest.packages.iter().filter_map(|package| ProjectName::parse(&package.name).ok()).collect()
    }
}

/// Reads the file, and the files that requirements name with `-r`.
///
/// # Errors
/// When one cannot be read, or is not of its form.
pub fn open(path: &Path) -> Result<Opened, InventoryError> {
    let source = text(path)?;
    let given = match given(source.clone())? {
        Given::Packages(harvest) => Given::Packages(followed(path, harvest, &mut Vec::new())?),
        inventory @ Given::Inventory(_) => inventory,
    };
    Ok(Opened { source, given })
}

fn text(path: &Path) -> Result<Source, InventoryError> {
    let is_standard = path == Path::new("-");
    let bytes = match is_standard {
        true => read_capped(io::stdin().lock(), MOST),
        false => File::open(path).and_then(|file| read_capped(file, MOST)),
    };
    let path = if is_standard { Path::new("standard input") } else { path };
    decoded(path, bytes.map_err(|source| InventoryError::File { path: path.to_owned(), source })?)
}

/// With the files of `-r`, which stand beside the one that names them, as pip has it. `above` are those that led here;
/// a file that is among them would be read again, and again.
fn followed(path: &Path, mut harvest: Harvest, above: &mut Vec<PathBuf>) -> Result<Harvest, InventoryError> {
    let directory = path.parent().unwrap_or(Path::new(""));
    above.push(path.canonicalize().unwrap_or_else(|_| path.to_owned()));
    for (other, mut problem) in std::mem::take(&mut harvest.others) {
        let beside = directory.join(&other);
        if beside.canonicalize().is_ok_and(|whole| above.contains(&whole)) {
            continue;
        }
        if let Some(fault) = unfollowed(path, &other, &beside, above.len()) {
            problem.fault = fault;
            return Err(InventoryError::Invalid { problems: vec![problem] });
        }
        match given(text(&beside)?)? {
            Given::Packages(inner) => harvest.packages.extend(followed(&beside, inner, above)?.packages),
            // Bare names: requirements without versions.
            Given::Inventory(source) => harvest.packages.extend(bare(source)?),
        }
    }
    above.pop();
    Ok(harvest)
}

/// Why another file is not read, and what to do.
fn unfollowed(path: &Path, other: &str, beside: &Path, depth: usize) -> Option<Fault> {
    if other.contains("://") {
        return Some(Fault::new(
            format!("{other:?} is an address, and none is asked for here"),
            "fetch it into a file, and name that with -r",
        ));
    }
    if path == Path::new("-") {
        let what = format!("standard input does not say in which folder {other:?} is");
        return Some(Fault::new(what, "name the file, instead of piping it"));
    }
    if depth > DEEPEST {
        return Some(Fault::new(
            format!("-r leads through more than {DEEPEST} files"),
            "import the innermost by itself",
        ));
    }
    let missing = File::open(beside).err()?;
    Some(Fault::new(
        format!("{} cannot be read: {missing}", beside.display()),
        "a path behind -r begins at the folder of the file that names it: correct it, or take the line out",
    ))
}

fn bare(source: Source) -> Result<Vec<Package>, InventoryError> {
    let inventory = from_source(source, &OwnerId(String::new()))?;
    let package = |watch: &Watch| Package {
        name: watch.display.clone(),
        version: watch.latest_version.clone(),
        origin: Origin::Unsaid,
        at: 0,
    };
    Ok(inventory.watches.values().map(package).collect())
}

/// The TOML, and what has to be said of it.
///
/// # Errors
/// When the file holds an error, or nothing of one's own: nothing is left out in silence.
pub fn import(
    opened: Opened,
    args: &ImportArgs,
    default_owner: &OwnerId,
    known: &Surroundings,
) -> Result<Imported, InventoryError> {
    let default_owner = args.owner.clone().map_or_else(|| default_owner.clone(), OwnerId);
    let Opened { source, given } = opened;
    let (inventory, left_out, mut lints) = match given {
        Given::Packages(harvest) if !args.include_public => {
            let watched = |name: &ProjectName| known.watched.contains_key(name);
            let sifted = sift(harvest.packages, known.standing.as_ref(), &watched);
            let inventory = match sifted.kept.is_empty() {
                true => return Err(public::nothing(&source, &sifted)),
                false => of_packages(source, &sifted.kept, &default_owner)?,
            };
            (inventory, public::remarks(&sifted, known), Vec::new())
        }
        Given::Packages(harvest) => {
            let kept = sift(harvest.packages, None, &|_| false);
            let all = [kept.kept, kept.from_pypi].concat();
            (of_packages(source, &all, &default_owner)?, String::new(), Vec::new())
        }
        Given::Inventory(source) => {
            let mut lints = judge(&draft(source.clone())?, &default_owner);
            lints.retain(|lint| lint.kind == LintKind::Duplicate);
            (from_source(source, &default_owner)?, String::new(), lints)
        }
    };
    let toml = to_toml(&inventory);
    lints.extend(judge(&draft(Source::new(Path::new("inventory.toml"), toml.clone()))?, &default_owner));
    Ok(Imported { remarks: left_out + &remarks(&lints) + &tally(&lints), toml, inventory })
}

pub(super) async fn run(
    config: Option<&Path>,
    environment: &Environment,
    args: &ImportArgs,
) -> Result<ExitCode, Failure> {
    let index = args.index.as_deref();
    if index == Some("-") && args.file == Path::new("-") {
        return Err(Failure::usage(
            "only one of FILE and --index can be standard input; write one into a file".to_owned(),
        ));
    }
    let (_, owner) = configured(config, environment, Some(&args.file))?;
    let mut opened = open(&args.file).map_err(|e| Failure::failed(&e))?;
    if let Some(settings) = settings(config, environment)? {
        opened.resolved_from(&settings.pypi.base);
    }
    // Read once: it may be a pipe.
    let index = match index {
        Some(index) => Some(index_file::read(index, config, environment).await?),
        None => None,
    };
    let known = match args.include_public {
        true => Surroundings::default(),
        false => Surroundings {
            standing: public::standing(config, environment, index.as_ref(), &opened.names()).await?,
            watched: public::watched(config, environment, &opened.names()).await?,
        },
    };
    let imported = import(opened, args, &owner, &known).map_err(|e| Failure::failed(&e))?;
    say(&imported.toml);
    hint(&imported.remarks);
    if args.no_preview {
        return Ok(ExitCode::SUCCESS);
    }
    let must = index.is_some() || args.budget.is_some();
    match preview::of_import(config, environment, &imported.inventory, index, args.budget).await {
        // The TOML is good all the same; only who asked for more than that is refused.
        Err(failure) if !must => {
            hint(&format!("no preview was made: {failure}"));
            Ok(ExitCode::SUCCESS)
        }
        outcome => outcome,
    }
}
