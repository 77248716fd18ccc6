//! What may be asked: the commands of the control socket, and of the verbs behind it.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::account::AccountChange;
use super::delivery::Notice;
use super::filter::Filter;
use super::report::ReportForm;
use super::sets::{AccountRole, ClaimDecision, Decision, Exposure};
use super::uploader::Told;
use crate::gate::{ReviewAct, ReviewState};
use crate::model::Time;
use crate::model::unread::shown;

/// One command. Who asks is known from the transport, and nothing that stands in a command changes it; `who` is a name
/// that is written beside. Lists come in pages: `after` is the `next` of the page before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(tag = "command", rename_all = "kebab-case")]
pub enum Command {
    /// How the watch stands: `status.json`.
    Status,
    /// All that one look takes in: `glance.json`.
    Glance,
    /// What there is to measure, as OpenMetrics text: `metrics.json`.
    Metrics,
    /// How far the watch has seen: `coverage.json`.
    Coverage,
    /// The rules of the matcher: `rule.json`.
    Rules,
    /// A page of cases, newest first: `finding.json`.
    Findings {
        #[serde(default)]
        filter: Filter,
    },
    /// One case, by its short name, its key or its project: `case.json`.
    Finding { case: String },
    /// A person's decision on cases, each on its own: `ruled.json`.
    Judge {
        cases: Vec<String>,
        decision: Decision,
        #[serde(default)]
        who: String,
        note: Option<String>,
    },
    /// Nobody is reminded of these cases for so long, unless they get worse, each on its own: `ruled.json`.
    Snooze {
        cases: Vec<String>,
        minutes: u32,
        #[serde(default)]
        who: String,
        note: Option<String>,
    },
    /// A page of the watches in force, in the order of their ids: `watch.json`.
    Watches {
        owner: Option<String>,
        exposure: Option<Exposure>,
        /// Only watches in which this stands.
        #[serde(default)]
        search: Option<String>,
        after: Option<String>,
        limit: Option<usize>,
    },
    /// What the matcher says of a name, against the inventory in force: `judged.json`.
    CheckName {
        /// A project name, in any spelling.
        name: String,
    },
    /// A page of remarks on the inventory file as it is now, in the order of the file: `lint.json`.
    InventoryLint { after: Option<String>, limit: Option<usize> },
    /// What another inventory would change, or names that are added to it; puts nothing in force: `proposed.json`.
    InventoryPreview {
        /// The file, or a list of names.
        text: String,
        /// Is it a whole inventory? Else its names are added to the one in force.
        #[serde(default)]
        whole: bool,
    },
    /// How names stand, and what happened since then or since the last report: `report.json`.
    Report { owner: Option<String>, since: Option<Time> },
    /// The same for people: `report-file.json`.
    ReportFile { owner: Option<String>, since: Option<Time>, form: ReportForm },
    /// Read the inventory again: `reload.json`. `force`: also when it removes too much.
    ApplyInventory {
        #[serde(default)]
        force: bool,
    },
    /// Read configuration and inventory again: `reread.json`. `dry_run`: only say what it would come to.
    Reload {
        #[serde(default)]
        dry_run: bool,
    },
    /// Queue a test message to every owner, or to one, by every channel; answers with what was queued: `notice.json`.
    TestAlert { owner: Option<String> },
    /// What became of these messages: `delivery.json`.
    Deliveries { notices: Vec<Notice> },
    /// Does every channel work? Sends nothing: `probed.json`.
    Probe,
    /// Compare everything known with the registry's index: `pass.json`.
    Reconcile {
        #[serde(default)]
        dry_run: bool,
        /// Take the body as it is, whatever it lacks and whatever its serial.
        #[serde(default)]
        accept: bool,
    },
    /// A page of the open health cases, oldest first: `unwell.json`.
    Health { after: Option<String>, limit: Option<usize> },
    /// A person has looked at the names that could not be read: the case as it is then, `unwell.json`.
    AcknowledgeHealth {
        /// The key of the case.
        case: String,
        #[serde(default)]
        who: String,
        note: Option<String>,
    },
    /// The serial up to which the changelog is accounted for: `cursor.json`.
    Cursor,
    /// Move it: `cursor.json`.
    SetCursor {
        serial: u64,
        #[serde(default)]
        who: String,
    },
    /// A page of the projects known, in the order of their names: `project.json`.
    Known { after: Option<String>, limit: Option<usize> },
    /// Is the store sound? `store-check.json`.
    Check,
    /// A copy in the directory of backups, by this name or one made of the time: `backup.json`.
    Backup { name: Option<String> },
    /// A page of what protects these watched names best, or all, those first whose turn comes first: `claim-planned.json`.
    ClaimPlan {
        #[serde(default)]
        names: Vec<String>,
        after: Option<String>,
        limit: Option<usize>,
    },
    /// Plan to claim these names, each on its own: `claim-ruled.json`.
    ClaimPropose { names: Vec<String> },
    /// A person's decision on the newest claims of these names, each on its own: `claim-ruled.json`.
    ClaimDecide { names: Vec<String>, decision: ClaimDecision, note: Option<String> },
    /// Let a page of the approved claims of these names be published, or of all: `claims-applied.json`. `dry_run`: only say
    /// what that would come to.
    ClaimApply {
        #[serde(default)]
        names: Vec<String>,
        #[serde(default)]
        dry_run: bool,
        after: Option<String>,
        limit: Option<usize>,
    },
    /// A page of the newest claims of these names, or of all, in their order: `claim.json`.
    ClaimStatus {
        #[serde(default)]
        names: Vec<String>,
        after: Option<String>,
        limit: Option<usize>,
    },
    /// The mail that asks the registry's administrators to allow names to nobody: `claim-request.json`.
    ClaimRequest,
    /// The registry agrees to more than a handful of names, and it can be read there: `claim-agreement.json`.
    ClaimAgree { reference: String },
    /// The uploader's next piece of work: `work.json`. For the user of `[claim.upload]` alone.
    ClaimWork,
    /// What the uploader did, or is about to do: `reported.json`. For the same.
    ClaimReport { claim: String, step: Told },
    /// How the gate stands: `gate-standing.json`.
    Gate,
    /// A page of the gate's reviews, the newest first: `review.json`.
    GateReviews {
        state: Option<ReviewState>,
        /// Only of projects in whose names this stands.
        #[serde(default)]
        search: Option<String>,
        after: Option<String>,
        limit: Option<usize>,
    },
    /// One of them, by its number, and what is known around it: `dossier.json`.
    GateReview { review: String },
    /// A person's decision about it: as it is then, `review.json`. `until`: of an approval, until when it is good. `files_key`: only where its
    /// files are still those.
    GateDecide {
        review: String,
        act: ReviewAct,
        reason: String,
        #[serde(default)]
        until: Option<Time>,
        #[serde(default)]
        files_key: Option<String>,
    },
    /// A page of the accounts of the web, in the order of their names: `account.json`.
    Users { after: Option<String>, limit: Option<usize> },
    /// Add an account, or change one: as it is then, or was, `account.json`.
    UserChange {
        name: String,
        #[serde(flatten)]
        change: AccountChange,
    },
    /// A link that signs in by this account once: `sign-in-link.json`.
    UserLink { name: String },
    /// A page of the tokens of programs, oldest first: `api-token.json`.
    Tokens { after: Option<String>, limit: Option<usize> },
    /// A token of this account, or of whoever asks, for so many days: `api-token.json`, with the token in it.
    TokenCreate { name: String, user: Option<String>, scope: AccountRole, days: u32 },
    /// It is good no longer: what it was, `api-token.json`.
    TokenRevoke { id: i64 },
    /// A page of who did what since then, oldest first: `audit-entry.json`.
    Audit { since: Option<Time>, after: Option<String>, limit: Option<usize> },
}

impl fmt::Display for Command {
    /// `judge cases=nw-1,nw-2 decision=acknowledge who=ada`, for the log: by what it is called on the socket, and cut
    /// where it is long.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Ok(Value::Object(parts)) = serde_json::to_value(self) else { return Err(fmt::Error) };
        f.write_str(parts.get("command").and_then(Value::as_str).unwrap_or_default())?;
        let told = |name: &str| name != "command" && name != "password";
        let given = parts.iter().filter(|(name, value)| told(name) && !value.is_null());
        given
            .map(|(name, value)| (name, shown(&plain(value))))
            .try_for_each(|(name, value)| write!(f, " {name}={value}"))
    }
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(all) => all.iter().map(plain).collect::<Vec<_>>().join(","),
        other => other.to_string(),
    }
}

impl Command {
    /// Is there a secret in it, or in its answer? Neither is kept anywhere.
    pub fn is_secret(&self) -> bool {
        matches!(self, Self::UserChange { .. } | Self::UserLink { .. } | Self::TokenCreate { .. })
    }

    /// Does it take a person, whom no program stands for? Two of them hold a name, and accounts say who they are.
    pub fn takes_a_person(&self) -> bool {
        matches!(
            self,
            Self::ClaimPropose { .. }
                | Self::ClaimDecide { .. }
                | Self::ClaimApply { dry_run: false, .. }
                | Self::ClaimAgree { .. }
                | Self::GateDecide { .. }
                | Self::UserChange { .. }
                | Self::UserLink { .. }
                | Self::TokenCreate { .. }
        )
    }

    /// Does it change anything? What only reads may be asked by whoever looks, as often as they like.
    pub fn changes(&self) -> bool {
        match self {
            Self::Status
            | Self::Glance
            | Self::CheckName { .. }
            | Self::InventoryLint { .. }
            | Self::InventoryPreview { .. }
            | Self::Metrics
            | Self::Coverage
            | Self::Rules
            | Self::Findings { .. }
            | Self::Finding { .. }
            | Self::Watches { .. }
            | Self::Report { .. }
            | Self::ReportFile { .. }
            | Self::Cursor
            | Self::Deliveries { .. }
            | Self::Known { .. }
            | Self::Check
            | Self::Health { .. }
            | Self::Probe
            // It comes every few seconds, and what becomes of it is in the trail.
            | Self::ClaimWork
            | Self::Reload { dry_run: true }
            | Self::Reconcile { dry_run: true, .. }
            | Self::ClaimPlan { .. }
            | Self::ClaimApply { dry_run: true, .. }
            | Self::ClaimStatus { .. }
            | Self::ClaimRequest
            | Self::Gate
            | Self::GateReviews { .. }
            | Self::GateReview { .. }
            | Self::Users { .. }
            | Self::Tokens { .. }
            | Self::Audit { .. } => false,
            Self::Judge { .. }
            | Self::Snooze { .. }
            | Self::ApplyInventory { .. }
            | Self::Reload { dry_run: false }
            | Self::TestAlert { .. }
            | Self::Reconcile { dry_run: false, .. }
            | Self::AcknowledgeHealth { .. }
            | Self::SetCursor { .. }
            | Self::Backup { .. }
            | Self::ClaimPropose { .. }
            | Self::ClaimDecide { .. }
            | Self::ClaimApply { dry_run: false, .. }
            | Self::ClaimAgree { .. }
            | Self::ClaimReport { .. }
            | Self::GateDecide { .. }
            | Self::UserChange { .. }
            | Self::UserLink { .. }
            | Self::TokenCreate { .. }
            | Self::TokenRevoke { .. } => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::v1::Hidden;

    #[test]
    fn a_command_is_logged_in_the_words_of_the_socket() {
        let cases = ["nw-1", "acme"].map(str::to_owned).to_vec();
        let judge = Command::Judge { cases, decision: Decision::Acknowledge, who: "ada".to_owned(), note: None };
        assert_eq!(judge.to_string(), "judge cases=nw-1,acme decision=acknowledge who=ada");
        assert_eq!(Command::Status.to_string(), "status");
        assert_eq!(Command::ApplyInventory { force: true }.to_string(), "apply-inventory force=true");
        let password = Some(Hidden("correct horse battery".to_owned()));
        let add = AccountChange::Add { role: AccountRole::Admin, uid: Some(7), password };
        let add = Command::UserChange { name: "ada".to_owned(), change: add };
        assert_eq!(add.to_string(), "user-change change=add name=ada role=admin uid=7", "no password is logged");
        assert!(!format!("{add:?}").contains("horse"), "{add:?}");
        let long = Command::Backup { name: Some("x".repeat(60_000)) }.to_string();
        assert!(long.ends_with("… (60000 characters)") && long.len() < 300, "{long}");
    }
}
