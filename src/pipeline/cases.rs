//! The life of findings: opened by a registration, moved by what happens to the project.

use std::collections::BTreeMap;

use super::step::{Step, step};
use super::{Lookout, exposure, proof};
use crate::model::finding::WouldPipTake;
use crate::model::resolve::would_pip_take;
use crate::model::{
    Birth, Event, Facts, Finding, FindingKey, FindingState, Match, ProjectName, Registration, Rule, Sighting, Tier,
    Time, Watch, WatchId,
};
use crate::policy::tier::tier;
use crate::store::{StoreError, Timeline, Tx};

/// Opens a finding for every watch that the registration resembles; gives the keys of those that are new and open.
pub(super) fn open(
    tx: &Tx<'_>,
    lookout: &Lookout,
    sighting: &Sighting,
    registration: &Registration,
    now: Time,
) -> Result<Vec<FindingKey>, StoreError> {
    let mut fresh = Vec::new();
    for (watch, matches) in by_watch(lookout, registration) {
        let mut finding = draft(lookout, registration, watch, matches, now);
        finding.display.clone_from(&sighting.display);
        finding.facts.summary.clone_from(&sighting.summary);
        finding.facts.trouble = sighting.unreadable.as_ref().map(|raw| {
            format!("PyPI gave the name {raw:?}, which is no valid name; it was judged as {}", registration.name)
        });
        finding.registered_at = sighting.at.filter(|_| sighting.event == Event::Created);
        settle_tier(lookout, &mut finding);
        if !tx.findings().insert(&finding, &watch.owner)? {
            continue;
        }
        tx.findings().note(&finding.key, &opened(&finding, sighting, now))?;
        if finding.state == FindingState::Open {
            if is_same_name(&finding) {
                tx.findings().schedule_look(&finding.key, now)?;
            }
            fresh.push(finding.key);
        }
    }
    Ok(fresh)
}

/// The matches of a name, gathered by watch, strongest watch order kept by the map of the inventory.
pub(super) fn by_watch<'l>(lookout: &'l Lookout, registration: &Registration) -> Vec<(&'l Watch, Vec<Match>)> {
    let mut groups: BTreeMap<WatchId, Vec<Match>> = BTreeMap::new();
    for found in lookout.matcher.judge(&registration.name) {
        if !proof::is_canary(&found.watch) {
            groups.entry(found.watch.clone()).or_default().push(found);
        }
    }
    groups.into_iter().filter_map(|(id, matches)| Some((lookout.inventory.watch(&id)?, matches))).collect()
}

/// A finding as the matcher alone sees it; suppressed when every one of its rules is declared harmless here.
pub(super) fn draft(
    lookout: &Lookout,
    registration: &Registration,
    watch: &Watch,
    matches: Vec<Match>,
    now: Time,
) -> Finding {
    let note = lookout.inventory.harmless(&registration.name, &watch.id, &matches).map(str::to_owned);
    Finding {
        key: FindingKey::new(registration, &watch.id),
        registration: registration.clone(),
        display: registration.name.as_str().to_owned(),
        watch: watch.id.clone(),
        tier: matches.iter().map(|m| m.tier).max().unwrap_or(Tier::Digest),
        state: if note.is_some() { FindingState::Suppressed } else { FindingState::Open },
        matches,
        facts: Facts::default(),
        registered_at: None,
        seen_at: now,
        note,
    }
}

/// Is the project the watched name itself, or PyPI's idea of the same? Only then is its owner looked up: the name is
/// public already.
pub(super) fn is_same_name(finding: &Finding) -> bool {
    finding.matches.iter().any(|m| matches!(m.rule, Rule::Exact | Rule::Ultranormal))
}

fn opened(finding: &Finding, sighting: &Sighting, now: Time) -> Timeline {
    let rules: Vec<&str> = finding.matches.iter().map(|m| m.rule.as_str()).collect();
    let detail = format!("{} through {}: {}", sighting.event.as_str(), sighting.feed, rules.join(", "));
    Timeline { at: now, kind: "opened".to_owned(), who: None, detail }
}

/// The name was registered again: whatever was open about an earlier registration is over, also when nobody told of its
/// removal.
pub(super) fn supersede(tx: &Tx<'_>, project: &ProjectName, birth: Birth, now: Time) -> Result<(), StoreError> {
    for finding in tx.findings().of_project(project)? {
        if finding.registration.birth != birth && (finding.state.is_live() || finding.state == FindingState::Ours) {
            let detail = "the name was registered again".to_owned();
            let line = Timeline { at: now, kind: "superseded".to_owned(), who: None, detail };
            tx.findings().update(&Finding { state: FindingState::Removed, ..finding }, &line)?;
        }
    }
    Ok(())
}

/// What is known about the project that a sighting is about.
pub(super) struct Known<'b> {
    /// Identity of its current registration.
    pub(super) birth: Birth,
    /// The second of creation, when this sighting is the first to tell it.
    pub(super) learned: Option<i64>,
    /// It was taken for gone, and this sighting says that it stands.
    pub(super) revived: bool,
    /// Cases opened by the same batch: their first alert is not made yet, and carries what is learned now.
    pub(super) fresh: &'b [FindingKey],
}

/// A case that got worse, and how.
pub(super) type Worse = (Finding, String);

/// Something happened to a known project: moves its cases. Gives those that got worse.
pub(super) fn live_on(
    tx: &Tx<'_>,
    lookout: &Lookout,
    sighting: &Sighting,
    known: &Known<'_>,
    now: Time,
) -> Result<Vec<Worse>, StoreError> {
    if sighting.event == Event::Created && known.learned.is_none() && !known.revived {
        return Ok(Vec::new());
    }
    let cases = tx.findings().of_project(&sighting.name)?;
    if cases.is_empty() {
        return Ok(Vec::new());
    }
    tx.sightings().add(sighting, now)?;
    let mut worse = Vec::new();
    for mut finding in cases {
        if !concerns(&finding, sighting, known.birth) {
            continue;
        }
        let before = (finding.tier, finding.facts.would_pip_take);
        if let Some(Step { detail, worsens, look, with_creation }) = step(&mut finding, sighting) {
            settle_tier(lookout, &mut finding);
            let told_with_first =
                known.fresh.contains(&finding.key) || (with_creation && first_alert_waits(tx, &finding)?);
            let worsens = !told_with_first && (worsens || got_worse(before, &finding));
            let line =
                Timeline { at: now, kind: sighting.event.as_str().to_owned(), who: None, detail: detail.clone() };
            tx.findings().update(&finding, &line)?;
            if look && is_same_name(&finding) {
                tx.findings().schedule_look(&finding.key, now)?;
            }
            if worsens && finding.tier > Tier::Digest {
                worse.push((finding, detail));
            }
        }
    }
    exposure::refresh(tx, lookout, &sighting.name, now)?;
    Ok(worse)
}

/// An event concerns the registration that stands. A removal also closes what was registered before that, and never
/// what was registered again since.
fn concerns(finding: &Finding, sighting: &Sighting, current: Birth) -> bool {
    let after = match (finding.registration.birth, sighting.at) {
        (Birth::Second(second), Some(at)) => second <= at.timestamp(),
        _ => true,
    };
    after && (finding.registration.birth == current || matches!(sighting.event, Event::Removed | Event::Quarantined))
}

/// Is a message about this case still to be sent, so that it will carry what is learned now?
pub(super) fn first_alert_waits(tx: &Tx<'_>, finding: &Finding) -> Result<bool, StoreError> {
    Ok(!tx.notices().waiting_for(&finding.key)?.is_empty())
}

/// Did the tier rise, or would pip now take it?
fn got_worse(before: (Tier, WouldPipTake), finding: &Finding) -> bool {
    let takes = before.1 != WouldPipTake::Yes && finding.facts.would_pip_take == WouldPipTake::Yes;
    finding.state.is_live() && (finding.tier > before.0 || takes)
}

/// Recomputes *would pip take it* and the tier from the facts.
pub(super) fn settle_tier(lookout: &Lookout, finding: &mut Finding) {
    let Some(watch) = lookout.inventory.watch(&finding.watch) else { return };
    let has = |rule| finding.matches.iter().any(|m| m.rule == rule);
    finding.facts.would_pip_take = if has(Rule::Exact) || has(Rule::Prefix) {
        would_pip_take(watch.latest_version.as_deref(), &finding.facts.releases)
    } else {
        // pip installs the name that it is asked for, and this is another.
        WouldPipTake::No
    };
    finding.tier = tier(&finding.matches, &finding.facts, finding.registered_at, watch);
}
