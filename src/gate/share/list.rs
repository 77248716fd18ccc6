//! One list: what an organisation installed and trusts, as it is written, and as it is read.

use std::collections::{BTreeSet, HashMap, HashSet};

use chrono::{SecondsFormat, TimeDelta};
use serde::{Deserialize, Serialize};

use crate::model::{ProjectName, Time};

/// The form below. Fields are added to it; what is read otherwise is of another number.
const FORMAT: u32 = 1;
/// Clocks differ.
const SKEW: TimeDelta = TimeDelta::hours(1);
/// Of SHA-256, in hexadecimal digits.
const DIGEST: usize = 64;

/// A release in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SharedRelease {
    pub project: ProjectName,
    pub version: String,
    /// Of its files that were installed, in lower case.
    pub sha256: BTreeSet<String>,
}

/// A list that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SharedList {
    /// As it calls itself.
    pub organisation: String,
    pub made_at: Time,
    /// How many it names.
    pub releases: usize,
    files: HashMap<ProjectName, HashSet<String>>,
}

/// A list as it lies there.
#[derive(Deserialize)]
struct Lying {
    organisation: String,
    made_at: Time,
    releases: Vec<SharedRelease>,
}

/// What tells how to read the rest.
#[derive(Deserialize)]
struct Numbered {
    format: u32,
}

/// The text of a list, a line for each release: the same for the same releases, in whatever order they come.
///
/// # Errors
/// Where something cannot be written as JSON.
pub fn written(organisation: &str, made_at: Time, releases: &[SharedRelease]) -> serde_json::Result<String> {
    let mut lines: Vec<String> = releases.iter().map(serde_json::to_string).collect::<Result<_, _>>()?;
    lines.sort_unstable();
    let (organisation, made_at) =
        (serde_json::to_string(organisation)?, made_at.to_rfc3339_opts(SecondsFormat::Secs, true));
    let head = format!("{{\n\"format\": {FORMAT},\n\"organisation\": {organisation},\n\"made_at\": \"{made_at}\",\n");
    let rows = if lines.is_empty() { String::new() } else { format!("\n{}\n", lines.join(",\n")) };
    Ok(format!("{head}\"releases\": [{rows}]\n}}\n"))
}

impl SharedList {
    /// Of what was seen to be signed; nothing else is parsed.
    pub(super) fn read(json: &[u8], now: Time) -> Result<Self, String> {
        let Numbered { format } = serde_json::from_slice(json).map_err(|error| error.to_string())?;
        if format != FORMAT {
            return Err(format!("it is of format {format}, and this namewarden reads {FORMAT}"));
        }
        let Lying { organisation, made_at, releases } =
            serde_json::from_slice(json).map_err(|error| error.to_string())?;
        if made_at > now + SKEW {
            return Err(format!("its `made_at` {made_at} is to come"));
        }
        let (mut files, number): (HashMap<_, HashSet<String>>, usize) = (HashMap::new(), releases.len());
        for SharedRelease { project, version, sha256 } in releases {
            if let Some(wrong) = sha256.iter().find(|digest| !is_digest(digest)) {
                return Err(format!("{wrong:?} of {project} {version:?} is no SHA-256 in lower case"));
            }
            files.entry(project).or_default().extend(sha256);
        }
        Ok(Self { organisation, made_at, releases: number, files })
    }

    /// One that nobody signed.
    #[cfg(test)]
    pub(in crate::gate) fn unsigned(json: &str) -> Self {
        Self::read(json.as_bytes(), Time::MAX_UTC - SKEW).expect("a list")
    }

    /// Does it name this file of this project? The same bytes under another name are another's.
    pub(super) fn names(&self, project: &ProjectName, sha256: &str) -> bool {
        self.files.get(project).is_some_and(|files| files.contains(sha256))
    }

    pub fn projects(&self) -> usize {
        self.files.len()
    }
}

fn is_digest(text: &str) -> bool {
    let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    text.len() == DIGEST && text.bytes().all(is_digit)
}
