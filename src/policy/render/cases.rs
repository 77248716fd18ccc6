//! The message about registrations: a card for each of the first projects, a line for each of the rest, and the steps.

use crate::model::finding::{Facts, FindingState, WouldPipTake};
use crate::model::notice::{Briefing, Case, NoticeEvent};
use crate::model::{Threat, Tier};

use super::hostile::{inert, link, shell, shown, without_credentials};
use super::sheet::{Card, Sheet, clock, count, listed, owner, span};
use super::steps::{acknowledge, read, steps};
use super::subject::relation;
use super::verdict;

/// Projects that get a card; more would not fit a screen.
const CARDS: usize = 5;

pub(crate) fn fill(sheet: &mut Sheet, briefing: &Briefing, cases: &[Case], omitted: usize, change: Option<&str>) {
    sheet.lead = lead(briefing, cases, change);
    sheet.cards = cases.iter().take(CARDS).map(|case| card(case, cases.len() > 1)).collect();
    sheet.more = cases.iter().skip(CARDS).map(line).collect();
    if omitted > 0 {
        sheet.more.push(format!("{} not shown here: {}", count(omitted, "case", "cases"), list(briefing, "")));
    }
    sheet.steps = cases.first().map(|first| steps(first, cases.len())).unwrap_or_default();
}

fn lead(briefing: &Briefing, cases: &[Case], change: Option<&str>) -> Vec<String> {
    let owner = owner(briefing);
    let mut lead = vec![match (briefing.event, cases) {
        (NoticeEvent::Registered | NoticeEvent::Summary, _) if briefing.tier == Tier::Digest => {
            format!("Weak resemblances to names of {owner}; nothing here is urgent.")
        }
        (NoticeEvent::Summary, _) => {
            format!("Several things happened to names that threaten those of {owner}; this is one message for all.")
        }
        (NoticeEvent::Escalated, _) => format!("Nobody has acknowledged this. It concerns {owner}."),
        (NoticeEvent::Worsened, _) => format!("A case of {owner} got worse."),
        (NoticeEvent::Ended, [only]) => format!("{} It concerned {owner}.", over(only)),
        (NoticeEvent::Ended, _) => format!("These are no threat to the names of {owner} any more."),
        (_, [only]) => {
            let project = shown(only.finding.project().as_str(), 120);
            let since = if only.finding.state == FindingState::Removed { ", and it is gone since" } else { "" };
            format!("Somebody registered {project} on PyPI{since}. It is {}. This concerns {owner}.", relation(only))
        }
        _ => format!("Several names were registered on PyPI that threaten those of {owner}."),
    }];
    if let Some(change) = change.filter(|_| briefing.event != NoticeEvent::Escalated) {
        lead.push(format!("What changed: {}.", inert(change, 300)));
    }
    lead.extend(
        briefing.instead.as_deref().map(|why| format!("You get this as the one who stands in: {}.", inert(why, 200))),
    );
    lead
}

/// The command that lists the cases of whoever is told.
pub(crate) fn list(briefing: &Briefing, option: &str) -> String {
    format!("namewarden findings list{option} --owner {}", shell(&briefing.owner.0))
}

/// How the threat ended, in a sentence.
fn over(case: &Case) -> String {
    let project = shown(case.finding.project().as_str(), 120);
    match case.finding.state {
        FindingState::Ours => format!("{project} is no threat: the account that holds it is listed as ours."),
        _ if case.again => format!(
            "This registration of {project} is over. The name was registered again, and that is a case of its own: \
             do not take this for the end of that."
        ),
        _ => format!("The threat is over: {project} is gone from PyPI."),
    }
}

/// A card for one project; its command is left out where the steps have the only one.
fn card(case: &Case, with_command: bool) -> Card {
    let mut card = Card { title: title(case), page: link(&case.page).map(str::to_owned), rows: Vec::new() };
    card.row("Would pip take it", verdict::sentence(case));
    card.row_if("Other installers", verdict::others(case));
    card.row_if("Your name", case.finding.first().map(|threat| watched(case, threat)));
    card.row_if("Also concerns", also(case));
    card.row_if("Why", why(case));
    card.row("Registered", registered(case));
    published(&mut card, &case.finding.facts);
    card.row_if("State", state(case));
    match (with_command, case.finding.state.is_over()) {
        (true, false) => card.row("Acknowledge", acknowledge(case)),
        (true, true) => card.row("Read it", read(case)),
        (false, _) => {}
    }
    card
}

/// The cards of what already stood, and lines for those beyond the first few.
pub(crate) fn standing(sheet: &mut Sheet, cases: &[&Case]) {
    sheet.cards = cases.iter().take(CARDS).map(|case| card(case, true)).collect();
    sheet.more.extend(cases.iter().skip(CARDS).map(|case| line(case)));
}

fn title(case: &Case) -> String {
    let project = shown(case.finding.project().as_str(), 120);
    let display = &case.finding.display;
    let same = display.eq_ignore_ascii_case(case.finding.project().as_str()) || display.is_empty();
    if same { project } else { format!("{project} (spelled {})", inert(display, 120)) }
}

/// Whose name it is and what is known about it inside.
fn watched(case: &Case, threat: &Threat) -> String {
    let label = shown(&threat.watch.label(), 80);
    let Some(watch) = case.watch() else { return format!("{label} (no longer in the inventory)") };
    let mut known = vec![format!("owner {}", shown(&watch.owner.0, 60))];
    known.extend(watch.latest_version.as_deref().map(|v| format!("internal version {}", shown(v, 40))));
    known.extend(watch.index.as_deref().map(|index| format!("resolved from {}", without_credentials(index))));
    known.extend(watch.first_use.map(|day| format!("in use since {day}")));
    format!("{label} ({})", known.join(", "))
}

/// The other watches that the project threatens, each with its owner.
fn also(case: &Case) -> Option<String> {
    let label =
        |threat: &Threat| format!("{} (owner {})", shown(&threat.watch.label(), 60), shown(&threat.owner.0, 60));
    let labels: Vec<String> = case.finding.threats.iter().skip(1).map(label).collect();
    (!labels.is_empty()).then(|| listed(&labels, 10))
}

fn why(case: &Case) -> Option<String> {
    let matches = &case.finding.first()?.matches;
    let first = matches.first()?;
    let others: Vec<String> = matches[1..].iter().map(|m| m.rule.as_str().to_owned()).collect();
    let also = if others.is_empty() { String::new() } else { format!("; also {}", listed(&others, 5)) };
    Some(format!("{} (rule {}, score {}{also})", shown(&first.explanation, 300), first.rule.as_str(), first.score))
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

fn registrant(facts: &Facts) -> Option<String> {
    let users: Vec<String> = facts.users.iter().map(|user| inert(user, 60)).collect();
    let users = (!users.is_empty()).then(|| listed(&users, 8));
    let organization = facts.organization.as_deref().map(|name| format!("organization {}", inert(name, 60)));
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
    let newest: Vec<String> = facts.releases.iter().map(verdict::release).collect();
    let upload = facts.first_upload.map(|at| format!(", first upload {}", clock(at))).unwrap_or_default();
    let more = newest.len().saturating_sub(8) + facts.releases.left_out();
    let shown = newest.iter().take(8).cloned().collect::<Vec<_>>().join(", ");
    let more = if more == 0 { String::new() } else { format!(" and {more} more") };
    (!newest.is_empty()).then(|| format!("{shown}{more}{upload}"))
}

fn state(case: &Case) -> Option<String> {
    let note = case.finding.note.as_deref().map(|note| format!(": {}", inert(note, 200))).unwrap_or_default();
    match case.finding.state {
        FindingState::Open if note.is_empty() => None,
        state => Some(format!("{}{note}", state.as_str())),
    }
}

/// A case beyond the cards: enough to know whether to look.
fn line(case: &Case) -> String {
    let more = match case.finding.threats.len().saturating_sub(1) {
        0 => String::new(),
        n => format!(" and {}", count(n, "more watch", "more watches")),
    };
    let project = shown(case.finding.project().as_str(), 80);
    let taken = match (case.finding.state, case.finding.facts.would_pip_take) {
        (FindingState::Removed, _) => ", gone from PyPI",
        (FindingState::Ours, _) => ", ours",
        (_, WouldPipTake::Yes) => ", pip would take it",
        _ => "",
    };
    let id = case.finding.id.map(|id| format!("{id} ")).unwrap_or_default();
    format!("[{}] {id}{project}: {}{more}{taken}", case.finding.tier, relation(case))
}
