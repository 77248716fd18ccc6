//! What every answer is made of.

use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::State;
use tokio::sync::{oneshot, watch};
use tokio::task::JoinSet;

use super::sheet::{Rendered, rendered};
use crate::clock::Clock;
use crate::gate::desk::ReviewDesk;
use crate::gate::files::FileCache;
use crate::gate::ledger::Ledger;
use crate::gate::observed::Observed;
use crate::gate::policy::Policy;
use crate::gate::sources::Sources;
use crate::gate::troubles::GateTroubles;

/// Everything that an answer is made of.
#[derive(Debug)]
pub struct Gate {
    pub(in crate::gate) sources: Sources,
    /// In force now.
    pub(in crate::gate) policy: watch::Receiver<Arc<Policy>>,
    pub(super) files: Arc<FileCache>,
    /// What is being fetched: it is kept, though whoever asked first has gone.
    fetching: Mutex<JoinSet<()>>,
    pub(in crate::gate) clock: Clock,
    /// How clients reach it, without a slash at its end.
    pub(super) public: String,
    pub(super) rendered: Rendered,
    /// What is held and decided.
    pub(in crate::gate) desk: ReviewDesk,
    /// Who received what.
    pub(in crate::gate) ledger: Ledger,
    /// What only observed rules would have held.
    pub(in crate::gate) observed: Observed,
    /// What is wrong with what it decides by.
    pub(in crate::gate) troubles: GateTroubles,
}

impl Gate {
    /// `public`: how clients reach it, without a slash at its end.
    pub fn new(
        sources: Sources,
        policy: watch::Receiver<Arc<Policy>>,
        files: FileCache,
        (desk, ledger, troubles): (ReviewDesk, Ledger, GateTroubles),
        clock: Clock,
        public: String,
    ) -> Self {
        let fetching = Mutex::new(JoinSet::new());
        Self {
            sources,
            policy,
            files: Arc::new(files),
            fetching,
            clock,
            public,
            rendered: rendered(),
            desk,
            ledger,
            observed: Observed::default(),
            troubles,
        }
    }

    /// Does the work to its end, however long whoever asked for it waits. `None`: the gate ends.
    pub(super) async fn to_the_end<T: Send + 'static>(
        &self,
        work: impl Future<Output = T> + Send + 'static,
    ) -> Option<T> {
        let (tell, told) = oneshot::channel();
        {
            let mut fetching = self.fetching.lock().unwrap_or_else(PoisonError::into_inner);
            while fetching.try_join_next().is_some() {}
            // Whoever asked may have gone.
            fetching.spawn(async move { drop(tell.send(work.await)) });
        }
        told.await.ok()
    }

    /// See [`Sources::private_is_a_mirror`].
    ///
    /// # Errors
    /// Where the private index does not answer.
    pub async fn private_is_a_mirror(&self) -> Result<bool, String> {
        self.sources.private_is_a_mirror().await.map_err(|why| why.to_string())
    }
}

pub(super) type App = State<Arc<Gate>>;
