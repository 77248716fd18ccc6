//! What is to be said of the inventory file and of one name, and what another inventory would change.

use std::path::Path;
use std::sync::Arc;

use chrono::TimeDelta;
use serde_json::Value;

use super::cursor::List;
use super::examined::examined;
use super::lists::{AT_ONCE, most};
use super::refusal::Refusal;
use super::remarks::{Basis, Remarks};
use super::service::{CommandService, reply};
use super::v1::{Difference, Judged, Lint, OfTiers, Proposed, ProposedName, ProposedPast, WouldTell};
use crate::config::source::Source;
use crate::matcher::Judgement;
use crate::model::{Inventory, NameError, OwnerId, ProjectName, Registry, Watch, WatchKind};
use crate::replay::lately::Lately;
use crate::store::{Presence, Tx};
use crate::watchlist::{self, Admission, Examined, InventoryError};

/// Names of which is said how they stand.
const NAMES: usize = 200;
/// So far back goes what they would have told, and so many registrations are named.
const LATELY: TimeDelta = TimeDelta::days(90);
const TOLD: usize = 50;

impl CommandService {
    /// A page of them. A cursor is of one text: where the file is another by now, it is refused.
    pub(super) async fn inventory_lint(&self, after: Option<String>, limit: Option<usize>) -> Result<Value, Refusal> {
        let place = List::Lints.place(after)?;
        let (of, first) = match place {
            Some([of, first]) => (Some(of), first.parse::<usize>().map_err(|_| Refusal::BadCursor("remarks"))?),
            None => (None, 0),
        };
        let most = most(limit, AT_ONCE);
        let remarks = self.remarks(first.saturating_add(most + 1)).await?;
        let edition = remarks.edition();
        if of.is_some_and(|of| of != edition) {
            return Err(Refusal::OldCursor("remarks"));
        }
        let rest = remarks.lints.get(first..).unwrap_or_default().iter().map(Lint::from);
        let mut page = List::Lints.page(rest, most, |_| Vec::new());
        page.next = page.next.map(|_| List::Lints.cursor(&[edition, (first + page.items.len()).to_string()]));
        page.total = Some(remarks.total() as u64);
        reply(page)
    }

    /// So many of them at least, if there are so many: of the file as it is now, whatever is in force.
    ///
    /// # Errors
    /// It cannot be read.
    pub(super) async fn remarks(&self, many: usize) -> Result<Arc<Remarks>, Refusal> {
        let (settings, owner, kept) =
            (self.settings.borrow().clone(), self.default_owner(), self.listings.remarks.clone());
        let asked = (many, self.clock.mono());
        let remarks = tokio::task::spawn_blocking(move || {
            let source = watchlist::read(&settings.inventory)?;
            let basis = Basis::new(&source, Arc::clone(&settings));
            Ok::<_, InventoryError>(kept.of(basis, asked, || examined(source, &owner, Some(&settings)).lints))
        });
        remarks.await.map_err(|_| Refusal::Stopping)?.map_err(|error| Refusal::Failed(error.to_string()))
    }

    /// What the matcher in force says of one name.
    pub(super) fn check_name(&self, name: &str) -> Result<Value, Refusal> {
        let bad = |error: NameError| Refusal::BadValue { what: "name", value: name.to_owned(), why: error.to_string() };
        let name = ProjectName::parse(name).map_err(bad)?;
        let Judgement { matches, rest } = self.watchlist.borrow().matcher(Registry::Pypi).judge(&name);
        reply(Judged::new(&name, &matches, rest.len()))
    }

    pub(super) async fn inventory_preview(&self, text: String, whole: bool) -> Result<Value, Refusal> {
        let (settings, owner) = (self.settings.borrow().clone(), self.default_owner());
        let path = Path::new(if whole { "pasted.toml" } else { "pasted.txt" });
        let source = Source::new(path, text);
        // Names alone come to an inventory that has the rest.
        let Examined { inventory, lints } = examined(source, &owner, whole.then_some(&*settings));
        let lints: Vec<Lint> = lints.iter().map(Lint::from).collect();
        let Ok(given) = inventory else {
            return reply(Proposed { lints, difference: None, names: Vec::new(), past: None });
        };
        let now = self.watchlist.borrow().inventory.clone();
        let proposed = if whole { given } else { joined(&now, given) };
        let admission = watchlist::guard(&now, &proposed);
        let (names, past) = (self.names(&admission).await?, self.past(proposed, &admission).await?);
        reply(Proposed { lints, difference: Some(Difference::from(&admission)), names, past })
    }

    /// What the watches that are added would have told.
    async fn past(&self, proposed: Inventory, admission: &Admission) -> Result<Option<ProposedPast>, Refusal> {
        let (Admission::Apply(changes) | Admission::Hold { changes, .. }) = admission;
        if changes.added.is_empty() {
            return Ok(None);
        }
        let (in_force, since) = (self.watchlist.borrow().inventory.clone(), self.clock.now() - LATELY);
        let judge = move |tx: &Tx<'_>| {
            let mut lately = Lately::new(&proposed, (*in_force).clone(), TOLD);
            tx.projects().each_registered(Registry::Pypi, since.timestamp(), |name, second| {
                lately.judge(name, second);
                Ok(())
            })?;
            let (registrations, tiers) = (lately.registrations, OfTiers::from(&lately.tally));
            let told = lately.told().iter().filter_map(WouldTell::new).collect();
            Ok(Some(ProposedPast { since, registrations, tiers, told }))
        };
        Ok(self.store.read(judge).await?)
    }

    fn default_owner(&self) -> OwnerId {
        self.watchlist.borrow().routes.default_owner.clone()
    }

    /// The names that are added, and whether somebody has them.
    async fn names(&self, admission: &Admission) -> Result<Vec<ProposedName>, Refusal> {
        let (Admission::Apply(changes) | Admission::Hold { changes, .. }) = admission;
        let names = changes.added.iter().filter(|watch| watch.id.kind == WatchKind::Name);
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

/// What is watched now, and with it what was given and is not watched yet.
fn joined(now: &Inventory, given: Inventory) -> Inventory {
    let mut all = now.clone();
    let new: Vec<Watch> = given.watches.into_values().filter(|watch| !now.watches.contains_key(&watch.id)).collect();
    for watch in new {
        if let Some(owner) = given.owners.get(&watch.owner) {
            all.owners.entry(watch.owner.clone()).or_insert_with(|| owner.clone());
        }
        all.watches.insert(watch.id.clone(), watch);
    }
    all
}
