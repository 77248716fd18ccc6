//! Pages: what people look at. Each is whole without a script; whatever it shows or does goes through the command service, and
//! what was done is said on the page that follows.

mod apply;
mod asset;
mod claim;
mod claims;
mod dossier;
mod facts;
mod finding;
mod findings;
mod flash;
mod health;
mod inventory;
mod letters;
mod live;
mod overview;
pub(super) mod parts;
mod plan;
mod preview;
mod reports;
mod review;
mod reviews;
mod row;
mod rules;
pub(super) mod shell;
mod tally;
pub(super) mod trouble;
pub(super) mod visit;
pub(super) mod words;

use super::needs::Needs;
use super::routes::Routes;
use crate::api::v1::resource::INVENTORY_ROOM;
use crate::model::Role;

const LOOK: Needs = Needs::Role(Role::Viewer);
const ANSWER: Needs = Needs::Role(Role::Responder);
const APPROVE: Needs = Needs::Role(Role::Approver);
const RUN: Needs = Needs::Role(Role::Admin);

pub(super) fn routes(routes: Routes) -> Routes {
    let routes = routes
        .get("/assets/{digest}/{file}", Needs::Open, asset::show)
        .get("/", LOOK, overview::show)
        .get("/findings", LOOK, findings::show)
        .get("/findings/{case}", LOOK, finding::show)
        .post("/findings/judge", ANSWER, findings::judge)
        .post("/findings/snooze", ANSWER, findings::snooze)
        .get("/inventory", LOOK, inventory::show)
        .get("/inventory/lint", LOOK, preview::lint)
        .get("/inventory/preview", LOOK, preview::form)
        .post_up_to(INVENTORY_ROOM, "/inventory/preview", LOOK, preview::show)
        .get("/reports", LOOK, reports::show)
        .get("/reports/file", LOOK, reports::file)
        .get("/rules", LOOK, rules::show)
        .get("/live", LOOK, live::show);
    health_routes(gate_routes(claim_routes(routes)))
}

fn claim_routes(routes: Routes) -> Routes {
    routes
        .get("/claims", LOOK, claims::show)
        .get("/claims/plan", LOOK, plan::show)
        .get("/claims/request", LOOK, claims::request)
        .get("/claims/of/{name}", LOOK, claim::show)
        .post("/claims/propose", APPROVE, claims::propose)
        .post("/claims/decide", APPROVE, claims::decide)
        .post("/claims/apply/preview", APPROVE, apply::preview)
        .post("/claims/apply", APPROVE, apply::apply)
}

fn gate_routes(routes: Routes) -> Routes {
    routes.get("/gate/reviews", LOOK, reviews::show).get("/gate/reviews/{id}", LOOK, review::show).post(
        "/gate/reviews/{id}/decide",
        APPROVE,
        review::decide,
    )
}

fn health_routes(routes: Routes) -> Routes {
    routes
        .get("/health", LOOK, health::show)
        .post("/health/acknowledge", ANSWER, health::acknowledge)
        .post("/health/probe", RUN, health::probe)
        .post("/health/test", RUN, health::test)
}
