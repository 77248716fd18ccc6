//! The message about watches that left the inventory, and what became of their cases.

use crate::model::notice::{Briefing, Content, EndedCase, PassedOn};
use crate::model::{OwnerId, Tier, Watch};

use super::hostile::shown;
use super::layout::{Action, Card, Layout};
use super::marks::code;
use super::phrase::{count, listed};

pub(crate) fn fill(layout: &mut Layout, briefing: &Briefing) {
    let Content::Unwatched { watches, closed, ended, passed, on } = &briefing.content else { return };
    let labels: Vec<String> = watches.iter().map(|watch| code(&shown(&watch.id.label(), 80))).collect();
    layout.verdict = format!("{} left the inventory", count(watches.len(), "watch", "watches"));
    layout.about = listed(&labels, 3);
    let them = if watches.len() == 1 { "it" } else { "them" };
    layout.lead = vec![lead(watches, (*closed, *passed), on)];
    let mut card = Card { title: "No longer watched".to_owned(), ..Card::default() };
    card.row("Watches", listed(&labels, 100));
    let closed: Vec<String> = ended.iter().map(named).collect();
    card.row_if("Closed", (!closed.is_empty()).then(|| listed(&closed, 100)));
    let passed: Vec<String> = on.iter().map(|case| format!("{}, now {}", named(&case.was), now(case))).collect();
    card.row_if("Still open", (!passed.is_empty()).then(|| listed(&passed, 100)));
    layout.cards = vec![card];
    layout.actions = vec![Action::run(
        format!(
            "If this was not meant, put {them} back into the inventory; {} checked at once against all of PyPI.",
            if watches.len() == 1 { "it is" } else { "they are" }
        ),
        "namewarden inventory apply",
    )];
}

/// What became of their cases, so that nobody takes one that goes on for over.
fn lead(watches: &[Watch], (closed, passed): (usize, usize), on: &[PassedOn]) -> String {
    let one = watches.len() == 1;
    let them = if one { "it" } else { "them" };
    let gone = count(watches.len(), "watch is", "watches are");
    let over = match closed {
        0 if passed > 0 => None,
        0 if one => Some("It had no open case.".to_owned()),
        0 => Some("None of them had an open case.".to_owned()),
        n => Some(format!("{} closed with {them}.", count(n, "open case was", "open cases were"))),
    };
    let on = match (passed, on) {
        (0, _) => None,
        (1, [case]) => Some(goes_on(case)),
        (n, _) => Some(format!("{n} open cases go on, since other watches of the inventory cover those names.")),
    };
    let what: Vec<String> = over.into_iter().chain(on).collect();
    format!("{gone} no longer in the inventory, so nothing is told about {them} any more. {}", what.join(" "))
}

fn goes_on(case: &PassedOn) -> String {
    let id = case.was.id.map(|id| format!(" ({id})")).unwrap_or_default();
    let was = match case.was.tier {
        Tier::Page => "page",
        Tier::Alert => "alert",
        Tier::Digest => "weak resemblance",
    };
    format!("1 {was} was open{id}; it goes on as {}.", now(case))
}

/// As what it goes on, and with whom.
fn now(case: &PassedOn) -> String {
    let kind = match case.tier {
        Tier::Page => "a page",
        Tier::Alert => "an alert",
        Tier::Digest => "a line of the digest",
    };
    format!("{kind} of {}", listed(&case.of.iter().map(owner).collect::<Vec<_>>(), 10))
}

fn owner(owner: &OwnerId) -> String {
    shown(&owner.0, 60)
}

/// Nobody is told of it by these watches any more, and PyPI has it as before.
fn named(case: &EndedCase) -> String {
    let id = case.id.map(|id| format!(" ({id})")).unwrap_or_default();
    format!("{}{id}, {}", code(&shown(case.project.as_str(), 80)), case.tier.as_str())
}
