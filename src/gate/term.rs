//! For how long decisions stand by themselves: between moments at which a rule says something else, on both of the clocks that rules go by
//! ([`Present`]). A clock that is set back is so no less a reason to decide anew than time that passes.

use chrono::TimeDelta;

use super::present::Present;
use crate::model::Time;

/// What was decided at one moment is so between these.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Term {
    now: Present,
    reached: Span,
    passed: Span,
}

/// From one moment on, and until another; `None`: always.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Span {
    from: Option<Time>,
    until: Option<Time>,
}

/// What is so up to a moment, and at that moment as well, is another so much later.
pub(super) const AFTER: TimeDelta = TimeDelta::nanoseconds(1);

impl Term {
    /// Of what is decided now, as long as no turn is noted.
    pub(super) fn of(now: Present) -> Self {
        Self { now, reached: Span::default(), passed: Span::default() }
    }

    /// When that is.
    pub(super) fn now(&self) -> Present {
        self.now
    }

    /// What lets something out is another from then on.
    pub(super) fn turns_once_reached(&mut self, at: Time) {
        self.reached.turns(self.now.reached, at);
    }

    /// What is good until a time is another from then on.
    pub(super) fn turns_once_passed(&mut self, at: Time) {
        self.passed.turns(self.now.passed, at);
    }

    /// Is what was decided then what would be decided now?
    pub(super) fn holds(&self, now: Present) -> bool {
        self.reached.has(now.reached) && self.passed.has(now.passed)
    }

    /// How long it holds yet, as time passes; `None`: for ever.
    pub(super) fn left(&self, now: Present) -> Option<TimeDelta> {
        let ends = [(self.reached, now.reached), (self.passed, now.passed)];
        ends.into_iter().filter_map(|(span, now)| Some(span.until? - now)).min()
    }
}

impl Span {
    fn turns(&mut self, now: Time, at: Time) {
        match at <= now {
            true => self.from = self.from.max(Some(at)),
            false => self.until = Some(self.until.map_or(at, |until| until.min(at))),
        }
    }

    fn has(&self, now: Time) -> bool {
        self.from.is_none_or(|from| from <= now) && self.until.is_none_or(|until| now < until)
    }
}
