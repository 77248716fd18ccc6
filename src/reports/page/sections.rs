//! The parts of a report.

use std::borrow::Cow;

use super::super::chart::{Chart, Strip};
use super::gate;
use super::parts::{Block, RowLimit, Section, TableBlock, followed};
use crate::messages::hostile::{inert, shown};
use crate::messages::marks::code;
use crate::messages::phrase::{clock, count, span, upper};
use crate::messages::report::{STATES, answered, noise, standing, waiting, whom};
use crate::model::health::HealthCase;
use crate::model::overview::{Blind, Waiting};
use crate::model::report::{
    Accounted, Audience, CaseLine, Changed, ClaimStanding, CoverageProof, Report, Unaccounted, Waits, WatchLine,
};
use crate::model::{FindingState, Serial, Time};
use crate::reports::long::LongLists;

/// A name in a table.
const NAME: usize = 100;

pub(super) fn of<'r>(report: &'r Report, lists: &'r dyn LongLists, room: RowLimit) -> Vec<Section<'r>> {
    let mut all = vec![waits(report, room), cases(report, room), names(report, lists, room), claims(lists, room)];
    all.extend(report.gate.as_ref().map(|part| gate::section(part, report)));
    all.push(seen(report, room));
    all.retain(|section| !section.blocks.is_empty());
    all
}

fn waits(report: &Report, room: RowLimit) -> Section<'_> {
    let row = |of: &Waits| {
        let what = waiting(of, report.at);
        let what = what.rsplit_once(": ").map_or(what.clone(), |(what, _)| what.to_owned());
        vec![what, whom(&of.whom)]
    };
    let rows = move || report.waits.iter().map(row);
    let blocks = followed(TableBlock::of("What waits for whom", vec!["What", "For"], rows, room), room);
    let none = blocks.is_empty().then(|| Block::Text("Nothing waits for anybody.".to_owned()));
    Section { title: "What waits", blocks: blocks.into_iter().chain(none).collect() }
}

fn cases(report: &Report, room: RowLimit) -> Section<'_> {
    let of = &report.findings;
    let mut blocks = vec![
        Block::Text(format!("Answers: {}.", answered(report))),
        Block::Text(format!("{}.", upper(&noise(report)))),
    ];
    if of.histogram.bars.iter().any(|bar| bar.pages + bar.alerts + bar.digests > 0) {
        blocks.push(Block::Chart(Chart::Cases { bars: of.histogram.bars.clone(), until: report.until }));
    }
    let rows = || of.cases.iter().map(|case| self::case(case, report));
    let head = vec!["Case", "Project", "Resembles", "Tier", "pip", "Seen", "State"];
    let table = TableBlock::of("Cases that are open, or to which something happened", head, rows, room);
    blocks.extend(followed(table, room));
    if of.omitted > 0 {
        blocks.push(Block::Text(format!("{} more in `namewarden findings list`.", of.omitted)));
    }
    if of.cases.is_empty() {
        blocks.push(Block::Text("No case is open, and nothing happened to any.".to_owned()));
    }
    Section { title: "Cases", blocks }
}

fn case(case: &CaseLine, report: &Report) -> Vec<String> {
    let more = if case.more == 0 { String::new() } else { format!(" +{}", case.more) };
    let state = case.state.as_str();
    let state = match case.answered_at {
        _ if case.state == FindingState::Open => format!("open for {}", span(case.worsened_at, report.at)),
        Some(at) => format!("{state} after {}", span(case.seen_at, at)),
        None => state.to_owned(),
    };
    vec![
        case.id.map(String::from).unwrap_or_default(),
        code(&shown(case.project.as_str(), NAME)),
        format!("{}{more} ({})", code(&shown(&case.watch, NAME)), shown(&case.rule, 40)),
        case.tier.as_str().to_owned(),
        case.would_pip_take.as_str().to_owned(),
        case.seen_at.format("%Y-%m-%d").to_string(),
        state,
    ]
}

fn names<'r>(report: &'r Report, lists: &'r dyn LongLists, room: RowLimit) -> Section<'r> {
    let of = &report.exposure;
    let counts = STATES.map(|word| (word, report.standing(word)));
    let counts: Vec<(&str, usize)> = counts.into_iter().filter(|(_, n)| *n > 0).collect();
    let mut blocks = vec![match counts.is_empty() {
        false => Block::Chart(Chart::Names(counts)),
        true => Block::Text(format!("{}.", upper(&standing(report)))),
    }];
    if of.added > 0 {
        blocks.push(Block::Text(format!("{} new in the period.", count(of.added as u64, "watch is", "watches are"))));
    }
    let changes = || lists.changes().map(|change| self::change(&change));
    blocks.extend(followed(TableBlock::of("What changed", vec!["When", "Name", "Was", "Is"], changes, room), room));
    let all = matches!(report.audience, Audience::Platform);
    let mut head = vec!["Name", "Owner", "Stands", "Since", "Cases", "Claim"];
    head.retain(|word| all || *word != "Owner");
    let rows = move || lists.watches().map(move |watch| self::watch(&watch, all));
    let table = TableBlock::of("How each name stands", head, rows, room);
    blocks.extend(followed(table.map(|table| table.without(lists.watches_omitted())), room));
    Section { title: "Names", blocks }
}

fn change(change: &Changed) -> Vec<String> {
    let label = code(&shown(&change.id.label(), NAME));
    vec![minute(change.at), label, change.was.as_str().to_owned(), change.is.as_str().to_owned()]
}

fn watch(watch: &WatchLine, all: bool) -> Vec<String> {
    let mut row = vec![code(&shown(&watch.id.label(), NAME))];
    row.extend(all.then(|| shown(&watch.owner.0, 60)));
    row.extend([
        watch.exposure.as_ref().map_or("", |exposure| exposure.as_str()).to_owned(),
        watch.since.map(|since| since.format("%Y-%m-%d").to_string()).unwrap_or_default(),
        if watch.open == 0 { String::new() } else { watch.open.to_string() },
        watch.claim.map_or("", |state| state.as_str()).to_owned(),
    ]);
    row
}

fn claims(lists: &dyn LongLists, room: RowLimit) -> Section<'_> {
    let row = |claim: Cow<'_, ClaimStanding>| {
        let name = code(&shown(claim.name.as_str(), NAME));
        vec![name, shown(&claim.owner.0, 60), claim.state.as_str().to_owned(), minute(claim.changed_at)]
    };
    let rows = move || lists.claims().map(row);
    let table = TableBlock::of("Claims of names", vec!["Name", "Owner", "State", "Since"], rows, room);
    Section { title: "Claims", blocks: followed(table, room) }
}

fn seen(report: &Report, room: RowLimit) -> Section<'_> {
    let proof = &report.coverage;
    let mut blocks = vec![
        Block::Text(format!("{}.", upper(&crate::messages::report::seen(report)))),
        Block::Chart(Chart::Coverage(Strip::of(report))),
    ];
    let tables = [accounted(proof, room), not_seen(proof, room), unwell(proof, room), undelivered(proof, room)];
    blocks.extend(tables.into_iter().flat_map(|table| followed(table, room)));
    Section { title: "What was seen", blocks }
}

fn accounted(proof: &CoverageProof, room: RowLimit) -> Option<Block<'_>> {
    let row = |of: &Accounted| {
        let earlier = if of.earlier { ", begun earlier" } else { "" };
        let serials = of.serials.map_or_else(|| "by time".to_owned(), range);
        vec![of.feed.to_string(), of.grade.clone(), format!("{serials}{earlier}"), minute(of.from), minute(of.to)]
    };
    let head = vec!["Feed", "Grade", "Serials", "From", "To"];
    TableBlock::of("Accounted for", head, move || proof.stretches.iter().map(row), room)
}

fn not_seen(proof: &CoverageProof, room: RowLimit) -> Option<Block<'_>> {
    let hole = |hole: &Unaccounted| {
        let serials = hole.serials.map(range).unwrap_or_default();
        vec!["survivors only".to_owned(), serials, minute(hole.from), minute(hole.to)]
    };
    let blind = |of: &Blind| vec![inert(&of.what, 80), String::new(), minute(of.from), minute(of.to)];
    let rows = move || proof.holes.iter().map(hole).chain(proof.blind.iter().map(blind));
    TableBlock::of("Not seen whole", vec!["What", "Serials", "From", "To"], rows, room)
}

fn unwell(proof: &CoverageProof, room: RowLimit) -> Option<Block<'_>> {
    let row = |case: &HealthCase| {
        vec![code(&inert(&case.issue.to_string(), 80)), clock(case.since), inert(&case.detail, 300)]
    };
    let head = vec!["Trouble", "Since", "What it is"];
    TableBlock::of("The watch itself", head, move || proof.unwell.iter().map(row), room)
}

fn undelivered(proof: &CoverageProof, room: RowLimit) -> Option<Block<'_>> {
    let row = |of: &Waiting| vec![inert(&of.channel.to_string(), 60), of.messages.to_string(), minute(of.since)];
    let head = vec!["Channel", "Messages", "Since"];
    TableBlock::of("Undelivered", head, move || proof.waiting.iter().map(row), room)
}

fn range((after, up_to): (Serial, Serial)) -> String {
    format!("({after}, {up_to}]")
}

fn minute(time: Time) -> String {
    time.format("%Y-%m-%d %H:%M").to_string()
}
