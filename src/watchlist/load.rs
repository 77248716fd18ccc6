//! From a path to a whole, valid inventory.

use std::io;
use std::path::{Path, PathBuf};

use super::draft::Draft;
use super::fingerprint::Fingerprint;
use super::lint::Lint;
use super::linting::{empty, remarks};
use super::{assemble, source_list, source_table, source_toml};
use crate::config::access;
use crate::config::source::{Fault, MOST, Problem, Source, lines, open_regular};
use crate::lists::{self, Form, List, read_capped};
use crate::model::{Inventory, OwnerId};

/// Why there is no inventory. With a last good one in force this is a health finding, else exit 78.
#[derive(Debug, thiserror::Error)]
pub enum InventoryError {
    #[error("the inventory {} cannot be read; write one, or name another with the key `inventory`", path.display())]
    Read { path: PathBuf, source: io::Error },
    #[error("the inventory {} is closed to {}; {remedy}", path.display(), access::refused_user())]
    Closed { path: PathBuf, remedy: String },
    /// A file that was named on the command line.
    #[error("{} cannot be read", path.display())]
    File { path: PathBuf, source: io::Error },
    /// One problem a line.
    #[error("{}", lines(problems))]
    Invalid { problems: Vec<Problem> },
}

impl InventoryError {
    /// The same of a file that was named on the command line, where no key of the configuration is to blame.
    #[must_use]
    pub fn of_argument(self) -> Self {
        match self {
            Self::Read { path, source } => Self::File { path, source },
            other => other,
        }
    }
}

/// A good inventory and the state of the file it was read from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loaded {
    pub inventory: Inventory,
    /// Taken before the text was read: a change during reading is seen as a change.
    pub fingerprint: Fingerprint,
}

/// What a draft comes to.
#[derive(Debug)]
pub struct Examined {
    /// As `from_draft` gives it.
    pub inventory: Result<Inventory, InventoryError>,
    /// All that is to be said of the draft, in the order of the file.
    pub lints: Vec<Lint>,
}

/// Reads TOML, a table, or any list of names (`crate::lists`). Watches without an owner go to
/// `default_owner`, who is added without channels if the file does not declare them.
///
/// # Errors
/// `Read`, or `Invalid` with every fault; an inventory without a single watch is invalid.
pub fn load(path: &Path, default_owner: &OwnerId) -> Result<Loaded, InventoryError> {
    let fingerprint = Fingerprint::of(path);
    let inventory = from_source(read(path)?, default_owner)?;
    Ok(Loaded { inventory, fingerprint })
}

/// The same from a text at hand.
///
/// # Errors
/// `Invalid`, as `load`.
pub fn from_source(source: Source, default_owner: &OwnerId) -> Result<Inventory, InventoryError> {
    from_draft(&draft(source)?, default_owner)
}

/// A draft without errors, and with at least one watch.
///
/// # Errors
/// `Invalid`.
pub(super) fn from_draft(draft: &Draft, default_owner: &OwnerId) -> Result<Inventory, InventoryError> {
    let (inventory, errors) = assemble::assemble(draft, default_owner);
    faultless(draft, inventory, errors)
}

fn faultless(draft: &Draft, inventory: Inventory, errors: Vec<Lint>) -> Result<Inventory, InventoryError> {
    let mut problems: Vec<Problem> = errors.into_iter().map(|lint| lint.problem).collect();
    problems.extend(empty(draft, &inventory).filter(|_| problems.is_empty()).map(|lint| lint.problem));
    if problems.is_empty() { Ok(inventory) } else { Err(InventoryError::Invalid { problems }) }
}

/// The inventory of a draft, and what is to be said of it: for whoever needs both, as it is assembled once.
pub fn examine(draft: &Draft, default_owner: &OwnerId) -> Examined {
    let (inventory, errors) = assemble::assemble(draft, default_owner);
    let lints = remarks(draft, &inventory, errors.clone(), default_owner);
    Examined { inventory: faultless(draft, inventory, errors), lints }
}

/// The text of a file, unzipped and decoded.
///
/// # Errors
/// `Read`, or `Invalid` when it is no text, or a text of which some cannot be decoded.
pub fn read(path: &Path) -> Result<Source, InventoryError> {
    let bytes = open_regular(path).and_then(|file| read_capped(file, MOST));
    decoded(path, bytes.map_err(|source| unread(path, source))?)
}

/// What is there and closed has another remedy than what is not there.
fn unread(path: &Path, source: io::Error) -> InventoryError {
    match source.kind() {
        io::ErrorKind::PermissionDenied => {
            InventoryError::Closed { path: path.to_owned(), remedy: access::of_service(path) }
        }
        _ => InventoryError::Read { path: path.to_owned(), source },
    }
}

/// The same of bytes at hand.
///
/// # Errors
/// `Invalid`, as `read`.
pub fn decoded(path: &Path, bytes: Vec<u8>) -> Result<Source, InventoryError> {
    let invalid = |problem| InventoryError::Invalid { problems: vec![problem] };
    let decoded = lists::decode(path, bytes, MOST).map_err(invalid)?;
    // An owner in letters that nobody wrote could not be told anything.
    decoded.damage.map_or(Ok(decoded.source), |damage| Err(invalid(damage)))
}

/// Only the first half: what the file says.
///
/// # Errors
/// `Invalid` when the text is not of its form.
pub fn draft(source: Source) -> Result<Draft, InventoryError> {
    let invalid = |problems| InventoryError::Invalid { problems };
    let list = List::of(source).map_err(|problem| invalid(vec![problem]))?;
    let draft = match list.form {
        Form::Inventory => source_toml::read(list.source),
        Form::Table(separator) => source_table::read(list.source, separator),
        Form::Lock(lock) => Err(vec![list.source.problem(0, "", locked(lock.name()))]),
        Form::Environment => match source_list::read(list) {
            Ok(draft) if draft.faults.is_empty() => {
                Err(vec![draft.source.problem(0, "", locked("an environment.yml"))])
            }
            read => read.map_err(|problem| vec![problem]),
        },
        _ => source_list::read(list).map_err(|problem| vec![problem]),
    };
    draft.map_err(invalid)
}

/// Most of what a lock file lists is from PyPI, and to be told of all that would be to be told of nothing.
fn locked(file: &str) -> Fault {
    let what = format!("it is {file}, which lists also what is from PyPI");
    Fault::new(what, "make an inventory of what is yours in it: namewarden inventory import FILE")
}
