//! The life of findings: opened by a registration, moved by what happens to the project.

use std::collections::BTreeSet;

use chrono::TimeDelta;

use super::answered::answers;
use super::context;
use super::effect::{Effect, effect};
use super::family::{Judged, judged_by};
use super::replaced::is_settled;
use super::severity::{exceeds_answer, got_worse, outgrew, rouse, settle};
use super::threats::threats;
use super::turn::{self, Change, Turn};
use crate::cases::exposure;
use crate::cases::ingest::registration::BEGUN;
use crate::cases::notify::tell;
use crate::cases::own::{Claimed, claimed, hasten_others};
use crate::model::finding::Urgency;
use crate::model::timeline::{Resembled, TimelineEvent};
use crate::model::{
    Event, Facts, Feed, Finding, FindingKey, FindingState, Registration, RegistrationId, Sighting, Subject, Threat,
    Tier, Time, Timeline,
};
use crate::store::{StoreError, Tx};
use crate::watchlist::Watchlist;

/// A project that keeps changing is looked at again no sooner than this.
const LOOK_AGAIN: TimeDelta = TimeDelta::seconds(30);

/// Opens a finding when the registration resembles a watch; gives its key when it is new and open.
pub(in crate::cases) fn open(
    tx: &Tx<'_>,
    watchlist: &Watchlist,
    sighting: &Sighting,
    registration: &Registration,
    now: Time,
) -> Result<Option<FindingKey>, StoreError> {
    let Judged { matches, more } = judged_by(watchlist, &registration.name);
    let threats = threats(tx, watchlist, registration, matches)?;
    if threats.is_empty() {
        return Ok(None);
    }
    let mut finding = draft(registration, threats, now);
    finding.more = more;
    finding.display.clone_from(&sighting.display);
    finding.facts.summary.clone_from(&sighting.summary);
    // RSS lists only what has a release (`warehouse` `rss/views.py`).
    finding.facts.released = sighting.feed == Feed::Rss;
    finding.facts.trouble = sighting.unreadable.as_ref().map(|raw| {
        format!("PyPI gave the name {raw:?}, which is no valid name; it was judged as {}", registration.name)
    });
    let told = sighting.at.filter(|_| sighting.event == Event::Created);
    finding.registered_at = told.or(finding.registered_at);
    settle(watchlist, &mut finding);
    let registrants = &watchlist.inventory.registrants;
    if finding.state == FindingState::Open && claimed(tx, registrants, &finding, now)? == Claimed::Ours {
        finding.state = FindingState::Ours;
    }
    if !tx.findings().insert(&finding)? {
        return Ok(None);
    }
    tx.findings().note(&finding.key, &opened(&finding, sighting, now))?;
    // Nobody has a project of a name that is none: that there is no page of what was salvaged says nothing about it.
    if sighting.unreadable.is_none() {
        ask(tx, &finding, sighting, now)?;
    }
    Ok((finding.state == FindingState::Open).then_some(finding.key))
}

/// A finding as the matcher alone sees it.
pub(in crate::cases) fn draft(registration: &Registration, threats: Vec<Threat>, now: Time) -> Finding {
    let mut finding = Finding {
        id: None,
        key: FindingKey::new(registration),
        subject: Subject::Registration(registration.clone()),
        display: registration.name.to_string(),
        threats,
        more: Vec::new(),
        context: Vec::new(),
        tier: Tier::Digest,
        state: FindingState::Open,
        facts: Facts::default(),
        registered_at: registration.registration_id.at(),
        seen_at: now,
        note: None,
        settled_with: BTreeSet::new(),
        edition: 0,
        snoozed_until: None,
    };
    finding.arrange();
    finding.state = finding.standing_state();
    finding
}

fn opened(finding: &Finding, sighting: &Sighting, now: Time) -> Timeline {
    let resembled = |threat: &Threat| Resembled {
        watch: threat.watch.clone(),
        rules: threat.matches.iter().map(|found| found.rule).collect(),
    };
    let watches = finding.threats.iter().map(resembled).collect();
    Timeline::seen(now, TimelineEvent::Opened { seen: sighting.event.clone(), feed: sighting.feed, watches })
}

/// What is known about the project that a sighting is about.
pub(in crate::cases) struct KnownProject<'b> {
    /// Identity of its current registration.
    pub(in crate::cases) registration_id: RegistrationId,
    /// The second of creation, when this sighting is the first to tell it.
    pub(in crate::cases) learned: Option<i64>,
    /// It was taken for gone, and this sighting says that it stands.
    pub(in crate::cases) revived: bool,
    /// Something later is known of it than this sighting tells: it may be of an earlier registration, and ends none that
    /// stands.
    pub(in crate::cases) overtaken: bool,
    /// Cases opened by the same batch: their first alert is not made yet, and carries what is learned now.
    pub(in crate::cases) fresh: &'b [FindingKey],
}

/// Something happened to a known project: moves its cases. Gives what their owners are to hear.
pub(in crate::cases) fn live_on(
    tx: &Tx<'_>,
    watchlist: &Watchlist,
    sighting: &Sighting,
    known: &KnownProject<'_>,
    now: Time,
) -> Result<Vec<Change>, StoreError> {
    let cases = tx.findings().of_project(&sighting.name)?;
    let concerned: Vec<Finding> = cases.into_iter().filter(|finding| concerns(finding, sighting, known)).collect();
    for finding in &concerned {
        ask(tx, finding, sighting, now)?;
    }
    let repeated = sighting.event == Event::Created && known.learned.is_none() && !known.revived;
    if concerned.is_empty() || repeated {
        return Ok(Vec::new());
    }
    tx.sightings().add(sighting, now)?;
    let mut changes = Vec::new();
    for finding in concerned {
        let key = finding.key.clone();
        changes.extend(moved(tx, watchlist, sighting, known, finding, now)?);
        if known.learned.is_some() {
            let around = context::around(tx, watchlist, &key, now)?;
            changes.extend(around.into_iter().filter(|change| !known.fresh.contains(&change.key)));
        }
    }
    exposure::refresh(tx, watchlist, &sighting.name, now)?;
    Ok(changes)
}

/// It was taken for gone and publishes: it stands, although nobody told that it came back.
fn lives_on(finding: &mut Finding, sighting: &Sighting, known: &KnownProject<'_>) -> bool {
    let publishes = matches!(sighting.event, Event::Released { .. });
    let alive = known.revived && publishes && finding.state == FindingState::Removed;
    if alive {
        finding.wake();
    }
    alive
}

/// One case after an event; gives what its owners are to hear of it.
fn moved(
    tx: &Tx<'_>,
    watchlist: &Watchlist,
    sighting: &Sighting,
    known: &KnownProject<'_>,
    mut finding: Finding,
    now: Time,
) -> Result<Option<Change>, StoreError> {
    let earlier = finding.clone();
    let (before, was) = (earlier.severity(), earlier.state);
    let alive = lives_on(&mut finding, sighting, known);
    let Some(Effect { what, worsens, ends, with_creation }) = effect(&mut finding, sighting) else { return Ok(None) };
    settle(watchlist, &mut finding);
    let untold = known.fresh.contains(&finding.key) || (with_creation && tx.tellings().is_untold(&finding.key)?);
    let news = answers(tx, &earlier, &finding)? || exceeds_answer(&earlier, &finding);
    let worsens = worsens || news || alive || got_worse(before, &finding) || outgrew(&earlier, &finding);
    if worsens {
        rouse(&mut finding, &earlier);
    }
    let worsens = (worsens && !untold) || turn::takes_back(tx, &finding, was)?;
    let said = what.to_string();
    let line = Timeline::seen(now, TimelineEvent::Moved { seen: sighting.event.clone(), what });
    tx.findings().update(&finding, &line)?;
    if finding.state == FindingState::Open && was != FindingState::Open {
        returned(tx, &finding, was, now)?;
    }
    context::look_up(tx, &finding, now)?;
    tell::promote(tx, watchlist, &finding, now)?;
    if matches!(sighting.event, Event::RolesChanged { .. }) {
        hasten_others(tx, &watchlist.inventory.registrants, &finding, now)?;
    }
    let turn = if news { Turn::News } else { Turn::Worse };
    let worse = (worsens && finding.tier > Tier::Digest).then_some(turn);
    let turn = worse.or(ends.then_some(Turn::Over));
    let rise = finding.severity().rank().saturating_sub(before.rank());
    Ok(turn.map(|turn| Change { key: finding.key, turn, what: said, rise }))
}

/// A closed case is open again. It may be another's now, and what was ours may be so again: somebody has to look.
fn returned(tx: &Tx<'_>, finding: &Finding, was: FindingState, now: Time) -> Result<(), StoreError> {
    if was == FindingState::Suppressed {
        tx.suppressions().unbind(finding.project())?;
    }
    if finding.is_followed() {
        tx.facts().schedule(&finding.key, finding.urgency(), now)?;
    }
    Ok(())
}

/// An event with a serial says that PyPI's page of the project must show at least that: what was learned from an older
/// one is asked again: of watched names and what PyPI takes for the same, of names under a prefix, in a line of their own,
/// and of what a person has settled where nobody says what changed. Of a look-alike it is enough to know who holds it.
fn ask(tx: &Tx<'_>, finding: &Finding, sighting: &Sighting, now: Time) -> Result<(), StoreError> {
    let gone = matches!(sighting.event, Event::Removed | Event::Unlisted | Event::Quarantined);
    let settled = is_settled(finding) && sighting.event == Event::Changed;
    if gone || !is_looked_at(finding) {
        return Ok(());
    }
    if let Some(serial) = sighting.serial {
        tx.facts().want(&finding.key, serial)?;
    }
    if !finding.is_followed() && !settled {
        return context::look_up(tx, finding, now);
    }
    let asked = tx.facts().asked(&finding.key)?;
    // A page that came before the roles were told showed who holds it now, and not who held it when its releases were made.
    let hands = finding.facts.ours == Some(true) && matches!(sighting.event, Event::RolesChanged { .. });
    let news = hands || asked.is_none_or(|asked| asked.looked_at.is_none() || asked.wanted > asked.known);
    if news && (sighting.serial.is_some() || asked.is_none_or(|asked| asked.looked_at.is_none())) {
        let rested = asked.and_then(|asked| asked.looked_at).map_or(now, |last| last + LOOK_AGAIN);
        // What a person settled is asked for among the first: it may be another's by now.
        let urgency = if settled { finding.urgency().max(Urgency::SameName) } else { finding.urgency() };
        tx.facts().schedule(&finding.key, urgency, rested.max(now))?;
    }
    Ok(())
}

/// Is it worth asking who holds it now? What is ours may change hands, too, and so may what a person has settled.
pub(in crate::cases) fn is_looked_at(finding: &Finding) -> bool {
    finding.state.is_live() || finding.state == FindingState::Ours || is_settled(finding)
}

/// An event concerns the registration that stands. A removal also closes what was registered before that, and never
/// what was registered again since: by its second, and where that is the removal's own, because the index has listed the name
/// with a later serial.
fn concerns(finding: &Finding, sighting: &Sighting, known: &KnownProject<'_>) -> bool {
    let ends = matches!(sighting.event, Event::Removed | Event::Quarantined);
    let before = if ends { 0 } else { BEGUN.num_seconds() };
    let after = match (finding.registration().registration_id, sighting.at) {
        (RegistrationId::Second(second), Some(at)) => second <= at.timestamp() + before,
        _ => true,
    };
    let stands = finding.registration().registration_id == known.registration_id;
    after && if stands { !(ends && known.overtaken) } else { ends }
}
