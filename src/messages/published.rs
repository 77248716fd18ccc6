//! What a stranger did on PyPI, as the rows of a card.

use crate::model::finding::Facts;
use crate::model::holders;
use crate::model::notice::Case;

use super::hostile::inert;
use super::layout::Card;
use super::marks::code;
use super::phrase::{clock, listed, span};
use super::pip;

/// When it came, who published it, and what.
pub(crate) fn fill(card: &mut Card, case: &Case) {
    card.row_if("Spelled", spelled(case));
    card.row("Registered", registered(case));
    published(card, &case.finding.facts);
}

/// As its owner wrote it, where that is another spelling.
fn spelled(case: &Case) -> Option<String> {
    let display = &case.finding.display;
    let same = display.eq_ignore_ascii_case(case.finding.project().as_str());
    if same { None } else { quoted(Some(display), 120) }
}

fn registered(case: &Case) -> String {
    let seen = clock(case.finding.seen_at);
    match case.finding.registered_at {
        Some(at) if at <= case.finding.seen_at => {
            format!("{}, seen {} later", clock(at), span(at, case.finding.seen_at))
        }
        Some(at) => format!("{}, seen {seen}", clock(at)),
        None => format!("not known to the second; first seen {seen}"),
    }
}

/// What the stranger published. A row that could not be looked up says so; one that was not says that.
fn published(card: &mut Card, facts: &Facts) {
    let unknown = if facts.trouble.is_some() { "could not be looked up" } else { "not looked up" };
    card.row("Published by", registrant(facts).unwrap_or_else(|| unknown.to_owned()));
    let none = match facts.trouble {
        _ if facts.released => "at least one, not known which",
        Some(_) => unknown,
        None => "none seen yet",
    };
    card.row("Versions", versions(facts).unwrap_or_else(|| none.to_owned()));
    card.row_if("Summary", quoted(facts.summary.as_deref(), 300));
    card.row_if("Author", quoted(facts.author.as_deref(), 120));
    card.row_if("Home page", quoted(facts.home_page.as_deref(), 200));
    let provisional = facts.provisional.then_some("nothing has told yet how new PyPI's page has to be; asked again");
    card.row_if("Provisional", provisional.map(str::to_owned));
    card.row_if("Not looked up", facts.trouble.as_deref().map(|trouble| inert(trouble, 300)));
}

/// Their words, in quotation marks, so that no sentence of theirs is taken for one of ours.
fn quoted(text: Option<&str>, cap: usize) -> Option<String> {
    let text = inert(text?, cap).replace('"', "'");
    (!text.is_empty()).then(|| format!("\"{text}\""))
}

pub(crate) fn registrant(facts: &Facts) -> Option<String> {
    let users: Vec<String> = holders(&facts.users).iter().map(|user| code(&inert(user, 60))).collect();
    let users = (!users.is_empty()).then(|| listed(&users, 8));
    let organization = facts.organization.as_deref().map(|name| format!("organization {}", code(&inert(name, 60))));
    let who = match (organization, users) {
        (Some(organization), Some(users)) => format!("{organization}, {users}"),
        (organization, users) => organization.or(users)?,
    };
    Some(match facts.ours {
        Some(true) => format!("{who} (listed as ours)"),
        Some(false) => format!("{who} (not one of ours)"),
        None => who,
    })
}

fn versions(facts: &Facts) -> Option<String> {
    let newest: Vec<String> = facts.releases.iter().map(pip::release).collect();
    let upload = facts.first_upload.map(|at| format!(", first upload {}", clock(at))).unwrap_or_default();
    let more = newest.len().saturating_sub(8) + facts.releases.left_out();
    let shown = newest.iter().take(8).cloned().collect::<Vec<_>>().join(", ");
    let more = if more == 0 { String::new() } else { format!(" and {more} more") };
    (!newest.is_empty()).then(|| format!("{shown}{more}{upload}"))
}
