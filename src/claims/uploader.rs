//! The uploader: builds, tries and sends what the daemon gives it. It tells each step before it is taken, or as soon as it
//! was, and decides nothing: whether, when and how often is the daemon's to say. It is a process of its own, since it alone
//! has the token.

mod daemon;
mod index;
mod maker;
mod publisher;
mod rehearsal;
mod sending;
mod told;

pub use daemon::{Daemon, Untold};
pub use index::{Opener, UploadIndex};
pub use maker::{made, seal_of};
pub use publisher::{Done, Publisher};

use std::time::Duration;

use crate::model::claim::{Resting, Work};

impl Publisher<'_> {
    /// Does one piece of work.
    ///
    /// # Errors
    /// The daemon refuses what was done, or is gone: nothing more is done then, and what was begun is looked at.
    pub async fn work(&self, daemon: &(impl Daemon + Sync), work: &Work) -> Result<Done, Untold> {
        match work {
            Work::Rest { seconds, why, rest } => Ok(Done {
                rest: Duration::from_secs((*seconds).into()),
                said: why.clone(),
                failed: *rest == Resting::Kept,
                waits: *rest == Resting::Waits,
            }),
            Work::Rehearse { key, used } => rehearsal::rehearse(self, daemon, (key, used)).await,
            Work::Upload { key, seal, missing, used } => {
                sending::upload(self, daemon, (key, used), seal, missing).await
            }
        }
    }
}
