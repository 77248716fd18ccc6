//! Our own list: the files that count as prior use here, each by as many clients as make it and for as long. Nothing that is ours, and nothing
//! that anybody has something against; no user, host or address.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use super::list::SharedRelease;
use crate::gate::desk::DeskError;
use crate::gate::policy::Policy;
use crate::gate::prior::PriorUse;
use crate::gate::recall::{Judge, LoggedFile, Standing};
use crate::gate::records::{UsedFile, UsedFiles};
use crate::gate::serve::Gate;
use crate::model::{ProjectName, Time};

/// Of one answer.
const PROJECTS: usize = 200;

/// What may be shared of some projects, by name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SharedReleases {
    pub releases: Vec<SharedRelease>,
    /// Up to which project that is; `None`: there is none behind.
    pub last: Option<String>,
}

impl Gate {
    /// Of the projects behind this one.
    pub(in crate::gate) async fn shared(&self, after: String) -> Result<SharedReleases, DeskError> {
        let used = self.ledger.used_files(after, PROJECTS).await.ok_or(DeskError::Busy)??;
        let (policy, now) = (self.policy.borrow().clone(), self.clock.present().reached);
        if policy.malware.are_awaited {
            return Err(DeskError::Awaited);
        }
        let is_ours =
            |name: &ProjectName| policy.binding.is_public(name) || self.sources.bound(&policy, name).is_some();
        Ok(shared(&used, &policy, is_ours, now))
    }
}

/// What may be shared of what was used.
pub(super) fn shared(
    used: &UsedFiles,
    policy: &Policy,
    is_ours: impl Fn(&ProjectName) -> bool,
    now: Time,
) -> SharedReleases {
    let judge = Judge { policy, quarantined: &used.quarantined, removed: &used.removed };
    let mut releases: BTreeMap<(ProjectName, &str), SharedRelease> = BTreeMap::new();
    for file in &used.files {
        let (Ok(project), Some(version)) = (ProjectName::parse(&file.project), &file.version) else { continue };
        if is_ours(&project) || !is_used(file, &policy.consensus.prior, now) || !is_fine(&judge, &project, file) {
            continue;
        }
        let new = || SharedRelease { project: project.clone(), version: version.clone(), sha256: [].into() };
        let release = releases.entry((project.clone(), version)).or_insert_with(new);
        release.sha256.insert(file.sha256.clone());
    }
    SharedReleases { releases: releases.into_values().collect(), last: used.last.clone() }
}

/// So many clients received it, so long ago. A rule of nobody is one of one client.
fn is_used(file: &UsedFile, prior: &PriorUse, now: Time) -> bool {
    let so_many = file.firsts.get(prior.clients.saturating_sub(1));
    so_many.is_some_and(|first| now - *first >= prior.used_for.max(TimeDelta::zero()))
}

/// Has nobody anything against it: a record, a person, PyPI, or the daemon?
fn is_fine(judge: &Judge<'_>, project: &ProjectName, file: &UsedFile) -> bool {
    let logged =
        LoggedFile { project, version: file.version.as_deref(), sha256: &file.sha256, is_private: Some(false) };
    let is_fine = matches!(judge.standing(&logged), Standing::Fine | Standing::FineButFindings);
    is_fine && judge.policy.suspects.finding(project).is_none()
}
