//! The time as the gate goes by it: this machine's clock, corrected by what PyPI's index says of the time, and what is told of the two.

use std::fs;
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::SecondsFormat;
use reqwest::header::HeaderMap;

use super::present::Present;
use super::reckoning::Reckoning;
use super::replaced::replace;
use super::troubles::{GateTrouble, GateTroubles};
use crate::clock::Clock;
use crate::model::Time;
use crate::upstream::bearing::{ALLOWED, Offset, server_time};

/// What had come when it was written last, in RFC 3339; below `[gate] state`.
const FILE: &str = "time.txt";

/// This machine's clock, and what was heard. Cloning shares both.
#[derive(Clone, Debug)]
pub struct GateClock {
    clock: Clock,
    heard: Arc<Mutex<Heard>>,
    /// What an earlier run kept could not be read at the start: where it could, nobody has to look whether it still cannot.
    was_lost: bool,
}

#[derive(Debug, Default)]
struct Heard {
    reckoning: Reckoning,
    /// Why what an earlier run kept cannot be read; `None`: it can, or there was none, or another was written since.
    lost: Option<String>,
    /// What was told last, and in which words: they name two times, which go on.
    told: Option<(Offset, String)>,
}

impl From<Clock> for GateClock {
    fn from(clock: Clock) -> Self {
        Self { clock, heard: Arc::default(), was_lost: false }
    }
}

impl GateClock {
    /// One that knows what an earlier run has kept in this directory. Where that cannot be read, no age is counted before PyPI's first answer
    /// (`is_lost`): this machine's clock alone would let out whatever it likes, and what an earlier run knew is no less than that.
    pub fn after_restart(self, dir: &Path) -> Self {
        let (path, at) = (dir.join(FILE), self.clock.mono());
        let (kept, lost) = match kept(&path) {
            Ok(kept) => (kept, None),
            Err(error) => (None, Some(lost(&path, &error))),
        };
        let was_lost = lost.is_some();
        {
            let mut heard = self.heard();
            (heard.reckoning, heard.lost) = (Reckoning::after(kept, at), lost);
        }
        Self { was_lost, ..self }
    }

    /// Does nobody know what has come but this machine's clock, though an earlier run knew more? Until the index has said what time it is.
    pub(super) fn is_lost(&self) -> bool {
        if !self.was_lost {
            return false;
        }
        let heard = self.heard();
        heard.lost.is_some() && heard.reckoning.by_index(self.clock.mono()).is_none()
    }

    /// Writes down what has come, for the next start, and tells where that cannot be done; nothing before the index has answered.
    pub fn keep(&self, dir: &Path, troubles: &GateTroubles) {
        let unwritten = self.kept_now(dir).err().map(|error| {
            format!(
                "what time it is cannot be written to {} ({error}): after a restart ages are counted from what was written last until PyPI's \
                 index answers, and more is held by that; make room in [gate] state, for the gate's user to write in",
                dir.join(FILE).display()
            )
        });
        troubles.note(GateTrouble::TimeUnwritten, unwritten);
    }

    /// What stood there stands where it fails, and what cannot be read there is over where it does not.
    fn kept_now(&self, dir: &Path) -> io::Result<()> {
        let reached = self.heard().reckoning.reached(self.clock.now(), self.clock.mono());
        let Some(time) = reached else { return Ok(()) };
        replace(&dir.join(FILE), time.to_rfc3339().as_bytes())?;
        self.heard().lost = None;
        Ok(())
    }

    /// By this machine.
    pub(super) fn now(&self) -> Time {
        self.clock.now()
    }

    pub(super) fn mono(&self) -> Duration {
        self.clock.mono()
    }

    /// What is decided by.
    pub(super) fn present(&self) -> Present {
        // Before the lock, which every answer takes.
        let (shown, at) = (self.clock.now(), self.clock.mono());
        self.heard().reckoning.present(shown, at)
    }

    /// An answer of the index, which was asked at that moment of the monotonic clock.
    pub(super) fn hear(&self, headers: &HeaderMap, asked: Duration) {
        let at = self.clock.mono();
        if let Some(told) = server_time(headers, at.saturating_sub(asked)) {
            self.heard().reckoning.hear(told, at);
        }
    }

    /// Tells how the two stand, where they differ by more than matters.
    pub fn tell(&self, troubles: &GateTroubles) {
        let mut heard = self.heard();
        troubles.note(GateTrouble::TimeUnread, heard.lost.clone());
        let (shown, at) = (self.clock.now(), self.clock.mono());
        let Some((offset, by_index)) = heard.reckoning.offset(shown, at).zip(heard.reckoning.by_index(at)) else {
            return;
        };
        let is_known = heard.told.as_ref().is_some_and(|(told, _)| is_as_told(*told, offset));
        if !is_known {
            heard.told = words(offset, shown, by_index).map(|words| (offset, words));
        }
        let told =
            |of: fn(Offset) -> bool| heard.told.clone().filter(|(offset, _)| of(*offset)).map(|(_, words)| words);
        troubles.note(GateTrouble::ClockAhead, told(|offset| matches!(offset, Offset::Ahead(_))));
        troubles.note(GateTrouble::ClockBehind, told(|offset| matches!(offset, Offset::Behind(_))));
    }

    fn heard(&self) -> MutexGuard<'_, Heard> {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn lost(path: &Path, error: &io::Error) -> String {
    format!(
        "what time it was when the gate ran last cannot be read in {} ({error}), so nothing of PyPI is given out until its index has said what \
         time it is, and then it is written anew; let the gate's user read it, or move it away and start the gate again, which goes by this \
         machine's clock until then",
        path.display()
    )
}

fn kept(path: &Path) -> io::Result<Option<Time>> {
    match fs::read_to_string(path) {
        Ok(text) => text.trim().parse().map(Some).map_err(io::Error::other),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// On the same side, and by as much as matters: persons are not told of each second.
fn is_as_told(told: Offset, now: Offset) -> bool {
    match (told, now) {
        (Offset::Ahead(told), Offset::Ahead(now)) | (Offset::Behind(told), Offset::Behind(now)) => {
            (told - now).abs() <= ALLOWED
        }
        _ => false,
    }
}

/// `None`: nothing is wrong.
fn words(offset: Offset, shown: Time, by_index: Time) -> Option<String> {
    let what = match offset {
        Offset::Right => return None,
        Offset::Ahead(_) => "ages are counted by PyPI's, so that nothing goes out before its time",
        Offset::Behind(_) => "ages are counted by this machine's, so that files are held for longer than the rules say",
    };
    let [shown, by_index] = [shown, by_index].map(|time| time.to_rfc3339_opts(SecondsFormat::Secs, true));
    Some(format!(
        "the clock of this machine said {shown} when PyPI's index said {by_index}: {what}; let this machine follow a time server, or, where \
         its clock is right, ask whoever runs the index at [pypi] or what stands before it"
    ))
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    fn answer(date: &str) -> HeaderMap {
        HeaderMap::from_iter([(reqwest::header::DATE, date.parse().expect("a header"))])
    }

    #[test]
    fn what_had_come_outlives_a_restart_and_what_is_broken_is_told_until_it_is_written_anew() {
        let dir = tempfile::tempdir().expect("a directory");
        let clock = Clock::manual("2026-11-27T12:00:00Z".parse().expect("a time"));
        let first = GateClock::from(clock.clone()).after_restart(dir.path());
        let troubles = GateTroubles::default();
        first.keep(dir.path(), &troubles);
        assert!(!dir.path().join(FILE).exists(), "the index has said nothing");
        first.hear(&answer("Fri, 27 Nov 2026 12:00:00 GMT"), Duration::ZERO);
        first.keep(dir.path(), &troubles);
        clock.step(TimeDelta::days(7));
        let restarted = || GateClock::from(clock.clone()).after_restart(dir.path());
        let second = restarted();
        assert_eq!(second.present().reached.to_rfc3339(), "2026-11-27T12:00:00+00:00");
        second.tell(&troubles);
        assert!(!second.is_lost() && troubles.told().is_empty(), "{troubles:?}");
        fs::write(dir.path().join(FILE), "half").expect("written");
        let third = restarted();
        third.tell(&troubles);
        third.keep(dir.path(), &troubles);
        assert!(third.is_lost() && troubles.kinds() == ["time-unread"], "the index has said nothing: {troubles:?}");
        third.hear(&answer("Fri, 27 Nov 2026 12:00:00 GMT"), Duration::ZERO);
        assert!(!third.is_lost(), "ages are counted by it");
        third.keep(dir.path(), &troubles);
        third.tell(&troubles);
        assert_eq!(troubles.kinds(), ["clock-ahead"], "it is good again");
        assert_eq!(restarted().present().reached.to_rfc3339(), "2026-11-27T12:00:01+00:00");
    }

    #[test]
    fn a_time_that_cannot_be_written_is_told_until_it_can_be() {
        let dir = tempfile::tempdir().expect("a directory");
        let (state, troubles) = (dir.path().join("gate"), GateTroubles::default());
        let of = GateClock::from(Clock::manual("2026-11-27T12:00:00Z".parse().expect("a time"))).after_restart(&state);
        assert!(!of.is_lost(), "nobody was there before");
        of.hear(&answer("Fri, 27 Nov 2026 12:00:00 GMT"), Duration::ZERO);
        of.keep(&state, &troubles);
        assert!(troubles.told()["time-unwritten"].contains("make room in [gate] state"), "{troubles:?}");
        fs::create_dir(&state).expect("made");
        of.keep(&state, &troubles);
        assert!(troubles.told().is_empty() && state.join(FILE).exists(), "{troubles:?}");
    }

    #[test]
    fn a_clock_that_is_set_is_told_with_both_times_once_and_until_it_is_right() {
        let clock = Clock::manual("2026-11-27T12:00:00Z".parse().expect("a time"));
        let (of, troubles) = (GateClock::from(clock.clone()), GateTroubles::default());
        of.tell(&troubles);
        of.hear(&answer("Fri, 27 Nov 2026 12:00:00 GMT"), Duration::ZERO);
        of.tell(&troubles);
        assert!(troubles.told().is_empty(), "{:?}", troubles.told());
        clock.step(TimeDelta::days(7));
        of.tell(&troubles);
        let first = troubles.told();
        let said = &first["clock-ahead"];
        assert!(said.contains("said 2026-12-04T12:00:00Z when PyPI's index said 2026-11-27T12:00:01Z"), "{said}");
        assert!(said.contains("time server") && first.len() == 1, "{first:?}");
        clock.advance(TimeDelta::hours(3));
        of.tell(&troubles);
        assert_eq!(troubles.told(), first, "time goes on, and nothing is new");
        clock.step(TimeDelta::days(-8));
        of.tell(&troubles);
        assert_eq!(troubles.told().into_keys().collect::<Vec<_>>(), ["clock-behind"]);
        clock.step(TimeDelta::days(1));
        of.tell(&troubles);
        assert!(troubles.told().is_empty());
    }
}
