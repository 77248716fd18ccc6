//! The words of pages for what the service says by a word.

use crate::api::v1::{Issue, Level, Status, Waits, WouldPipTake};

/// As the beginning of a sentence.
pub(in crate::api::web) fn upper(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|c| c.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

/// How the watch stands, in a few words. What is open is never left out of them.
pub(super) fn headline(of: &Status) -> &'static str {
    let is_open = of.overview.pages.cases + of.overview.alerts.cases > 0;
    match of.level {
        Level::Ok if is_open => "All is covered, and what is open is in time",
        Level::Ok => "All is covered",
        Level::Warning => "Covered, and something wants a hand",
        Level::Critical if of.running => "Somebody has to look now",
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

/// What happened to a claim; a kind that is newer than this is called as the trail has it.
pub(super) fn step(event: &str) -> &str {
    match event {
        "plan" => "planned",
        "announced" => "the owner was told, and may stop it",
        "approve" => "approved",
        "reject" => "rejected",
        "abandon" => "abandoned",
        "release" => "let go: it may be published",
        "retry" => "to be tried again",
        "rehearsed" => "the package was built and checked",
        "unfit" => "no package could be made",
        "hindered" => "the index, or the way to it, did not do its part",
        "begin" => "the upload began",
        "accepted" => "PyPI took a file",
        "set-back" => "PyPI did not take it",
        "unanswered" => "no answer came",
        "created" => "the project was made on PyPI",
        "looked" => "PyPI was looked at",
        "found" => "PyPI has it already, as our package",
        other => other,
    }
}
