//! A project that we published, and that is not as we left it.

use super::super::Time;

/// What became of it. Its claim stays *ours*, since it was us who made the project; this says what that is worth.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Astray {
    /// "held by mallory"; hostile text.
    pub what: String,
    pub since: Time,
    /// Does somebody who is not ours hold it?
    pub foreign: bool,
    /// Is nothing there any more, so that anybody can take the name?
    pub gone: bool,
    /// Has a person found that right?
    pub accepted: bool,
}

impl Astray {
    /// In a line, without a command in it, whatever strangers wrote.
    pub fn says(&self) -> String {
        let what = self.what.replace('`', "'");
        let right = if self.accepted { ", which somebody found right" } else { "" };
        format!("{what} since {}{right}", self.since.format("%F %H:%M UTC"))
    }
}
