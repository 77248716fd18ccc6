//! What people put off: nobody is reminded of it before then. It ends by itself when the case gets worse, as that is another
//! edition (`store::findings`).

use chrono::TimeDelta;

use super::ruling::{Ruled, RuledCase, each, ruled};
use crate::cases::notify::answered::answered;
use crate::model::timeline::{Person, TimelineEvent};
use crate::model::{CaseRef, Finding, FindingState, Time, Timeline};
use crate::store::{StoreError, Tx};

/// Whoever needs longer is on it, or it is settled.
pub const LONGEST_SNOOZE: TimeDelta = TimeDelta::days(7);

/// Until when, who says so, and their words.
#[derive(Clone, Debug)]
pub struct Snooze {
    pub until: Time,
    pub who: Person,
    pub note: Option<String>,
}

/// Puts each of these cases off; what is unknown among them stops none of the others.
pub fn snooze_each(tx: &Tx<'_>, cases: &[CaseRef], snooze: &Snooze, now: Time) -> Result<Vec<Ruled>, StoreError> {
    each(tx, cases, |finding| self::snooze(tx, finding, snooze, now))
}

/// Of a case that is not open nobody is reminded.
pub(in crate::cases) fn snooze(
    tx: &Tx<'_>,
    mut finding: Finding,
    snooze: &Snooze,
    now: Time,
) -> Result<RuledCase, StoreError> {
    let Snooze { until, who, note } = snooze;
    let changed = finding.state == FindingState::Open && finding.snoozed_until != Some(*until) && *until > now;
    if changed {
        tx.findings().snooze(&finding.key, *until)?;
        let event = TimelineEvent::Snoozed { until: *until, note: note.clone() };
        let what = format!("was snoozed by {who} {event}");
        tx.findings().note(&finding.key, &Timeline { at: now, by: Some(who.clone()), event })?;
        answered(tx, &finding, &what, now)?;
    } else if let Some(note) = note {
        // It is put off no further, and what somebody has to say of it is kept all the same.
        let event = TimelineEvent::Noted { note: note.clone() };
        finding.note = Some(note.clone());
        tx.findings().update(&finding, &Timeline { at: now, by: Some(who.clone()), event })?;
    }
    ruled(tx, finding, changed)
}
