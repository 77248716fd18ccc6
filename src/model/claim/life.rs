//! The steps at PyPI's door: what may be sent, what a setback ends, and what a look settles.

use super::super::Time;
use super::moment::in_state;
use super::party::Party;
use super::persons::{another, decides, may_release};
use super::policy::ClaimPolicy;
use super::record::Claim;
use super::refusal::ClaimRefusal;
use super::seal::Seal;
use super::seen::Seen;
use super::setback::{Kind, Setback};
use super::state::ClaimState;

/// Everything is asked again in the moment before the first byte leaves, whoever has checked it before.
pub(super) fn begin(
    claim: &Claim,
    next: &mut Claim,
    seal: &Seal,
    now: Time,
    policy: &ClaimPolicy,
) -> Result<ClaimState, ClaimRefusal> {
    let looked = claim.seen.as_ref().is_some_and(Seen::lets_go_on);
    match claim.state {
        ClaimState::Partial if looked => {}
        _ => in_state(claim, &[ClaimState::Rehearsed])?,
    }
    agreed(claim, policy)?;
    if claim.seal.as_ref() != Some(seal) {
        return Err(ClaimRefusal::OtherContent(claim.key.clone()));
    }
    if let Some(at) = claim.not_before.filter(|at| *at > now) {
        return Err(ClaimRefusal::TooEarly { key: claim.key.clone(), at });
    }
    next.sent_at = Some(now);
    next.begun = claim.begun.or(Some(now));
    // Until an answer tells whose it is, it is not known to be nobody's either.
    next.seen = claim.seen.clone().filter(|seen| *seen == Seen::Unnamed);
    (next.not_before, next.setback, next.note) = (None, None, None);
    Ok(ClaimState::Uploading)
}

fn agreed(claim: &Claim, policy: &ClaimPolicy) -> Result<(), ClaimRefusal> {
    let approved = claim.approved.as_ref().ok_or_else(|| ClaimRefusal::NotApproved(claim.key.clone()))?;
    if !(approved.by == Party::Configuration && claim.origin.is_by_itself()) {
        decides(&approved.by, policy)?;
        another(claim, &approved.by, policy)?;
    }
    let released = claim.released.as_ref().ok_or_else(|| ClaimRefusal::NotReleased(claim.key.clone()))?;
    match released.by {
        // Its moment was asked for when it came; the clock may be another since.
        Party::Configuration => Ok(()),
        _ => may_release(claim, &released.by, released.at, policy),
    }
}

/// Where some of the package is there already, no setback ends the claim: what is there has to be looked at.
pub(super) fn set_back(
    claim: &Claim,
    next: &mut Claim,
    (setback, wait): (&Setback, Option<u32>),
    now: Time,
) -> ClaimState {
    next.setback = Some(setback.clone());
    next.note = Some(setback.meaning.clone());
    // A minted token promises a project, and this answer says that it was another's.
    next.exists = claim.exists && !(setback.code == Setback::NOT_MADE && claim.taken.is_empty());
    match setback.kind {
        Kind::Final if !next.exists => return ClaimState::Refused,
        Kind::Unknown if !next.exists => {
            next.seen = None;
            return ClaimState::Uncertain;
        }
        Kind::Final | Kind::Unknown => {}
        Kind::Passing | Kind::Account => {
            next.not_before = Some(now + setback.rest(wait));
        }
    }
    let is_there = next.exists || claim.seen == Some(Seen::Unnamed);
    if is_there { ClaimState::Partial } else { ClaimState::Rehearsed }
}

/// It was sent and taken before anybody here remembers.
pub(super) fn found(next: &mut Claim, seal: &Seal, missing: &[String], since: Time) {
    let there = seal.files.iter().map(|file| file.filename.clone()).filter(|file| !missing.contains(file));
    (next.exists, next.taken) = (true, there.collect());
    (next.seal, next.begun, next.seen) = (Some(seal.clone()), Some(since), None);
    (next.not_before, next.setback, next.note) = (None, None, None);
}

/// What is there settles it, whatever was answered before.
pub(super) fn looked(next: &mut Claim, seen: &Seen) -> ClaimState {
    next.seen = Some(seen.clone());
    let closed = next.setback.as_ref().is_some_and(|setback| setback.kind == Kind::Final);
    match seen {
        Seen::Whole => {
            (next.exists, next.setback, next.note) = (true, None, None);
            next.taken = next.missing().into_iter().map(str::to_owned).chain(next.taken.iter().cloned()).collect();
            ClaimState::Ours
        }
        Seen::Part { missing } => {
            next.exists = true;
            let there = next.seal.iter().flat_map(|seal| &seal.files).map(|file| file.filename.clone());
            next.taken = there.filter(|file| !missing.contains(file)).collect();
            // The name is held by what is there, and PyPI does not take the rest.
            if closed { ClaimState::Ours } else { ClaimState::Partial }
        }
        Seen::Empty => {
            next.exists = true;
            next.taken.clear();
            if closed { ClaimState::Failed } else { ClaimState::Partial }
        }
        // The same package, sent once more, is taken where the project is ours, and refused where it is a stranger's.
        Seen::Unnamed if closed => ClaimState::Refused,
        Seen::Unnamed => ClaimState::Partial,
        // What PyPI said to have taken is not there. Nobody knows why, and sent again it would be said again: that is for a person.
        Seen::Nothing if next.exists && !closed => {
            next.exists = false;
            next.taken.clear();
            next.note = Some("PyPI said that it has taken the package, and the project is not there".to_owned());
            ClaimState::Uncertain
        }
        // Nothing of it has arrived: from the beginning, with the same package.
        Seen::Nothing => {
            next.exists = false;
            next.taken.clear();
            if closed { ClaimState::Refused } else { ClaimState::Rehearsed }
        }
        // Its files may never be sent again under these names, and whoever removed it had a reason.
        Seen::Removed => {
            next.exists = false;
            next.taken.clear();
            next.note = Some("the project was made, and is removed from PyPI".to_owned());
            ClaimState::Failed
        }
        Seen::Foreign { holder } => {
            next.setback = Some(Setback::held());
            next.note = Some(format!("the project is held by {holder}"));
            ClaimState::Refused
        }
        Seen::Altered { what } => {
            next.note = Some(format!("the project is ours and has what we did not send: {what}"));
            ClaimState::Failed
        }
        Seen::Quarantined => {
            next.note = Some("PyPI has quarantined the project: its administrators say why".to_owned());
            ClaimState::Failed
        }
    }
}
