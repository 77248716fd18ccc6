//! Learns who holds a project and what it contains, for exact and ultranormal matches only: the name is public already.
//!
//! A look-up never delays an alert by more than `fold::LOOK_UP`; what could not be learned is said in the alert.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::TimeDelta;

use crate::clock::Clock;
use crate::failpoint;
use crate::model::{Facts, FindingKey, ProjectName, Time};
use crate::pipeline::{self, Learned, Lookout};
use crate::policy::fold;
use crate::store::{Store, StoreError};
use crate::upstream::{FetchError, ProjectPage, ProjectStatus, Pypi, Retry, backoff};

/// Projects looked up in one round.
const ROUND: usize = 16;
/// After this many failures the case stays as it is until something happens to the project.
const ATTEMPTS: u32 = 8;

/// Looks up what is due; gives the number of projects looked at. More may be due at once when it is a full round.
///
/// # Errors
/// Of the store only; a failed look-up is an outcome.
pub async fn round(store: &Store, pypi: &Pypi, lookout: &Lookout, clock: &Clock) -> Result<usize, StoreError> {
    let now = clock.now();
    let due = store.read(move |tx| tx.findings().due_for_look(now, ROUND)).await?;
    let mut projects: BTreeMap<ProjectName, (Vec<FindingKey>, u32)> = BTreeMap::new();
    for (finding, tries) in due {
        let entry = projects.entry(finding.project().clone()).or_default();
        entry.0.push(finding.key);
        entry.1 = entry.1.max(tries);
    }
    let looked = projects.len();
    for (project, (keys, tries)) in projects {
        let learned = look(pypi, &project, tries, clock).await;
        let (lookout, now) = (lookout.clone(), clock.now());
        store
            .write(move |tx| {
                keys.iter().try_for_each(|key| pipeline::learn(tx, &lookout, key, &learned, now).map(drop))
            })
            .await?;
        failpoint::hit(failpoint::Step::Learned);
    }
    Ok(looked)
}

/// One project, within the time an alert may wait.
async fn look(pypi: &Pypi, project: &ProjectName, tries: u32, clock: &Clock) -> Learned {
    let patience = fold::LOOK_UP.to_std().unwrap_or(Duration::from_secs(5));
    match tokio::time::timeout(patience, ask(pypi, project)).await {
        Ok(Ok(facts)) => Learned::Facts(Box::new(facts)),
        Ok(Err(trouble)) => trouble.learned(tries, clock.now()),
        Err(_) => Trouble { reason: "PyPI did not answer in time".to_owned(), retry: Retry::Backoff }
            .learned(tries, clock.now()),
    }
}

/// Why a look-up gave no facts.
struct Trouble {
    reason: String,
    retry: Retry,
}

impl Trouble {
    fn learned(self, tries: u32, now: Time) -> Learned {
        let wait = match self.retry {
            Retry::Never => None,
            Retry::After(wait) => Some(wait),
            // Not the first second again: the alert has gone out by now.
            Retry::Backoff => Some(backoff(tries + 5, 1.0)),
        };
        let again = wait.filter(|_| tries < ATTEMPTS).and_then(|wait| TimeDelta::from_std(wait).ok());
        Learned::Trouble { reason: self.reason, again: again.map(|wait| now + wait) }
    }
}

async fn ask(pypi: &Pypi, project: &ProjectName) -> Result<Facts, Trouble> {
    match pypi.project(project).await {
        Ok(page) => Ok(facts(page)),
        Err(FetchError::NotFound) => Err(absent(pypi, project).await),
        Err(error) => Err(Trouble { reason: format!("PyPI's project page: {error}"), retry: error.retry() }),
    }
}

/// A project without a JSON page is empty, quarantined, gone, or too young for the cache; the simple page tells.
async fn absent(pypi: &Pypi, project: &ProjectName) -> Trouble {
    let (reason, retry) = match pypi.simple(project).await {
        Ok(page) if page.status == ProjectStatus::Quarantined => {
            ("PyPI has quarantined it and shows nothing", Retry::Never)
        }
        Ok(page) if page.is_empty() => ("it has no release yet, and PyPI tells the owner only with one", Retry::Never),
        Ok(_) => ("PyPI's project page is not there yet", Retry::Backoff),
        Err(FetchError::NotFound) => {
            ("PyPI says it does not exist: removed, or too young for its cache", Retry::Backoff)
        }
        Err(error) => return Trouble { reason: format!("PyPI's simple page: {error}"), retry: error.retry() },
    };
    Trouble { reason: reason.to_owned(), retry }
}

/// The page's fields that a case keeps; what is ours and what pip would do is decided where they are stored.
fn facts(page: ProjectPage) -> Facts {
    let trouble = (!page.ownership_known).then(|| "PyPI's answer says nothing about ownership".to_owned());
    let author = [page.author, page.author_email].into_iter().flatten().collect::<Vec<_>>().join(", ");
    Facts {
        users: page.users.into_iter().map(|holder| holder.user).collect(),
        organization: page.organization,
        releases: page.releases,
        summary: page.summary,
        author: (!author.is_empty()).then_some(author),
        home_page: page.home_page,
        first_upload: page.first_upload,
        trouble,
        ..Facts::default()
    }
}
