//! One uploader works at a time: the daemon takes whoever asks for work to have nothing under way any more.

use std::fs::{File, TryLockError};
use std::path::Path;

use super::super::super::failure::Failure;

/// Held while this process works.
pub(super) struct Alone {
    _held: File,
}

impl Alone {
    /// Locks the configuration file, which every uploader of this daemon reads.
    pub(super) fn hold(config: &Path) -> Result<Self, Failure> {
        let cannot = |error: std::io::Error| Failure::new(format!("{} cannot be locked ({error})", config.display()));
        let file = File::open(config).map_err(cannot)?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _held: file }),
            Err(TryLockError::WouldBlock) => Err(Failure::new(format!(
                "another uploader works by {}: leave it alone, or stop it first (`systemctl stop namewarden-claim`)",
                config.display()
            ))),
            Err(TryLockError::Error(error)) => Err(cannot(error)),
        }
    }
}
