//! The Slack form: Block Kit. Texts go into `rich_text` blocks and `plain_text` objects, where no markup and no mention is
//! read; the one `mrkdwn` object holds the operator's own mention and nothing else.
//!
//! Limits are those of docs.slack.dev, "Blocks": 50 blocks a message, 150 characters in a header, 3,000 in a section's
//! text, which `rich_text` keeps to here. Past some 13,000 in all blocks Slack answers `msg_blocks_too_long`.

pub mod buttons;
mod plain;
mod rich;

use serde_json::{Value, json};

use super::hostile::{link, slack};
use super::layout::{ANSWER, Action, Answer, Card, DASHBOARD, Layout, Tone};
use super::marks::{bare, code};
use crate::model::{AnswerLink, Mention};
use plain::plain;
use rich::Line;

const BLOCKS: usize = 50;
const HEADER: usize = 150;
/// Of one text.
const TEXT: usize = 3_000;
/// Of all blocks.
const MESSAGE: usize = 12_000;
/// Of the last block, which is always there.
const CLOSING: usize = 1_000;
/// Slack recommends 4,000 characters of `text` and cuts at 40,000.
const FALLBACK: usize = 3_500;

pub(crate) fn message(layout: &Layout, mention: Option<&Mention>) -> Value {
    let mut blocks = vec![header(layout)];
    blocks.extend(mention.map(call));
    blocks.extend(rich::blocks(head(layout), TEXT));
    blocks.extend(layout.answer.iter().flat_map(answer));
    blocks.extend(rich::blocks(dashboard(layout).into_iter().collect(), TEXT));
    let actions = layout.actions.iter().enumerate().flat_map(|(at, action)| self::action(at + 1, action));
    blocks.extend(titled("What to do now", actions.collect()));
    blocks.extend(layout.cards.iter().flat_map(card));
    blocks.extend(titled("Also", layout.more.iter().map(|text| Line::of(text)).collect()));
    let mut blocks = within_limits(blocks, &layout.overflow);
    blocks.push(json!({"type": "context", "elements": [plain(&layout.closing.join(" "), CLOSING)]}));
    let mut message = envelope(notification(layout));
    message["blocks"] = Value::Array(blocks);
    message
}

/// Text alone: everything but the closing, as far as it fits.
pub(crate) fn bare_message(layout: &Layout, mention: Option<&Mention>) -> Value {
    let mut texts = vec![layout.subject.clone(), layout.about.clone()];
    texts.extend(layout.lead.iter().cloned());
    texts.extend(layout.answer.iter().map(|answer| answer.command.clone()));
    let links = layout.answer.iter().filter_map(|answer| answer.link.as_ref());
    texts.extend(links.map(|link| format!("{ANSWER}: {}", link.expose())));
    texts.extend(layout.dashboard.iter().map(|page| format!("{DASHBOARD}: {page}")));
    texts.extend(layout.actions.iter().enumerate().flat_map(|(at, action)| {
        let text = format!("{}. {}", at + 1, action.text);
        std::iter::once(text).chain(action.command.iter().map(|command| format!("    {command}")))
    }));
    for card in &layout.cards {
        texts.push(card.title.clone());
        texts.extend(card.rows.iter().map(|row| format!("{}: {}", row.label, row.value)));
    }
    let call = mention.map(|mention| format!("{}\n", mention.as_str())).unwrap_or_default();
    envelope(call + &slack(&bare(&texts.join("\n")), FALLBACK))
}

fn envelope(text: String) -> Value {
    json!({ "text": text, "mrkdwn": false, "link_names": false, "unfurl_links": false, "unfurl_media": false })
}

/// What a phone shows before anything is opened.
fn notification(layout: &Layout) -> String {
    let texts: Vec<&str> = std::iter::once(layout.subject.as_str()).chain(layout.gist()).collect();
    slack(&bare(&texts.join("\n")), FALLBACK)
}

/// The tier in colour, and how bad it is.
fn header(layout: &Layout) -> Value {
    let colour = match layout.tone {
        Tone::Page => "🔴",
        Tone::Alert => "🟠",
        Tone::Digest => "🔵",
        Tone::Good => "🟢",
    };
    json!({"type": "header", "text": plain(&format!("{colour} {}: {}", layout.mark.to_uppercase(), layout.verdict), HEADER)})
}

/// A block of its own, so that nothing but the operator's words is ever read as a mention.
fn call(mention: &Mention) -> Value {
    json!({"type": "section", "text": {"type": "mrkdwn", "text": mention.as_str(), "verbatim": true}})
}

fn head(layout: &Layout) -> Vec<Line> {
    let mut lines = vec![Line::bold(&layout.about)];
    lines.extend(layout.lead.iter().map(|text| Line::of(text)));
    lines
}

/// The command stands alone, where one gesture copies it.
fn answer(answer: &Answer) -> Vec<Value> {
    let mut blocks = rich::blocks(vec![linked(Line::labelled(answer.title, &answer.text), &answer.link)], TEXT);
    if let Some(elements) = blocks.first_mut().and_then(|block| block["elements"].as_array_mut()) {
        elements.push(rich::preformatted(&answer.command));
    }
    blocks
}

/// A link and no button: whoever presses one of those is told that the app takes no answers, unless it does.
fn linked(line: Line, to: &Option<AnswerLink>) -> Line {
    match to.as_ref().and_then(|to| link(to.expose())) {
        Some(address) => line.with_link(address, ANSWER),
        None => line,
    }
}

fn dashboard(layout: &Layout) -> Option<Line> {
    let page = layout.dashboard.as_deref().and_then(link)?;
    Some(Line::of(&format!("{DASHBOARD}:")).with_link(page, "open it"))
}

fn action(number: usize, action: &Action) -> Vec<Line> {
    let text = Line::of(&format!("{number}. {}", action.text));
    std::iter::once(text).chain(action.command.iter().map(|command| Line::of(&code(command)))).collect()
}

fn titled(title: &str, lines: Vec<Line>) -> Vec<Value> {
    if lines.is_empty() {
        return Vec::new();
    }
    rich::blocks(std::iter::once(Line::bold(title)).chain(lines).collect(), TEXT)
}

fn card(card: &Card) -> Vec<Value> {
    let title = Line::bold(&card.title);
    let title = match card.address.as_deref().and_then(link) {
        Some(address) => title.with_link(address, "its page on PyPI"),
        None => title,
    };
    let title = match card.dashboard.as_deref().and_then(link) {
        Some(page) => title.with_link(page, "on the dashboard"),
        None => title,
    };
    let title = linked(title, &card.link);
    let rows = card.rows.iter().map(|row| Line::labelled(row.label, &row.value));
    let mut blocks = vec![json!({"type": "divider"})];
    blocks.extend(rich::blocks(std::iter::once(title).chain(rows).collect(), TEXT));
    blocks.extend(card.decide.iter().flat_map(buttons::blocks));
    blocks
}

/// The first blocks that Slack takes, and a word where some are left out.
fn within_limits(blocks: Vec<Value>, overflow: &str) -> Vec<Value> {
    let (all, mut left) = (blocks.len(), MESSAGE - CLOSING);
    let fits = |block: &Value| {
        let rest = left.checked_sub(rich::units(block));
        left = rest.unwrap_or_default();
        rest.is_some()
    };
    let mut kept: Vec<Value> = blocks.into_iter().take(BLOCKS - 2).take_while(fits).collect();
    if kept.len() < all {
        kept.extend(rich::blocks(vec![Line::of(overflow)], TEXT));
    }
    kept
}
