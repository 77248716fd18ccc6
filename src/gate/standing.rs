//! How the indexes behind the gate stand, by a look each minute: persons are told of one that is silent though nobody installs anything, and
//! that pages of before are still given out hides nothing.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::troubles::{GateTrouble, GateTroubles};
use crate::upstream::FetchError;

/// Looks in a row that an index was silent at before persons are told: one that is started again is nobody's trouble.
const LOOKS: u32 = 2;

/// What became of the last question to an index: why it gave no answer; `None`: it gave one, or was asked nothing yet.
#[derive(Debug, Default)]
pub(super) struct LastAnswer(Mutex<Option<String>>);

impl LastAnswer {
    /// That a page is not there is an answer, and so is one that is too large. Who waits for a place has asked nothing.
    pub(super) fn note<T>(&self, answer: &Result<T, FetchError>) {
        let failure = match answer {
            Err(FetchError::Crowded) => return,
            Ok(_) | Err(FetchError::NotFound | FetchError::Gone | FetchError::TooLarge { .. }) => None,
            Err(error) => Some(error.to_string()),
        };
        *self.lock() = failure;
    }

    pub(super) fn failure(&self) -> Option<String> {
        self.lock().clone()
    }

    fn lock(&self) -> MutexGuard<'_, Option<String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How the private index stood at the last look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PrivateIs {
    /// It has our own packages.
    Alone,
    /// It hands out PyPI's projects as its own.
    Mirror,
    Silent,
}

/// What the looks saw, and what persons are told of it.
#[derive(Debug)]
pub(super) struct Standing {
    troubles: GateTroubles,
    seen: Mutex<Seen>,
}

#[derive(Debug, Default)]
struct Seen {
    private: Option<PrivateIs>,
    /// At so many looks in a row.
    private_silent: u32,
    pypi_silent: u32,
}

impl Standing {
    pub(super) fn new(troubles: GateTroubles) -> Self {
        Self { troubles, seen: Mutex::default() }
    }

    /// `None`: nobody has looked yet.
    pub(super) fn private(&self) -> Option<PrivateIs> {
        self.seen().private
    }

    /// `at`: where the private index is, in words. `is_mirror`: as it said, or why it said nothing. Where others were asked for before it, it
    /// was not looked at.
    pub(super) fn hear_private(&self, at: &str, is_mirror: Result<bool, Arc<FetchError>>) {
        if is_mirror.as_ref().is_err_and(|why| matches!(**why, FetchError::Crowded)) {
            return;
        }
        let (private, why) = match is_mirror {
            Ok(false) => (PrivateIs::Alone, None),
            Ok(true) => (PrivateIs::Mirror, None),
            Err(why) => (PrivateIs::Silent, Some(why.to_string())),
        };
        let lasts = {
            let mut seen = self.seen();
            seen.private = Some(private);
            lasts(&mut seen.private_silent, why.is_some())
        };
        let told = why.filter(|_| lasts).map(|why| {
            format!(
                "the private index at {at} does not answer ({why}), and nothing is given out but what it had of ours within a day: start it, \
                 or mend [gate.private] index or its login"
            )
        });
        self.troubles.note(GateTrouble::PrivateSilent, told);
        match private {
            PrivateIs::Mirror => self.tell_of_mirror(at),
            PrivateIs::Alone => self.troubles.note(GateTrouble::PrivateMirror, None),
            // It may be one still.
            PrivateIs::Silent => {}
        }
    }

    pub(super) fn tell_of_mirror(&self, at: &str) {
        let told = format!(
            "the private index at {at} has pip, requests and urllib3, so it has become a copy of PyPI, and nothing of PyPI is given out: have \
             it serve our own packages alone, write copies = true in [gate.private] where somebody chooses which public ones it has, or write \
             another as [gate.private] index, before the gate is started again, which ends at once as long as it is so"
        );
        self.troubles.note(GateTrouble::PrivateMirror, Some(told));
    }

    /// That the private index merges PyPI's files with ours, in words; `None`: it does not, as far as is known.
    pub(super) fn tell_of_merged(&self, told: Option<String>) {
        self.troubles.note(GateTrouble::PrivateMerged, told);
    }

    /// `at`: where PyPI's index is, in words. `failure`: why it did not answer.
    pub(super) fn hear_pypi(&self, at: &str, failure: Option<String>) {
        let lasts = lasts(&mut self.seen().pypi_silent, failure.is_some());
        let told = failure.filter(|_| lasts).map(|why| {
            format!(
                "PyPI's index at {at} does not answer ({why}), and of it nothing is given out but what was asked for within a day: see whether \
                 this machine reaches it, by [http] proxy where there is one, or write another as [pypi] base"
            )
        });
        self.troubles.note(GateTrouble::PypiSilent, told);
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Counts one more look, and says whether it was so for long enough.
fn lasts(looks: &mut u32, is_silent: bool) -> bool {
    *looks = if is_silent { looks.saturating_add(1) } else { 0 };
    *looks >= LOOKS
}

#[cfg(test)]
mod tests;
