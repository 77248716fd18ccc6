//! Why a step is not taken, and what to do instead.

use super::super::{NoPerson, Time};
use super::key::ClaimKey;
use super::party::Party;
use super::state::ClaimState;

/// Each text ends with a remedy.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ClaimRefusal {
    #[error("{by} planned {key}, and another person has to approve it: ask one, or set [claim] one_person = true")]
    SamePerson { key: ClaimKey, by: Party },
    #[error(transparent)]
    NoPerson(#[from] NoPerson),
    #[error("{key} was not announced to its owner yet, or its window lasts until {}: wait, or have a person approve it", until(*ends))]
    Window { key: ClaimKey, ends: Option<Time> },
    #[error(
        "{by} approved {key}, which nobody planned, and another person has to let it go, or its window, which lasts until {}: \
         ask one, or wait", until(*ends)
    )]
    SameHand { key: ClaimKey, by: Party, ends: Option<Time> },
    #[error("only a person can approve {0}, since a person planned it: `namewarden claim approve {name}`", name = .0.name)]
    NotAutomatic(ClaimKey),
    #[error("{key} is {state}, so nothing more becomes of it: `namewarden claim propose {name}` makes a new one", state = .state.as_str(), name = key.name)]
    Over { key: ClaimKey, state: ClaimState },
    #[error("{0} is ours, so nothing is left to be done or decided: `namewarden claim status {name}` says how it stands", name = .0.name)]
    Held(ClaimKey),
    #[error("PyPI may have something of {key}, which is {state}: it is looked at first; `namewarden claim status {name}` says what was seen", state = .state.as_str(), name = key.name)]
    LookFirst { key: ClaimKey, state: ClaimState },
    #[error("{key} is {state}, which is not the moment for this: `namewarden claim status {name}` says what is", state = .state.as_str(), name = key.name)]
    NotNow { key: ClaimKey, state: ClaimState },
    #[error("nobody has approved {0}: `namewarden claim approve {name}`", name = .0.name)]
    NotApproved(ClaimKey),
    #[error("nobody has let {0} go: `namewarden claim apply --yes`")]
    NotReleased(ClaimKey),
    #[error(
        "the package of {0} is not the one that was rehearsed: abandon the claim and propose it again, or restore template and configuration"
    )]
    OtherContent(ClaimKey),
    #[error("{key} is not to be sent before {}: wait", at.format("%F %T UTC"))]
    TooEarly { key: ClaimKey, at: Time },
    #[error("{filename:?} is no file of the package of {key}: abandon the claim and look at the log of the uploader")]
    NoSuchFile { key: ClaimKey, filename: String },
    #[error(
        "this is for the uploader, and {0} is not: run `namewarden claim upload` as the user that [claim.upload] user names"
    )]
    NotTheUploader(Party),
}

fn until(ends: Option<Time>) -> String {
    ends.map_or_else(|| "then".to_owned(), |ends| ends.format("%F %T UTC").to_string())
}
