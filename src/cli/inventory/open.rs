//! The file to import, with those that its requirements name.

use std::collections::BTreeSet;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use super::folder;
use crate::config::source::{Fault, MOST, Source};
use crate::lists::{Digests, Package, ResolvedFrom, UploadTimes, digests, read_capped, upload_times};
use crate::model::{OwnerId, ProjectName, Watch};
use crate::watchlist::{Given, Harvest, InventoryError, decoded, from_source, given, unread};

/// Through how many files `-r` may lead.
const DEEPEST: usize = 8;

/// A file that was read, with those that it names.
pub struct Opened {
    pub(super) source: Source,
    pub(super) given: Given,
    /// Folders whose projects nobody could name.
    pub(super) unnamed: Vec<String>,
    /// What is called as its names are, and was not read as one.
    pub(super) unread: Vec<String>,
}

impl Opened {
    /// Takes the index that is watched for PyPI, where a lock file is resolved from it: a mirror, for instance.
    pub fn resolved_from(&mut self, watched: &str) {
        let Given::Packages(harvest) = &mut self.given else { return };
        let below =
            |index: &str| index.strip_prefix(watched).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        for package in &mut harvest.packages {
            if matches!(&package.origin, ResolvedFrom::Index(index) if below(index)) {
                package.origin = ResolvedFrom::Pypi;
            }
        }
    }

    /// What it names besides its packages, and no reader takes for one.
    pub(super) fn aside(&self) -> (Vec<String>, Vec<String>) {
        let Given::Packages(harvest) = &self.given else { return Default::default() };
        (harvest.aside.clone(), harvest.foreign.clone())
    }

    /// All that it names, with the versions that it pins.
    ///
    /// # Errors
    /// When it is a list of names, and one of them is none.
    pub fn packages(self) -> Result<Vec<Package>, InventoryError> {
        match self.given {
            Given::Packages(harvest) => Ok(harvest.packages),
            Given::Inventory(source) => bare(source),
        }
    }

    /// The releases that it pins by digest, those of files aside that it names.
    pub fn digests(&self) -> Digests {
        digests(&self.source)
    }

    /// When the files of those were uploaded, as far as it says.
    pub fn upload_times(&self) -> UploadTimes {
        upload_times(&self.source)
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
    let (given, unnamed) = with_folders(given, path.parent().unwrap_or(Path::new("")));
    Ok(Opened { unread: unread(&source), source, given, unnamed })
}

/// With the projects of the folders that it names.
fn with_folders(given: Given, beside: &Path) -> (Given, Vec<String>) {
    let Given::Packages(mut harvest) = given else { return (given, Vec::new()) };
    let mut unnamed = Vec::new();
    for path in std::mem::take(&mut harvest.locals) {
        match folder::project(beside, &path) {
            Some(package) => harvest.packages.push(package),
            None => unnamed.push(path),
        }
    }
    (Given::Packages(harvest), unnamed)
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
            Given::Packages(inner) => {
                let inner = followed(&beside, inner, above)?;
                harvest.packages.extend(inner.packages);
                harvest.locals.extend(inner.locals);
                harvest.aside.extend(inner.aside);
                harvest.foreign.extend(inner.foreign);
            }
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
        origin: ResolvedFrom::Unsaid,
        at: 0,
    };
    Ok(inventory.watches.values().map(package).collect())
}
