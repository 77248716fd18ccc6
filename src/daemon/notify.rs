//! One message to systemd (sd_notify(3)). Elsewhere nobody listens, and that is no error.

use std::time::Duration;

use sd_notify::NotifyState;
use tokio::time::timeout;

/// Between two messages where systemd asks for none.
const TICK: Duration = Duration::from_secs(10);
/// A manager that does not read may not hold up what is told next.
pub const PATIENCE: Duration = Duration::from_secs(5);

/// How often the watchdog is fed: three times as often as the unit's `WatchdogSec=` asks for, and no less than every 10 s.
pub fn pace() -> Duration {
    sd_notify::watchdog_enabled().map_or(TICK, |limit| (limit / 3).min(TICK))
}

/// Gives up waiting, not telling: whoever tells has something else to do.
pub async fn soon(states: Vec<NotifyState<'_>>) {
    if timeout(PATIENCE, tell(states)).await.is_err() {
        tracing::warn!("systemd does not listen");
    }
}

/// On a thread of its own: sending waits for a manager whose queue is full.
pub async fn tell(states: Vec<NotifyState<'_>>) {
    let message: Vec<String> = states.iter().map(ToString::to_string).collect();
    let send = move || sd_notify::notify(&[NotifyState::Custom(&message.join("\n"))]);
    match tokio::task::spawn_blocking(send).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::warn!(%error, "systemd could not be told"),
        Err(error) => tracing::warn!(%error, "systemd could not be told"),
    }
}
