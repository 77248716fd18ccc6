//! What a stranger did on PyPI, as the rows of a card.

use crate::model::finding::Facts;
use crate::model::notice::Case;
use crate::model::{Tier, holders};

use super::hostile::inert;
use super::layout::Card;
use super::marks::code;
use super::phrase::{clock, listed, span};
use super::pip;

/// When it came, who published it, and what.
pub(crate) fn fill(card: &mut Card, case: &Case) {
    card.row_if("Spelled", spelled(case));
    card.row("Registered", registered(case));
    published(card, case);
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
fn published(card: &mut Card, case: &Case) {
    let facts = &case.finding.facts;
    card.row("Published by", holder(case).unwrap_or_else(|| nobody(case)));
    let none = match facts.trouble {
        _ if facts.released => "at least one, not known which",
        Some(_) => NOT_KNOWN,
        None => "none seen yet",
    };
    card.row("Versions", versions(facts).unwrap_or_else(|| none.to_owned()));
    card.row_if("Summary", quoted(facts.summary.as_deref(), 300));
    card.row_if("Author", quoted(facts.author.as_deref(), 120));
    card.row_if("Home page", quoted(facts.home_page.as_deref(), 200));
    let old = facts.provisional.then_some("PyPI's page may have been read before its last change; it is read again");
    card.row_if("May be old", old.map(str::to_owned));
    card.row_if("Why not known", facts.trouble.as_deref().map(|trouble| inert(trouble, 300)));
}

const NOT_KNOWN: &str = "not known";

/// Who holds it where that is not known. The message of a look-alike does not wait for its look-up, and none follows that says
/// no more than who it is.
fn nobody(case: &Case) -> String {
    let finding = &case.finding;
    match finding.id {
        _ if finding.facts.trouble.is_some() => NOT_KNOWN.to_owned(),
        Some(id) if finding.tier > Tier::Digest && finding.state.is_open() => format!(
            "being looked up as this was sent; {} says who, and you are told if it is worse than this",
            code(&format!("namewarden findings show {id}"))
        ),
        _ => "not looked up".to_owned(),
    }
}

/// Their words, in quotation marks, so that no sentence of theirs is taken for one of ours.
fn quoted(text: Option<&str>, cap: usize) -> Option<String> {
    let text = inert(text?, cap).replace('"', "'");
    (!text.is_empty()).then(|| format!("\"{text}\""))
}

/// Who holds it, or whom the changelog named: no page tells of what is gone within seconds.
pub(super) fn holder(case: &Case) -> Option<String> {
    let named: Vec<String> = holders(&case.named).iter().map(|user| code(&inert(user, 60))).collect();
    registrant(&case.finding.facts)
        .or_else(|| (!named.is_empty()).then(|| format!("{}, by the changelog", listed(&named, 8))))
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
