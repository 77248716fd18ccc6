//! The message before a claim that the configuration makes: what will be published, when, and how to stop it.

use crate::model::notice::{Announced, Briefing};

use super::layout::{Action, Answer, Card, Layout};
use super::marks::code;
use super::parties::origin;

pub(crate) fn fill(layout: &mut Layout, briefing: &Briefing, announced: &Announced) {
    let name = announced.claim.name.as_str();
    layout.verdict = match announced.minutes {
        Some(minutes) => format!("Published in {} unless you stop it", span(minutes)),
        None => "Free again, and claimed back at once".to_owned(),
    };
    layout.about = format!("your name {}", code(name));
    layout.lead = vec![match announced.minutes {
        Some(minutes) => format!(
            "Anybody can register {} on PyPI, and the inventory says claim = \"auto\": {} after this message is delivered, a package \
             that holds the name is published in your company's name.",
            code(name),
            span(minutes)
        ),
        None => format!(
            "The stranger's project {} is gone from PyPI, so anybody can take the name. Its claim was approved before, so a \
             package that holds it is published now.",
            code(name)
        ),
    }];
    layout.answer = Some(Answer {
        title: "Stop it with",
        command: format!("namewarden claim reject {name}"),
        text: format!("On {}. Anybody in the daemon's group may.", code(&origin(briefing))),
        link: None,
    });
    layout.actions = vec![
        Action::run("See where it stands.", format!("namewarden claim status {name}")),
        Action::new("Nothing is to be done where it should be published."),
    ];
    let mut card = Card { title: format!("Claim of {}", code(name)), ..Card::default() };
    card.row("Claim", code(&announced.claim.to_string()));
    layout.cards = vec![card];
}

pub(crate) fn headline(announced: &Announced) -> String {
    let name = announced.claim.name.as_str();
    match announced.minutes {
        Some(minutes) => format!("{name} will be published in {} unless you stop it", span(minutes)),
        None => format!("{name} is free again and claimed back at once"),
    }
}

fn span(minutes: u64) -> String {
    match (minutes / 60, minutes % 60) {
        (0, 0) => "less than a minute".to_owned(),
        (0, minutes) => format!("{minutes} min"),
        (hours, 0) => format!("{hours} h"),
        (hours, minutes) => format!("{hours} h {minutes} min"),
    }
}
