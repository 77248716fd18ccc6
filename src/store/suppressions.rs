//! For which registration a suppression of the inventory was written: the one that stood when it was first loaded.

use super::StoreError;
use super::sql::{self, Session};
use crate::model::inventory::Suppression;
use crate::model::{ProjectName, Registration, Rule, Time, WatchId};

pub struct Suppressions<'c>(pub(super) &'c dyn Session);

impl Suppressions<'_> {
    /// Binds a suppression to the registration that stands now, or to none, when it was not bound before.
    pub fn bind(&self, rule: &Suppression, to: Option<&Registration>, now: Time) -> Result<(), StoreError> {
        let (watch, by) = parts(rule);
        sql::execute(
            self.0,
            "INSERT INTO suppressions (project, watch, rule, registration, loaded_at) VALUES ($1, $2, $3, $4, $5) \
             ON CONFLICT DO NOTHING",
            &[&rule.project.as_str(), &watch, &by, &to.map(ToString::to_string), &sql::micros(now)],
        )?;
        Ok(())
    }

    /// Was it written for this registration?
    pub fn binds(&self, rule: &Suppression, registration: &Registration) -> Result<bool, StoreError> {
        let (watch, by) = parts(rule);
        let query = "SELECT 1 FROM suppressions WHERE project = $1 AND watch = $2 AND rule = $3 AND registration = $4";
        let found =
            sql::first(self.0, query, &[&rule.project.as_str(), &watch, &by, &registration.to_string()], |_| Ok(()))?;
        Ok(found.is_some())
    }

    /// Who holds the project now may be another: what was written for its holder binds no more until a person says so again.
    pub fn unbind(&self, project: &ProjectName) -> Result<(), StoreError> {
        sql::execute(self.0, "UPDATE suppressions SET registration = NULL WHERE project = $1", &[&project.as_str()])?;
        Ok(())
    }

    /// It left the inventory: when it comes back, it is written for what stands then.
    pub fn forget(&self, rule: &Suppression) -> Result<(), StoreError> {
        let (watch, by) = parts(rule);
        sql::execute(
            self.0,
            "DELETE FROM suppressions WHERE project = $1 AND watch = $2 AND rule = $3",
            &[&rule.project.as_str(), &watch, &by],
        )?;
        Ok(())
    }
}

/// Watch and rule as columns; empty for all.
fn parts(rule: &Suppression) -> (String, &'static str) {
    (rule.watch.as_ref().map(WatchId::to_string).unwrap_or_default(), rule.rule.map_or("", Rule::as_str))
}
