//! What is known about a registration, once for all its watches, and when to ask PyPI for it again.

use super::StoreError;
use super::columns::{project, registry_code, serial_code, serial_of};
use super::sql::{self, Param, Row, Session};
use crate::model::finding::Urgency;
use crate::model::{FindingKey, ProjectName, Registry, Serial, Time};

/// A look-up that is due.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DueLook {
    pub key: FindingKey,
    pub project: ProjectName,
    /// How often it was tried in vain.
    pub tries: u32,
}

/// How far a page has to have come to be believed, and since when it is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Awaited {
    /// The highest serial of an event of this registration; `None` while no feed has told one.
    pub wanted: Option<Serial>,
    /// The serial of the page that the facts were taken from.
    pub known: Option<Serial>,
    /// When the answer that is not there yet was first asked for.
    pub since: Option<Time>,
    pub looked_at: Option<Time>,
    pub tries: u32,
}

pub struct Knowledge<'c>(pub(super) &'c dyn Session);

impl Knowledge<'_> {
    /// An event with this serial says that the page has changed.
    pub fn want(&self, key: &FindingKey, serial: Serial) -> Result<(), StoreError> {
        sql::execute(
            self.0,
            "UPDATE facts SET wanted = max(coalesce(wanted, 0), $2) WHERE key = $1",
            &[&key.0, &serial_code(serial)],
        )?;
        Ok(())
    }

    pub fn asked(&self, key: &FindingKey) -> Result<Option<Awaited>, StoreError> {
        let query = "SELECT wanted, known, since, looked_at, tries FROM facts WHERE key = $1";
        sql::first(self.0, query, &[&key.0], |row| {
            let serial = |at| row.get::<Option<i64>>(at).map(|serial| serial.map(serial_of));
            let time = |at| row.get::<Option<i64>>(at)?.map(sql::time).transpose();
            Ok(Awaited {
                wanted: serial(0)?,
                known: serial(1)?,
                since: time(2)?,
                looked_at: time(3)?,
                tries: row.get(4)?,
            })
        })
    }

    /// Asks for a look-up at `at`, or sooner if it is due sooner.
    pub fn schedule(&self, key: &FindingKey, urgency: Urgency, at: Time) -> Result<(), StoreError> {
        sql::execute(
            self.0,
            "UPDATE facts SET look_at = min(coalesce(look_at, $2), $2), since = coalesce(since, $2), tries = 0, \
             urgency = $3 WHERE key = $1",
            &[&key.0, &sql::micros(at), &(urgency as i64)],
        )?;
        Ok(())
    }

    /// Is a look-up about to be made that may say who holds it? Only the first is worth waiting for.
    pub fn is_due(&self, key: &FindingKey, now: Time) -> Result<bool, StoreError> {
        let query = "SELECT 1 FROM facts WHERE key = $1 AND look_at <= $2 AND tries = 0";
        Ok(sql::first(self.0, query, &[&key.0, &sql::micros(now)], |_| Ok(()))?.is_some())
    }

    /// A look-up was believed: how far the page had come, and when to look again, if ever.
    pub fn learned(
        &self,
        key: &FindingKey,
        known: Option<Serial>,
        again: Option<Time>,
        now: Time,
    ) -> Result<(), StoreError> {
        let params: [&dyn Param; 4] = [&key.0, &known.map(serial_code), &again.map(sql::micros), &sql::micros(now)];
        sql::execute(
            self.0,
            "UPDATE facts SET known = coalesce($2, known), look_at = $3, looked_at = $4, since = NULL, tries = 0 WHERE key = $1",
            &params,
        )?;
        Ok(())
    }

    /// A look-up gave nothing to believe: when to look again.
    pub fn in_vain(&self, key: &FindingKey, again: Option<Time>, now: Time) -> Result<(), StoreError> {
        sql::execute(
            self.0,
            "UPDATE facts SET look_at = $2, looked_at = $3, since = coalesce(since, $3), tries = tries + 1 WHERE key = $1",
            &[&key.0, &again.map(sql::micros), &sql::micros(now)],
        )?;
        Ok(())
    }

    /// Forgets every serial above `head`: none of the numbers that come is to be held against them. Whoever was ever asked for is asked for
    /// once more, unless their case is over. Gives how many there were.
    pub fn forget_serials(&self, of: Registry, head: Serial, now: Time) -> Result<usize, StoreError> {
        let above =
            "key IN (SELECT key FROM findings WHERE registry = $1) AND (wanted > $2 OR known > $2 OR as_of > $2)";
        let (registry, head, now) = (registry_code(of), serial_code(head), sql::micros(now));
        let ask = format!(
            "UPDATE facts SET look_at = min(coalesce(look_at, $3), $3), since = coalesce(since, $3), tries = 0 WHERE {above} \
             AND (looked_at IS NOT NULL OR look_at IS NOT NULL) AND EXISTS (SELECT 1 FROM findings f WHERE f.key = facts.key \
             AND f.state NOT IN ('removed', 'unwatched'))"
        );
        sql::execute(self.0, &ask, &[&registry, &head, &now])?;
        // A page has the last word on what was told before it, whatever number that had.
        let releases = "UPDATE fact_releases SET serial = 0 WHERE key IN (SELECT key FROM findings WHERE registry = $1) AND serial > $2";
        sql::execute(self.0, releases, &[&registry, &head])?;
        let known = |column| format!("{column} = CASE WHEN {column} > $2 THEN NULL ELSE {column} END");
        let forget = ["wanted", "known", "as_of"].map(known).join(", ");
        sql::execute(self.0, &format!("UPDATE facts SET {forget} WHERE {above}"), &[&registry, &head])
    }

    /// Does anything wait to be asked for again, of which the last look-up gave nothing?
    pub fn is_any_in_vain(&self) -> Result<bool, StoreError> {
        let query = "SELECT 1 FROM facts WHERE urgency > 1 AND tries > 0 AND look_at IS NOT NULL LIMIT 1";
        Ok(sql::first(self.0, query, &[], |_| Ok(()))?.is_some())
    }

    /// Makes due what is open or ours under a watched name and was last looked at before: so many, what is open first. Gives how
    /// many there were.
    pub fn look_again(&self, before: Time, most: usize, now: Time) -> Result<usize, StoreError> {
        sql::execute(
            self.0,
            "UPDATE facts SET look_at = $3 WHERE key IN (SELECT k.key FROM facts k JOIN findings f ON f.key = k.key \
             WHERE k.urgency > 1 AND k.look_at IS NULL AND k.looked_at <= $1 AND f.state IN ('open', 'acknowledged', 'ours') \
             ORDER BY f.state = 'ours', k.looked_at LIMIT $2)",
            &[&sql::micros(before), &(most as i64), &sql::micros(now)],
        )
    }

    /// Look-ups that are due, those of look-alikes and of names under a prefix aside: the untried first, of these the cases that somebody is told of
    /// now, and then the watched names themselves. What stood before the watch comes last, and may be all that an inventory
    /// names.
    pub fn due(&self, now: Time, limit: usize) -> Result<Vec<DueLook>, StoreError> {
        let query = "SELECT k.key, f.registry, f.project, k.tries FROM facts k JOIN findings f ON f.key = k.key \
                     WHERE k.urgency > 1 AND k.look_at <= $1 ORDER BY k.tries > 0, \
                     CASE f.state WHEN 'open' THEN 0 WHEN 'pre-existing' THEN 2 ELSE 1 END, k.urgency DESC, k.look_at LIMIT $2";
        sql::all(self.0, query, &[&sql::micros(now), &(limit as i64)], due_look)
    }

    /// The name under a prefix whose turn it is, or else the look-alike.
    pub fn due_look_alike(&self, now: Time) -> Result<Option<DueLook>, StoreError> {
        let query = "SELECT k.key, f.registry, f.project, k.tries FROM facts k JOIN findings f ON f.key = k.key \
                     WHERE k.urgency <= 1 AND k.look_at <= $1 ORDER BY k.urgency DESC, k.tries > 0, k.look_at, k.key LIMIT 1";
        sql::first(self.0, query, &[&sql::micros(now)], due_look)
    }

    /// Look-alikes that wait to be looked up, counted as far as `most`.
    pub fn look_alikes_waiting(&self, most: usize) -> Result<usize, StoreError> {
        let query = "SELECT count(*) FROM (SELECT 1 FROM facts WHERE urgency = 0 AND look_at IS NOT NULL LIMIT $1)";
        let count = sql::first(self.0, query, &[&(most as i64)], |row| row.get::<i64>(0))?;
        Ok(usize::try_from(count.unwrap_or(0)).unwrap_or(most))
    }
}

fn due_look(row: &Row<'_>) -> Result<DueLook, StoreError> {
    let project = project(row.get(1)?, row.text(2)?)?;
    Ok(DueLook { key: FindingKey(row.get(0)?), project, tries: row.get(3)? })
}
