//! Text that Slack takes as it stands: no markup is read in it, and nobody called.

use serde_json::{Value, json};

use super::super::hostile::slack;
use super::super::marks::bare;

/// A `plain_text` object of at most so many of the units that Slack counts.
pub(super) fn plain(text: &str, cap: usize) -> Value {
    json!({"type": "plain_text", "text": slack(&bare(text), cap), "emoji": false})
}
