//! What became of single notices, for whoever waits for them.

use super::notices::{NoticeState, Notices};
use super::{Holds, Recipients, StoreError, sql};
use crate::model::notice::NoticeRef;
use crate::model::{Fate, Time};

/// What became of one notice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    pub notice: NoticeRef,
    pub what: What,
    /// From its making to its end.
    pub took_ms: Option<u64>,
    /// Why it waits, or who of several refused it.
    pub remarks: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    Delivered,
    Refused,
    CalledOff,
    Waits,
}

impl Notices<'_> {
    /// What became of this notice; `None` when there is none.
    pub fn outcome(&self, notice: &NoticeRef, now: Time) -> Result<Option<Outcome>, StoreError> {
        let query = "SELECT state, created_at, settled_at, last_error FROM notices \
                     WHERE key = $1 AND owner = $2 AND channel = $3";
        let found = sql::first(self.0, query, &[&notice.key.0, &notice.owner.0, &notice.channel.to_string()], |row| {
            let settled = row.get::<Option<i64>>(2)?.map(sql::time).transpose()?;
            Ok((row.get::<String>(0)?, sql::time(row.get(1)?)?, settled, row.get::<Option<String>>(3)?))
        })?;
        let Some((state, made, settled, error)) = found else { return Ok(None) };
        let what = what(&state);
        let remarks = match what {
            What::Waits => self.why_it_waits(notice, error, now)?,
            What::Delivered => self.refusals(notice)?,
            What::Refused | What::CalledOff => error.into_iter().collect(),
        };
        let took_ms = settled.map(|at| (at - made).num_milliseconds().max(0).unsigned_abs());
        Ok(Some(Outcome { notice: notice.clone(), what, took_ms, remarks }))
    }

    /// Its own last error, or that of the channel, which is left alone for a while.
    fn why_it_waits(&self, notice: &NoticeRef, error: Option<String>, now: Time) -> Result<Vec<String>, StoreError> {
        if error.is_some() {
            return Ok(error.into_iter().collect());
        }
        let Some(hold) = Holds(self.0).get(&notice.channel)? else { return Ok(Vec::new()) };
        let query = "SELECT last_error FROM notices WHERE channel = $1 AND state = 'due' AND last_error IS NOT NULL \
                     ORDER BY id DESC LIMIT 1";
        let of_another = sql::first(self.0, query, &[&notice.channel.to_string()], |row| row.get(0))?;
        let held = match hold.until > now {
            true => format!("the channel failed and is left alone until {}", hold.until.format("%T UTC")),
            false => "the channel failed, and one message at a time is tried".to_owned(),
        };
        Ok(std::iter::once(held).chain(of_another).collect())
    }

    fn refusals(&self, notice: &NoticeRef) -> Result<Vec<String>, StoreError> {
        let all = Recipients(self.0).of(&notice.key, &notice.owner, &notice.channel)?;
        let refused = all.into_iter().filter_map(|recipient| match recipient.fate {
            Fate::Accepted => None,
            Fate::Refused { reason } => Some(reason),
        });
        Ok(refused.collect())
    }
}

fn what(state: &str) -> What {
    match state {
        state if state == NoticeState::Delivered.as_str() => What::Delivered,
        state if state == NoticeState::GivenUp.as_str() => What::Refused,
        state if state == NoticeState::Cancelled.as_str() => What::CalledOff,
        _ => What::Waits,
    }
}
