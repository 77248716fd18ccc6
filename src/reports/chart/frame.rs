//! What all charts have in common.

use crate::model::Time;

/// Logical pixels; a mail shows as many.
pub(in crate::reports) const WIDTH: u32 = 640;

/// A day on an axis.
pub(super) fn day(time: Time) -> String {
    time.format("%-d %b").to_string()
}
