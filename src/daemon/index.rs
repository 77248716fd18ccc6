//! The index worker: the first baseline, then passes that say what survives.

mod pass;

use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::engine::Engine;
use super::error::WorkerError;
use crate::daemon::stall::StallDetector;
use crate::model::health::HealthIssue;
use crate::model::{Feed, Serial, Time, count};
use crate::registry::pypi::index::{IndexError, Refusal};
use crate::store::StoreError;
use crate::upstream::backoff;
use crate::upstream::retry::jitter;

pub use pass::{Trust, compare, look, pass, summary};

/// Cursor of the index: what was applied last.
pub const CURSOR: &str = "index";

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Applied {
    pub etag: Option<String>,
    pub serial: Serial,
    pub at: Time,
}

/// What one pass came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "pass", rename_all = "kebab-case")]
pub enum Pass {
    /// The server says nothing changed.
    Unchanged,
    Baseline {
        projects: usize,
        pre_existing: usize,
    },
    Reconciled {
        total: usize,
        listed: usize,
        changed: usize,
        relisted: usize,
        unlisted: usize,
        missed: Vec<String>,
    },
}

impl Pass {
    fn log(&self) {
        match self {
            Self::Unchanged => tracing::info!(feed = "index", "index pass: nothing has changed"),
            Self::Baseline { projects, pre_existing } => {
                tracing::info!(feed = "index", projects, pre_existing, "index pass: the baseline is made");
            }
            Self::Reconciled { total, listed, changed, relisted, unlisted, missed } => {
                let missed = missed.len();
                tracing::info!(
                    feed = "index",
                    total,
                    listed,
                    changed,
                    relisted,
                    unlisted,
                    missed,
                    "index pass: compared"
                );
            }
        }
    }

    /// Did the index say anything that was not known?
    fn moved(&self) -> bool {
        match self {
            Self::Unchanged => false,
            Self::Baseline { .. } => true,
            Self::Reconciled { listed, changed, relisted, unlisted, .. } => listed + changed + relisted + unlisted > 0,
        }
    }
}

/// Why a pass came to nothing.
#[derive(Debug, thiserror::Error)]
pub enum PassError {
    #[error(transparent)]
    Index(#[from] IndexError),
    #[error(transparent)]
    Refused(#[from] Refusal),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("the reader of the index body died")]
    Died,
}

/// The worker: the baseline as soon as may be, then passes as often as the index is needed.
pub(super) async fn run(engine: Arc<Engine>) -> Result<(), WorkerError> {
    let mut failures = 0;
    let mut last_success = engine.clock.mono();
    let mut stall = StallDetector::new(last_success);
    loop {
        let every = engine.index_rhythm().await?;
        match pass(&engine, Trust::Checked).await {
            Ok(pass) => {
                (failures, last_success) = (0, engine.clock.mono());
                engine.answered(Feed::Index, &mut stall, pass.moved()).await?;
                report(&engine, &pass).await?;
            }
            Err(PassError::Store(error)) => return Err(error.into()),
            Err(error) => {
                failures += 1;
                tracing::warn!(feed = "index", %error, failures, "index pass failed");
                complain(&engine, &error, every, last_success).await?;
            }
        }
        let wait = if failures == 0 { every } else { backoff(failures, jitter()).min(every) };
        engine.rest_until(engine.to_index.notified(), wait).await;
    }
}

async fn report(engine: &Engine, pass: &Pass) -> Result<(), StoreError> {
    pass.log();
    engine.resolve(HealthIssue::IndexRefused).await?;
    if let Pass::Reconciled { missed, .. } = pass {
        if missed.is_empty() {
            return engine.resolve(HealthIssue::Missed).await;
        }
        let names: Vec<&str> = missed.iter().take(20).map(String::as_str).collect();
        let detail = format!(
            "the index lists {} that the changelog should have told and did not ({}{}); they have been judged now",
            count(missed.len(), "project", "projects"),
            names.join(", "),
            if missed.len() > names.len() { ", …" } else { "" }
        );
        engine.raise(HealthIssue::Missed, detail).await?;
    }
    Ok(())
}

/// The way out that only a person can choose.
const VOUCH: &str = "if the index is right, `namewarden reconcile --accept` takes it as it is";

/// A stale body is another edge's cache and only counts when it lasts; a body that is not believed is told at once.
async fn complain(engine: &Engine, error: &PassError, every: Duration, success: Duration) -> Result<(), StoreError> {
    if let PassError::Refused(refusal) = error
        && !matches!(refusal, Refusal::Stale { .. })
    {
        let detail = format!("{refusal}; coverage stands still until a body comes that fits; {VOUCH}");
        return engine.raise(HealthIssue::IndexRefused, detail).await.map(drop);
    }
    let (silence, since) = engine.silence(success);
    if silence >= Engine::patience(every) {
        let remedy = if matches!(error, PassError::Refused(_)) { format!("; {VOUCH}") } else { String::new() };
        let detail = format!("no index pass has succeeded since {}: {error}{remedy}", since.format("%F %T UTC"));
        engine.raise(HealthIssue::FeedBlind { feed: Feed::Index }, detail).await?;
    }
    Ok(())
}
