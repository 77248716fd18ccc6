//! Cases in numbers, which are kept as cases change, and whose those are that are not closed: nothing that says how
//! things stand reads all cases.

use super::StoreError;
use super::columns::word;
use super::findings::Findings;
use super::sql::{self, Param};
use crate::model::command::FindingFilter;
use crate::model::{Finding, FindingState, OwnerId, Tier, Time};

impl Findings<'_> {
    /// Whose the case is that was just written, as long as it is not closed.
    pub(super) fn put_open(&self, finding: &Finding) -> Result<(), StoreError> {
        sql::execute(self.0, "DELETE FROM open_cases WHERE key = $1", &[&finding.key.0])?;
        if !finding.state.is_open() {
            return Ok(());
        }
        let insert = "INSERT INTO open_cases (key, owner, state, tier, worsened_at, theirs) \
                      SELECT key, $2, state, tier, worsened_at, $3 FROM findings WHERE key = $1";
        let told = finding.audience();
        for owner in finding.owners() {
            let theirs = told.get(owner).map(|tier| tier.as_str());
            sql::execute(self.0, insert, &[&finding.key.0, &owner.0, &theirs])?;
        }
        Ok(())
    }

    /// The cases that nobody has acknowledged and that are a page or an alert to this owner, or to any: of whom, which of
    /// the two, how many, and when the longest got worse.
    pub fn unanswered(&self, owner: Option<&OwnerId>) -> Result<Vec<(OwnerId, Tier, u64, Time)>, StoreError> {
        let theirs = if owner.is_some() { "AND c.owner = $1" } else { "" };
        let query = format!(
            "SELECT c.owner, c.theirs, sum(c.cases), (SELECT min(o.worsened_at) FROM open_cases o \
             WHERE o.owner = c.owner AND o.state = 'open' AND o.theirs = c.theirs) FROM owner_counts c \
             WHERE c.state = 'open' AND c.theirs IN ('page', 'alert') {theirs} GROUP BY c.owner, c.theirs \
             ORDER BY c.owner, c.theirs"
        );
        let params: Vec<&dyn Param> = owner.iter().map(|owner| &owner.0 as &dyn Param).collect();
        sql::all(self.0, &query, &params, |row| {
            let (owner, tier) = (OwnerId(row.get(0)?), word("a tier", row.get(1)?)?);
            Ok((owner, tier, row.get::<i64>(2)?.unsigned_abs(), sql::time(row.get(3)?)?))
        })
    }

    /// How many, by tier and state.
    pub fn counts(&self) -> Result<Vec<(Tier, FindingState, u64)>, StoreError> {
        let query = "SELECT tier, state, sum(cases) FROM case_counts GROUP BY tier, state ORDER BY tier, state";
        sql::all(self.0, query, &[], |row| {
            let (tier, state) = (word("a tier", row.get(0)?)?, word("a state", row.get(1)?)?);
            Ok((tier, state, row.get::<i64>(2)?.unsigned_abs()))
        })
    }

    /// How many cases a list has that asks for tiers, states and an owner alone, on all its pages; `None`: those are not counted.
    pub fn total(&self, filter: &FindingFilter) -> Result<Option<u64>, StoreError> {
        let narrow = [filter.project.is_some(), filter.watch.is_some(), filter.id.is_some(), filter.search.is_some()];
        let open = !filter.states.is_empty() && filter.states.iter().all(|state| state.is_open());
        if filter.untold || narrow.contains(&true) || (filter.owner.is_some() && !open) {
            return Ok(None);
        }
        let counts = match &filter.owner {
            Some(owner) => self.open_counts(Some(owner))?,
            None => self.counts()?,
        };
        let is_asked = |tier: Tier, state| {
            let tiers =
                filter.at_most.is_none_or(|most| tier <= most) && filter.at_least.is_none_or(|least| tier >= least);
            tiers && (filter.states.is_empty() || filter.states.contains(&state))
        };
        Ok(Some(counts.into_iter().filter(|(tier, state, _)| is_asked(*tier, *state)).map(|of| of.2).sum()))
    }

    /// How many cases of this tier are in this state.
    pub fn count(&self, tier: Tier, state: FindingState) -> Result<u64, StoreError> {
        let query = "SELECT coalesce(sum(cases), 0) FROM case_counts WHERE tier = $1 AND state = $2";
        let count = sql::first(self.0, query, &[&tier.as_str(), &state.as_str()], |row| row.get::<i64>(0))?;
        Ok(count.unwrap_or(0).unsigned_abs())
    }

    /// How many of this owner, or of all, are not closed, by tier and state.
    pub fn open_counts(&self, owner: Option<&OwnerId>) -> Result<Vec<(Tier, FindingState, u64)>, StoreError> {
        let Some(owner) = owner else {
            return Ok(self.counts()?.into_iter().filter(|(_, state, _)| state.is_open()).collect());
        };
        let query = "SELECT tier, state, sum(cases) FROM owner_counts WHERE owner = $1 GROUP BY state, tier ORDER BY state, tier";
        sql::all(self.0, query, &[&owner.0], |row| {
            let (tier, state) = (word("a tier", row.get(0)?)?, word("a state", row.get(1)?)?);
            Ok((tier, state, row.get::<i64>(2)?.unsigned_abs()))
        })
    }

    /// When the case of this tier last got worse that is open for longest, of this owner or of all.
    pub fn open_since(&self, owner: Option<&OwnerId>, tier: Tier) -> Result<Option<Time>, StoreError> {
        let (table, theirs) = if owner.is_some() { ("open_cases", "AND owner = $2") } else { ("findings", "") };
        let query = format!("SELECT min(worsened_at) FROM {table} WHERE state = 'open' AND tier = $1 {theirs}");
        let tier = tier.as_str();
        let params: Vec<&dyn Param> =
            std::iter::once(&tier as &dyn Param).chain(owner.map(|owner| &owner.0 as &dyn Param)).collect();
        let since = sql::first(self.0, &query, &params, |row| row.get::<Option<i64>>(0))?;
        since.flatten().map(sql::time).transpose()
    }

    /// How many were seen on each day from this one on, by tier: days are counted from 1970. What stood before its watch, and
    /// what is no longer watched, is none.
    pub fn by_day(&self, from: i64) -> Result<Vec<(i64, Tier, u64)>, StoreError> {
        let query = "SELECT day, tier, sum(cases) FROM case_counts WHERE day >= $1 \
                     AND state NOT IN ('pre-existing', 'unwatched') GROUP BY day, tier ORDER BY day, tier";
        sql::all(self.0, query, &[&from], |row| {
            Ok((row.get(0)?, word("a tier", row.get(1)?)?, row.get::<i64>(2)?.unsigned_abs()))
        })
    }

    /// How many watches are threatened, by the rule of the strongest match and the tier. Those only counted are not in it.
    pub fn rules(&self) -> Result<Vec<(String, Tier, u64)>, StoreError> {
        let query = "SELECT rule, tier, watches FROM threat_counts ORDER BY rule, tier";
        sql::all(self.0, query, &[], |row| {
            Ok((row.get(0)?, word("a tier", row.get(1)?)?, row.get::<i64>(2)?.unsigned_abs()))
        })
    }
}
