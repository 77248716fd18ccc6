//! The message about the health of the watch itself.

use crate::model::claim::Site;
use crate::model::health::{HealthCase, HealthIssue};
use crate::model::notice::Briefing;

use super::hostile::{inert, shown};
use super::layout::{Action, Answer, Card, Layout};
use super::marks::code;
use super::parties::origin;
use super::phrase::{clock, lower, span};

pub(crate) fn fill(layout: &mut Layout, briefing: &Briefing, cases: &[HealthCase], others: &[HealthCase]) {
    let lasting = cases.iter().filter(|case| case.until.is_none()).count();
    let well = match (lasting, others.is_empty()) {
        (0, true) => "namewarden is well again",
        (0, false) => "namewarden is still unwell",
        _ => "namewarden is unwell",
    };
    layout.verdict = well.to_owned();
    let first = cases.iter().find(|case| case.until.is_none()).or(cases.first());
    layout.about = first.map(title).unwrap_or_default();
    layout.lead = lead(lasting, others);
    layout.cards = cases.iter().map(ailing).collect();
    if lasting + others.len() > 0 {
        let lasting = cases.iter().chain(others).find(|case| case.until.is_none());
        let (title, command, what) = lasting.map_or(CAUSE, |case| remedy(&case.issue));
        let text = format!("On {}.{what}", code(&origin(briefing)));
        layout.answer = Some(Answer { title, command: command.to_owned(), text, link: None });
        layout.actions = vec![Action::run("See what is covered and what waits.", "namewarden status")];
    }
}

/// Where the remedy is not known from what is wrong.
const CAUSE: (&str, &str, &str) = ("Find the cause with", "namewarden doctor", "");

/// The one command to answer with, and what comes of it.
fn remedy(issue: &HealthIssue) -> (&'static str, &'static str, &'static str) {
    match issue {
        HealthIssue::ConfigurationBroken => (
            "Once the file is mended, put it in force with",
            "namewarden reload",
            " Nothing else reads the configuration again, so this lasts until then.",
        ),
        HealthIssue::InventoryWaits => (
            "Put both files in force with",
            "namewarden reload",
            " It reads the configuration and the inventory as one.",
        ),
        HealthIssue::InventoryHeld => (
            "If it is meant, put it in force with",
            "namewarden inventory apply --force",
            " If it is not, put back what is missing: the file is read again by itself.",
        ),
        _ => CAUSE,
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
    let key = code(&inert(&case.issue.to_string(), 80));
    format!("{key}, since {} ({})", clock(case.since), within(&case.issue))
}

/// What is said of the operator's own files keeps its places, `inventory.toml:7:1`; error texts of others lead nowhere.
fn happened(case: &HealthCase) -> String {
    match case.issue {
        HealthIssue::ConfigurationBroken
        | HealthIssue::InventoryBroken
        | HealthIssue::InventoryHeld
        | HealthIssue::InventoryWaits => shown(&case.detail, 600),
        _ => inert(&case.detail, 600),
    }
}

fn ailing(case: &HealthCase) -> Card {
    let mut card = Card { title: title(case), ..Card::default() };
    card.row("What happened", happened(case));
    card.row("Since", clock(case.since));
    card.row_if("Over since", case.until.map(clock));
    card.row("Key", code(&inert(&case.issue.to_string(), 80)));
    card
}

/// What is wrong, or was.
fn title(case: &HealthCase) -> String {
    match case.until {
        Some(until) => format!("Over after {}: {}", span(case.since, until), within(&case.issue)),
        None => symptom(&case.issue),
    }
}

/// The symptom within a sentence.
pub(crate) fn within(issue: &HealthIssue) -> String {
    let text = symptom(issue);
    if text.starts_with("PyPI") { text } else { lower(&text) }
}

fn symptom(issue: &HealthIssue) -> String {
    match issue {
        HealthIssue::FeedBlind { feed } => format!("The {feed} feed has not answered for too long"),
        HealthIssue::ChangelogGone => {
            "PyPI's changelog is gone; projects that live shorter than an index pass may be missed".to_owned()
        }
        HealthIssue::SerialWentBack { feed } => format!("The {feed} feed went back in time and is stopped"),
        HealthIssue::Implausible { feed } => format!("The {feed} feed sent what cannot be so"),
        HealthIssue::IndexRefused => "An index body was refused".to_owned(),
        HealthIssue::Missed => "The index has projects that the changelog never reported".to_owned(),
        HealthIssue::Unreadable { feed } => format!("The {feed} feed sent what could not be read"),
        HealthIssue::Undelivered { channel } => format!("Messages wait on {}", code(&inert(channel, 60))),
        HealthIssue::Refused { channel } => format!("Messages were refused for good on {}", code(&inert(channel, 60))),
        HealthIssue::RecipientRefused { owner, channel } => {
            format!("A recipient of {} refuses {}", code(&inert(&owner.0, 60)), code(&inert(channel, 60)))
        }
        HealthIssue::ConfigurationBroken => "The configuration is broken; the last good one is in force".to_owned(),
        HealthIssue::InventoryBroken => "The inventory is broken; the last good one is in force".to_owned(),
        HealthIssue::InventoryHeld => "The new inventory removes too much; the old one is in force".to_owned(),
        HealthIssue::InventoryWaits => {
            "The new inventory waits for a reload of the configuration; the old one is in force".to_owned()
        }
        HealthIssue::CanaryLost => "The canary did not come through".to_owned(),
        HealthIssue::StoreUnusable => "The store cannot be written, so the watch stands still".to_owned(),
        HealthIssue::Down => "The daemon has failed and stays down: nobody watches".to_owned(),
        HealthIssue::ClaimsStopped => "Nothing is published any more until somebody has looked".to_owned(),
        HealthIssue::UploaderSilent => "A name of yours is to be published, and nobody publishes it".to_owned(),
        HealthIssue::UploadsFailing { site: Site::TestIndex } => {
            "The test index does not try what is to be published".to_owned()
        }
        HealthIssue::UploadsFailing { site: Site::Package } => {
            "The package of a name that is to be published cannot be made".to_owned()
        }
        HealthIssue::UploadsFailing { site: Site::Index } => {
            "The index does not take what is to be published".to_owned()
        }
        HealthIssue::ClaimChanged { name } => {
            format!("PyPI's project {} is not as we published it", code(name.as_str()))
        }
        HealthIssue::ClaimEnded { name } => {
            format!("The name {} was to be published, was not, and others can take it", code(name.as_str()))
        }
        HealthIssue::GateSilent => "The gate does not say what it holds, so nobody is told who waits".to_owned(),
        HealthIssue::GateUnwell => "What the gate decides by is not as it should be".to_owned(),
        HealthIssue::WebClosed => "The dashboard and its API cannot be opened".to_owned(),
        HealthIssue::ClockStepped => "The clock of this machine was set".to_owned(),
        HealthIssue::ClockWrong => "The clock of this machine is wrong".to_owned(),
        HealthIssue::LookUpsFail => "Projects cannot be looked up at PyPI".to_owned(),
    }
}
