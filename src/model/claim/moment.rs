//! Whether a claim is where a step begins; else why not, with what to do.

use super::record::Claim;
use super::refusal::ClaimRefusal;
use super::state::ClaimState;

/// Is it in one of these states?
pub(super) fn in_state(claim: &Claim, states: &[ClaimState]) -> Result<(), ClaimRefusal> {
    let (key, state) = (claim.key.clone(), claim.state);
    match state {
        state if states.contains(&state) => Ok(()),
        ClaimState::Ours => Err(ClaimRefusal::Held(key)),
        state if state.is_over() => Err(ClaimRefusal::Over { key, state }),
        state if state.is_open_at_pypi() => Err(ClaimRefusal::LookFirst { key, state }),
        _ => Err(ClaimRefusal::NotNow { key, state }),
    }
}

/// Is it settled by a look now? While the uploader sends, a look would show half of it.
pub(super) fn may_be_looked_at(claim: &Claim) -> Result<(), ClaimRefusal> {
    in_state(claim, &[ClaimState::Uploading, ClaimState::Partial, ClaimState::Uncertain])?;
    match claim.state == ClaimState::Uploading && !claim.missing().is_empty() {
        true => Err(ClaimRefusal::NotNow { key: claim.key.clone(), state: claim.state }),
        false => Ok(()),
    }
}
