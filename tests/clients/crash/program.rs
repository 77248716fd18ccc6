//! The real program as a process: started, killed, asked to end, and what it said on standard error.

#![expect(clippy::print_stderr, reason = "a failed test shows what the program said")]

use std::io::{BufRead as _, BufReader, Read};
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// A line of standard error and when it came.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    pub(crate) at: Instant,
    pub(crate) text: String,
}

/// A running daemon. Dropping it kills it.
pub(crate) struct Program {
    child: Child,
    lines: Arc<Mutex<Vec<Line>>>,
    pub(crate) started: Instant,
}

impl Program {
    /// `namewarden run`, with `--crash-at` where a step is given.
    pub(crate) fn start(config: &Path, crash_at: Option<&str>) -> Self {
        Self::start_verb(&["run"], config, crash_at)
    }

    /// Any verb that goes on until it is told to end.
    pub(crate) fn start_verb(verb: &[&str], config: &Path, crash_at: Option<&str>) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_namewarden"));
        command.args(verb).arg("--config").arg(config);
        if let Some(step) = crash_at {
            command.args(["--crash-at", step]);
        }
        for variable in ["JOURNAL_STREAM", "NOTIFY_SOCKET", "STATE_DIRECTORY", "CREDENTIALS_DIRECTORY"] {
            command.env_remove(variable);
        }
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        let started = Instant::now();
        let mut child = command.spawn().expect("the program starts");
        let lines = Arc::default();
        follow(child.stderr.take().expect("piped"), Arc::clone(&lines));
        Self { child, lines, started }
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// What it has said so far.
    pub(crate) fn lines(&self) -> Vec<Line> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Waits for a line that holds `text`, the `nth` one counted from 1.
    pub(crate) async fn says(&mut self, text: &str, nth: usize, patience: Duration) -> Line {
        let deadline = Instant::now() + patience;
        loop {
            if let Some(line) = self.lines().into_iter().filter(|line| line.text.contains(text)).nth(nth - 1) {
                return line;
            }
            let ended = self.child.try_wait().expect("a child");
            assert!(ended.is_none(), "it ended ({ended:?}) before it said {text:?}");
            assert!(Instant::now() < deadline, "it did not say {text:?} in {patience:?}");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// SIGKILL: no farewell.
    pub(crate) fn kill(mut self) {
        self.child.kill().expect("killed");
        let status = self.child.wait().expect("reaped");
        assert_eq!(status.signal(), Some(9), "it had ended before it was killed: {status}");
    }

    /// SIGTERM, as systemd stops it; gives the status at once where it is known.
    pub(crate) fn ask_to_end(&self) {
        let asked = Command::new("sh").arg("-c").arg(format!("kill -TERM {}", self.pid())).status();
        assert!(asked.expect("sh runs").success(), "the process stands to be signalled");
    }

    /// SIGTERM, and the status 0 that has to follow.
    pub(crate) async fn stop(mut self) {
        self.listens().await;
        self.ask_to_end();
        let status = self.ended(Duration::from_secs(30)).await;
        assert!(status.success(), "SIGTERM ends with status 0, not {status}");
    }

    /// Asked to end within milliseconds of its start, a daemon dies of the signal instead of answering it. One that waits for its
    /// store never gets so far, and is not waited for.
    async fn listens(&self) {
        let deadline = self.started + Duration::from_secs(3);
        let says = |line: &Line| line.text.contains("namewarden is watching");
        while Instant::now() < deadline && !self.lines().iter().any(says) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    pub(crate) fn is_running(&mut self) -> bool {
        self.child.try_wait().expect("a child").is_none()
    }

    /// Waits for its end.
    pub(crate) async fn ended(&mut self, patience: Duration) -> ExitStatus {
        let deadline = Instant::now() + patience;
        loop {
            if let Some(status) = self.child.try_wait().expect("a child") {
                return status;
            }
            assert!(Instant::now() < deadline, "it still runs after {patience:?}");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Waits for its death at a failpoint: by abort, and by nothing else.
    pub(crate) async fn aborts(mut self, step: &str) {
        let status = self.ended(Duration::from_secs(40)).await;
        assert_eq!(status.signal(), Some(6), "{step}: it should have died by abort, and ended with {status}");
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // It may be gone already; then there is nothing to kill.
        drop(self.child.kill());
        drop(self.child.wait());
        if std::thread::panicking() {
            for line in self.lines() {
                eprintln!("  {:7.3} {}", (line.at - self.started).as_secs_f64(), line.text);
            }
        }
    }
}

fn follow(stream: impl Read + Send + 'static, lines: Arc<Mutex<Vec<Line>>>) {
    std::thread::spawn(move || {
        for text in BufReader::new(stream).lines().map_while(Result::ok) {
            lines.lock().unwrap_or_else(PoisonError::into_inner).push(Line { at: Instant::now(), text });
        }
    });
}
