//! `gate reviews`, `show`, `approve`, `reject` and `reopen`: what is held, and what persons decide. Who that is, the gate asks the
//! kernel.

use std::fmt::Write as _;

use super::super::call::Call;
use super::super::failure::Failure;
use super::super::format::Format;
use super::super::inventory;
use super::super::output::{say, say_json, show as shown};
use super::super::since::{Since, since};
use super::super::tone::{confirm, hint};
use super::ask::ask;
use super::dossier::around;
use super::release::release;
use crate::api::v1::{Resemblance, ReviewDossier};
use crate::clock::Clock;
use crate::gate::{Dossier, GateQuestion, GateReviews, Review, ReviewAct, ReviewDecision, ReviewState, ReviewStep};
use crate::matcher::Matcher;
use crate::messages::hostile::line as harmless;
use crate::model::{ProjectName, Registry, Time, count};

#[derive(Debug, clap::Args)]
pub struct ListArgs {
    /// Every state, not only open.
    #[arg(long, conflicts_with = "state")]
    all: bool,
    /// Only of this state: open, approved, rejected or matured.
    #[arg(long, value_parser = parse_state, value_name = "STATE")]
    state: Option<ReviewState>,
    /// How to print it.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

#[derive(Debug, clap::Args)]
pub struct ReviewShowArgs {
    /// Its number.
    id: i64,
    /// How to print it.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

#[derive(Debug, clap::Args)]
pub struct DecideArgs {
    /// Its number.
    id: i64,
    /// Why; it stays with the review, and whoever is refused reads it.
    #[arg(long, value_name = "TEXT")]
    reason: String,
    /// How to print it.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

#[derive(Debug, clap::Args)]
pub struct RejectArgs {
    /// The number of a review, or a version that nobody may have asked for yet.
    #[arg(value_name = "ID|NAME==VERSION")]
    what: String,
    /// Why; it stays with the review, and whoever is refused reads it.
    #[arg(long, value_name = "TEXT")]
    reason: String,
    /// How to print it.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

#[derive(Debug, clap::Args)]
pub struct ApproveArgs {
    #[command(flatten)]
    decide: DecideArgs,
    /// Until when: a day, a time, or a length as 30d. Default: for good, since it is of bytes.
    #[arg(long, value_name = "TIME", value_parser = since)]
    until: Option<Since>,
    /// Only where its files are still those that `gate show` called so.
    #[arg(long, value_name = "KEY")]
    files: Option<String>,
}

fn parse_state(text: &str) -> Result<ReviewState, String> {
    let state = serde_json::from_value(serde_json::Value::from(text));
    state.map_err(|_| "write open, approved, rejected or matured".to_owned())
}

pub(super) async fn list(call: &Call, args: ListArgs) -> Result<(), Failure> {
    let ListArgs { all, state, format } = args;
    let found: GateReviews = ask(call, &GateQuestion::Reviews { state, all }).await?;
    match format {
        Format::Json => found.reviews.iter().for_each(say_json),
        Format::Human if found.reviews.is_empty() => say("no reviews"),
        Format::Human => found.reviews.iter().for_each(|review| say(&row(review))),
    }
    if !found.observed.is_empty() {
        let rules: Vec<String> = found.observed.iter().map(|(rule, files)| format!("{files} {rule}")).collect();
        hint(&format!(
            "namewarden: since the start files went out that only observed rules would have held: {}; the log names them",
            rules.join(", ")
        ));
    }
    if let Some(last) = found.last_dropped {
        let last = last.format("%F %T UTC");
        hint(&format!(
            "namewarden: {} had to make room for others, the last at {last}; they begin again when asked for",
            found.dropped
        ));
    }
    Ok(())
}

/// A review in two lines.
pub(in crate::cli) fn row(review: &Review) -> String {
    let why = if review.why.is_empty() { review.state.as_str() } else { &review.why };
    let what = harmless(&format!("{}=={}", review.project, review.version));
    format!("{:>4}  {what}  {}\n      {}", review.id, harmless(why), asked(review))
}

/// How often, since when, and by whom.
fn asked(review: &Review) -> String {
    if review.times_asked == 0 {
        return "nobody has asked for it yet".to_owned();
    }
    let (who, others) = review.asked_by.first(1, harmless);
    let more = match (others, review.more_peers) {
        (0, _) => String::new(),
        (_, true) => format!(" and more than {others} others"),
        (_, false) => format!(" and {others} more"),
    };
    format!(
        "asked {} since {}, last {}, by {who}{more}",
        count(review.times_asked, "time", "times"),
        minute(review.first_asked),
        minute(review.last_asked),
    )
}

fn minute(at: Time) -> String {
    at.format("%F %H:%M").to_string()
}

pub(super) async fn show(call: &Call, ReviewShowArgs { id, format }: ReviewShowArgs) -> Result<(), Failure> {
    let dossier: Dossier = ask(call, &GateQuestion::Dossier { id }).await?;
    let judged = match ProjectName::parse(&dossier.review.project) {
        Ok(name) => Some(Matcher::of(&inventory::named(call, None)?, Registry::Pypi).judge(&name)),
        // A name that nobody can register resembles nothing.
        Err(_) => None,
    };
    let (matches, more_resembles) = judged.map(|of| (of.matches, of.rest.len())).unwrap_or_default();
    let resembles = matches.iter().map(Resemblance::from).collect();
    shown(format, &ReviewDossier { dossier, resembles, more_resembles }, whole);
    Ok(())
}

fn whole(of: &ReviewDossier) -> String {
    let review = &of.dossier.review;
    let mut text = format!("review {}: {}\n", review.id, row(review).trim_start());
    if let Some(since) = review.project_since {
        let _ = writeln!(text, "the project's first file is of {}", minute(since));
    }
    let more = if review.more_files { ", and more that wait for their age" } else { "" };
    let _ = writeln!(text, "{} files, {}{more}:", review.files.len(), review.files_key);
    for file in &review.files {
        let uploaded = file.uploaded.map_or_else(|| "nobody says when".to_owned(), minute);
        let _ = writeln!(text, "  {}  {uploaded}  sha256 {}", harmless(&file.filename), file.sha256);
    }
    text.push_str(&around(of));
    review.steps.iter().for_each(|step| text.push_str(&told(step)));
    let id = review.id;
    if review.state == ReviewState::Open {
        let _ = writeln!(
            text,
            "`namewarden gate approve {id} --files {} --reason …` gives these out, `gate reject {id} --reason …` never does",
            review.files_key
        );
    }
    text
}

fn told(step: &ReviewStep) -> String {
    let until = step.until.map(|until| format!(" until {}", minute(until))).unwrap_or_default();
    let (at, act) = (minute(step.at), step.act.as_str());
    format!("{at}  {act}{until} by {}: {}\n", harmless(&step.by), harmless(&step.reason))
}

pub(super) async fn approve(call: &Call, args: ApproveArgs) -> Result<(), Failure> {
    let ApproveArgs { decide: DecideArgs { id, reason, format }, until, files } = args;
    let until = until.map(|until| match until {
        Since::At(time) => time,
        Since::Ago(length) => Clock::System.now() + length,
    });
    let decision = ReviewDecision { act: ReviewAct::Approve, reason, until, files_key: files };
    done(call, id, decision, format).await
}

pub(super) async fn reopen(call: &Call, args: DecideArgs) -> Result<(), Failure> {
    let DecideArgs { id, reason, format } = args;
    done(call, id, ReviewDecision { act: ReviewAct::Reopen, reason, until: None, files_key: None }, format).await
}

pub(super) async fn reject(call: &Call, RejectArgs { what, reason, format }: RejectArgs) -> Result<(), Failure> {
    if let Ok(id) = what.parse() {
        return done(call, id, ReviewDecision { act: ReviewAct::Reject, reason, until: None, files_key: None }, format)
            .await;
    }
    match release(&what)? {
        (project, Some(version)) => {
            told_of(call, &GateQuestion::Reject { project, version, reason }, ReviewAct::Reject, format).await
        }
        (_, None) => {
            Err(Failure::usage(format!("{what:?} names no version; write the number of a review, or NAME==VERSION")))
        }
    }
}

async fn done(call: &Call, id: i64, decision: ReviewDecision, format: Format) -> Result<(), Failure> {
    let act = decision.act;
    told_of(call, &GateQuestion::Decide { id, decision, on_behalf: None }, act, format).await
}

async fn told_of(call: &Call, question: &GateQuestion, act: ReviewAct, format: Format) -> Result<(), Failure> {
    let review: Review = ask(call, question).await?;
    match format {
        Format::Json => say_json(&review),
        Format::Human => confirm(&outcome(&review, act)),
    }
    Ok(())
}

fn outcome(review: &Review, act: ReviewAct) -> String {
    let what = harmless(&format!("review {} ({}=={})", review.id, review.project, review.version));
    match (act, review.state) {
        (ReviewAct::Approve, ReviewState::Open) => {
            format!("you agree to {what}, and another person has to: `namewarden gate approve {}`", review.id)
        }
        (ReviewAct::Approve, _) => format!("{what} is approved: {} files are given out", review.files.len()),
        (_, state) => format!("{what} is {}", state.as_str()),
    }
}
