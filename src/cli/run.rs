//! `namewarden run`: the daemon.

use std::path::Path;

use super::Failure;
use crate::clock::Clock;
use crate::config::{Environment, load};
use crate::daemon;
use crate::failpoint::{self, Crash};

/// Watch PyPI until told to stop.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Die at a durable step, for tests of what survives.
    #[arg(long, value_name = "STEP[:N]", hide = true)]
    pub crash_at: Option<Crash>,
}

/// Runs until a signal.
pub async fn run(config: Option<&Path>, args: &Args, environment: &Environment) -> Result<(), Failure> {
    let settings = load(&environment.config_path(config), environment)?;
    if let Some(crash) = args.crash_at {
        failpoint::arm(crash);
    }
    let engine = daemon::boot(settings, Clock::System).await?;
    tracing::info!(version = env!("CARGO_PKG_VERSION"), "namewarden is watching");
    Ok(daemon::run(engine).await?)
}
