//! The Slack form: Block Kit whose every word is in a `plain_text` object, where no markup and no mention works.
//!
//! The one `mrkdwn` object is the link to the project's page. Limits are those of docs.slack.dev, "Blocks": 50 blocks
//! a message, 150 characters in a header, 3,000 in a section's text.

use crate::model::Mention;
use serde_json::{Value, json};

use super::hostile::{link, slack};
use super::sheet::{Card, Sheet, Step};

const BLOCKS: usize = 50;
const HEADER: usize = 150;
const SECTION: usize = 3_000;
/// Slack recommends 4,000 characters of `text` and cuts at 40,000.
const FALLBACK: usize = 3_500;

pub(crate) fn message(sheet: &Sheet, mention: Option<&Mention>) -> Value {
    let mut blocks = vec![json!({"type": "header", "text": plain(&sheet.subject, HEADER)})];
    blocks.extend(mention.map(call));
    blocks.extend(sections(sheet.lead.clone()));
    blocks.extend(sheet.cards.iter().flat_map(card));
    let mut more = sheet.more.clone();
    if !more.is_empty() {
        more.insert(0, "Also".to_owned());
    }
    blocks.extend(sections(more));
    let steps: Vec<String> = sheet.steps.iter().enumerate().flat_map(|(at, step)| lines(at + 1, step)).collect();
    if !steps.is_empty() {
        blocks.push(json!({"type": "divider"}));
    }
    blocks.extend(sections(steps));
    blocks.truncate(BLOCKS - 1);
    blocks.push(json!({"type": "context", "elements": [plain(&sheet.closing.join(" "), 2_000)]}));
    let mut message = envelope(notification(sheet));
    message["blocks"] = Value::Array(blocks);
    message
}

/// Text alone: everything but the closing, as far as it fits.
pub(crate) fn bare(sheet: &Sheet, mention: Option<&Mention>) -> Value {
    let mut texts = vec![sheet.subject.clone()];
    texts.extend(sheet.lead.iter().cloned());
    for card in &sheet.cards {
        texts.push(card.title.clone());
        texts.extend(rows(card));
    }
    texts.extend(sheet.steps.iter().enumerate().flat_map(|(at, step)| lines(at + 1, step)));
    let call = mention.map(|mention| format!("{}\n", mention.as_str())).unwrap_or_default();
    envelope(call + &slack(&texts.join("\n"), FALLBACK))
}

/// A block of its own, so that nothing but the operator's words is ever read as a mention.
fn call(mention: &Mention) -> Value {
    json!({"type": "section", "text": {"type": "mrkdwn", "text": mention.as_str(), "verbatim": true}})
}

fn envelope(text: String) -> Value {
    json!({ "text": text, "mrkdwn": false, "link_names": false, "unfurl_links": false, "unfurl_media": false })
}

/// What a phone shows before anything is opened: the subject, and the first thing to know.
fn notification(sheet: &Sheet) -> String {
    let first = sheet.cards.first().and_then(|card| rows(card).next());
    let texts: Vec<String> = std::iter::once(sheet.subject.clone()).chain(first).collect();
    slack(&texts.join("\n"), FALLBACK)
}

fn plain(text: &str, cap: usize) -> Value {
    json!({"type": "plain_text", "text": slack(text, cap), "emoji": false})
}

fn rows(card: &Card) -> impl Iterator<Item = String> {
    card.rows.iter().map(|row| format!("{}: {}", row.label, row.value))
}

fn card(card: &Card) -> Vec<Value> {
    let mut blocks = vec![json!({"type": "divider"})];
    blocks.extend(sections(std::iter::once(card.title.clone()).chain(rows(card)).collect()));
    if let Some(page) = card.page.as_deref().and_then(link) {
        let text = format!("<{}|Open its page on PyPI>", page.replace('&', "&amp;"));
        blocks.push(json!({"type": "context", "elements": [{"type": "mrkdwn", "text": text, "verbatim": true}]}));
    }
    blocks
}

fn lines(number: usize, step: &Step) -> Vec<String> {
    let text = format!("{number}. {}", step.text);
    std::iter::once(text).chain(step.command.iter().map(|command| format!("    {command}"))).collect()
}

/// Lines packed into as few sections as hold them, none over Slack's limit once escaped.
fn sections(lines: Vec<String>) -> Vec<Value> {
    let mut texts: Vec<String> = Vec::new();
    for line in lines {
        let line = slack(&line, SECTION);
        match texts.last_mut() {
            Some(text) if units(text) + 1 + units(&line) <= SECTION => {
                text.push('\n');
                text.push_str(&line);
            }
            _ => texts.push(line),
        }
    }
    let section = |text| json!({"type": "section", "text": {"type": "plain_text", "text": text, "emoji": false}});
    texts.into_iter().filter(|text| !text.is_empty()).map(section).collect()
}

fn units(text: &str) -> usize {
    text.encode_utf16().count()
}
