//! What a look-up changed about a case, in words worth telling. Pure.

use chrono::TimeDelta;

use crate::cases::notify::throttle;
use crate::cases::transition::effect::{is_answered, is_awaited};
use crate::cases::transition::severity::{got_worse, outgrew};
use crate::cases::transition::tier::is_absurd;
use crate::model::found::{Found, names};
use crate::model::{Facts, Finding, FindingState, Time};

/// Versions in a line of the history.
pub(super) const LISTED: usize = 10;

/// A change of hands worth telling: it was ours and is not, or other people hold it than before.
pub(in crate::cases) fn owner_change(before: &Finding, after: &Finding) -> Option<Found> {
    let (was, is) = (&before.facts, &after.facts);
    let same = was.users == is.users && was.organization == is.organization;
    if was.ours.is_none() || same || is.ours == Some(true) {
        return None;
    }
    if was.ours == Some(true) {
        return Some(Found::NotOursAlone { holders: people(is) });
    }
    Some(Found::NewOwner { holders: people(is) })
}

/// It is ours, and pip would take what others left there.
pub(in crate::cases) fn handed_over(after: &Finding) -> Found {
    let (versions, more) = after.facts.releases.by_others().first(LISTED);
    Found::HandedOver { holders: people(&after.facts), versions, more }
}

/// Why it is no threat any more: it came to us, or what others had left there is out of the way, as far as a yank is.
pub(in crate::cases) fn ours_by_now(before: &Finding, after: &Finding) -> String {
    let held = format!("held by {}, which the inventory lists as ours", holders(&after.facts));
    let theirs = before.facts.releases.by_others();
    let gone: Vec<&str> = theirs.iter().take(LISTED).map(|release| release.version.as_str()).collect();
    let yanked: Vec<&str> = after.facts.releases.yanked_of_others().take(LISTED).collect();
    match () {
        () if !yanked.is_empty() => format!("yanked: {}, which others published; {held}", yanked.join(", ")),
        () if before.facts.ours == Some(true) && !gone.is_empty() => {
            format!("gone: {}, which others published; {held}", gone.join(", "))
        }
        () => held,
    }
}

/// Who holds it, when the alert had to go out while PyPI showed a page too old to tell.
pub(in crate::cases) fn corrected(before: &Finding, after: &Finding) -> Option<String> {
    let open = matches!(after.state, FindingState::Open | FindingState::Acknowledged);
    let known = before.facts.provisional && !after.facts.provisional && after.facts.ours == Some(false);
    (open && known && before.facts.ours.is_none()).then(|| format!("held by {}", holders(&after.facts)))
}

/// It was ours until its roles changed, and who holds it now could not be learned.
pub(in crate::cases) fn unconfirmed(before: &Finding, after: &Finding) -> Option<Found> {
    let doubted = before.state == FindingState::Ours && after.state == FindingState::Open && after.facts.ours.is_none();
    let reason = after.facts.trouble.clone().unwrap_or_else(|| "PyPI does not say".to_owned());
    doubted.then_some(Found::Unconfirmed { reason })
}

/// The inventory no longer lists its holder as ours; or nobody had looked before who holds what we published.
pub(in crate::cases) fn disowned(before: &Finding, after: &Finding) -> Option<Found> {
    let lost = before.state == FindingState::Ours && after.state == FindingState::Open;
    let holders = people(&after.facts);
    lost.then_some(match before.facts.ours {
        Some(true) => Found::Disowned { holders },
        _ => Found::NotOursAlone { holders },
    })
}

/// Does its first release belong to the first alert? By PyPI's own times where both are known; an age below zero is a
/// clock of ours behind PyPI's, and says nothing.
fn came_with_creation(finding: &Finding, now: Time) -> bool {
    let theirs = finding.facts.first_upload.zip(finding.registered_at);
    let age = theirs.map_or_else(
        || now - finding.registered_at.unwrap_or(finding.seen_at),
        |(uploaded, registered)| uploaded - registered,
    );
    (TimeDelta::zero()..=throttle::FIRST_RELEASE).contains(&age)
}

/// What it published since it was last looked at, where that makes things worse and only a look-up could tell: the index
/// says that a project changed, not how, and files may be added to a release that everybody knows.
/// `answers`: a page had left open what it answers.
pub(in crate::cases) fn published(before: &Finding, after: &Finding, answers: bool, now: Time) -> Option<Found> {
    let first_look = before.facts.ours.is_none() && before.facts.trouble.is_none();
    let told = matches!(before.state, FindingState::Open | FindingState::Acknowledged);
    if first_look && !told {
        return None;
    }
    let mut new = after.facts.releases.versions().filter(|version| !before.facts.releases.contains(version));
    let to_win =
        after.facts.releases.versions().find(|version| is_absurd(version) && !before.facts.releases.contains(version));
    let newest = to_win.or_else(|| new.next());
    let first = before.facts.releases.is_empty();
    let late = is_answered(before) || !came_with_creation(after, now);
    let worse = got_worse(before.severity(), after) || outgrew(before, after) || answers;
    match newest {
        Some(newest) if worse || (is_awaited(after) && first && (late || is_absurd(newest))) => {
            let version = newest.to_owned();
            // Of what nobody saw registered, and of which no page was read before, nobody knows what came first.
            let seen = before.facts.releases.looked() || before.registered_at.is_some();
            Some(if first && seen { Found::FirstRelease { version } } else { Found::NewRelease { version } })
        }
        None if got_worse(before.severity(), after) => Some(Found::MoreFiles),
        _ => None,
    }
}

/// Users and organization, for a sentence.
pub(in crate::cases) fn holders(facts: &Facts) -> String {
    names(&people(facts))
}

/// Users, and the organization.
pub(in crate::cases) fn people(facts: &Facts) -> Vec<String> {
    facts.users.iter().chain(&facts.organization).cloned().collect()
}
