//! The message about the health of the watch itself.

use crate::model::health::{Ailment, HealthCase};
use crate::model::notice::Briefing;

use super::hostile::{inert, shown};
use super::marks::code;
use super::sheet::{Answer, Card, Sheet, Step, clock, origin, span};
use super::subject::lower;

pub(crate) fn fill(sheet: &mut Sheet, briefing: &Briefing, cases: &[HealthCase], others: &[HealthCase]) {
    let lasting = cases.iter().filter(|case| case.until.is_none()).count();
    let well = match (lasting, others.is_empty()) {
        (0, true) => "namewarden is well again",
        (0, false) => "namewarden is still unwell",
        _ => "namewarden is unwell",
    };
    sheet.verdict = well.to_owned();
    let first = cases.iter().find(|case| case.until.is_none()).or(cases.first());
    sheet.about = first.map(title).unwrap_or_default();
    sheet.lead = lead(lasting, others);
    sheet.cards = cases.iter().map(ailing).collect();
    if lasting + others.len() > 0 {
        let (title, text) = ("Find the cause with", format!("On {}.", code(&origin(briefing))));
        sheet.answer = Some(Answer { title, command: "namewarden doctor".to_owned(), text });
        sheet.steps = vec![Step::run("See what is covered and what waits.", "namewarden status")];
    }
}

/// What silence means now, and what else lasts: whoever reads that one trouble is over must not take it for the last.
fn lead(lasting: usize, others: &[HealthCase]) -> Vec<String> {
    let blind = "silence does not mean that nothing happened.";
    let also = match others {
        [] => None,
        [one] => Some(format!("Another trouble lasts: {}.", remaining(one))),
        many => {
            let each: Vec<String> = many.iter().map(remaining).collect();
            Some(format!("{} other troubles last: {}.", many.len(), each.join("; ")))
        }
    };
    match (lasting, also) {
        (0, None) => vec!["The trouble below is over.".to_owned()],
        (0, Some(also)) => {
            let they = if others.len() == 1 { "that is" } else { "they are" };
            vec![format!("The trouble below is over. {also} Until {they} over, too, {blind}")]
        }
        (_, also) => {
            vec![std::iter::once(format!("Until it is well, {blind}")).chain(also).collect::<Vec<_>>().join(" ")]
        }
    }
}

fn remaining(case: &HealthCase) -> String {
    let key = code(&inert(&case.ailment.to_string(), 80));
    format!("{key}, since {} ({})", clock(case.since), within(&case.ailment))
}

/// What is said of the operator's own files keeps its places, `inventory.toml:7:1`; error texts of others lead nowhere.
fn happened(case: &HealthCase) -> String {
    match case.ailment {
        Ailment::InventoryBroken | Ailment::InventoryHeld => shown(&case.detail, 600),
        _ => inert(&case.detail, 600),
    }
}

fn ailing(case: &HealthCase) -> Card {
    let mut card = Card { title: title(case), ..Card::default() };
    card.row("What happened", happened(case));
    card.row("Since", clock(case.since));
    card.row_if("Over since", case.until.map(clock));
    card.row("Key", code(&inert(&case.ailment.to_string(), 80)));
    card
}

/// What is wrong, or was.
fn title(case: &HealthCase) -> String {
    match case.until {
        Some(until) => format!("Over after {}: {}", span(case.since, until), within(&case.ailment)),
        None => symptom(&case.ailment),
    }
}

/// The symptom within a sentence.
pub(crate) fn within(ailment: &Ailment) -> String {
    let text = symptom(ailment);
    if text.starts_with("PyPI") { text } else { lower(&text) }
}

fn symptom(ailment: &Ailment) -> String {
    match ailment {
        Ailment::FeedBlind { feed } => format!("The {feed} feed has not answered for too long"),
        Ailment::ChangelogGone => {
            "PyPI's changelog is gone; projects that live shorter than an index pass may be missed".to_owned()
        }
        Ailment::SerialWentBack { feed } => format!("The {feed} feed went back in time and is stopped"),
        Ailment::Implausible { feed } => format!("The {feed} feed sent what cannot be so"),
        Ailment::IndexRefused => "An index body was refused".to_owned(),
        Ailment::Missed => "The index has projects that the changelog never reported".to_owned(),
        Ailment::Unreadable { feed } => format!("The {feed} feed sent what could not be read"),
        Ailment::Undelivered { channel } => format!("Messages wait on {}", code(&inert(channel, 60))),
        Ailment::InventoryBroken => "The inventory is broken; the last good one is in force".to_owned(),
        Ailment::InventoryHeld => "The new inventory removes too much; the old one is in force".to_owned(),
        Ailment::CanaryLost => "The canary did not come through".to_owned(),
        Ailment::StoreUnusable => "The store cannot be written, so the watch stands still".to_owned(),
        Ailment::Down => "The daemon has failed and stays down: nobody watches".to_owned(),
        Ailment::ClockStepped => "The clock of this machine was set".to_owned(),
    }
}
