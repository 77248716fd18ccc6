//! What is done about a case: who hears of it, what is claimed, reported and replayed, and who may look.

use namewarden_base::{
    cases, clock, config, failpoint, lists, logging, matcher, messages, model, registry, store, upstream, watchlist,
};

pub mod access;
pub mod claims;
pub mod delivery;
pub mod replay;
pub mod reports;
pub mod schedule;
