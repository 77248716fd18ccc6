//! What one attempt is given.

use crate::model::notice::Briefing;
use crate::model::{Channel, Owner, Recipient, Time};

/// What is to be told to whom.
#[derive(Clone, Copy)]
pub struct Delivery<'a> {
    pub channel: &'a Channel,
    pub owner: &'a Owner,
    pub briefing: &'a Briefing,
    /// Recipients whose fate earlier attempts decided; they are not asked again.
    pub settled: &'a [Recipient],
    pub now: Time,
}
