//! What turned out to be bad after it was given out: which of the files in the log, and what changes for whoever received one.
//!
//! It is asked of the log and of the policy as they are, never of what happened: a record that came while the gate was down, or before the
//! delivery was written, tells as any other.

use std::collections::{BTreeMap, BTreeSet};

use super::exemption::Rejected;
use super::malware::MalwareRecords;
use super::policy::Policy;
use crate::model::ProjectName;
use crate::model::recall::RecallCause;

/// Files that PyPI lists no more, by their SHA-256.
pub(super) type RemovedFiles = BTreeMap<ProjectName, BTreeSet<String>>;

/// A file of the log, as it is judged.
#[derive(Clone, Copy, Debug)]
pub(super) struct LoggedFile<'f> {
    pub(super) project: &'f ProjectName,
    pub(super) version: Option<&'f str>,
    pub(super) sha256: &'f str,
    /// It came from the private index; `None`: an earlier version did not write that down.
    pub(super) is_private: Option<bool>,
}

/// What is to be said of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    Bad(RecallCause),
    Fine,
    /// Nothing is said of it but what the daemon may, and that has not spoken yet.
    FineButFindings,
    /// Nobody can tell: what was said stands.
    Unknown,
}

impl Standing {
    pub(super) fn cause(&self) -> Option<RecallCause> {
        match self {
            Self::Bad(cause) => Some(cause.clone()),
            Self::Fine | Self::FineButFindings | Self::Unknown => None,
        }
    }
}

/// What is written down of a file and a client: why, the most that was said of it, and whether that is over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Recalled {
    pub(super) cause: RecallCause,
    /// Of a [`RecallCause`].
    pub(super) weight: u8,
    pub(super) is_over: bool,
}

/// What changes for a client that has a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Turn {
    /// It is told of for the first time, or again after it was over.
    Begins,
    /// What is said of it weighs more: told again.
    Worsens,
    /// Another says the same: written down, and no news.
    Differs,
    Ends,
}

/// By what it is asked.
#[derive(Clone, Copy, Debug)]
pub(super) struct Judge<'p> {
    pub(super) policy: &'p Policy,
    pub(super) quarantined: &'p BTreeSet<ProjectName>,
    pub(super) removed: &'p RemovedFiles,
}

impl Judge<'_> {
    /// May anything of this project be bad? Few projects are named by anything, so that nothing else is asked of the others.
    pub(super) fn names(&self, project: &ProjectName) -> bool {
        let Self { policy, quarantined, removed } = self;
        policy.malware.names(project)
            || policy.exemptions.has_rejected(project)
            || policy.suspects.page(project).is_some()
            || quarantined.contains(project)
            || removed.contains_key(project)
    }

    /// The worst that is said of it. What the policy would give out is not bad, whatever a record says of a stranger's project
    /// under the same name.
    pub(super) fn standing(&self, file: &LoggedFile<'_>) -> Standing {
        let is_ours = self.policy.binding.of(file.project).is_some();
        match (is_ours, file.is_private) {
            (true, Some(true)) => return Standing::Fine,
            (true, None) => return Standing::Unknown,
            (true | false, _) => {}
        }
        let denied = malware(&self.policy.malware, file).or_else(|| self.rejected(file));
        let of_pypi = || self.of_pypi(file.project).filter(|_| file.is_private != Some(true));
        // Where nothing weighs more, whoever said no says why.
        let removed = self.is_removed(file).then_some(RecallCause::Removed);
        match removed.into_iter().chain(denied).chain(of_pypi()).max_by_key(RecallCause::weight) {
            Some(cause) => Standing::Bad(cause),
            None if self.policy.suspects.is_told() => Standing::Fine,
            None => Standing::FineButFindings,
        }
    }

    /// The same of a file of which this was said: records that may know less than those before take nothing back.
    pub(super) fn beside(&self, before: Option<&Recalled>, file: &LoggedFile<'_>) -> Standing {
        let malware = before.filter(|was| !was.is_over).map(|was| &was.cause);
        match (self.standing(file), malware) {
            (Standing::Fine | Standing::FineButFindings, Some(RecallCause::Malware { record }))
                if !self.policy.malware.ends(record) =>
            {
                Standing::Unknown
            }
            (standing, _) => standing,
        }
    }

    fn rejected(&self, file: &LoggedFile<'_>) -> Option<RecallCause> {
        let rejected = self.policy.exemptions.rejection(file.project, file.version, file.sha256)?;
        let Rejected { review, by, reason } = rejected.clone();
        Some(RecallCause::Rejected { review, reason, by: Some(by).filter(|by| !by.is_empty()) })
    }

    fn is_removed(&self, file: &LoggedFile<'_>) -> bool {
        file.is_private == Some(false) && self.removed.get(file.project).is_some_and(|of| of.contains(file.sha256))
    }

    /// What is said of the project at PyPI.
    fn of_pypi(&self, project: &ProjectName) -> Option<RecallCause> {
        if self.quarantined.contains(project) {
            return Some(RecallCause::Quarantined);
        }
        self.policy.suspects.page(project).map(|finding| RecallCause::Finding { finding })
    }
}

fn malware(records: &MalwareRecords, file: &LoggedFile<'_>) -> Option<RecallCause> {
    records.of(file.project, file.version).map(|record| RecallCause::Malware { record: record.to_owned() })
}

/// What becomes of what a client was told; `None`: nothing.
pub(super) fn turn(before: Option<&Recalled>, now: &Standing) -> Option<Turn> {
    match (before, now) {
        (_, Standing::Unknown) | (None, Standing::Fine | Standing::FineButFindings) => None,
        (None, Standing::Bad(_)) => Some(Turn::Begins),
        (Some(was), Standing::FineButFindings) if matches!(was.cause, RecallCause::Finding { .. }) => None,
        (Some(was), Standing::Fine | Standing::FineButFindings) => (!was.is_over).then_some(Turn::Ends),
        (Some(was), Standing::Bad(_)) if was.is_over => Some(Turn::Begins),
        (Some(was), Standing::Bad(cause)) if cause.weight() > was.weight => Some(Turn::Worsens),
        // What weighs less changes nothing before all of it is over: the worse may not have been told yet, and would be told as this.
        (Some(was), Standing::Bad(cause)) => {
            (was.cause != *cause && cause.weight() == was.weight).then_some(Turn::Differs)
        }
    }
}

#[cfg(test)]
mod tests;
