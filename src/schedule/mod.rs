//! What is due when: how often each feed is looked at and how long it may fail, and the daily work. Whoever waits for it
//! stands in `daemon`.

pub mod feeds;
mod maintenance;
mod refused;
mod stall;
mod unreached;

#[cfg(test)]
mod tests;

pub use maintenance::{Maintenance, between_rounds, forget, last_canary, round};
pub use stall::StallDetector;
