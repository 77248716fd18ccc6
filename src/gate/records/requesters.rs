//! Who asked, in two columns that are never NULL, so that each is a row once: the user, empty where nobody had to log in, and the host.

use rusqlite::{Error, Row};

use crate::gate::voices::UsedBy;
use crate::model::Requester;

/// A host that nobody knows. It is empty where an earlier version wrote down the user alone.
const UNKNOWN: &str = "unknown";

pub(super) fn written(of: &Requester) -> (&str, String) {
    (of.user.as_deref().unwrap_or_default(), of.host.map_or_else(|| UNKNOWN.to_owned(), |host| host.to_string()))
}

/// Of two columns, from this one on.
pub(super) fn read(row: &Row<'_>, column: usize) -> Result<Requester, Error> {
    Ok(said(row.get(column)?, &row.get::<_, String>(column + 1)?))
}

/// The same as a use; `None`: of nobody.
pub(super) fn used_by(row: &Row<'_>, column: usize) -> Result<Option<UsedBy>, Error> {
    let (user, host) = (row.get::<_, String>(column)?, row.get::<_, String>(column + 1)?);
    let is_user_alone = host.is_empty() && !user.is_empty();
    Ok(if is_user_alone { Some(UsedBy::of_word(&user)) } else { UsedBy::of(&said(user, &host)) })
}

fn said(user: String, host: &str) -> Requester {
    Requester { user: (!user.is_empty()).then_some(user), host: host.parse().ok() }
}
