//! `namewarden run`: the daemon.

use std::path::PathBuf;

use super::Failure;
use crate::clock::Clock;
use crate::config::{self, Environment};
use crate::daemon;
use crate::failpoint::{self, Crash};

/// Watch PyPI until told to stop.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Default: /etc/namewarden/namewarden.toml.
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Die at a durable step, for tests of what survives.
    #[arg(long, value_name = "STEP[:N]", hide = true)]
    pub crash_at: Option<Crash>,
}

/// Runs until a signal.
pub async fn run(args: &Args, environment: &Environment) -> Result<(), Failure> {
    let settings = config::load(&environment.config_path(args.config.as_deref()), environment)?;
    if let Some(crash) = args.crash_at {
        failpoint::arm(crash);
    }
    let engine = daemon::boot(settings, Clock::System).await?;
    tracing::info!(version = env!("CARGO_PKG_VERSION"), "namewarden is watching");
    Ok(daemon::run(engine).await?)
}
