//! The shape of version 1, field by field. Frozen: fields may be added, none renamed, removed or given another meaning.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use crate::model::Time;
use crate::model::held::HeldCause;
use crate::model::overview::{Blind, Overview};

#[derive(Serialize)]
pub(super) struct Message {
    pub(super) version: u8,
    #[serde(rename = "type")]
    pub(super) kind: &'static str,
    pub(super) timestamp: String,
    pub(super) data: Data,
}

#[derive(Serialize)]
pub(super) struct Data {
    pub(super) key: String,
    pub(super) thread: String,
    pub(super) tier: &'static str,
    pub(super) owner: OwnerV1,
    /// Why whoever stands in for the owner gets it.
    pub(super) instead: Option<String>,
    /// The subject line without its tier.
    pub(super) headline: String,
    /// The page of the dashboard that speaks of the same; `null` where nobody configured how it is reached.
    pub(super) url: Option<String>,
    /// The watch that speaks.
    pub(super) origin: OriginV1,
    pub(super) coverage: String,
    /// What changed, for `finding.worsened`, `finding.escalated` and `finding.ended`.
    pub(super) change: Option<String>,
    /// Most urgent first; for `watch.startup`, what already stood on PyPI.
    pub(super) cases: Vec<CaseV1>,
    /// Cases that are not in `cases`.
    pub(super) omitted: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) startup: Option<StartupV1>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) unwatched: Option<UnwatchedV1>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) health: Option<Vec<HealthV1>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) claim: Option<ClaimV1>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) reviews: Option<Vec<HeldV1>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) recalls: Option<Vec<RecallV1>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) overview: Option<OverviewV1>,
}

#[derive(Serialize)]
pub(super) struct OriginV1 {
    /// Empty: the machine has no name.
    pub(super) machine: String,
    /// What its operators call it.
    pub(super) instance: Option<String>,
}

#[derive(Serialize)]
pub(super) struct OwnerV1 {
    pub(super) id: String,
    pub(super) name: String,
}

#[derive(Serialize)]
pub(super) struct CaseV1 {
    /// The key: the same in another store.
    pub(super) finding: String,
    /// `nw-417`, for people and for `namewarden findings ack`.
    pub(super) id: Option<String>,
    /// Its page on the dashboard.
    pub(super) url: Option<String>,
    pub(super) tier: &'static str,
    pub(super) state: &'static str,
    /// The state is `removed` because PyPI keeps the project in quarantine.
    pub(super) quarantined: bool,
    pub(super) project: ProjectV1,
    /// Most urgent first.
    pub(super) watches: Vec<WatchV1>,
    /// Watches that it resembles no more than those, by owner.
    pub(super) more: Vec<MoreV1>,
    /// What was seen around it.
    pub(super) context: Vec<ContextV1>,
    pub(super) registered_at: Option<String>,
    pub(super) seen_at: String,
    pub(super) published: PublishedV1,
    pub(super) would_pip_take: PipV1,
    pub(super) note: Option<String>,
}

#[derive(Serialize)]
pub(super) struct ProjectV1 {
    pub(super) name: String,
    pub(super) display: String,
    pub(super) url: Option<String>,
}

#[derive(Serialize)]
pub(super) struct WatchV1 {
    pub(super) kind: &'static str,
    /// `acme-billing`, `acme-*`, `brand:acme`.
    pub(super) label: String,
    pub(super) owner: String,
    pub(super) tier: &'static str,
    /// The tier that name and watch alone give.
    pub(super) tier_by_name: &'static str,
    pub(super) latest_version: Option<String>,
    pub(super) index: Option<String>,
    pub(super) matches: Vec<MatchV1>,
}

#[derive(Serialize)]
pub(super) struct MoreV1 {
    pub(super) owner: String,
    pub(super) watches: usize,
}

#[derive(Serialize)]
pub(super) struct ContextV1 {
    /// `together`, `version`, `registrant`.
    pub(super) kind: &'static str,
    /// Evidence that it adds to that of the matches; an alert is made where they lack no more.
    pub(super) bits: u8,
    pub(super) explanation: String,
}

#[derive(Serialize)]
pub(super) struct MatchV1 {
    pub(super) rule: &'static str,
    pub(super) tier: &'static str,
    pub(super) score: u8,
    /// Bits of evidence that it is short of an alert.
    pub(super) lacks: u8,
    pub(super) distance: Option<u8>,
    pub(super) explanation: String,
}

#[derive(Serialize)]
pub(super) struct PublishedV1 {
    pub(super) users: Vec<String>,
    pub(super) organization: Option<String>,
    /// Is the registrant listed as ours? `null`: not known.
    pub(super) ours: Option<bool>,
    pub(super) versions: Vec<String>,
    pub(super) summary: Option<String>,
    pub(super) author: Option<String>,
    pub(super) home_page: Option<String>,
    pub(super) first_upload: Option<String>,
    /// Why a look-up gave nothing.
    pub(super) trouble: Option<String>,
    /// Nothing has told yet how new PyPI's page has to be, so it may be an older one.
    pub(super) provisional: bool,
}

#[derive(Serialize)]
pub(super) struct PipV1 {
    /// `yes`, `no` or `unknown`.
    pub(super) answer: Value,
    pub(super) explanation: String,
    /// The same answer for each installer and setting; `pip` is `answer`.
    pub(super) installers: BTreeMap<&'static str, Value>,
}

#[derive(Serialize)]
pub(super) struct StartupV1 {
    pub(super) watched: Vec<ExposureV1>,
    pub(super) recorded: usize,
    pub(super) channels: Vec<String>,
}

#[derive(Serialize)]
pub(super) struct ExposureV1 {
    pub(super) watch: String,
    /// `null`: not judged.
    pub(super) exposure: Option<&'static str>,
}

#[derive(Serialize)]
pub(super) struct UnwatchedV1 {
    pub(super) watches: Vec<String>,
    pub(super) closed_findings: usize,
}

#[derive(Serialize)]
pub(super) struct HealthV1 {
    pub(super) issue: String,
    pub(super) since: String,
    /// `null` while it lasts.
    pub(super) until: Option<String>,
    pub(super) detail: String,
}

/// What is published unless somebody stops it, for `claim.announced`.
#[derive(Serialize)]
pub(super) struct ClaimV1 {
    /// `acme-billing#1`.
    pub(super) claim: String,
    pub(super) name: String,
    /// How long it waits for that; `null`: not at all.
    pub(super) minutes: Option<u64>,
    /// When its turn comes, where the day's quota keeps it longer than that.
    pub(super) turn: Option<String>,
}

/// A release that the gate holds and that somebody asked for, for `review.held`.
#[derive(Serialize)]
pub(super) struct HeldV1 {
    /// Its number, for `namewarden gate show`.
    pub(super) review: i64,
    pub(super) project: String,
    pub(super) version: String,
    /// Why, and until when.
    pub(super) why: String,
    /// By which kind of rule, as in the problem of a refusal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) cause: Option<HeldCause>,
    /// When it is held no longer by itself, where it ends so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) until: Option<String>,
    /// How often it was asked for.
    pub(super) asked: i64,
    pub(super) since: String,
    /// A word for each user, and for each host of those who did not log in.
    pub(super) peers: Vec<String>,
    /// By user and host.
    pub(super) asked_by: Vec<WhoV1>,
    /// By more than those.
    pub(super) more_peers: bool,
    pub(super) files: usize,
    /// Names these files, for `namewarden gate approve --files`.
    pub(super) files_key: String,
    /// Where it is looked at, where there is a dashboard.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) url: Option<String>,
}

/// How the whole watch stands, for `proof.canary`.
#[derive(Serialize)]
pub(super) struct OverviewV1 {
    pub(super) pages_open: u64,
    pub(super) pages_unacknowledged: u64,
    /// Not acknowledged in time, or not delivered.
    pub(super) pages_overdue: u64,
    pub(super) alerts_open: u64,
    pub(super) weak_open: u64,
    pub(super) undelivered: u64,
    pub(super) issues: Vec<String>,
    pub(super) blind: Vec<BlindV1>,
}

#[derive(Serialize)]
pub(super) struct BlindV1 {
    pub(super) what: String,
    pub(super) from: String,
    pub(super) to: String,
}

impl From<&Overview> for OverviewV1 {
    fn from(overview: &Overview) -> Self {
        let time = |time: Time| time.to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
        let blind = |blind: &Blind| BlindV1 { what: blind.what.clone(), from: time(blind.from), to: time(blind.to) };
        Self {
            pages_open: overview.pages.cases,
            pages_unacknowledged: overview.pages.unacknowledged,
            pages_overdue: overview.unanswered + overview.untold,
            alerts_open: overview.alerts.cases,
            weak_open: overview.weak,
            undelivered: overview.waiting.iter().map(|waiting| waiting.messages).sum(),
            issues: overview.issues.iter().map(|case| case.issue.to_string()).collect(),
            blind: overview.blind.iter().map(blind).collect(),
        }
    }
}

/// Files of a project that turned out to be bad after clients of the gate had received them.
#[derive(Serialize)]
pub(super) struct RecallV1 {
    pub(super) project: String,
    /// `finding`, `rejected`, `quarantined`, `malware`.
    pub(super) cause: &'static str,
    pub(super) explanation: String,
    /// It is so no more.
    pub(super) over: bool,
    pub(super) files: Vec<RecalledFileV1>,
    pub(super) more_files: usize,
}

#[derive(Serialize)]
pub(super) struct RecalledFileV1 {
    pub(super) filename: String,
    pub(super) version: Option<String>,
    pub(super) sha256: String,
    pub(super) receivers: Vec<ReceiverV1>,
    pub(super) more_receivers: usize,
}

#[derive(Serialize)]
pub(super) struct ReceiverV1 {
    #[serde(flatten)]
    pub(super) who: WhoV1,
    pub(super) first: String,
    pub(super) last: String,
}

/// Who asked at the gate.
#[derive(Serialize)]
pub(super) struct WhoV1 {
    /// The user, or else the host, or `unknown`.
    pub(super) peer: String,
    /// `null`: nobody has to log in.
    pub(super) user: Option<String>,
    /// The address that they asked from; `null`: nobody knows it.
    pub(super) host: Option<String>,
}
