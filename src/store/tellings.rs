//! What owners are to be told: an event of a case, an owner, a channel. Queued and delivered are facts of their own, so
//! that no batching can lose one: a telling waits until a notice carries it, and is told when that notice was delivered.

use serde::{Deserialize, Serialize};

use super::StoreError;
use super::columns::{channel, kind};
use super::findings::NEXT_EDITION;
use super::sql::{self, Param, Row, Session};
use crate::model::finding::Severity;
use crate::model::notice::{EventRef, Lane, NoticeEvent};
use crate::model::{Channel, FindingKey, OwnerId, Tier, Time};

/// Something that happened to a case, as its owners are told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseEvent {
    pub event: EventRef,
    pub at: Time,
    pub kind: NoticeEvent,
    /// What changed, for a worsening.
    pub change: Option<String>,
    /// By how much the case was worse after it than ever before.
    pub rise: u8,
}

/// One event for one owner on one channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewTelling {
    pub event: EventRef,
    pub owner: OwnerId,
    pub channel: Channel,
    pub lane: Lane,
    pub tier: Tier,
    /// `None`: it waits for its schedule.
    pub due: Option<Time>,
}

/// A telling that waits, as the composer of notices sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Telling {
    pub id: i64,
    pub event: EventRef,
    pub owner: OwnerId,
    pub lane: Lane,
    pub tier: Tier,
    pub due: Option<Time>,
}

/// Why a telling will not be carried by any notice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dropped {
    /// There was nothing left to tell: the project is ours, or a person has settled the case.
    Moot,
    /// Its channel is gone; the same event was queued for others.
    HandedOver,
}

impl Dropped {
    fn as_str(self) -> &'static str {
        match self {
            Self::Moot => "moot",
            Self::HandedOver => "handed-over",
        }
    }
}

pub struct Tellings<'c>(pub(super) &'c dyn Session);

pub(super) const COLUMNS: &str = "id, key, number, owner, lane, tier, due_at";
/// Neither carried by a notice nor settled.
pub(super) const WAITING: &str = "notice IS NULL AND outcome IS NULL";

impl Tellings<'_> {
    /// Records that something happened to a case; gives its number. A worsening starts the time to its reminder anew.
    pub fn happened(
        &self,
        key: &FindingKey,
        kind: NoticeEvent,
        change: Option<&str>,
        severity: Severity,
        now: Time,
    ) -> Result<EventRef, StoreError> {
        let worse = matches!(kind, NoticeEvent::Registered | NoticeEvent::Stood | NoticeEvent::Worsened);
        if worse {
            let next = format!("UPDATE findings SET {NEXT_EDITION} WHERE key = $1");
            sql::execute(self.0, &next, &[&key.0])?;
        }
        let query = "UPDATE findings SET events = events + 1, worsened_at = CASE WHEN $2 THEN $3 ELSE worsened_at END \
                     WHERE key = $1 RETURNING events";
        let number: Option<u32> = sql::first(self.0, query, &[&key.0, &worse, &sql::micros(now)], |row| row.get(0))?;
        let number = number.ok_or_else(|| StoreError::unreadable("an event of no finding", &key.0))?;
        sql::execute(
            self.0,
            "INSERT INTO case_events (key, number, at, kind, change, severity) VALUES ($1, $2, $3, $4, $5, $6)",
            &[&key.0, &number, &sql::micros(now), &kind.as_str(), &change, &severity.rank()],
        )?;
        Ok(EventRef { finding: key.clone(), number })
    }

    /// Queues a telling; says false when it was queued before. What was handed over waits again when its channel is back,
    /// and what waits for a digest waits no longer when it is queued as more urgent.
    pub fn queue(&self, telling: &NewTelling, now: Time) -> Result<bool, StoreError> {
        let params: [&dyn Param; 8] = [
            &telling.event.finding.0,
            &telling.event.number,
            &telling.owner.0,
            &telling.channel.to_string(),
            &telling.lane.as_str(),
            &telling.tier.as_str(),
            &telling.due.map(sql::micros),
            &sql::micros(now),
        ];
        let added = sql::execute(
            self.0,
            "INSERT INTO tellings (key, number, owner, channel, lane, tier, due_at, created_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (key, owner, channel, number) DO UPDATE \
             SET lane = excluded.lane, tier = excluded.tier, due_at = excluded.due_at, notice = NULL, outcome = NULL, \
             settled_at = NULL WHERE tellings.outcome = 'handed-over' OR tellings.outcome IS NULL \
             AND tellings.notice IS NULL AND tellings.lane = 'digest' AND excluded.lane <> 'digest'",
            &params,
        )?;
        Ok(added > 0)
    }

    /// What waits on a channel, is due, and follows nothing of its case that is under way: the most urgent lane first, of
    /// each owner and lane no more than `limit`, so that no number of one owner's hides another's.
    pub fn due(&self, channel: &Channel, now: Time, limit: usize) -> Result<Vec<Telling>, StoreError> {
        let query = format!(
            "SELECT {COLUMNS} FROM (SELECT {COLUMNS}, row_number() OVER (PARTITION BY owner, lane ORDER BY due_at, id) AS place \
             FROM tellings t WHERE channel = $1 AND {WAITING} AND due_at <= $2 AND NOT EXISTS (SELECT 1 FROM tellings c \
             WHERE c.key = t.key AND c.owner = t.owner AND c.channel = $1 AND c.notice IS NOT NULL AND c.outcome IS NULL)) d \
             WHERE place <= $3 \
             ORDER BY {}, due_at, id",
            urgency("d")
        );
        sql::all(self.0, &query, &[&channel.to_string(), &sql::micros(now), &(limit as i64)], read)
    }

    /// What waits for one owner on a channel, due or not.
    pub fn waiting(&self, owner: &OwnerId, channel: &Channel, key: &FindingKey) -> Result<Vec<Telling>, StoreError> {
        let query = format!(
            "SELECT {COLUMNS} FROM tellings WHERE key = $3 AND owner = $1 AND channel = $2 AND {WAITING} ORDER BY number"
        );
        sql::all(self.0, &query, &[&owner.0, &channel.to_string(), &key.0], read)
    }

    /// Is the case queued, and has nobody been sent a word of it yet, so that the first message carries what is learned
    /// now?
    pub fn is_untold(&self, key: &FindingKey) -> Result<bool, StoreError> {
        let query = "SELECT count(*), coalesce(sum(notice IS NOT NULL), 0) FROM tellings WHERE key = $1 \
                     AND (outcome IS NULL OR outcome = 'told')";
        let counts = sql::first(self.0, query, &[&key.0], |row| Ok((row.get::<i64>(0)?, row.get::<i64>(1)?)))?;
        Ok(counts.is_some_and(|(queued, sent)| queued > 0 && sent == 0))
    }

    /// What waits of one case, for whomever.
    pub fn waiting_of(&self, key: &FindingKey) -> Result<Vec<Telling>, StoreError> {
        let query = format!("SELECT {COLUMNS} FROM tellings WHERE key = $1 AND {WAITING} ORDER BY id");
        sql::all(self.0, &query, &[&key.0], read)
    }

    /// Is a notice with this case under way to the owner on this channel, so that another must not overtake it?
    pub fn is_carried(&self, owner: &OwnerId, channel: &Channel, key: &FindingKey) -> Result<bool, StoreError> {
        let query = "SELECT 1 FROM tellings WHERE key = $3 AND owner = $1 AND channel = $2 \
                     AND notice IS NOT NULL AND outcome IS NULL LIMIT 1";
        Ok(sql::first(self.0, query, &[&owner.0, &channel.to_string(), &key.0], |_| Ok(()))?.is_some())
    }

    /// A case became more urgent: what waits of it travels in this lane now.
    pub fn promote(&self, id: i64, lane: Lane, tier: Tier, due: Option<Time>) -> Result<(), StoreError> {
        sql::execute(
            self.0,
            "UPDATE tellings SET lane = $2, tier = $3, due_at = $4 WHERE id = $1",
            &[&id, &lane.as_str(), &tier.as_str(), &due.map(sql::micros)],
        )?;
        Ok(())
    }

    /// The schedule has come: what waited for it is due.
    pub fn release_scheduled(&self, now: Time) -> Result<usize, StoreError> {
        let update = format!("UPDATE tellings SET due_at = $1 WHERE {WAITING} AND due_at IS NULL");
        sql::execute(self.0, &update, &[&sql::micros(now)])
    }

    /// This notice carries it.
    pub fn carry(&self, id: i64, notice: i64) -> Result<(), StoreError> {
        sql::execute(self.0, "UPDATE tellings SET notice = $2 WHERE id = $1", &[&id, &notice])?;
        Ok(())
    }

    pub fn drop(&self, id: i64, why: Dropped, now: Time) -> Result<(), StoreError> {
        sql::execute(
            self.0,
            "UPDATE tellings SET outcome = $2, settled_at = $3 WHERE id = $1",
            &[&id, &why.as_str(), &sql::micros(now)],
        )?;
        Ok(())
    }

    /// Nothing is left to tell of this case.
    pub fn drop_waiting(&self, key: &FindingKey, now: Time) -> Result<usize, StoreError> {
        let update = format!("UPDATE tellings SET outcome = 'moot', settled_at = $2 WHERE key = $1 AND {WAITING}");
        sql::execute(self.0, &update, &[&key.0, &sql::micros(now)])
    }

    /// A notice will not go out after all: what it carried waits again.
    pub fn put_back(&self, notice: i64) -> Result<usize, StoreError> {
        sql::execute(self.0, "UPDATE tellings SET notice = NULL WHERE notice = $1 AND outcome IS NULL", &[&notice])
    }

    /// Every telling that waits, with its channel: for handing over what lost its way.
    pub fn routes(&self) -> Result<Vec<(OwnerId, Channel)>, StoreError> {
        let query = format!("SELECT DISTINCT owner, channel FROM tellings WHERE {WAITING}");
        sql::all(self.0, &query, &[], |row| Ok((OwnerId(row.get(0)?), channel(&row.get::<String>(1)?)?)))
    }

    /// What waits for an owner on a channel.
    pub fn of_route(&self, owner: &OwnerId, channel: &Channel) -> Result<Vec<Telling>, StoreError> {
        let query =
            format!("SELECT {COLUMNS} FROM tellings WHERE owner = $1 AND channel = $2 AND {WAITING} ORDER BY id");
        sql::all(self.0, &query, &[&owner.0, &channel.to_string()], read)
    }

    /// The events of a notice, in the order in which they happened.
    pub fn events(&self, events: &[EventRef]) -> Result<Vec<CaseEvent>, StoreError> {
        let query = "SELECT at, kind, change, severity, (SELECT max(severity) FROM case_events b WHERE b.key = $1 \
                     AND b.number < $2) FROM case_events WHERE key = $1 AND number = $2";
        let mut found = Vec::with_capacity(events.len());
        for event in events {
            found.extend(sql::first(self.0, query, &[&event.finding.0, &event.number], |row| {
                let (at, kind) = (sql::time(row.get(0)?)?, kind(row.get(1)?)?);
                let (severity, before) = (row.get::<u8>(3)?, row.get::<Option<u8>>(4)?);
                let rise = severity.saturating_sub(before.unwrap_or(severity));
                Ok(CaseEvent { event: event.clone(), at, kind, change: row.get(2)?, rise })
            })?);
        }
        found.sort_by_key(|event| (event.at, event.event.number));
        Ok(found)
    }

    /// When this case last got worse.
    pub fn last_worsened(&self, key: &FindingKey) -> Result<Option<Time>, StoreError> {
        let query = "SELECT max(at) FROM case_events WHERE key = $1 AND kind = 'worsened'";
        let at = sql::first(self.0, query, &[&key.0], |row| row.get::<Option<i64>>(0))?;
        at.flatten().map(sql::time).transpose()
    }

    /// The worst that this case was by any of its events.
    pub fn worst(&self, key: &FindingKey) -> Result<Option<u8>, StoreError> {
        let query = "SELECT max(severity) FROM case_events WHERE key = $1";
        Ok(sql::first(self.0, query, &[&key.0], |row| row.get::<Option<u8>>(0))?.flatten())
    }

    /// Has a person decided about this case, and was that to be told?
    pub fn is_decided(&self, key: &FindingKey) -> Result<bool, StoreError> {
        let query = "SELECT 1 FROM case_events WHERE key = $1 AND kind = 'decided' LIMIT 1";
        Ok(sql::first(self.0, query, &[&key.0], |_| Ok(()))?.is_some())
    }

    /// When something is due next on a channel.
    pub fn next_due(&self, channel: &Channel) -> Result<Option<Time>, StoreError> {
        let query = format!("SELECT min(due_at) FROM tellings WHERE channel = $1 AND {WAITING} AND due_at IS NOT NULL");
        let due = sql::first(self.0, &query, &[&channel.to_string()], |row| row.get::<Option<i64>>(0))?;
        due.flatten().map(sql::time).transpose()
    }

    /// What happened since and was queued to go out, digests that wait aside, oldest first.
    pub fn queued_since(&self, since: Time) -> Result<Vec<CaseEvent>, StoreError> {
        let query = "SELECT key, number FROM case_events e WHERE at >= $1 AND EXISTS (SELECT 1 FROM tellings t \
                     WHERE t.key = e.key AND t.number = e.number AND t.due_at IS NOT NULL)";
        let events = sql::all(self.0, query, &[&sql::micros(since)], |row| {
            Ok(EventRef { finding: FindingKey(row.get(0)?), number: row.get(1)? })
        })?;
        self.events(&events)
    }
}

/// What a notice's end means for what it carried: told, or refused for good.
pub(super) fn settle(session: &dyn Session, notice: i64, outcome: &str, now: Time) -> Result<(), StoreError> {
    sql::execute(
        session,
        "UPDATE tellings SET outcome = $2, settled_at = $3 WHERE notice = $1 AND outcome IS NULL",
        &[&notice, &outcome, &sql::micros(now)],
    )?;
    Ok(())
}

/// The order of lanes, for the rows of this alias.
pub(super) fn urgency(of: &str) -> String {
    format!("CASE {of}.lane WHEN 'own' THEN 0 WHEN 'page' THEN 1 WHEN 'stood' THEN 2 WHEN 'alert' THEN 3 ELSE 4 END")
}

pub(super) fn lane(word: &str) -> Result<Lane, StoreError> {
    Lane::ALL.iter().find(|lane| lane.as_str() == word).copied().ok_or_else(|| StoreError::unreadable("a lane", word))
}

pub(super) fn read(row: &Row<'_>) -> Result<Telling, StoreError> {
    let lane: String = row.get(4)?;
    let tier: String = row.get(5)?;
    Ok(Telling {
        id: row.get(0)?,
        event: EventRef { finding: FindingKey(row.get(1)?), number: row.get(2)? },
        owner: OwnerId(row.get(3)?),
        lane: self::lane(&lane)?,
        tier: serde_json::from_value(serde_json::Value::String(tier))
            .map_err(|e| StoreError::unreadable("a tier", e))?,
        due: row.get::<Option<i64>>(6)?.map(sql::time).transpose()?,
    })
}
