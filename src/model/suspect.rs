//! A project of PyPI that is an open finding, as the daemon tells the gate of it.

use serde::{Deserialize, Serialize};

use super::CaseId;

/// Which finding, and how urgent it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Told")]
pub struct Suspect {
    pub finding: CaseId,
    /// Its owner was called: whoever received it has to know.
    pub is_page: bool,
}

/// Earlier ones said the finding alone.
#[derive(Deserialize)]
#[serde(untagged)]
enum Told {
    Whole { finding: CaseId, is_page: bool },
    Finding(CaseId),
}

impl From<Told> for Suspect {
    fn from(told: Told) -> Self {
        match told {
            Told::Whole { finding, is_page } => Self { finding, is_page },
            Told::Finding(finding) => Self { finding, is_page: false },
        }
    }
}
