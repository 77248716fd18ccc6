//! How often projects are downloaded, and how many others depend on them, by lists that the operator brings: JSON, or CSV.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::PathBuf;

use chrono::{DateTime, NaiveDateTime, TimeDelta};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::stamp::Stamp;
use crate::config::source::open_regular;
use crate::model::{ProjectName, Time};

/// What a list counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CountedUse {
    /// Of 30 days, as `hugovk/top-pypi-packages` has them.
    Downloads,
    /// Projects that ask for this one.
    Dependents,
}

/// Numbers of many projects, as of one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counts {
    what: CountedUse,
    of: HashMap<ProjectName, u64>,
    /// What was counted is of the days before.
    pub as_of: Time,
}

/// Where a list lies, and what was read there last.
#[derive(Debug)]
pub struct CountsList {
    what: CountedUse,
    path: PathBuf,
    seen: Option<Stamp>,
}

/// Why a list is none.
#[derive(Debug, thiserror::Error)]
#[error(
    "the {key} in {} cannot be used ({why}); write JSON with `last_update` and `rows`, or CSV with a first line \
     `# last_update: 2026-11-01T00:00:00Z` and the columns project and {column}, as [gate.consensus] {key}",
    path.display(), key = what.key(), column = what.column()
)]
pub struct CountsError {
    what: CountedUse,
    path: PathBuf,
    why: String,
}

/// A list is a few megabytes.
const LONGEST: u64 = 256 << 20;
/// Clocks differ, and time zones are mistaken.
const SKEW: TimeDelta = TimeDelta::hours(1);
/// Of the first line of CSV.
const DATED: &str = "# last_update:";

#[derive(Deserialize)]
struct Listed<Row> {
    last_update: String,
    rows: Vec<Row>,
}

#[derive(Deserialize)]
struct DownloadsRow {
    project: String,
    download_count: u64,
}

#[derive(Deserialize)]
struct DependentsRow {
    project: String,
    dependents: u64,
}

impl From<DownloadsRow> for (String, u64) {
    fn from(row: DownloadsRow) -> Self {
        (row.project, row.download_count)
    }
}

impl From<DependentsRow> for (String, u64) {
    fn from(row: DependentsRow) -> Self {
        (row.project, row.dependents)
    }
}

impl CountedUse {
    /// Of the configuration, and in words.
    pub fn key(self) -> &'static str {
        match self {
            Self::Downloads => "downloads",
            Self::Dependents => "dependents",
        }
    }

    fn column(self) -> &'static str {
        match self {
            Self::Downloads => "download_count",
            Self::Dependents => "dependents",
        }
    }

    /// For so long before the list was made a project has to be there: what was counted may have been another's. Who asks for a name goes on to
    /// ask for it when it is another's, until the next release.
    fn before(self) -> TimeDelta {
        match self {
            Self::Downloads => TimeDelta::days(30),
            Self::Dependents => TimeDelta::days(365),
        }
    }
}

impl CountsList {
    pub fn at(what: CountedUse, path: PathBuf) -> Self {
        Self { what, path, seen: None }
    }

    pub fn what(&self) -> CountedUse {
        self.what
    }

    /// The numbers, where the file is another than at the last look: JSON where it begins with a brace, else CSV. The time of the file
    /// says nothing, since a copy is young.
    ///
    /// # Errors
    /// See [`CountsError`].
    pub fn look(&mut self, now: Time) -> Result<Option<Counts>, CountsError> {
        let refused = |why: String| CountsError { what: self.what, path: self.path.clone(), why };
        let file = open_regular(&self.path).map_err(|error| refused(error.to_string()))?;
        let stamp = Stamp::of(&file.metadata().map_err(|error| refused(error.to_string()))?);
        if self.seen == Some(stamp) {
            return Ok(None);
        }
        let text = text(file).map_err(|error| refused(error.to_string()))?;
        let counts = Counts::read(self.what, &text, now).map_err(refused)?;
        self.seen = Some(stamp);
        Ok(Some(counts))
    }
}

impl Counts {
    fn read(what: CountedUse, text: &str, now: Time) -> Result<Self, String> {
        let (rows, said) = match what {
            CountedUse::Downloads => rows::<DownloadsRow>(text)?,
            CountedUse::Dependents => rows::<DependentsRow>(text)?,
        };
        let as_of = time(&said).ok_or("its `last_update` is no time")?;
        if as_of > now + SKEW {
            return Err(format!("its `last_update` {said} is to come"));
        }
        let named = rows.into_iter().filter_map(|(name, count)| Some((ProjectName::parse(&name).ok()?, count)));
        let of: HashMap<ProjectName, u64> = named.collect();
        if of.is_empty() { Err("it names no project".to_owned()) } else { Ok(Self { what, of, as_of }) }
    }

    pub fn what(&self) -> CountedUse {
        self.what
    }

    /// Every project that is listed, in no order.
    pub(super) fn all(&self) -> impl Iterator<Item = (&ProjectName, u64)> {
        self.of.iter().map(|(project, number)| (project, *number))
    }

    #[cfg(test)]
    pub(super) fn made(what: CountedUse, of: impl Iterator<Item = (ProjectName, u64)>) -> Self {
        Self { what, of: of.collect(), as_of: Time::UNIX_EPOCH }
    }

    /// A project that was not there then may have another's.
    pub(super) fn since(&self) -> Time {
        self.as_of - self.what.before()
    }

    /// 0: it is not listed.
    pub(super) fn of(&self, project: &ProjectName) -> u64 {
        self.of.get(project).copied().unwrap_or_default()
    }
}

fn text(file: File) -> io::Result<String> {
    let mut text = String::new();
    if file.take(LONGEST + 1).read_to_string(&mut text)? as u64 > LONGEST {
        return Err(io::Error::other(format!("it is longer than {} MB", LONGEST >> 20)));
    }
    Ok(text)
}

/// As RFC 3339 has it, or as the list writes it, of UTC.
fn time(said: &str) -> Option<Time> {
    let written = || NaiveDateTime::parse_from_str(said, "%Y-%m-%d %H:%M:%S").map(|time| time.and_utc());
    DateTime::parse_from_rfc3339(said).map(|time| time.to_utc()).or_else(|_| written()).ok()
}

/// Each project with its number, and of when they are.
fn rows<Row: DeserializeOwned + Into<(String, u64)>>(text: &str) -> Result<(Vec<(String, u64)>, String), String> {
    let (rows, said) = if text.trim_start().starts_with('{') { json::<Row>(text)? } else { csv::<Row>(text)? };
    Ok((rows.into_iter().map(Into::into).collect(), said))
}

fn json<Row: DeserializeOwned>(text: &str) -> Result<(Vec<Row>, String), String> {
    let listed: Listed<Row> = serde_json::from_str(text).map_err(|error| error.to_string())?;
    Ok((listed.rows, listed.last_update))
}

fn csv<Row: DeserializeOwned>(text: &str) -> Result<(Vec<Row>, String), String> {
    let (first, rest) = text.split_once('\n').unwrap_or((text, ""));
    let said = first.strip_prefix(DATED).ok_or_else(|| format!("its first line does not say `{DATED} TIME`"))?;
    let rows = csv::Reader::from_reader(rest.as_bytes()).deserialize().collect::<Result<_, _>>();
    Ok((rows.map_err(|error| error.to_string())?, said.trim().to_owned()))
}
