//! The HTML form of a mail. askama escapes every value; `hostile::line` has removed what no escaping would.

use askama::Template;

use super::hostile::line;
use super::sheet::{Card, Row, Sheet, Step};
use crate::model::Tier;

#[derive(Template)]
#[template(path = "mail.html")]
struct Page {
    sheet: Sheet,
    colour: &'static str,
}

pub(crate) fn page(sheet: &Sheet) -> String {
    let colour = match sheet.tier {
        Tier::Page => "#b3261e",
        Tier::Alert => "#9a5b00",
        Tier::Digest => "#3b5b7a",
    };
    let page = Page { sheet: visible(sheet), colour };
    page.render().unwrap_or_else(|error| format!("<p>The page could not be rendered ({error}); read the text.</p>"))
}

/// The sheet with every text made one visible line.
fn visible(sheet: &Sheet) -> Sheet {
    let lines = |texts: &[String]| texts.iter().map(|text| line(text)).collect();
    Sheet {
        tier: sheet.tier,
        subject: line(&sheet.subject),
        headline: line(&sheet.headline),
        lead: lines(&sheet.lead),
        cards: sheet.cards.iter().map(card).collect(),
        more: lines(&sheet.more),
        steps: sheet.steps.iter().map(step).collect(),
        closing: lines(&sheet.closing),
    }
}

fn card(card: &Card) -> Card {
    let rows = card.rows.iter().map(|row| Row { label: row.label, value: line(&row.value) }).collect();
    Card { title: line(&card.title), page: card.page.as_deref().map(line), rows }
}

fn step(step: &Step) -> Step {
    Step { text: line(&step.text), command: step.command.as_deref().map(line) }
}
