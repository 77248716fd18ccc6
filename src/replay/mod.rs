//! The past, or an index, against an inventory: what would have matched, and what would have alerted.

pub mod count;
pub mod judge;
pub mod lately;
pub mod names;
pub mod stream;
pub mod sweep;
pub mod tally;
pub mod weeks;
