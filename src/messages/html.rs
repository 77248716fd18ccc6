//! The HTML form of a mail. askama escapes every value; `hostile::line` has removed what no escaping would.

use askama::Template;

use super::hostile::{line, link};
use super::layout::{Action, Answer, Card, Layout, Tone};
use super::marks::{Piece, bare, partitions};
use crate::model::AnswerLink;

/// What a list of mails shows beside the subject, in characters; most clients show less.
const PREVIEW: usize = 160;

/// `templates/mail.html`. Texts are in partitions, so that names and commands look like what they are.
#[derive(Template)]
#[template(path = "mail.html")]
struct Document {
    subject: String,
    /// What a list of mails shows before anything is opened.
    preview: String,
    colour: &'static str,
    kicker: String,
    verdict: Text,
    about: Text,
    lead: Vec<Text>,
    answer: Option<Answering>,
    dashboard: Option<String>,
    actions: Vec<Doing>,
    cards: Vec<Block>,
    more: Vec<Text>,
    closing: Vec<Text>,
}

type Text = Vec<Piece>;

struct Answering {
    title: &'static str,
    command: String,
    text: Text,
    link: Option<String>,
}

struct Doing {
    text: Text,
    command: Option<String>,
}

struct Block {
    title: Text,
    address: Option<String>,
    rows: Vec<(&'static str, Text)>,
    link: Option<String>,
    dashboard: Option<String>,
}

pub(crate) fn document(layout: &Layout) -> String {
    let document = Document {
        subject: line(&layout.subject),
        preview: preview(layout),
        colour: colour(layout.tone),
        kicker: line(&layout.kicker),
        verdict: text(&layout.verdict),
        about: text(&layout.about),
        lead: texts(&layout.lead),
        answer: layout.answer.as_ref().map(answering),
        dashboard: page(&layout.dashboard),
        actions: layout.actions.iter().map(doing).collect(),
        cards: layout.cards.iter().map(block).collect(),
        more: texts(&layout.more),
        closing: texts(&layout.closing),
    };
    document.render().unwrap_or_else(|error| format!("<p>The page could not be rendered ({error}); read the text.</p>"))
}

/// Dark enough for white letters (WCAG 2.1, contrast of at least 4.5), and the same where all else is dark.
fn colour(tone: Tone) -> &'static str {
    match tone {
        Tone::Page => "#b3261e",
        Tone::Alert => "#9a5b00",
        Tone::Digest => "#3b5b7a",
        Tone::Good => "#2e6b3a",
    }
}

fn preview(layout: &Layout) -> String {
    super::hostile::shown(&bare(&layout.gist().join(" ")), PREVIEW)
}

fn text(text: &str) -> Text {
    partitions(&line(text))
}

fn texts(texts: &[String]) -> Vec<Text> {
    texts.iter().map(|text| self::text(text)).collect()
}

fn answering(answer: &Answer) -> Answering {
    Answering {
        title: answer.title,
        command: line(&answer.command),
        text: text(&answer.text),
        link: address(&answer.link),
    }
}

/// Ours, from a base that the configuration names and letters of base64url.
fn address(of: &Option<AnswerLink>) -> Option<String> {
    of.as_ref().and_then(|of| link(of.expose())).map(str::to_owned)
}

fn page(of: &Option<String>) -> Option<String> {
    of.as_deref().and_then(link).map(str::to_owned)
}

fn doing(action: &Action) -> Doing {
    Doing { text: text(&action.text), command: action.command.as_deref().map(line) }
}

fn block(card: &Card) -> Block {
    let rows = card.rows.iter().map(|row| (row.label, text(&row.value))).collect();
    let (address, link) = (card.address.as_deref().map(line), address(&card.link));
    Block { title: text(&card.title), address, rows, link, dashboard: page(&card.dashboard) }
}
