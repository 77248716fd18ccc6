//! Reviews on disk. Bounded: nobody fills the disk by asking for names.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use rusqlite::{Connection, Error, OptionalExtension as _, Row, params};

use super::again::AskedAgain;
use super::askers;
use super::decisions::{Decided, ahead, decided, of_version, standing};
use super::engine::{Engine, Kind, RecordsError, micros, time};
use super::files;
use super::learned;
use super::past;
use super::rows::{all_open, listed, one, sought};
use super::untold::{UntoldReviews, untold};
use crate::gate::asker::ReviewAsker;
use crate::gate::client::shares_as;
use crate::gate::dossier::PastDecision;
use crate::gate::exemption::Exemptions;
use crate::gate::learned::LearnedProject;
use crate::gate::policy::Policy;
use crate::gate::present::Present;
use crate::gate::review::{Closing, HeldRequest, Review, ReviewDecision, ReviewState};
use crate::gate::sought::{FoundReviews, SoughtReviews};
use crate::gate::verdict::Bench;
use crate::model::held::ReviewMark;
use crate::model::{Actor, ProjectName, Requester, Time};

const KIND: Kind = Kind {
    name: "reviews.db",
    schemas: &[
        include_str!("reviews.sql"),
        include_str!("learned.sql"),
        include_str!("vouched.sql"),
        include_str!("reviews_askers.sql"),
        include_str!("reviews_altered.sql"),
        include_str!("reviews_asked.sql"),
        include_str!("reviews_hosts.sql"),
    ],
    synchronous: "FULL",
    checked: true,
};
/// Reviews that are open at a time. People decide a handful a day, and a flood is somebody's.
const MOST_OPEN: i64 = 1000;
/// Those that closed by themselves: the newest are kept.
const MOST_CLOSED: i64 = 10_000;

/// The file of reviews.
#[derive(Debug)]
pub(in crate::gate) struct ReviewBook {
    pub(super) engine: Engine,
    most_open: i64,
}

type Result<T> = std::result::Result<T, RecordsError>;

impl ReviewBook {
    /// # Errors
    /// See [`RecordsError`].
    pub(in crate::gate) fn open(dir: &Path) -> Result<Self> {
        Ok(Self { engine: Engine::open(dir, &KIND)?, most_open: MOST_OPEN })
    }

    /// Notes that somebody asked: for what has no open review yet, and again. Gives the number of each request's review; `None`:
    /// there is no room, since persons have agreed to all that are open.
    pub(in crate::gate) fn ask(
        &mut self,
        requests: &[HeldRequest],
        again: &BTreeMap<i64, AskedAgain>,
    ) -> Result<Vec<Option<i64>>> {
        let most = self.most_open;
        self.engine.within(|tx| {
            for (review, asked) in again {
                touch(tx, *review, asked)?;
            }
            requests.iter().map(|request| note(tx, request, most)).collect()
        })
    }

    /// The open ones, with what their files are called by.
    pub(in crate::gate) fn still_open(&mut self) -> Result<HashMap<(ProjectName, String), (i64, String)>> {
        self.engine.within(|tx| {
            let mut select =
                tx.prepare_cached("SELECT project, version, id, files_key FROM reviews WHERE state = 0")?;
            let mut rows = select.query([])?;
            let mut all = HashMap::new();
            while let Some(row) = rows.next()? {
                if let Ok(project) = ProjectName::parse(&row.get::<_, String>(0)?) {
                    all.insert((project, row.get(1)?), (row.get(2)?, row.get(3)?));
                }
            }
            Ok(all)
        })
    }

    /// The newest first: of this state, or of any.
    pub(in crate::gate) fn list(&mut self, state: Option<ReviewState>, most: usize) -> Result<Vec<Review>> {
        self.engine.within(|tx| listed(tx, state, most))
    }

    /// A page of them, and how many are open.
    pub(in crate::gate) fn sought(&mut self, of: &SoughtReviews) -> Result<FoundReviews> {
        self.engine.within(|tx| sought(tx, of))
    }

    pub(in crate::gate) fn one(&mut self, id: i64) -> Result<Option<Review>> {
        self.engine.within(|tx| one(tx, id))
    }

    /// Who asked for it, and what was decided about other versions of its project: the newest first.
    pub(in crate::gate) fn around(&mut self, review: &Review) -> Result<(Vec<ReviewAsker>, Vec<PastDecision>)> {
        self.engine.within(|tx| Ok((askers::of(tx, review.id)?, past::of(tx, review)?)))
    }

    /// The open ones that this mark does not cover: so many, and what is to be known of all.
    pub(in crate::gate) fn untold(&mut self, after: ReviewMark, most: usize) -> Result<UntoldReviews> {
        self.engine.within(|tx| untold(tx, after, most))
    }

    /// How many had to make room, and when the last did.
    pub(in crate::gate) fn dropped(&mut self) -> Result<(i64, Option<Time>)> {
        self.engine.within(|tx| {
            let row = |row: &Row<'_>| Ok((row.get(0)?, row.get::<_, Option<i64>>(1)?.map(time)));
            tx.query_row("SELECT reviews, last FROM dropped", [], row)
        })
    }

    /// Everything that stands.
    pub(in crate::gate) fn exemptions(&mut self) -> Result<Exemptions> {
        self.engine.within(standing)
    }

    /// One person's decision, on the disk when this returns, with all that stands then.
    pub(in crate::gate) fn decide(
        &mut self,
        id: i64,
        by: &Actor,
        decision: &ReviewDecision,
        bench: &Bench,
    ) -> Result<Decided> {
        self.engine.within(|tx| decided(tx, id, by, decision, bench))
    }

    /// The same of a version, whether anybody asked for it yet or not.
    pub(in crate::gate) fn decide_of(
        &mut self,
        (project, version): (&ProjectName, &str),
        by: &Actor,
        decision: &ReviewDecision,
        bench: &Bench,
    ) -> Result<Decided> {
        self.engine.within(|tx| {
            let id = match of_version(tx, project, version)? {
                Some(id) => id,
                None => ahead(tx, project, version, bench.now)?,
            };
            decided(tx, id, by, decision, bench)
        })
    }

    /// What a person vouches for, on the disk when this returns, with all that stands then.
    pub(in crate::gate) fn learn(&mut self, new: &[LearnedProject]) -> Result<Exemptions> {
        self.engine.within(|tx| {
            learned::keep(tx, new)?;
            standing(tx)
        })
    }

    /// Takes that back, of all who did. `None`: nobody vouched for it.
    pub(in crate::gate) fn forget(&mut self, project: &ProjectName) -> Result<Option<Exemptions>> {
        self.engine.within(|tx| if learned::forget(tx, project)? { standing(tx).map(Some) } else { Ok(None) })
    }

    /// By name, those behind `after`, at most so many.
    pub(in crate::gate) fn learned(&mut self, after: &str, most: usize) -> Result<Vec<LearnedProject>> {
        self.engine.within(|tx| learned::listed(tx, after, most))
    }

    /// Closes what closes by itself by now; gives how each did.
    pub(in crate::gate) fn close(&mut self, policy: &Policy, now: Present) -> Result<Vec<Closing>> {
        self.engine.within(|tx| {
            let open = all_open(tx)?;
            let closed: Vec<(i64, Closing)> =
                open.iter().filter_map(|review| Some((review.id, review.closing(policy, now)?))).collect();
            for (id, _) in &closed {
                let update = "UPDATE reviews SET state = 3, closed = ?2 WHERE id = ?1";
                tx.prepare_cached(update)?.execute(params![id, micros(now.shown)])?;
            }
            tx.execute(
                "DELETE FROM reviews WHERE state = 3 AND id <= \
                 (SELECT id FROM reviews WHERE state = 3 ORDER BY id DESC LIMIT 1 OFFSET ?1)",
                [MOST_CLOSED],
            )?;
            Ok(closed.into_iter().map(|(_, closing)| closing).collect())
        })
    }
}

fn touch(tx: &Connection, review: i64, asked: &AskedAgain) -> std::result::Result<(), Error> {
    let mut update = tx.prepare_cached(
        "UPDATE reviews SET times_asked = times_asked + ?2, last_asked = max(last_asked, ?3) WHERE id = ?1",
    )?;
    // It may have been dropped.
    if update.execute(params![review, asked.times, asked.last.map(micros)])? == 0 {
        return Ok(());
    }
    asked.files.iter().try_for_each(|filename| files::ask(tx, review, filename))?;
    asked.askers.iter().try_for_each(|asker| askers::meet(tx, review, asker))
}

fn note(tx: &Connection, request: &HeldRequest, most: i64) -> std::result::Result<Option<i64>, Error> {
    let find = "SELECT id, files_key FROM reviews WHERE project = ?1 AND version = ?2 AND state = 0";
    let key = params![request.project.as_str(), request.version];
    let found: Option<(i64, String)> =
        tx.prepare_cached(find)?.query_row(key, |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
    let id = match found {
        Some((id, files_key)) => {
            if files_key != request.files_key {
                fill(tx, id, request)?;
            }
            id
        }
        None => {
            if !has_room(tx, most, request.at)? {
                return Ok(None);
            }
            begin(tx, request)?
        }
    };
    let mut asked = AskedAgain::default();
    asked.once_more(request.again());
    touch(tx, id, &asked)?;
    Ok(Some(id))
}

fn begin(tx: &Connection, request: &HeldRequest) -> std::result::Result<i64, Error> {
    tx.prepare_cached(
        "INSERT INTO reviews (project, version, state, files_key, more_files, first_asked, last_asked, times_asked, first_peer, \
         more_peers) VALUES (?1, ?2, 0, '', 0, ?3, ?3, 0, ?4, 0)",
    )?
    .execute(params![request.project.as_str(), request.version, micros(request.at), request.who.word()])?;
    let id = tx.last_insert_rowid();
    fill(tx, id, request)?;
    Ok(id)
}

/// Its files are those that the index lists now.
fn fill(tx: &Connection, id: i64, request: &HeldRequest) -> std::result::Result<(), Error> {
    let since = request.project_since.map(micros);
    tx.prepare_cached("UPDATE reviews SET files_key = ?2, more_files = ?3, project_since = ?4 WHERE id = ?1")?
        .execute(params![id, request.files_key, request.more_files, since])?;
    files::put(tx, id, &request.files)
}

/// Where all places are taken, whoever began the most gives one up: what nobody asked for the longest, and nobody agreed to. Addresses of one network
/// of IPv6 are one.
fn has_room(tx: &Connection, most: i64, now: Time) -> std::result::Result<bool, Error> {
    let open: i64 = tx.query_row("SELECT count(*) FROM reviews WHERE state = 0", [], |row| row.get(0))?;
    if open < most {
        return Ok(true);
    }
    let gone = tx.execute("DELETE FROM reviews WHERE id = ?1", [least_wanted(tx)?])?;
    tx.execute("UPDATE dropped SET reviews = reviews + ?1, last = ?2", params![gone as i64, micros(now)])?;
    Ok(gone > 0)
}

/// Of no more than can be open.
fn least_wanted(tx: &Connection) -> std::result::Result<Option<i64>, Error> {
    let mut select = tx.prepare_cached(
        "SELECT id, first_peer, last_asked, id IN (SELECT review FROM steps) FROM reviews WHERE state = 0",
    )?;
    let review = |row: &Row<'_>| {
        let client = shares_as(&Requester::of_word(&row.get::<_, String>(1)?));
        Ok((row.get::<_, i64>(0)?, client, row.get::<_, i64>(2)?, row.get::<_, bool>(3)?))
    };
    let open: Vec<(i64, String, i64, bool)> = select.query_map([], review)?.collect::<std::result::Result<_, _>>()?;
    let mut began: HashMap<&str, usize> = HashMap::new();
    open.iter().for_each(|(_, client, ..)| *began.entry(client).or_default() += 1);
    let free = open.iter().filter(|(.., is_agreed)| !is_agreed);
    let least = free.max_by_key(|(id, client, last_asked, _)| (began[&**client], Reverse(*last_asked), Reverse(*id)));
    Ok(least.map(|(id, ..)| *id))
}
