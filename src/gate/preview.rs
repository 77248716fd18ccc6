//! What a rule of age would do: to releases that somebody would install now, or to what was received, at the age that it had then.
//!
//! Each is judged by the function that decides of every answer, over the page that an answer would be made of.

use std::sync::Arc;
use std::time::Duration;

use futures_util::{StreamExt as _, stream};
use serde::{Deserialize, Serialize};
use tokio::time::{Instant, timeout_at};

use super::consensus::Consensus;
use super::exemption::same_version;
use super::page::{PageFile, ProjectPage};
use super::policy::{AgeRules, Mode, Policy};
use super::present::Present;
use super::prior::ProjectUses;
use super::proposal::{ProposalError, ProposalRead, ProposedAges, ProposedPolicy};
use super::refusal::{Refusal, sentence};
use super::ruling::{Hold, Origin, Ruling};
use super::serve::Gate;
use crate::model::{ProjectName, Time};

/// Pages that are asked for at once.
const AT_ONCE: usize = 16;
/// Of one question, for pages that are not known yet: whoever asks waits little longer.
const PATIENCE: Duration = Duration::from_secs(8);

/// A release that somebody would install, or received.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
pub struct PreviewedRelease {
    #[cfg_attr(feature = "testing", schemars(with = "String"))]
    pub project: ProjectName,
    pub version: String,
    /// One file of it; `None`: any that installers may take.
    pub filename: Option<String>,
    /// When it is asked for; `None`: now.
    pub at: Option<Time>,
}

/// By which rules a release is judged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PreviewRules {
    /// Those of now, each in its mode.
    InForce,
    /// Those of now with other ages, as if all of it were in force.
    Ages(ProposedAges),
    /// Those of a configuration that the gate was told of, by the key of that, each in its mode.
    Proposal(String),
}

/// What a gate with that rule would do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "kebab-case")]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
pub enum Foreseen {
    Given,
    /// Of the private index, of which no age is asked.
    Internal,
    /// Persons agreed to what the rule would hold.
    Approved,
    /// Some of its files would be given out, and an installer may need another.
    Partly {
        why: String,
        until: Option<Time>,
    },
    Held {
        why: String,
        /// From then on it would be given out; `null`: the rule does not end by itself.
        until: Option<Time>,
    },
    /// By another rule than age, whatever is proposed.
    Refused {
        why: String,
    },
    /// It is not there, or an index does not answer.
    Unknown {
        why: String,
    },
}

/// A release, and what would become of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
pub struct ForeseenRelease {
    #[serde(flatten)]
    pub release: PreviewedRelease,
    #[serde(flatten)]
    pub foreseen: Foreseen,
    /// By the policy in force, where a whole one is proposed.
    pub in_force: Option<Foreseen>,
}

impl Foreseen {
    /// Every kind, as JSON has them; what somebody has to look at comes first.
    pub const KINDS: [&str; 7] = ["refused", "held", "partly", "unknown", "approved", "internal", "given"];

    pub fn kind(&self) -> &'static str {
        match self {
            Self::Refused { .. } => "refused",
            Self::Held { .. } => "held",
            Self::Partly { .. } => "partly",
            Self::Unknown { .. } => "unknown",
            Self::Approved => "approved",
            Self::Internal => "internal",
            Self::Given => "given",
        }
    }

    /// In words, where not all of it is given out.
    pub fn why(&self) -> Option<&str> {
        match self {
            Self::Given | Self::Internal | Self::Approved => None,
            Self::Partly { why, .. } | Self::Held { why, .. } | Self::Refused { why } | Self::Unknown { why } => {
                Some(why)
            }
        }
    }

    pub fn is_held(&self) -> bool {
        matches!(self, Self::Held { .. })
    }
}

impl Gate {
    /// For each release what each of the rules would do, in their order. Everything else is as it is in force now. `None`: one of the rules
    /// is of a proposal that is not known any more.
    pub(super) async fn foresee(
        &self,
        releases: Vec<PreviewedRelease>,
        rules: &[PreviewRules],
    ) -> Option<Vec<Vec<Foreseen>>> {
        let now = Arc::clone(&self.policy.borrow());
        let mut policies = Vec::with_capacity(rules.len());
        for rules in rules {
            policies.push(self.by(rules, &now).await?);
        }
        let until = Instant::now() + PATIENCE;
        let foreseen = releases.into_iter().map(|release| self.foreseen(release, &policies, until));
        Some(stream::iter(foreseen).buffered(AT_ONCE).collect().await)
    }

    /// Reads what a policy names, and keeps it for previews.
    ///
    /// # Errors
    /// See [`ProposalError`].
    pub(super) async fn propose(&self, policy: ProposedPolicy) -> Result<ProposalRead, ProposalError> {
        // Where nothing in force asks for it, nobody has published what is used by now.
        let uses = if policy.consensus.needs > 0 { self.ledger.uses().await } else { Some(Ok(ProjectUses::new())) };
        let uses = uses.ok_or(ProposalError::Ended)?;
        let uses = uses.map_err(|error| format!("what clients use cannot be read ({error})"));
        self.proposals.read(policy, uses, self.clock.now()).await
    }

    async fn by(&self, rules: &PreviewRules, now: &Arc<Policy>) -> Option<Arc<Policy>> {
        Some(match rules {
            PreviewRules::InForce => Arc::clone(now),
            PreviewRules::Ages(ages) => Arc::new(proposed(now, *ages)),
            PreviewRules::Proposal(key) => Arc::new(self.proposals.of(key).await?.over(now)),
        })
    }

    async fn foreseen(&self, release: PreviewedRelease, policies: &[Arc<Policy>], until: Instant) -> Vec<Foreseen> {
        let now = Arc::clone(&self.policy.borrow());
        let found = timeout_at(until, self.sources.whole(&now, &release.project)).await;
        let found = found.unwrap_or_else(|_| Err(Refusal::not_now("the indexes take long to answer: ask again")));
        let now = self.clock.present();
        match found {
            Err(refusal) => vec![Foreseen::of(&refusal); policies.len()],
            Ok((origin, read)) => {
                policies.iter().map(|policy| judged(policy, &read.page, origin, &release, now)).collect()
            }
        }
    }
}

/// As if all of it were in force: whoever only observes wants to know what that would be.
fn proposed(now: &Policy, ages: ProposedAges) -> Policy {
    let consensus = Consensus { mode: Mode::Enforce, ..now.consensus.clone() };
    Policy { age: AgeRules::from(ages), consensus, ..now.clone() }
}

fn no_project() -> Foreseen {
    Foreseen::Unknown { why: "no index has this project".to_owned() }
}

impl Foreseen {
    fn of(refusal: &Refusal) -> Self {
        match refusal.status {
            404 => no_project(),
            451 => Self::Refused { why: refusal.why().to_owned() },
            _ => Self::Unknown { why: refusal.why().to_owned() },
        }
    }
}

fn judged(policy: &Policy, page: &ProjectPage, origin: Origin, release: &PreviewedRelease, now: Present) -> Foreseen {
    let files: Vec<&PageFile> = page.files.iter().filter(|file| is_of(file, release)).collect();
    if files.is_empty() {
        return Foreseen::Unknown { why: "the index has no such version, or no such file any more".to_owned() };
    }
    let on = policy.on(page, origin, now);
    let on = match release.at {
        Some(at) => on.aged_at(at),
        None => on,
    };
    let foreseen = summed(files.into_iter().map(|file| on.ruling(file)).collect());
    if origin == Origin::Private && foreseen == Foreseen::Given { Foreseen::Internal } else { foreseen }
}

fn is_of(file: &PageFile, release: &PreviewedRelease) -> bool {
    match &release.filename {
        Some(filename) => file.filename == *filename,
        None => file.version.as_deref().is_some_and(|version| same_version(version) == same_version(&release.version)),
    }
}

/// Of several files: a rule that is not of age tells first, and what ends first is told of what is held.
fn summed(rulings: Vec<Ruling>) -> Foreseen {
    let mut held: Vec<Hold> = Vec::new();
    let (mut open, mut approved) = (0, false);
    for ruling in rulings {
        match ruling {
            Ruling::Refuse(hold) if !hold.cause.is_for_review() => return Foreseen::Refused { why: sentence(&hold) },
            Ruling::Refuse(hold) => held.push(hold),
            Ruling::Approved(_) => (open, approved) = (open + 1, true),
            Ruling::Admit | Ruling::Noted(_) | Ruling::Advised(_) => open += 1,
        }
    }
    // What does not end by itself ends after all that does.
    let first = held.into_iter().min_by_key(|hold| (hold.ends().is_none(), hold.ends()));
    match first.map(|hold| (sentence(&hold), hold.ends())) {
        None if approved => Foreseen::Approved,
        None => Foreseen::Given,
        Some((why, until)) if open == 0 => Foreseen::Held { why, until },
        Some((why, until)) => Foreseen::Partly { why, until },
    }
}

#[cfg(test)]
mod tests;
