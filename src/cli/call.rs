//! How the program was called: with which configuration, and in which environment.

use std::path::PathBuf;

use crate::config::Environment;

/// What every verb is given beside its own options.
#[derive(Debug)]
pub(super) struct Call {
    /// The configuration that was named.
    pub(super) config: Option<PathBuf>,
    pub(super) environment: Environment,
    /// The whole command line, for what is made of it.
    pub(super) line: fn() -> clap::Command,
}

impl Call {
    /// Where the configuration is, or would be.
    pub(super) fn path(&self) -> PathBuf {
        self.environment.config_path(self.config.as_deref())
    }

    /// Is there a configuration, or was one named?
    pub(super) fn is_configured(&self) -> bool {
        self.config.is_some() || self.path().exists()
    }
}
