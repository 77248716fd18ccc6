//! What another inventory means for cases of watches that stay: other owners, versions, suppressions, registrants.

use super::cases::{is_same_name, settle_tier};
use super::{Lookout, tell};
use crate::model::finding::WouldPipTake;
use crate::model::{Finding, FindingState, Inventory, Tier, Time, Watch};
use crate::store::{StoreError, Timeline, Tx};

/// Reviews every case of a watch that is in both inventories. Gives the number of notices made.
pub(super) fn kept(tx: &Tx<'_>, lookout: &Lookout, old: &Inventory, now: Time) -> Result<usize, StoreError> {
    let new = &lookout.inventory;
    let everything = old.suppressions != new.suppressions || old.registrants != new.registrants;
    let mut worse = Vec::new();
    for (id, watch) in &new.watches {
        let Some(was) = old.watches.get(id) else { continue };
        if was.owner != watch.owner {
            tx.findings().hand_over(id, &watch.owner)?;
        }
        if !everything && was == watch {
            continue;
        }
        for finding in tx.findings().of_watch(id)? {
            worse.extend(review(tx, lookout, old, (was, watch), finding, now)?);
        }
    }
    tell::worsened(tx, lookout, &worse, now)
}

/// One case; given back, with the reason, when it got worse.
fn review(
    tx: &Tx<'_>,
    lookout: &Lookout,
    old: &Inventory,
    (was, is): (&Watch, &Watch),
    mut finding: Finding,
    now: Time,
) -> Result<Option<(Finding, String)>, StoreError> {
    let before = finding.clone();
    if old.suppressions != lookout.inventory.suppressions {
        suppress(lookout, old, &mut finding);
    }
    if old.registrants != lookout.inventory.registrants && concerns_registrants(&finding) {
        // Who holds it is known or can be asked again; triage decides whether that is us.
        tx.findings().schedule_look(&finding.key, now)?;
    }
    if was.latest_version != is.latest_version || was.first_use != is.first_use {
        settle_tier(lookout, &mut finding);
    }
    let handed_over = was.owner != is.owner && finding.state.is_live();
    if finding == before && !handed_over {
        return Ok(None);
    }
    let takes = |f: &Finding| f.facts.would_pip_take == WouldPipTake::Yes;
    let worse = matches!(finding.state, FindingState::Open | FindingState::Acknowledged)
        && finding.tier > Tier::Digest
        && (before.state == FindingState::Suppressed
            || finding.tier > before.tier
            || (takes(&finding) && !takes(&before)));
    let detail = explain(&before, &finding, (was, is));
    let line = Timeline { at: now, kind: "inventory".to_owned(), who: None, detail: detail.clone() };
    tx.findings().update(&finding, &line)?;
    Ok(worse.then_some((finding, detail)))
}

/// Closes what is now declared harmless, and opens what was closed by a suppression that is gone.
fn suppress(lookout: &Lookout, old: &Inventory, finding: &mut Finding) {
    let reason = |inventory: &Inventory| {
        let reason = inventory.harmless(finding.project(), &finding.watch, &finding.matches);
        reason.map(str::to_owned)
    };
    let (now, then) = (reason(&lookout.inventory), reason(old));
    match now {
        Some(reason) if finding.state.is_live() => {
            finding.state = FindingState::Suppressed;
            finding.note = Some(reason);
        }
        None if finding.state == FindingState::Suppressed && then.is_some() => {
            finding.state = FindingState::Open;
            finding.note = None;
        }
        _ => {}
    }
}

fn concerns_registrants(finding: &Finding) -> bool {
    is_same_name(finding) && (finding.state.is_live() || finding.state == FindingState::Ours)
}

fn explain(before: &Finding, after: &Finding, (was, is): (&Watch, &Watch)) -> String {
    let unknown = "none";
    if before.state != after.state {
        let reason = after.note.as_deref().unwrap_or("a suppression was taken back");
        format!("{} by the inventory: {reason}", after.state.as_str())
    } else if was.latest_version != is.latest_version {
        let version = |w: &Watch| w.latest_version.clone().unwrap_or_else(|| unknown.to_owned());
        format!("the internal version is now {}, it was {}", version(is), version(was))
    } else if was.owner != is.owner {
        format!("{} answers for it now, it was {}", is.owner, was.owner)
    } else {
        "the watch was changed".to_owned()
    }
}
