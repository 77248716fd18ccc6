//! To let approved claims be published: first what it would come to, then that.

use askama::Template;
use axum::body::Bytes;
use axum::response::Response;

use super::claims::chosen;
use super::flash::Flash;
use super::parts::{Badge, Marked, When, plain};
use super::shell::{Shell, Tab};
use super::trouble::TroublePage;
use super::visit::Visit;
use crate::api::v1::{ClaimApplied, ClaimState, ClaimsApplied, Command};
use crate::model::{Role, Time, count};

#[derive(Template)]
#[template(path = "apply.html")]
struct Apply {
    shell: Shell,
    headline: String,
    obstacles: Vec<Marked>,
    rows: Vec<Row>,
    csrf: Option<String>,
    names: Vec<String>,
    going: String,
}

/// One claim, and what becomes of it.
struct Row {
    key: String,
    state: Badge,
    says: Marked,
    refused: Option<Marked>,
    turn: Option<When>,
}

/// Publishes nothing.
pub(super) async fn preview(visit: Visit, body: Bytes) -> Result<Response, TroublePage> {
    let names = match chosen(&visit, &body, "/claims") {
        Ok(names) => names,
        Err(answer) => return Ok(*answer),
    };
    let applied: ClaimsApplied = visit.ask(command(names.clone(), true)).await?;
    visit.page(&page(&applied, names, visit.shell(Tab::Claims, "Publish"), visit.now))
}

/// Those that were chosen on a page are fewer than one answer holds.
fn command(names: Vec<String>, dry_run: bool) -> Command {
    Command::ClaimApply { names, dry_run, after: None, limit: None }
}

fn page(of: &ClaimsApplied, names: Vec<String>, shell: Shell, now: Time) -> Apply {
    let goes = |claim: &&ClaimApplied| {
        let approved = matches!(claim.state, ClaimState::Approved | ClaimState::Rehearsed);
        approved && claim.refused.is_none() && claim.released.is_none()
    };
    let going = of.claims.iter().filter(goes).count();
    let is_open = of.obstacles.is_empty() && going > 0;
    let going = count(going, "name", "names");
    let unknown = of.unknown.iter().map(|name| Marked::new(&format!("`{}` has no claim that goes on", plain(name))));
    Apply {
        headline: if is_open { format!("{going} would be published on PyPI") } else { "Nothing can go yet".to_owned() },
        obstacles: of.obstacles.iter().map(|obstacle| Marked::new(obstacle)).chain(unknown).collect(),
        rows: of.claims.iter().map(|claim| row(claim, now)).collect(),
        csrf: shell.may(Role::Approver).filter(|_| is_open),
        names: names.iter().map(|name| plain(name)).collect(),
        going,
        shell,
    }
}

fn row(of: &ClaimApplied, now: Time) -> Row {
    Row {
        key: plain(&of.key),
        state: Badge::new(of.state),
        says: Marked::new(&of.says),
        refused: of.refused.as_deref().map(Marked::new),
        turn: of.turn.map(|turn| When::new(turn, now)),
    }
}

/// After it was seen what it comes to.
pub(super) async fn apply(visit: Visit, body: Bytes) -> Result<Response, TroublePage> {
    let names = match chosen(&visit, &body, "/claims") {
        Ok(names) => names,
        Err(answer) => return Ok(*answer),
    };
    let applied: ClaimsApplied = visit.ask(command(names, false)).await?;
    Ok(visit.done(&said(&applied), "/claims"))
}

fn said(of: &ClaimsApplied) -> Flash {
    let line = |claim: &ClaimApplied| match &claim.refused {
        Some(refused) => format!("{}: {refused}", claim.key),
        None => format!("{}: {}", claim.key, claim.says),
    };
    let unknown = of.unknown.iter().map(|name| format!("{name} has no claim that goes on."));
    let lines: Vec<String> = of.obstacles.iter().cloned().chain(of.claims.iter().map(line)).chain(unknown).collect();
    Flash::new(of.done && of.claims.iter().all(|claim| claim.refused.is_none()), lines)
}
