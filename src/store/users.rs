//! Accounts of the web.

use super::StoreError;
use super::sql::{self, Param, Row, Session};
use crate::model::{Role, Time, UserName};

/// Who may sign in, and what they may do then.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    pub name: UserName,
    pub role: Role,
    /// The user of this machine who is the same person.
    pub uid: Option<u32>,
    /// Argon2id as a PHC string; `None`: no password opens it.
    pub password: Option<String>,
    pub added: Time,
    /// Has that user said at the socket that it is theirs, since anybody else could have opened it?
    pub confirmed: bool,
}

impl User {
    /// The person behind it, where they said so themselves: whoever made an account, or can open it, is nobody else by it.
    pub fn person(&self) -> Option<u32> {
        self.uid.filter(|_| self.confirmed)
    }
}

pub struct Users<'c>(pub(super) &'c dyn Session);

const SELECT: &str = "SELECT name, role, uid, password, added_at, confirmed FROM users";

impl Users<'_> {
    pub fn get(&self, name: &UserName) -> Result<Option<User>, StoreError> {
        sql::first(self.0, &format!("{SELECT} WHERE name = $1"), &[&name.as_str()], read)
    }

    /// The accounts of this user of this machine.
    pub fn of_uid(&self, uid: u32) -> Result<Vec<User>, StoreError> {
        sql::all(self.0, &format!("{SELECT} WHERE uid = $1 ORDER BY name"), &[&uid], read)
    }

    /// Those behind a name, in the order of names: at most so many.
    pub fn behind(&self, name: &str, most: u32) -> Result<Vec<User>, StoreError> {
        sql::all(self.0, &format!("{SELECT} WHERE name > $1 ORDER BY name LIMIT $2"), &[&name, &most], read)
    }

    /// Adds the account, or changes everything but when it was added.
    pub fn put(&self, user: &User) -> Result<(), StoreError> {
        let insert = "INSERT INTO users (name, role, uid, password, added_at, confirmed) VALUES ($1, $2, $3, $4, $5, $6) \
                      ON CONFLICT (name) DO UPDATE SET role = $2, uid = $3, password = $4, confirmed = $6";
        let (added, confirmed) = (sql::micros(user.added), i64::from(user.confirmed));
        let params: [&dyn Param; 6] =
            [&user.name.as_str(), &user.role.as_str(), &user.uid, &user.password, &added, &confirmed];
        sql::execute(self.0, insert, &params)?;
        Ok(())
    }

    /// Was it there?
    pub fn remove(&self, name: &UserName) -> Result<bool, StoreError> {
        Ok(sql::execute(self.0, "DELETE FROM users WHERE name = $1", &[&name.as_str()])? > 0)
    }
}

fn read(row: &Row<'_>) -> Result<User, StoreError> {
    let bad = |error: crate::model::access::AccessError| StoreError::unreadable("an account", error);
    Ok(User {
        name: row.text(0)?.parse().map_err(bad)?,
        role: row.text(1)?.parse().map_err(bad)?,
        uid: row.get(2)?,
        password: row.get(3)?,
        added: sql::time(row.get(4)?)?,
        confirmed: row.get::<i64>(5)? != 0,
    })
}
