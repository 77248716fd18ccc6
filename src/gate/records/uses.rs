//! Which projects are used by how many clients, and since when. It outlives the log of who received what.

use std::collections::HashMap;
use std::net::IpAddr;

use rusqlite::{Connection, Error, Row, params};

use super::engine::{micros, time};
use crate::model::{ProjectName, Time};

/// Clients that are written down for a project: no rule asks for more.
const MOST: i64 = 16;

/// One client: a machine has as many addresses of its network of IPv6 (64 bits, RFC 4291) as it likes. `None`: nobody knows who asked.
pub(super) fn client(peer: &str) -> Option<String> {
    match peer.parse().ok()? {
        IpAddr::V4(address) => Some(address.to_string()),
        IpAddr::V6(address) => match address.to_ipv4_mapped() {
            Some(address) => Some(address.to_string()),
            None => {
                let [a, b, c, d, ..] = address.segments();
                Some(format!("{a:x}:{b:x}:{c:x}:{d:x}::/64"))
            }
        },
    }
}

pub(super) fn keep(tx: &Connection, project: &ProjectName, client: &str, first: Time) -> Result<(), Error> {
    let (project, first) = (project.as_str(), micros(first));
    let known = "UPDATE uses SET first = min(first, ?3) WHERE project = ?1 AND client = ?2";
    if tx.prepare_cached(known)?.execute(params![project, client, first])? > 0 {
        return Ok(());
    }
    tx.prepare_cached(
        "INSERT INTO uses (project, client, first) SELECT ?1, ?2, ?3 WHERE (SELECT count(*) FROM uses WHERE project = ?1) < ?4",
    )?
    .execute(params![project, client, first, MOST])?;
    Ok(())
}

/// Since when so many clients use each project, of those that so many do.
pub(super) fn since(tx: &Connection, clients: usize) -> Result<HashMap<ProjectName, Time>, Error> {
    let mut select = tx.prepare_cached(
        "SELECT project, first FROM (SELECT project, first, row_number() OVER (PARTITION BY project ORDER BY first) AS place FROM uses) \
         WHERE place = ?1",
    )?;
    let row = |row: &Row<'_>| Ok((row.get::<_, String>(0)?, time(row.get(1)?)));
    let rows = select.query_map([i64::try_from(clients).unwrap_or(i64::MAX)], row)?;
    // A name that is none is asked for by nobody.
    rows.filter_map(|row| row.map(|(name, first)| Some((ProjectName::parse(&name).ok()?, first))).transpose()).collect()
}
