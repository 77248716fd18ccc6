//! What people may ask of a running watch: the vocabulary of the control socket and of the verbs behind it.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::notice::NoticeRef;
use super::{CaseRef, FindingKey, FindingState, OwnerId, ProjectName, Serial, Tier, WatchId};

/// One request. The reply is JSON whose shape belongs to the command.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "command", rename_all = "kebab-case")]
pub enum Command {
    Status,
    /// A page of cases, newest first; an empty one is the end.
    Findings {
        filter: FindingFilter,
    },
    Finding {
        case: CaseRef,
    },
    /// A person's verdict on cases, each on its own; *who* is recorded beside the user that asked.
    Judge {
        cases: Vec<CaseRef>,
        verdict: Decision,
        who: String,
        note: Option<String>,
    },
    Inventory,
    ApplyInventory {
        force: bool,
    },
    TestAlert {
        owner: Option<OwnerId>,
    },
    /// What became of these notices.
    Deliveries {
        notices: Vec<NoticeRef>,
    },
    /// Does every channel work? Sends nothing.
    Probe,
    Reconcile {
        dry_run: bool,
        /// Take the body as it is, whatever it lacks and whatever its serial.
        accept: bool,
    },
    /// Open health cases, with the names that could not be read.
    Health,
    /// A person has looked at the names that could not be read.
    AcknowledgeHealth {
        /// The key of the case.
        case: String,
        who: String,
        note: Option<String>,
    },
    Cursor,
    SetCursor {
        serial: Serial,
        who: String,
    },
    /// A page of the projects known, in the order of their names; an empty one is the end.
    Known {
        /// The last name of the page before.
        after: Option<String>,
        limit: u32,
    },
    Check,
    /// A copy in the directory of backups; without a name, one made of the time.
    Backup {
        name: Option<String>,
    },
}

impl fmt::Display for Command {
    /// `judge cases=nw-1,nw-2 verdict=acknowledge who=ada`, for the log: by what it is called on the socket.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Ok(Value::Object(parts)) = serde_json::to_value(self) else { return Err(fmt::Error) };
        f.write_str(parts.get("command").and_then(Value::as_str).unwrap_or_default())?;
        let given = parts.iter().filter(|(name, value)| *name != "command" && !value.is_null());
        given.map(|(name, value)| (name, plain(value))).try_for_each(|(name, value)| write!(f, " {name}={value}"))
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
    /// Does it change anything? What only reads may be asked by whoever looks, as often as they like.
    pub fn changes(&self) -> bool {
        match self {
            Self::Status
            | Self::Findings { .. }
            | Self::Finding { .. }
            | Self::Inventory
            | Self::Cursor
            | Self::Deliveries { .. }
            | Self::Known { .. }
            | Self::Check
            | Self::Health
            | Self::Probe
            | Self::Reconcile { dry_run: true, .. } => false,
            Self::Judge { .. }
            | Self::ApplyInventory { .. }
            | Self::TestAlert { .. }
            | Self::Reconcile { dry_run: false, .. }
            | Self::AcknowledgeHealth { .. }
            | Self::SetCursor { .. }
            | Self::Backup { .. } => true,
        }
    }
}

/// Which findings a list shows; `None` does not restrict.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct FindingFilter {
    pub owner: Option<OwnerId>,
    pub project: Option<ProjectName>,
    pub watch: Option<WatchId>,
    /// Empty: every state.
    pub states: Vec<FindingState>,
    pub at_least: Option<Tier>,
    /// Only what no notice has carried yet.
    pub untold: bool,
    /// Only what follows this case in the order of the list: the last key of the page before.
    pub after: Option<FindingKey>,
    pub limit: Option<usize>,
}

/// What a person decided about a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Decision {
    Acknowledge,
    Resolve,
    Suppress,
    Reopen,
}

impl Decision {
    pub fn state(self) -> FindingState {
        match self {
            Self::Acknowledge => FindingState::Acknowledged,
            Self::Resolve => FindingState::Resolved,
            Self::Suppress => FindingState::Suppressed,
            Self::Reopen => FindingState::Open,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_logged_in_the_words_of_the_socket() {
        let cases = ["nw-1", "acme"].map(|case| CaseRef(case.to_owned())).to_vec();
        let judge = Command::Judge { cases, verdict: Decision::Acknowledge, who: "ada".to_owned(), note: None };
        assert_eq!(judge.to_string(), "judge cases=nw-1,acme verdict=acknowledge who=ada");
        assert_eq!(Command::Status.to_string(), "status");
        assert_eq!(Command::ApplyInventory { force: true }.to_string(), "apply-inventory force=true");
    }
}
