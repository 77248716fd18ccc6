//! What is to be said of the inventory file and of one name, and what another inventory would change.

use std::path::Path;
use std::sync::Arc;

use chrono::TimeDelta;
use serde_json::Value;

use super::cursor::List;
use super::lists::{AT_ONCE, most};
use super::refusal::Refusal;
use super::remarks::{Basis, Remarks};
use super::service::{CommandService, reply};
use super::v1::{Difference, Judged, Lint, OfTiers, Proposed, ProposedName, ProposedPast, WouldTell};
use crate::config::source::Source;
use crate::config::{Settings, check_routes};
use crate::matcher::Judgement;
use crate::model::{Inventory, NameError, OwnerId, ProjectName, Registry, Watch, WatchKind};
use crate::replay::lately::Lately;
use crate::store::{Presence, Tx};
use crate::watchlist::{self, Admission, InventoryError, LintKind, LintLevel};

/// Names of which is said how they stand.
const NAMES: usize = 200;
/// So far back goes what they would have told, and so many registrations are named.
const LATELY: TimeDelta = TimeDelta::days(90);
const TOLD: usize = 50;

impl CommandService {
    /// A page of them. A cursor is of one text: where the file is another by now, it is refused.
    pub(super) async fn inventory_lint(&self, after: Option<String>, limit: Option<usize>) -> Result<Value, Refusal> {
        let place = List::Lints.place(after)?;
        let remarks = self.remarks().await?;
        let edition = remarks.edition();
        let first = match place {
            Some([of, _]) if of != edition => return Err(Refusal::OldCursor("remarks")),
            Some([_, first]) => first.parse::<usize>().map_err(|_| Refusal::BadCursor("remarks"))?,
            None => 0,
        };
        let rest = remarks.lints.get(first..).unwrap_or_default().iter().map(Lint::from);
        let mut page = List::Lints.page(rest, most(limit, AT_ONCE), |_| Vec::new());
        page.next = page.next.map(|_| List::Lints.cursor(&[edition, (first + page.items.len()).to_string()]));
        page.total = Some(remarks.lints.len() as u64);
        reply(page)
    }

    /// Of the file as it is now, whatever is in force.
    ///
    /// # Errors
    /// It cannot be read.
    pub(super) async fn remarks(&self) -> Result<Arc<Remarks>, Refusal> {
        let (settings, owner, kept) =
            (self.settings.borrow().clone(), self.default_owner(), self.listings.remarks.clone());
        let linted = tokio::task::spawn_blocking(move || {
            let source = watchlist::read(&settings.inventory)?;
            let basis = Basis::new(&source, Arc::clone(&settings));
            Ok::<_, InventoryError>(kept.of(basis, || linted(source, &owner, Some(&settings))))
        });
        linted.await.map_err(|_| Refusal::Stopping)?.map_err(|error| Refusal::Failed(error.to_string()))
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
        let lints: Vec<Lint> =
            linted(source.clone(), &owner, whole.then_some(&*settings)).iter().map(Lint::from).collect();
        let Ok(given) = watchlist::from_source(source, &owner) else {
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

/// `settings`: of a whole inventory, which has to name channels that are there.
fn linted(source: Source, default_owner: &OwnerId, settings: Option<&Settings>) -> Vec<watchlist::Lint> {
    let path = source.path().to_owned();
    match watchlist::draft(source) {
        Ok(draft) => {
            let mut lints = watchlist::lint(&draft, default_owner);
            // What is wrong in itself may be why it does not fit.
            if lints.iter().all(|lint| lint.severity() < LintLevel::Error)
                && let Some(settings) = settings
                && let Ok(inventory) = watchlist::from_draft(&draft, default_owner)
            {
                lints.extend(misfits(settings, &path, &inventory));
            }
            lints
        }
        Err(InventoryError::Invalid { problems }) => {
            problems.into_iter().map(|problem| watchlist::Lint::new(LintKind::Invalid, problem)).collect()
        }
        Err(_) => Vec::new(),
    }
}

/// Owners whom the channels of the configuration do not reach.
pub fn misfits(settings: &Settings, path: &Path, inventory: &Inventory) -> Vec<watchlist::Lint> {
    let placed = check_routes(settings, inventory).map_err(|error| error.placed(&settings.files(), path));
    let problems = placed.err().map(|error| error.problems).unwrap_or_default();
    problems.into_iter().map(|problem| watchlist::Lint::new(LintKind::Route, problem)).collect()
}
