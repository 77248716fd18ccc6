//! The changelog: order and completeness, over XML-RPC (`warehouse` `legacy/api/xmlrpc/views.py`).
//!
//! The server answered "all after serial S", so everything up to the last serial of a reply is covered, gaps in the
//! numbers included. A cut answer, serials that went back, a leap, or a reply that may have been cut anywhere because it is
//! in no order, is an error and moves nothing.

mod reply;
mod trouble;

use super::Pypi;
use super::clean::clean;
use super::xmlrpc;
use crate::model::Serial;
use crate::upstream::FetchError;
pub use reply::{ChangelogReply, read_reply};
pub use trouble::{ChangelogError, DownCause, GoneSign};
use trouble::{garbled, judge_fault};

/// Everything after `since`, up to the server's cap.
///
/// An empty answer is checked against the server's last serial: "nothing after yours" is also what a server says that
/// lost its end, or keeps something back. A check that fails changes nothing; the reply was answered.
///
/// # Errors
/// See [`ChangelogError`]; nothing of the reply counts then.
pub async fn after(pypi: &Pypi, since: Serial) -> Result<ChangelogReply, ChangelogError> {
    let reply = reply_after(pypi, since).await?;
    if reply.events > 0 {
        return Ok(reply);
    }
    match last_serial(pypi).await {
        Ok(got) if got < since => Err(ChangelogError::WentBack { after: since, got }),
        // Something may have happened between the two questions; it is there when asked again.
        Ok(end) if end > since => match reply_after(pypi, since).await? {
            again if again.events > 0 => Ok(again),
            _ => Err(ChangelogError::Withheld { after: since, end, witness: "its own last serial" }),
        },
        Ok(_) => Ok(reply),
        Err(error) => {
            tracing::debug!(%error, "cannot check that an empty changelog reply is at the end");
            Ok(reply)
        }
    }
}

async fn reply_after(pypi: &Pypi, since: Serial) -> Result<ChangelogReply, ChangelogError> {
    let body = ask(pypi, xmlrpc::call("changelog_since_serial", &[since.0])).await?;
    read_reply(&body, since).inspect_err(|error| obey(pypi, error))
}

/// The newest serial of all.
///
/// # Errors
/// See [`ChangelogError`].
pub async fn last_serial(pypi: &Pypi) -> Result<Serial, ChangelogError> {
    let body = ask(pypi, xmlrpc::call("changelog_last_serial", &[])).await?;
    read_serial(&body).inspect_err(|error| obey(pypi, error))
}

async fn ask(pypi: &Pypi, call: String) -> Result<Vec<u8>, ChangelogError> {
    pypi.xmlrpc(call).await.map_err(|error| match error {
        FetchError::NotFound => ChangelogError::Gone(GoneSign::Status(404)),
        FetchError::Gone => ChangelogError::Gone(GoneSign::Status(410)),
        FetchError::Throttled { after } => ChangelogError::Throttled { after },
        other => ChangelogError::Down(DownCause::Fetch(other)),
    })
}

fn obey(pypi: &Pypi, error: &ChangelogError) {
    if let ChangelogError::Throttled { after } = error {
        pypi.hold_xmlrpc(*after);
    }
}

fn read_serial(body: &[u8]) -> Result<Serial, ChangelogError> {
    let (text, _) = clean(body);
    let value = xmlrpc::read_value(&text).map_err(garbled)?.map_err(judge_fault)?;
    let serial = value.as_int().and_then(|n| u64::try_from(n).ok()).map(Serial);
    serial.ok_or(ChangelogError::Down(DownCause::Shape("the last serial is no natural number")))
}

#[cfg(test)]
mod hostile;
#[cfg(test)]
mod tests;
