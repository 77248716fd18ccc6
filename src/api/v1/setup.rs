//! A configuration: what `init` wrote, what `config check` read, and what `doctor` found around it.

use serde::{Deserialize, Serialize};

use super::reread::Reread;

/// The files that `init` wrote.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Initialized {
    /// With its whole path.
    pub directory: String,
    /// Below it.
    pub files: Vec<String>,
}

/// A configuration that the daemon would take.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ConfigCheck {
    /// The main file.
    pub file: String,
    /// Laid over it, in this order.
    pub drop_ins: Vec<String>,
    pub inventory: Watched,
    /// The address of the index.
    pub index: String,
    /// Those that lead off this machine.
    pub channels: Vec<ChannelSummary>,
    /// Credentials that this user may not read, as it should be.
    pub closed: Vec<String>,
    /// What a reload would come to; `null` where no daemon runs that has this configuration, or none that may be asked.
    pub reload: Option<Reread>,
}

/// What an inventory file holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Watched {
    pub file: String,
    pub names: usize,
    pub prefixes: usize,
    pub brands: usize,
    pub owners: usize,
}

/// A channel, and how it is set, without its secrets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ChannelSummary {
    /// `email`, `slack:NAME`, `webhook:NAME`; kinds are added.
    pub channel: String,
    pub summary: String,
}

/// One part of what the daemon depends on: a line of `doctor`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Diagnosis {
    /// `inventory`, `channel`, `feed`, `last-resort`, `daemon`; parts are added.
    pub part: String,
    /// Which, where there are several: a file, `slack:ops`, `rss`. `null`: all of them.
    pub which: Option<String>,
    /// What is wrong with it; `null`: nothing is.
    pub trouble: Option<String>,
    /// What a person should make sure of, where nothing is wrong as far as can be seen; `null`: it is good.
    pub remark: Option<String>,
}
