//! What turned out to be bad, as it is told: by project and by what is said of it, the worst first, and no longer than a message may be.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::records::RecallLine;
use crate::model::recall::{Recall, RecallMark, RecalledFile, Recalls};

/// A message has some of them.
const MOST_PROJECTS: usize = 2000;
const MOST_FILES: usize = 10;
const MOST_RECEIVERS: usize = 10;

/// What changed, and what covers all of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct GateRecalls {
    pub recalls: Recalls,
    pub last: RecallMark,
}

/// Of lines in the order of their projects and files.
pub(super) fn told(lines: Vec<RecallLine>) -> Recalls {
    let mut all: BTreeMap<(String, String, bool), Recall> = BTreeMap::new();
    for line in lines {
        let key = (line.project.clone(), format!("{:?}", line.cause), line.is_over);
        let new = Recall {
            project: line.project.clone(),
            cause: line.cause.clone(),
            is_over: line.is_over,
            is_new: false,
            is_settled: line.is_settled,
            files: Vec::new(),
            more_files: 0,
        };
        take(all.entry(key).or_insert(new), line);
    }
    let mut recalls: Vec<Recall> = all.into_values().collect();
    recalls.sort_by_key(|of| (of.is_over, u8::MAX - of.cause.weight()));
    let omitted = recalls.len().saturating_sub(MOST_PROJECTS);
    recalls.truncate(MOST_PROJECTS);
    for recall in &mut recalls {
        recall.more_files = recall.files.len().saturating_sub(MOST_FILES);
        recall.files.truncate(MOST_FILES);
    }
    Recalls { recalls, omitted }
}

fn take(of: &mut Recall, line: RecallLine) {
    of.is_new |= !line.is_over && (line.is_worse || !line.is_known);
    let is_it = |file: &RecalledFile| file.filename == line.filename && file.sha256 == line.sha256;
    if !of.files.last().is_some_and(is_it) {
        let RecallLine { filename, version, sha256, .. } = line;
        of.files.push(RecalledFile { filename, version, sha256, receivers: Vec::new(), more_receivers: 0 });
    }
    if let Some(file) = of.files.last_mut() {
        match file.receivers.len() < MOST_RECEIVERS {
            true => file.receivers.push(line.receiver),
            false => file.more_receivers += 1,
        }
    }
}
