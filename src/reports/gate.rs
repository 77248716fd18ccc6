//! What of the gate's part is told in a report: all of it to the platform team, to an owner what concerns names of theirs.

use std::collections::BTreeSet;

use crate::cases;
use crate::model::gate_report::GatePart;
use crate::model::report::{Audience, Errand, Report, Waits, Whom};
use crate::model::{Finding, FindingState, OwnerId, ProjectName, Registry};
use crate::store::{StoreError, Tx};
use crate::watchlist::Watchlist;

/// The report with what the gate said; `None`: there is none. Whoever is told of nothing of theirs has no part of it.
pub fn with_gate(
    tx: &Tx<'_>,
    watchlist: &Watchlist,
    report: Report,
    said: Option<GatePart>,
) -> Result<Report, StoreError> {
    let gate = match (&report.audience, said) {
        (Audience::Owner { id, .. }, Some(GatePart::Says(of))) => {
            let reviewed = chosen(&of.projects(), |project| concerns(tx, watchlist, id, project))?;
            let bad = chosen(&of.projects(), |project| Ok(cases::threatened_by(tx, project)?.contains(id)))?;
            of.about((report.since, report.until), &reviewed, &bad).map(|of| GatePart::Says(Box::new(of)))
        }
        // That nobody knows whether anything concerns them is not that nothing does.
        (_, said) => said,
    };
    let mut waits = report.waits;
    waits.extend(gate.as_ref().and_then(waiting));
    waits.sort_by(|a, b| (a.what, &a.whom).cmp(&(b.what, &b.whom)));
    Ok(Report { gate, waits, ..report })
}

/// A review is for whoever decides about them.
fn waiting(part: &GatePart) -> Option<Waits> {
    let GatePart::Says(of) = part else { return None };
    let since = of.waiting().map(|review| review.since).min()?;
    Some(Waits { whom: Whom::Reviewer, what: Errand::Reviews, count: of.waiting().count(), since: Some(since) })
}

fn chosen(
    projects: &BTreeSet<&str>,
    is_it: impl Fn(&str) -> Result<bool, StoreError>,
) -> Result<BTreeSet<String>, StoreError> {
    let mut chosen = BTreeSet::new();
    for project in projects {
        if is_it(project)? {
            chosen.insert((*project).to_owned());
        }
    }
    Ok(chosen)
}

/// Does it threaten a name of theirs by a case, or resemble one that nobody has declared harmless?
fn concerns(tx: &Tx<'_>, watchlist: &Watchlist, owner: &OwnerId, project: &str) -> Result<bool, StoreError> {
    // What is no name is nobody's, and resembles nothing.
    let Ok(name) = ProjectName::parse(project) else { return Ok(false) };
    let mut cases = tx.findings().of_project(&name)?;
    cases.retain(|case| case.is_of(owner));
    if cases.iter().any(|case| case.state.is_open() || case.state == FindingState::Removed) {
        return Ok(true);
    }
    if cases.iter().any(is_harmless) {
        return Ok(false);
    }
    let matcher = watchlist.matcher(Registry::Pypi);
    let judged = matcher.judge(&name);
    let named = judged.matches.iter().filter_map(|found| watchlist.inventory.watch(&found.watch));
    let mut rest = matcher.watches_of(&judged.rest);
    Ok(named.into_iter().any(|watch| watch.owner == *owner) || rest.any(|(_, of)| of == owner))
}

fn is_harmless(case: &Finding) -> bool {
    matches!(case.state, FindingState::Resolved | FindingState::Suppressed | FindingState::Ours)
}
