//! The plain form, 80 columns wide.

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
pub(super) fn text(page: &Sheet) -> String {
    let verdict = wrapped(&page.verdict, WIDTH - 4).join("\n    ");
    let mut parts = vec![format!("{}\n\n    {verdict}", wrap(&page.kicker))];
    parts.extend(page.lead.iter().map(|text| wrap(text)));
    parts.push(page.figures.iter().map(|(label, value)| figure(label, value)).collect::<Vec<_>>().join("\n"));
    parts.extend(page.dashboard.as_ref().map(|address| format!("{DASHBOARD}:\n    {address}")));
    parts.extend(page.sections.iter().map(section));
    parts.push(wrap(&page.closing));
    parts.join("\n\n") + "\n"
}

fn figure(label: &str, value: &str) -> String {
    let lines = wrapped(value, WIDTH - 14);
    format!("  {label:<12}{}", lines.join(&format!("\n{}", " ".repeat(14))))
}

fn section(section: &Section) -> String {
    let title = format!("{}\n{}", section.title, "=".repeat(section.title.len()));
    let blocks: Vec<String> = section.blocks.iter().map(block).collect();
    format!("{title}\n\n{}", blocks.join("\n\n"))
}

fn block(block: &Block) -> String {
    match block {
        Block::Text(text) => wrap(text),
        Block::Chart(chart) => wrap(&chart.text()),
        Block::Table(of) => table(of),
    }
}

fn table(table: &TableBlock) -> String {
    let cells = |row: &[String]| row.iter().map(|cell| bare(&line(cell))).collect::<Vec<_>>();
    let head: Vec<String> = table.head.iter().map(|word| word.to_uppercase()).collect();
    let rows: Vec<Vec<String>> = table.rows.iter().map(|row| cells(row)).collect();
    let widths = widths(std::iter::once(&head).chain(&rows), head.len());
    let lines = std::iter::once(&head).chain(&rows).map(|cells| row(cells, &widths));
    format!("{}:\n\n{}", table.caption, lines.collect::<Vec<_>>().join("\n"))
}

/// As wide as the longest cell; where that is too much in all, the widest columns give.
fn widths<'r>(rows: impl Iterator<Item = &'r Vec<String>>, columns: usize) -> Vec<usize> {
    let mut widths = vec![1; columns];
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
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
