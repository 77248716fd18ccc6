//! `namewarden run`: the daemon.

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use super::call::Call;
use super::failure::Failure;
use crate::clock::Clock;
use crate::config::{Settings, load};
use crate::daemon::{self, BootError, Engine};
use crate::failpoint::{self, Crash};
use crate::store::{LockError, StoreError};

/// How often, and after which pauses, a held lock is tried again.
const LOCK_TRIES: u32 = 15;
const LOCK_PAUSE: Duration = Duration::from_millis(200);

/// Watch PyPI until told to stop.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Die at a durable step, for tests of what survives.
    #[arg(long, value_name = "STEP[:N]", hide = true)]
    pub crash_at: Option<Crash>,
}

impl Args {
    /// Runs until a signal.
    pub(super) async fn run(self, call: &Call) -> Result<ExitCode, Failure> {
        let settings = load(&call.path(), &call.environment)?;
        if let Some(crash) = self.crash_at {
            failpoint::arm(crash);
        }
        let engine = boot(settings).await?;
        daemon::run(engine).await?;
        Ok(ExitCode::SUCCESS)
    }
}

/// A verb may hold the store for a moment; another daemon holds it for good, and then its pid is the answer.
async fn boot(settings: Settings) -> Result<Arc<Engine>, BootError> {
    let mut tries = LOCK_TRIES;
    loop {
        match daemon::boot(settings.clone(), Clock::System).await {
            Err(BootError::Store(StoreError::Lock(LockError::Held { .. }))) if tries > 0 => tries -= 1,
            outcome => return outcome,
        }
        tokio::time::sleep(LOCK_PAUSE).await;
    }
}
