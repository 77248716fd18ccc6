//! What systemd is told (sd_notify(3)): READY, RELOADING, STOPPING, and while the watch is alive WATCHDOG and STATUS.

use std::convert::Infallible;
use std::time::{Duration, Instant};

use sd_notify::NotifyState;
use tokio::time::{MissedTickBehavior, interval, timeout};

use super::engine::Engine;
use super::notify::{PATIENCE, pace, soon, tell};
use crate::cases;
use crate::cases::coverage::account;
use crate::logging;
use crate::model::count;
use crate::model::overview::Overview;
use crate::store::{StoreError, Troubles};

/// What a start that waits asks for, again and again.
const START: Duration = Duration::from_secs(60);

/// Configuration, store and channels are good; or a reload is over.
pub(super) async fn ready() {
    soon(vec![NotifyState::Ready]).await;
}

pub(super) async fn stopping() {
    soon(vec![NotifyState::Stopping]).await;
}

/// Until `ready` the manager shows that a reload is under way. Managers of version 253 and newer want to know when it
/// began.
pub(super) async fn reloading() {
    let mut states = vec![NotifyState::Reloading];
    states.extend(NotifyState::monotonic_usec_now());
    soon(states).await;
}

/// Feeds the watchdog while every worker moves, and says in one sentence how the watch stands. Never ends.
pub(super) async fn keep_told(engine: &Engine) {
    let mut tick = interval(pace());
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tick.tick().await;
        knock(engine).await;
        let late = engine.beats.late(Instant::now());
        if late.is_empty() {
            tell(vec![NotifyState::Watchdog]).await;
        } else {
            let late = late.join(", ");
            tracing::error!(late, "workers are late; the watchdog is not fed");
        }
        let line = match timeout(PATIENCE, sentence(engine)).await {
            Ok(Ok(line)) => line,
            Ok(Err(error)) => format!("the store cannot be read: {error}"),
            Err(_) => "the store does not answer".to_owned(),
        };
        // One line: what follows a line's end would be another message.
        tell(vec![NotifyState::Status(&line.replace('\n', " "))]).await;
    }
}

/// While a start waits for its store: it is not late, and says why. Never ends.
pub(super) async fn keep_waiting(troubles: &Troubles) -> Infallible {
    loop {
        if let Some(trouble) = troubles.now() {
            let more = u32::try_from(START.as_micros()).unwrap_or(u32::MAX);
            let line = format!("waiting to start: {trouble}");
            tell(vec![NotifyState::ExtendTimeoutUsec(more), NotifyState::Status(&line)]).await;
        }
        tokio::time::sleep(PATIENCE).await;
    }
}

/// The socket's worker sleeps until somebody comes. Where nobody can, it is late soon.
async fn knock(engine: &Engine) {
    // The worker's stamp is the answer.
    let _ = tokio::net::UnixStream::connect(&engine.settings().control.socket).await;
}

async fn sentence(engine: &Engine) -> Result<String, StoreError> {
    if let Some(trouble) = engine.store.trouble() {
        return Ok(format!("DEGRADED, nothing is stored or told: {trouble}"));
    }
    let (within, now) = (cases::answer_within(engine.settings().alert.escalate_after), engine.clock.now());
    let read = engine.store.read(move |tx| Ok((account(tx)?, cases::overview(tx, within, now)?)));
    let (account, overview) = read.await?;
    let unread = match logging::dropped() {
        0 => String::new(),
        lines => format!("; {} dropped", count(lines, "line of the log was", "lines of the log were")),
    };
    Ok(format!("{}; {}{unread}", account.line(now), open(&overview)))
}

fn open(overview: &Overview) -> String {
    let overdue = overview.unanswered + overview.untold;
    let overdue = if overdue > 0 { format!(" ({overdue} overdue)") } else { String::new() };
    let pages = count(overview.pages.cases, "page", "pages");
    let alerts = count(overview.alerts.cases, "alert", "alerts");
    format!("open: {pages}{overdue}, {alerts}, {}", count(overview.issues.len(), "health case", "health cases"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Time;
    use crate::model::health::{HealthCase, HealthIssue};
    use crate::model::overview::Open;

    /// The line of `systemctl status`: what is late stands in it.
    #[test]
    fn what_is_open_and_overdue_is_said_in_a_line() {
        let open_cases = |cases| Open { cases, ..Open::default() };
        let issue =
            HealthCase { issue: HealthIssue::Missed, since: Time::UNIX_EPOCH, until: None, detail: String::new() };
        let quiet = Overview::default();
        let rows = [
            (quiet.clone(), "open: 0 pages, 0 alerts, 0 health cases"),
            (
                Overview { pages: open_cases(1), alerts: open_cases(2), ..quiet.clone() },
                "open: 1 page, 2 alerts, 0 health cases",
            ),
            (
                Overview { pages: open_cases(3), unanswered: 1, untold: 1, ..quiet.clone() },
                "open: 3 pages (2 overdue), 0 alerts, 0 health cases",
            ),
            (
                Overview { untold: 4, issues: vec![issue], alerts: open_cases(1), ..quiet },
                "open: 0 pages (4 overdue), 1 alert, 1 health case",
            ),
        ];
        for (overview, line) in rows {
            assert_eq!(open(&overview), line);
        }
    }
}
