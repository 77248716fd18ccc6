//! What went out though a rule objects that is only observed: each release is said once, with who had it first, and all are counted by the rule.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

use super::delivered::Delivered;
use super::refusal::{kind, sentence};
use super::ruling::Hold;
use crate::model::Requester;
use crate::model::unread::shown;

/// Releases that are said: whoever wants all of them has `gate preview --received`.
const MOST: usize = 10_000;

/// Since the start.
#[derive(Debug, Default)]
pub(super) struct Observed(Mutex<Seen>);

#[derive(Debug, Default)]
struct Seen {
    files: BTreeMap<&'static str, u64>,
    said: BTreeSet<(String, &'static str)>,
}

impl Observed {
    /// A file went out to them that this would have held.
    pub(super) fn note(&self, file: &Delivered, held: &Hold, who: &Requester) {
        let (rule, _) = kind(&held.cause);
        let release = format!("{}=={}", file.project, file.version.as_deref().unwrap_or_default());
        let is_new = {
            let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            *seen.files.entry(rule).or_default() += 1;
            seen.said.len() < MOST && seen.said.insert((release.clone(), rule))
        };
        if is_new {
            let (release, why) = (shown(&release), sentence(held));
            tracing::info!(rule, %who, "{release} is given out, which a rule in force would not do: {why}");
        }
    }

    /// How many files went out, by the rule.
    pub(super) fn counts(&self) -> BTreeMap<String, u64> {
        let seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        seen.files.iter().map(|(rule, files)| ((*rule).to_owned(), *files)).collect()
    }
}
