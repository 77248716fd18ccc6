//! What to do about a project that we published, and that is not as we left it. Pure.

use crate::model::ProjectName;
use crate::model::claim::Astray;
use crate::model::health::HealthIssue;

/// In a sentence without its full stop.
pub(super) fn remedy(name: &ProjectName, astray: &Astray) -> String {
    let ack = HealthIssue::ClaimChanged { name: name.clone() };
    match (astray.foreign, astray.accepted) {
        (true, true) => "write whose it is now under [registrants] of the inventory, if they are of yours".to_owned(),
        (true, false) => format!(
            "whoever holds it is installed in your name: read the mail of your account on PyPI, take strangers out of the \
             project's collaborators or ask PyPI's administrators for it, and resolve {name} from your own index alone; if the \
             holder is of yours, write them under [registrants] of the inventory, then `namewarden health ack {ack}`"
        ),
        (false, true) => "PyPI is looked at every day, and its owner is told when something else changes".to_owned(),
        (false, false) if astray.gone => format!(
            "anybody can take the name until it is published again: `namewarden claim propose {name}`; the mail of its account may \
             say who removed it; if it is to be gone, `namewarden health ack {ack}`"
        ),
        (false, false) => format!(
            "look at it on PyPI and at the mail of its account, since whoever can publish there is installed in your name; if \
             it is right, `namewarden health ack {ack}`"
        ),
    }
}

/// Is nobody to do anything about it?
pub(super) fn is_settled(astray: &Astray) -> bool {
    astray.accepted && !astray.foreign
}
