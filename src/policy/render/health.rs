//! The message about the health of the watch itself.

use crate::model::health::{Ailment, HealthCase};
use crate::model::notice::Briefing;

use super::hostile::{inert, shown};
use super::marks::code;
use super::sheet::{Answer, Card, Sheet, Step, clock, origin, span};
use super::subject::lower;

pub(crate) fn fill(sheet: &mut Sheet, briefing: &Briefing, cases: &[HealthCase], others: usize) {
    let lasting = cases.iter().filter(|case| case.until.is_none()).count();
    let well = match (lasting, others) {
        (0, 0) => "namewarden is well again",
        (0, _) => "namewarden is still unwell",
        _ => "namewarden is unwell",
    };
    sheet.verdict = well.to_owned();
    let first = cases.iter().find(|case| case.until.is_none()).or(cases.first());
    sheet.about = first.map(title).unwrap_or_default();
    sheet.lead = vec![match lasting {
        0 if others > 0 => format!(
            "The trouble below is over, and {} still. Until that is over, too, silence does not mean that nothing happened.",
            if others == 1 { "another lasts".to_owned() } else { format!("{others} others last") }
        ),
        0 => "The trouble below is over.".to_owned(),
        _ => "Until it is well, silence does not mean that nothing happened.".to_owned(),
    }];
    sheet.cards = cases.iter().map(ailing).collect();
    if lasting + others > 0 {
        let (title, text) = ("Find the cause with", format!("On {}.", code(&origin(briefing))));
        sheet.answer = Some(Answer { title, command: "namewarden doctor".to_owned(), text });
        sheet.steps = vec![Step::run("See what is covered and what waits.", "namewarden status")];
    }
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
