//! Whether what the configuration asks of a file can have any effect now.

use super::super::failure::Failure;
use crate::clock::Clock;
use crate::config::GateSettings;

/// Rules that hold nothing are no rules, and whoever wrote them believes otherwise.
pub(super) fn effective(of: &GateSettings, clock: &Clock) -> Result<(), Failure> {
    let asks = !of.file_age.is_zero() || !of.project_age.is_zero() || of.freeze.is_some();
    if !asks {
        let remedy = "write file_age = \"7d\", or a freeze";
        return Err(Failure::configured(format!("[gate] asks nothing of a file's age; {remedy}")));
    }
    match of.freeze.filter(|freeze| *freeze > clock.now()) {
        Some(freeze) => Err(Failure::configured(format!(
            "[gate] freeze {freeze} is to come, and holds nothing until then; write a time that has passed"
        ))),
        None => Ok(()),
    }
}
