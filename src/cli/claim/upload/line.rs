//! The uploader's line to the daemon.

use std::time::Duration;

use tokio::time::Instant;

use super::super::super::client::{Client, older};
use super::super::super::failure::Failure;
use crate::api::v1::{self, Command, ProblemType, Told};
use crate::claims::uploader::{Daemon, Untold};
use crate::model::claim::{ClaimEvent, ClaimKey, Work};

/// How long a daemon that is restarted is waited for. What it is not told by then, a look at PyPI tells it.
const PATIENCE: Duration = Duration::from_mins(1);
const PAUSE: Duration = Duration::from_millis(500);

pub(super) struct Line(pub(super) Client);

impl Line {
    pub(super) async fn work(&self) -> Result<Work, Failure> {
        let work: v1::Work = self.0.ask_daemon(Command::ClaimWork).await?;
        Work::try_from(work).map_err(|error| Failure::new(format!("{}: {error}", older())))
    }

    async fn tell_once(&self, key: &ClaimKey, step: &Told) -> Result<(), Untold> {
        let report = Command::ClaimReport { claim: key.to_string(), step: step.clone() };
        match self.0.ask_daemon::<v1::Reported>(report).await {
            Ok(reported) => {
                tracing::info!(claim = reported.claim, state = reported.state, "told");
                Ok(())
            }
            Err(failure) => Err(match failure.problem.of() {
                ProblemType::ClaimRefused | ProblemType::BadValue => Untold::Refused(failure.to_string()),
                _ => Untold::Gone(failure.to_string()),
            }),
        }
    }
}

impl Daemon for Line {
    /// What was stored and not answered is refused when it is told again, and then looked at.
    async fn tell(&self, key: &ClaimKey, told: ClaimEvent) -> Result<(), Untold> {
        let Some(step) = Told::of(told) else { return Err(Untold::Refused("it is not the uploader's".to_owned())) };
        let end = Instant::now() + PATIENCE;
        loop {
            match self.tell_once(key, &step).await {
                Err(Untold::Gone(_)) if Instant::now() < end => tokio::time::sleep(PAUSE).await,
                told => return told,
            }
        }
    }
}
