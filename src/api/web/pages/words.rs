//! The words of pages for what the service says by a word.

use crate::api::v1::{Issue, Level, Waits, WouldPipTake};

/// As the beginning of a sentence.
pub(in crate::api::web) fn upper(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|c| c.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

/// How the watch stands, in a few words.
pub(super) fn headline(level: Level, running: bool) -> &'static str {
    match level {
        Level::Ok => "All is covered",
        Level::Warning => "Covered, and something wants a hand",
        Level::Critical if running => "Somebody has to look now",
        Level::Critical => "Nobody watches",
    }
}

pub(super) fn pip(of: WouldPipTake) -> &'static str {
    match of {
        WouldPipTake::No => "pip would not take it",
        WouldPipTake::Unknown => "not known if pip takes it",
        WouldPipTake::Yes => "pip would take it",
    }
}

/// Where what waits is done.
pub(super) fn place(of: &Waits) -> &'static str {
    match of.what.as_str() {
        "pages" => "/findings?state=open&tier=page",
        "alerts" => "/findings?state=open&tier=alert",
        "approval" | "claims" => "/claims",
        "taken" => "/inventory?exposure=taken",
        "exposed" => "/inventory?exposure=exposed",
        "health" | "channels" => "/health",
        _ => "/",
    }
}

/// Only names that could not be read wait for a person.
pub(super) fn is_by_hand(of: &Issue) -> bool {
    of.what == "unreadable"
}
