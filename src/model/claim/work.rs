//! What the uploader is to do next.

use serde::{Deserialize, Serialize};

use super::key::ClaimKey;
use super::seal::Seal;

/// One piece of work, or why there is none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "work", rename_all = "kebab-case")]
pub enum Work {
    /// Build it, check it, try it on the test index, and say what it is.
    Rehearse {
        key: ClaimKey,
        /// Versions of which PyPI has had a file before, and takes none again.
        used: Vec<String>,
    },
    /// Send what is missing of the package that was sealed.
    Upload { key: ClaimKey, seal: Seal, missing: Vec<String>, used: Vec<String> },
    /// Ask again after so many seconds.
    Rest { seconds: u32, why: String, rest: Resting },
}

/// Why nothing is to be done at this moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Resting {
    /// Nothing that was let go is left.
    Done,
    /// Something that was let go waits for its turn, a quota, or a look at PyPI, and goes on by itself.
    Waits,
    /// Something that was let go cannot go, until what is said is mended or over.
    Kept,
}
