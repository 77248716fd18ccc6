//! All claims as one transaction sees them, and the one place that writes a step down.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use super::plan::{Beside, Known, Lineup, PlanOrder, Planned, beside, plan};
use super::request::{Asker, Request, request};
use super::turns::{DAY, Quota};
use crate::cases;
use crate::config::{ClaimSettings, UploadSettings};
use crate::model::Machine;
use crate::model::claim::{Claim, ClaimEvent, ClaimPolicy, ClaimRefusal, Party, step};
use crate::model::{Inventory, ProjectName, Registry, Standings, Time, Watch, WatchId};
use crate::store::{ClaimLine, NAMESPACES, StoreError, Tx};
use crate::watchlist::Watchlist;

/// What decides beside the store.
#[derive(Clone)]
pub struct Desk {
    pub watchlist: Watchlist,
    pub settings: Arc<ClaimSettings>,
    pub policy: ClaimPolicy,
    pub now: Time,
}

/// Some names of a plan, and where they stand in it.
pub struct PlanPage {
    pub order: Arc<PlanOrder>,
    pub from: usize,
    /// So many before them wait for a turn.
    pub waited: usize,
    pub planned: Vec<Planned>,
}

/// What the pages of a plan are made of, until something of it is another: to read and to order fifty thousand names takes longer than a
/// page may.
pub(super) struct Ground {
    inventory: Arc<Inventory>,
    settings: Arc<ClaimSettings>,
    /// By the store's count (`Tx::plans`).
    edition: u64,
    /// But for the quota, which changes with the hour.
    world: World,
    lineup: Lineup,
}

/// The one that is kept between two looks. Whoever needs another lets it go first, so that no two take their memory at once; whoever comes
/// meanwhile waits for that one.
#[derive(Clone, Default)]
pub struct KeptGround(Arc<Mutex<Option<Arc<Ground>>>>);

/// By name: there may be as many claims as names.
pub(super) type Plan = BTreeMap<ProjectName, Planned>;

/// What the store knows of all names.
pub(super) struct World {
    pub(super) exposures: Standings,
    pub(super) ours: BTreeSet<ProjectName>,
    /// The newest of each name.
    pub(super) claims: BTreeMap<ProjectName, Claim>,
    /// Whose claim came by itself, or would, and that is for people now.
    pub(super) stopped: BTreeSet<ProjectName>,
    pub(super) quota: Quota,
    pub(super) namespaces: bool,
}

impl Desk {
    /// The desk of a service on this machine.
    pub fn new(watchlist: Watchlist, settings: &ClaimSettings, machine: Machine, now: Time) -> Self {
        let policy = ClaimPolicy { machine, one_person: settings.one_person };
        Self { watchlist, settings: Arc::new(settings.clone()), policy, now }
    }

    pub(super) fn world(&self, tx: &Tx<'_>) -> Result<World, StoreError> {
        let claims = tx.claims().newest()?.into_iter().map(|claim| (claim.key.name.clone(), claim));
        let claims: BTreeMap<ProjectName, Claim> = claims.collect();
        let is_lost =
            |name: &ProjectName| claims.get(name).and_then(Claim::astray).is_some_and(|astray| astray.foreign);
        let ours = tx.findings().ours()?.into_iter().filter(|name| !is_lost(name)).collect();
        Ok(World {
            exposures: tx.watches().exposures()?,
            ours,
            stopped: self.stopped(tx, &claims)?,
            claims,
            quota: self.quota(tx)?,
            namespaces: knows_namespaces(tx)?,
        })
    }

    /// More than PyPI takes from everybody counts once it has agreed to more.
    pub(super) fn quota(&self, tx: &Tx<'_>) -> Result<Quota, StoreError> {
        let agreed = tx.claims().agreement()?.is_some();
        let most = if agreed { usize::MAX } else { UploadSettings::ALLOWED };
        // Somewhat more than a day, for what a turn keeps away from its edge.
        let used = tx.claims().slots_since(self.now - DAY * 2)?;
        let closed_until = self.pause(tx)?.map(|pause| pause.until);
        Ok(Quota { used, per_day: self.settings.upload.per_day.min(most), closed_until })
    }

    /// What the plan says of watches that are no single name.
    ///
    /// # Errors
    /// Those of the store.
    pub fn beside(&self, tx: &Tx<'_>) -> Result<Vec<Beside>, StoreError> {
        Ok(beside(&self.watchlist.inventory, knows_namespaces(tx)?))
    }

    pub(super) fn known<'k>(&'k self, world: &'k World) -> Known<'k> {
        Known {
            inventory: &self.watchlist.inventory,
            exposures: &world.exposures,
            ours: &world.ours,
            claims: &world.claims,
            stopped: &world.stopped,
            quota: &world.quota,
            namespaces: world.namespaces,
            organization: self.settings.organization.as_deref(),
            publishers: self.needs_publishers(),
            version: &self.settings.version,
            customers: &self.settings.customers,
            now: self.now,
        }
    }

    /// A page of the plan of these names, or of all. `order`: that of the page before; `from` says of an order where the page begins in it, and how
    /// many wait for a turn before that.
    ///
    /// # Errors
    /// Those of the store.
    pub fn plan_page<E>(
        &self,
        tx: &Tx<'_>,
        wanted: &BTreeSet<ProjectName>,
        (kept, order): (&KeptGround, Option<Arc<PlanOrder>>),
        from: impl FnOnce(&PlanOrder) -> Result<(usize, usize), E>,
        most: usize,
    ) -> Result<Result<PlanPage, E>, StoreError> {
        let (ground, quota) = (self.ground(tx, kept)?, self.quota(tx)?);
        let order = order.unwrap_or_else(|| ground.lineup.order(wanted));
        Ok(from(&order).map(|(from, waited)| {
            let known = Known { quota: &quota, ..self.known(&ground.world) };
            let rest = order.names.get(from..).unwrap_or_default();
            let planned = ground.lineup.page(&known, &rest[..rest.len().min(most)], waited);
            PlanPage { order: Arc::clone(&order), from, waited, planned }
        }))
    }

    /// The mail that asks PyPI to allow names to nobody; `None` where there is none that may be told.
    ///
    /// # Errors
    /// Those of the store.
    pub fn request(&self, tx: &Tx<'_>, kept: &KeptGround, asker: &Asker<'_>) -> Result<Option<Request>, StoreError> {
        Ok(request(self.ground(tx, kept)?.lineup.open(), &self.watchlist.inventory, asker))
    }

    /// The plan of names whose claims go on. They come before all others, so their turns are those that they have in the whole plan.
    pub(super) fn plan_of_live(&self, ground: &Ground, live: &[Claim], quota: &Quota) -> Plan {
        let known = Known { quota, ..self.known(&ground.world) };
        let order = ground.lineup.order(&live.iter().map(|claim| claim.key.name.clone()).collect());
        let planned = ground.lineup.page(&known, &order.names, 0).into_iter();
        planned.map(|planned| (planned.name.clone(), planned)).collect()
    }

    /// What is kept, where it is of this moment; else another. To be asked before the transaction changes anything: what is kept has to be of
    /// the store as it was committed, whatever becomes of this one.
    pub(super) fn ground(&self, tx: &Tx<'_>, kept: &KeptGround) -> Result<Arc<Ground>, StoreError> {
        let (edition, mut kept) = (tx.plans()?, kept.0.lock().unwrap_or_else(PoisonError::into_inner));
        if let Some(ground) = kept.as_ref().filter(|ground| ground.is_of(self, edition))
            && ground.world.namespaces == knows_namespaces(tx)?
            && ground.world.stopped == self.stopped(tx, &ground.world.claims)?
        {
            return Ok(Arc::clone(ground));
        }
        *kept = None;
        let world = self.world(tx)?;
        let lineup = Lineup::of(&self.known(&world));
        let (inventory, settings) = (Arc::clone(&self.watchlist.inventory), Arc::clone(&self.settings));
        Ok(Arc::clone(kept.insert(Arc::new(Ground { inventory, settings, edition, world, lineup }))))
    }

    pub(super) fn plan_by_name(&self, tx: &Tx<'_>) -> Result<Plan, StoreError> {
        Ok(self.plan_of(&self.world(tx)?))
    }

    pub(super) fn plan_of(&self, world: &World) -> Plan {
        plan(&self.known(world)).into_iter().map(|planned| (planned.name.clone(), planned)).collect()
    }

    pub(super) fn watch(&self, name: &ProjectName) -> Option<&Watch> {
        self.watchlist.inventory.watch(&WatchId::name(name))
    }

    /// Takes one step of a claim, and stores it with its line of the trail.
    pub(super) fn take(
        &self,
        tx: &Tx<'_>,
        claim: &Claim,
        event: &ClaimEvent,
        by: &Party,
    ) -> Result<Result<Claim, ClaimRefusal>, StoreError> {
        let terms = || self.watchlist.inventory.terms(&WatchId::name(&claim.key.name));
        let approved = |next: Claim| match event {
            ClaimEvent::Approve => Claim { terms: Some(terms()), ..next },
            _ => next,
        };
        match step(claim, event, by, self.now, &self.policy).map(approved) {
            // An index that fails for a week fills no trail.
            Ok(next) if matches!(event, ClaimEvent::Hindered { .. }) && next.note == claim.note => Ok(Ok(next)),
            Ok(next) => {
                // Who agrees after a window lets it go with the same word.
                let goes = *event == ClaimEvent::Approve && claim.released.is_none() && next.released.is_some();
                let detail = if goes { "and let go".to_owned() } else { event.detail() };
                tx.claims().put(&next, &self.line(event.as_str(), &next, by, detail))?;
                cases::claim_moved(tx, &self.watchlist, claim, &next, self.now)?;
                Ok(Ok(next))
            }
            Err(refusal) => Ok(Err(refusal)),
        }
    }

    pub(super) fn line(&self, event: &str, claim: &Claim, by: &Party, detail: String) -> ClaimLine {
        let state = claim.state.as_str().to_owned();
        ClaimLine { at: self.now, by: by.clone(), event: event.to_owned(), state, detail }
    }
}

impl KeptGround {
    /// Lets it go.
    pub fn clear(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

impl Ground {
    fn is_of(&self, desk: &Desk, edition: u64) -> bool {
        let is_same = Arc::ptr_eq(&self.inventory, &desk.watchlist.inventory) && self.settings == desk.settings;
        is_same && self.edition == edition
    }
}

fn knows_namespaces(tx: &Tx<'_>) -> Result<bool, StoreError> {
    Ok(tx.cursors_of(Registry::Pypi).get(NAMESPACES)?.unwrap_or(false))
}
