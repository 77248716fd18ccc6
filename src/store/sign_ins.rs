//! Links that sign in once, each known by the digest of its code.

use super::StoreError;
use super::sql::{self, Session};
use crate::model::{Time, UserName};

pub struct SignIns<'c>(pub(super) &'c dyn Session);

impl SignIns<'_> {
    pub fn add(&self, digest: &str, user: &UserName, ends: Time) -> Result<(), StoreError> {
        let insert = "INSERT INTO sign_ins (digest, user, ends_at) VALUES ($1, $2, $3)";
        sql::execute(self.0, insert, &[&digest, &user.as_str(), &sql::micros(ends)])?;
        Ok(())
    }

    pub fn is_there(&self, digest: &str) -> Result<bool, StoreError> {
        let query = "SELECT 1 FROM sign_ins WHERE digest = $1";
        Ok(sql::first(self.0, query, &[&digest], |_| Ok(()))?.is_some())
    }

    /// Whose it is, and until when it is good. It is gone then.
    pub fn take(&self, digest: &str) -> Result<Option<(UserName, Time)>, StoreError> {
        let query = "SELECT user, ends_at FROM sign_ins WHERE digest = $1";
        let found = sql::first(self.0, query, &[&digest], |row| {
            let user = row.text(0)?.parse().map_err(|e| StoreError::unreadable("an account", e))?;
            Ok((user, sql::time(row.get(1)?)?))
        })?;
        sql::execute(self.0, "DELETE FROM sign_ins WHERE digest = $1", &[&digest])?;
        Ok(found)
    }

    /// None of this account's is good any more.
    pub fn end_all(&self, user: &UserName) -> Result<(), StoreError> {
        sql::execute(self.0, "DELETE FROM sign_ins WHERE user = $1", &[&user.as_str()])?;
        Ok(())
    }
}
