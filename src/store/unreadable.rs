//! Names that could not be read, until a person has settled them; those settled are not asked about again.

use super::StoreError;
use super::columns::{project, registry_code};
use super::sql::{self, Param, Row, Session};
use crate::model::unread::Unread;
use crate::model::{Feed, ProjectName, Time};

/// Open names kept of one feed. A feed with more is not read by a person one by one.
const MOST: u64 = 1_000;

/// A name that waits for a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnreadRow {
    pub name: Unread,
    pub first_seen: Time,
}

pub struct UnreadNames<'c>(pub(super) &'c dyn Session);

impl UnreadNames<'_> {
    /// Keeps a name, once, whatever feed tells it again. False when there are too many to keep it.
    pub fn add(&self, name: &Unread, feed: Feed, now: Time) -> Result<bool, StoreError> {
        if self.count(feed)? >= MOST {
            return self.is_known(name, feed);
        }
        let judged = name.judged.as_ref().map(ProjectName::as_str);
        let registry = registry_code(feed.registry());
        let params: [&dyn Param; 6] = [&registry, &name.digest, &feed.as_str(), &name.text, &judged, &sql::micros(now)];
        sql::execute(
            self.0,
            "INSERT INTO unreadable (registry, digest, feed, text, judged, first_at) VALUES ($1, $2, $3, $4, $5, $6) \
             ON CONFLICT DO NOTHING",
            &params,
        )?;
        Ok(true)
    }

    fn is_known(&self, name: &Unread, feed: Feed) -> Result<bool, StoreError> {
        let query = "SELECT 1 FROM unreadable WHERE registry = $1 AND digest = $2";
        Ok(sql::first(self.0, query, &[&registry_code(feed.registry()), &name.digest], |_| Ok(()))?.is_some())
    }

    /// Names of this feed that wait for a person.
    pub fn count(&self, feed: Feed) -> Result<u64, StoreError> {
        let query = "SELECT count(*) FROM unreadable WHERE feed = $1 AND settled_at IS NULL";
        let count = sql::first(self.0, query, &[&feed.as_str()], |row| row.get::<i64>(0))?;
        Ok(count.unwrap_or(0).unsigned_abs())
    }

    /// The same, oldest first.
    pub fn open(&self, feed: Feed, limit: u32) -> Result<Vec<UnreadRow>, StoreError> {
        let query = "SELECT digest, text, judged, first_at, registry FROM unreadable WHERE feed = $1 AND settled_at IS NULL \
                     ORDER BY first_at, digest LIMIT $2";
        sql::all(self.0, query, &[&feed.as_str(), &limit], read)
    }

    /// A person has looked at all that wait.
    pub fn settle(&self, feed: Feed, who: &str, now: Time) -> Result<usize, StoreError> {
        let update = "UPDATE unreadable SET settled_at = $2, settled_by = $3 WHERE feed = $1 AND settled_at IS NULL";
        sql::execute(self.0, update, &[&feed.as_str(), &sql::micros(now), &who])
    }
}

fn read(row: &Row<'_>) -> Result<UnreadRow, StoreError> {
    let judged: Option<String> = row.get(2)?;
    let registry = row.get(4)?;
    let judged = judged.map(|name| project(registry, &name)).transpose()?;
    let name = Unread { digest: row.get(0)?, text: row.get(1)?, judged };
    Ok(UnreadRow { name, first_seen: sql::time(row.get(3)?)? })
}
