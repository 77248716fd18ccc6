//! Why a link is good no longer, and what to do instead. Pure.

use super::grant::{Grant, LinkAct};
use crate::model::{Finding, FindingState, Time};

/// Each text ends with a remedy.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Spent {
    #[error(
        "this link is none of ours, or the key that signed it was changed since: answer by the newest message of the case"
    )]
    Forged,
    #[error(
        "this link has expired: answer by a newer message of the case, in the dashboard, or by the command of the message"
    )]
    Expired,
    #[error(
        "this case got worse, or was opened again, after this link was made: read what changed in the newest message, and \
         answer by the link in that"
    )]
    Outdated,
    #[error(
        "whoever was sent this link is told of this case no longer, or at another address: ask who answers for the name now"
    )]
    Revoked,
    #[error("this case is {} already, and a link opens none again: the dashboard and `namewarden findings reopen` do", .0.as_str())]
    Closed(FindingState),
}

/// Is it good for this case, as it stands now? To say again what was said by the same link is no fault.
pub(super) fn check(grant: &Grant, finding: &Finding, now: Time) -> Result<(), Spent> {
    match () {
        () if now.timestamp() >= grant.ends => Err(Spent::Expired),
        () if finding.edition != grant.edition => Err(Spent::Outdated),
        () if grant.act == LinkAct::Harmless && finding.state == FindingState::Resolved => Ok(()),
        () if !finding.state.is_live() => Err(Spent::Closed(finding.state)),
        () => Ok(()),
    }
}
