//! Reviews as they are read: a row, with its files, who asked and its steps.

use std::collections::{HashMap, HashSet};

use rusqlite::{Connection, Error, OptionalExtension as _, Row, params};

use super::askers;
use super::engine::time;
use super::files::{self, FILE_COLUMNS, file};
use super::steps;
use crate::gate::review::{Review, ReviewFile, ReviewState};
use crate::gate::sought::{FoundReviews, SoughtReviews};
use crate::model::Requesters;

pub(super) fn number(state: ReviewState) -> i64 {
    ReviewState::ALL.iter().position(|of| *of == state).unwrap_or_default() as i64
}

const COLUMNS: &str = "SELECT id, project, version, state, files_key, more_files, project_since, first_asked, last_asked, \
                       times_asked, more_peers, closed FROM reviews";

/// The newest first: of this state, or of any.
pub(super) fn listed(tx: &Connection, state: Option<ReviewState>, most: usize) -> Result<Vec<Review>, Error> {
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    let mut select =
        tx.prepare_cached(&format!("{COLUMNS} WHERE ?1 IS NULL OR state = ?1 ORDER BY id DESC LIMIT ?2"))?;
    let bare = select.query_map(params![state.map(number), most], bare)?;
    let bare: Vec<Review> = bare.collect::<Result<_, _>>()?;
    bare.into_iter().map(|review| filled(tx, review)).collect()
}

/// A page of those that are looked for, and how many are open.
pub(super) fn sought(tx: &Connection, of: &SoughtReviews) -> Result<FoundReviews, Error> {
    let most = i64::try_from(of.most).unwrap_or(i64::MAX);
    let mut select = tx.prepare_cached(&format!(
        "{COLUMNS} WHERE (?1 IS NULL OR state = ?1) AND (?2 IS NULL OR instr(project, ?2) > 0) AND (?3 IS NULL OR id < ?3) \
         ORDER BY id DESC LIMIT ?4"
    ))?;
    let bare = select.query_map(params![of.state.map(number), of.search, of.before, most + 1], bare)?;
    let mut bare: Vec<Review> = bare.collect::<Result<_, _>>()?;
    let more = bare.len() > of.most;
    bare.truncate(of.most);
    let reviews = bare.into_iter().map(|review| filled(tx, review)).collect::<Result<_, _>>()?;
    let open = tx.query_row("SELECT count(*) FROM reviews WHERE state = 0", [], |row| row.get(0))?;
    Ok(FoundReviews { reviews, more, open })
}

/// Those that are open, by what closes them: their files and their steps, without who asked. They are looked at every few seconds, so that it is
/// the same three questions however many there are.
pub(super) fn all_open(tx: &Connection) -> Result<Vec<Review>, Error> {
    let mut select = tx.prepare_cached(&format!("{COLUMNS} WHERE state = 0 ORDER BY id"))?;
    let open: Vec<Review> = select.query_map([], bare)?.collect::<Result<_, _>>()?;
    let mut files = tx.prepare_cached(&format!(
        "SELECT {FILE_COLUMNS}, review FROM files WHERE review IN (SELECT id FROM reviews WHERE state = 0)"
    ))?;
    let mut files_of: HashMap<i64, Vec<ReviewFile>> = HashMap::new();
    let mut rows = files.query([])?;
    while let Some(row) = rows.next()? {
        files_of.entry(row.get(5)?).or_default().push(file(row)?);
    }
    let mut stepped = tx
        .prepare_cached("SELECT DISTINCT review FROM steps WHERE review IN (SELECT id FROM reviews WHERE state = 0)")?;
    let stepped: HashSet<i64> = stepped.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
    open.into_iter().map(|review| with(tx, review, &mut files_of, &stepped)).collect()
}

fn with(
    tx: &Connection,
    mut review: Review,
    files: &mut HashMap<i64, Vec<ReviewFile>>,
    stepped: &HashSet<i64>,
) -> Result<Review, Error> {
    review.files = files.remove(&review.id).unwrap_or_default();
    if stepped.contains(&review.id) {
        review.steps = steps::of(tx, review.id)?;
    }
    Ok(review)
}

pub(super) fn one(tx: &Connection, id: i64) -> Result<Option<Review>, Error> {
    let mut select = tx.prepare_cached(&format!("{COLUMNS} WHERE id = ?1"))?;
    let found = select.query_row([id], bare).optional()?;
    found.map(|review| filled(tx, review)).transpose()
}

fn bare(row: &Row<'_>) -> Result<Review, Error> {
    let state = usize::try_from(row.get::<_, i64>(3)?).ok().and_then(|state| ReviewState::ALL.get(state).copied());
    Ok(Review {
        id: row.get(0)?,
        project: row.get(1)?,
        version: row.get(2)?,
        // What cannot be read lets nothing through.
        state: state.unwrap_or(ReviewState::Rejected),
        given_out: false,
        why: String::new(),
        until: None,
        files: Vec::new(),
        files_key: row.get(4)?,
        more_files: row.get(5)?,
        project_since: row.get::<_, Option<i64>>(6)?.map(time),
        first_asked: time(row.get(7)?),
        last_asked: time(row.get(8)?),
        times_asked: row.get(9)?,
        asked_by: Requesters::default(),
        more_peers: row.get(10)?,
        steps: Vec::new(),
        closed: row.get::<_, Option<i64>>(11)?.map(time),
    })
}

fn filled(tx: &Connection, mut review: Review) -> Result<Review, Error> {
    review.files = files::of(tx, review.id)?;
    review.asked_by = askers::names(tx, review.id)?;
    review.steps = steps::of(tx, review.id)?;
    Ok(review)
}
