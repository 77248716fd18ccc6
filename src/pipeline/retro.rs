//! What already stands on PyPI: the baseline, and watches added later. Recorded as pre-existing; told once, folded.

use std::collections::{BTreeMap, BTreeSet};

use super::{Lookout, cases, exposure, review};
use crate::matcher::Matcher;
use crate::model::command::FindingFilter;
use crate::model::notice::NoticeEvent;
use crate::model::{
    Feed, Finding, FindingState, Inventory, Match, OwnerId, ProjectName, Registration, Serial, Tier, Time, Watch,
    WatchId,
};
use crate::policy::fold::{self, notice_key};
use crate::store::{Grade, NewNotice, NoticeBody, Presence, Span, StoreError, Timeline, Tx};

/// Cursor under which the inventory in force is kept, so that a broken file never leaves the watch without one.
pub const INVENTORY: &str = "inventory";

/// What a baseline or an admission came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Baseline {
    pub projects: usize,
    pub pre_existing: usize,
    pub notices: usize,
}

/// Records every project of a first index body and every match that already stands; alerts nobody, but greets every
/// owner. `projects` gives (normalized name, display form where it differs, serial), each name once.
pub fn baseline<'a>(
    tx: &Tx<'_>,
    lookout: &Lookout,
    projects: impl Iterator<Item = (&'a str, Option<&'a str>, Serial)>,
    head: Serial,
    now: Time,
) -> Result<Baseline, StoreError> {
    let mut done = Baseline::default();
    for (name, display, serial) in projects {
        tx.projects().insert_listed(name, display, serial, now)?;
        done.projects += 1;
        done.pre_existing += stands(tx, lookout, &lookout.matcher, name, now)?;
    }
    for id in lookout.inventory.watches.keys() {
        tx.watches().add(id, now)?;
        note_exposure(tx, id, now)?;
    }
    let (from, serials) = (Time::UNIX_EPOCH, Some((Serial(0), head)));
    let span = Span { feed: Feed::Index, grade: Grade::SurvivorsOnly, serials, from, to: now };
    tx.coverage().extend(&span)?;
    tx.cursors().set(INVENTORY, &*lookout.inventory)?;
    let owners: BTreeSet<OwnerId> = lookout.inventory.watches.values().map(|w| w.owner.clone()).collect();
    done.notices = greet(tx, lookout, &owners, "baseline", now)?;
    Ok(done)
}

/// Puts another inventory in force: closes what left it, checks what joined it against everything known.
/// `lookout` is already compiled from the new inventory.
pub fn admit(tx: &Tx<'_>, lookout: &Lookout, old: &Inventory, now: Time) -> Result<Baseline, StoreError> {
    let new = &lookout.inventory;
    let left: Vec<&Watch> = old.watches.values().filter(|w| !new.watches.contains_key(&w.id)).collect();
    let joined: BTreeMap<WatchId, Watch> = new
        .watches
        .iter()
        .filter(|(id, _)| !old.watches.contains_key(id))
        .map(|(id, w)| (id.clone(), w.clone()))
        .collect();
    let mut done = Baseline { notices: dismiss(tx, lookout, &left, now)?, ..Baseline::default() };
    done.notices += review::kept(tx, lookout, old, now)?;
    if !joined.is_empty() {
        let owners: BTreeSet<OwnerId> = joined.values().map(|w| w.owner.clone()).collect();
        let version: String = joined.keys().map(|id| format!("{id} ")).collect();
        joined.keys().try_for_each(|id| tx.watches().add(id, now).map(drop))?;
        let matcher = Matcher::build(&Inventory { watches: joined.clone(), ..Inventory::clone(new) });
        tx.projects().each_present(|name| {
            done.projects += 1;
            done.pre_existing += stands(tx, lookout, &matcher, name, now)?;
            Ok(())
        })?;
        joined.keys().try_for_each(|id| note_exposure(tx, id, now))?;
        done.notices += greet(tx, lookout, &owners, &format!("{version}{}", now.timestamp_micros()), now)?;
    }
    done.pre_existing += list(tx, lookout, old, &joined, now)?;
    tx.cursors().set(INVENTORY, &**new)?;
    Ok(done)
}

/// Checks the look-alikes that joined the list of a watch that stays; those of a watch that joined were checked with it.
/// Only these very names can have become matches, so everything else known is not looked at again.
fn list(
    tx: &Tx<'_>,
    lookout: &Lookout,
    old: &Inventory,
    joined: &BTreeMap<WatchId, Watch>,
    now: Time,
) -> Result<usize, StoreError> {
    let mut stands = 0;
    for (name, id) in &lookout.inventory.listed {
        if old.listed.get(name) == Some(id) || joined.contains_key(id) {
            continue;
        }
        let matches = lookout.matcher.judge(name).into_iter().filter(|m| m.watch == *id).collect();
        stands += known(tx, lookout, name, matches, now)?;
    }
    Ok(stands)
}

/// Records the matches of one known project; gives how many. The matcher may be of a part of the inventory.
fn stands(tx: &Tx<'_>, lookout: &Lookout, matcher: &Matcher, name: &str, now: Time) -> Result<usize, StoreError> {
    let Ok(name) = ProjectName::parse(name) else { return Ok(0) };
    known(tx, lookout, &name, matcher.judge(&name), now)
}

/// Records these matches of one project, if it stands on PyPI.
fn known(
    tx: &Tx<'_>,
    lookout: &Lookout,
    name: &ProjectName,
    matches: Vec<Match>,
    now: Time,
) -> Result<usize, StoreError> {
    if matches.is_empty() {
        return Ok(0);
    }
    let Some(row) = tx.projects().get(name)?.filter(|row| row.presence == Presence::Present) else { return Ok(0) };
    let registration = Registration { name: name.clone(), birth: row.birth };
    let ids: BTreeSet<&WatchId> = matches.iter().map(|m| &m.watch).collect();
    let mut stands = 0;
    for watch in ids.into_iter().filter_map(|id| lookout.inventory.watch(id)) {
        let mine = matches.iter().filter(|m| m.watch == watch.id).cloned().collect();
        let mut finding = cases::draft(lookout, &registration, watch, mine, now);
        finding.display.clone_from(&row.display);
        if finding.state == FindingState::Open {
            finding.state = FindingState::PreExisting;
        }
        record(tx, &finding, watch, now)?;
        stands += 1;
    }
    Ok(stands)
}

/// A case of an earlier time of the same watch is taken up again rather than opened twice.
fn record(tx: &Tx<'_>, finding: &Finding, watch: &Watch, now: Time) -> Result<(), StoreError> {
    if !tx.findings().insert(finding, &watch.owner)? {
        let known = tx.findings().get(&finding.key)?.filter(|f| f.state == FindingState::Unwatched);
        if let Some(known) = known {
            let again = Finding { state: finding.state, ..known };
            let line = Timeline { at: now, kind: "watched-again".into(), who: None, detail: watch.id.label() };
            tx.findings().update(&again, &line)?;
        }
    }
    if cases::is_same_name(finding) {
        tx.findings().schedule_look(&finding.key, now)?;
    }
    Ok(())
}

fn note_exposure(tx: &Tx<'_>, id: &WatchId, now: Time) -> Result<(), StoreError> {
    match exposure::exposure_of(tx, id)? {
        Some(exposure) => tx.watches().set_exposure(id, &exposure, now),
        None => Ok(()),
    }
}

/// One start-up notice per owner and channel: what is watched, what already stands, which channels work.
fn greet(
    tx: &Tx<'_>,
    lookout: &Lookout,
    owners: &BTreeSet<OwnerId>,
    version: &str,
    now: Time,
) -> Result<usize, StoreError> {
    let mut made = 0;
    for owner in owners {
        let due = if is_looked_up(tx, owner)? { now + fold::LOOK_UP } else { now };
        for channel in lookout.routes.channels(owner, &lookout.inventory) {
            let notice = NewNotice {
                key: notice_key(NoticeEvent::Startup, &[], &format!("{owner} {version} {}", now.timestamp_micros())),
                owner: owner.clone(),
                channel,
                event: NoticeEvent::Startup,
                tier: Tier::Digest,
                due,
                body: NoticeBody::Startup,
            };
            made += usize::from(tx.notices().add(&notice, now)?);
        }
    }
    Ok(made)
}

/// Does the greeting have something to wait for: a name of this owner that already stands, and whose holder is asked for?
fn is_looked_up(tx: &Tx<'_>, owner: &OwnerId) -> Result<bool, StoreError> {
    let states = vec![FindingState::PreExisting];
    let filter = FindingFilter { owner: Some(owner.clone()), states, ..FindingFilter::default() };
    Ok(tx.findings().list(&filter)?.iter().any(cases::is_same_name))
}

/// Closes the cases of watches that left the inventory and tells their owners.
fn dismiss(tx: &Tx<'_>, lookout: &Lookout, left: &[&Watch], now: Time) -> Result<usize, StoreError> {
    let mut by_owner: BTreeMap<OwnerId, (Vec<Watch>, usize)> = BTreeMap::new();
    for watch in left {
        let closed = close(tx, watch, now)?;
        tx.watches().remove(&watch.id)?;
        let entry = by_owner.entry(watch.owner.clone()).or_default();
        entry.0.push((*watch).clone());
        entry.1 += closed;
    }
    let mut made = 0;
    for (owner, (watches, closed)) in by_owner {
        for channel in lookout.routes.channels(&owner, &lookout.inventory) {
            let names: String = watches.iter().map(|w| format!("{} ", w.id)).collect();
            let notice = NewNotice {
                key: notice_key(NoticeEvent::Unwatched, &[], &format!("{names}{}", now.timestamp_micros())),
                owner: owner.clone(),
                channel,
                event: NoticeEvent::Unwatched,
                tier: Tier::Digest,
                due: now,
                body: NoticeBody::Unwatched { watches: watches.clone(), closed },
            };
            made += usize::from(tx.notices().add(&notice, now)?);
        }
    }
    Ok(made)
}

fn close(tx: &Tx<'_>, watch: &Watch, now: Time) -> Result<usize, StoreError> {
    let filter = FindingFilter { watch: Some(watch.id.clone()), ..FindingFilter::default() };
    let mut closed = 0;
    for finding in tx.findings().list(&filter)?.into_iter().filter(|f| f.state.is_live()) {
        let gone = Finding { state: FindingState::Unwatched, ..finding };
        let line =
            Timeline { at: now, kind: "unwatched".into(), who: None, detail: "the watch left the inventory".into() };
        tx.findings().update(&gone, &line)?;
        closed += 1;
    }
    Ok(closed)
}
