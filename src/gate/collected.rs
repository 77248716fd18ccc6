//! The dossier of a review, put together: of its record, of what the index says now, of the log, and of what the policy goes by.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::against::{Against, files, sizes};
use super::consensus::Moment;
use super::desk::DeskError;
use super::dossier::{Dossier, MalwareWord, ProjectAtIndex, Vote, Votes};
use super::exemption::same_version;
use super::lack::Evidence;
use super::namespaces::namespaces;
use super::page::{ProjectPage, Uploaded};
use super::pages::ReadPage;
use super::policy::Policy;
use super::present::Present;
use super::review::Review;
use super::ruling::AskedFile;
use super::serve::Gate;
use crate::model::{ProjectName, Time};
use crate::registry::pypi::ProjectStatus;

/// A reviewer waits so long for an index that does not answer.
const PATIENCE: Duration = Duration::from_secs(3);
/// And for all of it, files that have to be fetched among it: verbs wait for ten seconds, and the daemon for nine.
const TOGETHER: Duration = Duration::from_secs(8);

impl Gate {
    /// All that is known of a review. An index that does not answer, or a log that cannot be read, leaves its part out.
    pub(super) async fn dossier(&self, id: i64) -> Result<Dossier, DeskError> {
        let ends = Instant::now() + TOGETHER;
        let review = self.desk.show(id).await?;
        let (askers, before) = self.desk.around(review.clone()).await?;
        // A name that nobody can ask for has no page.
        let project = ProjectName::parse(&review.project).ok();
        let read = match &project {
            Some(project) => self.listed(project).await,
            None => None,
        };
        let page = read.as_ref().map(|(read, _)| &read.page);
        // A file of the private index has no review, and is looked into by whoever made it.
        let of_pypi = read.as_ref().filter(|(_, is_of_pypi)| *is_of_pypi).map(|(read, _)| &read.page);
        let last = match &project {
            Some(project) => self.last_admitted(project, &review.version).await,
            None => None,
        };
        let of_files = async |page| {
            let last = last.as_ref().map(|(version, _)| version.as_str());
            self.inspected(page, &review, last, ends).await
        };
        let (contents, contents_left_out) = match of_pypi {
            Some(page) => of_files(page).await,
            None => Default::default(),
        };
        let (policy, now) = (Arc::clone(&self.policy.borrow()), self.clock.present());
        let against = page.zip(last).map(|(page, last)| Against::of(page, &review.version, last));
        let finding = project.as_ref().and_then(|project| policy.suspects.finding(project));
        Ok(Dossier {
            askers,
            listed: page.map(|page| listed(page, &review.version)),
            against,
            contents,
            contents_left_out,
            publishers: project.as_ref().and_then(|project| {
                let digests = review.files.iter().map(|file| file.sha256.as_str());
                policy.consensus.attested.publishers(project, digests)
            }),
            counted: project.as_ref().map(|project| policy.consensus.popularity.counted(project)).unwrap_or_default(),
            near: project.as_ref().map(|project| policy.consensus.popularity.near(project)).unwrap_or_default(),
            malware: word(&policy, &review, now.reached),
            votes: votes(&policy, &review, now),
            finding: finding.map(|finding| finding.to_string()),
            before,
            review,
        })
    }

    /// With whether it is PyPI's.
    async fn listed(&self, project: &ProjectName) -> Option<(Arc<ReadPage>, bool)> {
        let (whole, _) = tokio::time::timeout(PATIENCE, self.whole(project, None)).await.ok()?.ok()?;
        let is_of_pypi = whole.is_of_pypi();
        Some((whole.read, is_of_pypi))
    }

    /// Of other versions the one that was received last.
    async fn last_admitted(&self, project: &ProjectName, version: &str) -> Option<(String, Time)> {
        let admitted = self.ledger.admitted(project.clone()).await?.ok()?;
        let this = same_version(version);
        admitted.into_iter().find(|(version, _)| same_version(version) != this)
    }
}

fn listed(page: &ProjectPage, version: &str) -> ProjectAtIndex {
    let versions: BTreeSet<String> =
        page.files.iter().filter_map(|file| file.version.as_deref()).map(same_version).collect();
    let uploaded: BTreeSet<Time> = files(page, version).filter_map(|file| file.uploaded.at()).collect();
    ProjectAtIndex {
        versions: versions.len(),
        files: page.files.len(),
        since: page.first_upload,
        is_quarantined: page.status == ProjectStatus::Quarantined,
        namespaces: namespaces(&page.rest),
        version_since: uploaded.first().copied(),
        version_until: uploaded.last().copied(),
        sizes: sizes(page, version),
    }
}

fn word(policy: &Policy, review: &Review, now: Time) -> MalwareWord {
    let through = policy.malware.through(now);
    let uploaded = review.files.iter().filter_map(|file| file.uploaded).max();
    let is_younger = uploaded.is_none_or(|uploaded| through.is_none_or(|through| uploaded > through));
    MalwareWord { record: review.malware(&policy.malware), records: policy.malware.count, through, is_younger }
}

/// Of its youngest file: what does not speak for that one admits no version.
fn votes(policy: &Policy, review: &Review, now: Present) -> Votes {
    let needs = policy.consensus.needs;
    let youngest = review.files.iter().max_by_key(|file| (file.uploaded.is_none(), file.uploaded));
    let (Ok(project), Some(file)) = (ProjectName::parse(&review.project), youngest) else {
        return Votes { needs, kinds: Vec::new(), lack: None };
    };
    let uploaded = file.uploaded.map_or(Uploaded::Unsaid, Uploaded::At);
    let (version, first_upload) = (Some(review.version.as_str()), review.project_since);
    let (sha256, altered) = (file.sha256.as_str(), file.altered);
    let file = AskedFile { project: &project, version, sha256, uploaded, first_upload, altered };
    let vouched = policy.exemptions.vouched(&project);
    let used = policy.consensus.prior.since(&project, first_upload, vouched);
    let moment = Moment { now, at: now.reached };
    let all = policy.consensus.votes(&file, used, &policy.malware, &policy.binding, moment);
    let lack = policy.consensus.lack(all);
    let lack = (!lack.is_none()).then(|| lack.sentence());
    let vote = |(speaks, kind): (bool, Evidence)| Vote {
        kind: kind.as_str().to_owned(),
        speaks,
        of_the_file: kind.is_of_the_file(),
    };
    Votes { needs, kinds: all.into_iter().map(vote).collect(), lack }
}
