//! Read again while the daemon runs: the configuration and the inventory. What is broken leaves the last good one in force.

mod alone;
mod answer;
mod configuration;
mod inventory;
mod plan;
mod start;
mod watcher;

pub use alone::reload;
pub use answer::{Configured, Reload, Reread};
pub use configuration::{rehearse, reload_all};
pub(super) use start::{Start, admit, start};
pub(super) use watcher::Watcher;
