//! What all charts have in common.

use crate::model::Time;

/// Logical pixels; a mail shows as many. On a telephone it is somewhat smaller, and its words can still be read.
pub(in crate::reports) const WIDTH: u32 = 400;

/// A day on an axis.
pub(super) fn day(time: Time) -> String {
    time.format("%-d %b").to_string()
}
