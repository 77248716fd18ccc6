//! A file that went out, and who received it.

use serde::{Deserialize, Serialize};

use crate::model::{ProjectName, Requester, Time};

/// A file, as it goes out.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Delivered {
    pub(super) project: ProjectName,
    pub(super) version: Option<String>,
    pub(super) filename: String,
    pub(super) sha256: String,
}

/// Bytes of a file that go to one client.
#[derive(Clone, Debug)]
pub(super) struct Delivery {
    pub(super) file: Delivered,
    pub(super) who: Requester,
    pub(super) at: Time,
    /// Every rule but the one about evidence let it through, or persons did.
    pub(super) is_admitted: bool,
    /// It came from the private index.
    pub(super) is_private: bool,
}

/// One client that received one file, or a part of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
pub struct GateReceipt {
    pub project: String,
    /// `null`: the name of the file says none.
    pub version: Option<String>,
    pub filename: String,
    pub sha256: String,
    #[serde(flatten)]
    pub who: Requester,
    pub first: Time,
    pub last: Time,
    /// How many answers had bytes of it.
    pub times: i64,
}

/// A file that went out to anybody.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReceivedFile {
    /// Orders them.
    pub id: i64,
    pub project: String,
    /// `None`: its name says none.
    pub version: Option<String>,
    pub filename: String,
    pub sha256: String,
    /// When it first did, of the days that were asked for.
    pub first: Time,
    /// Every rule but the one about evidence let it through, or persons did, at least once.
    pub is_admitted: bool,
}
