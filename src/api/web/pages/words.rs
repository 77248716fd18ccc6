//! The words of pages for what the service says by a word.

use crate::api::v1::{Issue, Level, Waits, WouldPipTake};
use crate::model::count;

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

/// What waits, and where it is done.
pub(super) fn errand(of: &Waits) -> (String, &'static str) {
    let (singular, plural, link) = match of.what.as_str() {
        "pages" => ("page to answer", "pages to answer", "/findings?state=open&tier=page"),
        "alerts" => ("alert to answer", "alerts to answer", "/findings?state=open&tier=alert"),
        "approval" => ("claim to approve", "claims to approve", "/claims"),
        "claims" => ("claim to carry on", "claims to carry on", "/claims"),
        "taken" => ("name that is taken", "names that are taken", "/inventory?exposure=taken"),
        "exposed" => ("name that is exposed", "names that are exposed", "/inventory?exposure=exposed"),
        "health" => ("health case", "health cases", "/health"),
        "channels" => ("channel that does not deliver", "channels that do not deliver", "/health"),
        other => return (format!("{} {other}", of.count), "/"),
    };
    (count(of.count, singular, plural), link)
}

pub(super) fn whom(of: &Waits) -> String {
    match (of.whom.as_str(), &of.owner) {
        ("owner", Some(owner)) => super::parts::plain(owner),
        ("approver", _) => "An approver".to_owned(),
        ("operator", _) => "Who runs the watch".to_owned(),
        (other, _) => upper(other),
    }
}

/// Only names that could not be read wait for a person.
pub(super) fn is_by_hand(of: &Issue) -> bool {
    of.what == "unreadable"
}
