//! What another inventory would change, before it is written for anybody.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use chrono::TimeDelta;
use tokio::sync::OwnedSemaphorePermit;

use super::examined::examined;
use super::refusal::Refusal;
use super::reply::{Reply, reply};
use super::service::CommandService;
use super::v1::{Difference, Lint, OfTiers, Proposed, ProposedName, ProposedPast, WouldTell};
use crate::config::Settings;
use crate::config::source::Source;
use crate::model::{Inventory, OwnerId, ProjectName, Registry, Watch, WatchKind};
use crate::replay::lately::{Added, Visit, lately};
use crate::store::{Presence, Tx};
use crate::watchlist::{self, Admission, Examined};

/// Names of which is said how they stand.
const NAMES: usize = 200;
/// So far back goes what they would have told, and so many registrations are named.
const LATELY: TimeDelta = TimeDelta::days(90);
const TOLD: usize = 50;

impl CommandService {
    pub(super) async fn inventory_preview(&self, text: String, whole: bool) -> Result<Reply, Refusal> {
        reply(Proposed::from(&self.proposal(text, whole).await?))
    }

    /// What this would change: a whole inventory, or names that are to join the one in force.
    ///
    /// # Errors
    /// The store cannot be read.
    pub(super) async fn proposal(&self, text: String, whole: bool) -> Result<Proposal, Refusal> {
        let turn = Arc::new(self.takers.looking_at(&text).await);
        let given = Given { text, whole, settings: self.settings.borrow().clone(), owner: self.default_owner() };
        let (in_force, until_read) = (self.watchlist.borrow().inventory.clone(), Arc::clone(&turn));
        let read = tokio::task::spawn_blocking(move || {
            let _turn = until_read;
            given.read(&in_force)
        });
        let (lints, thought) = read.await.map_err(|_| Refusal::Stopping)?;
        let Some(thought) = thought.map(Arc::new) else {
            return Ok(Proposal { lints, thought: None, names: Vec::new(), past: None });
        };
        let (names, past) = (self.names(&thought).await?, self.past(&thought, turn).await?);
        Ok(Proposal { lints, thought: Some(thought), names, past })
    }

    /// What the watches that are added would have told.
    async fn past(&self, thought: &Arc<Thought>, turn: Arc<Turn>) -> Result<Option<ProposedPast>, Refusal> {
        if thought.added().is_empty() {
            return Ok(None);
        }
        let (thought, since) = (Arc::clone(thought), self.clock.now() - LATELY);
        let judge = move |tx: &Tx<'_>| {
            let _turn = &turn;
            let each = |visit: &mut Visit<'_>| {
                tx.projects().each_registered(Registry::Pypi, since.timestamp(), |name, second| {
                    visit(name, second);
                    Ok(())
                })
            };
            let lately = lately(thought.as_added(), TOLD, each)?;
            let (registrations, tiers) = (lately.registrations, OfTiers::from(&lately.tally));
            let told = lately.told().iter().filter_map(WouldTell::new).collect();
            Ok(Some(ProposedPast { since, registrations, tiers, told }))
        };
        Ok(self.store.read(judge).await?)
    }

    /// The names that are added, and whether somebody has them.
    async fn names(&self, thought: &Thought) -> Result<Vec<ProposedName>, Refusal> {
        let names = thought.added().iter().filter(|watch| watch.id.kind == WatchKind::Name);
        let names: Vec<ProjectName> =
            names.filter_map(|watch| ProjectName::parse(&watch.id.text).ok()).take(NAMES).collect();
        let stand = self.store.read(move |tx| {
            let one = |name: &ProjectName| {
                let row = tx.projects().get(name)?;
                let listed = row.is_some_and(|row| row.presence == Presence::Present);
                Ok(ProposedName { name: name.to_string(), listed })
            };
            names.iter().map(one).collect()
        });
        Ok(stand.await?)
    }
}

/// Held until all has been looked at, also where whoever asked has gone.
type Turn = Option<OwnedSemaphorePermit>;

/// What another inventory would change.
pub(super) struct Proposal {
    /// Remarks on what was given.
    pub(super) lints: Vec<watchlist::Lint>,
    thought: Option<Arc<Thought>>,
    /// The first of the names that it adds.
    pub(super) names: Vec<ProposedName>,
    /// `None` where it adds none.
    pub(super) past: Option<ProposedPast>,
}

/// What would be in force.
struct Thought {
    admission: Admission,
    /// Which look-alikes and suppressions there would be.
    beside: Arc<Inventory>,
}

/// What somebody sent.
struct Given {
    text: String,
    whole: bool,
    settings: Arc<Settings>,
    owner: OwnerId,
}

impl Given {
    fn read(self, in_force: &Arc<Inventory>) -> (Vec<watchlist::Lint>, Option<Thought>) {
        let path = Path::new(if self.whole { "pasted.toml" } else { "pasted.txt" });
        // Names alone come to an inventory that has the rest.
        let settings = self.whole.then_some(&*self.settings);
        let Examined { inventory, lints } = examined(Source::new(path, self.text), &self.owner, settings);
        let thought = inventory.ok().map(|given| match self.whole {
            true => {
                let admission = watchlist::guard(in_force, &given);
                // What it watches stands in the difference as far as anybody asks.
                Thought { admission, beside: Arc::new(Inventory { watches: BTreeMap::new(), ..given }) }
            }
            false => {
                let admission = Admission::Apply(watchlist::additions(in_force, given));
                Thought { admission, beside: Arc::clone(in_force) }
            }
        });
        (lints, thought)
    }
}

impl Proposal {
    /// `None`: it cannot be used, and the remarks say why.
    pub(super) fn admission(&self) -> Option<&Admission> {
        self.thought.as_ref().map(|thought| &thought.admission)
    }
}

impl Thought {
    fn added(&self) -> &[Watch] {
        &self.admission.changes().added
    }

    fn as_added(&self) -> Added<'_> {
        Added { watches: self.added(), listed: &self.beside.listed, suppressions: &self.beside.suppressions }
    }
}

impl From<&Proposal> for Proposed {
    fn from(of: &Proposal) -> Self {
        Self {
            lints: of.lints.iter().map(Lint::from).collect(),
            difference: of.admission().map(Difference::from),
            names: of.names.clone(),
            past: of.past.clone(),
        }
    }
}
