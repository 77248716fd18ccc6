//! Building a package, and trying it on the test index where there is one.

use super::super::trouble::UNMADE;
use super::daemon::{Daemon, Untold};
use super::index::UploadIndex;
use super::maker::seal_of;
use super::publisher::{Done, Publisher};
use super::told::{Tried, tried};
use crate::failpoint::{self, Step};
use crate::model::claim::{ClaimEvent, ClaimKey, Site};
use crate::registry::pypi::upload::{Distribution, Login};

pub(super) async fn rehearse(
    publisher: &Publisher<'_>,
    daemon: &(impl Daemon + Sync),
    (key, used): (&ClaimKey, &[String]),
) -> Result<Done, Untold> {
    let files = match (publisher.maker)(&key.name, used) {
        Ok(files) => files,
        Err(why) => return unmade(daemon, key, why).await,
    };
    if let Some(test) = publisher.test {
        match on_the_test_index(test, &files).await {
            Tried::Taken => {}
            Tried::Silent(why) => tracing::warn!(%key, why, "the test index cannot try this package"),
            Tried::Unfit(why) => return unfit(daemon, key, why).await,
            Tried::Later { why, wait } => {
                daemon.tell(key, ClaimEvent::Hindered { site: Site::TestIndex, why: why.clone(), wait }).await?;
                return Ok(Done::failed(format!("{key} is not tried: {why}")));
            }
        }
    }
    failpoint::hit(Step::ClaimTried);
    daemon.tell(key, ClaimEvent::Rehearsed { seal: seal_of(&files) }).await?;
    Ok(Done::now(format!("{key} is rehearsed")))
}

/// Something of what it is made of cannot be read or used at this moment: that is for people, and costs no approval.
pub(super) async fn unmade(daemon: &(impl Daemon + Sync), key: &ClaimKey, why: String) -> Result<Done, Untold> {
    let why = format!("{UNMADE}{why}");
    daemon.tell(key, ClaimEvent::Hindered { site: Site::Package, why: why.clone(), wait: None }).await?;
    Ok(Done::failed(format!("{key} waits: {why}")))
}

async fn unfit(daemon: &(impl Daemon + Sync), key: &ClaimKey, why: String) -> Result<Done, Untold> {
    daemon.tell(key, ClaimEvent::Unfit { why: why.clone() }).await?;
    Ok(Done::failed(format!("{key} cannot be published: {why}")))
}

/// The first file that is not taken decides.
async fn on_the_test_index(test: &UploadIndex, files: &[Distribution]) -> Tried {
    let login = match test.open() {
        Ok(token) => Login::token(token),
        Err(why) => {
            return Tried::Later { why: format!("the token of the test index cannot be had: {why}"), wait: None };
        }
    };
    for file in files {
        match tried(file, &test.send(&login, file).await) {
            Tried::Taken => {}
            other => return other,
        }
    }
    Tried::Taken
}
