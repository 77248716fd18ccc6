//! Configuration and inventory, read again while the daemon runs.

use serde::{Deserialize, Serialize};

use super::upkeep::Reload;

/// What reading both again came to, or would.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Reread {
    /// The main file of the daemon's configuration.
    pub file: String,
    pub configuration: Configuration,
    pub inventory: Reload,
}

/// What became of the configuration: names of channels, feeds and keys, and never a value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Configuration {
    /// Why it is broken; the last good one stays in force.
    pub error: Option<String>,
    /// Channels and feeds that are new.
    pub started: Vec<String>,
    /// Those that are gone; what waited there goes to those that are left.
    pub ended: Vec<String>,
    /// Channels with other settings, and other keys.
    pub changed: Vec<String>,
    /// Keys that stay as they were at the start.
    pub restart: Vec<Restart>,
    /// Credentials that systemd copied at the start, and that are read from there.
    pub copies: Vec<String>,
}

/// A key that only a restart changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Restart {
    pub key: String,
    /// What it would break while the daemon runs.
    pub why: String,
}
