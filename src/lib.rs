//! namewarden watches PyPI for names that threaten a team's internal Python packages, and tells their owner.
//!
//! Parts in the order data flows; ARCHITECTURE.md walks through them. Imports run one way, and `tests/house/layering.rs`
//! checks it.

pub mod clock;
mod crowd;
pub mod failpoint;
pub mod gate;
pub mod logging;
pub mod model;

pub mod config;
pub mod matcher;
pub mod messages;
pub mod store;
pub mod upstream;

pub mod lists;
pub mod registry;
pub mod socket;
pub mod watchlist;

pub mod cases;

pub mod reports;

pub mod access;
pub mod claims;
pub mod delivery;
pub mod replay;
pub mod schedule;

pub mod api;

pub mod daemon;

pub mod cli;
pub mod sim;
