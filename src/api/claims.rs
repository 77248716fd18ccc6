//! Answers what people ask about claims. Who asks is who the kernel says: no name in a command makes anybody a person.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::SubsecRound as _;
use serde_json::Value;

use super::cursor::List;
use super::listings::Stamp;
use super::lists::most;
use super::refusal::Refusal;
use super::service::{CommandService, reply};
use super::v1;
use crate::claims::plan::Planned;
use crate::claims::request::{Asker, request};
use crate::claims::{Applying, ClaimRuling, Desk, Lot, Unbuildable, trial};
use crate::config::Settings;
use crate::failpoint::{self, Step};
use crate::model::claim::{ClaimDecision, Party};
use crate::model::{Actor, ProjectName, Time};
use crate::socket::{peer, users};
use crate::store::Tx;

/// Claims of one page, each with its trail.
const CLAIMS: usize = 200;
/// Claims that are let go at once, each a line of the answer.
const LET_GO: usize = 500;
/// Names of one page of the plan.
const NAMES: usize = 1_000;

impl CommandService {
    pub(super) fn desk(&self) -> Desk {
        let settings = self.settings.borrow().clone();
        let machine = users::machine(peer::own_uid(), &settings.claim.upload.user);
        Desk::new(self.watchlist.borrow().clone(), &settings.claim, machine, self.clock.now())
    }

    pub(super) async fn claim_plan(
        &self,
        names: Vec<String>,
        after: Option<String>,
        limit: Option<usize>,
    ) -> Result<Value, Refusal> {
        let all = names.is_empty();
        let (names, place) = (projects(&names)?, List::Plan.place(after)?.map(place).transpose()?);
        let (stamp, plan) = match &place {
            None => self.planned(names, self.clock.now()).await?,
            Some((stamp, _)) => self.planned_before(names, *stamp).await?,
        };
        // Last what is no single name, and has no place in the order of turns.
        let desk = self.desk();
        let beside = if all { self.store.read(move |tx| desk.beside(tx)).await? } else { Vec::new() };
        let lines = plan.iter().map(|planned| planned.name.as_str()).chain(beside.iter().map(|it| it.label.as_str()));
        let from = match &place {
            None => 0,
            Some((_, after)) => 1 + position(lines, after).ok_or(Refusal::BadCursor("plan"))?,
        };
        // What is skipped is not made: the last of many pages would cost as much as all of them.
        let names = plan.iter().skip(from).map(v1::PlannedName::from);
        let others = beside.iter().skip(from.saturating_sub(plan.len())).map(v1::PlannedName::from);
        let rest = names.chain(others);
        let page = List::Plan.page(rest, most(limit, NAMES), |planned| {
            stamp.words().into_iter().chain([planned.name.clone()]).collect()
        });
        match page.next {
            Some(_) => self.listings.keep(stamp, Arc::clone(&plan), self.clock.mono()),
            None => self.listings.drop_plan(stamp),
        }
        reply(page)
    }

    /// The plan of these names, or of all, as of a moment.
    async fn planned(&self, names: BTreeSet<ProjectName>, at: Time) -> Result<(Stamp, Arc<Vec<Planned>>), Refusal> {
        // As exactly as a cursor tells it.
        let at = at.trunc_subsecs(6);
        let desk = Desk { now: at, ..self.desk() };
        let mut plan = self.store.read(move |tx| desk.plan(tx)).await?;
        let known: BTreeSet<&ProjectName> = plan.iter().map(|planned| &planned.name).collect();
        if let Some(stranger) = names.iter().find(|name| !known.contains(name)) {
            return Err(no_watch(stranger));
        }
        plan.retain(|planned| names.is_empty() || names.contains(&planned.name));
        Ok((Stamp::of(&plan, at), Arc::new(plan)))
    }

    /// The plan that an earlier page was of. Where it was let go, it is made again, and is the same or refused.
    async fn planned_before(
        &self,
        names: BTreeSet<ProjectName>,
        stamp: Stamp,
    ) -> Result<(Stamp, Arc<Vec<Planned>>), Refusal> {
        if let Some(kept) = self.listings.plan(stamp) {
            return Ok((stamp, kept));
        }
        let at = stamp.moment(self.clock.now()).ok_or(Refusal::OldCursor("plan"))?;
        let (made, plan) = self.planned(names, at).await?;
        if made == stamp { Ok((made, plan)) } else { Err(Refusal::OldCursor("plan")) }
    }

    pub(super) async fn claim_status(
        &self,
        names: Vec<String>,
        after: Option<String>,
        limit: Option<usize>,
    ) -> Result<Value, Refusal> {
        let names = projects(&names)?;
        let after = List::Claims.place(after)?.map(|[name]| ProjectName::parse(&name));
        let after = after.transpose().map_err(|_| Refusal::BadCursor("claims"))?;
        let (desk, most, kept) = (self.desk(), most(limit, CLAIMS), self.listings.outlook());
        let files = move |tx: &Tx<'_>| {
            let claims = desk.newest(tx, &names, after.as_ref(), most + 1)?;
            desk.files(tx, claims, kept.clone())
        };
        let (files, outlook) = self.store.read(files).await?;
        self.listings.keep_outlook(outlook, self.clock.mono());
        reply(List::Claims.page(files.iter().map(v1::Claim::from), most, |claim| vec![claim.name.clone()]))
    }

    pub(super) async fn claim_propose(&self, actor: &Actor, names: Vec<String>) -> Result<Value, Refusal> {
        let (desk, by) = (self.desk(), Party::from(actor));
        let ruled = self.store.write(move |tx| desk.propose(tx, &names, &by)).await?;
        failpoint::hit(Step::ClaimRuled);
        reply(ruled.iter().map(v1::ClaimRuled::from).collect::<Vec<_>>())
    }

    pub(super) async fn claim_decide(
        &self,
        actor: &Actor,
        names: Vec<String>,
        decision: v1::ClaimDecision,
        note: Option<String>,
    ) -> Result<Value, Refusal> {
        let (desk, by, decision) = (self.desk(), Party::from(actor), ClaimDecision::from(decision));
        let tried = match decision {
            ClaimDecision::Approve => {
                self.tried(names.iter().filter_map(|name| ProjectName::parse(name).ok()).collect()).await
            }
            ClaimDecision::Reject | ClaimDecision::Abandon | ClaimDecision::Retry => Unbuildable::new(),
        };
        let ruling = ClaimRuling { decision, note, unbuildable: tried };
        let ruled = self.store.write(move |tx| desk.decide(tx, &names, &ruling, &by)).await?;
        failpoint::hit(Step::ClaimRuled);
        reply(ruled.iter().map(v1::ClaimRuled::from).collect::<Vec<_>>())
    }

    /// One page of them, in a transaction of its own: no writer waits for more.
    pub(super) async fn claim_apply(
        &self,
        actor: &Actor,
        (names, dry_run): (Vec<String>, bool),
        after: Option<String>,
        limit: Option<usize>,
    ) -> Result<Value, Refusal> {
        let after = List::Apply.place(after)?.map(|[name]| ProjectName::parse(&name));
        let after = after.transpose().map_err(|_| Refusal::BadCursor("claims that are let go"))?;
        let (lot, kept) = (Lot { names, after, most: most(limit, LET_GO) }, self.listings.outlook());
        let (desk, by, asked) = (self.desk(), Party::from(actor), lot.clone());
        let to_try = desk.clone();
        let (to_try, outlook) = self.store.read(move |tx| to_try.to_try(tx, &asked, kept.clone())).await?;
        let unbuildable = self.tried(to_try).await;
        let applying = Applying { lot, yes: !dry_run, unbuildable, kept: Some(outlook) };
        let apply = move |tx: &Tx<'_>| desk.apply(tx, &applying, &by);
        let (applied, outlook) = if dry_run { self.store.read(apply).await } else { self.store.write(apply).await }?;
        self.listings.keep_outlook(Some(outlook), self.clock.mono());
        if applied.done {
            failpoint::hit(Step::ClaimRuled);
        }
        let next = applied.next.as_ref().map(|last| List::Apply.cursor(&[last.to_string()]));
        reply(v1::ClaimsApplied { next, ..v1::ClaimsApplied::from(&applied) })
    }

    async fn tried(&self, names: Vec<ProjectName>) -> Unbuildable {
        let (settings, watchlist) = (self.settings.borrow().clone(), self.watchlist.borrow().clone());
        trial(&settings, &watchlist.inventory, &names).await
    }

    pub(super) async fn claim_request(&self) -> Result<Value, Refusal> {
        let (desk, settings) = (self.desk(), self.settings.borrow().clone());
        let asker = asker(&settings)?;
        let planned = desk.clone();
        let plan = self.store.read(move |tx| planned.plan(tx)).await?;
        let none = "no name can be asked for: none that anybody could take is marked public_ok = true in the inventory";
        let mail = request(&plan, &desk.watchlist.inventory, &asker);
        reply(v1::ClaimRequest::from(mail.ok_or_else(|| Refusal::Claim(none.to_owned()))?))
    }

    pub(super) async fn claim_agree(&self, actor: &Actor, reference: String) -> Result<Value, Refusal> {
        let (desk, by) = (self.desk(), Party::from(actor));
        let agreed = self.store.write(move |tx| desk.agree(tx, &reference, &by)).await?;
        reply(v1::ClaimAgreement::from(&agreed.map_err(Refusal::Claim)?))
    }
}

fn asker(settings: &Settings) -> Result<Asker<'_>, Refusal> {
    let claim = &settings.claim;
    let unset = |key: &str, write: &str| {
        Refusal::Claim(format!("claim.{key} is missing, and the mail has to say it: write under [claim]: {write}"))
    };
    let contact = claim.contact.as_deref();
    Ok(Asker {
        company: claim.company.as_deref().ok_or_else(|| unset("company", "company = \"Acme Corp\""))?,
        contact: contact.ok_or_else(|| unset("contact", "contact = \"python-packages@your.example\""))?,
        homepage: claim.homepage.as_deref(),
        policy: claim.policy.as_deref(),
        organization: claim.organization.as_deref(),
        customers: &claim.customers,
    })
}

fn projects(names: &[String]) -> Result<BTreeSet<ProjectName>, Refusal> {
    let bad = |name: &str, why: String| Refusal::BadValue { what: "name", value: name.to_owned(), why };
    let parsed = names.iter().map(|name| ProjectName::parse(name).map_err(|error| bad(name, error.to_string())));
    parsed.collect()
}

fn no_watch(name: &ProjectName) -> Refusal {
    Refusal::Claim(format!(
        "{name} is no name of the inventory, and only those are planned: add it, or correct the spelling"
    ))
}

/// Of a cursor.
fn place([at, says, name]: [String; 3]) -> Result<(Stamp, String), Refusal> {
    Stamp::read(&at, &says).map(|stamp| (stamp, name)).ok_or(Refusal::BadCursor("plan"))
}

fn position<'l>(mut lines: impl Iterator<Item = &'l str>, name: &str) -> Option<usize> {
    lines.position(|line| line == name)
}
