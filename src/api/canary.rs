//! What is known of the daily canary.

use super::refusal::Refusal;
use super::service::CommandService;
use crate::model::Time;
use crate::schedule;

/// Whether it walks, and when it last set out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Canary {
    Off,
    NoneYet,
    Last(Time),
}

impl CommandService {
    pub(super) async fn canary(&self) -> Result<Canary, Refusal> {
        if !self.settings.borrow().alert.canary {
            return Ok(Canary::Off);
        }
        let last = self.store.read(schedule::last_canary).await?;
        Ok(last.map_or(Canary::NoneYet, Canary::Last))
    }
}
