//! The two persons that a claim needs: who can be one of them, and whether they are two.

use super::super::{NoPerson, Time};
use super::party::Party;
use super::policy::ClaimPolicy;
use super::record::{Claim, Origin};
use super::refusal::ClaimRefusal;

/// Can this be one of the two persons that a claim needs?
///
/// # Errors
/// Who is no person, see [`NoPerson`].
pub fn decides(party: &Party, policy: &ClaimPolicy) -> Result<(), ClaimRefusal> {
    match party {
        Party::User { uid, user } => Ok(policy.machine.is_a_person(*uid, user.as_deref())?),
        Party::Configuration | Party::Daemon | Party::Uploader => Err(NoPerson::Own.into()),
    }
}

/// May this party agree to the claim at this moment?
pub(super) fn may_approve(claim: &Claim, by: &Party, now: Time, policy: &ClaimPolicy) -> Result<(), ClaimRefusal> {
    match by {
        Party::Configuration => by_itself(claim, now),
        person => {
            decides(person, policy)?;
            another(claim, person, policy)
        }
    }
}

/// Has the moment come at which the configuration goes on by itself?
fn by_itself(claim: &Claim, now: Time) -> Result<(), ClaimRefusal> {
    match claim.origin {
        Origin::Person | Origin::Found => Err(ClaimRefusal::NotAutomatic(claim.key.clone())),
        Origin::Back => Ok(()),
        Origin::Automatic => match claim.window_ends() {
            Some(ends) if ends <= now => Ok(()),
            ends => Err(ClaimRefusal::Window { key: claim.key.clone(), ends }),
        },
    }
}

/// May this party let it go at this moment? Of what nobody planned the approver is the first person, and whoever lets it go the
/// second; or the configuration is, when its window is over.
pub(super) fn may_release(claim: &Claim, by: &Party, now: Time, policy: &ClaimPolicy) -> Result<(), ClaimRefusal> {
    if *by == Party::Configuration {
        return by_itself(claim, now);
    }
    let first = claim.approved.as_ref().filter(|_| claim.origin.is_by_itself()).map(|approved| &approved.by);
    match first.is_some_and(|first| first.is_same_human(by)) && !policy.one_person {
        true => Err(ClaimRefusal::SameHand { key: claim.key.clone(), by: by.clone(), ends: claim.window_ends() }),
        false => Ok(()),
    }
}

/// Is it another human than who planned it, or does the configuration say that one suffices?
pub(super) fn another(claim: &Claim, by: &Party, policy: &ClaimPolicy) -> Result<(), ClaimRefusal> {
    match claim.planned.by.is_same_human(by) && !policy.one_person {
        true => Err(ClaimRefusal::SamePerson { key: claim.key.clone(), by: by.clone() }),
        false => Ok(()),
    }
}
