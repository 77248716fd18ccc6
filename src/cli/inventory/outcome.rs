//! What a verb about inventory files prints, and how it ends.

use std::process::ExitCode;

use serde::Serialize;

use super::super::format::Format;
use super::super::instance::fitted;
use super::super::output::say;

/// What a verb prints, and whether it found something to end with status 3 for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Printed {
    /// For standard output; ends with a line feed unless empty.
    pub text: String,
    pub found: bool,
}

pub(super) fn ended(format: Format, outcome: &Printed) -> ExitCode {
    match format {
        Format::Human => say(&fitted(&outcome.text)),
        Format::Json if outcome.text.is_empty() => {}
        Format::Json => say(&outcome.text),
    }
    ExitCode::from(if outcome.found { 3 } else { 0 })
}

/// A reply on a line of its own.
pub(super) fn line(reply: &impl Serialize) -> String {
    serde_json::to_string(reply).unwrap_or_default() + "\n"
}
