//! The ledger: what each feed has accounted for, and how well.

use serde::{Deserialize, Serialize};

use super::StoreError;
use super::columns::{registry_code, serial_code, serial_of};
use super::sql::{self, Param, Row, Session};
use crate::model::{Feed, Registry, Serial, Time};

/// How much a span promises.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Grade {
    /// Every event in it was seen.
    EveryEvent,
    /// Every project that lived until the look was seen; shorter lives may be missing.
    SurvivorsOnly,
}

impl Grade {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::EveryEvent => "every event",
            Self::SurvivorsOnly => "survivors only",
        }
    }
}

/// A stretch (from, to] one feed has accounted for. It is covered because the feed answered "all after `from`".
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Span {
    pub feed: Feed,
    pub grade: Grade,
    /// (after, up to]; RSS knows no serials.
    pub serials: Option<(Serial, Serial)>,
    pub from: Time,
    pub to: Time,
}

impl Span {
    /// The same, and nothing of it later than now: what was looked at before the clock was set back, and stored after,
    /// would else claim a time that has not come.
    pub fn by(&self, now: Time) -> Self {
        Self { from: self.from.min(now), to: self.to.min(now), ..self.clone() }
    }

    /// Does `next` begin where this one ends? The baseline, which begins at nothing, stays a row of its own: before it
    /// nothing was promised, so it is no hole in the ledger.
    fn adjoins(&self, next: &Self) -> bool {
        match (self.serials, next.serials) {
            (Some((Serial(0), _)), Some(_)) => false,
            (Some((_, end)), Some((start, _))) => start <= end,
            (None, None) => next.from <= self.to,
            _ => false,
        }
    }
}

pub struct Coverage<'c>(pub(super) &'c dyn Session);

const COLUMNS: &str = "feed, grade, from_serial, to_serial, from_at, to_at";

impl Coverage<'_> {
    /// Adds a span, merged into the last one of its feed and grade where they adjoin.
    pub fn extend(&self, span: &Span) -> Result<(), StoreError> {
        match self.newest(span.feed, span.grade)? {
            Some((id, last)) if last.adjoins(span) => self.grow(id, span),
            _ => self.add(span),
        }
    }

    /// Adds a span as a row of its own: the numbers start anew, and what was promised of the old ones ends here.
    pub fn restart(&self, span: &Span) -> Result<(), StoreError> {
        self.add(span)
    }

    /// The numbers above this are of other events from now on: nothing that was told by them counts as accounted for, event by event.
    pub fn cut(&self, of: Registry, head: Serial) -> Result<(), StoreError> {
        let told = "registry = $1 AND grade = $2";
        let params: [&dyn Param; 3] = [&registry_code(of), &Grade::EveryEvent.as_str(), &serial_code(head)];
        sql::execute(self.0, &format!("DELETE FROM coverage WHERE {told} AND from_serial >= $3"), &params)?;
        sql::execute(self.0, &format!("UPDATE coverage SET to_serial = min(to_serial, $3) WHERE {told}"), &params)?;
        Ok(())
    }

    /// The newest span of a feed and grade.
    pub fn last(&self, feed: Feed, grade: Grade) -> Result<Option<Span>, StoreError> {
        Ok(self.newest(feed, grade)?.map(|(_, span)| span))
    }

    fn newest(&self, feed: Feed, grade: Grade) -> Result<Option<(i64, Span)>, StoreError> {
        let query = format!(
            "SELECT {COLUMNS}, id FROM coverage WHERE registry = $1 AND feed = $2 AND grade = $3 ORDER BY id DESC LIMIT 1"
        );
        let params: [&dyn Param; 3] = [&registry_code(feed.registry()), &feed.as_str(), &grade.as_str()];
        sql::first(self.0, &query, &params, |row| Ok((row.get(6)?, read(row)?)))
    }

    /// When a registry's baseline was stored: the row of an index that begins at nothing, and that no later pass touches.
    pub fn baseline(&self, of: Registry) -> Result<Option<Time>, StoreError> {
        let query = "SELECT to_at FROM coverage WHERE registry = $1 AND from_serial = 0 ORDER BY id LIMIT 1";
        sql::first(self.0, query, &[&registry_code(of)], |row| sql::time(row.get(0)?))
    }

    /// The whole ledger of a registry, oldest first.
    pub fn all(&self, of: Registry) -> Result<Vec<Span>, StoreError> {
        let query = format!("SELECT {COLUMNS} FROM coverage WHERE registry = $1 ORDER BY id");
        sql::all(self.0, &query, &[&registry_code(of)], read)
    }

    fn add(&self, span: &Span) -> Result<(), StoreError> {
        let params: [&dyn Param; 7] = [
            &span.feed.as_str(),
            &span.grade.as_str(),
            &span.serials.map(|(start, _)| serial_code(start)),
            &span.serials.map(|(_, end)| serial_code(end)),
            &sql::micros(span.from),
            &sql::micros(span.to),
            &registry_code(span.feed.registry()),
        ];
        let insert = format!("INSERT INTO coverage ({COLUMNS}, registry) VALUES ($1, $2, $3, $4, $5, $6, $7)");
        sql::execute(self.0, &insert, &params)?;
        Ok(())
    }

    /// A row goes on to where this span ends.
    fn grow(&self, id: i64, span: &Span) -> Result<(), StoreError> {
        let end = span.serials.map(|(_, end)| serial_code(end));
        let update = "UPDATE coverage SET to_serial = $2, to_at = $3 WHERE id = $1";
        sql::execute(self.0, update, &[&id, &end, &sql::micros(span.to)])?;
        Ok(())
    }
}

fn read(row: &Row<'_>) -> Result<Span, StoreError> {
    let (feed, grade): (String, String) = (row.get(0)?, row.get(1)?);
    let serials = row.get::<Option<i64>>(2)?.zip(row.get::<Option<i64>>(3)?);
    Ok(Span {
        feed: *Feed::ALL.iter().find(|f| f.as_str() == feed).ok_or_else(|| StoreError::unreadable("a feed", &feed))?,
        grade: [Grade::EveryEvent, Grade::SurvivorsOnly]
            .into_iter()
            .find(|g| g.as_str() == grade)
            .ok_or_else(|| StoreError::unreadable("a grade", &grade))?,
        serials: serials.map(|(start, end)| (serial_of(start), serial_of(end))),
        from: sql::time(row.get(4)?)?,
        to: sql::time(row.get(5)?)?,
    })
}
