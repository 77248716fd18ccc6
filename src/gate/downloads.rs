//! How often projects are downloaded, by a list that the operator brings: the JSON of `hugovk/top-pypi-packages`, or CSV.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::PathBuf;

use chrono::{DateTime, NaiveDateTime, TimeDelta};
use serde::Deserialize;

use super::stamp::Stamp;
use crate::model::{ProjectName, Time};

/// Downloads of many projects, as of one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Downloads {
    of: HashMap<ProjectName, u64>,
    /// What was counted is of the days before.
    pub as_of: Time,
}

/// Where the list lies, and what was read there last.
#[derive(Debug)]
pub struct DownloadsList {
    path: PathBuf,
    seen: Option<Stamp>,
}

/// Why a list is none.
#[derive(Debug, thiserror::Error)]
#[error(
    "the downloads in {} cannot be used ({why}); write JSON with `last_update` and `rows`, or CSV with a first line \
     `# last_update: 2026-11-01T00:00:00Z` and the columns project and download_count, as [gate.consensus] downloads", path.display()
)]
pub struct DownloadsError {
    path: PathBuf,
    why: String,
}

/// A list is a few megabytes.
const LONGEST: u64 = 256 << 20;
/// Downloads are those of so many days: `hugovk/top-pypi-packages` counts 30.
const COUNTED: TimeDelta = TimeDelta::days(30);
/// Clocks differ, and time zones are mistaken.
const SKEW: TimeDelta = TimeDelta::hours(1);
/// Of the first line of CSV.
const DATED: &str = "# last_update:";

#[derive(Deserialize)]
struct Listed {
    last_update: String,
    rows: Vec<Row>,
}

#[derive(Deserialize)]
struct Row {
    project: String,
    download_count: u64,
}

impl DownloadsList {
    pub fn at(path: PathBuf) -> Self {
        Self { path, seen: None }
    }

    /// The downloads, where the file is another than at the last look: JSON where it begins with a brace, else CSV. The time of the file
    /// says nothing, since a copy is young.
    ///
    /// # Errors
    /// See [`DownloadsError`].
    pub fn look(&mut self, now: Time) -> Result<Option<Downloads>, DownloadsError> {
        let refused = |why: String| DownloadsError { path: self.path.clone(), why };
        let file = File::open(&self.path).map_err(|error| refused(error.to_string()))?;
        let stamp = Stamp::of(&file.metadata().map_err(|error| refused(error.to_string()))?);
        if self.seen == Some(stamp) {
            return Ok(None);
        }
        let text = text(file).map_err(|error| refused(error.to_string()))?;
        let downloads = Downloads::read(&text, now).map_err(refused)?;
        self.seen = Some(stamp);
        Ok(Some(downloads))
    }
}

impl Downloads {
    fn read(text: &str, now: Time) -> Result<Self, String> {
        let (rows, said) = if text.trim_start().starts_with('{') { json(text)? } else { csv(text)? };
        let as_of = time(&said).ok_or("its `last_update` is no time")?;
        if as_of > now + SKEW {
            return Err(format!("its `last_update` {said} is to come"));
        }
        let named =
            rows.into_iter().filter_map(|row| Some((ProjectName::parse(&row.project).ok()?, row.download_count)));
        let of: HashMap<ProjectName, u64> = named.collect();
        if of.is_empty() { Err("it names no project".to_owned()) } else { Ok(Self { of, as_of }) }
    }

    /// From when on downloads were counted: a project that was not there then has had another's.
    pub(super) fn since(&self) -> Time {
        self.as_of - COUNTED
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

fn json(text: &str) -> Result<(Vec<Row>, String), String> {
    let listed: Listed = serde_json::from_str(text).map_err(|error| error.to_string())?;
    Ok((listed.rows, listed.last_update))
}

fn csv(text: &str) -> Result<(Vec<Row>, String), String> {
    let (first, rest) = text.split_once('\n').unwrap_or((text, ""));
    let said = first.strip_prefix(DATED).ok_or_else(|| format!("its first line does not say `{DATED} TIME`"))?;
    let rows = csv::Reader::from_reader(rest.as_bytes()).deserialize().collect::<Result<_, _>>();
    Ok((rows.map_err(|error| error.to_string())?, said.trim().to_owned()))
}
