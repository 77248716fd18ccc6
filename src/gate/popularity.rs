//! Popularity: many elsewhere download a project, or depend on it. Both come of the same crowd, so they are one voice, and either gives it.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::counts::Counts;
use super::near::{NearProject, near};
use super::ruling::AskedFile;
use crate::model::{ProjectName, Time};

/// The lists that are in force, each with how many are enough.
#[derive(Clone, Debug, Default)]
pub struct Popularity(Vec<(Arc<Counts>, u64)>);

/// How often others have a project, as of one moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
pub struct CountedProject {
    /// `downloads`, of 30 days, or `dependents`.
    pub of: String,
    /// 0: it is not listed.
    pub number: u64,
    pub as_of: Time,
}

impl Popularity {
    /// From now on this is the list of what it counts.
    pub fn set(&mut self, counts: Arc<Counts>, least: u64) {
        let what = counts.what();
        self.0.retain(|(of, _)| of.what() != what);
        self.0.push((counts, least));
    }

    /// May it speak for anything?
    pub(super) fn is_asked(&self) -> bool {
        !self.0.is_empty()
    }

    /// What each list says of it, whatever it speaks for.
    pub(super) fn counted(&self, project: &ProjectName) -> Vec<CountedProject> {
        let one = |counts: &Counts| CountedProject {
            of: counts.what().key().to_owned(),
            number: counts.of(project),
            as_of: counts.as_of,
        };
        self.0.iter().map(|(counts, _)| one(counts)).collect()
    }

    /// What is used elsewhere and is a letter apart from it.
    pub(super) fn near(&self, project: &ProjectName) -> Vec<NearProject> {
        near(project, self.0.iter().map(|(counts, _)| &**counts))
    }

    /// The project has to be older than all that was counted: a name that was free once may be another's now.
    pub(super) fn speaks_for(&self, file: &AskedFile<'_>) -> bool {
        let was_there = |counts: &Counts| file.first_upload.is_some_and(|first| first < counts.since());
        self.0.iter().any(|(counts, least)| was_there(counts) && counts.of(file.project) >= *least)
    }
}
