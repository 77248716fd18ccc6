//! One claim: how far it is, who agreed, and what can be decided.

use askama::Template;
use axum::extract::Path;
use axum::response::Response;

use super::claims::{badge, party};
use super::parts::{Badge, Fact, Marked, When, plain, plain_to, segment};
use super::shell::{Shell, Tab};
use super::trouble::TroublePage;
use super::visit::Visit;
use crate::api::v1::{
    Claim, ClaimEvent, ClaimState, ClaimedFile, Command, Decided, Page, Problem, ProblemType, Setback,
};
use crate::messages::phrase::clock;
use crate::model::{Role, Time};

#[derive(Template)]
#[template(path = "claim.html")]
struct Shown {
    shell: Shell,
    key: String,
    name: String,
    link: String,
    weight: &'static str,
    state: Badge,
    next: Marked,
    facts: Vec<Fact>,
    setback: Option<No>,
    trail: Vec<Line>,
    files: Vec<ClaimedFile>,
    csrf: Option<String>,
    acts: Vec<Act>,
}

/// An answer of the registry that is no yes.
struct No {
    meaning: String,
    remedy: String,
    said: Option<String>,
}

/// A line of the trail.
struct Line {
    text: Marked,
    at: When,
    by: String,
}

/// Something to decide.
struct Act {
    decision: &'static str,
    word: &'static str,
    first: bool,
}

pub(super) async fn show(visit: Visit, Path(name): Path<String>) -> Result<Response, TroublePage> {
    let command = Command::ClaimStatus { names: vec![name.clone()], after: None, limit: Some(1) };
    let found: Page<Claim> = visit.ask(command).await?;
    let Some(claim) = found.items.into_iter().next() else { return Err(visit.failed(none(&name))) };
    let shell = visit.live(Tab::Claims, &format!("Claim of {}", plain_to(&claim.name, 60)));
    visit.page(&page(claim, shell, visit.now))
}

fn none(name: &str) -> Problem {
    let detail = format!("there is no claim of {}", plain(name));
    Problem::new(ProblemType::NoSuchPath, detail).with("the plan of claims says what protects it best")
}

fn page(of: Claim, shell: Shell, now: Time) -> Shown {
    Shown {
        key: plain(&of.key),
        name: plain(&of.name),
        link: segment(&of.name),
        weight: weight(&of),
        state: badge(&of),
        next: Marked::new(&of.next),
        facts: facts(&of),
        setback: of.setback.as_ref().map(no),
        trail: of.trail.iter().rev().map(|event| line(event, now)).collect(),
        csrf: shell.may(Role::Approver),
        acts: acts(of.state),
        files: of.files,
        shell,
    }
}

fn weight(of: &Claim) -> &'static str {
    match of.state {
        ClaimState::Ours if of.astray.as_ref().is_some_and(|astray| astray.foreign || !astray.accepted) => "critical",
        ClaimState::Uncertain | ClaimState::Failed | ClaimState::Refused => "critical",
        ClaimState::Planned | ClaimState::Partial => "warning",
        _ => "",
    }
}

/// Who planned it, who agreed, and when it may go.
fn facts(of: &Claim) -> Vec<Fact> {
    let decided = |decided: &Decided| format!("{}, {}", party(&decided.by), clock(decided.at));
    let lines = [
        ("Planned by", Some(decided(&of.planned))),
        ("Because", Some(origin(&of.origin))),
        ("Owner told", of.announced_at.map(clock)),
        ("May be stopped until", of.window_ends_at.map(clock)),
        ("Approved by", Some(of.approved.as_ref().map_or("nobody yet".to_owned(), decided))),
        ("Let go by", Some(of.released.as_ref().map_or("nobody yet".to_owned(), decided))),
        ("Not before", of.not_before.map(clock)),
        ("Last byte sent", of.sent_at.map(clock)),
        ("Not as we left it", of.astray.as_ref().map(|astray| plain_to(&astray.says, 300))),
        ("Note", of.note.as_deref().map(|note| plain_to(note, 300))),
    ];
    lines.into_iter().filter_map(|(label, value)| Some(Fact::new(label, &value?))).collect()
}

fn origin(word: &str) -> String {
    match word {
        "person" => "a person proposed it".to_owned(),
        "automatic" => "the configuration claims such names".to_owned(),
        "back" => "it was lost to a stranger, and is free again".to_owned(),
        other => plain(other),
    }
}

fn no(of: &Setback) -> No {
    let said = of.said.as_deref().map(|said| plain_to(said, 300));
    No { meaning: plain_to(&of.meaning, 300), remedy: plain_to(&of.remedy, 300), said }
}

fn line(of: &ClaimEvent, now: Time) -> Line {
    let detail = if of.detail.is_empty() { String::new() } else { format!(": {}", of.detail) };
    let text = Marked::new(&format!("{}, now {}{detail}", of.event, of.state));
    Line { text, at: When::new(of.at, now), by: party(&of.by) }
}

/// What a person can decide about a claim that stands so.
fn acts(state: ClaimState) -> Vec<Act> {
    let act = |decision, word, first| Act { decision, word, first };
    let (approve, reject) = (act("approve", "Approve", true), act("reject", "Reject", false));
    let (publish, retry) = (act("preview", "Publish …", true), act("retry", "Try again", true));
    let abandon = act("abandon", "Abandon", false);
    match state {
        ClaimState::Planned => vec![approve, reject],
        ClaimState::Approved | ClaimState::Rehearsed => vec![publish, abandon],
        ClaimState::Uploading => Vec::new(),
        ClaimState::Partial | ClaimState::Uncertain => vec![retry, abandon],
        ClaimState::Failed => vec![retry],
        ClaimState::Ours | ClaimState::Refused | ClaimState::Abandoned => Vec::new(),
    }
}
