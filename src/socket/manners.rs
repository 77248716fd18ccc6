//! How long whoever asks the daemon may take, on a control socket and on the web.

use std::time::Duration;

use crate::crowd::Manners;

/// From a request to the end of its answer: longer than a verb waits for it.
pub(super) const TURN: Duration = Duration::from_secs(150);

pub const MANNERS: Manners = Manners {
    // A verb or a browser sends its request at once.
    request: Duration::from_secs(10),
    turn: TURN,
    stall: Duration::from_secs(30),
};
