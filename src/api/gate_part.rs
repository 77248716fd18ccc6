//! What the gate of this machine says for a report, which waits for none that does not answer.
//!
//! Somebody looks at a report that is asked for, so that a gate which hangs would cost each look the whole patience. What it was when it was
//! asked last is remembered instead ([`GateSilence`]). To ask while the report is made would gain little: that takes some hundredths of
//! a second, and a gate that hangs is waited for in seconds; and it would read the store twice, as of two moments.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::ask_gate::{GLANCE, asked};
use crate::cases;
use crate::clock::Clock;
use crate::config::GateSettings;
use crate::gate::GateQuestion;
use crate::model::Time;
use crate::model::gate_report::{GatePart, GateReport};
use crate::store::{Store, StoreError};

/// It counts in files of its own; a report is sent without it then.
const PATIENCE: Duration = if cfg!(test) { Duration::from_millis(100) } else { Duration::from_secs(3) };
/// For so long a gate that did not answer is given a glance alone: whoever looks at one report looks at its files next, and one that is back is
/// soon heard in full.
const REMEMBERED: Duration = Duration::from_secs(10);

/// Since when the gate is known to be silent, on the monotonic clock. Cloning shares it.
#[derive(Clone, Debug, Default)]
pub struct GateSilence(Arc<Mutex<Option<Duration>>>);

impl GateSilence {
    /// Was it silent a moment ago?
    pub fn is_known(&self, at: Duration) -> bool {
        self.since().is_some_and(|since| at.saturating_sub(since) < REMEMBERED)
    }

    /// Whether it answered, or there is none, when it was asked so long as it may take.
    pub fn note(&self, is_silent: bool, at: Duration) {
        *self.since() = is_silent.then_some(at);
    }

    /// The same where it was given a glance, and may be one that takes longer to count: that prolongs nothing, or whoever looks again and again
    /// would never hear it.
    fn glanced(&self, is_silent: bool, at: Duration) {
        if !is_silent {
            self.note(false, at);
        }
    }

    fn since(&self) -> MutexGuard<'_, Option<Duration>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Is there a gate on this machine, be it silent? There is where the daemon starts it, its socket lies there, or it was heard within a week.
///
/// # Errors
/// Where the store cannot be read.
pub(super) async fn is_there(store: &Store, gate: &GateSettings, now: Time) -> Result<bool, StoreError> {
    let socket = gate.socket.clone();
    Ok(is_in_sight(gate) || store.read(move |tx| cases::was_gate_heard(tx, &socket, now)).await?)
}

/// Is there one by its settings or its socket, whoever was heard before?
pub(super) fn is_in_sight(gate: &GateSettings) -> bool {
    gate.with_run || gate.socket.exists()
}

/// [`gate_part`] for somebody who waits for it: one that is known to be silent is waited for no longer than by any other page.
///
/// # Errors
/// As there.
pub(super) async fn gate_part_for_people(
    store: &Store,
    gate: &GateSettings,
    period: (Time, Time),
    clock: &Clock,
    silence: &GateSilence,
) -> Result<Option<GatePart>, StoreError> {
    let was_known = silence.is_known(clock.mono());
    let patience = if was_known { PATIENCE.min(GLANCE) } else { PATIENCE };
    let part = part_within(store, gate, period, (clock.now(), patience)).await?;
    let is_silent = matches!(part, Some(GatePart::Silent(_)));
    if was_known {
        silence.glanced(is_silent, clock.mono());
    } else {
        silence.note(is_silent, clock.mono());
    }
    Ok(part)
}

/// What the gate says of what was after the first time and until the second; `None`: there is no gate on this machine.
///
/// # Errors
/// Where the store cannot be read.
pub async fn gate_part(
    store: &Store,
    gate: &GateSettings,
    period: (Time, Time),
    now: Time,
) -> Result<Option<GatePart>, StoreError> {
    part_within(store, gate, period, (now, PATIENCE)).await
}

async fn part_within(
    store: &Store,
    gate: &GateSettings,
    (since, until): (Time, Time),
    (now, patience): (Time, Duration),
) -> Result<Option<GatePart>, StoreError> {
    if !is_there(store, gate, now).await? {
        return Ok(None);
    }
    let said = asked::<GateReport>(&gate.socket, &GateQuestion::Report { since, until }, patience).await;
    Ok(Some(match said {
        Ok(said) => GatePart::Says(Box::new(said)),
        Err(refusal) => GatePart::Silent(refusal.to_string()),
    }))
}

#[cfg(test)]
mod tests {
    use std::os::unix::net::UnixListener;

    use super::*;

    fn at(hours: i64) -> Time {
        Time::UNIX_EPOCH + chrono::TimeDelta::hours(500_000 + hours)
    }

    /// What is said where the socket is so; whether one was heard there an hour ago.
    async fn said(dir: &std::path::Path, was_heard: bool) -> Option<GatePart> {
        let state = tempfile::tempdir().expect("a directory");
        let store = Store::open(state.path()).expect("opens");
        let gate = GateSettings { socket: dir.join("gate.sock"), ..GateSettings::default() };
        if was_heard {
            let socket = gate.socket.clone();
            store.write(move |tx| cases::gate_heard(tx, &socket, at(-1))).await.expect("written");
        }
        gate_part(&store, &gate, (at(-24), at(0)), at(0)).await.expect("reads")
    }

    #[tokio::test]
    async fn a_gate_that_was_never_there_is_none_and_one_that_says_nothing_is_silent() {
        let dir = tempfile::tempdir().expect("a directory");
        let silent =
            |said: Option<GatePart>| matches!(said, Some(GatePart::Silent(why)) if why.contains("does not answer"));
        assert_eq!(said(dir.path(), false).await, None);
        assert!(silent(said(dir.path(), true).await), "it was there an hour ago");
        let listener = UnixListener::bind(dir.path().join("gate.sock")).expect("bound");
        let began = std::time::Instant::now();
        assert!(silent(said(dir.path(), false).await), "it takes what is asked, and does not answer");
        assert!(began.elapsed() < Duration::from_secs(20), "and nobody waits for it");
        drop(listener);
        assert!(silent(said(dir.path(), false).await), "it was killed, and left its socket");
    }

    #[test]
    fn a_gate_that_was_silent_is_given_a_glance_for_ten_seconds_unless_it_speaks() {
        let silence = GateSilence::default();
        let known = |seconds: u64| silence.is_known(Duration::from_secs(seconds));
        assert!(!known(0));
        silence.note(true, Duration::from_secs(5));
        silence.glanced(true, Duration::from_secs(14));
        assert_eq!([known(5), known(14), known(15)], [true, true, false], "a glance in vain prolongs nothing");
        silence.note(true, Duration::from_secs(20));
        silence.glanced(false, Duration::from_secs(21));
        assert!(!known(22), "it is back");
        silence.note(true, Duration::from_secs(30));
        silence.clone().note(false, Duration::from_secs(31));
        assert!(!known(32), "and one that is none is waited for by nobody");
    }

    #[tokio::test]
    async fn whoever_asks_for_a_report_remembers_that_the_gate_was_silent_and_hears_it_once_it_is_not() {
        let state = tempfile::tempdir().expect("a directory");
        let store = Store::open(state.path()).expect("opens");
        let gate = GateSettings { socket: state.path().join("gate.sock"), with_run: true, ..GateSettings::default() };
        let (clock, silence) = (Clock::manual(at(0)), GateSilence::default());
        let said = async || {
            let part = gate_part_for_people(&store, &gate, (at(-24), at(0)), &clock, &silence).await.expect("reads");
            assert!(matches!(part, Some(GatePart::Silent(_))), "{part:?}");
            silence.is_known(clock.mono())
        };
        assert!(said().await && said().await);
        clock.advance(chrono::TimeDelta::seconds(10));
        assert!(!silence.is_known(clock.mono()), "it is asked in full");
        assert!(said().await);
    }

    #[tokio::test]
    async fn a_week_later_a_gate_that_is_gone_is_none() {
        let state = tempfile::tempdir().expect("a directory");
        let store = Store::open(state.path()).expect("opens");
        let gate = GateSettings { socket: state.path().join("gate.sock"), ..GateSettings::default() };
        let socket = gate.socket.clone();
        store.write(move |tx| cases::gate_heard(tx, &socket, at(0))).await.expect("written");
        let said = async |hours: i64| gate_part(&store, &gate, (at(0), at(1)), at(hours)).await.expect("reads");
        assert!(said(24 * 7 - 1).await.is_some());
        assert!(said(24 * 7 + 1).await.is_none());
        assert!(said(-24).await.is_some(), "it was heard by a clock that was ahead");
        let ours = GateSettings { with_run: true, ..gate.clone() };
        let said = gate_part(&store, &ours, (at(0), at(1)), at(24 * 30)).await.expect("reads");
        assert!(said.is_some(), "one that we start is missed however long it is down");
    }
}
