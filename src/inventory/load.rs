//! From a path to a whole, valid inventory.

use std::io;
use std::path::{Path, PathBuf};

use super::draft::Draft;
use super::fingerprint::Fingerprint;
use super::{assemble, source_text, source_toml};
use crate::config::source::{Fault, Problem, Source, lines};
use crate::model::{Inventory, OwnerId};

/// Why there is no inventory. With a last good one in force this is a health finding, else exit 78.
#[derive(Debug, thiserror::Error)]
pub enum InventoryError {
    #[error("the inventory {} cannot be read; write one, or name another with the key `inventory` or --inventory FILE", path.display())]
    Read { path: PathBuf, source: io::Error },
    /// One problem a line.
    #[error("{}", lines(problems))]
    Invalid { problems: Vec<Problem> },
}

/// A good inventory and the state of the file it was read from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loaded {
    pub inventory: Inventory,
    /// Taken before the text was read: a change during reading is seen as a change.
    pub fingerprint: Fingerprint,
}

/// Reads TOML, CSV or plain text, by the name's ending, else by the look of the content. Watches without an owner go to
/// `default_owner`, who is added without channels if the file does not declare them.
///
/// # Errors
/// `Read`, or `Invalid` with every fault; an inventory without a single watch is invalid.
pub fn load(path: &Path, default_owner: &OwnerId) -> Result<Loaded, InventoryError> {
    let fingerprint = Fingerprint::of(path);
    let source = Source::read(path).map_err(|source| InventoryError::Read { path: path.to_owned(), source })?;
    let inventory = from_source(source, default_owner)?;
    Ok(Loaded { inventory, fingerprint })
}

/// The same from a text at hand.
///
/// # Errors
/// `Invalid`, as `load`.
pub fn from_source(source: Source, default_owner: &OwnerId) -> Result<Inventory, InventoryError> {
    let draft = draft(source)?;
    let (inventory, errors) = assemble::assemble(&draft, default_owner);
    let mut problems: Vec<Problem> = errors.into_iter().map(|lint| lint.problem).collect();
    if problems.is_empty() && inventory.watches.is_empty() {
        let fault = Fault::new("it holds no watch, so nothing would be protected", "add the names of your packages");
        problems.push(draft.source.problem(0, "", fault));
    }
    if problems.is_empty() { Ok(inventory) } else { Err(InventoryError::Invalid { problems }) }
}

/// Only the first half: what the file says.
///
/// # Errors
/// `Invalid` when the text is not of its form.
pub fn draft(source: Source) -> Result<Draft, InventoryError> {
    let draft = match Form::of(&source) {
        Form::Toml => source_toml::read(source),
        Form::Csv => source_text::read_csv(source),
        Form::Plain => Ok(source_text::read_plain(source)),
    };
    draft.map_err(|problems| InventoryError::Invalid { problems })
}

/// The three ways to write an inventory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Toml,
    Csv,
    Plain,
}

impl Form {
    fn of(source: &Source) -> Self {
        let ending = source.path().extension().and_then(|e| e.to_str()).map(str::to_lowercase);
        match ending.as_deref() {
            Some("toml") => Self::Toml,
            Some("csv" | "tsv") => Self::Csv,
            Some("txt" | "in") => Self::Plain,
            _ => Self::by_look(source.text()),
        }
    }

    /// The first line that is neither blank nor a comment tells: a section or an assignment is TOML, a header row with
    /// the column `name` is CSV.
    fn by_look(text: &str) -> Self {
        let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
        let first = lines.next().unwrap_or_default();
        let cells: Vec<String> =
            first.split([',', ';', '\t']).map(|c| c.trim().trim_matches('"').to_lowercase()).collect();
        if first.starts_with('[') || is_assignment(first) {
            Self::Toml
        } else if cells.len() > 1 && cells.iter().any(|cell| cell == "name") {
            Self::Csv
        } else {
            Self::Plain
        }
    }
}

/// `names = […]`, and neither `acme==1.0` nor `acme>=1.0`.
fn is_assignment(line: &str) -> bool {
    let is_key = |key: &str| key.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.\"' ".contains(&b));
    line.split_once('=').is_some_and(|(key, value)| is_key(key) && !value.starts_with('='))
}
