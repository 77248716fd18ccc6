//! What the gate of this machine says for a report, which waits for none that does not answer.

use std::time::Duration;

use super::ask_gate::asked;
use crate::cases;
use crate::config::GateSettings;
use crate::gate::GateQuestion;
use crate::model::Time;
use crate::model::gate_report::{GatePart, GateReport};
use crate::store::{Store, StoreError};

/// It counts in files of its own; a report is sent without it then.
const PATIENCE: Duration = if cfg!(test) { Duration::from_millis(100) } else { Duration::from_secs(3) };

/// What the gate says of what was after the first time and until the second; `None`: there is no gate on this machine.
///
/// # Errors
/// Where the store cannot be read.
pub async fn gate_part(
    store: &Store,
    gate: &GateSettings,
    (since, until): (Time, Time),
    now: Time,
) -> Result<Option<GatePart>, StoreError> {
    let socket = gate.socket.clone();
    let is_there =
        gate.with_run || socket.exists() || store.read(move |tx| cases::was_gate_heard(tx, &socket, now)).await?;
    if !is_there {
        return Ok(None);
    }
    let said = asked::<GateReport>(&gate.socket, &GateQuestion::Report { since, until }, PATIENCE).await;
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
