//! The outbox: notices are stored before they are sent, leased while they are sent, settled after.

use serde::{Deserialize, Serialize};

use super::body::NoticeBody;
use super::columns::{channel, kind};
use super::sql::{self, Param, Row, Session};
use super::{StoreError, tellings};
use crate::model::notice::{Lane, NoticeEvent, NoticeKey};
use crate::model::{Channel, OwnerId, Tier, Time};

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

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewNotice {
    pub key: NoticeKey,
    pub owner: OwnerId,
    pub channel: Channel,
    pub event: NoticeEvent,
    pub lane: Lane,
    pub tier: Tier,
    pub due: Time,
    pub body: NoticeBody,
}

impl NewNotice {
    /// One message of an owner's slot is under way at a time: a watched name has a slot of its own, and so has each lane.
    pub(super) fn slot(&self) -> &str {
        match &self.body {
            NoticeBody::Cases { events } if self.lane == Lane::Own => {
                events.first().map_or("", |event| event.finding.0.as_str())
            }
            NoticeBody::Cases { .. } => self.lane.as_str(),
            // Large, and nothing waits for it.
            NoticeBody::Report { .. } => self.event.as_str(),
            _ => "",
        }
    }
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

impl NoticeRow {
    /// The same message on another channel.
    pub fn towards(&self, channel: Channel, now: Time) -> NewNotice {
        NewNotice {
            key: self.key.clone(),
            owner: self.owner.clone(),
            channel,
            event: self.event,
            lane: Lane::Alert,
            tier: self.tier,
            due: now,
            body: self.body.clone(),
        }
    }
}

pub struct Notices<'c>(pub(super) &'c dyn Session);

pub(super) const COLUMNS: &str = "id, key, owner, channel, event, tier, created_at, due_at, attempts, last_error, body";

impl Notices<'_> {
    /// Stores a notice; `None` when the same key was stored for this owner and channel before, else its row.
    pub fn add(&self, notice: &NewNotice, now: Time) -> Result<Option<i64>, StoreError> {
        let body = sql::to_json("a notice", &notice.body)?;
        let params: [&dyn Param; 10] = [
            &notice.key.0,
            &notice.owner.0,
            &notice.channel.to_string(),
            &notice.event.as_str(),
            &notice.tier.as_str(),
            &sql::micros(now),
            &sql::micros(notice.due),
            &body,
            &notice.lane.as_str(),
            &notice.slot(),
        ];
        sql::first(
            self.0,
            "INSERT INTO notices (key, owner, channel, event, tier, state, created_at, due_at, attempts, body, lane, slot) \
             VALUES ($1, $2, $3, $4, $5, 'due', $6, $7, 0, $8, $9, $10) ON CONFLICT DO NOTHING RETURNING id",
            &params,
            |row| row.get(0),
        )
    }

    /// Has its owner this message by some channel?
    pub fn is_delivered(&self, key: &NoticeKey, owner: &OwnerId) -> Result<bool, StoreError> {
        let query = "SELECT 1 FROM notices WHERE key = $1 AND owner = $2 AND state = 'delivered' LIMIT 1";
        Ok(sql::first(self.0, query, &[&key.0, &owner.0], |_| Ok(()))?.is_some())
    }

    /// A notice that was called off is wanted after all: the same events, the same key.
    pub fn reopen(&self, notice: &NewNotice) -> Result<Option<i64>, StoreError> {
        let update = "UPDATE notices SET state = 'due', due_at = $4, lease_until = NULL, settled_at = NULL \
                      WHERE key = $1 AND owner = $2 AND channel = $3 AND state <> 'delivered' RETURNING id";
        let params: [&dyn Param; 4] =
            [&notice.key.0, &notice.owner.0, &notice.channel.to_string(), &sql::micros(notice.due)];
        sql::first(self.0, update, &params, |row| row.get(0))
    }

    /// When the next notice of a channel is due, leases aside.
    pub fn next_due(&self, channel: &Channel) -> Result<Option<Time>, StoreError> {
        let query = "SELECT min(CASE WHEN lease_until > due_at THEN lease_until ELSE due_at END) FROM notices WHERE channel = $1 AND state = 'due'";
        let due = sql::first(self.0, query, &[&channel.to_string()], |row| row.get::<Option<i64>>(0))?;
        due.flatten().map(sql::time).transpose()
    }

    /// The receiver has it, has refused it for good, or need not have it. `error`: why not, or who of several did not get it.
    pub fn settle(&self, id: i64, state: NoticeState, error: Option<&str>, now: Time) -> Result<(), StoreError> {
        sql::execute(
            self.0,
            "UPDATE notices SET state = $2, settled_at = $3, lease_until = NULL, last_error = $4 WHERE id = $1",
            &[&id, &state.as_str(), &sql::micros(now), &error],
        )?;
        let outcome = match state {
            NoticeState::Delivered => "told",
            NoticeState::GivenUp => "refused",
            NoticeState::Cancelled => "moot",
            NoticeState::Due => return Ok(()),
        };
        tellings::settle(self.0, id, outcome, now)
    }

    /// It could not be delivered now; it is due again at `due`.
    pub fn postpone(&self, id: i64, due: Time, error: &str) -> Result<(), StoreError> {
        sql::execute(
            self.0,
            "UPDATE notices SET due_at = $2, lease_until = NULL, asked = 0, last_error = $3 WHERE id = $1",
            &[&id, &sql::micros(due), &error],
        )?;
        Ok(())
    }

    /// How many notices of a lane were made for this owner and channel since `since`, and when the last one was. What was called off
    /// told nobody anything.
    pub fn made_since(
        &self,
        owner: &OwnerId,
        channel: &Channel,
        lane: Lane,
        since: Time,
    ) -> Result<(usize, Option<Time>), StoreError> {
        let query = "SELECT count(*), max(created_at) FROM notices WHERE owner = $1 AND channel = $2 AND created_at > $3 \
                     AND lane = $4 AND state <> 'cancelled' AND event IN ('registered', 'worsened', 'ended', 'summary')";
        let params: [&dyn Param; 4] = [&owner.0, &channel.to_string(), &sql::micros(since), &lane.as_str()];
        let made = sql::first(self.0, query, &params, |row| {
            let last = row.get::<Option<i64>>(1)?.map(sql::time).transpose()?;
            Ok((row.get::<i64>(0)? as usize, last))
        })?;
        Ok(made.unwrap_or_default())
    }

    /// Every notice that waits and is not under way, whatever the channel: for handing over what lost its way.
    pub fn waiting(&self, now: Time) -> Result<Vec<NoticeRow>, StoreError> {
        let query = format!(
            "SELECT {COLUMNS} FROM notices WHERE state = 'due' AND (lease_until IS NULL OR lease_until <= $1) ORDER BY id"
        );
        sql::all(self.0, &query, &[&sql::micros(now)], read)
    }

    /// Notices created since `since`, newest first, with their state.
    pub fn recent(&self, since: Time) -> Result<Vec<(NoticeRow, String)>, StoreError> {
        let query =
            format!("SELECT {COLUMNS}, state FROM notices WHERE created_at >= $1 ORDER BY created_at DESC, id DESC");
        sql::all(self.0, &query, &[&sql::micros(since)], |row| Ok((read(row)?, row.get(11)?)))
    }
}

pub(super) fn read(row: &Row<'_>) -> Result<NoticeRow, StoreError> {
    let word = |text: String| serde_json::Value::String(text);
    let tier = serde_json::from_value(word(row.get(5)?)).map_err(|e| StoreError::unreadable("a tier", e))?;
    let event = kind(row.get(4)?)?;
    Ok(NoticeRow {
        id: row.get(0)?,
        key: NoticeKey(row.get(1)?),
        owner: OwnerId(row.get(2)?),
        channel: channel(&row.get::<String>(3)?)?,
        event,
        tier,
        created_at: sql::time(row.get(6)?)?,
        due_at: sql::time(row.get(7)?)?,
        attempts: row.get(8)?,
        last_error: row.get(9)?,
        body: sql::json("a notice", &row.get::<String>(10)?)?,
    })
}
