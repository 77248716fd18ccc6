//! Answers what people ask about claims. Who asks is who the kernel says: no name in a command makes anybody a person.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::SubsecRound as _;

use super::cursor::List;
use super::listings::Stamp;
use super::lists::most;
use super::refusal::Refusal;
use super::reply::{Reply, reply};
use super::service::CommandService;
use super::v1;
use crate::claims::plan::{Beside, PlanOrder};
use crate::claims::request::Asker;
use crate::claims::{Applying, ClaimRuling, Desk, KeptGround, KeptOutlook, Lot, Outlook, PlanPage, Unbuildable, trial};
use crate::config::Settings;
use crate::failpoint::{self, Step};
use crate::model::claim::{ClaimDecision, Party};
use crate::model::{Actor, ProjectName};
use crate::socket::{peer, users};
use crate::store::{StoreError, Tx};

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
    ) -> Result<Reply, Refusal> {
        let all = names.is_empty();
        let (names, place) = (projects(&names)?, List::Plan.place(after)?.map(place).transpose()?);
        let most = most(limit, NAMES);
        let at = match &place {
            // As exactly as a cursor tells it.
            None => self.clock.now().trunc_subsecs(6),
            Some(place) => place.stamp.moment(self.clock.now()).ok_or(Refusal::OldCursor("plan"))?,
        };
        let order = place.as_ref().and_then(|place| self.listings.plan(place.stamp));
        let ground = self.listings.ground(self.clock.mono());
        let desk = Desk { now: at, ..self.desk() };
        let page = move |tx: &Tx<'_>| plan_page(tx, &desk, (&names, all), (&ground, order.clone()), (&place, most));
        let (page, beside) = self.store.read(page).await??;
        let stamp = Stamp::of(&page.order, at);
        let answer = listed(&page, &beside, stamp, most);
        match answer.next {
            Some(_) => self.listings.keep(stamp, Arc::clone(&page.order), self.clock.mono()),
            None => self.listings.drop_plan(stamp),
        }
        reply(answer)
    }

    pub(super) async fn claim_status(
        &self,
        names: Vec<String>,
        after: Option<String>,
        limit: Option<usize>,
    ) -> Result<Reply, Refusal> {
        let names = projects(&names)?;
        let after = List::Claims.place(after)?.map(|[name]| ProjectName::parse(&name));
        let after = after.transpose().map_err(|_| Refusal::BadCursor("claims"))?;
        let (desk, most, kept) = (self.desk(), most(limit, CLAIMS), self.kept_outlook());
        let files = move |tx: &Tx<'_>| {
            let claims = desk.newest(tx, &names, after.as_ref(), most + 1)?;
            desk.files(tx, claims, kept.clone())
        };
        let (files, outlook) = self.store.read(files).await?;
        self.keep_outlook(outlook);
        reply(List::Claims.page(files.iter().map(v1::Claim::from), most, |claim| vec![claim.name.clone()]))
    }

    pub(super) async fn claim_propose(&self, actor: &Actor, names: Vec<String>) -> Result<Reply, Refusal> {
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
    ) -> Result<Reply, Refusal> {
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
    ) -> Result<Reply, Refusal> {
        let after = List::Apply.place(after)?.map(|[name]| ProjectName::parse(&name));
        let after = after.transpose().map_err(|_| Refusal::BadCursor("claims that are let go"))?;
        let (lot, kept) = (Lot { names, after, most: most(limit, LET_GO) }, self.kept_outlook());
        let (desk, by, asked) = (self.desk(), Party::from(actor), lot.clone());
        let to_try = desk.clone();
        let (to_try, outlook) = self.store.read(move |tx| to_try.to_try(tx, &asked, kept.clone())).await?;
        let unbuildable = self.tried(to_try).await;
        let applying = Applying {
            lot,
            yes: !dry_run,
            unbuildable,
            kept: (Some(outlook), self.listings.ground(self.clock.mono())),
        };
        let apply = move |tx: &Tx<'_>| desk.apply(tx, &applying, &by);
        let (applied, outlook) = if dry_run { self.store.read(apply).await } else { self.store.write(apply).await }?;
        self.keep_outlook(Some(outlook));
        if applied.done {
            failpoint::hit(Step::ClaimRuled);
        }
        let next = applied.next.as_ref().map(|last| List::Apply.cursor(&[last.to_string()]));
        reply(v1::ClaimsApplied { next, ..v1::ClaimsApplied::from(&applied) })
    }

    fn kept_outlook(&self) -> KeptOutlook {
        (self.listings.outlook(), self.listings.ground(self.clock.mono()))
    }

    fn keep_outlook(&self, outlook: Option<Arc<Outlook>>) {
        self.listings.keep_outlook(outlook, self.clock.mono());
    }

    async fn tried(&self, names: Vec<ProjectName>) -> Unbuildable {
        let (settings, watchlist) = (self.settings.borrow().clone(), self.watchlist.borrow().clone());
        trial(&settings, &watchlist.inventory, &names).await
    }

    pub(super) async fn claim_request(&self) -> Result<Reply, Refusal> {
        let (desk, settings) = (self.desk(), self.settings.borrow().clone());
        let ground = self.listings.ground(self.clock.mono());
        let mail = self.store.read(move |tx| match asker(&settings) {
            Ok(asker) => desk.request(tx, &ground, &asker).map(Ok),
            Err(refusal) => Ok(Err(refusal)),
        });
        let none = "no name can be asked for: none that anybody could take is marked public_ok = true in the inventory";
        reply(v1::ClaimRequest::from(mail.await??.ok_or_else(|| Refusal::Claim(none.to_owned()))?))
    }

    pub(super) async fn claim_agree(&self, actor: &Actor, reference: String) -> Result<Reply, Refusal> {
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

/// Behind which line a page of the plan begins.
struct Place {
    stamp: Stamp,
    /// So many names up to there wait for a turn.
    waited: usize,
    line: String,
}

/// Of a cursor.
fn place([at, says, waited, line]: [String; 4]) -> Result<Place, Refusal> {
    let bad = || Refusal::BadCursor("plan");
    Ok(Place { stamp: Stamp::read(&at, &says).ok_or_else(bad)?, waited: waited.parse().map_err(|_| bad())?, line })
}

type Named<'n> = (&'n BTreeSet<ProjectName>, bool);

/// One page, and what is no single name, which comes last as it has no place in the order of turns. Where the plan of a cursor was let
/// go it is made again, and is the same or refused.
fn plan_page(
    tx: &Tx<'_>,
    desk: &Desk,
    (names, all): Named<'_>,
    kept: (&KeptGround, Option<Arc<PlanOrder>>),
    (place, most): (&Option<Place>, usize),
) -> Result<Result<(PlanPage, Vec<Beside>), Refusal>, StoreError> {
    let beside = if all { desk.beside(tx)? } else { Vec::new() };
    let from = |order: &PlanOrder| {
        let strange = names.iter().find(|name| !order.names.contains(name));
        if let Some(stranger) = strange {
            return Err(no_watch(stranger));
        }
        let Some(place) = place else { return Ok((0, 0)) };
        if Stamp::of(order, desk.now) != place.stamp {
            return Err(Refusal::OldCursor("plan"));
        }
        let lines = order.names.iter().map(ProjectName::as_str).chain(beside.iter().map(|it| it.label.as_str()));
        let behind = position(lines, &place.line).ok_or(Refusal::BadCursor("plan"))?;
        Ok((behind + 1, place.waited))
    };
    Ok(desk.plan_page(tx, names, kept, from, most + 1)?.map(|page| (page, beside)))
}

fn listed(page: &PlanPage, beside: &[Beside], stamp: Stamp, most: usize) -> v1::Page<v1::PlannedName> {
    // What is skipped is not made: the last of many pages would cost as much as all of them.
    let others = beside.iter().skip(page.from.saturating_sub(page.order.names.len())).map(v1::PlannedName::from);
    let lines = page.planned.iter().map(v1::PlannedName::from).chain(others);
    let mut listed = List::Plan.page(lines, most, |planned| vec![planned.name.clone()]);
    let waits = page.waited + listed.items.iter().filter(|planned| planned.turn.is_some()).count();
    let last = listed.items.last().map(|planned| planned.name.clone()).unwrap_or_default();
    let cursor = || List::Plan.cursor(&[&stamp.words()[..], &[waits.to_string(), last]].concat());
    listed.next = listed.next.map(|_| cursor());
    listed
}

fn position<'l>(mut lines: impl Iterator<Item = &'l str>, name: &str) -> Option<usize> {
    lines.position(|line| line == name)
}
