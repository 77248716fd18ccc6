//! One transaction, seen through domain methods: all that a closure outside of the store may touch.

use super::sql::{self, Session};
use super::{
    Audit, Claims, ClockMarks, Coverage, Cursors, Findings, HealthCases, Holds, KeptAnswers, Knowledge, Notices,
    Projects, Recipients, Reported, Sessions, Sightings, SignIns, StoreError, Suppressions, Surroundings, Tellings,
    Tokens, UnreadNames, Users, Watches, retention,
};
use crate::model::{Registry, Time};

/// One transaction, or one snapshot, of whichever engine.
#[derive(Clone, Copy)]
pub struct Tx<'c> {
    session: &'c dyn Session,
}

impl<'c> Tx<'c> {
    /// Whoever calls begins the transaction, and ends it.
    pub(super) fn over(session: &'c dyn Session) -> Self {
        Self { session }
    }
}

impl Tx<'_> {
    pub fn projects(&self) -> Projects<'_> {
        Projects(self.session)
    }
    pub fn sightings(&self) -> Sightings<'_> {
        Sightings(self.session)
    }
    pub fn watches(&self) -> Watches<'_> {
        Watches(self.session)
    }
    pub fn findings(&self) -> Findings<'_> {
        Findings(self.session)
    }
    pub fn surroundings(&self) -> Surroundings<'_> {
        Surroundings(self.session)
    }
    pub fn facts(&self) -> Knowledge<'_> {
        Knowledge(self.session)
    }
    pub fn tellings(&self) -> Tellings<'_> {
        Tellings(self.session)
    }
    pub fn holds(&self) -> Holds<'_> {
        Holds(self.session)
    }
    pub fn suppressions(&self) -> Suppressions<'_> {
        Suppressions(self.session)
    }
    pub fn notices(&self) -> Notices<'_> {
        Notices(self.session)
    }
    pub fn recipients(&self) -> Recipients<'_> {
        Recipients(self.session)
    }
    /// What reports read.
    pub fn reported(&self) -> Reported<'_> {
        Reported(self.session)
    }
    pub fn unreadable(&self) -> UnreadNames<'_> {
        UnreadNames(self.session)
    }
    pub fn health(&self) -> HealthCases<'_> {
        HealthCases(self.session)
    }
    pub fn coverage(&self) -> Coverage<'_> {
        Coverage(self.session)
    }
    pub fn cursors(&self) -> Cursors<'_> {
        Cursors::own(self.session)
    }
    /// Those of a registry's feeds.
    pub fn cursors_of(&self, registry: Registry) -> Cursors<'_> {
        Cursors::of(self.session, registry)
    }
    pub fn claims(&self) -> Claims<'_> {
        Claims(self.session)
    }
    /// Of requests that came with a key.
    pub fn answers(&self) -> KeptAnswers<'_> {
        KeptAnswers(self.session)
    }
    /// Who may sign in.
    pub fn users(&self) -> Users<'_> {
        Users(self.session)
    }
    /// Who is signed in.
    pub fn sessions(&self) -> Sessions<'_> {
        Sessions(self.session)
    }
    /// Links that sign in once.
    pub fn sign_ins(&self) -> SignIns<'_> {
        SignIns(self.session)
    }
    /// Of programs.
    pub fn tokens(&self) -> Tokens<'_> {
        Tokens(self.session)
    }
    /// Who did what.
    pub fn audit(&self) -> Audit<'_> {
        Audit(self.session)
    }
    pub fn clock(&self) -> ClockMarks<'_> {
        ClockMarks(self.session)
    }
    /// How often the store was written to: whoever sees another number has to look again.
    pub fn commits(&self) -> Result<u64, StoreError> {
        let commits = sql::first(self.session, "SELECT commits FROM meta", &[], |row| row.get::<i64>(0))?;
        Ok(commits.unwrap_or_default().unsigned_abs())
    }
    /// How often something changed that a plan of claims is made of: another number is another plan, and the same one the same.
    pub fn plans(&self) -> Result<u64, StoreError> {
        let plans = sql::first(self.session, "SELECT plans FROM meta", &[], |row| row.get::<i64>(0))?;
        Ok(plans.unwrap_or_default().unsigned_abs())
    }
    /// Which life of the store this is: another after commits were lost, when numbers of events are given a second time.
    pub fn generation(&self) -> Result<u64, StoreError> {
        let generation = sql::first(self.session, "SELECT generation FROM meta", &[], |row| row.get::<i64>(0))?;
        Ok(generation.unwrap_or_default().unsigned_abs())
    }
    /// Forgets what is older than its table keeps; see `retention`.
    pub fn retire(&self, now: Time) -> Result<usize, StoreError> {
        retention::retire(self.session, now)
    }
}
