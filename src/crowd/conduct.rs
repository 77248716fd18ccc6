//! How one connection has behaved so far, and when patience with it ends: pure, of the times that it is told.

use std::time::Duration;

use tokio::time::Instant;

/// How long each thing may take.
#[derive(Clone, Copy, Debug)]
pub struct Manners {
    /// Until a request is there whole.
    pub request: Duration,
    /// From a request to the end of its answer.
    pub turn: Duration,
    /// Without taking a byte of what is written: it goes by progress, and a slow line is none that stands still.
    pub stall: Duration,
}

/// What it did last.
#[derive(Clone, Copy, Debug)]
pub(super) struct Conduct {
    turn: Whose,
    /// When it took something last.
    took: Instant,
    /// Since when it takes nothing, though something is written; `None`: it does.
    blocked: Option<Instant>,
}

/// Whose turn it is, and since when.
#[derive(Clone, Copy, Debug)]
enum Whose {
    /// A request is owed.
    Theirs(Instant),
    /// An answer is.
    Ours(Instant),
}

/// How much a connection needs its seat, and for how long it stands so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// It owes a request.
    Silent(Duration),
    /// It does not take its answer.
    Stuck(Duration),
    Busy(Duration),
}

/// A pause that every line has.
const MOMENT: Duration = Duration::from_secs(1);

impl Conduct {
    pub(super) fn new(at: Instant) -> Self {
        Self { turn: Whose::Theirs(at), took: at, blocked: None }
    }

    /// A request has arrived whole.
    pub(super) fn heard(&mut self, at: Instant) {
        self.turn = Whose::Ours(at);
    }

    /// All of the answer was handed over; some of it may be on its way still.
    pub(super) fn answered(&mut self, at: Instant) {
        self.turn = Whose::Theirs(at);
    }

    pub(super) fn took(&mut self, at: Instant) {
        (self.took, self.blocked) = (at, None);
    }

    pub(super) fn blocked(&mut self, at: Instant) {
        self.blocked.get_or_insert(at);
    }

    /// When patience ends, as things stand.
    pub(super) fn ends(&self, manners: &Manners) -> Instant {
        let stalled = self.blocked.map(|since| since + manners.stall);
        match (self.turn, stalled) {
            (Whose::Ours(since), None) => since + manners.turn,
            (Whose::Ours(since), Some(stalled)) => stalled.min(since + manners.turn),
            (Whose::Theirs(_), Some(stalled)) => stalled,
            (Whose::Theirs(since), None) => since.max(self.took) + manners.request,
        }
    }

    /// When to look again whether patience ends, without being told of anything until then; `None`: it has ended. Whatever is done after
    /// this moment, patience does not end sooner than so long after that.
    pub(super) fn look(&self, manners: &Manners, now: Instant) -> Option<Instant> {
        let ends = self.ends(manners);
        (ends > now).then(|| ends.min(now + manners.request.min(manners.stall)))
    }

    pub(super) fn standing(&self, at: Instant) -> Standing {
        let long = |since| at.saturating_duration_since(since);
        match (self.turn, self.blocked) {
            (_, Some(since)) if long(since) >= MOMENT => Standing::Stuck(long(since)),
            (Whose::Theirs(since), None) => Standing::Silent(long(since)),
            (Whose::Ours(since), _) | (Whose::Theirs(since), Some(_)) => Standing::Busy(long(since)),
        }
    }
}
