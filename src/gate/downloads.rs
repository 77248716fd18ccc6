//! How often projects are downloaded, by a list that the operator brings: the JSON of `hugovk/top-pypi-packages`, or CSV.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::{fs, io};

use chrono::{DateTime, NaiveDateTime};
use serde::Deserialize;

use crate::model::{ProjectName, Time};

/// Downloads of many projects, as of one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Downloads {
    of: HashMap<ProjectName, u64>,
    /// What came later is another's.
    pub as_of: Time,
}

/// Why a list is none.
#[derive(Debug, thiserror::Error)]
#[error(
    "the downloads in {} cannot be used ({why}); write JSON with `last_update` and `rows`, or CSV with the columns project and \
     download_count, as [gate.consensus] downloads", path.display()
)]
pub struct DownloadsError {
    path: PathBuf,
    why: String,
}

/// A list is a few megabytes.
const LONGEST: u64 = 256 << 20;

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

impl Downloads {
    /// From a file: JSON where it begins with a brace, else CSV, which is as old as its file.
    ///
    /// # Errors
    /// See [`DownloadsError`].
    pub fn read(path: &Path) -> Result<Self, DownloadsError> {
        let refused = |why: String| DownloadsError { path: path.to_owned(), why };
        let (text, written) = text(path).map_err(|error| refused(error.to_string()))?;
        let read =
            if text.trim_start().starts_with('{') { json(&text) } else { csv(&text).map(|rows| (rows, written)) };
        let (rows, as_of) = read.map_err(refused)?;
        let of: HashMap<ProjectName, u64> = rows
            .into_iter()
            .filter_map(|row| Some((ProjectName::parse(&row.project).ok()?, row.download_count)))
            .collect();
        if of.is_empty() { Err(refused("it names no project".to_owned())) } else { Ok(Self { of, as_of }) }
    }

    /// 0: it is not listed.
    pub(super) fn of(&self, project: &ProjectName) -> u64 {
        self.of.get(project).copied().unwrap_or_default()
    }
}

/// With when it was written.
fn text(path: &Path) -> io::Result<(String, Time)> {
    let of = fs::metadata(path)?;
    if of.len() > LONGEST {
        return Err(io::Error::other(format!("it is longer than {} MB", LONGEST >> 20)));
    }
    Ok((fs::read_to_string(path)?, of.modified()?.into()))
}

fn json(text: &str) -> Result<(Vec<Row>, Time), String> {
    let listed: Listed = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let day = || NaiveDateTime::parse_from_str(&listed.last_update, "%Y-%m-%d %H:%M:%S").map(|time| time.and_utc());
    let as_of = DateTime::parse_from_rfc3339(&listed.last_update).map(|time| time.to_utc()).or_else(|_| day());
    Ok((listed.rows, as_of.map_err(|_| "its `last_update` is no time".to_owned())?))
}

fn csv(text: &str) -> Result<Vec<Row>, String> {
    csv::Reader::from_reader(text.as_bytes()).deserialize().collect::<Result<_, _>>().map_err(|error| error.to_string())
}
