//! What a reload came to.

use std::path::PathBuf;

use crate::api::v1;
use crate::config::Restart;

/// Configuration and inventory, read again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reread {
    /// The main file of the configuration.
    pub file: PathBuf,
    pub configuration: Configured,
    pub inventory: Reload,
}

/// What became of the configuration. Names channels and keys, and repeats no value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Configured {
    /// Nothing differs but what is listed, which may be nothing.
    Applied {
        /// Channels and feeds that are new.
        started: Vec<String>,
        /// Those that are gone; what waited there went to those that are left.
        ended: Vec<String>,
        /// Channels with other settings, and other keys.
        changed: Vec<String>,
        /// Keys that are as they were at the start.
        restart: Vec<Restart>,
        /// Credentials that systemd copied at the start, and that are read from there.
        copies: Vec<String>,
    },
    /// The last good one stays in force.
    Broken { error: String },
}

/// What became of the inventory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reload {
    Unchanged,
    Applied {
        added: usize,
        removed: usize,
        pre_existing: usize,
    },
    /// The old set stays in force until it is applied by hand.
    Held {
        reasons: Vec<String>,
    },
    /// It fits the configuration on disk and not the one in force: the last good set stays in force until the configuration
    /// is reloaded.
    Waits {
        needs: String,
    },
    /// The last good set stays in force.
    Broken {
        error: String,
    },
}

impl From<Reread> for v1::Reread {
    fn from(of: Reread) -> Self {
        let file = of.file.display().to_string();
        Self { file, configuration: of.configuration.into(), inventory: of.inventory.into() }
    }
}

impl From<Configured> for v1::Configuration {
    fn from(of: Configured) -> Self {
        let [started, ended, changed, copies] = [const { Vec::new() }; 4];
        let nothing = Self { error: None, started, ended, changed, restart: Vec::new(), copies };
        match of {
            Configured::Broken { error } => Self { error: Some(error), ..nothing },
            Configured::Applied { started, ended, changed, restart, copies } => {
                let restart = restart.into_iter().map(|Restart { key, why }| v1::Restart { key, why });
                Self { error: None, started, ended, changed, restart: restart.collect(), copies }
            }
        }
    }
}

impl From<Reload> for v1::Reload {
    fn from(of: Reload) -> Self {
        match of {
            Reload::Unchanged => Self::of(v1::Reloaded::Unchanged),
            Reload::Applied { added, removed, pre_existing } => Self {
                added: Some(added),
                removed: Some(removed),
                pre_existing: Some(pre_existing),
                ..Self::of(v1::Reloaded::Applied)
            },
            Reload::Waits { needs } => Self { reasons: vec![needs], ..Self::of(v1::Reloaded::Held) },
            Reload::Held { reasons } => Self { reasons, ..Self::of(v1::Reloaded::Held) },
            Reload::Broken { error } => Self { error: Some(error), ..Self::of(v1::Reloaded::Broken) },
        }
    }
}

impl Reread {
    pub(super) fn log(&self) {
        self.configuration.log();
        self.inventory.log();
    }
}

impl Configured {
    fn log(&self) {
        match self {
            Self::Applied { started, ended, changed, restart, .. } => {
                let [started, ended, changed] = [started, ended, changed].map(|names| names.join(", "));
                if [&started, &ended, &changed].into_iter().all(String::is_empty) {
                    tracing::info!("the configuration is unchanged");
                } else {
                    tracing::info!(started, ended, changed, "the configuration is in force");
                }
                for Restart { key, why } in restart {
                    tracing::warn!(key, why, "only a restart changes this key for whoever goes by it");
                }
            }
            Self::Broken { error } => {
                tracing::warn!(error, "the configuration is broken, the last good configuration stays in force");
            }
        }
    }
}

impl Reload {
    pub(super) fn log(&self) {
        match self {
            Self::Unchanged => tracing::info!("the inventory is unchanged"),
            Self::Applied { added, removed, pre_existing } => {
                tracing::info!(added, removed, pre_existing, "the inventory is in force");
            }
            Self::Held { reasons } => {
                let reasons = reasons.join("; ");
                tracing::warn!(reasons, "the new inventory is held, the old one stays in force");
            }
            Self::Waits { needs } => {
                tracing::warn!(needs, "the new inventory waits for the configuration, the old one stays in force");
            }
            Self::Broken { error } => {
                tracing::warn!(error, "the inventory is broken, the last good inventory stays in force");
            }
        }
    }
}
