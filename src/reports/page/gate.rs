//! The part of a report that the gate has: who waits for what and how long, what was received and is bad, what is wrong with it.

use super::parts::{Block, RowLimit, Section, TableBlock};
use crate::messages::gate_report::{recall, recalled, review, sentences, silent, trouble, unread};
use crate::messages::marks::code;
use crate::model::gate_report::{GatePart, GateReport, StandingRecalls};
use crate::model::report::{Audience, Report};

/// Rows of each table: those that want a look first.
const LISTED: usize = 20;

pub(super) fn section<'r>(part: &'r GatePart, report: &Report) -> Section<'r> {
    let blocks = match part {
        GatePart::Silent(why) => vec![Block::Text(silent(why))],
        GatePart::Says(of) => said(of, report),
    };
    Section { title: "Gate", blocks }
}

fn said<'r>(of: &'r GateReport, report: &Report) -> Vec<Block<'r>> {
    let mut blocks: Vec<Block<'_>> = sentences(of, report.at).into_iter().map(Block::Text).collect();
    let is_of_all = matches!(report.audience, Audience::Platform);
    blocks.extend(unread(of).into_iter().filter(|_| !is_of_all).map(Block::Text));
    blocks.extend(reviews(of, report));
    blocks.extend(recalled(of.recalls.as_ref()).map(Block::Text));
    blocks.extend(of.recalls.iter().flat_map(|of| recalls(of, is_of_all)));
    let rows = || of.troubles.iter().map(trouble);
    let room = RowLimit { rows: usize::MAX, where_else: "" };
    blocks.extend(TableBlock::of("What is wrong with the gate", vec!["Trouble", "What it is"], rows, room));
    blocks
}

fn reviews<'r>(of: &'r GateReport, report: &Report) -> Vec<Block<'r>> {
    let head = vec!["Review", "Release", "For", "Clients", "Asked", "Held until"];
    let at = report.at;
    let rows = move || of.open.iter().map(move |open| review(open, at));
    let command = code("namewarden gate reviews");
    let all = of.open.len().max(of.counts.open as usize);
    listed(TableBlock::of("Open reviews, the oldest first", head, rows, ROOM), all, &command)
}

fn recalls(of: &StandingRecalls, is_of_all: bool) -> Vec<Block<'_>> {
    let head = vec!["Project", "Why", "Files", "Clients", "Since"];
    let rows = || of.recalls.iter().map(recall);
    let all = of.recalls.len() + if is_of_all { of.omitted as usize } else { 0 };
    listed(TableBlock::of("Received, and bad or gone", head, rows, ROOM), all, &code("namewarden gate recalls"))
}

const ROOM: RowLimit = RowLimit { rows: LISTED, where_else: "" };

/// A table, and how many more there are than it lists.
fn listed<'r>(table: Option<Block<'r>>, all: usize, command: &str) -> Vec<Block<'r>> {
    let more = all.saturating_sub(LISTED);
    let more = (more > 0).then(|| Block::Text(format!("And {more} more: {command}.")));
    table.into_iter().chain(more).collect()
}
