//! The files of a review, in the file of reviews: what the index listed last, and which of them somebody asked for.

use std::collections::HashSet;

use rusqlite::{Connection, Error, Row, params};

use super::engine::{micros, time};
use crate::gate::altered::Altered;
use crate::gate::review::ReviewFile;

/// For `file`, and in which order they come.
pub(super) const FILE_COLUMNS: &str = "filename, sha256, uploaded, altered, asked";

/// In place of those before. That one was asked for stays so as long as it is the same.
pub(super) fn put(tx: &Connection, review: i64, files: &[ReviewFile]) -> Result<(), Error> {
    let before: HashSet<(String, String)> =
        of(tx, review)?.into_iter().filter(|file| file.asked_for).map(|file| (file.filename, file.sha256)).collect();
    tx.prepare_cached("DELETE FROM files WHERE review = ?1")?.execute([review])?;
    let mut insert = tx.prepare_cached(
        "INSERT INTO files (review, filename, sha256, uploaded, altered, asked) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?;
    for file in files {
        let asked = before.contains(&(file.filename.clone(), file.sha256.clone()));
        let (uploaded, altered) = (file.uploaded.map(micros), altered(file));
        insert.execute(params![review, file.filename, file.sha256, uploaded, altered, asked])?;
    }
    Ok(())
}

/// Somebody asked for it, where the review lists it.
pub(super) fn ask(tx: &Connection, review: i64, filename: &str) -> Result<(), Error> {
    // Written once: most of what is asked for was asked for before.
    let update = "UPDATE files SET asked = 1 WHERE review = ?1 AND filename = ?2 AND asked = 0";
    tx.prepare_cached(update)?.execute(params![review, filename]).map(drop)
}

pub(super) fn of(tx: &Connection, review: i64) -> Result<Vec<ReviewFile>, Error> {
    let select = format!("SELECT {FILE_COLUMNS} FROM files WHERE review = ?1 ORDER BY filename");
    tx.prepare_cached(&select)?.query_map([review], file)?.collect()
}

/// How a file contradicts itself, as `file` reads it.
fn altered(file: &ReviewFile) -> Option<i64> {
    let number = Altered::ALL.iter().position(|of| Some(*of) == file.altered)?;
    i64::try_from(number).ok()
}

/// Of [`FILE_COLUMNS`].
pub(super) fn file(row: &Row<'_>) -> Result<ReviewFile, Error> {
    let altered = row.get::<_, Option<i64>>(3)?.and_then(|at| Altered::ALL.get(usize::try_from(at).ok()?).copied());
    Ok(ReviewFile {
        filename: row.get(0)?,
        sha256: row.get(1)?,
        uploaded: row.get::<_, Option<i64>>(2)?.map(time),
        altered,
        asked_for: row.get(4)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gate::records::engine::{Engine, Kind};
    use crate::gate::records::reviews::ReviewBook;

    /// As the version before wrote it.
    const BEFORE: Kind = Kind {
        name: "reviews.db",
        schemas: &[
            include_str!("reviews.sql"),
            include_str!("learned.sql"),
            include_str!("vouched.sql"),
            include_str!("reviews_askers.sql"),
            include_str!("reviews_altered.sql"),
        ],
        synchronous: "OFF",
        checked: false,
    };
    const REVIEW: &str = "INSERT INTO reviews (id, project, version, state, files_key, more_files, first_asked, last_asked, times_asked, first_peer, \
                          more_peers) VALUES (1, 'widgets', '1.0', 0, 'ab', 0, 1, 1, 1, '10.0.0.1', 0)";

    #[test]
    fn of_a_review_from_before_nobody_knows_which_files_were_asked_for_until_somebody_does() {
        let dir = tempfile::tempdir().expect("a directory");
        let mut old = Engine::open(dir.path(), &BEFORE).expect("opens");
        let rows = |tx: &rusqlite::Transaction<'_>| {
            tx.execute(REVIEW, [])?;
            tx.execute("INSERT INTO files (review, filename, sha256) VALUES (1, 'a.whl', 'aa'), (1, 'b.whl', 'bb')", [])
        };
        old.within(rows).expect("written");
        drop(old);
        let mut book = ReviewBook::open(dir.path()).expect("opens");
        let asked = |book: &mut ReviewBook| {
            let review = book.one(1).expect("reads").expect("there");
            review.files.into_iter().map(|file| file.asked_for).collect::<Vec<_>>()
        };
        assert_eq!(asked(&mut book), [false, false]);
        for filename in ["b.whl", "b.whl", "another.whl"] {
            book.engine.within(|tx| ask(tx, 1, filename)).expect("written");
        }
        assert_eq!(asked(&mut book), [false, true]);
    }
}
