//! What another inventory means for cases of watches that stay: other owners, versions, suppressions, registrants.

use std::collections::BTreeSet;

use crate::cases::notify;
use crate::cases::notify::decided::decided;
use crate::cases::notify::handed::{gained, handed};
use crate::cases::notify::tell;
use crate::cases::transition::family::judged_by;
use crate::cases::transition::life::is_looked_at;
use crate::cases::transition::severity::{exceeds_answer, outlive, settle};
use crate::cases::transition::{replaced, stood, threats};
use crate::cases::whereabouts::is_gone;
use crate::model::notice::NoticeEvent;
use crate::model::timeline::{InventoryChange, TimelineEvent};
use crate::model::{
    Finding, FindingKey, FindingState, Inventory, Match, Registration, Standing, Tier, Time, Timeline, Watch, WatchId,
};
use crate::store::{Presence, StoreError, Tx};
use crate::watchlist::Watchlist;

/// Binds suppressions that joined the inventory to what stands now, and forgets those that left it.
pub(in crate::cases) fn bind(
    tx: &Tx<'_>,
    new: &Inventory,
    old: Option<&Inventory>,
    now: Time,
) -> Result<(), StoreError> {
    for rule in old.into_iter().flat_map(|old| &old.suppressions) {
        if !new
            .suppressions
            .iter()
            .any(|kept| (&kept.project, &kept.watch, kept.rule) == (&rule.project, &rule.watch, rule.rule))
        {
            tx.suppressions().forget(rule)?;
        }
    }
    for rule in &new.suppressions {
        let row = tx.projects().get(&rule.project)?.filter(|row| row.presence == Presence::Present);
        let stands = row.map(|row| Registration { name: row.name, registration_id: row.registration_id });
        tx.suppressions().bind(rule, stands.as_ref(), now)?;
    }
    Ok(())
}

/// Reviews every case of a watch that is in both inventories. Gives the number of messages queued.
pub(in crate::cases) fn kept(
    tx: &Tx<'_>,
    watchlist: &Watchlist,
    old: &Inventory,
    now: Time,
) -> Result<usize, StoreError> {
    let new = &watchlist.inventory;
    let everything = old.suppressions != new.suppressions || old.registrants != new.registrants;
    let mut keys: BTreeSet<FindingKey> = BTreeSet::new();
    for (id, watch) in &new.watches {
        let Some(was) = old.watches.get(id) else { continue };
        if everything || was != watch {
            keys.extend(tx.findings().of_watch(id)?.into_iter().map(|finding| finding.key));
        }
    }
    let mut queued = 0;
    for key in keys {
        if let Some(finding) = tx.findings().get(&key)? {
            queued += review(tx, watchlist, old, finding, now)?;
        }
    }
    Ok(queued)
}

/// One case; gives the number of messages queued because it got worse.
fn review(
    tx: &Tx<'_>,
    watchlist: &Watchlist,
    old: &Inventory,
    mut finding: Finding,
    now: Time,
) -> Result<usize, StoreError> {
    let before = finding.clone();
    rejudge(watchlist, old, &mut finding);
    reassess(tx, watchlist, &mut finding)?;
    settle(watchlist, &mut finding);
    if before.state == before.standing_state() {
        finding.state = finding.standing_state();
    }
    outlive(&mut finding, &before);
    // What PyPI has no more would be open for ever.
    if finding.state == FindingState::Open && !before.state.is_live() && is_gone(tx, &finding)? {
        finding.state = FindingState::Removed;
    }
    if finding.state != before.state {
        replaced::bind(&mut finding);
    }
    if old.registrants != watchlist.inventory.registrants && concerns_registrants(&finding) {
        // Who holds it is known or can be asked again; a look-up decides whether that is us.
        tx.facts().schedule(&finding.key, finding.urgency(), now)?;
    }
    if finding.is_followed() && !before.is_followed() && is_looked_at(&finding) {
        tx.facts().schedule(&finding.key, finding.urgency(), now)?;
    }
    let page = stood::is_page(watchlist, &finding, tx.facts().asked(&finding.key)?.as_ref(), now);
    if page {
        finding.wake();
    }
    if finding == before {
        return Ok(0);
    }
    let open = matches!(finding.state, FindingState::Open | FindingState::Acknowledged);
    let reopened = before.state == FindingState::Suppressed;
    let worse = open && finding.tier > Tier::Digest && (reopened || finding.severity() > before.severity());
    let change = explain(&before, &finding, old, &watchlist.inventory);
    let detail = change.to_string();
    let line = Timeline::seen(now, TimelineEvent::Inventory { change });
    tx.findings().update(&finding, &line)?;
    if finding.state == FindingState::Suppressed {
        tx.tellings().drop_waiting(&finding.key, now)?;
        decided(tx, &finding, &detail, now)?;
    }
    if page {
        tx.findings().note(&finding.key, &Timeline::seen(now, TimelineEvent::Stood))?;
        return notify::stood::tell(tx, watchlist, &finding, now);
    }
    let gained = gained(&before, &finding);
    match worse {
        false if open && !gained.is_empty() => handed(tx, watchlist, &finding, &gained, now),
        false => Ok(0),
        true => tell::happened(tx, watchlist, &finding, NoticeEvent::Worsened, Some(&detail), now),
    }
}

/// What a name under a prefix is worth goes by whether anybody else may use that.
fn rejudge(watchlist: &Watchlist, old: &Inventory, finding: &mut Finding) {
    let now = |id: &WatchId| watchlist.inventory.watch(id).map(|watch| watch.exclusive);
    let is_other = |id: &WatchId| now(id) != old.watch(id).map(|watch| watch.exclusive);
    if !finding.threats.iter().any(|threat| is_other(&threat.watch)) {
        return;
    }
    let judged = judged_by(watchlist, finding.project()).matches;
    for threat in finding.threats.iter_mut().filter(|threat| is_other(&threat.watch)) {
        let matches: Vec<Match> = judged.iter().filter(|found| found.watch == threat.watch).cloned().collect();
        if !matches.is_empty() {
            threat.matches = matches;
        }
    }
}

/// Owner and standing of each threat by the new inventory. What left it is `retro`'s.
fn reassess(tx: &Tx<'_>, watchlist: &Watchlist, finding: &mut Finding) -> Result<(), StoreError> {
    let rules = threats::suppressions(tx, watchlist, finding.registration())?;
    for threat in &mut finding.threats {
        let Some(watch) = watchlist.inventory.watch(&threat.watch) else { continue };
        threat.owner.clone_from(&watch.owner);
        let now = threats::standing(&rules, &threat.watch, &threat.matches);
        match (&threat.standing, now) {
            (Standing::Live | Standing::PreExisting, suppressed @ Standing::Suppressed { .. }) => {
                threat.standing = suppressed;
            }
            (Standing::Suppressed { .. }, now) => threat.standing = now,
            _ => {}
        }
    }
    Ok(())
}

fn concerns_registrants(finding: &Finding) -> bool {
    finding.is_same_name() && (finding.state.is_live() || finding.state == FindingState::Ours)
}

fn explain(before: &Finding, after: &Finding, old: &Inventory, new: &Inventory) -> InventoryChange {
    if before.state != after.state && !exceeds_answer(before, after) {
        let reason = after.threats.iter().find_map(|threat| match &threat.standing {
            Standing::Suppressed { reason } => Some(reason.clone()),
            _ => None,
        });
        return InventoryChange::State { state: after.state, reason };
    }
    let changed = after.threats.iter().find_map(|threat| {
        let (was, is) = (old.watch(&threat.watch)?, new.watch(&threat.watch)?);
        changes(was, is)
    });
    changed.unwrap_or(InventoryChange::Other)
}

fn changes(was: &Watch, is: &Watch) -> Option<InventoryChange> {
    if was.latest_version != is.latest_version {
        return Some(InventoryChange::Version { was: was.latest_version.clone(), is: is.latest_version.clone() });
    }
    (was.owner != is.owner).then(|| InventoryChange::Owner { was: was.owner.clone(), is: is.owner.clone() })
}
