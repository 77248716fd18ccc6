//! The message before a claim that the configuration makes: what will be published, when, and how to stop it.

use crate::model::Time;
use crate::model::notice::{Announced, Briefing};

use super::layout::{Action, Answer, Card, Layout};
use super::marks::code;
use super::parties::origin;

pub(crate) fn fill(layout: &mut Layout, briefing: &Briefing, announced: &Announced) {
    let name = announced.claim.name.as_str();
    layout.verdict = match (announced.minutes, announced.turn) {
        (Some(minutes), _) => format!("Published in {} unless you stop it", span(minutes)),
        (None, None) => "Free again, and claimed back at once".to_owned(),
        (None, Some(turn)) => format!("Free again, and claimed back at {}", minute(turn)),
    };
    layout.about = format!("your name {}", code(name));
    layout.lead = lead(announced);
    layout.answer = Some(Answer {
        title: "Stop it with",
        command: format!("namewarden claim reject {name}"),
        text: format!("On {}. Anybody in the daemon's group may.", code(&origin(briefing))),
        link: None,
    });
    layout.actions =
        vec![Action::run("See where it stands.", format!("namewarden claim status {name}")), asked(announced)];
    let mut card = Card { title: format!("Claim of {}", code(name)), ..Card::default() };
    card.row("Claim", code(&announced.claim.to_string()));
    card.row_if("Its turn", announced.turn.map(minute));
    layout.cards = vec![card];
}

fn lead(announced: &Announced) -> Vec<String> {
    let name = code(announced.claim.name.as_str());
    let why = match announced.minutes {
        Some(minutes) => format!(
            "Anybody can register {name} on PyPI, and the inventory says claim = \"auto\": {} after this message is delivered, a \
             package that holds the name is published in your company's name.",
            span(minutes)
        ),
        None => format!(
            "The stranger's project {name} is gone from PyPI, so anybody can take the name. Its claim was approved before, so a \
             package that holds it is published {}.",
            if announced.turn.is_none() { "now" } else { "without asking again" }
        ),
    };
    let kept = |turn| {
        let turn = minute(turn);
        format!(
            "PyPI takes so many new projects a day, and others come first: as it stands, its turn comes at {turn}. Until then anybody can take it."
        )
    };
    [Some(why), announced.turn.map(kept)].into_iter().flatten().collect()
}

/// What is asked of people where they want it.
fn asked(announced: &Announced) -> Action {
    Action::new(match announced.turn {
        None => "Nothing is to be done where it should be published.",
        Some(_) => {
            "To hold it sooner, create the project by hand on PyPI in the form of your organization, where you have one: that \
             costs none of the day's new projects. Else nothing is to be done."
        }
    })
}

pub(crate) fn headline(announced: &Announced) -> String {
    let name = announced.claim.name.as_str();
    match (announced.minutes, announced.turn) {
        (Some(minutes), _) => format!("{name} will be published in {} unless you stop it", span(minutes)),
        (None, None) => format!("{name} is free again and claimed back at once"),
        (None, Some(turn)) => format!("{name} is free again and claimed back at {}", minute(turn)),
    }
}

fn minute(at: Time) -> String {
    at.format("%F %H:%M UTC").to_string()
}

fn span(minutes: u64) -> String {
    match (minutes / 60, minutes % 60) {
        (0, 0) => "less than a minute".to_owned(),
        (0, minutes) => format!("{minutes} min"),
        (hours, 0) => format!("{hours} h"),
        (hours, minutes) => format!("{hours} h {minutes} min"),
    }
}
