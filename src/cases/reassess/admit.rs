//! Another inventory is put in force: what left it is closed, what joined it is checked against everything known.

use std::collections::{BTreeMap, BTreeSet};

use super::dismiss::dismiss;
use super::standing;
use crate::cases::exposure;
use crate::cases::notify::handover;
use crate::cases::reassess::baseline::{Baseline, INVENTORY, greet, known};
use crate::cases::transition::family;
use crate::cases::transition::family::{Judged, judged};
use crate::matcher::Matcher;
use crate::model::{Inventory, OwnerId, ProjectName, Registry, Time, Watch, WatchId};
use crate::store::{StoreError, Tx};
use crate::watchlist::Watchlist;

/// The names known that the watches which joined may concern: found by reading alone, since judging all of PyPI takes
/// longer than a writer may be held.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Survey {
    projects: usize,
    names: Vec<(ProjectName, Judged)>,
}

/// Judges everything known by the watches that joined. To be read after the watchlist was swapped and what was judged
/// before it was stored: what comes later is judged by the new one.
pub fn survey(tx: &Tx<'_>, watchlist: &Watchlist, old: &Inventory) -> Result<Survey, StoreError> {
    let mut survey = Survey::default();
    let watches = joined(&watchlist.inventory, old);
    if watches.is_empty() {
        return Ok(survey);
    }
    let joined = Inventory { watches, ..Inventory::clone(&watchlist.inventory) };
    for registry in Registry::ALL {
        survey.look(tx, *registry, &joined.of(*registry))?;
    }
    Ok(survey)
}

impl Survey {
    fn look(&mut self, tx: &Tx<'_>, registry: Registry, joined: &Inventory) -> Result<(), StoreError> {
        if joined.watches.is_empty() {
            return Ok(());
        }
        let matcher = Matcher::build(joined);
        tx.projects().each_present(registry, |name| {
            self.projects += 1;
            if let Ok(name) = ProjectName::at(registry, name) {
                let judged = judged(&matcher, &name);
                if !judged.matches.is_empty() {
                    self.names.push((name, judged));
                }
            }
            Ok(())
        })
    }
}

fn joined(new: &Inventory, old: &Inventory) -> BTreeMap<WatchId, Watch> {
    let joined = new.watches.iter().filter(|(id, _)| !old.watches.contains_key(id));
    joined.map(|(id, watch)| (id.clone(), watch.clone())).collect()
}

/// Puts another inventory in force: closes what left it, records what already stands of what joined it.
/// `watchlist` is already compiled from the new inventory, `survey` was made with it.
pub fn admit(
    tx: &Tx<'_>,
    watchlist: &Watchlist,
    old: &Inventory,
    survey: &Survey,
    now: Time,
) -> Result<Baseline, StoreError> {
    let new = &watchlist.inventory;
    let left: Vec<&Watch> = old.watches.values().filter(|w| !new.watches.contains_key(&w.id)).collect();
    let joined = joined(new, old);
    standing::bind(tx, new, Some(old), now)?;
    family::recount(tx, watchlist, now)?;
    let mut done = Baseline { notices: dismiss(tx, watchlist, &left, now)?, ..Baseline::default() };
    done.notices += standing::kept(tx, watchlist, old, now)?;
    if !joined.is_empty() {
        done.projects = survey.projects;
        joined.keys().try_for_each(|id| tx.watches().add(id, now).map(drop))?;
        for (name, judged) in &survey.names {
            done.pre_existing += known(tx, watchlist, name, judged.clone(), now)?;
        }
        joined.keys().try_for_each(|id| exposure::note(tx, id, now))?;
        let owners: BTreeSet<OwnerId> = joined.values().map(|w| w.owner.clone()).collect();
        let version: String = joined.keys().map(|id| format!("{id} ")).collect();
        done.notices += greet(tx, watchlist, &owners, &version, now)?;
    }
    hand_out(tx, new, old)?;
    done.pre_existing += list(tx, watchlist, old, &joined, now)?;
    tx.cursors().set(INVENTORY, &**new)?;
    done.notices += handover::pass_on(tx, watchlist, now)?;
    Ok(done)
}

/// Writes whose the watches are that joined, or are another's now.
fn hand_out(tx: &Tx<'_>, new: &Inventory, old: &Inventory) -> Result<(), StoreError> {
    let stays = |watch: &&Watch| old.watch(&watch.id).is_some_and(|known| known.owner == watch.owner);
    new.watches.values().filter(|watch| !stays(watch)).try_for_each(|watch| tx.watches().give(&watch.id, &watch.owner))
}

/// Checks the look-alikes that joined the list of a watch that stays; those of a watch that joined were checked with it.
/// Only these very names can have become matches, so everything else known is not looked at again.
fn list(
    tx: &Tx<'_>,
    watchlist: &Watchlist,
    old: &Inventory,
    joined: &BTreeMap<WatchId, Watch>,
    now: Time,
) -> Result<usize, StoreError> {
    let mut stands = 0;
    for (name, id) in &watchlist.inventory.listed {
        if old.listed.get(name) == Some(id) || joined.contains_key(id) {
            continue;
        }
        let matches =
            watchlist.matcher(name.registry()).judge(name).matches.into_iter().filter(|m| m.watch == *id).collect();
        stands += known(tx, watchlist, name, Judged { matches, more: Vec::new() }, now)?;
    }
    Ok(stands)
}
