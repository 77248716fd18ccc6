//! Learns who holds a project and what it contains: of watched names and what PyPI takes for them, and, when there is time,
//! of look-alikes that alert. All of them are public already.
//!
//! A look-up never delays an alert by more than `throttle::LOOK_UP`; what could not be learned is said in the alert. No
//! alert waits for that of a look-alike, and no watched name for one: they have a worker each.

use std::time::Duration;

use chrono::TimeDelta;
use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;

use crate::cases;
use crate::cases::Learned;
use crate::cases::notify::throttle;
use crate::clock::Clock;
use crate::failpoint;
use crate::model::{Facts, ProjectName, Releases, Serial, Time};
use crate::registry::pypi::{ProjectJson, ProjectStatus, Pypi};
use crate::store::{DueLook, Store, StoreError};
use crate::upstream::{FetchError, Retry};
use crate::watchlist::Watchlist;

/// Projects looked up in one round, all at once: no round takes longer than one look-up, so that a watched name waits for
/// no more than that, however many others a stranger makes us ask for.
const ROUND: usize = 4;

/// What became of a round.
#[derive(Debug, Default)]
pub struct LookUps {
    /// Projects looked at. More may be due at once when it is a full round.
    pub projects: usize,
    /// Did PyPI answer for any of them, be it that there is no such page?
    pub answered: bool,
    /// Why it did not for another.
    pub failed: Option<String>,
}

/// Looks up what is due.
///
/// # Errors
/// Of the store only; a failed look-up is an outcome.
pub async fn round(store: &Store, pypi: &Pypi, watchlist: &Watchlist, clock: &Clock) -> Result<LookUps, StoreError> {
    let now = clock.now();
    let due = store.read(move |tx| tx.facts().due(now, ROUND)).await?;
    let mut looked = LookUps { projects: due.len(), ..LookUps::default() };
    let mut looks: FuturesUnordered<_> =
        due.into_iter().map(|due| async move { (look(pypi, &due.project).await, due) }).collect();
    while let Some((found, due)) = looks.next().await {
        looked.answered |= found.as_ref().err().is_none_or(|trouble| !trouble.failed);
        looked.failed = found.as_ref().err().filter(|it| it.failed).map(|it| it.reason.clone()).or(looked.failed);
        learn(store, watchlist, clock, due, learned(found)).await?;
    }
    Ok(looked)
}

/// Looks up the look-alike whose turn it is, if there is one.
///
/// # Errors
/// Of the store only.
pub async fn look_alike(store: &Store, pypi: &Pypi, watchlist: &Watchlist, clock: &Clock) -> Result<bool, StoreError> {
    let now = clock.now();
    let Some(due) = store.read(move |tx| tx.facts().due_look_alike(now)).await? else { return Ok(false) };
    let found = look(pypi, &due.project).await;
    learn(store, watchlist, clock, due, learned(found)).await?;
    Ok(true)
}

async fn learn(
    store: &Store,
    watchlist: &Watchlist,
    clock: &Clock,
    DueLook { key, .. }: DueLook,
    learned: Learned,
) -> Result<(), StoreError> {
    let (watchlist, clock) = (watchlist.clone(), clock.clone());
    store.write(move |tx| cases::apply_facts(tx, &watchlist, &key, &learned, clock.now())).await?;
    failpoint::hit(failpoint::Step::Learned);
    Ok(())
}

/// One project, within the time an alert may wait.
async fn look(pypi: &Pypi, project: &ProjectName) -> PageAnswer {
    let patience = throttle::LOOK_UP.to_std().unwrap_or(Duration::from_secs(5));
    let asked = tokio::time::timeout(patience, ask(pypi, project)).await;
    asked.unwrap_or_else(|_| Err(Trouble { failed: true, ..Trouble::new("PyPI did not answer in time") }))
}

type PageAnswer = Result<(Facts, Option<Serial>), Trouble>;

fn learned(found: PageAnswer) -> Learned {
    match found {
        Ok((facts, serial)) => Learned::Facts { facts: Box::new(facts), serial },
        Err(trouble) => trouble.learned(),
    }
}

/// Why a look-up gave no facts.
struct Trouble {
    reason: String,
    /// What it published, where the simple page shows it.
    releases: Box<Releases>,
    uploaded: Option<Time>,
    /// How far the page that showed nothing had come.
    serial: Option<Serial>,
    wait: Option<Duration>,
    /// PyPI gave no answer that says anything of the project.
    failed: bool,
}

impl Trouble {
    fn new(reason: impl Into<String>) -> Self {
        Self {
            reason: reason.into(),
            releases: Box::default(),
            uploaded: None,
            serial: None,
            wait: None,
            failed: false,
        }
    }

    fn of(page: &str, error: &FetchError) -> Self {
        let wait = match error.retry() {
            Retry::After(wait) => Some(wait),
            Retry::Never | Retry::Backoff => None,
        };
        Self { wait, failed: true, ..Self::new(format!("{page}: {error}")) }
    }

    fn learned(self) -> Learned {
        let wait = self.wait.and_then(|wait| TimeDelta::from_std(wait).ok());
        let Self { reason, releases, uploaded, serial, .. } = self;
        Learned::Trouble { reason, releases, uploaded, serial, wait }
    }
}

async fn ask(pypi: &Pypi, project: &ProjectName) -> PageAnswer {
    match pypi.project(project).await {
        Ok(page) => {
            let serial = page.last_serial;
            Ok((facts(page), serial))
        }
        Err(FetchError::NotFound) => Err(absent(pypi, project).await),
        Err(error) => Err(Trouble::of("PyPI's project page", &error)),
    }
}

/// What a project that has nothing yet, or nothing any more, is asked for again: an event will tell sooner.
const SETTLED: Duration = Duration::from_secs(3600);

/// A project without a JSON page is empty, quarantined, gone, or too young for the cache; the simple page tells.
async fn absent(pypi: &Pypi, project: &ProjectName) -> Trouble {
    match pypi.simple(project).await {
        Ok(page) => {
            let (reason, wait) = match page.status {
                ProjectStatus::Quarantined => ("PyPI has quarantined it and shows nothing", Some(SETTLED)),
                _ if page.is_empty() => {
                    ("PyPI shows no file of it yet, and tells the owner only with one", Some(SETTLED))
                }
                _ => ("PyPI's project page is not there yet", None),
            };
            let (uploaded, serial) = (page.first_upload, page.last_serial);
            Trouble {
                reason: reason.to_owned(),
                releases: Box::new(page.releases),
                uploaded,
                serial,
                wait,
                failed: false,
            }
        }
        Err(FetchError::NotFound) => Trouble::new("PyPI says it does not exist: removed, or too young for its cache"),
        Err(error) => Trouble::of("PyPI's simple page", &error),
    }
}

/// Why a page does not say whose the project is.
const UNSAID: &str = "PyPI's answer says nothing about ownership";
const UNHELD: &str = "PyPI's page names nobody who holds it";

/// The page's fields that a case keeps; what is ours and what pip would do is decided where they are stored.
fn facts(page: ProjectJson) -> Facts {
    let trouble = match () {
        () if !page.ownership_known => Some(UNSAID.to_owned()),
        () if page.users.is_empty() && page.organization.is_none() => Some(UNHELD.to_owned()),
        () => None,
    };
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_that_names_nobody_is_not_known_to_be_anybodys() {
        let trouble = |ownership: &str| {
            let page = format!(r#"{{"info":{{}}{ownership}}}"#);
            facts(ProjectJson::parse(page.as_bytes()).expect("a page")).trouble
        };
        assert_eq!(trouble("").as_deref(), Some(UNSAID));
        assert_eq!(trouble(r#","ownership":{"organization":null,"roles":[]}"#).as_deref(), Some(UNHELD));
        assert_eq!(trouble(r#","ownership":{"organization":"acme","roles":[]}"#), None);
        assert_eq!(trouble(r#","ownership":{"organization":null,"roles":[{"role":"Owner","user":"eve"}]}"#), None);
    }
}
