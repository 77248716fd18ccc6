//! What was answered to requests that came with an idempotency key, so that the same request again gets the same answer.

use chrono::TimeDelta;

use super::StoreError;
use super::sql::{self, Param, Session};
use crate::model::Time;

/// How long an answer is kept.
pub(super) const DAYS: i64 = 1;
/// Of one actor, in number and in bytes: beyond them the oldest go, so that nobody fills the disk with keys.
const MOST: i64 = 10_000;
const BYTES: i64 = 16 << 20;
/// Bytes of one answer. A longer one is not kept: asked again, it is done again.
const LONGEST: usize = 1 << 20;
/// Answers up to here are few bytes however many there are: only a longer one is a reason to count.
const SMALL: usize = 1_600;

/// Who asked, and under which key.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Keyed {
    pub actor: String,
    pub key: String,
}

/// What was answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// Of what was asked: under one key there is one thing to ask.
    pub digest: String,
    /// Of HTTP.
    pub status: u32,
    pub body: String,
}

pub struct KeptAnswers<'c>(pub(super) &'c dyn Session);

impl KeptAnswers<'_> {
    /// What was answered, unless it was too long ago.
    pub fn get(&self, keyed: &Keyed, now: Time) -> Result<Option<Kept>, StoreError> {
        let query = "SELECT digest, status, body FROM answers WHERE actor = $1 AND key = $2 AND at >= $3";
        let since = sql::micros(now - TimeDelta::days(DAYS));
        sql::first(self.0, query, &[&keyed.actor, &keyed.key, &since], |row| {
            Ok(Kept { digest: row.get(0)?, status: row.get(1)?, body: row.get(2)? })
        })
    }

    /// Keeps it. One that was kept too long gives way.
    pub fn keep(&self, keyed: &Keyed, kept: &Kept, now: Time) -> Result<(), StoreError> {
        if kept.body.len() > LONGEST {
            return Ok(());
        }
        let insert = "INSERT INTO answers (actor, key, digest, at, status, body) VALUES ($1, $2, $3, $4, $5, $6) \
                      ON CONFLICT (actor, key) DO UPDATE SET digest = excluded.digest, at = excluded.at, \
                      status = excluded.status, body = excluded.body";
        let Kept { digest, status, body } = kept;
        let params: [&dyn Param; 6] = [&keyed.actor, &keyed.key, digest, &sql::micros(now), status, body];
        sql::execute(self.0, insert, &params)?;
        let too_many = "DELETE FROM answers WHERE actor = $1 AND at <= \
                        (SELECT at FROM answers WHERE actor = $1 ORDER BY at DESC LIMIT 1 OFFSET $2)";
        sql::execute(self.0, too_many, &[&keyed.actor, &MOST])?;
        if kept.body.len() > SMALL { self.shorten(&keyed.actor) } else { Ok(()) }
    }

    /// The length of a text in bytes stands in the head of its row: nothing of the texts is read.
    fn shorten(&self, actor: &str) -> Result<(), StoreError> {
        let too_much = "DELETE FROM answers WHERE actor = $1 AND at <= (SELECT max(at) FROM (SELECT at, \
                        sum(octet_length(body)) OVER (ORDER BY at DESC, key) AS bytes FROM answers WHERE actor = $1) \
                        WHERE bytes > $2)";
        sql::execute(self.0, too_much, &[&actor, &BYTES])?;
        Ok(())
    }
}
