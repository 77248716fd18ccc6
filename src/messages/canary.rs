//! The canary and the test alert. The canary comes every day, so it says how the whole watch stands: whoever reads that a
//! channel works must not take it for an all-clear.

use super::hostile::{inert, shown};
use super::layout::{Answer, Card, Layout};
use super::marks::code;
use super::parties::{origin, owner};
use super::phrase::{clock, count, listed, span};
use crate::model::Time;
use crate::model::health::HealthCase;
use crate::model::notice::Briefing;
use crate::model::overview::{Blind, Open, Overview, Unacknowledged, Waiting};

/// Lines of one kind; the rest is counted.
const LISTED: usize = 5;

pub(crate) fn fill(layout: &mut Layout, briefing: &Briefing, overview: Option<&Overview>) {
    layout.verdict = "This channel works".to_owned();
    let Some(overview) = overview else {
        layout.about = format!("An alert reaches {} this way", owner(briefing));
        layout.lead = vec![
            "This is a test alert, sent by hand: there is nothing to do. It took the way that a real alert takes, and says \
             nothing about your names."
                .to_owned(),
        ];
        return;
    };
    layout.about = format!("And how the watch stands: {}", brief(overview));
    layout.lead = vec![
        "This is the daily proof that an alert reaches you: it went through the same matcher, store and channel as a real \
         one. If it stops coming, the watch is broken."
            .to_owned(),
        match overview.is_quiet() {
            true => "Nothing is open, nothing waits, and no feed was blind in the last week.".to_owned(),
            false => "It is no all-clear. Below is how the whole watch stands, for all owners.".to_owned(),
        },
    ];
    if !overview.is_quiet() {
        let text = format!("On {}. The cases: {}.", code(&origin(briefing)), code("namewarden findings list"));
        layout.answer =
            Some(Answer { title: "See it with", command: "namewarden status".to_owned(), text, link: None });
        layout.cards = vec![card(overview, briefing.at)];
    }
}

/// For the subject: what matters most.
pub(crate) fn brief(overview: &Overview) -> String {
    let pages = overview.pages.cases;
    let overdue = overview.unanswered + overview.untold;
    // Of one page once: what is overdue is open, but for the news of an end that did not get through.
    let late = match (overdue, pages) {
        (0, _) => String::new(),
        (_, 0) => count(overdue, "page overdue", "pages overdue"),
        (late, open) if late == open => format!("{} and overdue", count(open, "page open", "pages open")),
        (late, open) => format!("{}, {late} overdue", count(open, "page open", "pages open")),
    };
    let in_time = if overdue == 0 { pages } else { 0 };
    let rest = [
        (in_time, "page open", "pages open"),
        (overview.alerts.cases, "alert open", "alerts open"),
        (overview.stood, "page from before the watch", "pages from before the watch"),
        (overview.waiting.len() as u64, "channel behind", "channels behind"),
        (overview.issues.len() as u64, "health case", "health cases"),
    ];
    let rest = rest.into_iter().filter(|(n, ..)| *n > 0).map(|(n, one, many)| count(n, one, many));
    let parts: Vec<String> = Some(late).filter(|late| !late.is_empty()).into_iter().chain(rest).collect();
    match parts.is_empty() {
        false => parts.join(", "),
        true if overview.is_quiet() => "nothing is open".to_owned(),
        true => "no page and no alert is open".to_owned(),
    }
}

fn card(overview: &Overview, at: Time) -> Card {
    let mut card = Card { title: "How the watch stands".to_owned(), ..Card::default() };
    card.row("Pages", tier(&overview.pages, at));
    card.row_if("Overdue", overdue(overview));
    card.row("Alerts", tier(&overview.alerts, at));
    card.row_if("Weak", (overview.weak > 0).then(|| format!("{} open", overview.weak)));
    card.row_if("From before", stood(overview));
    card.row("Undelivered", lines(&overview.waiting, |waiting| waits(waiting, at)));
    card.row("Unwell", lines(&overview.issues, ailing));
    card.row("Blind lately", lines(&overview.blind, blind));
    card
}

fn tier(open: &Open, at: Time) -> String {
    if open.cases == 0 {
        return "none open".to_owned();
    }
    let oldest = open.oldest.as_ref().map(|oldest| format!("; the oldest is {}", waits_for(oldest, at)));
    format!("{} open, {} of them unacknowledged{}", open.cases, open.unacknowledged, oldest.unwrap_or_default())
}

fn waits_for(oldest: &Unacknowledged, at: Time) -> String {
    let id = oldest.id.map(|id| format!(" ({id})")).unwrap_or_default();
    format!("{}{id}, for {}", code(&shown(oldest.project.as_str(), 80)), span(oldest.since, at))
}

/// Nobody is reminded of it, and it is no all-clear either.
fn stood(overview: &Overview) -> Option<String> {
    let pages = count(overview.stood, "page stands", "pages stand");
    let list = code("namewarden findings list --state pre-existing");
    (overview.stood > 0).then(|| format!("{pages} as before the watch, held by others: {list}"))
}

fn overdue(overview: &Overview) -> Option<String> {
    let unanswered = (overview.unanswered > 0)
        .then(|| format!("{} that nobody acknowledged in time", count(overview.unanswered, "page", "pages")));
    let untold =
        (overview.untold > 0).then(|| format!("{} not delivered yet", count(overview.untold, "page", "pages")));
    let parts: Vec<String> = unanswered.into_iter().chain(untold).collect();
    (!parts.is_empty()).then(|| parts.join("; "))
}

fn lines<T>(all: &[T], line: impl Fn(&T) -> String) -> String {
    let lines: Vec<String> = all.iter().map(line).collect();
    if lines.is_empty() { "none".to_owned() } else { listed(&lines, LISTED) }
}

fn waits(waiting: &Waiting, at: Time) -> String {
    let channel = code(&inert(&waiting.channel.to_string(), 60));
    let messages = count(waiting.messages, "message", "messages");
    format!("{messages} on {channel}, the oldest for {}", span(waiting.since, at))
}

fn ailing(case: &HealthCase) -> String {
    format!("{} since {}", code(&inert(&case.issue.to_string(), 80)), clock(case.since))
}

fn blind(blind: &Blind) -> String {
    format!("{} from {} to {}", code(&inert(&blind.what, 80)), clock(blind.from), clock(blind.to))
}
