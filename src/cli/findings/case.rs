//! The names of cases: as they are asked for, and as they are shown.

use crate::api::v1::Finding;
use crate::model::FindingState;

/// Nothing at all names no case: a variable of a script that is empty.
pub(super) fn parse_case(text: &str) -> Result<String, &'static str> {
    if text.trim().is_empty() {
        Err("write a short name such as nw-417, a key or a project")
    } else {
        Ok(text.to_owned())
    }
}

/// The name for people; every case in a store has one.
pub(in super::super) fn short(finding: &Finding) -> String {
    finding.id.clone().unwrap_or_else(|| finding.key.clone())
}

/// How it stands.
pub(in super::super) fn state(finding: &Finding) -> &'static str {
    FindingState::from(finding.state).word(finding.quarantined)
}
