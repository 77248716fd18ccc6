//! The gate as a process that the daemon starts, where `[gate] with_run` asks for it: this program once more, with nothing of our
//! environment, so that it is handed no credential. It ends with us however we end, since it lives by a pipe that closes then. One that ends
//! by itself is started again.

use std::io;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use tokio::process::{Child, ChildStdin, Command};
use tokio::sync::watch::Receiver;
use tokio::time::{sleep, timeout};
use tracing::level_filters::LevelFilter;

use super::engine::{Engine, REST};
use super::error::WorkerError;
use crate::config::{GateSettings, Settings};

/// The program that runs now, also where another has been installed over it.
const OURSELVES: &str = "/proc/self/exe";
/// Told to end, it has so long for what it gives out.
pub(super) const GRACE: Duration = Duration::from_secs(10);
/// Before it is started again: twice as long each time that it ended soon.
const FIRST: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_secs(60);
/// One that ran for so long did not end soon.
const STEADY: Duration = Duration::from_mins(10);

/// An archive of records takes seconds.
const CHECKED: Duration = Duration::from_secs(30);

/// Would the gate start with the configuration that lies there? One that does is not ended for one that does not.
///
/// # Errors
/// Why not, in its own words.
pub(super) async fn check(settings: &Settings) -> Result<(), String> {
    let mut command = program(settings, &["--quiet", "gate", "--check"]);
    command.stdin(Stdio::null()).stderr(Stdio::piped());
    let output = timeout(CHECKED, command.output()).await;
    let output = output.map_err(|_| format!("[gate] is not read within {} s; try again", CHECKED.as_secs()))?;
    let output = output.map_err(|error| format!("the gate cannot be asked whether it would start: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let last = said.lines().rfind(|line| !line.trim().is_empty()).unwrap_or("it does not say why");
    Err(format!("the gate would not start with it: {}", last.trim_start_matches("namewarden: ")))
}

/// This program once more, without anything of our environment.
fn program(settings: &Settings, words: &[&str]) -> Command {
    let mut command = Command::new(OURSELVES);
    command.arg0("namewarden").args(words).arg("--config").arg(&settings.file);
    command.env_clear().envs(settings.environment.handed_on());
    command.stdout(Stdio::null()).kill_on_drop(true);
    command
}

/// The gate while it runs.
struct GateProcess {
    child: Child,
    /// Closed with us, and with it the gate ends.
    _lifeline: Option<ChildStdin>,
}

/// Runs as long as the daemon, and ends the gate with it.
pub(super) async fn run(engine: Arc<Engine>) -> Result<(), WorkerError> {
    let mut settings = engine.settings.subscribe();
    let mut in_a_row = 0;
    while !engine.stopping.is_cancelled() {
        let began = engine.clock.mono();
        let Some(why) = once(&engine, &mut settings).await else {
            in_a_row = 0;
            continue;
        };
        let steady = engine.clock.mono().saturating_sub(began) >= STEADY;
        in_a_row = if steady { 1 } else { in_a_row + 1 };
        let said = format!(
            "the gate that `namewarden run` starts {why}, and nothing is installed through it; the log says the rest, and it is \
             started again within a minute"
        );
        tracing::error!("{said}");
        engine.gate_down.send_replace(Some(said));
        turn(&engine, &mut settings, pause(in_a_row)).await;
    }
    Ok(())
}

/// From its start to its end. Gives why it ended, where nobody asked for that.
async fn once(engine: &Engine, settings: &mut Receiver<Arc<Settings>>) -> Option<String> {
    let Some(of) = wanted(engine) else {
        engine.gate_down.send_replace(None);
        turn(engine, settings, REST).await;
        return None;
    };
    match GateProcess::start(&engine.settings()) {
        Ok(gate) => {
            engine.gate_down.send_replace(None);
            gate.watched(engine, settings, &of).await
        }
        Err(error) => Some(format!("cannot be started ({error})")),
    }
}

/// What it would be started by.
fn wanted(engine: &Engine) -> Option<GateSettings> {
    let settings = engine.settings();
    settings.gate.with_run.then(|| settings.gate.clone())
}

/// Until it is time, or the configuration has changed, or everything ends.
async fn turn(engine: &Engine, settings: &mut Receiver<Arc<Settings>>, wait: Duration) {
    tokio::select! {
        () = engine.stopping.cancelled() => {}
        // The sender lives as long as the engine.
        _ = settings.changed() => {}
        () = sleep(wait) => {}
    }
}

/// After so many ends in a row, one or more.
fn pause(in_a_row: u32) -> Duration {
    FIRST.saturating_mul(1 << in_a_row.saturating_sub(1).min(10)).min(LONGEST)
}

impl GateProcess {
    fn start(settings: &Settings) -> io::Result<Self> {
        let words: Vec<&str> = loudness().into_iter().chain(["gate", "--until-input-closes"]).collect();
        let mut command = program(settings, &words);
        // A signal of a terminal is ours, and we tell it to end.
        command.stdin(Stdio::piped()).process_group(0);
        let mut child = command.spawn()?;
        let lifeline = child.stdin.take();
        tracing::info!(pid = child.id(), "the gate is started");
        Ok(Self { child, _lifeline: lifeline })
    }

    /// Until it ends, and says why; or until something else is asked for, and it is ended.
    async fn watched(
        mut self,
        engine: &Engine,
        settings: &mut Receiver<Arc<Settings>>,
        of: &GateSettings,
    ) -> Option<String> {
        loop {
            tokio::select! {
                ended = self.child.wait() => return Some(match ended {
                    Ok(status) => format!("has ended with {status}"),
                    Err(error) => format!("cannot be watched ({error})"),
                }),
                () = engine.stopping.cancelled() => break,
                _ = settings.changed() => if wanted(engine).as_ref() != Some(of) { break },
                () = sleep(REST) => {}
            }
        }
        self.end().await;
        None
    }

    async fn end(mut self) {
        let pid = self.child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
        if let Some(pid) = pid {
            // It may have ended by itself.
            let _ = kill_process(pid, Signal::TERM);
        }
        if timeout(GRACE, self.child.wait()).await.is_err() {
            tracing::warn!("the gate did not end within {} s, and is killed", GRACE.as_secs());
            // As above.
            let _ = self.child.kill().await;
        }
    }
}

/// As much as we log.
fn loudness() -> Option<&'static str> {
    match LevelFilter::current() {
        level if level < LevelFilter::INFO => Some("--quiet"),
        level if level > LevelFilter::INFO => Some("--verbose"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_started_again_ever_later_and_within_a_minute() {
        let seconds = |ends| pause(ends).as_secs();
        assert_eq!([1, 2, 3, 6, 7, 8, u32::MAX].map(seconds), [1, 2, 4, 32, 60, 60, 60]);
    }
}
