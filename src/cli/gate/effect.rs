//! Whether what the configuration asks of a file can have any effect, and from when on.

use super::super::failure::Failure;
use crate::config::GateSettings;
use crate::model::Time;

/// Rules that hold nothing are no rules, and whoever wrote them believes otherwise.
pub(super) fn effective(of: &GateSettings) -> Result<(), Failure> {
    let asks = !of.file_age.is_zero() || !of.project_age.is_zero() || of.freeze.is_some();
    if !asks {
        let remedy = "write file_age = \"7d\", or a freeze";
        return Err(Failure::configured(format!("[gate] asks nothing of a file's age; {remedy}")));
    }
    Ok(())
}

/// What is told of a freeze that is to come; `None`: there is none, or it is in force.
///
/// It is no fault that stops a start: it will hold something, as whoever plans one means, and a machine that starts with its clock behind
/// would end for good by a freeze of last week, which no restart mends (exit status 78). But a year that is mistyped holds nothing
/// for a year, so that persons are told, until it has come.
pub(super) fn to_come(of: &GateSettings, now: Time) -> Option<String> {
    let freeze = of.freeze.filter(|freeze| *freeze > now)?;
    Some(format!(
        "[gate] freeze {freeze} is to come, and nothing is frozen until then: if it was meant to be in force, write a time that has passed, and restart \
         the gate"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frozen(at: Option<&str>) -> GateSettings {
        GateSettings { freeze: at.map(|at| at.parse().expect("a time")), ..GateSettings::default() }
    }

    #[test]
    fn a_freeze_to_come_stops_nothing_and_is_told_until_it_has_come() {
        let now = "2026-11-27T12:00:00Z".parse().expect("a time");
        let planned = frozen(Some("2026-12-01T00:00:00Z"));
        assert!(effective(&planned).is_ok());
        let told = to_come(&planned, now).expect("told");
        assert!(told.contains("freeze 2026-12-01 00:00:00 UTC is to come") && told.contains("has passed"), "{told}");
        for in_force in [frozen(Some("2026-11-27T12:00:00Z")), frozen(None)] {
            assert_eq!(to_come(&in_force, now), None);
        }
    }

    #[test]
    fn rules_that_ask_nothing_are_refused() {
        let none = std::time::Duration::ZERO;
        let asking = |freeze| GateSettings { file_age: none, project_age: none, ..frozen(freeze) };
        assert!(effective(&asking(None)).is_err() && effective(&asking(Some("2026-11-01T00:00:00Z"))).is_ok());
    }
}
