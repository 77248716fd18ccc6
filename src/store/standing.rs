//! How the watches stand, in numbers that are kept as they change, and those of a kind that are listed first: nothing that
//! says how things stand reads all watches.

use super::StoreError;
use super::columns::{registry_code, word};
use super::reported::open_that_threaten;
use super::sql::{self, Param, Row};
use super::watches::{Watched, Watches, known, read_id};
use crate::model::claim::ClaimState;
use crate::model::{OwnerId, Time, WatchId};

/// A watch, how many cases that threaten it are not closed, and how the newest claim of its name stands.
pub type DetailedWatch = (Watched, usize, Option<ClaimState>);

/// Watches of an owner that stand in one way: the word of their exposure, how many, and since when the first.
pub type OwnersStanding = (OwnerId, String, u64, Option<Time>);

impl Watches<'_> {
    /// This owner answers for a watch in force.
    pub fn give(&self, id: &WatchId, owner: &OwnerId) -> Result<(), StoreError> {
        let update = "UPDATE watches SET owner = $4 WHERE registry = $1 AND kind = $2 AND text = $3 AND owner <> $4";
        sql::execute(self.0, update, &[&registry_code(id.registry), &id.kind.as_str(), &id.text, &owner.0])?;
        Ok(())
    }

    /// How many watches of this owner, or of all, stand how, by the word of their exposure; an empty one: nobody has looked, or
    /// nothing can be registered.
    pub fn standing(&self, owner: Option<&OwnerId>) -> Result<Vec<(String, u64)>, StoreError> {
        let theirs = if owner.is_some() { "WHERE owner = $1" } else { "" };
        let query = format!("SELECT stands, sum(watches) FROM watch_counts {theirs} GROUP BY stands ORDER BY stands");
        let params: Vec<&dyn Param> = owner.iter().map(|owner| &owner.0 as &dyn Param).collect();
        sql::all(self.0, &query, &params, |row| Ok((row.get(0)?, row.get::<i64>(1)?.unsigned_abs())))
    }

    /// The same owner by owner, of those that a stranger holds or can register.
    pub fn open_to_others(&self, owner: Option<&OwnerId>) -> Result<Vec<OwnersStanding>, StoreError> {
        let theirs = if owner.is_some() { "AND c.owner = $1" } else { "" };
        let query = format!(
            "SELECT c.owner, c.stands, c.watches, (SELECT min(w.exposure_since) FROM watches w \
             WHERE w.owner = c.owner AND w.stands = c.stands) FROM watch_counts c \
             WHERE c.stands IN ('taken', 'exposed', 'removed') {theirs} ORDER BY c.owner, c.stands"
        );
        let params: Vec<&dyn Param> = owner.iter().map(|owner| &owner.0 as &dyn Param).collect();
        sql::all(self.0, &query, &params, |row| {
            let since = row.get::<Option<i64>>(3)?.map(sql::time).transpose()?;
            Ok((OwnerId(row.get(0)?), row.get(1)?, row.get::<i64>(2)?.unsigned_abs(), since))
        })
    }

    /// How many of this owner, or of all, came after the first time and until the second.
    pub fn added(&self, owner: Option<&OwnerId>, (since, until): (Time, Time)) -> Result<u64, StoreError> {
        let theirs = if owner.is_some() { "AND owner = $3" } else { "" };
        let query = format!("SELECT count(*) FROM watches WHERE added_at > $1 AND added_at <= $2 {theirs}");
        let (since, until) = (sql::micros(since), sql::micros(until));
        let mut params: Vec<&dyn Param> = vec![&since, &until];
        params.extend(owner.map(|owner| &owner.0 as &dyn Param));
        let count = sql::first(self.0, &query, &params, |row| row.get::<i64>(0))?;
        Ok(count.unwrap_or(0).unsigned_abs())
    }

    /// Those of this owner, or of all, that stand so and are of one kind with `after`, behind it and in the order of their texts: so many
    /// at most.
    pub fn after(
        &self,
        owner: Option<&OwnerId>,
        stands: &str,
        after: &WatchId,
        most: usize,
    ) -> Result<Vec<Watched>, StoreError> {
        self.behind(owner, stands, after, most, "", read)
    }

    /// The same, each with how many cases that threaten it are not closed, and how the newest claim of a name like it stands.
    pub fn detailed_after(
        &self,
        owner: Option<&OwnerId>,
        stands: &str,
        after: &WatchId,
        most: usize,
    ) -> Result<Vec<DetailedWatch>, StoreError> {
        let (registry, kind) = (after.registry.prefix(), after.kind.as_str());
        let open = open_that_threaten(&format!("'{registry}{kind}:' || text"));
        let claim = "(SELECT state FROM claims c WHERE c.name = text ORDER BY number DESC LIMIT 1)";
        self.behind(owner, stands, after, most, &format!(", {open}, {claim}"), |row| {
            let claim = row.get::<Option<String>>(7)?.map(|state| word("a claim's state", state)).transpose()?;
            Ok((read(row)?, row.get::<i64>(6)?.unsigned_abs() as usize, claim))
        })
    }

    fn behind<T>(
        &self,
        owner: Option<&OwnerId>,
        stands: &str,
        after: &WatchId,
        most: usize,
        more: &str,
        read: impl FnMut(&Row<'_>) -> Result<T, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        let theirs = if owner.is_some() { "AND owner = $6" } else { "" };
        // No kind is another and a blank, so all of one kind stand before that. Said of each column, SQLite takes the key of the table, and
        // goes through those that stand otherwise, too.
        let query = format!(
            "SELECT registry, kind, text, exposure, exposure_since, added_at{more} FROM watches WHERE stands = $1 {theirs} \
             AND (registry, kind, text) > ($2, $3, $4) AND (registry, kind, text) < ($2, $3 || ' ', '') \
             ORDER BY registry, kind, text LIMIT $5"
        );
        let (registry, kind, most) = (registry_code(after.registry), after.kind.as_str(), limit(most));
        let mut params: Vec<&dyn Param> = vec![&stands, &registry, &kind, &after.text, &most];
        params.extend(owner.map(|owner| &owner.0 as &dyn Param));
        sql::all(self.0, &query, &params, read)
    }

    /// Those of this owner, or of all, that stand so, in the order of their ids: so many at most.
    pub fn first(&self, owner: Option<&OwnerId>, stands: &str, most: usize) -> Result<Vec<Watched>, StoreError> {
        let theirs = if owner.is_some() { "AND owner = $3" } else { "" };
        let query = format!(
            "SELECT registry, kind, text, exposure, exposure_since, added_at FROM watches WHERE stands = $1 {theirs} \
             ORDER BY registry, kind, text LIMIT $2"
        );
        let most = limit(most);
        let mut params: Vec<&dyn Param> = vec![&stands, &most];
        params.extend(owner.map(|owner| &owner.0 as &dyn Param));
        sql::all(self.0, &query, &params, read)
    }
}

/// Every number is one to SQLite that fits into its own.
fn limit(most: usize) -> i64 {
    i64::try_from(most).unwrap_or(i64::MAX)
}

fn read(row: &Row<'_>) -> Result<Watched, StoreError> {
    Ok(Watched { id: read_id(row, 0)?, known: known(row, 3)?, added_at: sql::time(row.get(5)?)? })
}
