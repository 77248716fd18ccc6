//! The pages behind a link: what the case is, with a button for each answer; what came of one; and why there is none.

use askama::Template;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse as _, Response};

use super::super::pages::parts::{Badge, Marked, When, plain, plain_to};
use super::super::pages::shell::Shell;
use super::super::pages::words::upper;
use crate::api::v1::{FindingState, Tier};
use crate::cases::{LinkAct, LinkAnswer, LinkKey, LinkedCase, RuledCase};
use crate::messages::phrase::clock;
use crate::model::{self, Finding, Time, count};

/// Watches that are named.
const NAMED: usize = 5;

/// `templates/answer.html`.
#[derive(Template)]
#[template(path = "answer.html")]
struct Page {
    shell: Shell,
    id: String,
    project: String,
    tier: Badge,
    state: Badge,
    why: Option<Marked>,
    watches: String,
    verdict: &'static str,
    seen: When,
    note: Option<String>,
    to: String,
    snoozed: Option<When>,
    /// Somebody is on it.
    acknowledged: bool,
    acknowledge: String,
    snooze: String,
    harmless: String,
}

/// `templates/answered.html`.
#[derive(Template)]
#[template(path = "answered.html")]
struct Said {
    shell: Shell,
    good: bool,
    lines: Vec<Marked>,
}

/// The case, and what its addressee may say.
pub(super) fn open(seen: &LinkedCase, key: &LinkKey, now: Time) -> Response {
    let of = &seen.finding;
    let token = |act| seen.token(act, key);
    let page = Page {
        shell: Shell::outside("Answer"),
        id: of.id.map_or_else(|| plain(&of.key.0), |id| id.to_string()),
        project: plain(&of.display),
        tier: Badge::new(Tier::from(of.tier)),
        state: Badge::new(FindingState::from(of.state)),
        why: of.strongest().map(|found| Marked::new(&found.explanation)),
        watches: watches(of),
        verdict: verdict(of),
        seen: When::new(of.seen_at, now),
        note: of.note.as_deref().map(|note| plain_to(note, 500)),
        to: plain(&seen.to.to_string()),
        snoozed: of.snoozed_until.filter(|until| *until > now).map(|until| When::new(until, now)),
        acknowledged: of.state == model::FindingState::Acknowledged,
        acknowledge: token(LinkAct::Acknowledge),
        snooze: token(LinkAct::Snooze),
        harmless: token(LinkAct::Harmless),
    };
    rendered(StatusCode::OK, &page)
}

/// What came of an answer.
pub(super) fn done(case: &RuledCase, answer: &LinkAnswer) -> Response {
    let name = case.id.map_or_else(|| plain(&case.key.0), |id| id.to_string());
    let state = case.state.word(case.quarantined);
    let first = match (answer, case.snoozed_until) {
        (LinkAnswer::Snooze(_), Some(until)) => format!("{name} is snoozed until {}", clock(until)),
        (LinkAnswer::Snooze(_), None) => format!("{name} is {state}: nobody is reminded of it"),
        (LinkAnswer::Harmless(_), _) => format!("{name} is closed as harmless, and whoever was told of it hears so"),
        (LinkAnswer::Acknowledge, _) => format!("{name} is {state}: reminders have stopped"),
    };
    let already = if case.changed { "" } else { ", and was so already" };
    let lines = [
        format!("{first}{already}."),
        "Whatever gets worse is told at once, all the same. You may close this page.".to_owned(),
    ];
    said(StatusCode::OK, "Answered", &lines)
}

/// Why there are no buttons.
pub(super) fn closed(status: StatusCode, why: &str) -> Response {
    said(status, "This link does not answer", &[format!("{}.", upper(why))])
}

fn said(status: StatusCode, title: &str, lines: &[String]) -> Response {
    let lines = lines.iter().map(|line| Marked::new(line)).collect();
    rendered(status, &Said { shell: Shell::outside(title), good: status == StatusCode::OK, lines })
}

fn rendered(status: StatusCode, page: &impl Template) -> Response {
    match page.render() {
        Ok(text) => (status, Html(text)).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

fn verdict(of: &Finding) -> &'static str {
    match of.facts.would_pip_take {
        model::finding::WouldPipTake::Yes => "pip would take it.",
        model::finding::WouldPipTake::Unknown => "It is not known if pip takes it.",
        model::finding::WouldPipTake::No => "pip would not take it.",
    }
}

/// The first of the names that it threatens, and how many more.
fn watches(of: &Finding) -> String {
    let named: Vec<String> = of.threats.iter().take(NAMED).map(|threat| plain(&threat.watch.label())).collect();
    match (of.others() + 1).saturating_sub(named.len()) {
        0 => named.join(", "),
        more => format!("{} and {}", named.join(", "), count(more, "more watch", "more watches")),
    }
}
