//! Claims: those there are, the plan, and what people decide about them.

use askama::Template;
use axum::body::Bytes;
use axum::extract::Query;
use axum::response::Response;
use serde::Deserialize;

use super::flash::Flash;
use super::parts::{Badge, Marked, When, address, plain, plain_to, segment, word};
use super::shell::{Shell, Tab};
use super::trouble::TroublePage;
use super::visit::{Fields, Visit};
use crate::api::v1::{
    Claim, ClaimDecision, ClaimRequest, ClaimRuled, ClaimState, Command, Decided, Page, Party, Problem, ProblemType,
};
use crate::model::{Role, Time, count};

const PATH: &str = "/claims";
/// Claims of a page.
const CLAIMS: usize = 50;

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Wanted {
    after: String,
}

#[derive(Template)]
#[template(path = "claims.html")]
struct Claims {
    shell: Shell,
    rows: Vec<Row>,
    csrf: Option<String>,
    back: &'static str,
    first: Option<&'static str>,
    next: Option<String>,
}

/// A claim in two lines.
struct Row {
    key: String,
    name: String,
    link: String,
    state: Badge,
    next: Marked,
    planned: String,
    approved: Option<String>,
    changed: When,
    note: Option<String>,
    choosable: bool,
}

#[derive(Template)]
#[template(path = "request.html")]
struct Request {
    shell: Shell,
    mail: Result<Mail, Marked>,
}

/// The mail that asks PyPI's administrators to allow names to nobody.
struct Mail {
    subject: String,
    count: String,
    body: String,
}

pub(super) async fn show(visit: Visit, Query(wanted): Query<Wanted>) -> Result<Response, TroublePage> {
    let after = Some(wanted.after.clone()).filter(|after| !after.is_empty());
    let command = Command::ClaimStatus { names: Vec::new(), after, limit: Some(CLAIMS) };
    let found: Page<Claim> = visit.ask(command).await?;
    let shell = visit.live(Tab::Claims, "Claims");
    visit.page(&page(&found, !wanted.after.is_empty(), shell, visit.now))
}

fn page(found: &Page<Claim>, later: bool, shell: Shell, now: Time) -> Claims {
    Claims {
        rows: found.items.iter().map(|claim| row(claim, now)).collect(),
        csrf: shell.may(Role::Approver),
        back: PATH,
        first: later.then_some(PATH),
        next: found.next.as_deref().map(|next| address(PATH, &[("after", next)])),
        shell,
    }
}

fn row(of: &Claim, now: Time) -> Row {
    Row {
        key: plain(&of.key),
        name: plain(&of.name),
        link: segment(&of.name),
        state: badge(of),
        next: Marked::new(&of.next),
        planned: format!("planned by {}", party(&of.planned.by)),
        approved: of.approved.as_ref().map(|decided: &Decided| format!("approved by {}", party(&decided.by))),
        changed: When::new(of.changed_at, now),
        note: of.note.as_deref().map(|note| plain_to(note, 160)),
        choosable: !is_settled(of.state),
    }
}

/// Nothing is to be decided about it, now or ever.
pub(super) fn is_settled(state: ClaimState) -> bool {
    use ClaimState::{Abandoned, Ours, Refused, Uploading};
    matches!(state, Abandoned | Ours | Refused | Uploading)
}

/// Where it stands; what is ours, and in other hands, reads otherwise.
pub(super) fn badge(of: &Claim) -> Badge {
    match &of.astray {
        Some(astray) if astray.foreign => Badge::text("taken"),
        Some(astray) if !astray.accepted => Badge::text("changed"),
        _ => Badge::new(of.state),
    }
}

/// Who it was, as the transport knows it.
pub(super) fn party(of: &Party) -> String {
    match (of.party.as_str(), &of.user, of.uid) {
        ("user", Some(user), Some(uid)) => format!("{} (uid {uid})", plain(user)),
        ("user", Some(user), None) => plain(user),
        ("user", None, Some(uid)) => format!("uid {uid}"),
        ("user", None, None) => "somebody unknown".to_owned(),
        (other, ..) => format!("the {}", plain(other)),
    }
}

/// Nothing is sent by looking at it.
pub(super) async fn request(visit: Visit) -> Result<Response, TroublePage> {
    let mail = match visit.try_ask::<ClaimRequest>(Command::ClaimRequest).await {
        Ok(asked) => Ok(mail(&asked)),
        // What it lacks is said where it would stand.
        Err(problem) if problem.of() == ProblemType::ClaimRefused => Err(Marked::new(&problem.to_string())),
        Err(problem) => return Err(visit.failed(problem)),
    };
    visit.page(&Request { shell: visit.shell(Tab::Claims, "Mail to PyPI"), mail })
}

fn mail(asked: &ClaimRequest) -> Mail {
    let withheld = count(asked.withheld, "name may not be told", "names may not be told");
    Mail {
        subject: plain(&asked.subject),
        count: format!("{}; {withheld}", count(asked.names.len(), "name", "names")),
        body: asked.body.lines().map(|line| plain_to(line, 300)).collect::<Vec<_>>().join("\n"),
    }
}

/// Another person has to approve.
pub(super) async fn propose(visit: Visit, body: Bytes) -> Result<Response, TroublePage> {
    let names = match chosen(&visit, &body, "/claims/plan") {
        Ok(names) => names,
        Err(answer) => return Ok(*answer),
    };
    let ruled: Vec<ClaimRuled> = visit.ask(Command::ClaimPropose { names }).await?;
    Ok(visit.done(&said(&ruled), PATH))
}

/// What somebody decided about one or several.
pub(super) async fn decide(visit: Visit, body: Bytes) -> Result<Response, TroublePage> {
    let fields = Fields::of(&body);
    let back = fields.some("back").unwrap_or_else(|| PATH.to_owned());
    let names = match chosen(&visit, &body, &back) {
        Ok(names) => names,
        Err(answer) => return Ok(*answer),
    };
    let decision = decision(fields.one("decision")).map_err(|problem| visit.failed(problem))?;
    let command = Command::ClaimDecide { names, decision, note: fields.some("note") };
    let ruled: Vec<ClaimRuled> = visit.ask(command).await?;
    Ok(visit.done(&said(&ruled), &back))
}

/// The names that were ticked, or the way back.
pub(super) fn chosen(visit: &Visit, body: &[u8], back: &str) -> Result<Vec<String>, Box<Response>> {
    let names = Fields::of(body).all("name");
    let nothing = || Flash::new(false, ["Nothing was chosen: tick a name first.".to_owned()]);
    if names.is_empty() { Err(Box::new(visit.done(&nothing(), back))) } else { Ok(names) }
}

fn decision(word: &str) -> Result<ClaimDecision, Problem> {
    serde_json::from_value(word.into()).map_err(|_| {
        let detail = format!("{word:?} is no decision about a claim");
        Problem::new(ProblemType::BadValue, detail).with("approve, reject, abandon or retry it")
    })
}

fn said(ruled: &[ClaimRuled]) -> Flash {
    let line = |ruled: &ClaimRuled| match (&ruled.refused, &ruled.claim) {
        (Some(refused), _) => format!("{}: {refused}", ruled.asked),
        (None, Some(claim)) => format!("{} is now {}.", ruled.asked, word(claim.state)),
        (None, None) => format!("{}: there is no claim of it.", ruled.asked),
    };
    Flash::new(ruled.iter().all(|ruled| ruled.refused.is_none()), ruled.iter().map(line))
}
