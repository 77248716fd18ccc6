//! Families: a name near thousands of watches is one case, which names the strongest of them and counts the others by
//! owner, so that no stranger makes it large, and everybody concerned hears of it.

use super::severity::settle;
use super::threats::threats;
use crate::matcher::Matcher;
use crate::model::timeline::TimelineEvent;
use crate::model::{Finding, FindingState, Match, More, ProjectName, Standing, Threat, Time, Timeline};
use crate::store::{StoreError, Tx};
use crate::watchlist::Watchlist;

/// What a name resembles: the matches of the watches that are named, and the others by owner.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::cases) struct Judged {
    pub(in crate::cases) matches: Vec<Match>,
    pub(in crate::cases) more: Vec<More>,
}

/// By the watches of the name's own registry.
pub(in crate::cases) fn judged_by(watchlist: &Watchlist, name: &ProjectName) -> Judged {
    judged(watchlist.matcher(name.registry()), name)
}

pub(in crate::cases) fn judged(matcher: &Matcher, name: &ProjectName) -> Judged {
    let judgement = matcher.judge(name);
    let owners = matcher.owners_of(&judgement.rest).into_iter();
    let more = owners.map(|(owner, watches)| More { owner: owner.clone(), watches }).collect();
    Judged { matches: judgement.matches, more }
}

/// The inventory has changed: the cases of families are counted again, and what was counted and is now among the strongest
/// is named. To be done before watches that left are taken out, so that no case ends that others are still threatened by.
pub(in crate::cases) fn recount(tx: &Tx<'_>, watchlist: &Watchlist, now: Time) -> Result<(), StoreError> {
    for key in tx.findings().of_families()? {
        let Some(finding) = tx.findings().get(&key)? else { continue };
        let after = recounted(tx, watchlist, finding.clone())?;
        if after != finding {
            tx.findings().update(&after, &Timeline::seen(now, TimelineEvent::Counted))?;
        }
    }
    Ok(())
}

fn recounted(tx: &Tx<'_>, watchlist: &Watchlist, mut finding: Finding) -> Result<Finding, StoreError> {
    let Judged { matches, more } = judged_by(watchlist, finding.project());
    let judged = threats(tx, watchlist, finding.registration(), matches)?;
    let mut named: Vec<Threat> = judged.into_iter().filter(|threat| finding.threat(&threat.watch).is_none()).collect();
    if finding.state == FindingState::PreExisting {
        named.iter_mut().filter(|threat| threat.is_live()).for_each(|threat| threat.standing = Standing::PreExisting);
    }
    finding.threats.extend(named);
    finding.more = more;
    settle(watchlist, &mut finding);
    Ok(finding)
}
