//! A project stands that was taken for gone: who is told of that, where nobody told that it came back, or nobody watched it
//! when it went.

use super::family::{Judged, judged_by};
use super::life::open;
use super::severity::settle;
use super::threats::threats;
use crate::model::timeline::TimelineEvent;
use crate::model::{
    FindingKey, FindingState, Registration, RegistrationId, Sighting, Standing, Threat, Time, Timeline,
};
use crate::store::{StoreError, Tx};
use crate::watchlist::Watchlist;

/// A project stands again that was gone: watches that joined meanwhile have no case of it, or no part in the one there is.
/// Gives the key of a case that is new and open.
pub(in crate::cases) fn rejoin(
    tx: &Tx<'_>,
    watchlist: &Watchlist,
    sighting: &Sighting,
    registration_id: RegistrationId,
    now: Time,
) -> Result<Option<FindingKey>, StoreError> {
    let registration = Registration { name: sighting.name.clone(), registration_id };
    let Some(mut finding) = tx.findings().get(&FindingKey::new(&registration))? else {
        return open(tx, watchlist, sighting, &registration, now);
    };
    let Judged { matches, more } = judged_by(watchlist, &registration.name);
    let judged = threats(tx, watchlist, &registration, matches)?;
    let part = |threat: &Threat| finding.threat(&threat.watch).is_some_and(|old| old.standing != Standing::Unwatched);
    let joined: Vec<Threat> = judged.into_iter().filter(|threat| !part(threat)).collect();
    if joined.is_empty() {
        return Ok(None);
    }
    let watches = joined.iter().map(|threat| threat.watch.clone()).collect();
    finding.threats.retain(|old| joined.iter().all(|threat| threat.watch != old.watch));
    finding.threats.extend(joined);
    finding.more = more;
    if finding.state == FindingState::Unwatched {
        finding.state = FindingState::Removed;
    }
    settle(watchlist, &mut finding);
    let line = Timeline::seen(now, TimelineEvent::Watched { watches });
    tx.findings().update(&finding, &line)?;
    Ok(None)
}
