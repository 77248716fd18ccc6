//! What `pip list` prints: a title row, a row of dashes, then name and version, with more columns behind.

use super::form::is_line_end;
use super::requirement::is_version;
use super::{Each, Said};
use crate::config::source::Fault;
use crate::model::ProjectName;

/// Where the first row begins, if this is such a table. Its warnings may stand before it.
pub(super) fn header(text: &str) -> Option<usize> {
    let mut at = 0;
    let mut titles = false;
    for line in text.split_inclusive(is_line_end) {
        at += line.len();
        let mut words = line.split_whitespace();
        match (words.next(), words.next()) {
            (Some(dashes), _) if titles && is_dashes(dashes) => return Some(at),
            (Some("Package"), Some("Version")) => titles = true,
            (Some(_), _) if !titles && !is_chatter(line) => return None,
            (Some(_), _) if titles => return None,
            _ => {}
        }
    }
    None
}

fn is_dashes(word: &str) -> bool {
    word.len() > 1 && word.bytes().all(|b| b == b'-')
}

/// What pip and uv say around their output.
pub(super) fn is_chatter(line: &str) -> bool {
    let line = line.trim();
    ["WARNING:", "DEPRECATION:", "[notice]", "Using Python "].iter().any(|start| line.starts_with(start))
}

pub(super) fn read(text: &str, each: Each<'_>) {
    let mut at = header(text).unwrap_or_default();
    for line in text[at..].split_inclusive('\n') {
        if !(line.trim().is_empty() || is_chatter(line)) {
            each(row(line, at + line.len() - line.trim_start().len()));
        }
        at += line.len();
    }
}

fn row(line: &str, at: usize) -> Said<'_> {
    let mut words = line.split_whitespace();
    match (words.next(), words.next()) {
        (Some(name), Some(version)) if ProjectName::is_valid(name) && is_version(version) => {
            Said::Project { name: name.into(), version: Some(version.into()), at }
        }
        _ => {
            let fault = Fault::new(format!("{:?} is no row of `pip list`", line.trim()), "take the line out");
            Said::doubtful(line.trim(), at, fault)
        }
    }
}
