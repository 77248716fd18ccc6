//! One review: what a person has to know before deciding, what was decided, and what can be.

use askama::Template;
use axum::body::Bytes;
use axum::extract::Path;
use axum::response::Response;
use chrono::TimeDelta;

use super::dossier::{Asked, Inside, asked, facts, files, inside};
use super::flash::Flash;
use super::parts::{Badge, Choice, Fact, Marked, When, choices, plain, plain_to};
use super::reviews::{PATH, release};
use super::shell::{Shell, Tab};
use super::trouble::TroublePage;
use super::visit::{Fields, Visit};
use crate::api::insides::left_out;
use crate::api::v1::{Command, Problem, ProblemType, ReviewDossier};
use crate::gate::{PastDecision, Review, ReviewAct, ReviewFile, ReviewState, ReviewStep};
use crate::model::{Role, Time};

#[derive(Template)]
#[template(path = "review.html")]
struct Shown {
    shell: Shell,
    id: i64,
    release: String,
    state: Badge,
    why: Marked,
    /// `warning`, for what waits; `critical`, for what is known to be bad.
    weight: &'static str,
    facts: Vec<Fact>,
    asked: Vec<Asked>,
    more_asked: bool,
    files: Vec<(ReviewFile, String)>,
    more_files: bool,
    inside: Vec<Inside>,
    left_out: Option<String>,
    files_key: String,
    steps: Vec<Line>,
    before: Vec<Before>,
    csrf: Option<String>,
    acts: Vec<Act>,
    terms: Vec<Choice>,
}

/// What somebody did.
struct Line {
    text: String,
    at: When,
    by: String,
}

/// What somebody did in another review of the project.
struct Before {
    review: i64,
    line: Line,
    version: String,
}

/// Something to decide.
struct Act {
    act: &'static str,
    word: &'static str,
    first: bool,
}

/// How long an approval is good, in days; empty: for good.
const TERMS: [(&str, &str); 4] = [("", "for good"), ("7", "7 days"), ("30", "30 days"), ("90", "90 days")];

pub(super) async fn show(visit: Visit, Path(id): Path<String>) -> Result<Response, TroublePage> {
    let of: ReviewDossier = visit.ask(Command::GateReview { review: id }).await?;
    let shell = visit.shell(Tab::Gate, &format!("Review of {}", release(&of.dossier.review)));
    visit.page(&page(of, shell, visit.now))
}

fn page(of: ReviewDossier, shell: Shell, now: Time) -> Shown {
    let facts = facts(&of, now);
    let (asked, files) = (asked(&of.dossier, now), files(&of.dossier));
    let (inside, left_out) = (inside(&of.dossier), left_out(&of.dossier));
    let ReviewDossier { dossier, .. } = of;
    let review = dossier.review;
    Shown {
        id: review.id,
        release: release(&review),
        state: Badge::new(review.state),
        why: Marked::new(&plain_to(&review.why, 300)),
        weight: weight(review.state, dossier.malware.record.is_some()),
        facts,
        asked,
        more_asked: review.more_peers,
        files,
        more_files: review.more_files,
        inside,
        left_out,
        steps: review.steps.iter().rev().map(|step| line(step, now)).collect(),
        before: dossier.before.iter().map(|past| before(past, now)).collect(),
        csrf: shell.may(Role::Approver),
        acts: acts(review.state),
        terms: choices(TERMS, ""),
        files_key: review.files_key,
        shell,
    }
}

fn weight(state: ReviewState, is_malware: bool) -> &'static str {
    match state {
        _ if is_malware => "critical",
        ReviewState::Open => "warning",
        ReviewState::Approved | ReviewState::Rejected | ReviewState::Matured => "",
    }
}

fn line(step: &ReviewStep, now: Time) -> Line {
    let until = step.until.map(|until| format!(" until {}", until.format("%F %H:%M UTC"))).unwrap_or_default();
    let text = format!("{}{until}: {}", step.act.as_str(), plain_to(&step.reason, 500));
    Line { text, at: When::new(step.at, now), by: plain(&step.by) }
}

fn before(past: &PastDecision, now: Time) -> Before {
    Before { review: past.review, version: plain_to(&past.version, 60), line: line(&past.step, now) }
}

/// What a person can decide about a review that stands so.
fn acts(state: ReviewState) -> Vec<Act> {
    let act = |act, word, first| Act { act, word, first };
    let (approve, reject) = (act("approve", "Approve these files", true), act("reject", "Reject this version", false));
    let reopen = act("reopen", "Open it again", false);
    match state {
        ReviewState::Open => vec![approve, reject],
        ReviewState::Approved => vec![reopen, reject],
        ReviewState::Rejected => vec![reopen],
        ReviewState::Matured => vec![reject],
    }
}

/// What somebody decided. What the gate does not take is said on the page of the review, which stays as it is.
pub(super) async fn decide(visit: Visit, Path(id): Path<String>, body: Bytes) -> Result<Response, TroublePage> {
    let fields = Fields::of(&body);
    let act = act(fields.one("act")).map_err(|problem| visit.failed(problem))?;
    let days: Option<i64> = fields.one("days").parse().ok().filter(|days| (1..=3650).contains(days));
    let approves = act == ReviewAct::Approve;
    let until = days.filter(|_| approves).map(|days| visit.now + TimeDelta::days(days));
    let (reason, files_key) = (fields.one("reason").to_owned(), fields.some("files").filter(|_| approves));
    let back = format!("{PATH}/{}", super::parts::segment(&id));
    let command = Command::GateDecide { review: id, act, reason, until, files_key };
    match visit.try_ask::<Review>(command).await {
        Ok(review) => Ok(visit.done(&Flash::new(true, [said(&review, act)]), &back)),
        Err(problem) if matches!(problem.of(), ProblemType::ReviewRefused | ProblemType::NoGate) => {
            Ok(visit.done(&Flash::new(false, [plain_to(&problem.to_string(), 500)]), &back))
        }
        Err(problem) => Err(visit.failed(problem)),
    }
}

fn act(word: &str) -> Result<ReviewAct, Problem> {
    serde_json::from_value(word.into()).map_err(|_| {
        let detail = format!("{:?} is no decision about a review", plain_to(word, 40));
        Problem::new(ProblemType::BadValue, detail).with("approve, reject or reopen it")
    })
}

fn said(review: &Review, act: ReviewAct) -> String {
    match (act, review.state) {
        (ReviewAct::Approve, ReviewState::Open) => {
            format!("You agree to review {}, and another person has to.", review.id)
        }
        (_, state) => format!("Review {} is {}.", review.id, state.as_str()),
    }
}
