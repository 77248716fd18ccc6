//! The feeds: each only polls and says what came, and one worker owns what is the same for all.

mod changelog;
pub mod index;
mod look;
mod rss;
mod unreadable;
mod worker;

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use super::engine::Engine;
use super::error::WorkerError;
use crate::registry::pypi::INDEX_PATIENCE;

pub(super) use changelog::{switched_off, while_it_is_on};
use index::IndexFeed;
use rss::RssFeed;
use worker::run;

type Work = Pin<Box<dyn Future<Output = Result<(), WorkerError>> + Send>>;

/// The feeds that run as long as the daemon: name, the longest that one awaits in one piece, and the worker. The changelog, which
/// can be switched off, follows the configuration (`crew.rs`).
pub(super) fn always(engine: &Arc<Engine>) -> [(&'static str, Duration, Work); 2] {
    let (request, engine) = (engine.settings().http.timeout, || Arc::clone(engine));
    [
        ("index", request * INDEX_PATIENCE, Box::pin(run::<IndexFeed>(engine()))),
        ("rss", request, Box::pin(run::<RssFeed>(engine()))),
    ]
}
