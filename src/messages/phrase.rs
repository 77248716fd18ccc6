//! Times, lengths and lists as parts of a sentence.

use crate::model::Time;
pub use crate::model::count;

/// `2022-12-25 22:05:11 UTC`.
pub fn clock(time: Time) -> String {
    time.format("%Y-%m-%d %H:%M:%S UTC").to_string()
}

/// How long, in the largest unit that says enough: `4 s`, `12 min`, `3 h`, `5 days`.
pub fn span(from: Time, to: Time) -> String {
    match (to - from).num_seconds().max(0) {
        s @ 0..120 => format!("{s} s"),
        s @ 120..7_200 => format!("{} min", s / 60),
        s @ 7_200..172_800 => format!("{} h", s / 3_600),
        s => format!("{} days", s / 86_400),
    }
}

/// The first `cap` of a list, and how many follow.
pub fn listed(items: &[String], cap: usize) -> String {
    let head = items.iter().take(cap).cloned().collect::<Vec<_>>().join(", ");
    match items.len().saturating_sub(cap) {
        0 => head,
        rest => format!("{head} and {rest} more"),
    }
}

/// Within a sentence.
pub(crate) fn lower(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|c| c.to_lowercase().chain(chars).collect()).unwrap_or_default()
}

/// At the beginning of one.
pub fn upper(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|c| c.to_uppercase().chain(chars).collect()).unwrap_or_default()
}
