//! How long a verb waits for the daemon, and what it says of one that does not answer.

use std::path::Path;
use std::pin::pin;
use std::time::Duration;

use tokio::net::UnixStream;
use tokio::time::timeout;

use super::instance;
use super::tone::hint;
use crate::api::v1::Command;
use crate::upstream::FetchError;

/// For a look at the store, which takes milliseconds. Nagios itself waits for a minute at most.
pub(super) const LOOK: Duration = Duration::from_secs(10);
/// For one transaction, which may wait for another or for a disk.
const STROKE: Duration = Duration::from_secs(30);
/// For what asks PyPI or a channel, or goes through every name that is known. The daemon itself gives up a little later.
pub(super) const WORK: Duration = Duration::from_secs(120);
/// Who waits for longer than this is told so.
const WORD: Duration = Duration::from_secs(3);

/// How long the answer to this may take.
pub(super) fn with(command: &Command) -> Duration {
    match command {
        Command::Status
        | Command::Glance
        | Command::Metrics
        | Command::Coverage
        | Command::Rules
        | Command::Findings { .. }
        | Command::Finding { .. }
        | Command::Watches { .. }
        | Command::CheckName { .. }
        | Command::InventoryLint { .. }
        | Command::InventoryPreview { .. }
        | Command::Cursor
        | Command::Deliveries { .. }
        | Command::Known { .. }
        | Command::Health { .. }
        | Command::ClaimPlan { .. }
        | Command::ClaimStatus { .. }
        | Command::ClaimRequest
        | Command::Gate
        | Command::GateReviews { .. }
        | Command::GateReview { .. }
        | Command::Users { .. }
        | Command::Tokens { .. }
        | Command::Audit { .. } => LOOK,
        Command::Report { .. }
        | Command::ReportFile { .. }
        | Command::Judge { .. }
        | Command::Snooze { .. }
        | Command::TestAlert { .. }
        | Command::AcknowledgeHealth { .. }
        | Command::SetCursor { .. }
        | Command::ClaimPropose { .. }
        | Command::ClaimAgree { .. }
        | Command::ClaimWork
        | Command::ClaimReport { .. }
        | Command::GateDecide { .. }
        | Command::UserChange { .. }
        | Command::UserLink { .. }
        | Command::TokenCreate { .. }
        | Command::TokenRevoke { .. } => STROKE,
        Command::ApplyInventory { .. }
        | Command::Reload { .. }
        | Command::Probe
        | Command::Reconcile { .. }
        | Command::Check
        | Command::Backup { .. }
        // Packages are built, to see that they can be.
        | Command::ClaimDecide { .. }
        | Command::ClaimApply { .. } => WORK,
    }
}

/// What was asked, or `TimedOut`; with a word on standard error where that may take long.
pub(super) async fn waited<T>(
    socket: &Path,
    patience: Duration,
    asking: impl Future<Output = Result<T, FetchError>>,
) -> Result<T, FetchError> {
    let mut asking = pin!(timeout(patience, asking));
    if patience > LOOK {
        match timeout(WORD, &mut asking).await {
            Ok(answer) => return answer.unwrap_or(Err(FetchError::TimedOut)),
            Err(_) => hint(&format!(
                "namewarden: the daemon at {} has not answered yet; it has {} s in all",
                socket.display(),
                patience.as_secs()
            )),
        }
    }
    asking.await.unwrap_or(Err(FetchError::TimedOut))
}

/// That the daemon gave no answer, since when, and what to do.
pub(super) async fn silent(socket: &Path, patience: Duration) -> String {
    let holder = holder(socket).await;
    let process = holder.map(|pid| format!(" (process {pid})")).unwrap_or_default();
    format!(
        "the daemon at {}{process} does not answer within {} s: {}",
        socket.display(),
        patience.as_secs(),
        remedy(holder, holder.is_some_and(is_stopped))
    )
}

/// That something else than the daemon's answer came, and what to do.
pub(super) async fn strange(socket: &Path, why: &str) -> String {
    let holder = holder(socket).await;
    let process = holder.map(|pid| format!(" (process {pid})")).unwrap_or_default();
    format!("no answer of a daemon came from {}{process}: {why}; {}", socket.display(), remedy(holder, false))
}

fn remedy(holder: Option<i32>, stopped: bool) -> String {
    let here = instance::here();
    let look = if here.is_of_unit() { "`systemctl status namewarden` says how it is, and " } else { "" };
    match holder.filter(|_| stopped) {
        Some(pid) => format!("it is stopped, and `kill -CONT {pid}` lets it go on; or {}", here.restart(None)),
        None => format!("{look}{}", here.restart(holder)),
    }
}

/// The process that listens there, as far as the kernel says (unix(7), `SO_PEERCRED`).
async fn holder(socket: &Path) -> Option<i32> {
    let stream = timeout(Duration::from_secs(1), UnixStream::connect(socket)).await.ok()?.ok()?;
    stream.peer_cred().ok()?.pid()
}

/// By SIGSTOP or a debugger: the state in `/proc/PID/stat` (proc_pid_stat(5)) comes after the name, which may hold anything.
fn is_stopped(pid: i32) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit_once(')').is_some_and(|(_, rest)| matches!(rest.trim_start().chars().next(), Some('T' | 't')))
}
