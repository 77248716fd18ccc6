//! Who is signed in on the web. What a browser holds is never stored: a session is known by the digest of its cookie.

use super::StoreError;
use super::sql::{self, Param, Session};
use crate::model::{Time, UserName};

/// One browser that signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionRow {
    /// SHA-256 of the cookie, in hexadecimal.
    pub digest: String,
    pub user: UserName,
    pub started: Time,
    /// To the minute or so.
    pub used: Time,
    /// However it is used.
    pub ends: Time,
}

pub struct Sessions<'c>(pub(super) &'c dyn Session);

impl Sessions<'_> {
    pub fn get(&self, digest: &str) -> Result<Option<SessionRow>, StoreError> {
        let query = "SELECT digest, user, started_at, used_at, ends_at FROM sessions WHERE digest = $1";
        sql::first(self.0, query, &[&digest], |row| {
            let user = row.text(1)?.parse().map_err(|e| StoreError::unreadable("an account", e))?;
            let (started, used, ends) = (row.get(2)?, row.get(3)?, row.get(4)?);
            let (started, used, ends) = (sql::time(started)?, sql::time(used)?, sql::time(ends)?);
            Ok(SessionRow { digest: row.get(0)?, user, started, used, ends })
        })
    }

    pub fn add(&self, session: &SessionRow) -> Result<(), StoreError> {
        let insert = "INSERT INTO sessions (digest, user, started_at, used_at, ends_at) VALUES ($1, $2, $3, $4, $5)";
        let times = [session.started, session.used, session.ends].map(sql::micros);
        let params: [&dyn Param; 5] = [&session.digest, &session.user.as_str(), &times[0], &times[1], &times[2]];
        sql::execute(self.0, insert, &params)?;
        Ok(())
    }

    pub fn touch(&self, digest: &str, now: Time) -> Result<(), StoreError> {
        let update = "UPDATE sessions SET used_at = $2 WHERE digest = $1";
        sql::execute(self.0, update, &[&digest, &sql::micros(now)])?;
        Ok(())
    }

    pub fn end(&self, digest: &str) -> Result<(), StoreError> {
        sql::execute(self.0, "DELETE FROM sessions WHERE digest = $1", &[&digest])?;
        Ok(())
    }

    /// Keeps so many of them that were used last.
    pub fn keep(&self, user: &UserName, most: i64) -> Result<(), StoreError> {
        let others = "DELETE FROM sessions WHERE digest IN \
                      (SELECT digest FROM sessions WHERE user = $1 ORDER BY used_at DESC, started_at DESC LIMIT -1 OFFSET $2)";
        sql::execute(self.0, others, &[&user.as_str(), &most])?;
        Ok(())
    }

    /// Signs somebody out everywhere. Gives of how many browsers.
    pub fn end_all(&self, user: &UserName) -> Result<usize, StoreError> {
        sql::execute(self.0, "DELETE FROM sessions WHERE user = $1", &[&user.as_str()])
    }
}
