//! What persons vouch for, since it is used already: releases of a lock, or of what was received before evidence was asked for. Each
//! is looked up first, and has to be what the index has, and old enough; then its project has prior use, once as many persons vouch for it
//! as have to agree to a review.

use std::sync::Arc;
use std::time::Duration;

use futures_util::{StreamExt as _, stream};
use tokio::time::{Instant, timeout_at};

use super::desk::DeskError;
use super::exemption::same_version;
use super::learned::{ForgottenUse, LearnedProject, Learning, UsedRelease};
use super::page::{PageFile, ProjectPage};
use super::policy::Policy;
use super::refusal::{Refusal, sentence};
use super::ruling::{AskedFile, Origin};
use super::serve::Gate;
use crate::model::{Actor, ProjectName, Time};

/// Pages that are asked for at once, and how long one question waits for them.
const AT_ONCE: usize = 16;
const PATIENCE: Duration = Duration::from_secs(8);

/// A project that a person vouches for, and where it stands then.
struct Vouched {
    project: LearnedProject,
    then: Learning,
}

impl Gate {
    /// What became of each, in their order. Only what is on the disk is learned.
    pub(super) async fn learn(
        &self,
        by: &Actor,
        releases: Vec<UsedRelease>,
        source: &str,
    ) -> Result<Vec<Learning>, DeskError> {
        let until = Instant::now() + PATIENCE;
        let looked = releases.into_iter().map(|release| self.vouched(by, release, until));
        let looked: Vec<Result<Vouched, Learning>> = stream::iter(looked).buffered(AT_ONCE).collect().await;
        let of = |learned: LearnedProject| LearnedProject {
            by: by.to_string(),
            uid: by.uid,
            source: source.to_owned(),
            ..learned
        };
        let new: Vec<LearnedProject> =
            looked.iter().filter_map(|looked| Some(of(looked.as_ref().ok()?.project.clone()))).collect();
        if !new.is_empty() {
            self.desk.learn(by.clone(), new).await?;
        }
        Ok(looked.into_iter().map(|looked| looked.map_or_else(|other| other, |vouched| vouched.then)).collect())
    }

    /// Prior use as if there was none: what persons vouched for, and what clients used.
    pub(super) async fn forget(&self, by: &Actor, project: ProjectName) -> Result<ForgottenUse, DeskError> {
        let clients = self.ledger.forget(project.clone()).await.ok_or(DeskError::Busy)??;
        if let Some(notary) = &self.notary {
            notary.forget(&project).await?;
        }
        let was_vouched = self.desk.forget(by.clone(), project.clone()).await?;
        if clients > 0 {
            tracing::info!(%project, %by, clients, "a project was used by nobody any more");
        }
        Ok(ForgottenUse { was_vouched, clients })
    }

    /// Whether the index has it as it is named, and no rule but evidence objects.
    async fn vouched(&self, by: &Actor, release: UsedRelease, until: Instant) -> Result<Vouched, Learning> {
        let policy = Arc::clone(&self.policy.borrow());
        let found = timeout_at(until, self.sources.whole(&policy, &release.project)).await;
        let found = found.unwrap_or_else(|_| Err(Refusal::not_now("the indexes take long to answer: ask again")));
        let (origin, read) = found.map_err(|refusal| refused(refusal.why()))?;
        if origin == Origin::Private {
            return Err(Learning::Internal);
        }
        let page = &read.page;
        let now = self.clock.present().reached;
        let then = standing(&policy, page, by, now)?;
        let file = judged(&policy, page, &release, now)?;
        let project = LearnedProject {
            project: release.project.to_string(),
            at: now,
            by: String::new(),
            uid: None,
            version: release.version,
            sha256: file.sha256.clone(),
            source: String::new(),
        };
        Ok(Vouched { project, then })
    }
}

/// Where the project stands once this person vouches for it.
///
/// # Errors
/// They do already, for the project as it is.
fn standing(policy: &Policy, page: &ProjectPage, by: &Actor, now: Time) -> Result<Learning, Learning> {
    let (prior, exemptions) = (&policy.consensus.prior, &policy.exemptions);
    let known = || exemptions.vouched(&page.name);
    let is_enough = |vouched: Option<Time>| if vouched.is_some() { Learning::Known } else { waits() };
    // Of a name that was another's then nobody vouches any more.
    let own = exemptions.vouched_by(&page.name, by.uid);
    if own.is_some_and(|at| page.first_upload.is_none_or(|born| born <= at)) {
        return Err(is_enough(prior.vouched(page.first_upload, known())));
    }
    let others = exemptions.vouched(&page.name).filter(|at| own != Some(*at));
    let with_own = prior.vouched(page.first_upload, others.chain([now]));
    Ok(if with_own.is_some() { Learning::Learned } else { waits() })
}

/// The file of the release that vouches for it.
fn judged<'p>(
    policy: &Policy,
    page: &'p ProjectPage,
    release: &UsedRelease,
    now: Time,
) -> Result<&'p PageFile, Learning> {
    let is_of = |file: &&PageFile| {
        let version = file.version.as_deref();
        version.is_some_and(|version| same_version(version) == same_version(&release.version))
    };
    let files: Vec<&PageFile> = page.files.iter().filter(is_of).collect();
    if files.is_empty() {
        return Err(refused("the index has no such version any more"));
    }
    let file = files.into_iter().find(|file| release.digests.contains(&file.sha256));
    let file = file.ok_or_else(|| refused("none of its files at the index has a digest that is named"))?;
    let asked = AskedFile::of(page, file);
    let held = policy.on(page, Origin::Pypi, now).denied(&asked);
    let held = held.or_else(|| policy.age.held(asked.first_upload, asked.uploaded, now));
    held.map_or(Ok(file), |held| Err(refused(sentence(&held))))
}

/// It is written down, and of one person.
fn waits() -> Learning {
    refused("you vouch for it now, and another person has to, too")
}

fn refused(why: impl Into<String>) -> Learning {
    Learning::Refused { why: why.into() }
}
