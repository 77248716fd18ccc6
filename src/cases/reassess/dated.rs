//! The projects known, page by page, each with when it was registered.

use crate::model::{Registry, Time};
use crate::store::{SeenProject, StoreError, Tx};

/// The most rows of one reply: a megabyte of JSON, so that answering never makes the daemon large.
pub const AT_ONCE: u32 = 20_000;

/// A project and the Unix second of its registration; `None` when it stood before the installation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DatedProject(pub String, pub Option<i64>);

/// The projects of a registry after this name, in name order, also those removed since.
pub fn dated_projects(
    tx: &Tx<'_>,
    registry: Registry,
    after: &str,
    limit: u32,
) -> Result<Vec<DatedProject>, StoreError> {
    let baseline = tx.coverage().baseline(registry)?;
    let rows = tx.projects().after(registry, after, limit)?;
    let dated = |row: SeenProject| {
        let second = registered(&row, baseline);
        DatedProject(row.name, second)
    };
    Ok(rows.into_iter().map(dated).collect())
}

/// The second of creation, once a feed has told it. What the index alone has told was registered between two of its
/// passes, and is dated by the second. All of the baseline was seen at one time, which says nothing; that RSS knows the
/// seconds of its last few would only make a week of them that was none.
fn registered(row: &SeenProject, baseline: Option<Time>) -> Option<i64> {
    let stood = baseline.is_some_and(|baseline| row.first_seen <= baseline);
    (!stood).then(|| row.created.unwrap_or_else(|| row.first_seen.timestamp()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_project_is_dated_by_its_creation_or_by_the_pass_that_found_it() {
        let at = |second: i64| chrono::DateTime::from_timestamp(second, 0).expect("a time");
        let row = |created, seen| SeenProject { name: "acme".to_owned(), created, first_seen: at(seen) };
        let baseline = Some(at(100));
        assert_eq!(registered(&row(None, 100), baseline), None, "it stood before the installation");
        assert_eq!(registered(&row(Some(90), 100), baseline), None, "that was told later");
        assert_eq!(registered(&row(None, 160), baseline), Some(160), "found by a later pass");
        assert_eq!(registered(&row(Some(150), 160), baseline), Some(150));
        assert_eq!(registered(&row(Some(95), 160), baseline), Some(95), "an old body was the baseline");
    }
}
