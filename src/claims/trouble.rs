//! An index that does not do its part: it is asked ever more seldom, and after a quarter of an hour somebody hears of it.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use super::desk::Desk;
use super::next::Outlook;
use super::work::Pause;
use crate::cases;
use crate::model::Time;
use crate::model::claim::{Claim, ClaimEvent, ClaimState, Kind, Setback, Site};
use crate::model::health::HealthIssue;
use crate::store::{CLAIM_PAUSE, CLAIM_TROUBLE, StoreError, Tx};

/// What is over by then is nobody's business.
const PATIENCE: TimeDelta = TimeDelta::minutes(15);
/// Between two tries: as long as it has lasted by then, within these.
const SOON: TimeDelta = TimeDelta::minutes(5);
const SELDOM: TimeDelta = TimeDelta::hours(1);

/// An index that failed, and has not done its part since.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Trouble {
    since: Time,
    /// When it failed last.
    last: Time,
    /// Nothing is sent there before.
    again: Time,
    why: String,
}

/// How the uploader begins to tell of a package that cannot be made.
pub(super) const UNMADE: &str = "its package cannot be made: ";

impl Trouble {
    /// Has it failed more than once? Of one that nobody has asked since, nobody knows how it is.
    fn lasts(&self) -> bool {
        self.last > self.since
    }
}

type Troubles = BTreeMap<Site, Trouble>;

impl Desk {
    fn troubles(&self, tx: &Tx<'_>) -> Result<Troubles, StoreError> {
        Ok(tx.cursors().get(CLAIM_TROUBLE)?.unwrap_or_default())
    }

    /// Keeps what the uploader told of an index. One that works again is told at once.
    pub(super) fn heed(&self, tx: &Tx<'_>, told: &ClaimEvent) -> Result<(), StoreError> {
        let Some((site, failure)) = word(told) else { return Ok(()) };
        let mut troubles = self.troubles(tx)?;
        match failure {
            Some((why, wait)) => {
                let since = troubles.get(&site).map_or(self.now, |trouble| trouble.since);
                let pause = (self.now - since).clamp(SOON, SELDOM).max(wait.min(Setback::LONGEST));
                troubles.insert(site, Trouble { since, last: self.now, again: self.now + pause, why });
            }
            None if troubles.remove(&site).is_none() => return Ok(()),
            None => drop(self.resolve(tx, site)?),
        }
        tx.cursors().set(CLAIM_TROUBLE, &troubles)
    }

    fn resolve(&self, tx: &Tx<'_>, site: Site) -> Result<bool, StoreError> {
        let issue = HealthIssue::UploadsFailing { site };
        match tx.health().open(&issue)? {
            Some(_) => cases::clear_health(tx, &self.watchlist, &issue, self.now),
            None => Ok(false),
        }
    }

    /// Somebody has looked: it is asked again at once.
    pub(super) fn ask_again(&self, tx: &Tx<'_>) -> Result<(), StoreError> {
        let mut troubles = self.troubles(tx)?;
        troubles.values_mut().for_each(|trouble| trouble.again = self.now);
        if troubles.is_empty() { Ok(()) } else { tx.cursors().set(CLAIM_TROUBLE, &troubles) }
    }

    /// Why this claim has to wait for an index.
    pub(super) fn is_kept_by(&self, tx: &Tx<'_>, claim: &Claim) -> Result<Option<String>, StoreError> {
        let trouble = needs(claim).map(|site| (site, self.troubles(tx).map(|mut all| all.remove(&site))));
        let Some((site, trouble)) = trouble else { return Ok(None) };
        let trouble = trouble?.filter(|trouble| trouble.again > self.now);
        Ok(trouble.map(|trouble| {
            let again = claim.not_before.map_or(trouble.again, |at| at.max(trouble.again));
            let (what, again) = (self.says(site, &trouble), again.format("%F %T UTC"));
            format!("{what}; it is asked again at {again}, or by `namewarden claim retry {}` at once", claim.key.name)
        }))
    }

    /// What would keep for now a claim that is let go, on its way to the end: an index that fails, PyPI's own count, or that no
    /// uploader is there.
    pub(super) fn keeps_for_now(
        &self,
        tx: &Tx<'_>,
        outlook: &Outlook,
        claim: &Claim,
    ) -> Result<Option<String>, StoreError> {
        let (mut troubles, ahead) = (self.troubles(tx)?, [site(claim.state), Some(Site::Index)]);
        troubles.retain(|_, trouble| trouble.again > self.now);
        let ahead = ahead.into_iter().flatten().find_map(|site| Some((site, troubles.remove(&site)?)));
        if let Some((site, trouble)) = ahead {
            let (what, again) = (self.says(site, &trouble), trouble.again.format("%F %T UTC"));
            return Ok(Some(format!("{what}; it is asked again at {again}")));
        }
        if let Some(pause) = self.pause(tx)? {
            return Ok(Some(format!("{} until {}", pause.why, pause.until.format("%F %T UTC"))));
        }
        Ok(self.missing(outlook))
    }

    /// For how long PyPI has said that it takes no new project.
    pub(super) fn pause(&self, tx: &Tx<'_>) -> Result<Option<Pause>, StoreError> {
        Ok(tx.cursors().get::<Pause>(CLAIM_PAUSE)?.filter(|pause| pause.until > self.now))
    }

    /// Raises that an index keeps what is let go, or resolves it. True when something is to be told.
    ///
    /// # Errors
    /// Those of the store.
    pub fn tell_of_trouble(&self, tx: &Tx<'_>) -> Result<bool, StoreError> {
        let (troubles, live) = (self.troubles(tx)?, tx.claims().live()?);
        let unmade = |claim: &Claim| claim.note.as_ref().is_some_and(|note| note.starts_with(UNMADE));
        let mut told = !live.iter().any(unmade) && self.resolve(tx, Site::Package)?;
        for site in Site::ALL {
            let kept = live.iter().find(|claim| needs(claim) == Some(site));
            told |= match (troubles.get(&site), kept) {
                (Some(trouble), Some(claim)) if self.now - trouble.since >= PATIENCE && trouble.lasts() => {
                    let detail = self.detail(site, trouble, claim);
                    cases::raise_health(tx, &self.watchlist, &HealthIssue::UploadsFailing { site }, &detail, self.now)?
                }
                (Some(_), Some(_)) => false,
                _ => self.resolve(tx, site)?,
            };
        }
        Ok(told)
    }

    fn detail(&self, site: Site, trouble: &Trouble, claim: &Claim) -> String {
        let (what, name) = (self.says(site, trouble), &claim.key.name);
        let remedy = match site {
            Site::TestIndex => "see that it answers from here, or take [claim.upload] test_address out",
            Site::Index | Site::Package => "see that it answers from here, through proxy and certificates",
        };
        format!(
            "{what}; {} waits for it, and {}: {remedy}, then `namewarden claim retry {name}`",
            claim.key,
            meanwhile(claim)
        )
    }

    /// The addresses hold no accounts (`src/config/upload_section.rs`).
    fn says(&self, site: Site, trouble: &Trouble) -> String {
        let upload = &self.settings.upload;
        let (endpoint, does) = match site {
            Site::TestIndex => (&upload.test, "the test index has tried nothing"),
            Site::Index | Site::Package => (&upload.to, "the index has taken nothing"),
        };
        let at = endpoint.as_ref().map_or("its address", |endpoint| &endpoint.address);
        format!("{does} at {at} since {}: {}", trouble.since.format("%F %T UTC"), trouble.why)
    }
}

/// What that means for the name.
fn meanwhile(claim: &Claim) -> &'static str {
    match claim.state {
        _ if claim.exists => "the name is held, by a package that is not whole",
        state if state.is_open_at_pypi() => "whether the name is held is not clear",
        _ => "anybody can take the name",
    }
}

/// The index that its next step needs.
fn needs(claim: &Claim) -> Option<Site> {
    claim.released.as_ref()?;
    site(claim.state)
}

fn site(state: ClaimState) -> Option<Site> {
    match state {
        ClaimState::Approved => Some(Site::TestIndex),
        ClaimState::Rehearsed | ClaimState::Uploading | ClaimState::Partial | ClaimState::Uncertain => {
            Some(Site::Index)
        }
        _ => None,
    }
}

/// Of which index something was told; and why it failed, where it did, with how long it asked to be left alone. That it
/// refuses somebody, or counts, is no failure.
fn word(told: &ClaimEvent) -> Option<(Site, Option<(String, TimeDelta)>)> {
    let failed = |why: &str, wait: Option<u32>| (why.to_owned(), TimeDelta::seconds(wait.unwrap_or_default().into()));
    Some(match told {
        // Of one package; whoever waits for an index is not kept by it.
        ClaimEvent::Hindered { site: Site::Package, .. } => return None,
        ClaimEvent::Hindered { site, why, wait } => (*site, Some(failed(why, *wait))),
        ClaimEvent::Rehearsed { .. } => (Site::TestIndex, None),
        ClaimEvent::Accepted { .. } | ClaimEvent::Created => (Site::Index, None),
        ClaimEvent::Unanswered { why } => (Site::Index, Some(failed(why, None))),
        ClaimEvent::SetBack { setback, wait }
            if setback.kind == Kind::Passing && setback.code != Setback::RATE_LIMITED =>
        {
            (Site::Index, Some(failed(&setback.in_full(), *wait)))
        }
        ClaimEvent::SetBack { .. } => (Site::Index, None),
        _ => return None,
    })
}
