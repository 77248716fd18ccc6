//! What happens around a case: other look-alikes of its watch, other cases in the same hands. It raises the case that it is
//! seen beside, and the cases that were there before, which is news to their owners.
//!
//! Of any two cases both are raised, whichever is told first; what was once seen stays. So the tiers in the end are the
//! same in whatever order feeds tell, and nothing that a stranger takes back lowers one.

use std::collections::BTreeMap;

use chrono::TimeDelta;

use super::replaced::is_settled;
use super::severity::{got_worse, rouse, settle};
use super::turn::{Change, Turn};
use crate::cases::notify::tell;
use crate::cases::transition::tier::weighed;
use crate::model::inventory::Registrants;
use crate::model::timeline::{self, TimelineEvent};
use crate::model::{Finding, FindingKey, FindingState, Standing, Threat, Tier, Time, Timeline, Why};
use crate::store::{LookAlike, StoreError, Tx};
use crate::watchlist::Watchlist;

/// Two look-alikes of a watch that are registered this close to each other are no coincidence.
const TOGETHER: TimeDelta = TimeDelta::hours(1);
/// Holders of one project that are remembered; a stranger may invite any number.
const HOLDERS: usize = 20;
/// Look-alikes that may wait to be looked up. A stranger who makes more has them unread, and every one of them told.
const WAITING: usize = 500;
/// How often one look-alike is asked for in vain.
const TRIES: u32 = 5;
/// The same of a name under a prefix: by then it is asked for every five minutes.
const A_DAY: u32 = 300;
/// A look-alike is asked for again no sooner than this.
const LOOK_AGAIN: TimeDelta = TimeDelta::seconds(30);

/// What was seen around cases, by case.
type Seen = BTreeMap<FindingKey, Vec<Why>>;

/// A case is new, or the second of its registration is: looks for other look-alikes of its watches within the hour. Gives
/// the cases that are worse for it.
pub(in crate::cases) fn around(
    tx: &Tx<'_>,
    watchlist: &Watchlist,
    key: &FindingKey,
    now: Time,
) -> Result<Vec<Change>, StoreError> {
    let Some(finding) = tx.findings().get(key)? else { return Ok(Vec::new()) };
    let Some(moment) = moment(&finding) else { return Ok(Vec::new()) };
    let mut seen = Seen::new();
    for watch in finding.threats.iter().filter(|threat| threat.is_by_edits()).map(|threat| &threat.watch) {
        let one = LookAlike { key, project: finding.project(), watch, moment };
        tx.surroundings().file(&one)?;
        let Some(with) = tx.surroundings().company(&one, TOGETHER)? else { continue };
        for other in tx.surroundings().alone(&one, TOGETHER)? {
            note(&mut seen, other, Why::Together { watch: watch.clone(), with: finding.project().clone() });
        }
        if !finding.is_together(watch) {
            note(&mut seen, key.clone(), Why::Together { watch: watch.clone(), with });
        }
    }
    raise(tx, watchlist, seen, now)
}

/// When it was registered. What stood before the watch, and whose second nobody told, may be of any time; of what only the
/// index has told since, it is when that was.
fn moment(finding: &Finding) -> Option<Time> {
    let stood = |threat: &Threat| threat.standing == Standing::PreExisting;
    finding.registered_at.or_else(|| (!finding.threats.iter().all(stood)).then_some(finding.seen_at))
}

/// A look-up has told in whose hands a case is: looks for others in the same. Gives those that are worse for it, this one
/// among them.
pub(in crate::cases) fn in_hands(
    tx: &Tx<'_>,
    watchlist: &Watchlist,
    finding: &Finding,
    now: Time,
) -> Result<Vec<Change>, StoreError> {
    let mut seen = Seen::new();
    for (id, holder) in holders(finding, watchlist.inventory.registrants_at(finding.project().registry())) {
        tx.surroundings().hold(&id, &finding.key, finding.project())?;
        let Some(with) = tx.surroundings().also_held(&id, finding.project())? else { continue };
        for other in tx.surroundings().alone_held(&id, finding.project())? {
            note(&mut seen, other, Why::Registrant { holder: holder.clone(), with: finding.project().clone() });
        }
        if !is_shared(finding) {
            note(&mut seen, finding.key.clone(), Why::Registrant { holder, with });
        }
    }
    raise(tx, watchlist, seen, now)
}

fn is_shared(finding: &Finding) -> bool {
    finding.context.iter().any(|context| matches!(context.why, Why::Registrant { .. }))
}

/// The strangers who hold it, each by an id (accounts on PyPI ignore case) and as PyPI spells it. Who holds what stood
/// before the watch is no registrant of a case: mostly it is the rightful holder of a name that is watched.
fn holders(finding: &Finding, ours: &Registrants) -> Vec<(String, String)> {
    if finding.facts.ours != Some(false) || !finding.threats.iter().any(Threat::is_live) {
        return Vec::new();
    }
    let is = |known: &String, name: &String| known.eq_ignore_ascii_case(name);
    let users = finding.facts.users.iter().filter(|user| !ours.users.iter().any(|known| is(known, user)));
    let organization = finding.facts.organization.iter();
    let organization = organization.filter(|name| !ours.organizations.iter().any(|known| is(known, name)));
    let id = |kind: &str, name: &String| (format!("{kind}/{}", name.to_lowercase()), name.clone());
    organization.map(|name| id("organization", name)).chain(users.map(|user| id("user", user))).take(HOLDERS).collect()
}

/// Of several things of one kind the first is noted: it says enough.
fn note(seen: &mut Seen, key: FindingKey, why: Why) {
    let of_case = seen.entry(key).or_default();
    let known = |other: &Why| match (other, &why) {
        (Why::Together { watch, .. }, Why::Together { watch: of, .. }) => watch == of,
        (other, why) => other.as_str() == why.as_str(),
    };
    if !of_case.iter().any(known) {
        of_case.push(why);
    }
}

fn raise(tx: &Tx<'_>, watchlist: &Watchlist, seen: Seen, now: Time) -> Result<Vec<Change>, StoreError> {
    let mut worse = Vec::new();
    for (key, whys) in seen {
        if let Some(finding) = tx.findings().get(&key)? {
            worse.extend(take_in(tx, watchlist, finding, whys, now)?);
        }
    }
    Ok(worse)
}

/// Adds to a case what was seen around it; given back when its owners are to hear of that.
fn take_in(
    tx: &Tx<'_>,
    watchlist: &Watchlist,
    mut finding: Finding,
    whys: Vec<Why>,
    now: Time,
) -> Result<Option<Change>, StoreError> {
    let before = finding.clone();
    for why in &whys {
        settled(tx, &finding.key, why, now)?;
    }
    finding.context.extend(whys.iter().cloned().map(weighed));
    settle(watchlist, &mut finding);
    let worsens = got_worse(before.severity(), &finding);
    if worsens {
        rouse(&mut finding, &before);
    }
    let detail = timeline::context(&whys);
    let event = TimelineEvent::Context { whys, was: before.tier, is: finding.tier };
    let line = Timeline::seen(now, event);
    tx.findings().update(&finding, &line)?;
    look_up(tx, &finding, now)?;
    if !worsens || finding.state != FindingState::Open || finding.tier == Tier::Digest {
        return Ok(None);
    }
    tell::promote(tx, watchlist, &finding, now)?;
    let rise = finding.severity().rank().saturating_sub(before.severity().rank());
    Ok(Some(Change { key: finding.key, turn: Turn::Worse, what: detail, rise }))
}

fn settled(tx: &Tx<'_>, key: &FindingKey, why: &Why, now: Time) -> Result<(), StoreError> {
    match why {
        Why::Together { watch, .. } => tx.surroundings().accompany(key, watch, now),
        Why::Registrant { .. } => tx.surroundings().share(key, now),
        Why::Version { .. } => Ok(()),
    }
}

/// Asks who holds a look-alike that alerts, as long as nobody knows: after what is asked of watched names, and no more than
/// `WAITING` of them.
pub(in crate::cases) fn look_up(tx: &Tx<'_>, finding: &Finding, now: Time) -> Result<(), StoreError> {
    let worth = finding.state.is_live() && finding.threats.iter().any(Threat::is_live) && finding.tier == Tier::Alert;
    if !worth || finding.is_followed() || finding.facts.ours.is_some() {
        return Ok(());
    }
    if tx.facts().look_alikes_waiting(WAITING)? >= WAITING {
        return Ok(());
    }
    let last = tx.facts().asked(&finding.key)?.and_then(|asked| asked.looked_at);
    let rested = last.map_or(now, |last| last + LOOK_AGAIN);
    tx.facts().schedule(&finding.key, finding.urgency(), rested.max(now))
}

/// Is a case worth asking for again, after so many times in vain?
pub(in crate::cases) fn is_worth_asking(finding: &Finding, tries: u32) -> bool {
    let most = if finding.is_under_prefix() { A_DAY } else { TRIES };
    finding.is_same_name() || is_settled(finding) || tries + 1 < most
}
