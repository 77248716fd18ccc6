//! How bad a case is by what is known now, and whether that is worse than before. Pure.

use crate::cases::transition::tier::{absurd_release, tier, weighed};
use crate::model::finding::{Severity, WouldPipTake};
use crate::model::resolve::would_pip_take;
use crate::model::{Finding, FindingState, Releases, Rule, Tier, WatchId, Why};
use crate::watchlist::Watchlist;

/// Did the tier rise, or is pip more likely to take it? What a person has settled may get worse after that.
pub(in crate::cases) fn got_worse(before: Severity, finding: &Finding) -> bool {
    let takes = finding.facts.would_pip_take > before.taken_by_pip && !finding.facts.releases.is_empty();
    let may = finding.state.is_live() || finding.state == FindingState::Resolved;
    may && (finding.tier > before.tier || takes)
}

/// A case got worse, in whatever way: whoever has settled it did so before that, and so did whoever is on it where it is more
/// urgent since; what stood before the watch did, under a watched name, is now a threat like any other.
pub(in crate::cases) fn rouse(finding: &mut Finding, before: Severity) {
    match finding.state {
        FindingState::PreExisting if finding.is_same_name() || finding.tier == Tier::Page => finding.wake(),
        FindingState::Resolved => finding.state = FindingState::Open,
        FindingState::Acknowledged if got_worse(before, finding) => finding.state = FindingState::Open,
        _ => {}
    }
}

/// Would pip take these releases of its project for what it is asked for?
fn taken(watchlist: &Watchlist, finding: &Finding, releases: &Releases) -> WouldPipTake {
    let exact = finding.threats.iter().find(|threat| threat.has(Rule::Exact));
    let asked_for = exact.or_else(|| finding.threats.iter().find(|threat| threat.has(Rule::Prefix)));
    match asked_for.map(|threat| watchlist.inventory.watch(&threat.watch)) {
        Some(Some(watch)) => would_pip_take(watch.latest_version.as_deref(), releases),
        // The watch has left; what was said stands.
        Some(None) => finding.facts.would_pip_take,
        // pip installs the name that it is asked for, and this is another.
        None => WouldPipTake::No,
    }
}

/// It is ours by now: would pip take what others published there before?
pub(in crate::cases) fn takes_of_others(watchlist: &Watchlist, finding: &Finding) -> bool {
    let theirs = finding.facts.releases.by_others();
    finding.facts.ours == Some(true) && !theirs.is_empty() && taken(watchlist, finding, &theirs) > WouldPipTake::No
}

/// Recomputes *would pip take it* and the tiers from the facts: of the whole case, since one project is one verdict.
pub(in crate::cases) fn settle(watchlist: &Watchlist, finding: &mut Finding) {
    finding.facts.would_pip_take = taken(watchlist, finding, &finding.facts.releases);
    if let Some(version) = absurd_release(finding) {
        let version = version.to_owned();
        finding.context.push(weighed(Why::Version { version }));
    }
    let bits = |id: &WatchId| finding.context_of(id).fold(0_u8, |sum, context| sum.saturating_add(context.bits));
    let tiers = finding.threats.iter().map(|threat| {
        let watch = watchlist.inventory.watch(&threat.watch)?;
        Some(tier(&threat.matches, &finding.facts, finding.registered_at, watch, bits(&threat.watch)))
    });
    let tiers: Vec<Option<Tier>> = tiers.collect();
    for (threat, tier) in finding.threats.iter_mut().zip(tiers) {
        threat.tier = tier.unwrap_or(threat.tier);
    }
    finding.arrange();
}
