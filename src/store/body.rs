//! What a notice is about, as it is stored with it.

use serde::{Deserialize, Serialize};

use crate::model::held::HeldReleases;
use crate::model::notice::{Announced, EndedCase, EventRef, PassedOn};
use crate::model::recall::Recalls;
use crate::model::report::Order;
use crate::model::{Time, Watch};

/// What the notice covers; the text is made when it is sent, from what is then known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum NoticeBody {
    /// Events of cases, in the order in which they happened.
    Cases {
        events: Vec<EventRef>,
    },
    Startup {
        /// Is it the first of this store?
        first: bool,
    },
    Unwatched {
        watches: Vec<Watch>,
        closed: usize,
        #[serde(default)]
        ended: Vec<EndedCase>,
        #[serde(default)]
        passed: usize,
        #[serde(default)]
        on: Vec<PassedOn>,
    },
    Health {
        issue: String,
        since: Time,
        /// Does it tell the end of the case?
        over: bool,
    },
    Claim {
        announced: Announced,
    },
    /// As the gate said it: its reviews are in a file of its own.
    Reviews(HeldReleases),
    /// The same of what turned out to be bad after it was given out.
    Recalls(Recalls),
    Report {
        order: Order,
    },
    Proof,
}
