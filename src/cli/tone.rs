//! How a verb speaks: in colour or not, and how much. Decided once, from the options and the environment.

use std::io::IsTerminal as _;
use std::sync::atomic::{AtomicBool, Ordering};

use clap::ValueEnum;

use super::instance::fitted;
use super::output::say;
use crate::logging::{self, Colours};
use crate::messages::hostile::lines;

/// When to colour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum Colour {
    /// On a terminal, unless `NO_COLOR` is set (no-color.org).
    #[default]
    Auto,
    Always,
    Never,
}

/// The options that every verb has.
#[derive(Clone, Copy, Debug, Default, clap::Args)]
pub(super) struct Tone {
    /// When to colour; NO_COLOR in the environment means never, where this does not say.
    #[arg(long, value_enum, value_name = "WHEN", default_value_t, global = true)]
    color: Colour,
    /// Say nothing but what was asked for: no remarks and no confirmations; log errors alone, and the daemon's warnings.
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    quiet: bool,
    /// Log what is done; twice, in detail.
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    verbose: u8,
}

static QUIET: AtomicBool = AtomicBool::new(false);

impl Tone {
    /// Holds for the rest of the process. `no_color`: the environment asks for none.
    pub(super) fn set(self, no_color: bool) -> Colours {
        QUIET.store(self.quiet, Ordering::Relaxed);
        let colour = |terminal| self.colours(terminal, no_color);
        Colours { output: colour(std::io::stdout().is_terminal()), log: colour(std::io::stderr().is_terminal()) }
    }

    fn colours(self, terminal: bool, no_color: bool) -> bool {
        match self.color {
            Colour::Always => true,
            Colour::Never => false,
            Colour::Auto => terminal && !no_color,
        }
    }

    /// The level of the log, of the daemon or of a verb.
    pub(super) fn level(self, daemon: bool) -> &'static str {
        const LEVELS: [&str; 5] = ["error", "warn", "info", "namewarden=debug,info", "debug"];
        let usual = if daemon { 2 } else { 1 };
        let level = if self.quiet { usual - 1 } else { usual + usize::from(self.verbose) };
        LEVELS[level.min(LEVELS.len() - 1)]
    }
}

/// A remark that nobody asked for.
pub(super) fn hint(text: &str) {
    if !QUIET.load(Ordering::Relaxed) {
        logging::remark(&fitted(&lines(text)));
    }
}

/// That something was done, which the exit status says too.
pub(super) fn confirm(text: &str) {
    if !QUIET.load(Ordering::Relaxed) {
        say(text);
    }
}

/// Colours of ours, by what they mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Paint {
    Bad,
    Doubtful,
    Good,
    Strong,
}

/// The text in colour, for standard output.
pub(super) fn paint(paint: Paint, text: &str) -> String {
    let code = match paint {
        _ if !logging::colours().output => return text.to_owned(),
        Paint::Bad => "1;31",
        Paint::Doubtful => "1;33",
        Paint::Good => "32",
        Paint::Strong => "1",
    };
    format!("\u{1b}[{code}m{text}\u{1b}[0m")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_option_is_stronger_than_the_environment_and_that_than_the_terminal() {
        let tone = |color| Tone { color, ..Tone::default() };
        let all = |color| [(true, false), (true, true), (false, false)].map(|(t, no)| tone(color).colours(t, no));
        assert_eq!(all(Colour::Auto), [true, false, false]);
        assert_eq!(all(Colour::Always), [true; 3]);
        assert_eq!(all(Colour::Never), [false; 3]);
    }

    #[test]
    fn each_step_logs_more_and_the_daemon_one_more_than_a_verb() {
        let levels = |daemon| {
            let quiet = Tone { quiet: true, ..Tone::default() }.level(daemon);
            let loud = [0, 1, 2, 200].map(|verbose| Tone { verbose, ..Tone::default() }.level(daemon));
            (quiet, loud)
        };
        assert_eq!(levels(false), ("error", ["warn", "info", "namewarden=debug,info", "debug"]));
        assert_eq!(levels(true), ("warn", ["info", "namewarden=debug,info", "debug", "debug"]));
    }
}
