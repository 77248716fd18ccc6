//! A report, as programs read it.

use serde::{Deserialize, Serialize};

use super::health::Issue;
use super::overview::{Blind, Waiting};
use super::report_gate::ReportedGate;
use super::reported::{Answers, ExposureChange, ReportedCase, ReportedClaim, ReportedWatch, TierCount, Waits};
use super::status::Exposed;
use crate::model::Time;
use crate::model::report::{self as model, Audience, Occasion};
use crate::reports::Extent;

/// The version of these types.
const VERSION: u32 = 1;

/// How names stand, what happened in a period, and how far the watch saw.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "Report"))]
pub struct Report<W = Vec<ReportedWatch>, X = Vec<ExposureChange>, C = Vec<ReportedClaim>> {
    /// Of this format.
    pub version: u32,
    /// `null`: of all owners.
    pub owner: Option<String>,
    pub since: Time,
    pub until: Time,
    /// Things stand so at this moment.
    pub at: Time,
    /// When the schedule asked for it; `null`: a person did.
    pub due: Option<Time>,
    /// Reports that were due before it, and that nobody could make.
    pub missed: u32,
    /// Is nothing open, nothing waiting, and was everything seen?
    pub quiet: bool,
    /// What wants a look first.
    pub watches: W,
    /// More are counted in `standing`, and stand under `/api/v1/watches`.
    pub watches_omitted: usize,
    /// How many stand how.
    pub standing: Vec<Exposed>,
    /// Watches at the last report, where that is known.
    pub watches_before: Option<usize>,
    pub watches_added: usize,
    /// Oldest first.
    pub changes: X,
    pub changes_omitted: usize,
    pub tiers: Vec<TierCount>,
    /// Most urgent first.
    pub cases: Vec<ReportedCase>,
    /// More are counted in `tiers`.
    pub cases_omitted: usize,
    pub answers: Answers,
    pub claims: C,
    pub claims_omitted: usize,
    pub waits: Vec<Waits>,
    pub waits_omitted: usize,
    pub noise: Noise,
    pub coverage: Proof,
    /// What the gate says; `null`: there is none on this machine, or nothing of it concerns the owner's names.
    #[serde(default)]
    pub gate: Option<ReportedGate>,
}

/// How much people were told of how much.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Noise {
    pub registrations: u64,
    /// Pages and alerts that were new.
    pub alerts: u64,
    pub weak: u64,
    /// Of pages and alerts among a million registrations; `null` where there was none.
    pub alerts_per_million: Option<u64>,
}

/// What was accounted for in the period, and what was not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Proof {
    /// Every event of the period, with nobody blind and everything delivered.
    pub whole: bool,
    pub stretches: Vec<Accounted>,
    /// Only survivors are accounted for.
    pub holes: Vec<Unaccounted>,
    pub blind: Vec<Blind>,
    pub health: Vec<Issue>,
    pub waiting: Vec<Waiting>,
    /// The ledger in one line.
    pub covered: String,
    /// Why the watch is not up to date, if it is not.
    pub stale: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Accounted {
    /// `changelog`, `rss`, `index`; feeds are added.
    pub feed: String,
    /// `every event`, `survivors only`; grades are added.
    pub grade: String,
    pub after: Option<u64>,
    pub up_to: Option<u64>,
    /// `after` lies before the period.
    pub begun_earlier: bool,
    pub from: Time,
    pub to: Time,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Unaccounted {
    pub after: Option<u64>,
    pub up_to: Option<u64>,
    pub from: Time,
    pub to: Time,
}

/// The same for people, as a file of one of these forms.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ReportFile {
    pub media_type: String,
    pub text: String,
}

/// A form of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum ReportForm {
    /// All of `report.json`.
    Json,
    Text,
    Html,
    /// How each name stands.
    Watches,
    /// The cases.
    Cases,
    /// The reviews that are open at the gate.
    Reviews,
}

impl Report {
    pub fn new(of: &model::Report, extent: Extent) -> Self {
        let (watches, omitted) = part(&of.exposure.watches, extent);
        let (changes, claims) = (part(&of.exposure.changes, extent), part(&of.claims, extent));
        Self::around(of, extent, (watches, omitted + of.exposure.omitted), changes, claims)
    }
}

impl<W, X, C> Report<W, X, C> {
    /// A report with these lists, of each how many more there are.
    pub(super) fn around(
        of: &model::Report,
        extent: Extent,
        (watches, watches_omitted): (W, usize),
        (changes, changes_omitted): (X, usize),
        (claims, claims_omitted): (C, usize),
    ) -> Self {
        let (due, missed) = match of.occasion {
            Occasion::Asked => (None, 0),
            Occasion::Scheduled { due, missed } => (Some(due), missed),
        };
        let owner = match &of.audience {
            Audience::Platform => None,
            Audience::Owner { id, .. } => Some(id.to_string()),
        };
        let (waits, waits_omitted) = part(&of.waits, extent);
        Self {
            version: VERSION,
            owner,
            since: of.since,
            until: of.until,
            at: of.at,
            due,
            missed,
            quiet: of.is_quiet(),
            watches,
            watches_omitted,
            standing: standing(&of.exposure),
            watches_before: of.exposure.before,
            watches_added: of.exposure.added,
            changes,
            changes_omitted,
            tiers: of.findings.tiers.iter().map(TierCount::from).collect(),
            cases: of.findings.cases.iter().map(ReportedCase::from).collect(),
            cases_omitted: of.findings.omitted,
            answers: Answers::from(&of.findings.answers),
            claims,
            claims_omitted,
            waits,
            waits_omitted,
            noise: Noise::from(&of.noise),
            coverage: Proof::from(&of.coverage),
            gate: of.gate.as_ref().map(|part| ReportedGate::new(part, extent)),
        }
    }
}

/// As many of a list as there is room for, and how many more there are.
fn part<'m, M, V: From<&'m M>>(all: &'m [M], extent: Extent) -> (Vec<V>, usize) {
    let shown: Vec<V> = all.iter().take(extent.lines()).map(V::from).collect();
    let omitted = all.len() - shown.len();
    (shown, omitted)
}

fn standing(of: &model::Exposures) -> Vec<Exposed> {
    let exposed = |(exposure, watches): (&String, &usize)| Exposed { exposure: exposure.clone(), watches: *watches };
    of.standing.iter().map(exposed).collect()
}

impl From<&model::Noise> for Noise {
    fn from(of: &model::Noise) -> Self {
        let model::Noise { registrations, alerts, weak } = *of;
        let rate = (registrations > 0).then(|| alerts * 1_000_000 / registrations);
        Self { registrations, alerts, weak, alerts_per_million: rate }
    }
}

impl From<&model::CoverageProof> for Proof {
    fn from(of: &model::CoverageProof) -> Self {
        Self {
            whole: of.is_whole(),
            stretches: of.stretches.iter().map(Accounted::from).collect(),
            holes: of.holes.iter().map(Unaccounted::from).collect(),
            blind: of.blind.iter().map(Blind::from).collect(),
            health: of.unwell.iter().map(Issue::from).collect(),
            waiting: of.waiting.iter().map(Waiting::from).collect(),
            covered: of.line.clone(),
            stale: of.stale.clone(),
        }
    }
}

impl From<&model::Accounted> for Accounted {
    fn from(of: &model::Accounted) -> Self {
        let (after, up_to) = of.serials.map(|(after, up_to)| (after.0, up_to.0)).unzip();
        let (feed, grade) = (of.feed.to_string(), of.grade.clone());
        Self { feed, grade, after, up_to, begun_earlier: of.earlier, from: of.from, to: of.to }
    }
}

impl From<&model::Unaccounted> for Unaccounted {
    fn from(of: &model::Unaccounted) -> Self {
        let (after, up_to) = of.serials.map(|(after, up_to)| (after.0, up_to.0)).unzip();
        Self { after, up_to, from: of.from, to: of.to }
    }
}
