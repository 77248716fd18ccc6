//! The page: one file without a script or a request, light or dark, on paper too. askama escapes every value; `hostile::line`
//! has removed what no escaping would. Pictures are drawn in the page, or are parts of the mail that has them.

use std::io::{self, Write};

use askama::Template;

use super::chart::{Chart, WIDTH};
use super::page::{Block, Section, Sheet, TableBlock};
use crate::messages::hostile::line;
use crate::messages::marks::{Piece, partitions};

/// How its charts get there.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Pictures {
    Drawn,
    /// By the names of parts of the same mail (RFC 2392).
    Attached,
}

/// `templates/report.html`.
#[derive(Template)]
#[template(path = "report.html")]
struct Document<'r> {
    title: String,
    kicker: String,
    verdict: String,
    colour: &'static str,
    lead: Vec<MarkedText>,
    figures: Vec<(&'static str, MarkedText)>,
    dashboard: Option<String>,
    parts: Vec<Part<'r>>,
    closing: String,
    /// Many mail programs read no style but that of the element itself.
    mail: bool,
}

/// A text and what in it is code.
pub(crate) type MarkedText = Vec<Piece>;

struct Part<'r> {
    title: &'static str,
    blocks: Vec<Shown<'r>>,
}

enum Shown<'r> {
    Text(MarkedText),
    /// Our own drawing, and the same in words.
    Svg {
        svg: String,
        text: String,
    },
    Picture {
        name: &'static str,
        text: String,
        width: u32,
        height: u32,
    },
    Table(TableBlock<'r>),
}

/// A cell of a table.
struct Cell {
    /// Its column, which a telephone shows beside it instead of above.
    of: &'static str,
    text: MarkedText,
    /// A date or a word: it is not broken.
    short: bool,
}

/// Letters of a short one, at most.
const SHORT: usize = 16;

pub(super) fn html(page: Sheet<'_>, pictures: Pictures) -> String {
    let rendered = document(page, pictures).render();
    rendered.unwrap_or_else(|error| format!("<p>The page could not be rendered ({error}); read the text.</p>"))
}

/// The same to where it is kept, row by row as they are made.
pub(super) fn write(page: Sheet<'_>, pictures: Pictures, out: &mut dyn Write) -> io::Result<()> {
    document(page, pictures).write_into(out)
}

fn document<'r>(page: Sheet<'r>, pictures: Pictures) -> Document<'r> {
    let part = |section: Section<'r>| Part {
        title: section.title,
        blocks: section.blocks.into_iter().map(|block| shown(block, pictures)).collect(),
    };
    Document {
        title: line(&page.title),
        kicker: line(&page.kicker),
        verdict: line(&page.verdict),
        colour: if page.quiet { "#2e6b3a" } else { "#3b5b7a" },
        lead: page.lead.iter().map(|text| self::text(text)).collect(),
        figures: page.figures.iter().map(|(label, value)| (*label, text(value))).collect(),
        dashboard: page.dashboard,
        parts: page.sections.into_iter().map(part).collect(),
        closing: line(&page.closing),
        mail: pictures == Pictures::Attached,
    }
}

fn text(text: &str) -> MarkedText {
    partitions(&line(text))
}

fn shown(block: Block<'_>, pictures: Pictures) -> Shown<'_> {
    match block {
        Block::Text(text) => Shown::Text(self::text(&text)),
        Block::Chart(chart) => picture(&chart, pictures),
        Block::Table(table) => Shown::Table(table),
    }
}

impl TableBlock<'_> {
    fn cells(&self) -> impl Iterator<Item = Vec<Cell>> + '_ {
        let cells = |row: Vec<String>| self.head.iter().copied().zip(&row).map(|(of, text)| cell(of, text)).collect();
        self.rows.iter().map(cells)
    }
}

fn cell(of: &'static str, cell: &str) -> Cell {
    let text = text(cell);
    let short = cell.chars().count() <= SHORT && text.iter().all(|piece| !piece.code);
    Cell { of, text, short }
}

fn picture<'r>(chart: &Chart, pictures: Pictures) -> Shown<'r> {
    match pictures {
        Pictures::Drawn => Shown::Svg { svg: chart.svg(), text: chart.text() },
        Pictures::Attached => {
            Shown::Picture { name: chart.name(), text: chart.text(), width: WIDTH, height: chart.height() }
        }
    }
}
