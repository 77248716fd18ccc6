//! One claim: how far it is, who agreed, and what can be decided.

use askama::Template;
use axum::extract::Path;
use axum::response::Response;

use super::claims::{badge, party};
use super::parts::{Badge, Fact, Marked, When, plain, plain_to, segment};
use super::shell::{Shell, Tab};
use super::trouble::TroublePage;
use super::visit::Visit;
use super::words::{step, upper};
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
    /// Said where there are none.
    settled: &'static str,
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
    /// The state that it led to.
    state: String,
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
        settled: settled(of.state),
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
    let detail = if of.detail.is_empty() { String::new() } else { format!(": {}", bare(&of.detail)) };
    let text = Marked::new(&format!("{}{detail}", upper(step(&of.event))));
    Line { text, at: When::new(of.at, now), by: party(&of.by), state: plain(&of.state) }
}

/// Files without their digests, which stand in the list of them.
fn bare(detail: &str) -> String {
    let parts = detail.split(", ").map(|part| part.split_once(" sha256:").map_or(part, |(file, _)| file));
    parts.collect::<Vec<_>>().join(", ")
}

fn settled(state: ClaimState) -> &'static str {
    match state {
        ClaimState::Uploading => "It is being published: nothing is to be decided.",
        _ => "It is over: nothing is to be decided.",
    }
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
        ClaimState::Partial | ClaimState::Uncertain => vec![retry, abandon],
        ClaimState::Failed => vec![retry],
        ClaimState::Uploading | ClaimState::Ours | ClaimState::Refused | ClaimState::Abandoned => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::claims::is_settled;
    use super::*;

    #[test]
    fn a_step_is_told_in_words_and_digests_stand_with_the_files() {
        assert_eq!(bare("a.whl sha256:00ff, a.tar.gz sha256:11ee"), "a.whl, a.tar.gz");
        assert_eq!(bare("no, thanks"), "no, thanks");
        assert_eq!((upper(step("begin")), step("newer")), ("The upload began".to_owned(), "newer"));
    }

    #[test]
    fn what_is_settled_has_nothing_to_choose() {
        use ClaimState::{
            Abandoned, Approved, Failed, Ours, Partial, Planned, Refused, Rehearsed, Uncertain, Uploading,
        };
        for state in [Abandoned, Approved, Failed, Ours, Partial, Planned, Refused, Rehearsed, Uncertain, Uploading] {
            assert_eq!(acts(state).is_empty(), is_settled(state), "{state:?}");
        }
    }
}
