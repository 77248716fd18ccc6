//! Tokens of programs, each known by its digest.

use super::StoreError;
use super::sql::{self, Param, Row, Session};
use crate::model::{Role, Time, UserName};

/// One token, as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenRow {
    /// 0: it is not stored yet.
    pub id: i64,
    pub digest: String,
    /// What people call it.
    pub name: String,
    /// Whose it is.
    pub user: UserName,
    /// What it may do at most.
    pub scope: Role,
    pub created: Time,
    pub ends: Time,
    /// To the hour or so.
    pub used: Option<Time>,
}

pub struct Tokens<'c>(pub(super) &'c dyn Session);

const SELECT: &str = "SELECT id, digest, name, user, scope, created_at, ends_at, used_at FROM tokens";

impl Tokens<'_> {
    /// Gives its number.
    pub fn add(&self, token: &TokenRow) -> Result<i64, StoreError> {
        let insert = "INSERT INTO tokens (digest, name, user, scope, created_at, ends_at) \
                      VALUES ($1, $2, $3, $4, $5, $6) RETURNING id";
        let (user, scope) = (token.user.as_str(), token.scope.as_str());
        let (created, ends) = (sql::micros(token.created), sql::micros(token.ends));
        let params: [&dyn Param; 6] = [&token.digest, &token.name, &user, &scope, &created, &ends];
        let id = sql::first(self.0, insert, &params, |row| row.get(0))?;
        id.ok_or_else(|| StoreError::unreadable("the number of a token", "none"))
    }

    pub fn get(&self, id: i64) -> Result<Option<TokenRow>, StoreError> {
        sql::first(self.0, &format!("{SELECT} WHERE id = $1"), &[&id], read)
    }

    pub fn by_digest(&self, digest: &str) -> Result<Option<TokenRow>, StoreError> {
        sql::first(self.0, &format!("{SELECT} WHERE digest = $1"), &[&digest], read)
    }

    /// Every token, oldest first.
    pub fn all(&self) -> Result<Vec<TokenRow>, StoreError> {
        sql::all(self.0, &format!("{SELECT} ORDER BY id"), &[], read)
    }

    /// Those behind a number, oldest first: at most so many.
    pub fn behind(&self, id: i64, most: u32) -> Result<Vec<TokenRow>, StoreError> {
        sql::all(self.0, &format!("{SELECT} WHERE id > $1 ORDER BY id LIMIT $2"), &[&id, &most], read)
    }

    pub fn touch(&self, id: i64, now: Time) -> Result<(), StoreError> {
        sql::execute(self.0, "UPDATE tokens SET used_at = $2 WHERE id = $1", &[&id, &sql::micros(now)])?;
        Ok(())
    }

    pub fn revoke(&self, id: i64) -> Result<(), StoreError> {
        sql::execute(self.0, "DELETE FROM tokens WHERE id = $1", &[&id])?;
        Ok(())
    }

    pub fn revoke_all(&self, user: &UserName) -> Result<(), StoreError> {
        sql::execute(self.0, "DELETE FROM tokens WHERE user = $1", &[&user.as_str()])?;
        Ok(())
    }
}

fn read(row: &Row<'_>) -> Result<TokenRow, StoreError> {
    let bad = |error: crate::model::access::AccessError| StoreError::unreadable("a token", error);
    Ok(TokenRow {
        id: row.get(0)?,
        digest: row.get(1)?,
        name: row.get(2)?,
        user: row.text(3)?.parse().map_err(bad)?,
        scope: row.text(4)?.parse().map_err(bad)?,
        created: sql::time(row.get(5)?)?,
        ends: sql::time(row.get(6)?)?,
        used: row.get::<Option<i64>>(7)?.map(sql::time).transpose()?,
    })
}
