//! `namewarden status`: how the watch stands, in the words and with the exit status of a Nagios plugin.
//!
//! Monitoring Plugins Development Guidelines: the first line says the verdict, then `|` and figures for graphs; the rest is
//! for people. 0 is OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN.

mod asked;
mod live;
mod screen;
#[cfg(test)]
mod tests;
mod words;
mod wrapped;

use std::process::ExitCode;
use std::time::Duration;

use super::call::Call;
use super::failure::Failure;
use super::format::Format;
use super::output::{say, show};
use crate::api::v1::{Level, NoStatus, Untold};
use words::{for_people, plain, word};

pub(super) const UNKNOWN: u8 = 3;

/// Show how the watch stands, as a Nagios plugin does: 0 well, 1 something undelivered or one feed down, 2 no daemon,
/// blind, stale or a page overdue, 3 cannot tell.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// How to print it.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
    /// Show it on the whole terminal, with the cases that need somebody, until q is pressed.
    #[arg(long, conflicts_with = "format")]
    pub watch: bool,
    /// How often to look, with --watch: 1 to 3600.
    #[arg(long, value_name = "SECONDS", default_value_t = 2, requires = "watch",
          value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub every: u64,
}

impl Args {
    /// Never fails but for a terminal that is none: what cannot be told is a status too.
    pub(super) async fn run(self, call: &Call) -> Result<ExitCode, Failure> {
        if self.watch {
            let ended = live::run(call, Duration::from_secs(self.every)).await;
            return ended.map_err(|failure| Failure { status: UNKNOWN, ..failure });
        }
        match asked::status(call).await {
            Ok(status) => {
                show(self.format, &status, for_people);
                Ok(ExitCode::from(code(status.level)))
            }
            Err((level, reason)) => Ok(without(self.format, level, &reason)),
        }
    }
}

/// Wrong usage of this verb: to whoever only sees the first line, it cannot tell.
pub(super) fn misused(error: &clap::Error) -> ExitCode {
    let text = error.to_string();
    let first = text.lines().next().unwrap_or_default().trim_start_matches("error: ");
    say(&format!("NAMEWARDEN UNKNOWN - wrong usage: {}", plain(first)));
    // Where standard error is closed, the first line has said it.
    let _ = error.print();
    ExitCode::from(UNKNOWN)
}

fn code(level: Level) -> u8 {
    match level {
        Level::Ok => 0,
        Level::Warning => 1,
        Level::Critical => 2,
    }
}

/// There is nothing to show but why.
fn without(format: Format, level: Untold, reason: &str) -> ExitCode {
    let (word, code) = match level {
        Untold::Critical => (word(Level::Critical), code(Level::Critical)),
        Untold::Unknown => ("UNKNOWN", UNKNOWN),
    };
    show(format, &NoStatus::new(level, reason), |_| format!("NAMEWARDEN {word} - {}", plain(reason)));
    ExitCode::from(code)
}
