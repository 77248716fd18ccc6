//! What a look at PyPI settles: of claims that are open there, and of projects that are ours for as long as we hold them.

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;

use super::astray::remedy;
use super::desk::Desk;
use crate::cases;
use crate::model::claim::{Claim, ClaimEvent, ClaimState, Party, Seal, Seen};
use crate::model::health::HealthIssue;
use crate::model::{Time, WatchId};
use crate::registry::pypi::upload::look::{Difference, Expected, Sight, Stand};
use crate::store::{Presence, StoreError, Tx};

/// What is missing may be missing from a cache alone: PyPI's pages are as old as a quarter of an hour when it is slow.
const BELIEVED: TimeDelta = TimeDelta::minutes(15);
/// By so much PyPI's clock and ours may differ about what comes of an upload.
const ABOUT: TimeDelta = TimeDelta::minutes(2);
/// Between two looks at what is ours.
const DAILY: TimeDelta = TimeDelta::hours(24);
/// After an event the page may be one of before: it is looked at again then.
const AGAIN: [TimeDelta; 2] = [TimeDelta::minutes(1), BELIEVED];

impl Desk {
    /// The claims that only a look settles: those under way, and those that are ours whose turn it is.
    ///
    /// # Errors
    /// Those of the store.
    pub fn to_look_at(&self, tx: &Tx<'_>) -> Result<Vec<Claim>, StoreError> {
        let open = |claim: &Claim| match claim.state {
            ClaimState::Uploading => claim.missing().is_empty(),
            ClaimState::Partial | ClaimState::Uncertain => true,
            ClaimState::Ours => claim.look_at.is_none_or(|at| at <= self.now),
            _ => false,
        };
        Ok(tx.claims().newest()?.into_iter().filter(open).collect())
    }

    /// Writes down what was seen. True when the claim moved, or something is to be told.
    ///
    /// # Errors
    /// Those of the store.
    pub fn looked(&self, tx: &Tx<'_>, claim: &Claim, sight: &Sight) -> Result<bool, StoreError> {
        // It may have moved while PyPI answered.
        let Some(claim) = tx.claims().get(&claim.key)?.filter(|now| now.state == claim.state) else { return Ok(false) };
        if claim.state == ClaimState::Ours {
            let told = self.keeps(tx, &claim, sight)?;
            tx.claims().look_again(&claim.key, self.next_look(&claim, &sight.stand))?;
            return Ok(told);
        }
        let Some(seen) = seen(&sight.stand).or_else(|| seen_of_unnamed(&claim, &sight.stand)) else {
            return Ok(false);
        };
        let is_removed = seen == Seen::Nothing && self.was_removed(tx, &claim)?;
        let was_a_strangers = is_removed && self.was_a_strangers(tx, &claim)?;
        if !was_a_strangers && !self.is_believed(tx, &claim, &seen)? {
            return Ok(false);
        }
        let seen = if is_removed && !was_a_strangers { Seen::Removed } else { seen };
        if claim.seen.as_ref() == Some(&seen) {
            return Ok(false);
        }
        let moved = self.take(tx, &claim, &ClaimEvent::Looked { seen }, &Party::Daemon)?;
        cases::expose(tx, &WatchId::name(&claim.key.name), self.now)?;
        if let Ok(ended) = &moved {
            self.tell_of_end(tx, ended)?;
        }
        if was_a_strangers {
            // Anybody can take it: an index that failed a moment ago is not left alone for that.
            self.ask_again(tx)?;
        }
        if let (Ok(lost), Stand::SomebodyElses { holders }) = (&moved, &sight.stand)
            && self.is_ours_unlisted(lost, holders)
        {
            let why = format!("PyPI took the package, and says that {} holds the project", holders.join(", "));
            let remedy = "if that is the account of the token, write it under [registrants] of the inventory; else look whose token it is";
            self.halt(tx, lost, (&why, remedy))?;
        }
        if let Ok(vanished @ Claim { state: ClaimState::Uncertain, note: Some(note), .. }) = &moved {
            let remedy = "look at PyPI, at the mail of its account and at [claim.upload] address";
            self.halt(tx, vanished, (note, remedy))?;
        }
        if let Ok(moved_to @ Claim { state: ClaimState::Failed, note: Some(note), .. }) = &moved
            && moved_to.seen != Some(Seen::Removed)
        {
            self.changed(tx, moved_to, note)?;
        }
        Ok(moved.is_ok())
    }

    /// Did PyPI take our files, and name none of us as the holder? Then the inventory does not know our own account: whatever is
    /// published next would be told as a stranger's, too.
    fn is_ours_unlisted(&self, claim: &Claim, holders: &[String]) -> bool {
        let registrants = &self.watchlist.inventory.registrants;
        !claim.taken.is_empty() && !holders.iter().any(|holder| registrants.knows(holder))
    }

    /// Has a feed told that what was registered while this was sent is gone? What was there before was another's.
    fn was_removed(&self, tx: &Tx<'_>, claim: &Claim) -> Result<bool, StoreError> {
        let row = tx.projects().get(&claim.key.name)?;
        let is_gone = row.is_some_and(|row| matches!(row.presence, Presence::Gone | Presence::Unlisted));
        let registered = cases::last_registered(tx, &claim.key.name)?;
        Ok(is_gone && registered.zip(claim.begun).is_some_and(|(at, begun)| at >= begun - ABOUT))
    }

    /// Was it a stranger's who was there before what we sent? Then PyPI has nothing of ours, and no cache says otherwise: where the
    /// stranger is gone, anybody can take the name, and it is sent again at once.
    fn was_a_strangers(&self, tx: &Tx<'_>, claim: &Claim) -> Result<bool, StoreError> {
        let Some(begun) = claim.begun.filter(|_| !claim.exists) else { return Ok(false) };
        cases::was_a_strangers(tx, &self.watchlist.inventory.registrants, &claim.key.name, begun)
    }

    fn is_believed(&self, tx: &Tx<'_>, claim: &Claim, seen: &Seen) -> Result<bool, StoreError> {
        let is_old = || claim.sent_at.is_none_or(|sent| self.now - sent >= BELIEVED);
        Ok(*seen == Seen::Whole || (is_old() && self.doubt(tx)?.is_none()))
    }

    /// Soon after an event, for as long as caches may show what was before it, and soon after a look that got no answer.
    fn next_look(&self, claim: &Claim, stand: &Stand) -> Time {
        let again =
            claim.stirred.and_then(|stirred| AGAIN.iter().map(|after| stirred + *after).find(|at| *at > self.now));
        let daily = if matches!(stand, Stand::Unknown { .. }) { self.now + BELIEVED } else { self.now + DAILY };
        again.map_or(daily, |again| again.min(daily))
    }

    /// How long until what is ours is to be looked at; `None`: nothing is ours.
    ///
    /// # Errors
    /// Those of the store.
    pub fn next_life(&self, tx: &Tx<'_>) -> Result<Option<TimeDelta>, StoreError> {
        let ours = tx.claims().newest()?.into_iter().filter(|claim| claim.state == ClaimState::Ours);
        Ok(ours.map(|claim| claim.look_at.map_or(TimeDelta::zero(), |at| at - self.now)).min())
    }

    /// A project of ours is still as we left it; or its owner is told.
    fn keeps(&self, tx: &Tx<'_>, claim: &Claim, sight: &Sight) -> Result<bool, StoreError> {
        let differs = differs(claim, &sight.stand).or_else(|| described_otherwise(claim, sight.described.as_ref()));
        let is_young = claim.sent_at.is_some_and(|sent| self.now - sent < BELIEVED);
        match differs {
            // A cache may have it from before it was sent, where no feed tells what became of it.
            Some(_)
                if is_young
                    && !cases::is_told_less(tx, claim)?
                    && seen(&sight.stand).is_some_and(|seen| seen.lets_go_on()) =>
            {
                Ok(false)
            }
            Some(what) => self.changed(tx, &Claim { seen: seen(&sight.stand), ..claim.clone() }, &what),
            None if matches!(sight.stand, Stand::Unknown { .. } | Stand::HeldByUnknown(_)) => Ok(false),
            None => self.is_as_it_was(tx, claim, sight),
        }
    }

    fn is_as_it_was(&self, tx: &Tx<'_>, claim: &Claim, sight: &Sight) -> Result<bool, StoreError> {
        let described = sight.described.clone().filter(|_| claim.described.is_empty());
        let described = described.unwrap_or_else(|| claim.described.clone());
        let next = Claim { described, seen: seen(&sight.stand), differs: None, differs_since: None, ..claim.clone() };
        match &claim.differs {
            Some(what) => {
                let line = self.line("restored", &next, &Party::Daemon, format!("it is no longer {what}"));
                tx.claims().put(&next, &line)?;
            }
            None if next.described != claim.described => tx.claims().keep(&next)?,
            None => {}
        }
        let issue = HealthIssue::ClaimChanged { name: claim.key.name.clone() };
        let told = cases::clear_health(tx, &self.watchlist, &issue, self.now)?;
        if claim.differs.is_some() {
            cases::expose(tx, &WatchId::name(&claim.key.name), self.now)?;
        }
        Ok(told)
    }

    /// `claim` as it was seen just now.
    fn changed(&self, tx: &Tx<'_>, claim: &Claim, what: &str) -> Result<bool, StoreError> {
        let name = &claim.key.name;
        if claim.differs.as_deref() != Some(what) || claim.differs_since.is_none() {
            let stored = tx.claims().get(&claim.key)?.unwrap_or_else(|| claim.clone());
            let (differs, differs_since) = (Some(what.to_owned()), Some(self.now));
            let next = Claim { seen: claim.seen.clone(), differs, differs_since, ..stored };
            tx.claims().put(&next, &self.line("changed", &next, &Party::Daemon, what.to_owned()))?;
        }
        if claim.accepted.as_deref() == Some(what) {
            cases::expose(tx, &WatchId::name(name), self.now)?;
            return Ok(false);
        }
        let issue = HealthIssue::ClaimChanged { name: name.clone() };
        // Words of strangers are no command of ours.
        let what = what.replace('`', "'");
        let astray =
            Claim { differs: Some(what.clone()), differs_since: Some(self.now), accepted: None, ..claim.clone() }
                .astray();
        let remedy = astray.map_or_else(
            || {
                format!(
                    "look at it on PyPI and at the mail of its account; if it is right, `namewarden health ack {issue}`"
                )
            },
            |astray| remedy(name, &astray),
        );
        let detail = format!("the project {name}, which we published, is {what}; {remedy}");
        let told = cases::raise_health(tx, &self.watchlist, &issue, &detail, self.now)?;
        cases::expose(tx, &WatchId::name(name), self.now)?;
        Ok(told)
    }
}

/// How a project of ours is not as we left it; `None`: it is, or nothing can be told.
fn differs(claim: &Claim, stand: &Stand) -> Option<String> {
    // Its files say something even where nobody says whose it is.
    let stand = match stand {
        Stand::HeldByUnknown(files) if *files == Difference::default() => return None,
        Stand::HeldByUnknown(files) => &Stand::OursWithOtherFiles(files.clone()),
        stand => stand,
    };
    match seen(stand)? {
        Seen::Whole => None,
        // The sealed files that PyPI never took.
        Seen::Part { missing } if missing.iter().all(|file| !claim.taken.contains(file)) => None,
        other => Some(other.to_string()),
    }
}

/// Where PyPI does not say whose the project is, as it will not once XML-RPC is retired: what it has taken from us, by its own word,
/// is ours. Of what nobody answered, other files are a stranger's; else the answer to the same package tells whose it is.
fn seen_of_unnamed(claim: &Claim, stand: &Stand) -> Option<Seen> {
    let Stand::HeldByUnknown(files) = stand else { return None };
    let others: Vec<String> = files.altered.iter().chain(&files.foreign).cloned().collect();
    Some(match (claim.exists, others.is_empty()) {
        (true, true) if files.missing.is_empty() => Seen::Whole,
        (true, true) if claim.taken.is_empty() => Seen::Empty,
        (true, true) => Seen::Part { missing: files.missing.iter().cloned().collect() },
        (true, false) => Seen::Altered { what: others.join(", ") },
        (false, true) => Seen::Unnamed,
        (false, false) => Seen::Foreign { holder: "somebody whom PyPI does not name".to_owned() },
    })
}

/// Which fields of its page say something else, although its files are the same.
fn described_otherwise(claim: &Claim, shown: Option<&BTreeMap<String, String>>) -> Option<String> {
    let (before, shown) = (&claim.described, shown?);
    if before.is_empty() || before == shown {
        return None;
    }
    let fields: BTreeSet<&str> = before.keys().chain(shown.keys()).map(String::as_str).collect();
    let other: Vec<&str> = fields.into_iter().filter(|field| before.get(*field) != shown.get(*field)).collect();
    Some(format!("described otherwise on its page, without a new file: {}", other.join(", ")))
}

/// The files that ought to be there.
pub fn expected(claim: &Claim) -> Expected {
    claim.seal.as_ref().map(expected_of).unwrap_or_default()
}

/// Those of a package.
pub fn expected_of(seal: &Seal) -> Expected {
    seal.files.iter().map(|file| (file.filename.clone(), file.sha256.clone())).collect::<BTreeMap<_, _>>()
}

/// The same in the words of claims; `None` where nothing can be told.
fn seen(stand: &Stand) -> Option<Seen> {
    Some(match stand {
        Stand::OursWithTheseFiles => Seen::Whole,
        Stand::OursWithoutFile => Seen::Empty,
        Stand::OursWithOtherFiles(difference) if difference.altered.is_empty() && difference.foreign.is_empty() => {
            Seen::Part { missing: difference.missing.iter().cloned().collect() }
        }
        Stand::OursWithOtherFiles(difference) => {
            let files = difference.altered.iter().chain(&difference.foreign);
            Seen::Altered { what: files.cloned().collect::<Vec<_>>().join(", ") }
        }
        Stand::SomebodyElses { holders } => Seen::Foreign { holder: holders.join(", ") },
        Stand::Quarantined => Seen::Quarantined,
        Stand::Nothing => Seen::Nothing,
        Stand::HeldByUnknown(_) | Stand::Unknown { .. } => return None,
    })
}
