//! What is settled before a report is made.

use chrono::TimeDelta;

use crate::model::{Inventory, OwnerId};

/// What a report goes by beside the store.
#[derive(Clone, Copy)]
pub struct Settled<'a> {
    pub inventory: &'a Inventory,
    /// Answers for what has no owner.
    pub default_owner: &'a OwnerId,
    /// How long a page may be open before somebody acknowledges it.
    pub answer_within: TimeDelta,
}
