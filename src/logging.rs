//! The log, on standard error. The daemon waits for nobody who should read it: a pipe that is full, or closed, stops no
//! alert and ends no process. Lines go into a queue of bounded size, a thread of its own writes them, and what finds no
//! room is counted and said once there is room again. Verbs wait for their reader, as programs in a pipe do.

mod journal;
mod queue;

use std::io::{self, Write};
use std::sync::OnceLock;
use std::time::Duration;

use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;

use queue::Queue;

/// How lines reach standard error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manner {
    /// Each is written before the program goes on.
    Patient,
    /// None is waited for.
    Lossy,
}

/// What is coloured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Colours {
    /// Standard output.
    pub output: bool,
    /// Standard error, and with it the log.
    pub log: bool,
}

static COLOURS: OnceLock<Colours> = OnceLock::new();

/// What is coloured in this process; nothing before `start`.
pub fn colours() -> Colours {
    COLOURS.get().copied().unwrap_or_default()
}

static QUEUE: Queue = Queue::new();
static MANNER: OnceLock<Manner> = OnceLock::new();

/// Sets up the log of this process, once: from this level on, for systemd's journal, else for people.
pub fn start(manner: Manner, level: &str, journal: bool, colours: Colours) {
    if MANNER.set(manner).is_err() {
        return;
    }
    // It is not set yet, or `MANNER` were.
    let _ = COLOURS.set(colours);
    if manner == Manner::Lossy {
        // Without that thread the queue fills, and what is dropped is counted all the same.
        let _ = std::thread::Builder::new().name("log".to_owned()).spawn(|| QUEUE.pump(&mut io::stderr(), confess));
        std::panic::set_hook(Box::new(panicked));
    }
    // What could not be logged is not said on a standard error that may be closed.
    let builder = tracing_subscriber::fmt().with_env_filter(EnvFilter::new(level)).log_internal_errors(false);
    if journal {
        builder.with_writer(Line).event_format(journal::Journal).init();
    } else {
        builder.with_writer(Line).with_target(false).with_ansi(colours.log).init();
    }
}

/// A remark for whoever started the program, on the way of the log so that the order is kept.
pub fn remark(text: &str) {
    // A line takes any text.
    let _ = Line.write(format!("{}\n", text.trim_end()).as_bytes());
}

/// Lines that nobody could read, since the start.
pub fn dropped() -> u64 {
    QUEUE.dropped()
}

/// Waits until what was logged is written, for a moment.
pub fn flush() {
    const MOMENT: Duration = Duration::from_secs(1);
    QUEUE.flush(MOMENT);
}

/// Through the log like everything else; the line keeps its place in the queue.
fn confess(lines: u64, in_all: u64) {
    tracing::warn!(lines, in_all, "lines of the log were dropped: nobody read standard error in time");
}

fn panicked(info: &std::panic::PanicHookInfo<'_>) {
    let trace = std::backtrace::Backtrace::capture();
    tracing::error!(%info, %trace, "a panic");
}

/// Takes whole lines; never fails.
#[derive(Clone, Copy)]
struct Line;

impl Write for Line {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        match MANNER.get() {
            Some(Manner::Lossy) => QUEUE.push(line),
            // There is nobody to tell that there is nobody.
            _ => drop(io::stderr().write_all(line)),
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Line {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        Self
    }
}
