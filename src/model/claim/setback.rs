//! Why a package was not taken, in the words of whoever read PyPI's answer, and what that ends.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

/// What a setback ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// This claim.
    Final,
    /// Nothing: the same package may be sent later.
    Passing,
    /// Every upload, until a person has mended the account or its token; this claim then goes on.
    Account,
    /// Every upload, and nobody knows what became of this one.
    Unknown,
}

/// What PyPI gave away about the name by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Name {
    /// Nobody can register it.
    Closed,
    /// Nobody can while another project stands, which PyPI does not name.
    Similar,
    /// Somebody holds it.
    Held,
    /// Nothing.
    Open,
}

/// An answer that is no yes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Setback {
    /// A name that stays, for tables and JSON: `name-prohibited`.
    pub code: String,
    pub kind: Kind,
    pub name: Name,
    /// What it means, as the end of a sentence.
    pub meaning: String,
    /// What a person can do.
    pub remedy: String,
    /// PyPI's own words; hostile text.
    pub said: Option<String>,
}

/// How long a setback that passes by itself keeps a claim, where PyPI says nothing of it. An index that goes on failing is asked ever
/// more seldom, whichever claim asks (`src/claims/trouble.rs`).
const LATER: TimeDelta = TimeDelta::minutes(5);
/// What a full quota is left alone for at least.
const FULL: TimeDelta = TimeDelta::hours(1);
/// What a full quota is left alone for, where PyPI does not say.
const UNSAID: TimeDelta = TimeDelta::hours(24);

impl Setback {
    /// No quota is longer than a day; what says that it is would keep everything for ever.
    pub const LONGEST: TimeDelta = TimeDelta::hours(48);

    /// How long nothing is sent after it, where the index asked to be left alone for so many seconds. One whose quota is used up
    /// is left alone for an hour at least, whatever it says: its clock may be wrong, and to ask again at once is a flood.
    pub fn rest(&self, asked: Option<u32>) -> TimeDelta {
        let asked = asked.map(|seconds| TimeDelta::seconds(seconds.into()).min(Self::LONGEST));
        match self.code == Self::RATE_LIMITED {
            true => asked.unwrap_or(UNSAID).max(FULL),
            false => asked.unwrap_or(LATER),
        }
    }

    /// The code of a quota that is used up.
    pub const RATE_LIMITED: &str = "rate-limited";

    /// What it means, with the index's own words.
    pub fn in_full(&self) -> String {
        let said = self.said.iter().map(|said| format!(" ({said})")).collect::<String>();
        format!("{}{said}", self.meaning)
    }

    /// The code of a token of a trusted publisher that has no leave to make the project: none was made, whatever it was minted for.
    pub const NOT_MADE: &str = "publisher-mismatch";

    /// What was seen beside the name before anything was sent: a project that reads the same.
    pub fn similar() -> Self {
        Self {
            code: "similar".to_owned(),
            kind: Kind::Final,
            name: Name::Similar,
            meaning: "a project that PyPI takes for the same stands".to_owned(),
            remedy: "look at what became of the project that stood in its way".to_owned(),
            said: None,
        }
    }

    /// What was seen instead of the package: somebody else's project.
    pub fn held() -> Self {
        Self {
            code: "held".to_owned(),
            kind: Kind::Final,
            name: Name::Held,
            meaning: "somebody else holds the project".to_owned(),
            remedy: "`namewarden findings list` shows its case, and what to do".to_owned(),
            said: None,
        }
    }
}
