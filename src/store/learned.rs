//! The facts of a registration, in columns: one row, its users and its releases. Cases refer to them by its key.

use super::StoreError;
use super::columns::{serial_code, serial_of};
use super::facts::Knowledge;
use super::sql::{self, Param, Row};
use crate::model::finding::WouldPipTake;
use crate::model::release::{Files, LastWord, Reach, Reaches, Release, Whole};
use crate::model::{Facts, FindingKey, Releases};

const COLUMNS: &str = "organization, ours, summary, author, home_page, first_upload, taken_at, would_pip_take, trouble, \
                       released, provisional, looked, as_of, left_out, unread, preferred";
const RELEASE: &str = "version, word, serial, pip, uv, poetry, yanked_pip, yanked_uv, yanked_poetry, by_others";

impl Knowledge<'_> {
    /// What is known of a registration; nothing where nothing was ever kept.
    pub fn of(&self, key: &FindingKey) -> Result<Facts, StoreError> {
        let query = format!("SELECT {COLUMNS} FROM facts WHERE key = $1");
        let Some((facts, whole)) = sql::first(self.0, &query, &[&key.0], read)? else { return Ok(Facts::default()) };
        let releases = Releases::kept(self.releases(key)?, whole);
        Ok(Facts { users: self.users(key)?, releases, ..facts })
    }

    fn users(&self, key: &FindingKey) -> Result<Vec<String>, StoreError> {
        let query = "SELECT name FROM fact_users WHERE key = $1 ORDER BY place";
        sql::all(self.0, query, &[&key.0], |row| row.get(0))
    }

    fn releases(&self, key: &FindingKey) -> Result<Vec<Release>, StoreError> {
        let query = format!("SELECT {RELEASE} FROM fact_releases WHERE key = $1 ORDER BY place");
        sql::all(self.0, &query, &[&key.0], read_release)
    }

    /// Writes the facts of a registration; lists only where they are others than those kept.
    pub fn put(&self, key: &FindingKey, facts: &Facts) -> Result<(), StoreError> {
        let (releases, first, taken) = (&facts.releases, facts.first_upload, facts.taken_at);
        let params: [&dyn Param; 17] = [
            &key.0,
            &facts.organization,
            &facts.ours,
            &facts.summary,
            &facts.author,
            &facts.home_page,
            &first.map(sql::micros),
            &taken.map(sql::micros),
            &facts.would_pip_take.as_str(),
            &facts.trouble,
            &facts.released,
            &facts.provisional,
            &releases.looked(),
            &releases.as_of().map(serial_code),
            &(releases.left_out() as i64),
            &(releases.unread() as i64),
            &facts.preferred,
        ];
        let values = "$1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17";
        let set: Vec<String> = COLUMNS.split(", ").map(|column| format!("{column} = excluded.{column}")).collect();
        let insert = format!(
            "INSERT INTO facts (key, {COLUMNS}, tries) VALUES ({values}, 0) ON CONFLICT (key) DO UPDATE SET {}",
            set.join(", ")
        );
        sql::execute(self.0, &insert, &params)?;
        self.put_users(key, &facts.users)?;
        self.put_releases(key, &facts.releases.iter().cloned().collect::<Vec<_>>())
    }

    fn put_users(&self, key: &FindingKey, users: &[String]) -> Result<(), StoreError> {
        if self.users(key)? == users {
            return Ok(());
        }
        sql::execute(self.0, "DELETE FROM fact_users WHERE key = $1", &[&key.0])?;
        for (place, name) in (0_i64..).zip(users) {
            let insert = "INSERT INTO fact_users (key, place, name) VALUES ($1, $2, $3)";
            sql::execute(self.0, insert, &[&key.0, &place, name])?;
        }
        Ok(())
    }

    fn put_releases(&self, key: &FindingKey, releases: &[Release]) -> Result<(), StoreError> {
        if self.releases(key)? == releases {
            return Ok(());
        }
        sql::execute(self.0, "DELETE FROM fact_releases WHERE key = $1", &[&key.0])?;
        let insert = format!(
            "INSERT INTO fact_releases (key, place, {RELEASE}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)"
        );
        for (place, release) in (0_i64..).zip(releases) {
            let (word, serial, [pip, uv, poetry, yanked_pip, yanked_uv, yanked_poetry]) = written(release.word);
            let serial = serial.map(serial_code);
            let files: [&dyn Param; 6] = [&pip, &uv, &poetry, &yanked_pip, &yanked_uv, &yanked_poetry];
            let head: [&dyn Param; 5] = [&key.0, &place, &release.version, &word, &serial];
            sql::execute(self.0, &insert, &[&head[..], &files[..], &[&release.by_others]].concat())?;
        }
        Ok(())
    }
}

fn read(row: &Row<'_>) -> Result<(Facts, Whole), StoreError> {
    let time = |at| row.get::<Option<i64>>(at)?.map(sql::time).transpose();
    let count = |at| row.get::<i64>(at).map(|count| usize::try_from(count).unwrap_or_default());
    let word = row.text(7)?;
    let take = WouldPipTake::ALL.into_iter().find(|take| take.as_str() == word);
    let facts = Facts {
        organization: row.get(0)?,
        ours: row.get(1)?,
        summary: row.get(2)?,
        author: row.get(3)?,
        home_page: row.get(4)?,
        first_upload: time(5)?,
        taken_at: time(6)?,
        would_pip_take: take.ok_or_else(|| StoreError::unreadable("what pip would take", word))?,
        trouble: row.get(8)?,
        released: row.get(9)?,
        provisional: row.get(10)?,
        preferred: row.get(15)?,
        ..Facts::default()
    };
    let as_of = row.get::<Option<i64>>(12)?.map(serial_of);
    Ok((facts, Whole { looked: row.get(11)?, as_of, left_out: count(13)?, unread: count(14)? }))
}

/// A word, its serial, and what files reach with pip, uv and Poetry, and then the yanked.
fn written(word: LastWord) -> (&'static str, Option<crate::model::Serial>, [Option<u8>; 6]) {
    let reach = |reaches: Reaches| [reaches.pip, reaches.uv, reaches.poetry].map(|reach| Some(reach as u8));
    match word {
        LastWord::Told { serial } => ("told", serial, [None; 6]),
        LastWord::Withdrawn { serial } => ("withdrawn", serial, [None; 6]),
        LastWord::Shown(Files { fresh, yanked }) => {
            let ([a, b, c], [d, e, f]) = (reach(fresh), reach(yanked));
            ("shown", None, [a, b, c, d, e, f])
        }
    }
}

fn read_release(row: &Row<'_>) -> Result<Release, StoreError> {
    let serial = row.get::<Option<i64>>(2)?.map(serial_of);
    let reach = |at| {
        let code = row.get::<u8>(at)?;
        let all = [Reach::Nowhere, Reach::Somewhere, Reach::Everywhere];
        all.into_iter().find(|reach| *reach as u8 == code).ok_or_else(|| StoreError::unreadable("a reach", code))
    };
    let reaches =
        |from| Ok::<_, StoreError>(Reaches { pip: reach(from)?, uv: reach(from + 1)?, poetry: reach(from + 2)? });
    let word = match row.text(1)? {
        "told" => LastWord::Told { serial },
        "withdrawn" => LastWord::Withdrawn { serial },
        "shown" => LastWord::Shown(Files { fresh: reaches(3)?, yanked: reaches(6)? }),
        other => return Err(StoreError::unreadable("the word on a release", other)),
    };
    Ok(Release { version: row.get(0)?, word, by_others: row.get(9)? })
}
