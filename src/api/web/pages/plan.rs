//! The plan: what protects each watched name best.

use askama::Template;
use axum::extract::Query;
use axum::response::Response;
use chrono::TimeDelta;
use serde::Deserialize;

use super::parts::{Badge, Marked, When, address, plain, plain_to, word};
use super::shell::{Shell, Tab};
use super::trouble::TroublePage;
use super::visit::Visit;
use super::words::upper;
use crate::api::v1::{ClaimRef, Command, Page, PlannedName, Problem, Publicity};
use crate::model::{Role, Time};

const PATH: &str = "/claims/plan";
/// Names of a page.
const NAMES: usize = 100;
/// A turn that comes so soon is none to wait for.
const SOON: TimeDelta = TimeDelta::minutes(1);

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Wanted {
    name: String,
    after: String,
}

#[derive(Template)]
#[template(path = "plan.html")]
struct Plan {
    shell: Shell,
    name: String,
    rows: Vec<Row>,
    refused: Option<String>,
    csrf: Option<String>,
    first: Option<&'static str>,
    next: Option<String>,
}

/// A name, and what protects it best.
struct Row {
    name: String,
    owner: String,
    protection: Badge,
    exposure: String,
    publicity: &'static str,
    why: Marked,
    how: Option<Marked>,
    unfit: Option<Marked>,
    claim: Option<String>,
    turn: Option<When>,
    choosable: bool,
}

pub(super) async fn show(visit: Visit, Query(wanted): Query<Wanted>) -> Result<Response, TroublePage> {
    let names = Some(wanted.name.trim().to_owned()).filter(|name| !name.is_empty()).into_iter().collect();
    let after = Some(wanted.after.clone()).filter(|after| !after.is_empty());
    let found = visit.try_ask(Command::ClaimPlan { names, after, limit: Some(NAMES) }).await;
    visit.page(&page(&wanted, found, visit.shell(Tab::Claims, "Plan of claims"), visit.now))
}

fn page(wanted: &Wanted, found: Result<Page<PlannedName>, Problem>, shell: Shell, now: Time) -> Plan {
    let (page, refused) = match found {
        Ok(page) => (page, None),
        Err(problem) => (Page { items: Vec::new(), next: None, total: None }, Some(plain(&problem.to_string()))),
    };
    Plan {
        csrf: shell.may(Role::Approver),
        shell,
        name: plain(&wanted.name),
        rows: page.items.iter().map(|planned| row(planned, now)).collect(),
        refused,
        first: (!wanted.after.is_empty()).then_some(PATH),
        next: page.next.map(|next| address(PATH, &[("name", &wanted.name), ("after", &next)])),
    }
}

fn claimed(of: &PlannedName, claim: &ClaimRef) -> String {
    let but = of.astray.as_ref().map(|astray| format!(", but {}", plain_to(&astray.says, 160))).unwrap_or_default();
    word(claim.state) + &but
}

fn row(of: &PlannedName, now: Time) -> Row {
    Row {
        name: plain(&of.name),
        owner: plain(&of.owner),
        protection: Badge::text(&of.protection),
        exposure: of.exposure.as_str().to_owned(),
        publicity: match of.publicity {
            Publicity::Confidential => "confidential",
            Publicity::Unsaid => "not said whether it may be told",
            Publicity::Public => "may be told",
        },
        why: Marked::new(&upper(&of.why)),
        how: Some(&of.how).filter(|how| !how.is_empty()).map(|how| Marked::new(&format!("{}.", upper(how)))),
        unfit: of.unfit.as_deref().map(Marked::new),
        claim: of.claim.as_ref().map(|claim| claimed(of, claim)),
        turn: of.turn.filter(|turn| *turn - now > SOON).map(|turn| When::new(turn, now)),
        choosable: of.protection == "publish" && of.unfit.is_none() && of.claim.is_none(),
    }
}
