//! Claims, the trail of who did what to each, and what of PyPI's daily quota was used.
//!
//! Times that something waits by stand in columns of their own, so that they move when somebody sets the clock
//! (`clock.rs`); they are stronger than those in the body.

use serde::{Deserialize, Serialize};

use super::StoreError;
use super::columns::word;
use super::sql::{self, Param, Row, Session};
use crate::model::claim::{Claim, ClaimKey, ClaimState, Party};
use crate::model::{ProjectName, Time};

/// One line of a claim's trail. It is never changed and never forgotten.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClaimLine {
    pub at: Time,
    pub by: Party,
    /// What happened, `approve`.
    pub event: String,
    /// The state that it led to.
    pub state: String,
    pub detail: String,
}

/// PyPI has agreed to more than a handful of names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Agreement {
    pub at: Time,
    pub by: Party,
    /// Where it can be read: a ticket, a message.
    pub reference: String,
}

pub struct Claims<'c>(pub(super) &'c dyn Session);

const SELECT: &str =
    "SELECT body, announced_at, sent_at, not_before_at, begun_at, held_at, stirred_at, look_at FROM claims";
/// The states that are the end of a claim.
const OVER: &str = "('ours', 'refused', 'failed', 'abandoned')";

impl Claims<'_> {
    pub fn get(&self, key: &ClaimKey) -> Result<Option<Claim>, StoreError> {
        let query = format!("{SELECT} WHERE name = $1 AND number = $2");
        sql::first(self.0, &query, &[&key.name.as_str(), &key.number], read)
    }

    /// The newest claim of this name.
    pub fn last_of(&self, name: &ProjectName) -> Result<Option<Claim>, StoreError> {
        let query = format!("{SELECT} WHERE name = $1 ORDER BY number DESC LIMIT 1");
        sql::first(self.0, &query, &[&name.as_str()], read)
    }

    /// The state of the newest claim of this name.
    pub fn state_of(&self, name: &str) -> Result<Option<ClaimState>, StoreError> {
        let query = "SELECT state FROM claims WHERE name = $1 ORDER BY number DESC LIMIT 1";
        sql::first(self.0, query, &[&name], |row| word("a claim's state", row.get(0)?))
    }

    /// All claims of this name, oldest first.
    pub fn of(&self, name: &ProjectName) -> Result<Vec<Claim>, StoreError> {
        sql::all(self.0, &format!("{SELECT} WHERE name = $1 ORDER BY number"), &[&name.as_str()], read)
    }

    /// The newest claim of every name, in the order of names.
    pub fn newest(&self) -> Result<Vec<Claim>, StoreError> {
        let newest = "NOT EXISTS (SELECT 1 FROM claims n WHERE n.name = claims.name AND n.number > claims.number)";
        sql::all(self.0, &format!("{SELECT} WHERE {newest} ORDER BY name"), &[], read)
    }

    /// The same behind a name, and at most so many.
    pub fn newest_after(&self, after: Option<&ProjectName>, most: usize) -> Result<Vec<Claim>, StoreError> {
        let newest = "NOT EXISTS (SELECT 1 FROM claims n WHERE n.name = claims.name AND n.number > claims.number)";
        let query = format!("{SELECT} WHERE name > $1 AND {newest} ORDER BY name LIMIT $2");
        let most = i64::try_from(most).unwrap_or(i64::MAX);
        sql::all(self.0, &query, &[&after.map_or("", ProjectName::as_str), &most], read)
    }

    /// Those of which something is still to come, in the order of names.
    pub fn live(&self) -> Result<Vec<Claim>, StoreError> {
        sql::all(self.0, &format!("{SELECT} WHERE state NOT IN {OVER} ORDER BY name"), &[], read)
    }

    /// The names of those that were let go, and of which something is still to come. No more is read of them: they may be as
    /// many as names.
    pub fn let_go(&self) -> Result<Vec<ProjectName>, StoreError> {
        let query = format!("SELECT name, body FROM claims WHERE state NOT IN {OVER} ORDER BY name");
        let names = sql::all(self.0, &query, &[], |row| {
            let body: LetGo = sql::json("a claim", row.text(1)?)?;
            let name = ProjectName::parse(row.text(0)?).map_err(|e| StoreError::unreadable("a name", e))?;
            Ok(body.released.map(|_| name))
        })?;
        Ok(names.into_iter().flatten().collect())
    }

    /// How many names there are a claim of, by the state of the newest.
    pub fn counts(&self) -> Result<Vec<(String, u64)>, StoreError> {
        let newest = "NOT EXISTS (SELECT 1 FROM claims n WHERE n.name = claims.name AND n.number > claims.number)";
        let query = format!("SELECT state, count(*) FROM claims WHERE {newest} GROUP BY state ORDER BY state");
        sql::all(self.0, &query, &[], |row| Ok((row.get(0)?, row.get::<i64>(1)?.unsigned_abs())))
    }

    /// The key of the next claim of this name.
    pub fn next_key(&self, name: &ProjectName) -> Result<ClaimKey, StoreError> {
        let query = "SELECT coalesce(max(number), 0) + 1 FROM claims WHERE name = $1";
        let number = sql::first(self.0, query, &[&name.as_str()], |row| row.get(0))?.unwrap_or(1);
        Ok(ClaimKey { name: name.clone(), number })
    }

    /// Adds a claim, or writes it back, with the line that says why.
    pub fn put(&self, claim: &Claim, line: &ClaimLine) -> Result<(), StoreError> {
        self.keep(claim)?;
        self.note(&claim.key, line)
    }

    /// The same of what nobody did: how its page was first seen.
    pub fn keep(&self, claim: &Claim) -> Result<(), StoreError> {
        let body = sql::to_json("a claim", claim)?;
        let params: [&dyn Param; 12] = [
            &claim.key.name.as_str(),
            &claim.key.number,
            &claim.state.as_str(),
            &sql::micros(claim.changed_at),
            &claim.announced.map(sql::micros),
            &claim.sent_at.map(sql::micros),
            &claim.not_before.map(sql::micros),
            &claim.begun.map(sql::micros),
            &claim.held.map(sql::micros),
            &claim.stirred.map(sql::micros),
            &claim.look_at.map(sql::micros),
            &body,
        ];
        let insert = "INSERT INTO claims (name, number, state, changed_at, announced_at, sent_at, not_before_at, begun_at, \
                      held_at, stirred_at, look_at, body) \
                      VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) ON CONFLICT (name, number) DO UPDATE SET \
                      state = excluded.state, changed_at = excluded.changed_at, announced_at = excluded.announced_at, \
                      sent_at = excluded.sent_at, not_before_at = excluded.not_before_at, begun_at = excluded.begun_at, \
                      held_at = excluded.held_at, stirred_at = excluded.stirred_at, look_at = excluded.look_at, \
                      body = excluded.body";
        sql::execute(self.0, insert, &params)?;
        Ok(())
    }

    /// The names whose newest claim ended as ours.
    pub fn held(&self) -> Result<Vec<ProjectName>, StoreError> {
        let query = "SELECT name FROM claims WHERE state = 'ours' ORDER BY name";
        sql::all(self.0, query, &[], |row| {
            let name: String = row.get(0)?;
            ProjectName::parse(&name).map_err(|e| StoreError::unreadable("a name", e))
        })
    }

    /// Something happened to a project of ours: it is looked at now.
    pub fn stir(&self, name: &ProjectName, now: Time) -> Result<(), StoreError> {
        let update = "UPDATE claims SET stirred_at = $2, look_at = $2 WHERE name = $1 AND state = 'ours'";
        sql::execute(self.0, update, &[&name.as_str(), &sql::micros(now)])?;
        Ok(())
    }

    /// When a project of ours is looked at next.
    pub fn look_again(&self, key: &ClaimKey, at: Time) -> Result<(), StoreError> {
        let update = "UPDATE claims SET look_at = $3 WHERE name = $1 AND number = $2";
        sql::execute(self.0, update, &[&key.name.as_str(), &key.number, &sql::micros(at)])?;
        Ok(())
    }

    fn note(&self, key: &ClaimKey, line: &ClaimLine) -> Result<(), StoreError> {
        let by = sql::to_json("who did it", &line.by)?;
        sql::execute(
            self.0,
            "INSERT INTO claim_events (name, number, at, who, event, state, detail) VALUES ($1, $2, $3, $4, $5, $6, $7)",
            &[&key.name.as_str(), &key.number, &sql::micros(line.at), &by, &line.event, &line.state, &line.detail],
        )?;
        Ok(())
    }

    /// All that happened to a claim, oldest first.
    pub fn trail(&self, key: &ClaimKey) -> Result<Vec<ClaimLine>, StoreError> {
        let query =
            "SELECT at, who, event, state, detail FROM claim_events WHERE name = $1 AND number = $2 ORDER BY id";
        sql::all(self.0, query, &[&key.name.as_str(), &key.number], |row| {
            Ok(ClaimLine {
                at: sql::time(row.get(0)?)?,
                by: sql::json("who did it", row.text(1)?)?,
                event: row.get(2)?,
                state: row.get(3)?,
                detail: row.get(4)?,
            })
        })
    }

    /// One of the day's new projects is about to be used, whether or not PyPI counts it.
    pub fn use_slot(&self, key: &ClaimKey, now: Time) -> Result<(), StoreError> {
        let insert = "INSERT INTO claim_slots (name, number, used_at, spent) VALUES ($1, $2, $3, $4)";
        sql::execute(self.0, insert, &[&key.name.as_str(), &key.number, &sql::micros(now), &true])?;
        Ok(())
    }

    /// PyPI certainly did not count the one that was used for this claim then.
    pub fn free_slot(&self, key: &ClaimKey, used: Time) -> Result<(), StoreError> {
        let update = "UPDATE claim_slots SET spent = $4 WHERE name = $1 AND number = $2 AND used_at = $3";
        sql::execute(self.0, update, &[&key.name.as_str(), &key.number, &sql::micros(used), &false])?;
        Ok(())
    }

    /// When those used after `since` were, oldest first.
    pub fn slots_since(&self, since: Time) -> Result<Vec<Time>, StoreError> {
        let query = "SELECT used_at FROM claim_slots WHERE used_at > $1 AND spent = $2 ORDER BY used_at";
        sql::all(self.0, query, &[&sql::micros(since), &true], |row| sql::time(row.get(0)?))
    }

    /// The names that were ever sent to PyPI.
    pub fn sent(&self) -> Result<Vec<ProjectName>, StoreError> {
        let query = "SELECT DISTINCT name FROM claim_slots ORDER BY name";
        sql::all(self.0, query, &[], |row| {
            let name: String = row.get(0)?;
            ProjectName::parse(&name).map_err(|e| StoreError::unreadable("a name", e))
        })
    }

    /// The newest agreement with PyPI.
    pub fn agreement(&self) -> Result<Option<Agreement>, StoreError> {
        let query = "SELECT at, who, reference FROM claim_agreements ORDER BY id DESC LIMIT 1";
        sql::first(self.0, query, &[], |row| {
            let by = sql::json("who agreed", row.text(1)?)?;
            Ok(Agreement { at: sql::time(row.get(0)?)?, by, reference: row.get(2)? })
        })
    }

    pub fn agree(&self, agreement: &Agreement) -> Result<(), StoreError> {
        let by = sql::to_json("who agreed", &agreement.by)?;
        let insert = "INSERT INTO claim_agreements (at, who, reference) VALUES ($1, $2, $3)";
        sql::execute(self.0, insert, &[&sql::micros(agreement.at), &by, &agreement.reference])?;
        Ok(())
    }
}

/// Of a claim, whether it was let go.
#[derive(Deserialize)]
struct LetGo {
    released: Option<serde::de::IgnoredAny>,
}

fn read(row: &Row<'_>) -> Result<Claim, StoreError> {
    let time = |at: usize| row.get::<Option<i64>>(at)?.map(sql::time).transpose();
    let claim: Claim = sql::json("a claim", row.text(0)?)?;
    Ok(Claim {
        announced: time(1)?,
        sent_at: time(2)?,
        not_before: time(3)?,
        begun: time(4)?,
        held: time(5)?,
        stirred: time(6)?,
        look_at: time(7)?,
        ..claim
    })
}
