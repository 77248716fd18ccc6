//! Answers commands, the same for the control socket and for verbs without a daemon.

use std::sync::Arc;

use tokio::sync::{mpsc, oneshot, watch};

use super::bells::Bells;
use super::case_file::case_file;
use super::findings;
use super::gate_part::GateSilence;
use super::held::held;
use super::listings::Listings;
use super::lists;
use super::metrics;
use super::refusal::{Refusal, no_owner};
use super::reply::{Reply, reply};
use super::status::{Level, Status, status};
use super::taking::Takers;
use super::trail::Told;
use super::under_way::{UnderWay, Undertaking, see_through};
use super::v1::{self, Command};
use crate::access::AccessRefusal;
use crate::cases;
use crate::cases::coverage::account;
use crate::clock::Clock;
use crate::config::{Restart, Settings};
use crate::matcher::RULES;
use crate::model::notice::Case;
use crate::model::{Actor, CaseRef, OwnerId, Serial, Through};
use crate::store::Store;
use crate::watchlist::Watchlist;

/// What only the daemon can do, with where to send the answer.
pub struct DaemonRequest {
    pub what: RequestKind,
    pub answer: oneshot::Sender<Result<Reply, String>>,
}

/// The daemon's part of the commands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequestKind {
    ApplyInventory {
        force: bool,
    },
    /// Configuration and inventory.
    Reload {
        dry_run: bool,
    },
    Reconcile {
        dry_run: bool,
        accept: bool,
    },
    /// Every channel, with the daemon's own credentials.
    Probe,
}

/// Answers commands over one store.
#[derive(Clone)]
pub struct CommandService {
    pub store: Store,
    pub clock: Clock,
    pub watchlist: watch::Receiver<Watchlist>,
    pub requests: mpsc::Sender<DaemonRequest>,
    pub bells: Bells,
    pub settings: watch::Receiver<Arc<Settings>>,
    /// What the configuration says otherwise since the start, and only a restart brings.
    pub restart: watch::Receiver<Vec<Restart>>,
    /// What goes on to its end whoever has gone.
    pub undertakings: mpsc::Sender<Undertaking>,
    pub under_way: UnderWay,
    /// What lists are made of, between their pages.
    pub listings: Listings,
    /// What is known of a gate that does not answer.
    pub silence: GateSilence,
    /// Who takes reports along.
    pub takers: Takers,
    /// Is a daemon behind it?
    pub running: bool,
}

impl CommandService {
    /// Does what this actor asks. The answer is of the type of version 1 that belongs to the command. What changes something is done
    /// to its end, with what is told and written down of it, also when whoever asked for it has gone.
    ///
    /// # Errors
    /// With what to do instead.
    pub async fn answer(&self, actor: &Actor, command: Command) -> Result<Reply, Refusal> {
        if !command.changes() {
            return self.answered(actor, command).await;
        }
        let (service, actor) = (self.clone(), actor.clone());
        see_through(&self.undertakings, async move { service.answer_here(&actor, command).await }).await?
    }

    /// The same for who sees it through already.
    pub(super) async fn answer_here(&self, actor: &Actor, command: Command) -> Result<Reply, Refusal> {
        let told = Told::of(&command, actor, self.running);
        let answer = self.answered(actor, command).await;
        if let Some(told) = told {
            told.became(&answer, actor, &self.store, &self.clock).await;
        }
        answer
    }

    async fn answered(&self, actor: &Actor, command: Command) -> Result<Reply, Refusal> {
        is_for(actor, &command)?;
        match command {
            Command::Status => reply(v1::Status::from(&self.status().await?)),
            Command::Glance => self.glance().await,
            Command::Metrics => self.metrics().await,
            Command::Coverage => reply(v1::Coverage::from(&self.store.read(account).await?)),
            Command::Rules => reply(RULES.iter().map(v1::Rule::from).collect::<Vec<_>>()),
            Command::Findings { filter } => self.findings(filter).await,
            Command::Finding { case } => self.finding(CaseRef(case)).await,
            Command::Judge { cases, decision, who, note } => self.judge(actor, cases, decision, (who, note)).await,
            Command::Snooze { cases, minutes, who, note } => self.snooze(actor, cases, minutes, (who, note)).await,
            Command::Watches { owner, exposure, search, after, limit } => {
                let owner = owner.map(OwnerId);
                self.watches(lists::Watches::new((owner.clone(), exposure, search), after, limit)?, owner).await
            }
            Command::CheckName { name } => self.check_name(&name),
            Command::InventoryLint { after, limit } => self.inventory_lint(after, limit).await,
            Command::InventoryPreview { text, whole } => self.inventory_preview(text, whole).await,
            Command::Report { owner, since } => self.brief_report(owner, since).await,
            // Too large for an answer that is held: `file` gives it.
            Command::ReportFile { .. } => Err(Refusal::Failed("this report is a file, and no answer".to_owned())),
            Command::ApplyInventory { force } => self.request(RequestKind::ApplyInventory { force }).await,
            Command::Reload { dry_run } => self.request(RequestKind::Reload { dry_run }).await,
            Command::Reconcile { dry_run, accept } => self.request(RequestKind::Reconcile { dry_run, accept }).await,
            Command::Health { after, limit } => self.health(after, limit).await,
            Command::AcknowledgeHealth { case, who, note } => self.acknowledge(actor, case, (&who, note)).await,
            Command::TestAlert { owner } => self.test_alert(owner.map(OwnerId)).await,
            Command::Deliveries { notices } => self.deliveries(notices).await,
            Command::Probe => self.request(RequestKind::Probe).await,
            Command::Cursor => self.cursor().await,
            Command::SetCursor { serial, who } => self.set_cursor(Serial(serial), actor.declaring(&who)).await,
            Command::Known { after, limit } => self.known(after, limit).await,
            Command::Check => reply(v1::StoreCheck { faults: self.store.check().await? }),
            Command::Backup { name } => self.backup(name).await,
            Command::ClaimPlan { names, after, limit } => self.claim_plan(names, after, limit).await,
            Command::ClaimPropose { names } => self.claim_propose(actor, names).await,
            Command::ClaimDecide { names, decision, note } => self.claim_decide(actor, names, decision, note).await,
            Command::ClaimApply { names, dry_run, after, limit } => {
                self.claim_apply(actor, (names, dry_run), after, limit).await
            }
            Command::ClaimStatus { names, after, limit } => self.claim_status(names, after, limit).await,
            Command::ClaimRequest => self.claim_request().await,
            Command::ClaimAgree { reference } => self.claim_agree(actor, reference).await,
            Command::ClaimWork => self.claim_work(actor).await,
            Command::ClaimReport { claim, step } => self.claim_report(actor, claim, step).await,
            Command::Gate | Command::GateReviews { .. } | Command::GateReview { .. } | Command::GateDecide { .. } => {
                self.of_gate(actor, command).await
            }
            Command::Users { after, limit } => self.users(after, limit).await,
            Command::UserChange { name, change } => self.user_change(actor, &name, change).await,
            Command::UserLink { name } => self.user_link(actor, &name).await,
            Command::Tokens { after, limit } => self.tokens(after, limit).await,
            Command::TokenCreate { name, user, scope, days } => {
                self.token_create(actor, name, user, (scope, days)).await
            }
            Command::TokenRevoke { id } => self.token_revoke(actor, id).await,
            Command::Audit { since, after, limit } => self.audit(since, after, limit).await,
        }
    }

    /// A copy of the store, and its length in bytes.
    ///
    /// # Errors
    /// Why none was made.
    pub async fn copy(&self) -> Result<(std::fs::File, u64), Refusal> {
        let file = self.store.copied().await?;
        let length = file.metadata().map_err(|e| Refusal::Failed(e.to_string()))?.len();
        Ok((file, length))
    }

    /// How the watch stands.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn status(&self) -> Result<Status, Refusal> {
        let within = cases::answer_within(self.settings.borrow().alert.escalate_after);
        let (running, now) = (self.running, self.clock.now());
        let mut status = self.store.read(move |tx| status(tx, running, within, now)).await?;
        if let Some(trouble) = self.store.trouble() {
            status.worry(Level::Critical, trouble.to_string());
        }
        if let Some(text) = waits_for_a_restart(&self.restart.borrow()) {
            status.worry(Level::Warning, text);
        }
        Ok(status)
    }

    async fn metrics(&self) -> Result<Reply, Refusal> {
        let status = self.status().await?;
        let (bytes, now) = (self.store.size(), self.clock.now());
        let measures = self.store.read(move |tx| metrics::measure(tx, status.clone(), bytes, now)).await?;
        reply(v1::Metrics { text: metrics::text(&measures) })
    }

    async fn findings(&self, filter: v1::Filter) -> Result<Reply, Refusal> {
        if let Some(owner) = &filter.owner {
            self.check_owner(&OwnerId(owner.clone())).await?;
        }
        let wanted = findings::Wanted::new(filter)?;
        reply(self.store.read(move |tx| wanted.page(tx)).await?)
    }

    /// An owner of the inventory, or one of whom cases remain.
    async fn check_owner(&self, owner: &OwnerId) -> Result<(), Refusal> {
        let wanted = owner.clone();
        let known = self.watchlist.borrow().inventory.owners.contains_key(owner);
        if known || self.store.read(move |tx| tx.findings().concern(&wanted)).await? {
            return Ok(());
        }
        Err(no_owner(owner, &self.watchlist.borrow().inventory))
    }

    async fn finding(&self, case: CaseRef) -> Result<Reply, Refusal> {
        let (settings, now) = (self.settings.borrow().clone(), self.clock.now());
        let (wanted, watchlist) = (case.clone(), self.watchlist.borrow().clone());
        let by = Arc::clone(&settings);
        let read = self.store.read(move |tx| {
            let Some(finding) = cases::find(tx, &wanted)? else { return Ok(None) };
            let case = cases::located(tx, Case::new(finding, &watchlist.inventory, &by.pypi.base))?;
            Ok(Some((case_file(tx, &case)?, cases::was_gate_heard(tx, &by.gate.socket, now)?)))
        });
        let (mut file, was_gate_heard) = read.await?.ok_or(Refusal::NoFinding(case))?;
        match held(&settings.gate, was_gate_heard, &file.finding.project).await {
            Ok(held) => file.held = held,
            Err(silent @ (Refusal::NoGate { .. } | Refusal::GateSilent(_))) => {
                file.gate_silent = Some(silent.to_string());
            }
            Err(other) => return Err(other),
        }
        reply(file)
    }

    async fn watches(&self, wanted: lists::Watches, owner: Option<OwnerId>) -> Result<Reply, Refusal> {
        let inventory = self.watchlist.borrow().inventory.clone();
        if let Some(owner) = owner.filter(|owner| !inventory.owners.contains_key(owner)) {
            return Err(no_owner(&owner, &inventory));
        }
        reply(self.store.read(move |tx| lists::watches(tx, &inventory, &wanted)).await?)
    }

    async fn health(&self, after: Option<String>, limit: Option<usize>) -> Result<Reply, Refusal> {
        let (after, now) = (lists::health_after(after)?, self.clock.now());
        let unstored = self.store.trouble().map(|trouble| lists::unusable(&trouble, now));
        reply(self.store.read(move |tx| lists::health(tx, after.as_ref(), limit, unstored.clone())).await?)
    }

    pub(super) async fn request(&self, what: RequestKind) -> Result<Reply, Refusal> {
        let (answer, answered) = oneshot::channel();
        self.requests.send(DaemonRequest { what, answer }).await.map_err(|_| Refusal::Stopping)?;
        answered.await.map_err(|_| Refusal::Stopping)?.map_err(Refusal::Failed)
    }
}

/// Whoever comes by a link asks by `links`, and no command; whoever comes by Slack decides about reviews, and nothing else.
pub(super) fn is_for(actor: &Actor, command: &Command) -> Result<(), AccessRefusal> {
    match actor.through {
        Through::Link => Err(AccessRefusal::OnlyAnAnswer),
        Through::Slack if !matches!(command, Command::GateReview { .. } | Command::GateDecide { .. }) => {
            Err(AccessRefusal::OnlyReviews)
        }
        Through::Token if command.takes_a_person() => Err(AccessRefusal::NotAPerson),
        _ => Ok(()),
    }
}

/// A configuration that is in force in part only is worth a word until it is.
fn waits_for_a_restart(restart: &[Restart]) -> Option<String> {
    let keys: Vec<&str> = restart.iter().map(|restart| restart.key.as_str()).collect();
    (!keys.is_empty()).then(|| format!("the configuration was changed and asks for a restart: {}", keys.join(", ")))
}
