//! `Draft`: an inventory as written, before anything is believed.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use crate::config::source::{Fault, Source};
use crate::model::claim::Terms;
use crate::model::inventory::Registrants;
use crate::model::{Owner, OwnerId, Registry, WatchKind};

/// Everything one file says. Offsets point into `source`.
#[derive(Clone, Debug)]
pub struct Draft {
    pub source: Source,
    pub owners: BTreeMap<OwnerId, Owner>,
    /// In the order of the file.
    pub entries: Vec<DraftWatch>,
    pub registrants: Registrants,
    pub suppressions: Vec<SuppressEntry>,
    pub listed: Vec<ListedEntry>,
    /// What stands where an entry is expected and is none, by its place.
    pub faults: Vec<(usize, Fault)>,
}

impl Draft {
    pub fn new(source: Source) -> Self {
        Self {
            source,
            owners: BTreeMap::new(),
            entries: Vec::new(),
            registrants: Registrants::default(),
            suppressions: Vec::new(),
            listed: Vec::new(),
            faults: Vec::new(),
        }
    }
}

/// One watch as written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DraftWatch {
    pub registry: Registry,
    pub kind: WatchKind,
    /// The spelling, white space trimmed; may be invalid.
    pub text: String,
    /// Byte offset of the spelling.
    pub at: usize,
    /// `None`: the default owner's.
    pub owner: Option<String>,
    pub exclusive: bool,
    pub guard: bool,
    pub latest_version: Option<String>,
    pub first_use: Option<NaiveDate>,
    pub index: Option<String>,
    pub terms: Terms,
}

impl DraftWatch {
    /// `text` begins with the registry where that is not PyPI: `npm:acme-billing`.
    pub fn new(kind: WatchKind, text: &str, at: usize) -> Self {
        let (registry, text) = Registry::split(text.trim());
        Self {
            registry,
            kind,
            text: text.to_owned(),
            at,
            owner: None,
            exclusive: false,
            guard: false,
            latest_version: None,
            first_use: None,
            index: None,
            terms: Terms::default(),
        }
    }

    /// `acme-*` is a prefix, `brand:acme` a brand word, all else a name; `acme==1.2` carries its version. All of it may begin
    /// with a registry.
    pub fn from_label(label: &str, at: usize) -> Self {
        let (registry, label) = Registry::split(label.trim());
        Self { registry, ..Self::at_pypi(label, at) }
    }

    fn at_pypi(label: &str, at: usize) -> Self {
        if let Some(word) = label.strip_prefix("brand:") {
            return Self::new(WatchKind::Brand, word, at);
        }
        if label.ends_with('*') && !label.contains("==") {
            return Self::new(WatchKind::Prefix, label, at);
        }
        match label.split_once("==") {
            Some((name, version)) => {
                Self { latest_version: Some(version.trim().to_owned()), ..Self::new(WatchKind::Name, name, at) }
            }
            None => Self::new(WatchKind::Name, label, at),
        }
    }
}

/// One suppression as written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SuppressEntry {
    pub project: String,
    pub at: usize,
    /// `acme-billing`, `acme-*` or `brand:acme`.
    pub watch: Option<String>,
    pub rule: Option<String>,
    pub reason: String,
}

/// Look-alikes of one watch as written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedEntry {
    /// `acme-billing`, `acme-*` or `brand:acme`.
    pub watch: DraftWord,
    pub names: Vec<DraftWord>,
}

/// A word as written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DraftWord {
    /// White space trimmed; may be invalid.
    pub text: String,
    /// Byte offset of its first character.
    pub at: usize,
}

impl DraftWord {
    pub fn new(text: &str, at: usize) -> Self {
        Self { text: text.trim().to_owned(), at }
    }
}
