//! For which registration a suppression of the inventory was written: the one that stood when it was first loaded.

use super::StoreError;
use super::columns::registry_code;
use super::sql::{self, Param, Session};
use crate::model::inventory::Suppression;
use crate::model::{ProjectName, Registration, Rule, Time, WatchId};

pub struct Suppressions<'c>(pub(super) &'c dyn Session);

impl Suppressions<'_> {
    /// Binds a suppression to the registration that stands now, or to none, when it was not bound before.
    pub fn bind(&self, rule: &Suppression, to: Option<&Registration>, now: Time) -> Result<(), StoreError> {
        let (registry, watch, by) = parts(rule);
        let insert = "INSERT INTO suppressions (registry, project, watch, rule, registration, loaded_at) \
                      VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING";
        let params: [&dyn Param; 6] =
            [&registry, &rule.project.as_str(), &watch, &by, &to.map(ToString::to_string), &sql::micros(now)];
        sql::execute(self.0, insert, &params)?;
        Ok(())
    }

    /// Was it written for this registration?
    pub fn binds(&self, rule: &Suppression, registration: &Registration) -> Result<bool, StoreError> {
        let (registry, watch, by) = parts(rule);
        let query = "SELECT 1 FROM suppressions WHERE registry = $1 AND project = $2 AND watch = $3 AND rule = $4 \
                     AND registration = $5";
        let params: [&dyn Param; 5] = [&registry, &rule.project.as_str(), &watch, &by, &registration.to_string()];
        Ok(sql::first(self.0, query, &params, |_| Ok(()))?.is_some())
    }

    /// Who holds the project now may be another: what was written for its holder binds no more until a person says so again.
    pub fn unbind(&self, project: &ProjectName) -> Result<(), StoreError> {
        let update = "UPDATE suppressions SET registration = NULL WHERE registry = $1 AND project = $2";
        sql::execute(self.0, update, &[&registry_code(project.registry()), &project.as_str()])?;
        Ok(())
    }

    /// It left the inventory: when it comes back, it is written for what stands then.
    pub fn forget(&self, rule: &Suppression) -> Result<(), StoreError> {
        let (registry, watch, by) = parts(rule);
        let delete = "DELETE FROM suppressions WHERE registry = $1 AND project = $2 AND watch = $3 AND rule = $4";
        sql::execute(self.0, delete, &[&registry, &rule.project.as_str(), &watch, &by])?;
        Ok(())
    }
}

/// Registry, watch and rule as columns; empty for all.
fn parts(rule: &Suppression) -> (i64, String, &'static str) {
    let registry = registry_code(rule.project.registry());
    (registry, rule.watch.as_ref().map(WatchId::to_string).unwrap_or_default(), rule.rule.map_or("", Rule::as_str))
}
