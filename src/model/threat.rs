//! Threats: one watch that a registration threatens, and the matches that say why.

use serde::{Deserialize, Serialize};

use super::{OwnerId, Rule, Tier, WatchId};

/// One rule saying why a sighted name resembles a watch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Match {
    pub watch: WatchId,
    pub rule: Rule,
    /// From name and watch alone; what a look-up learns changes the finding's tier, not this.
    pub tier: Tier,
    /// 0 to 100; tiers are cut-offs of it.
    pub score: u8,
    /// Bits of evidence that it is short of an alert, rounded up; none from there on. Context may make up for them.
    pub lacks: u8,
    /// Edits between the two names, where the rule counts edits.
    pub distance: Option<u8>,
    /// One sentence for the owner, made of normalized names only.
    pub explanation: String,
}

/// Does a threatened watch make its owner hear of the case?
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "standing", rename_all = "kebab-case")]
pub enum Standing {
    Live,
    /// The project stood on PyPI before the watch did.
    PreExisting,
    /// The inventory declares every match harmless, for this registration.
    Suppressed {
        reason: String,
    },
    /// The watch left the inventory.
    Unwatched,
}

/// Watches of one owner that a registration resembles as well, weaker than those named or as they do, and only counted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct More {
    pub owner: OwnerId,
    pub watches: usize,
}

/// One watch that a registration threatens.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Threat {
    pub watch: WatchId,
    /// Who answers for the watch now.
    pub owner: OwnerId,
    /// Strongest first; never empty.
    pub matches: Vec<Match>,
    /// That of the strongest match, moved by facts.
    pub tier: Tier,
    #[serde(flatten)]
    pub standing: Standing,
}

impl Threat {
    pub fn is_live(&self) -> bool {
        self.standing == Standing::Live
    }

    /// What was declared harmless is so no longer.
    pub fn lift(&mut self) {
        if matches!(self.standing, Standing::Suppressed { .. }) {
            self.standing = Standing::Live;
        }
    }

    pub fn has(&self, rule: Rule) -> bool {
        self.matches.iter().any(|found| found.rule == rule)
    }

    /// Is the project a spelling of the watched name?
    pub fn is_by_edits(&self) -> bool {
        self.matches.iter().any(|found| found.rule.is_by_edits())
    }

    /// The tier that name and watch alone give.
    pub fn given(&self) -> Tier {
        self.matches.iter().map(|found| found.tier).max().unwrap_or(Tier::Digest)
    }

    pub(super) fn score(&self) -> u8 {
        self.matches.iter().map(|found| found.score).max().unwrap_or_default()
    }
}
