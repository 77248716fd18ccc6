//! Lines of a `rich_text` block (docs.slack.dev, "Rich text block"): stretches of text with a style, taken as they stand.

use serde_json::{Value, json};

use super::super::hostile::slack_rich;
use super::super::marks::partitions;

/// The longest stretch: more of one would leave no room for its neighbours.
const STRETCH: usize = 1_500;
/// The longest line; a link may follow.
const LINE: usize = 2_900;

/// One line and its length, in the UTF-16 units that Slack counts.
pub(super) struct Line {
    elements: Vec<Value>,
    units: usize,
}

impl Line {
    pub(super) fn of(text: &str) -> Self {
        Self { elements: Vec::new(), units: 0 }.with(text, false)
    }

    pub(super) fn bold(text: &str) -> Self {
        Self { elements: Vec::new(), units: 0 }.with(text, true)
    }

    /// `Label: text`.
    pub(super) fn labelled(label: &str, text: &str) -> Self {
        Self::bold(&format!("{label}: ")).with(text, false)
    }

    /// `text` that leads to one of our own addresses.
    pub(super) fn with_link(mut self, address: &str, text: &str) -> Self {
        self = self.with("  ", false);
        self.units += text.len();
        self.elements.push(json!({"type": "link", "url": address, "text": text}));
        self
    }

    fn with(mut self, text: &str, bold: bool) -> Self {
        for piece in partitions(text) {
            let text = slack_rich(&piece.text, STRETCH.min(LINE.saturating_sub(self.units)));
            if text.is_empty() {
                continue;
            }
            self.units += text.encode_utf16().count();
            self.elements.push(match (bold, piece.code) {
                (false, false) => json!({"type": "text", "text": text}),
                (false, true) => json!({"type": "text", "text": text, "style": {"code": true}}),
                (true, false) => json!({"type": "text", "text": text, "style": {"bold": true}}),
                (true, true) => json!({"type": "text", "text": text, "style": {"bold": true, "code": true}}),
            });
        }
        self
    }
}

/// A command in a box of its own.
pub(super) fn preformatted(text: &str) -> Value {
    json!({"type": "rich_text_preformatted", "elements": [{"type": "text", "text": slack_rich(text, STRETCH)}]})
}

/// Lines packed into as few blocks as hold them, none over `most` units.
pub(super) fn blocks(lines: Vec<Line>, most: usize) -> Vec<Value> {
    let mut packed: Vec<Line> = Vec::new();
    for line in lines.into_iter().filter(|line| !line.elements.is_empty()) {
        match packed.last_mut() {
            Some(block) if block.units + 1 + line.units <= most => {
                block.elements.push(json!({"type": "text", "text": "\n"}));
                block.elements.extend(line.elements);
                block.units += 1 + line.units;
            }
            _ => packed.push(line),
        }
    }
    let section = |line: Line| json!({"type": "rich_text_section", "elements": line.elements});
    packed.into_iter().map(|line| json!({"type": "rich_text", "elements": [section(line)]})).collect()
}

/// The text of a block and of all that it holds.
pub(super) fn units(value: &Value) -> usize {
    match value {
        Value::Object(fields) => {
            let own = fields.get("text").and_then(Value::as_str).map_or(0, |text| text.encode_utf16().count());
            own + fields.values().map(units).sum::<usize>()
        }
        Value::Array(values) => values.iter().map(units).sum(),
        _ => 0,
    }
}
