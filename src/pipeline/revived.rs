//! A project stands that was taken for gone: who is told of that, where nobody told that it came back, or nobody watched it
//! when it went.

use super::Lookout;
use super::cases::{Known, open, threats};
use super::family::{Judged, judged};
use super::severity::settle;
use crate::model::{Birth, Event, Finding, FindingKey, FindingState, Registration, Sighting, Standing, Threat, Time};
use crate::store::{StoreError, Timeline, Tx};

/// A project stands again that was gone: watches that joined meanwhile have no case of it, or no part in the one there is.
/// Gives the key of a case that is new and open.
pub(super) fn rejoin(
    tx: &Tx<'_>,
    lookout: &Lookout,
    sighting: &Sighting,
    birth: Birth,
    now: Time,
) -> Result<Option<FindingKey>, StoreError> {
    let registration = Registration { name: sighting.name.clone(), birth };
    let Some(mut finding) = tx.findings().get(&FindingKey::new(&registration))? else {
        return open(tx, lookout, sighting, &registration, now);
    };
    let Judged { matches, more } = judged(&lookout.matcher, &registration.name);
    let judged = threats(tx, lookout, &registration, matches)?;
    let part = |threat: &Threat| finding.threat(&threat.watch).is_some_and(|old| old.standing != Standing::Unwatched);
    let joined: Vec<Threat> = judged.into_iter().filter(|threat| !part(threat)).collect();
    if joined.is_empty() {
        return Ok(None);
    }
    let labels: Vec<String> = joined.iter().map(|threat| threat.watch.label()).collect();
    finding.threats.retain(|old| joined.iter().all(|threat| threat.watch != old.watch));
    finding.threats.extend(joined);
    finding.more = more;
    if finding.state == FindingState::Unwatched {
        finding.state = FindingState::Removed;
    }
    settle(lookout, &mut finding);
    let line = Timeline { at: now, kind: "watched".to_owned(), who: None, detail: labels.join(", ") };
    tx.findings().update(&finding, &line)?;
    Ok(None)
}

/// It was taken for gone and publishes: it stands, although nobody told that it came back.
pub(super) fn lives_on(finding: &mut Finding, sighting: &Sighting, known: &Known<'_>) -> bool {
    let publishes = matches!(sighting.event, Event::Released { .. });
    let alive = known.revived && publishes && finding.state == FindingState::Removed;
    if alive {
        finding.wake();
    }
    alive
}
