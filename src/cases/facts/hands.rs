//! In whose hands a project was when each of its releases was made: what is ours now may hold what others left there, and a
//! project that others took for a while holds what we made before.
//!
//! The changelog says it: who holds the project as of a page, less what its roles went through since the release. Where it
//! does not, a release is theirs whom the first page showed that had it. A page that shows us says nothing of what came since
//! nobody could look, or before anybody did: that is not ours until it is known to be. But from one page that shows us to the
//! next it is, also without a changelog: whoever could take a project from us and give it back meanwhile can publish as us as
//! well, and every release of our own would be told as a stranger's.

use std::collections::BTreeSet;

use chrono::TimeDelta;

use crate::cases::ingest::registration::BEGUN;
use crate::cases::notify::throttle::FIRST_RELEASE;
use crate::model::inventory::Registrants;
use crate::model::release::Release;
use crate::model::{Event, Facts, Feed, Finding, FindingState, RegistrationId, Serial, Sighting, Time};
use crate::store::{CHANGELOG, Grade, StoreError, Tx};

/// While the changelog works, it answers every minute.
const SILENT: TimeDelta = TimeDelta::minutes(5);

/// What is known of who held a project, as of one page of it.
pub(super) struct Hands<'h> {
    page: &'h Facts,
    registrants: &'h Registrants,
    /// What the changelog told of this registration up to the page, in order; `None`: it has not come so far.
    told: Option<Vec<Sighting>>,
    /// Were releases made by others that the page is the first to show, as far as nobody told otherwise?
    presumed: bool,
    /// The changelog answers, and is about to tell it.
    awaited: bool,
}

impl<'h> Hands<'h> {
    /// `before`: the case as it was when the page came, and `page` what that says, at `serial`.
    pub(super) fn of(
        tx: &Tx<'_>,
        before: &Finding,
        (page, serial): (&'h Facts, Option<Serial>),
        registrants: &'h Registrants,
        now: Time,
    ) -> Result<Self, StoreError> {
        let ours = registrants.hold(page.organization.as_deref(), page.users.iter().map(String::as_str));
        let told = match serial {
            Some(serial) => told(tx, before, serial)?,
            None => None,
        };
        let presumed = match before.facts.ours {
            _ if !ours => true,
            Some(ours) => !ours,
            None => was_doubted(before) || was_told(tx, before)? || is_old(before, page, now),
        };
        let open = presumed && ours && before.facts.ours.is_none() && told.is_none() && serial.is_some();
        Ok(Self { page, registrants, told, presumed, awaited: open && answers(tx, now)? })
    }

    /// Is it better to wait for what the changelog tells within a minute than to take what we made for a stranger's?
    pub(super) fn are_awaited(&self) -> bool {
        self.awaited
    }

    /// Did others hold the project when this was made?
    pub(super) fn by_others(&self, release: &Release) -> Option<bool> {
        self.history(&release.version).or(release.by_others).or(Some(self.presumed))
    }

    /// By the changelog, where it told of the release and of all since.
    fn history(&self, version: &str) -> Option<bool> {
        let told = self.told.as_ref()?;
        let of_it = |event: &Event| matches!(event, Event::Released { version: of } if of == version);
        let at = told.iter().position(|said| of_it(&said.event))?;
        let mut holders: BTreeSet<String> = self.page.users.iter().map(|user| user.to_lowercase()).collect();
        let mut moved = false;
        for said in told[at..].iter().rev() {
            if let Event::RolesChanged { action } = &said.event {
                moved = true;
                undo(&mut holders, action)?;
            }
        }
        // No event tells since when an organization holds it.
        if moved && self.page.organization.is_some() {
            return None;
        }
        let organization = self.page.organization.as_deref();
        Some(!self.registrants.hold(organization, holders.iter().map(String::as_str)))
    }
}

/// Who held it before this; `None`: that cannot be read from it.
fn undo(holders: &mut BTreeSet<String>, action: &str) -> Option<()> {
    let mut words = action.splitn(3, ' ');
    let (verb, _, user) = (words.next()?, words.next()?, words.next()?.to_lowercase());
    match verb {
        "add" | "accepted" => drop(holders.remove(&user)),
        "remove" => drop(holders.insert(user)),
        "change" => {}
        _ => return None,
    }
    Some(())
}

/// What the changelog told of this registration up to the page.
fn told(tx: &Tx<'_>, finding: &Finding, page: Serial) -> Result<Option<Vec<Sighting>>, StoreError> {
    let mut told = tx.sightings().of(finding.project())?;
    told.retain(|said| said.feed == Feed::Changelog && is_of(finding, said));
    let last = told.iter().filter_map(|said| said.serial).max();
    let read: Option<Serial> = tx.cursors_of(finding.project().registry()).get(CHANGELOG)?;
    if last.max(read) < Some(page) {
        return Ok(None);
    }
    told.retain(|said| said.serial <= Some(page));
    told.sort_by_key(|said| said.serial);
    Ok(Some(told))
}

/// An earlier registration of the name had other releases.
fn is_of(finding: &Finding, said: &Sighting) -> bool {
    match finding.registration().registration_id {
        RegistrationId::Second(second) => said.at.is_none_or(|at| at.timestamp() + BEGUN.num_seconds() >= second),
        RegistrationId::Listed(serial) => said.serial >= Some(serial),
    }
}

/// Somebody held it, and then nobody could say who does.
fn was_doubted(finding: &Finding) -> bool {
    finding.facts.taken_at.is_some()
}

/// It was registered under the watch, and its owners heard of it before anybody could say whose it is. What stood before the
/// watch is ours as it stands.
fn was_told(tx: &Tx<'_>, finding: &Finding) -> Result<bool, StoreError> {
    Ok(is_watched(finding) && !tx.tellings().is_untold(&finding.key)?)
}

fn is_watched(finding: &Finding) -> bool {
    matches!(finding.state, FindingState::Open | FindingState::Acknowledged | FindingState::Resolved)
}

/// Nobody comes to hold a project without accepting it, by a mail of PyPI's: what shows us so soon was ours from the
/// beginning.
fn is_old(finding: &Finding, page: &Facts, now: Time) -> bool {
    let begun = finding.registered_at.or(page.first_upload).unwrap_or(finding.seen_at);
    is_watched(finding) && now - begun > FIRST_RELEASE
}

/// Does the changelog answer?
pub(super) fn answers(tx: &Tx<'_>, now: Time) -> Result<bool, StoreError> {
    let last = tx.coverage().last(Feed::Changelog, Grade::EveryEvent)?;
    Ok(last.is_some_and(|span| now - span.to < SILENT))
}
