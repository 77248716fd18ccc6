//! Read again while the daemon runs: the configuration and the inventory. What is broken leaves the last good one in force.

mod answer;
mod configuration;
mod inventory;
mod plan;
mod start;
mod watcher;

pub use answer::{Configured, Reload, Reloaded};
pub use configuration::{rehearse, reload_all};
pub use inventory::reload;
pub(super) use start::{Start, admit, start};
pub(super) use watcher::Watcher;
