//! The one place of the simulator that reads the time. Acts played live happen at the current second.

use chrono::SubsecRound as _;

use crate::model::Time;

/// The current time, to the second.
#[expect(clippy::disallowed_methods, reason = "the simulator may import model only, and stamps live acts itself")]
pub(super) fn this_second() -> Time {
    chrono::Utc::now().trunc_subsecs(0)
}
