//! How bad a case is by what is known now, and whether that is worse than before. Pure.

use crate::cases::transition::effect::is_answered;
use crate::cases::transition::tier::{absurd_release, is_absurd, tier, weighed};
use crate::model::finding::{Severity, WouldPipTake};
use crate::model::resolve::{Installer, would_take};
use crate::model::version::Pep440;
use crate::model::{Finding, FindingState, Releases, Rule, Threat, Tier, WatchId, Why};
use crate::watchlist::Watchlist;

/// Did the tier rise, or is pip more likely to take it? Surely is more than where it is equal to ours. What a person has
/// settled may get worse after that.
pub(in crate::cases) fn got_worse(before: Severity, finding: &Finding) -> bool {
    let is = finding.severity();
    let takes = (is.taken_by_pip, is.preferred) > (before.taken_by_pip, before.preferred);
    let takes = takes && !finding.facts.releases.is_empty();
    let may = finding.state.is_live() || finding.state == FindingState::Resolved;
    may && (finding.tier > before.tier || takes)
}

/// Nobody can say whether pip takes it, mostly since the inventory has no version to compare with: is what stands by now
/// more than what was answered?
///
/// *Treat it as yes* was said of every release, and a project that lives publishes for ever: to tell each would be told of
/// nothing. But whoever knows ours to be 4 and put 0.1 aside has said nothing of 5, and nothing of 99. So a first number
/// above all before is news, which an honest project has once a year; and of what stood before the watch, where a person
/// has answered nothing, one that was made to win. What changes hands is told as that.
pub(in crate::cases) fn outgrew(before: &Finding, after: &Finding) -> bool {
    let unsure = |finding: &Finding| finding.facts.would_pip_take == WouldPipTake::Unknown;
    let is_above = lead(before).is_some_and(|was| lead(after) > Some(was));
    let counts = match before.state {
        FindingState::PreExisting => after.is_followed() && after.facts.releases.versions().any(is_absurd),
        _ => is_answered(before) && after.state != FindingState::Suppressed,
    };
    unsure(before) && unsure(after) && is_above && counts
}

/// Is it more than what somebody answered? That is told at once, whatever was told a moment before: an answer is spent by it, so
/// it costs a message an answer, which no stranger can multiply.
pub(in crate::cases) fn exceeds_answer(before: &Finding, after: &Finding) -> bool {
    is_answered(before) && (got_worse(before.severity(), after) || outgrew(before, after))
}

/// Did the page that its owners have leave something open that is known now? Whether pip takes the name, by its first release;
/// and where nobody can say even then, that a version was made to win. `answered` asks whether that was so before.
pub(in crate::cases) fn answers_page(before: &Finding, after: &Finding) -> bool {
    let asked_for = after.threats.iter().any(|threat| threat.has(Rule::Exact) || threat.has(Rule::Prefix));
    let is_page = before.state.is_open() && after.state.is_open() && after.tier == Tier::Page && asked_for;
    let published = |finding: &Finding| finding.facts.releases.iter().next().is_some();
    let to_win = |finding: &Finding| finding.facts.releases.iter().any(|release| is_absurd(&release.version));
    let unsure = after.facts.would_pip_take == WouldPipTake::Unknown;
    let first = !published(before) && published(after);
    is_page && (first || (unsure && !to_win(before) && to_win(after)))
}

fn lead(finding: &Finding) -> Option<(u64, u64)> {
    finding.facts.releases.versions().filter_map(Pep440::read).map(|version| version.lead()).max()
}

/// A case got worse, in whatever way: whoever has settled it did so before that, and so did whoever is on it where it is more
/// urgent since; what stood before the watch did, under a watched name or an exclusive prefix, is now a threat like any other, also
/// where somebody answered it while it was none.
pub(in crate::cases) fn rouse(finding: &mut Finding, before: &Finding) {
    let is_strong = finding.is_same_name() || finding.tier == Tier::Page;
    let is_more = || got_worse(before.severity(), finding) || outgrew(before, finding);
    match finding.state {
        FindingState::PreExisting if is_strong => finding.wake(),
        FindingState::Acknowledged if !is_more() => {}
        FindingState::Resolved | FindingState::Acknowledged if is_strong => finding.wake(),
        FindingState::Resolved | FindingState::Acknowledged => finding.state = FindingState::Open,
        _ => {}
    }
}

/// Another inventory may make of a case more than what somebody answered: then it is open again.
pub(in crate::cases) fn outlive(finding: &mut Finding, before: &Finding) {
    let is_answer = matches!(finding.state, FindingState::Resolved | FindingState::Acknowledged);
    if is_answer && exceeds_answer(before, finding) {
        rouse(finding, before);
    }
}

/// Would pip take these releases of its project for what it is asked for, and for themselves?
fn taken(watchlist: &Watchlist, finding: &Finding, releases: &Releases) -> (WouldPipTake, bool) {
    let watched = |threat: &&Threat| watchlist.inventory.watch(&threat.watch).is_some();
    let mut stay = finding.threats.iter().filter(watched);
    let by = |rule| finding.threats.iter().filter(watched).find(|threat| threat.has(rule));
    match by(Rule::Exact).or_else(|| by(Rule::Prefix)).and_then(|threat| watchlist.inventory.watch(&threat.watch)) {
        Some(watch) => {
            let answer = would_take(Installer::Pip, watch.latest_version.as_deref(), releases);
            (answer.take, answer.is_preferred())
        }
        // All its watches have left; what was said stands.
        None if stay.next().is_none() => (finding.facts.would_pip_take, finding.facts.preferred),
        // pip installs the name that it is asked for, and this is another.
        None => (WouldPipTake::No, false),
    }
}

/// It is ours by now: would pip take what others published there before?
pub(in crate::cases) fn takes_of_others(watchlist: &Watchlist, finding: &Finding) -> bool {
    let theirs = finding.facts.releases.by_others();
    finding.facts.ours == Some(true) && !theirs.is_empty() && taken(watchlist, finding, &theirs).0 > WouldPipTake::No
}

/// Recomputes *would pip take it* and the tiers from the facts: of the whole case, since one project is one verdict.
pub(in crate::cases) fn settle(watchlist: &Watchlist, finding: &mut Finding) {
    let (take, preferred) = taken(watchlist, finding, &finding.facts.releases);
    (finding.facts.would_pip_take, finding.facts.preferred) = (take, preferred);
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
