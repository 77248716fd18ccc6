//! What the matcher says of names: the lines of `check` and `scan`.

use serde::{Deserialize, Serialize};

use super::sets::Tier;
use crate::model::{self, ProjectName};

/// One name, judged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Judged {
    /// Normalized.
    pub name: String,
    /// Strongest first.
    pub matches: Vec<Resemblance>,
    /// How many watches it resembles beside those of the matches, where they are too many to list.
    #[serde(default, skip_serializing_if = "is_none")]
    pub more: usize,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes what it asks about")]
fn is_none(more: &usize) -> bool {
    *more == 0
}

/// One rule saying why it resembles one watch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Resemblance {
    /// As people write it: `acme-billing`, `acme-*`, `brand:acme`.
    pub watch: String,
    /// Its id, as `namewarden rules` lists them. Rules are added.
    pub rule: String,
    pub tier: Tier,
    /// 0 to 100.
    pub score: u8,
    /// Edits between the two names, where the rule counts edits.
    pub distance: Option<u8>,
    pub explanation: String,
}

impl Judged {
    /// `more`: watches beside those of the matches.
    pub fn new(name: &ProjectName, matches: &[model::Match], more: usize) -> Self {
        Self { name: name.to_string(), matches: matches.iter().map(Resemblance::from).collect(), more }
    }
}

impl From<&model::Match> for Resemblance {
    fn from(of: &model::Match) -> Self {
        Self {
            watch: of.watch.label(),
            rule: of.rule.as_str().to_owned(),
            tier: of.tier.into(),
            score: of.score,
            distance: of.distance,
            explanation: of.explanation.clone(),
        }
    }
}
