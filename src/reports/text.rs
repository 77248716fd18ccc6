//! The plain form, 80 columns wide.

use std::io::{self, Write};

use super::page::{Block, Section, Sheet, TableBlock};
use crate::messages::hostile::line;
use crate::messages::marks::bare;
use crate::messages::report::DASHBOARD;

const WIDTH: usize = 80;
/// Between two columns.
const GAP: usize = 2;
/// No column becomes narrower than this for the sake of another.
const NARROW: usize = 8;

/// The whole report.
pub(super) fn write(page: &Sheet<'_>, out: &mut dyn Write) -> io::Result<()> {
    let verdict = wrapped(&page.verdict, WIDTH - 4).join("\n    ");
    write!(out, "{}\n\n    {verdict}", wrap(&page.kicker))?;
    page.lead.iter().try_for_each(|text| write!(out, "\n\n{}", wrap(text)))?;
    let figures = page.figures.iter().map(|(label, value)| figure(label, value)).collect::<Vec<_>>().join("\n");
    write!(out, "\n\n{figures}")?;
    if let Some(address) = &page.dashboard {
        write!(out, "\n\n{DASHBOARD}:\n    {address}")?;
    }
    page.sections.iter().try_for_each(|of| section(of, out))?;
    writeln!(out, "\n\n{}", wrap(&page.closing))
}

fn figure(label: &str, value: &str) -> String {
    let lines = wrapped(value, WIDTH - 14);
    format!("  {label:<12}{}", lines.join(&format!("\n{}", " ".repeat(14))))
}

fn section(section: &Section<'_>, out: &mut dyn Write) -> io::Result<()> {
    write!(out, "\n\n{}\n{}", section.title, "=".repeat(section.title.len()))?;
    section.blocks.iter().try_for_each(|block| {
        out.write_all(b"\n\n")?;
        match block {
            Block::Text(text) => out.write_all(wrap(text).as_bytes()),
            Block::Chart(chart) => out.write_all(wrap(&chart.text()).as_bytes()),
            Block::Table(of) => table(of, out),
        }
    })
}

/// Its rows are gone through twice: to see how wide they are, and to write them.
fn table(table: &TableBlock<'_>, out: &mut dyn Write) -> io::Result<()> {
    let cells = |row: Vec<String>| row.iter().map(|cell| bare(&line(cell))).collect::<Vec<_>>();
    let head = || std::iter::once(table.head.iter().map(|word| word.to_uppercase()).collect::<Vec<_>>());
    let widths = widths(head().chain(table.rows.iter().map(cells)), table.head.len());
    writeln!(out, "{}:", table.caption)?;
    head().chain(table.rows.iter().map(cells)).try_for_each(|cells| write!(out, "\n{}", row(&cells, &widths)))
}

/// As wide as the longest cell; where that is too much in all, the widest columns give.
fn widths(rows: impl Iterator<Item = Vec<String>>, columns: usize) -> Vec<usize> {
    let mut widths = vec![1; columns];
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(&row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let room = WIDTH.saturating_sub(GAP * columns.saturating_sub(1));
    while widths.iter().sum::<usize>() > room {
        match widths.iter_mut().max() {
            Some(widest) if *widest > NARROW => *widest -= 1,
            _ => break,
        }
    }
    widths
}

/// A row of as many lines as its longest cell needs: no name is cut.
fn row(cells: &[String], widths: &[usize]) -> String {
    let columns: Vec<Vec<String>> = cells.iter().zip(widths).map(|(cell, width)| wrapped(cell, *width)).collect();
    let lines = columns.iter().map(Vec::len).max().unwrap_or(1);
    let at = |column: &Vec<String>, line: usize| column.get(line).cloned().unwrap_or_default();
    let line = |n: usize| {
        let cells = columns.iter().zip(widths).map(|(column, width)| format!("{:<width$}", at(column, n)));
        cells.collect::<Vec<_>>().join(&" ".repeat(GAP)).trim_end().to_owned()
    };
    (0..lines.max(1)).map(line).collect::<Vec<_>>().join("\n")
}

fn wrap(text: &str) -> String {
    wrapped(&bare(&line(text)), WIDTH).join("\n")
}

/// Lines no wider than this: broken at spaces, and within a word that is wider itself.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in bare(&line(text)).split(' ') {
        let used = lines.last().map_or(0, |line| line.chars().count());
        let space = usize::from(used > 0);
        if used + space + word.chars().count() <= width {
            let last = lines.last_mut().map(|line| line.push_str(&format!("{}{word}", " ".repeat(space))));
            debug_assert!(last.is_some());
            continue;
        }
        let letters: Vec<char> = word.chars().collect();
        let pieces = letters.chunks(width.max(1)).map(|piece| piece.iter().collect::<String>());
        if used == 0 {
            lines.pop();
        }
        lines.extend(pieces);
    }
    lines
}
