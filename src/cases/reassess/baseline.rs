//! What already stands on PyPI: recorded as pre-existing, and told once, in one greeting.

use std::collections::BTreeSet;

use super::standing;
use crate::cases::exposure;
use crate::cases::notify::tell;
use crate::cases::notify::throttle;
use crate::cases::notify::throttle::notice_key;
use crate::cases::transition::family::{Judged, judged_by};
use crate::cases::transition::severity::{exceeds_answer, settle};
use crate::cases::transition::{context, life, replaced, threats};
use crate::model::command::FindingFilter;
use crate::model::notice::{Lane, NoticeEvent};
use crate::model::timeline::TimelineEvent;
use crate::model::{
    Feed, Finding, FindingState, OwnerId, ProjectName, Registration, RegistrationId, Serial, Standing, Tier, Time,
    Timeline,
};
use crate::store::{Grade, Listed, NewNotice, NoticeBody, Presence, Span, StoreError, Tx};
use crate::watchlist::Watchlist;

/// Cursor under which the inventory in force is kept, so that a broken file never leaves the watch without one.
pub const INVENTORY: &str = "inventory";

/// What a baseline or an admission came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Baseline {
    pub projects: usize,
    pub pre_existing: usize,
    pub notices: usize,
}

/// What tells of a baseline.
const FEED: Feed = Feed::Index;

/// How new a first index body is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    pub serial: Serial,
    /// When it was served, by the registry's clock.
    pub served: Time,
}

/// Records every project of a first index body and every match that already stands; alerts nobody, but greets every
/// owner. `projects` gives each name once.
pub fn baseline<'a>(
    tx: &Tx<'_>,
    watchlist: &Watchlist,
    projects: impl Iterator<Item = Listed<'a>> + Clone,
    head: &Head,
    now: Time,
) -> Result<Baseline, StoreError> {
    let listed = tx.projects().insert_listed(FEED.registry(), projects.clone(), head.served, now)?;
    let mut done = Baseline { projects: listed, ..Baseline::default() };
    let suppressed: BTreeSet<&str> = watchlist.inventory.suppressions.iter().map(|s| s.project.as_str()).collect();
    // What a suppression names waits until that is bound to what stands.
    let is_later = |name: &&str| suppressed.contains(name);
    for name in projects.clone().map(|listed| listed.name).filter(|name| !is_later(name)) {
        done.pre_existing += stands(tx, watchlist, name, now)?;
    }
    standing::bind(tx, &watchlist.inventory, None, now)?;
    for name in projects.map(|listed| listed.name).filter(is_later) {
        done.pre_existing += stands(tx, watchlist, name, now)?;
    }
    for (id, watch) in &watchlist.inventory.watches {
        tx.watches().add(id, now)?;
        tx.watches().give(id, &watch.owner)?;
        exposure::note(tx, id, now)?;
    }
    let (from, serials) = (Time::UNIX_EPOCH, Some((Serial(0), head.serial)));
    let span = Span { feed: FEED, grade: Grade::SurvivorsOnly, serials, from, to: now };
    tx.coverage().extend(&span)?;
    tx.cursors().set(INVENTORY, &*watchlist.inventory)?;
    let owners: BTreeSet<OwnerId> = watchlist.inventory.watches.values().map(|w| w.owner.clone()).collect();
    done.notices = greet(tx, watchlist, &owners, BASELINE, now)?;
    Ok(done)
}

/// Records these matches of one project, if it stands on PyPI; gives how many watches it threatens.
pub(in crate::cases) fn known(
    tx: &Tx<'_>,
    watchlist: &Watchlist,
    name: &ProjectName,
    Judged { matches, more }: Judged,
    now: Time,
) -> Result<usize, StoreError> {
    if matches.is_empty() {
        return Ok(0);
    }
    let Some(row) = tx.projects().get(name)?.filter(|row| row.presence == Presence::Present) else { return Ok(0) };
    let registration = Registration { name: name.clone(), registration_id: row.registration_id };
    let mut threats = threats::threats(tx, watchlist, &registration, matches)?;
    for threat in threats.iter_mut().filter(|threat| threat.is_live()) {
        threat.standing = Standing::PreExisting;
    }
    let stands = threats.len();
    let mut finding = life::draft(&registration, threats, now);
    finding.more = more;
    finding.display.clone_from(&row.display);
    finding.registered_at =
        finding.registered_at.or(row.created.and_then(|second| RegistrationId::Second(second).at()));
    settle(watchlist, &mut finding);
    let key = finding.key.clone();
    record(tx, watchlist, finding, row.serial, now)?;
    // What stood before the watch is told by the greeting; what came since, by the case that it is seen beside.
    let around = context::around(tx, watchlist, &key, now)?;
    tell::changed(tx, watchlist, &around, now)?;
    Ok(stands)
}

/// A registration that has a case already, of other watches or of an earlier time of the same, gets no second one.
fn record(tx: &Tx<'_>, watchlist: &Watchlist, finding: Finding, serial: Serial, now: Time) -> Result<(), StoreError> {
    let key = finding.key.clone();
    if !tx.findings().insert(&finding)?
        && let Some(known) = tx.findings().get(&key)?
    {
        join(tx, watchlist, known, finding, now)?;
    }
    // Under an exclusive prefix most are our own, which nobody is told of once that is known; and who sold what stood, or published at
    // last what was parked, is known only beside what there was before.
    if let Some(finding) = tx.findings().get(&key)?.filter(Finding::is_followed) {
        if serial > Serial(0) {
            tx.facts().want(&key, serial)?;
        }
        tx.facts().schedule(&key, finding.urgency(), now)?;
    }
    Ok(())
}

fn join(tx: &Tx<'_>, watchlist: &Watchlist, mut known: Finding, new: Finding, now: Time) -> Result<(), StoreError> {
    let (derived, before) = (known.state == known.standing_state(), known.clone());
    let watches = new.threats.iter().map(|threat| threat.watch.clone()).collect();
    for threat in new.threats {
        match known.threats.iter_mut().find(|known| known.watch == threat.watch) {
            Some(known) if known.standing == Standing::Unwatched => *known = threat,
            Some(known) => known.matches = threat.matches,
            None => known.threats.push(threat),
        }
    }
    known.more = judged_by(watchlist, known.project()).more;
    if derived && known.state != known.standing_state() {
        known.state = known.standing_state();
        replaced::bind(&mut known);
    }
    settle(watchlist, &mut known);
    // Nobody has answered anything of what it is to those watches: to them it stands, until its page was read.
    if known.state == FindingState::Resolved && known.is_followed() && exceeds_answer(&before, &known) {
        known.state = FindingState::PreExisting;
    }
    let line = Timeline::seen(now, TimelineEvent::Watched { watches });
    tx.findings().update(&known, &line)
}

/// Records the matches of one known project; gives how many.
fn stands(tx: &Tx<'_>, watchlist: &Watchlist, name: &str, now: Time) -> Result<usize, StoreError> {
    let Ok(name) = ProjectName::at(FEED.registry(), name) else { return Ok(0) };
    known(tx, watchlist, &name, judged_by(watchlist, &name), now)
}

/// The version of the greeting that a whole watch begins with.
const BASELINE: &str = "baseline";

/// One start-up notice per owner and channel: what is watched, what already stands, which channels work.
pub(in crate::cases) fn greet(
    tx: &Tx<'_>,
    watchlist: &Watchlist,
    owners: &BTreeSet<OwnerId>,
    version: &str,
    now: Time,
) -> Result<usize, StoreError> {
    let mut made = 0;
    for owner in owners {
        let due = if is_looked_up(tx, owner)? { now + throttle::LOOK_UP } else { now };
        for channel in watchlist.routes.channels(owner, &watchlist.inventory) {
            let notice = NewNotice {
                key: notice_key(NoticeEvent::Startup, &format!("{owner} {version} {}", now.timestamp_micros())),
                owner: owner.clone(),
                channel,
                event: NoticeEvent::Startup,
                lane: Lane::Alert,
                tier: Tier::Digest,
                due,
                body: NoticeBody::Startup { first: version == BASELINE },
            };
            made += usize::from(tx.notices().add(&notice, now)?.is_some());
        }
    }
    Ok(made)
}

/// Does the greeting have something to wait for: a name of this owner that already stands, and whose holder is asked for?
fn is_looked_up(tx: &Tx<'_>, owner: &OwnerId) -> Result<bool, StoreError> {
    let states = vec![FindingState::PreExisting];
    let filter = FindingFilter { owner: Some(owner.clone()), states, ..FindingFilter::default() };
    Ok(tx.findings().list(&filter)?.iter().any(Finding::is_same_name))
}
