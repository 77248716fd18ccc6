//! One step of a claim: who may do what, in which state, and what comes of it. Pure, and the only place that says so.

use chrono::TimeDelta;

use super::super::{NoPerson, Time};
use super::event::ClaimEvent;
use super::life::{begin, found, looked, set_back};
use super::moment::{in_state, may_be_looked_at};
use super::party::Party;
use super::persons::{decides, may_approve, may_release};
use super::policy::ClaimPolicy;
use super::record::{Claim, Decision};
use super::refusal::ClaimRefusal;
use super::seen::Seen;
use super::site::Site;
use super::state::ClaimState;

/// Before anything has left this machine.
const INSIDE: [ClaimState; 3] = [ClaimState::Planned, ClaimState::Approved, ClaimState::Rehearsed];
/// What may have come to a stand.
const WAITS: [ClaimState; 5] =
    [ClaimState::Approved, ClaimState::Rehearsed, ClaimState::Uploading, ClaimState::Partial, ClaimState::Uncertain];
/// Before what cannot be made is made anew: whoever is at it has the time to mend it.
const UNMADE: TimeDelta = TimeDelta::minutes(5);
const AGREED: [ClaimState; 2] = [ClaimState::Approved, ClaimState::Rehearsed];

/// The claim after an event.
///
/// # Errors
/// What is not for this party, or not for this moment; nothing has changed then.
pub fn step(
    claim: &Claim,
    event: &ClaimEvent,
    by: &Party,
    now: Time,
    policy: &ClaimPolicy,
) -> Result<Claim, ClaimRefusal> {
    who(claim, event, by, policy)?;
    let mut next = Claim { changed_at: now, ..claim.clone() };
    next.state = match event {
        ClaimEvent::Announced | ClaimEvent::Approve | ClaimEvent::Release => {
            decided(claim, &mut next, event, by, (now, policy))?
        }
        ClaimEvent::Reject { why } => stopped(claim, &mut next, &format!("rejected: {why}"))?,
        ClaimEvent::Abandon { why } => stopped(claim, &mut next, &format!("abandoned: {why}"))?,
        ClaimEvent::Retry => {
            in_state(claim, &WAITS)?;
            next.not_before = None;
            // It was looked at, and so has a person: it goes on from the beginning, with the same package.
            let is_gone = claim.state == ClaimState::Uncertain && claim.seen == Some(Seen::Nothing);
            if is_gone { ClaimState::Rehearsed } else { claim.state }
        }
        ClaimEvent::Begin { seal } => begin(claim, &mut next, seal, now, policy)?,
        ClaimEvent::Looked { seen } => {
            may_be_looked_at(claim)?;
            looked(&mut next, seen)
        }
        ClaimEvent::Found { seal, missing, since } => {
            in_state(claim, &INSIDE)?;
            found(&mut next, seal, missing, *since);
            ClaimState::Ours
        }
        told => reported(claim, &mut next, told, now)?,
    };
    next.held = next.exists.then(|| claim.held.unwrap_or(now));
    Ok(next)
}

/// Is the event for this party to tell? Anybody may stop a claim, and only a person who can be named lets one go, or go on
/// after what stopped it: else whoever has taken over the daemon says that somebody has looked.
fn who(claim: &Claim, event: &ClaimEvent, by: &Party, policy: &ClaimPolicy) -> Result<(), ClaimRefusal> {
    let not_now = || ClaimRefusal::NotNow { key: claim.key.clone(), state: claim.state };
    let fits = match event {
        ClaimEvent::Reject { .. } | ClaimEvent::Abandon { .. } => true,
        ClaimEvent::Looked { .. } | ClaimEvent::Found { .. } | ClaimEvent::Announced => {
            return (*by == Party::Daemon).then_some(()).ok_or_else(not_now);
        }
        ClaimEvent::Release if *by == Party::Configuration => true,
        ClaimEvent::Release | ClaimEvent::Retry => return decides(by, policy),
        ClaimEvent::Approve => {
            return (!matches!(by, Party::Daemon | Party::Uploader)).then_some(()).ok_or(NoPerson::Own.into());
        }
        ClaimEvent::Unanswered { .. } => matches!(by, Party::Uploader | Party::Daemon),
        ClaimEvent::Rehearsed { .. }
        | ClaimEvent::Unfit { .. }
        | ClaimEvent::Hindered { .. }
        | ClaimEvent::Begin { .. }
        | ClaimEvent::Accepted { .. }
        | ClaimEvent::SetBack { .. }
        | ClaimEvent::Created => *by == Party::Uploader,
    };
    fits.then_some(()).ok_or_else(|| ClaimRefusal::NotTheUploader(by.clone()))
}

fn stopped(claim: &Claim, next: &mut Claim, note: &str) -> Result<ClaimState, ClaimRefusal> {
    in_state(claim, &INSIDE)?;
    next.note = Some(note.to_owned());
    Ok(ClaimState::Abandoned)
}

/// What people decide, or the configuration in their place.
fn decided(
    claim: &Claim,
    next: &mut Claim,
    event: &ClaimEvent,
    by: &Party,
    (now, policy): (Time, &ClaimPolicy),
) -> Result<ClaimState, ClaimRefusal> {
    let decision = Some(Decision { by: by.clone(), at: now });
    match event {
        ClaimEvent::Announced => {
            in_state(claim, &[ClaimState::Planned, ClaimState::Approved])?;
            next.announced = claim.announced.or(Some(now));
            Ok(claim.state)
        }
        ClaimEvent::Approve => {
            in_state(claim, &[ClaimState::Planned])?;
            may_approve(claim, by, now, policy)?;
            // What the configuration agrees to also leaves by it; a person alone does not end its window.
            next.released = decision.clone().filter(|decision| decision.by == Party::Configuration);
            next.approved = decision;
            Ok(ClaimState::Approved)
        }
        _ => {
            in_state(claim, &AGREED)?;
            may_release(claim, by, now, policy)?;
            next.released = claim.released.clone().or(decision);
            Ok(claim.state)
        }
    }
}

/// What the uploader tells of the package and of PyPI's answers.
fn reported(claim: &Claim, next: &mut Claim, event: &ClaimEvent, now: Time) -> Result<ClaimState, ClaimRefusal> {
    match event {
        ClaimEvent::Rehearsed { seal } => {
            in_state(claim, &[ClaimState::Approved])?;
            (next.seal, next.note) = (Some(seal.clone()), None);
            return Ok(ClaimState::Rehearsed);
        }
        ClaimEvent::Unfit { why } => {
            in_state(claim, &[ClaimState::Approved, ClaimState::Rehearsed, ClaimState::Partial])?;
            next.note = Some(why.clone());
            // No byte of it has left, and people agreed to the name: another package is made.
            if claim.state == ClaimState::Rehearsed && claim.begun.is_none() {
                next.seal = None;
                return Ok(ClaimState::Approved);
            }
            // What PyPI took and showed holds the name, and the rest of that very package can be made no more.
            let holds = claim.state == ClaimState::Partial && !claim.taken.is_empty();
            return Ok(if holds { ClaimState::Ours } else { ClaimState::Failed });
        }
        ClaimEvent::Hindered { site, why, .. } => {
            in_state(claim, &[ClaimState::Approved, ClaimState::Rehearsed, ClaimState::Partial])?;
            next.note = Some(why.clone());
            if *site == Site::Package {
                next.not_before = Some(now + UNMADE);
            }
            return Ok(claim.state);
        }
        _ => in_state(claim, &[ClaimState::Uploading])?,
    }
    Ok(match event {
        ClaimEvent::Accepted { filename } => {
            accepted(claim, next, filename)?;
            ClaimState::Uploading
        }
        ClaimEvent::SetBack { setback, wait } => set_back(claim, next, (setback, *wait), now),
        ClaimEvent::Created => {
            (next.exists, next.seen) = (true, None);
            ClaimState::Uploading
        }
        ClaimEvent::Unanswered { why } => {
            (next.seen, next.note) = (None, Some(why.clone()));
            if claim.exists { ClaimState::Partial } else { ClaimState::Uncertain }
        }
        _ => return Err(ClaimRefusal::NotNow { key: claim.key.clone(), state: claim.state }),
    })
}

fn accepted(claim: &Claim, next: &mut Claim, filename: &str) -> Result<(), ClaimRefusal> {
    if claim.seal.as_ref().is_none_or(|seal| seal.file(filename).is_none()) {
        return Err(ClaimRefusal::NoSuchFile { key: claim.key.clone(), filename: filename.to_owned() });
    }
    (next.exists, next.seen) = (true, None);
    next.taken.insert(filename.to_owned());
    Ok(())
}
