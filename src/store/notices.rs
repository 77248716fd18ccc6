//! The outbox: notices are stored before they are sent, leased while they are sent, settled after.

use rusqlite::{Connection, Row, ToSql};
use serde::{Deserialize, Serialize};

use super::{StoreError, sql};
use crate::model::notice::{Channel, NoticeEvent, NoticeKey};
use crate::model::{FindingKey, OwnerId, Tier, Time, Watch};

/// Where a notice stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NoticeState {
    Due,
    Delivered,
    /// Refused for good by the receiver; reported through the other channels.
    GivenUp,
    /// Nothing was left to tell: the project turned out to be ours.
    Cancelled,
}

impl NoticeState {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Due => "due",
            Self::Delivered => "delivered",
            Self::GivenUp => "given-up",
            Self::Cancelled => "cancelled",
        }
    }
}

/// What the notice covers; the text is made when it is sent, from what is then known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum NoticeBody {
    Cases { findings: Vec<FindingKey>, change: Option<String> },
    Startup,
    Unwatched { watches: Vec<Watch>, closed: usize },
    Health { ailment: String, since: Time },
    Proof,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewNotice {
    pub key: NoticeKey,
    pub owner: OwnerId,
    pub channel: Channel,
    pub event: NoticeEvent,
    pub tier: Tier,
    pub due: Time,
    pub body: NoticeBody,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoticeRow {
    pub id: i64,
    pub key: NoticeKey,
    pub owner: OwnerId,
    pub channel: Channel,
    pub event: NoticeEvent,
    pub tier: Tier,
    pub created_at: Time,
    pub due_at: Time,
    pub attempts: u32,
    pub last_error: Option<String>,
    pub body: NoticeBody,
}

/// How one channel's outbox stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outbox {
    pub channel: Channel,
    pub due: u64,
    /// Creation of the oldest notice that has been tried in vain, or is late.
    pub oldest: Option<Time>,
    pub last_error: Option<String>,
    pub delivered: u64,
    pub given_up: u64,
}

pub struct Notices<'c>(pub(super) &'c Connection);

const COLUMNS: &str = "id, key, owner, channel, event, tier, created_at, due_at, attempts, last_error, body";

impl Notices<'_> {
    /// Stores a notice; says false when the same key was stored for this owner and channel before.
    pub fn add(&self, notice: &NewNotice, now: Time) -> Result<bool, StoreError> {
        let body = sql::to_json("a notice", &notice.body)?;
        let params: [&dyn ToSql; 8] = [
            &notice.key.0,
            &notice.owner.0,
            &notice.channel.to_string(),
            &notice.event.as_str(),
            &notice.tier.as_str(),
            &sql::micros(now),
            &sql::micros(notice.due),
            &body,
        ];
        let added = sql::execute(
            self.0,
            "INSERT INTO notices (key, owner, channel, event, tier, state, created_at, due_at, attempts, body) \
             VALUES ($1, $2, $3, $4, $5, 'due', $6, $7, 0, $8) ON CONFLICT DO NOTHING",
            &params,
        )?;
        Ok(added > 0)
    }

    /// Takes up to `limit` due notices of a channel for `until`; nobody else gets them before. Urgent first.
    pub fn lease(&self, channel: &Channel, now: Time, until: Time, limit: usize) -> Result<Vec<NoticeRow>, StoreError> {
        let query = format!(
            "UPDATE notices SET lease_until = $3, attempts = attempts + 1 WHERE id IN (SELECT id FROM notices \
             WHERE channel = $1 AND state = 'due' AND due_at <= $2 AND (lease_until IS NULL OR lease_until <= $2) \
             ORDER BY CASE tier WHEN 'page' THEN 0 WHEN 'alert' THEN 1 ELSE 2 END, due_at, id LIMIT $4) \
             RETURNING {COLUMNS}"
        );
        let params: [&dyn ToSql; 4] = [&channel.to_string(), &sql::micros(now), &sql::micros(until), &(limit as i64)];
        sql::all(self.0, &query, &params, read)
    }

    /// Frees the leases of a process that is gone.
    pub fn free_leases(&self) -> Result<usize, StoreError> {
        sql::execute(
            self.0,
            "UPDATE notices SET lease_until = NULL WHERE state = 'due' AND lease_until IS NOT NULL",
            &[],
        )
    }

    /// When the next notice of a channel is due, leases aside.
    pub fn next_due(&self, channel: &Channel) -> Result<Option<Time>, StoreError> {
        let query = "SELECT min(CASE WHEN lease_until > due_at THEN lease_until ELSE due_at END) FROM notices WHERE channel = $1 AND state = 'due'";
        let due = sql::first(self.0, query, &[&channel.to_string()], |row| Ok(row.get::<_, Option<i64>>(0)?))?;
        due.flatten().map(sql::time).transpose()
    }

    /// The receiver has it, has refused it for good, or need not have it.
    pub fn settle(&self, id: i64, state: NoticeState, error: Option<&str>, now: Time) -> Result<(), StoreError> {
        sql::execute(
            self.0,
            "UPDATE notices SET state = $2, settled_at = $3, lease_until = NULL, last_error = coalesce($4, last_error) \
             WHERE id = $1",
            &[&id, &state.as_str(), &sql::micros(now), &error],
        )?;
        Ok(())
    }

    /// It could not be delivered now; it is due again at `due`.
    pub fn postpone(&self, id: i64, due: Time, error: &str) -> Result<(), StoreError> {
        sql::execute(
            self.0,
            "UPDATE notices SET due_at = $2, lease_until = NULL, last_error = $3 WHERE id = $1",
            &[&id, &sql::micros(due), &error],
        )?;
        Ok(())
    }

    /// Notices that wait and name this finding, whatever the channel.
    pub fn waiting_for(&self, key: &FindingKey) -> Result<Vec<NoticeRow>, StoreError> {
        let needle = sql::to_json("a key", key)?;
        let query = format!(
            "SELECT {COLUMNS} FROM notices WHERE state = 'due' AND attempts = 0 AND body LIKE '%' || $1 || '%'"
        );
        sql::all(self.0, &query, &[&needle], read)
    }

    /// Rewrites what a waiting notice covers and when it is due; its key stays.
    pub fn rewrite(&self, id: i64, tier: Tier, body: &NoticeBody, due: Time) -> Result<(), StoreError> {
        let body = sql::to_json("a notice", body)?;
        sql::execute(
            self.0,
            "UPDATE notices SET tier = $2, body = $3, due_at = $4 WHERE id = $1",
            &[&id, &tier.as_str(), &body, &sql::micros(due)],
        )?;
        Ok(())
    }

    /// How many notices about findings this owner got on this channel since `since`; start-up and health not counted.
    pub fn told_since(&self, owner: &OwnerId, channel: &Channel, since: Time) -> Result<usize, StoreError> {
        let query = "SELECT count(*) FROM notices WHERE owner = $1 AND channel = $2 AND created_at > $3 \
                     AND event IN ('registered', 'worsened', 'summary')";
        let count = sql::first(self.0, query, &[&owner.0, &channel.to_string(), &sql::micros(since)], |row| {
            Ok(row.get::<_, i64>(0)?)
        })?;
        Ok(count.unwrap_or(0) as usize)
    }

    /// The summary that still gathers for this owner and channel.
    pub fn gathering(&self, owner: &OwnerId, channel: &Channel, tier: Tier) -> Result<Option<NoticeRow>, StoreError> {
        let query = format!(
            "SELECT {COLUMNS} FROM notices WHERE owner = $1 AND channel = $2 AND tier = $3 AND event = 'summary' \
             AND state = 'due' AND attempts = 0 LIMIT 1"
        );
        sql::first(self.0, &query, &[&owner.0, &channel.to_string(), &tier.as_str()], read)
    }

    /// How each channel stands; refusals for good are counted since `since`.
    pub fn outboxes(&self, since: Time) -> Result<Vec<Outbox>, StoreError> {
        sql::all(
            self.0,
            "SELECT channel, sum(CASE state WHEN 'due' THEN 1 ELSE 0 END), min(CASE WHEN state = 'due' AND attempts > 0 THEN created_at END), \
             max(CASE WHEN state IN ('due', 'given-up') THEN last_error END), sum(CASE state WHEN 'delivered' THEN 1 ELSE 0 END), \
             sum(CASE WHEN state = 'given-up' AND settled_at >= $1 THEN 1 ELSE 0 END) \
             FROM notices GROUP BY channel ORDER BY channel",
            &[&sql::micros(since)],
            |row| {
                Ok(Outbox {
                    channel: channel(&row.get::<_, String>(0)?)?,
                    due: row.get::<_, i64>(1)?.unsigned_abs(),
                    oldest: row.get::<_, Option<i64>>(2)?.map(sql::time).transpose()?,
                    last_error: row.get(3)?,
                    delivered: row.get::<_, i64>(4)?.unsigned_abs(),
                    given_up: row.get::<_, i64>(5)?.unsigned_abs(),
                })
            },
        )
    }

    /// Notices created since `since`, newest first, with their state.
    pub fn recent(&self, since: Time) -> Result<Vec<(NoticeRow, String)>, StoreError> {
        let query = format!("SELECT {COLUMNS}, state FROM notices WHERE created_at >= $1 ORDER BY id DESC");
        sql::all(self.0, &query, &[&sql::micros(since)], |row| Ok((read(row)?, row.get(11)?)))
    }
}

fn channel(text: &str) -> Result<Channel, StoreError> {
    text.parse().map_err(|e| StoreError::unreadable("a channel", e))
}

fn read(row: &Row<'_>) -> Result<NoticeRow, StoreError> {
    let word = |text: String| serde_json::Value::String(text);
    let tier = serde_json::from_value(word(row.get(5)?)).map_err(|e| StoreError::unreadable("a tier", e))?;
    let event = serde_json::from_value(word(row.get(4)?)).map_err(|e| StoreError::unreadable("an event", e))?;
    Ok(NoticeRow {
        id: row.get(0)?,
        key: NoticeKey(row.get(1)?),
        owner: OwnerId(row.get(2)?),
        channel: channel(&row.get::<_, String>(3)?)?,
        event,
        tier,
        created_at: sql::time(row.get(6)?)?,
        due_at: sql::time(row.get(7)?)?,
        attempts: row.get(8)?,
        last_error: row.get(9)?,
        body: sql::json("a notice", &row.get::<_, String>(10)?)?,
    })
}
