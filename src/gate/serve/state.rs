//! What every answer is made of.

use std::sync::Arc;

use tokio::sync::watch;

use super::refusals::{Refusals, refusals};
use super::sending::Small;
use super::sheet::{Rendered, rendered};
use crate::config::MalwareSettings;
use crate::gate::clock::GateClock;
use crate::gate::contents::ContentsReader;
use crate::gate::desk::ReviewDesk;
use crate::gate::errands::{Errands, Shares};
use crate::gate::files::FileCache;
use crate::gate::ledger::Ledger;
use crate::gate::logins::Logins;
use crate::gate::notary::{Notary, NotaryWork};
use crate::gate::observed::Observed;
use crate::gate::pages::ReadPage;
use crate::gate::policy::Policy;
use crate::gate::proposal::Proposals;
use crate::gate::records::AttestedBook;
use crate::gate::refusal::Refusal;
use crate::gate::ruling::{Cause, Hold, Origin};
use crate::gate::sources::{Found, Sources};
use crate::gate::troubles::GateTroubles;
use crate::gate::workers::Workers;
use crate::model::{ProjectName, Requester};
use crate::registry::pypi::ProjectStatus;

/// A project with its page.
#[derive(Debug)]
pub(in crate::gate) struct WholeProject {
    pub(super) origin: Origin,
    pub(in crate::gate) read: Arc<ReadPage>,
}

impl WholeProject {
    pub(in crate::gate) fn is_of_pypi(&self) -> bool {
        self.origin == Origin::Pypi
    }

    /// Why nothing of it is given out, whatever it lists: an index lists none of the files that it has in quarantine, and locks name them.
    pub(super) fn held(&self) -> Option<Hold> {
        let is_held = self.is_of_pypi() && self.read.page.status == ProjectStatus::Quarantined;
        is_held.then(|| Hold::for_good(Cause::Quarantined))
    }
}

/// Everything that an answer is made of.
#[derive(Debug)]
pub struct Gate {
    pub(in crate::gate) sources: Sources,
    /// In force now.
    pub(in crate::gate) policy: watch::Receiver<Arc<Policy>>,
    pub(super) files: Arc<FileCache>,
    pub(super) small: Small,
    /// What is being fetched: it is kept, though whoever asked first has gone.
    pub(super) fetching: Errands,
    /// For whom.
    pub(super) shares: Arc<Shares>,
    pub(in crate::gate) clock: GateClock,
    /// How clients reach it, without a slash at its end.
    pub(super) public: String,
    /// Who may ask; `None`: anybody.
    pub(super) logins: Option<watch::Receiver<Arc<Logins>>>,
    pub(super) rendered: Rendered,
    pub(super) refusals: Refusals,
    pub(super) workers: Workers,
    /// What is held and decided.
    pub(in crate::gate) desk: ReviewDesk,
    /// Who received what.
    pub(in crate::gate) ledger: Ledger,
    /// What only observed rules would have held.
    pub(in crate::gate) observed: Observed,
    /// Who verifies attestations; `None`: they do not speak.
    pub(in crate::gate) notary: Option<Notary>,
    /// What is only previewed.
    pub(in crate::gate) proposals: Proposals,
    /// What is wrong with what it decides by.
    pub(in crate::gate) troubles: GateTroubles,
    /// The user who may say for whom they decide, by name or number.
    pub(in crate::gate) voice: Option<String>,
    /// Reads for reviewers what is in files.
    pub(in crate::gate) contents: ContentsReader,
    /// Where reviews are looked at, without a slash at its end.
    pub(super) dashboard: Option<String>,
}

impl Gate {
    /// `public`: how clients reach it, without a slash at its end.
    pub fn new(
        sources: Sources,
        policy: watch::Receiver<Arc<Policy>>,
        files: FileCache,
        (desk, ledger, troubles): (ReviewDesk, Ledger, GateTroubles),
        clock: impl Into<GateClock>,
        public: String,
    ) -> Self {
        let clock = clock.into();
        Self {
            sources,
            policy,
            files: Arc::new(files),
            small: Small::default(),
            fetching: Errands::here(),
            shares: Arc::default(),
            contents: ContentsReader::new(clock.clone()),
            clock,
            public,
            logins: None,
            rendered: rendered(),
            refusals: refusals(),
            workers: Workers::default(),
            desk,
            ledger,
            observed: Observed::default(),
            notary: None,
            proposals: Proposals::default(),
            troubles,
            voice: None,
            dashboard: None,
        }
    }

    /// The same, for these users alone.
    #[must_use]
    pub fn for_users(self, logins: watch::Receiver<Arc<Logins>>) -> Self {
        Self { logins: Some(logins), ..self }
    }

    /// With somebody who verifies attestations of PyPI's files while the work is done. `policy`: that of this gate.
    #[must_use]
    pub fn attesting(self, book: AttestedBook, policy: watch::Sender<Arc<Policy>>) -> (Self, NotaryWork) {
        let index = self.sources.index(Origin::Pypi).clone();
        let (notary, work) = Notary::new(index, book, policy, self.clock.clone());
        (Self { notary: Some(notary), ..self }, work)
    }

    /// With a dashboard at this address, without a slash at its end, and with who speaks for its accounts.
    #[must_use]
    pub fn beside(self, dashboard: Option<String>, voice: Option<String>) -> Self {
        Self { voice, dashboard, ..self }
    }

    /// With records of malware by these settings, so that a proposal which names the same takes those in force.
    #[must_use]
    pub fn denying_by(self, malware: MalwareSettings) -> Self {
        Self { proposals: Proposals::beside(malware), ..self }
    }

    /// Below which path clients reach it, without a slash at its end: a proxy may hand on a part of a host.
    pub(super) fn path(&self) -> String {
        url::Url::parse(&self.public).map(|url| url.path().trim_end_matches('/').to_owned()).unwrap_or_default()
    }

    /// The project, and the policy that is in force once it is known: to ask for it may have taken its time. `client`: who asks; `None`: the
    /// gate itself.
    pub(in crate::gate) async fn found(
        &self,
        name: &ProjectName,
        client: Option<&Requester>,
    ) -> Result<(Found, Arc<Policy>), Refusal> {
        let policy = Arc::clone(&self.policy.borrow());
        let found = self.sources.find(&policy, name, client).await?;
        if found.origin == Origin::Pypi {
            self.ledger.note_quarantine(name, found.known.is_quarantined());
        }
        let now = self.policy.borrow();
        // It is nearly always the same one, which every answer has a share of.
        let policy = if Arc::ptr_eq(&now, &policy) { policy } else { Arc::clone(&now) };
        Ok((found, policy))
    }

    /// The same with its page.
    pub(in crate::gate) async fn whole(
        &self,
        name: &ProjectName,
        client: Option<&Requester>,
    ) -> Result<(WholeProject, Arc<Policy>), Refusal> {
        let (found, _) = self.found(name, client).await?;
        let read = self.sources.read(name, &found).await?;
        Ok((WholeProject { origin: found.origin, read }, Arc::clone(&self.policy.borrow())))
    }

    /// See [`Sources::private_is_a_mirror`].
    ///
    /// # Errors
    /// Where the private index does not answer.
    pub async fn private_is_a_mirror(&self) -> Result<bool, String> {
        self.sources.private_is_a_mirror().await.map_err(|why| why.to_string())
    }
}
