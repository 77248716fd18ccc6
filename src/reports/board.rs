//! What the dashboard shows of the same things: the charts, narrow enough for a telephone, and a report in parts.

use super::chart::{Chart, Spans, Strip};
use super::held::HeldLists;
use super::html::MarkedText;
use super::page::{Block, RowLimit, Sheet, TableBlock};
use super::palette::{Colour, standing};
use crate::messages::hostile::line;
use crate::messages::marks::partitions;
use crate::messages::report::STATES;
use crate::model::Time;
use crate::model::report::{Bar, Report};

/// Logical pixels of a telephone and of a desk: a page shows them a little larger, and their words in its own size.
const NARROW: u32 = 300;
const BROAD: u32 = 700;
const ROOM: RowLimit = RowLimit { rows: 100, where_else: "in the tables that can be taken along" };

/// A drawing of ours, and the same in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// A whole `<svg>` without styles or scripts; its ink is `currentColor`. For a telephone and for a desk.
    pub narrow: String,
    pub broad: String,
    /// What its colours mean: a word, and `#rrggbb`.
    pub legend: Vec<(String, String)>,
    pub text: String,
}

/// A report, for a page that has a style of its own.
pub struct Board {
    pub kicker: String,
    pub verdict: String,
    pub quiet: bool,
    pub lead: Vec<MarkedText>,
    pub figures: Vec<(&'static str, MarkedText)>,
    pub parts: Vec<BoardPart>,
    pub closing: String,
}

pub struct BoardPart {
    pub title: &'static str,
    pub blocks: Vec<BoardBlock>,
}

pub enum BoardBlock {
    Text(MarkedText),
    Chart(Picture),
    Table { caption: &'static str, head: Vec<&'static str>, rows: Vec<Vec<MarkedText>> },
}

/// How names stand, in the order in which they want a look: the word, its colour as `#rrggbb`, and how many.
pub fn standings(count: impl Fn(&str) -> usize) -> Vec<(&'static str, String, usize)> {
    STATES.iter().map(|word| (*word, hex(standing(word)), count(word))).collect()
}

fn hex((red, green, blue): Colour) -> String {
    format!("#{red:02x}{green:02x}{blue:02x}")
}

/// How names stand, as a ring.
pub fn ring(counts: Vec<(&'static str, usize)>) -> Picture {
    let ring = Chart::Ring(counts);
    let svg = ring.svg_across(super::chart::SIDE);
    Picture { narrow: svg.clone(), broad: svg, legend: Vec::new(), text: ring.text() }
}

/// New cases, a column a bar.
pub fn cases(bars: Vec<Bar>, until: Time) -> Picture {
    picture(&Chart::Cases { bars, until })
}

/// Registrations of each hour, from that of the first time.
pub fn hours(from: Time, counts: Vec<u64>) -> Picture {
    picture(&Chart::Hours { from, counts })
}

/// What was seen between two times: every event and survivors only, and what nobody saw, with its reason.
pub fn coverage<'a>(
    period: (Time, Time),
    seen: (Spans, Spans),
    blind: impl Iterator<Item = (&'a str, (Time, Time))>,
) -> Picture {
    picture(&Chart::Coverage(Strip::between(period, seen, blind)))
}

fn picture(chart: &Chart) -> Picture {
    let legend = chart.legend().into_iter().map(|(word, colour)| (word, hex(colour)));
    let (narrow, broad) = (chart.svg_across(NARROW), chart.svg_across(BROAD));
    Picture { narrow, broad, legend: legend.collect(), text: chart.text() }
}

/// The report itself, its longest tables cut.
pub fn board(report: &Report) -> Board {
    let lists = HeldLists::of(report);
    let page = Sheet::of(report, &lists, ROOM);
    let parts = page
        .sections
        .into_iter()
        .map(|section| BoardPart { title: section.title, blocks: section.blocks.into_iter().map(block).collect() });
    Board {
        kicker: line(&page.kicker),
        verdict: line(&page.verdict),
        quiet: page.quiet,
        lead: page.lead.iter().map(|text| self::text(text)).collect(),
        figures: page.figures.iter().map(|(label, value)| (*label, text(value))).collect(),
        parts: parts.collect(),
        closing: line(&page.closing),
    }
}

fn text(text: &str) -> MarkedText {
    partitions(&line(text))
}

fn block(of: Block<'_>) -> BoardBlock {
    match of {
        Block::Text(of) => BoardBlock::Text(text(&of)),
        Block::Chart(chart) => BoardBlock::Chart(picture(&chart)),
        Block::Table(TableBlock { caption, head, rows, .. }) => {
            let rows = rows.iter().map(|row| row.iter().map(|cell| text(cell)).collect()).collect();
            BoardBlock::Table { caption, head, rows }
        }
    }
}
