//! Buttons below a review that is held, and a field for why. What is pressed comes to `src/api/web/slack`, which holds it against the review as it is by
//! then: a button says which review it means, and which files stood there.
//!
//! docs.slack.dev, "Actions block", "Input block" (messages may hold one), "Button element".

use serde_json::{Value, json};

use super::super::layout::Decide;
use super::plain::plain;

/// What is done, as the gate calls it.
pub const APPROVE: &str = "approve";
pub const REJECT: &str = "reject";
/// The field, and the block that it stands in: a message has several.
pub const REASON: &str = "reason";

pub fn reason_block(review: i64) -> String {
    format!("reason-{review}")
}

/// What a button carries.
pub(crate) fn value(review: i64, files_key: &str) -> String {
    format!("{review} {files_key}")
}

/// The review and the key of its files.
pub fn meant(value: &str) -> Option<(i64, &str)> {
    let (review, files_key) = value.split_once(' ')?;
    let is_key = !files_key.is_empty() && files_key.bytes().all(|b| b.is_ascii_alphanumeric());
    Some((review.parse().ok()?, files_key)).filter(|_| is_key)
}

/// Longest reason, letters.
const LONGEST: usize = 500;

pub(super) fn blocks(of: &Decide) -> [Value; 2] {
    let Decide { review, files_key, release } = of;
    let field = json!({"type": "plain_text_input", "action_id": REASON, "max_length": LONGEST});
    let label = plain(&format!("Why, for review {review}: it stays with it, and is shown to whoever asks"), 150);
    let why =
        json!({"type": "input", "block_id": reason_block(*review), "optional": true, "label": label, "element": field});
    let value = value(*review, files_key);
    let button = |act: &str, style: &str, says: &str, asks: &str| {
        let confirm = json!({"title": plain(says, 100), "text": plain(asks, 300), "confirm": plain(says, 30), "deny": plain("Not yet", 30)});
        json!({"type": "button", "action_id": act, "style": style, "text": plain(says, 75), "value": value, "confirm": confirm})
    };
    let approve = format!("The files of {release} that this message speaks of are given out to everybody who asks.");
    let reject = format!("{release} is given out to nobody, however old it gets.");
    let approve = button(APPROVE, "primary", "Approve these files", &approve);
    let reject = button(REJECT, "danger", "Reject this version", &reject);
    [why, json!({"type": "actions", "block_id": format!("review-{review}"), "elements": [approve, reject]})]
}
