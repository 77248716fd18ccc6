//! Pages that nobody was told of in time.

use std::hash::{BuildHasher as _, RandomState};

use super::tellings::Tellings;
use super::{StoreError, sql};
use crate::model::Time;

impl Tellings<'_> {
    /// Pages that were due before `before` and have not been delivered, with when the oldest was due. The end of one is
    /// none, nor is what people decide.
    pub fn overdue_pages(&self, before: Time) -> Result<(u64, Option<Time>), StoreError> {
        let query = "SELECT key, due_at FROM tellings t WHERE outcome IS NULL AND lane IN ('own', 'page', 'stood') \
                     AND due_at < $1 AND NOT EXISTS (SELECT 1 FROM case_events e WHERE e.key = t.key \
                     AND e.number = t.number AND e.kind IN ('ended', 'decided', 'answered'))";
        // Told apart by a number each: SQLite keeps all the keys to count them, which takes a hundred bytes a case.
        let (digests, mut oldest) = (RandomState::new(), None);
        let mut cases = sql::all(self.0, query, &[&sql::micros(before)], |row| {
            let due: i64 = row.get(1)?;
            oldest = Some(oldest.map_or(due, |oldest: i64| oldest.min(due)));
            Ok(digests.hash_one(row.text(0)?))
        })?;
        cases.sort_unstable();
        cases.dedup();
        Ok((cases.len() as u64, oldest.map(sql::time).transpose()?))
    }
}
