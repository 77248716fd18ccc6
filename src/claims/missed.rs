//! An uploader that does not come: whoever let a claim go believes that it is published.

use chrono::TimeDelta;

use super::desk::Desk;
use crate::cases;
use crate::model::Time;
use crate::model::claim::Claim;
use crate::model::health::HealthIssue;
use crate::store::{CLAIM_ASKED, StoreError, Tx};

impl Desk {
    /// So long an uploader may be silent: it asks every few seconds, and while it sends a package it does not.
    pub(super) const UPLOADER: TimeDelta = TimeDelta::minutes(15);

    /// Raises that nobody asks for the work there is, or resolves it. True when something is to be told.
    ///
    /// # Errors
    /// Those of the store.
    pub fn miss_the_uploader(&self, tx: &Tx<'_>) -> Result<bool, StoreError> {
        let issue = HealthIssue::UploaderSilent;
        match self.waits_in_vain(tx)? {
            Some(claim) => {
                let key = &claim.key;
                let detail = format!(
                    "{key} is let go, and no uploader has asked for work for {} minutes; `systemctl status namewarden-claim` says \
                     why, and `namewarden claim upload --once` as the user {} shows it; until then anybody can take the name",
                    Self::UPLOADER.num_minutes(),
                    self.settings.upload.user
                );
                cases::raise_health(tx, &self.watchlist, &issue, &detail, self.now)
            }
            None if tx.health().open(&issue)?.is_some() => cases::clear_health(tx, &self.watchlist, &issue, self.now),
            None => Ok(false),
        }
    }

    /// A claim that an uploader would be given now, and would have been for so long.
    fn waits_in_vain(&self, tx: &Tx<'_>) -> Result<Option<Claim>, StoreError> {
        if !self.obstacles(tx, &[])?.is_empty() || self.doubt(tx)?.is_some() {
            return Ok(None);
        }
        let asked: Option<Time> = tx.cursors().get(CLAIM_ASKED)?;
        let long = |since: Time| self.now - asked.map_or(since, |asked| asked.max(since)) >= Self::UPLOADER;
        let late = |claim: &Claim| claim.released.as_ref().is_some_and(|released| long(released.at));
        let late: Vec<Claim> = tx.claims().live()?.into_iter().filter(late).collect();
        // The rest reads every watch, and this is asked every minute.
        if late.is_empty() {
            return Ok(None);
        }
        let world = self.world(tx)?;
        for claim in late {
            if self.of(tx, &world, &claim)?.is_some() {
                return Ok(Some(claim));
            }
        }
        Ok(None)
    }
}
