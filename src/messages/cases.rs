//! The message about registrations: the verdict, the command to answer with and what to do, then all that is known of the
//! most urgent project, what decides about the next few, and a line for each of the rest.

use crate::model::finding::{FindingState, WouldPipTake};
use crate::model::notice::{Briefing, Case, NoticeEvent};
use crate::model::{Threat, Tier};

use super::actions::{actions, answer, list};
use super::hostile::{inert, link, shown, without_credentials};
use super::layout::{Card, Layout, Row};
use super::marks::code;
use super::phrase::{count, listed, span};
use super::relation::relation;
use super::verdict::{Verdict, verdict};
use super::{at_gate, context, pip, published};

/// Projects that get a card; more would not fit a screen.
const CARDS: usize = 5;
/// Projects that get a line after those.
const LINES: usize = 20;
/// Projects whose names share a line after those.
const NAMES: usize = 30;

pub(crate) fn fill(layout: &mut Layout, briefing: &Briefing, cases: &[Case], omitted: usize, change: Option<&str>) {
    let more = cases.len() + omitted > 1;
    layout.verdict = verdict(cases, omitted);
    layout.about = cases.first().map(|first| about(briefing, first, more)).unwrap_or_default();
    layout.lead = lead(briefing, cases, change);
    layout.answer = answer(briefing, cases, omitted);
    layout.actions = actions(cases);
    let cards = cases.iter().take(CARDS).enumerate();
    layout.cards = cards.map(|(at, case)| if at == 0 { card(case) } else { brief(case) }).collect();
    for (card, case) in layout.cards.iter_mut().zip(cases).filter(|_| more) {
        card.link.clone_from(&case.link);
        card.dashboard.clone_from(&case.dashboard);
    }
    layout.more = rest(&cases.iter().skip(CARDS).collect::<Vec<_>>());
    if omitted > 0 {
        layout.more.push(format!("{} not shown here: {}", count(omitted, "case", "cases"), code(&list(briefing, ""))));
    }
}

/// What ended beside what the message is about, below it and by name: as cards while there is room.
pub(crate) fn ends(layout: &mut Layout, ended: &[Case]) {
    let room = CARDS.saturating_sub(layout.cards.len()).min(ended.len());
    layout.cards.extend(ended[..room].iter().map(end));
    layout.more.extend(rest(&ended[room..].iter().collect::<Vec<_>>()));
}

fn end(case: &Case) -> Card {
    let mut card = brief(case);
    card.title = format!("Over: {}", card.title);
    card.rows.insert(0, Row { label: "What ended", value: over(case) });
    card
}

/// A line for each of the next, and the names of all others: none that is told goes unnamed.
fn rest(cases: &[&Case]) -> Vec<String> {
    let mut more: Vec<String> = cases.iter().take(LINES).map(|case| line(case)).collect();
    for names in cases.get(LINES..).unwrap_or_default().chunks(NAMES) {
        let names: Vec<String> = names.iter().map(|case| shown(case.finding.project().as_str(), 80)).collect();
        more.push(names.join(", "));
    }
    more
}

/// Whose name it is, in a line, and what happened to it where that is not said before.
fn about(briefing: &Briefing, first: &Case, more: bool) -> String {
    let project = code(&shown(first.finding.project().as_str(), 120));
    let happened = match briefing.event {
        NoticeEvent::Registered if first.again => " was registered on PyPI before, and that is over",
        NoticeEvent::Registered => " was registered on PyPI",
        NoticeEvent::Stood => " stood on PyPI before it was watched",
        _ => "",
    };
    match more {
        true => format!("First {project}: {}", relation(first)),
        false => format!("{project}{happened}: {}", relation(first)),
    }
}

fn lead(briefing: &Briefing, cases: &[Case], change: Option<&str>) -> Vec<String> {
    let ended = cases.first().filter(|first| (briefing.event == NoticeEvent::Ended || first.again) && cases.len() == 1);
    let mut lead: Vec<String> = ended.map(over).into_iter().collect();
    lead.extend(
        change
            .filter(|_| briefing.event != NoticeEvent::Escalated)
            .map(|change| changed(briefing.event, &inert(change, 300))),
    );
    let worth_a_word = |first: &&Case| cases.len() == 1 || Verdict::of(first) != Verdict::OtherName;
    let not_said = |first: &&Case| ended.is_none() || first.finding.state == FindingState::Removed;
    lead.extend(cases.first().filter(worth_a_word).filter(not_said).map(pip::sentence));
    lead.extend(match briefing.event {
        NoticeEvent::Registered | NoticeEvent::Summary if briefing.tier == Tier::Digest => {
            Some("Weak resemblances; what is urgent is told apart, and at once.".to_owned())
        }
        NoticeEvent::Escalated => Some(unanswered(briefing, cases)),
        _ => None,
    });
    let instead = |why: &str| format!("You get this as the one who stands in: {}.", inert(why, 200));
    lead.extend(briefing.instead.as_deref().map(instead));
    lead
}

/// What somebody answered is no change of the project, and holds as long as it stands as it does.
fn changed(event: NoticeEvent, change: &str) -> String {
    match event {
        NoticeEvent::Answered => {
            format!("It {change}. Whoever knows better says so: whatever gets worse is told at once, all the same.")
        }
        _ => format!("What changed: {change}."),
    }
}

fn unanswered(briefing: &Briefing, cases: &[Case]) -> String {
    let these = if cases.len() == 1 { "this" } else { "these" };
    let first = cases.iter().map(|case| case.finding.seen_at).min();
    let since = first.map(|seen| format!(", first seen {} ago", span(seen, briefing.at))).unwrap_or_default();
    match cases {
        [one] if one.finding.snoozed_until.is_some() => format!("Somebody put it off, and that is over{since}."),
        _ => format!("Nobody has acknowledged {these}{since}."),
    }
}

/// How the threat ended, in a sentence.
fn over(case: &Case) -> String {
    let project = code(&shown(case.finding.project().as_str(), 120));
    match case.finding.state {
        FindingState::Ours => format!("{project} is no threat: the account that holds it is listed as ours."),
        _ if case.again => {
            let own = case.next.map(|next| format!(", {next}, with messages of its own")).unwrap_or_default();
            format!(
                "This registration of {project} is over. The name was registered again, and that is a case of its own{own}: \
                 do not take this for the end of that."
            )
        }
        _ if case.quarantined => {
            format!("The threat is over: {project} is in quarantine at PyPI, and nobody can install it.")
        }
        _ if case.unlisted => {
            format!(
                "The threat is over for now: PyPI no longer lists {project}, which was removed or is in quarantine."
            )
        }
        _ => format!("The threat is over: {project} is gone from PyPI."),
    }
}

fn titled(case: &Case) -> Card {
    Card { title: title(case), address: link(&case.address).map(str::to_owned), ..Card::default() }
}

/// What decides whether to look at a case beside the most urgent one.
fn brief(case: &Case) -> Card {
    let mut card = titled(case);
    card.row("It is", relation(case));
    card.row_if("At the gate", at_gate::row(case));
    let other = Verdict::of(case) == Verdict::OtherName;
    card.row_if("Would pip take it", (!other).then(|| pip::sentence(case)));
    card.row_if("Also concerns", also(case));
    card.row_if("Context", context::row(case));
    card.row_if("Published by", published::holder(case));
    card.row_if("State", state(case));
    card
}

/// Everything known of one project. A message begins with the verdict, and filters look for it here, beside its label.
fn card(case: &Case) -> Card {
    let mut card = titled(case);
    card.row("Would pip take it", pip::sentence(case));
    card.row_if("At the gate", at_gate::row(case));
    card.row_if("Other installers", pip::others(case));
    card.row_if("Your name", case.finding.first().map(|threat| watched(case, threat)));
    card.row_if("Also concerns", also(case));
    card.row_if("Why", why(case));
    card.row_if("Context", context::row(case));
    published::fill(&mut card, case);
    card.row_if("State", state(case));
    card
}

/// The cards of what already stood, and lines for those beyond the first few.
pub(crate) fn standing(layout: &mut Layout, cases: &[&Case]) {
    layout.cards = cases.iter().take(CARDS).map(|case| card(case)).collect();
    layout.more.extend(rest(cases.get(CARDS..).unwrap_or_default()));
}

fn title(case: &Case) -> String {
    let project = code(&shown(case.finding.project().as_str(), 120));
    case.finding.id.map_or_else(|| project.clone(), |id| format!("{project} ({id})"))
}

/// Whose name it is and what is known about it inside.
fn watched(case: &Case, threat: &Threat) -> String {
    let label = code(&shown(&threat.watch.label(), 80));
    let Some(watch) = case.watch() else { return format!("{label} (no longer in the inventory)") };
    let mut known = vec![format!("owner {}", shown(&watch.owner.0, 60))];
    known.extend(watch.latest_version.as_deref().map(|v| format!("internal version {}", code(&shown(v, 40)))));
    known.extend(watch.index.as_deref().map(|index| format!("resolved from {}", code(&without_credentials(index)))));
    known.extend(watch.first_use.map(|day| format!("in use since {day}")));
    format!("{label} ({})", known.join(", "))
}

/// The other watches that the project threatens, each with its owner.
fn also(case: &Case) -> Option<String> {
    let label =
        |threat: &Threat| format!("{} (owner {})", code(&shown(&threat.watch.label(), 60)), shown(&threat.owner.0, 60));
    let labels: Vec<String> = case.finding.threats.iter().skip(1).map(label).collect();
    let more = case.finding.more.iter();
    let more = more
        .map(|more| format!("{} of {}", count(more.watches, "more watch", "more watches"), shown(&more.owner.0, 60)));
    let more: Vec<String> = more.collect();
    let parts = [&labels, &more].into_iter().filter(|part| !part.is_empty()).map(|part| listed(part, 10));
    let parts: Vec<String> = parts.collect();
    (!parts.is_empty()).then(|| parts.join("; "))
}

fn why(case: &Case) -> Option<String> {
    let matches = &case.finding.first()?.matches;
    let first = matches.first()?;
    let others: Vec<String> = matches[1..].iter().map(|m| m.rule.as_str().to_owned()).collect();
    let also = if others.is_empty() { String::new() } else { format!("; also {}", listed(&others, 5)) };
    let explained = in_words(&first.explanation);
    Some(format!("{} (rule {}, score {}{also})", shown(explained, 300), first.rule.as_str(), first.score))
}

/// Without what the score was made of, which `namewarden check` shows.
fn in_words(explanation: &str) -> &str {
    let cut = explanation.split_once("; ").filter(|(_, rest)| rest.contains(" bits of evidence"));
    cut.map_or(explanation, |(words, _)| words)
}

fn state(case: &Case) -> Option<String> {
    // What somebody said while it was open does not say how it ended.
    let said = if case.finding.state.is_over() { "; noted before: " } else { ": " };
    let note = case.finding.note.as_deref().map(|note| format!("{said}{}", inert(note, 200))).unwrap_or_default();
    match case.finding.state {
        FindingState::Open if note.is_empty() => None,
        state => Some(format!("{}{note}", state.word(case.quarantined))),
    }
}

/// A case beyond the cards: enough to know whether to look.
fn line(case: &Case) -> String {
    let more = match case.finding.others() {
        0 => String::new(),
        n => format!(" and {}", count(n, "more watch", "more watches")),
    };
    let project = code(&shown(case.finding.project().as_str(), 80));
    let taken = match (case.finding.state, case.finding.facts.would_pip_take) {
        (FindingState::Removed, _) if case.again => ", over, and registered again",
        (FindingState::Removed, _) if case.quarantined => ", in quarantine at PyPI",
        (FindingState::Removed, _) => ", gone from PyPI",
        (FindingState::Ours, _) => ", ours",
        (_, WouldPipTake::Yes) => ", pip would take it",
        _ => "",
    };
    let id = case.finding.id.map(|id| format!("{id} ")).unwrap_or_default();
    format!("[{}] {id}{project}: {}{more}{taken}", case.finding.tier, relation(case))
}
