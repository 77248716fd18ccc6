//! The parts of a report.

use super::super::chart::{Chart, Strip};
use super::gate;
use super::parts::{Block, RowLimit, Section, TableBlock, followed};
use crate::messages::hostile::{inert, shown};
use crate::messages::marks::code;
use crate::messages::phrase::{clock, count, span, upper};
use crate::messages::report::{STATES, answered, noise, standing, waiting, whom};
use crate::model::report::{Audience, CaseLine, Report, WatchLine};
use crate::model::{FindingState, Serial, Time};

/// A name in a table.
const NAME: usize = 100;

pub(super) fn of(report: &Report, room: RowLimit) -> Vec<Section> {
    let mut all = vec![waits(report, room), cases(report, room), names(report, room), claims(report, room)];
    all.extend(report.gate.as_ref().map(|part| gate::section(part, report)));
    all.push(seen(report, room));
    all.retain(|section| !section.blocks.is_empty());
    all
}

fn waits(report: &Report, room: RowLimit) -> Section {
    let rows = report.waits.iter().map(|of| {
        let what = waiting(of, report.at);
        let what = what.rsplit_once(": ").map_or(what.clone(), |(what, _)| what.to_owned());
        vec![what, whom(&of.whom)]
    });
    let blocks = followed(TableBlock::of("What waits for whom", vec!["What", "For"], rows, room), room);
    let none = blocks.is_empty().then(|| Block::Text("Nothing waits for anybody.".to_owned()));
    Section { title: "What waits", blocks: blocks.into_iter().chain(none).collect() }
}

fn cases(report: &Report, room: RowLimit) -> Section {
    let of = &report.findings;
    let mut blocks = vec![
        Block::Text(format!("Answers: {}.", answered(report))),
        Block::Text(format!("{}.", upper(&noise(report)))),
    ];
    if of.histogram.bars.iter().any(|bar| bar.pages + bar.alerts + bar.digests > 0) {
        blocks.push(Block::Chart(Chart::Cases { bars: of.histogram.bars.clone(), until: report.until }));
    }
    let rows = of.cases.iter().map(|case| self::case(case, report));
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

fn names(report: &Report, room: RowLimit) -> Section {
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
    let changes = of.changes.iter().map(|change| {
        let label = code(&shown(&change.id.label(), NAME));
        vec![minute(change.at), label, change.was.as_str().to_owned(), change.is.as_str().to_owned()]
    });
    blocks.extend(followed(TableBlock::of("What changed", vec!["When", "Name", "Was", "Is"], changes, room), room));
    let all = matches!(report.audience, Audience::Platform);
    let mut head = vec!["Name", "Owner", "Stands", "Since", "Cases", "Claim"];
    head.retain(|word| all || *word != "Owner");
    let rows = of.watches.iter().map(|watch| self::watch(watch, all));
    let table = TableBlock::of("How each name stands", head, rows, room);
    blocks.extend(followed(table.map(|table| table.without(of.omitted)), room));
    Section { title: "Names", blocks }
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

fn claims(report: &Report, room: RowLimit) -> Section {
    let rows = report.claims.iter().map(|claim| {
        let name = code(&shown(claim.name.as_str(), NAME));
        vec![name, shown(&claim.owner.0, 60), claim.state.as_str().to_owned(), minute(claim.changed_at)]
    });
    let table = TableBlock::of("Claims of names", vec!["Name", "Owner", "State", "Since"], rows, room);
    Section { title: "Claims", blocks: followed(table, room) }
}

fn seen(report: &Report, room: RowLimit) -> Section {
    let proof = &report.coverage;
    let mut blocks = vec![
        Block::Text(format!("{}.", upper(&crate::messages::report::seen(report)))),
        Block::Chart(Chart::Coverage(Strip::of(report))),
    ];
    let stretches = proof.stretches.iter().map(|of| {
        let earlier = if of.earlier { ", begun earlier" } else { "" };
        let serials = of.serials.map_or_else(|| "by time".to_owned(), range);
        vec![of.feed.to_string(), of.grade.clone(), format!("{serials}{earlier}"), minute(of.from), minute(of.to)]
    });
    let head = vec!["Feed", "Grade", "Serials", "From", "To"];
    blocks.extend(followed(TableBlock::of("Accounted for", head, stretches, room), room));
    let holes = proof.holes.iter().map(|hole| {
        vec![
            "survivors only".to_owned(),
            hole.serials.map(range).unwrap_or_default(),
            minute(hole.from),
            minute(hole.to),
        ]
    });
    let blind = proof
        .blind
        .iter()
        .map(|blind| vec![inert(&blind.what, 80), String::new(), minute(blind.from), minute(blind.to)]);
    let gaps: Vec<Vec<String>> = holes.chain(blind).collect();
    let head = vec!["What", "Serials", "From", "To"];
    blocks.extend(followed(TableBlock::of("Not seen whole", head, gaps.into_iter(), room), room));
    let unwell = proof
        .unwell
        .iter()
        .map(|case| vec![code(&inert(&case.issue.to_string(), 80)), clock(case.since), inert(&case.detail, 300)]);
    blocks.extend(followed(
        TableBlock::of("The watch itself", vec!["Trouble", "Since", "What it is"], unwell, room),
        room,
    ));
    let waiting = proof
        .waiting
        .iter()
        .map(|of| vec![inert(&of.channel.to_string(), 60), of.messages.to_string(), minute(of.since)]);
    blocks.extend(followed(TableBlock::of("Undelivered", vec!["Channel", "Messages", "Since"], waiting, room), room));
    Section { title: "What was seen", blocks }
}

fn range((after, up_to): (Serial, Serial)) -> String {
    format!("({after}, {up_to}]")
}

fn minute(time: Time) -> String {
    time.format("%Y-%m-%d %H:%M").to_string()
}
