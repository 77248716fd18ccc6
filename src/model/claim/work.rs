//! What the uploader is to do next.

use serde::{Deserialize, Serialize};

use super::key::ClaimKey;
use super::seal::Seal;

/// One piece of work, or why there is none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "work", rename_all = "kebab-case")]
pub enum Work {
    /// Build it, check it, try it on the test index, and say what it is.
    Rehearse { key: ClaimKey },
    /// Send what is missing of the package that was sealed.
    Upload { key: ClaimKey, seal: Seal, missing: Vec<String> },
    /// Ask again after so many seconds.
    Rest {
        seconds: u32,
        why: String,
        /// Is something let go that cannot go, by what `why` says?
        kept: bool,
    },
}
