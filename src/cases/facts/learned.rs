//! What a look-up brings back.

use chrono::TimeDelta;

use crate::model::{Facts, Releases, Serial, Time};

/// The outcome of one look-up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Learned {
    /// What PyPI says of the project, and how far its page has come; `ours`, `would_pip_take` and `trouble` are decided
    /// here.
    Facts { facts: Box<Facts>, serial: Option<Serial> },
    /// Who holds it could not be learned; the alert says so instead of waiting. `releases`: what the simple page showed
    /// all the same, and `uploaded` the oldest of its files; `serial`: how far that page had come; `wait`: how long it is
    /// not worth asking again, or the server asked us to stay away.
    Trouble {
        reason: String,
        releases: Box<Releases>,
        uploaded: Option<Time>,
        serial: Option<Serial>,
        wait: Option<TimeDelta>,
    },
}
