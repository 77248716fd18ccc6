//! Answers commands, the same for the control socket and for verbs without a daemon.

use chrono::TimeDelta;
use serde::Serialize;
use serde_json::{Value, json};
use tokio::sync::{mpsc, oneshot, watch};

pub use super::case_file::CaseFile;
use super::case_file::case_file;
use super::status::{Level, status};
pub use super::unwell::Unwell;
use super::unwell::{unusable, unwell};
use crate::cases;
use crate::cases::Ruling;
use crate::clock::Clock;
use crate::config::source::nearest;
use crate::model::command::{Command, FindingFilter};
use crate::model::health::HealthCase;
use crate::model::notice::{Case, NoticeRef};
use crate::model::{Actor, CaseRef, Channel, Exposure, Inventory, OwnerId, Registry, Serial, WatchId};
use crate::store::{CHANGELOG, Store, StoreError, Tx};
use crate::watchlist::Watchlist;

/// RequestKind only the daemon can do, with where to send the answer.
pub struct DaemonRequest {
    pub what: RequestKind,
    pub answer: oneshot::Sender<Result<Value, String>>,
}

/// The daemon's part of the commands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequestKind {
    ApplyInventory {
        force: bool,
    },
    Reconcile {
        dry_run: bool,
        accept: bool,
    },
    /// Every channel, with the daemon's own credentials.
    Probe,
    /// Notices were made: let the delivery workers look.
    Deliver,
}

/// Why a command was not done.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    #[error("there is no case {0}; `namewarden findings list` shows them, with --all also those that are closed")]
    NoFinding(CaseRef),
    #[error("there is no open case {0}; `namewarden health list` shows the keys")]
    NoCase(String),
    #[error("{0} ends by itself when its cause does; only cases of names that could not be read are closed by hand")]
    NotByHand(String),
    #[error("there is no owner {:?} in the inventory; {near}", owner.0)]
    NoOwner {
        owner: OwnerId,
        /// Those that may have been meant.
        near: String,
    },
    #[error("there is no baseline yet, so there is no cursor to move; let the daemon run first")]
    NoBaseline,
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("{0}")]
    Failed(String),
}

/// Cases in one reply, and what they may come to in bytes.
const PAGE: usize = 200;
const PAGE_BYTES: usize = 512 * 1024;
/// The inventory in force with exposures: the reply to `Inventory`.
#[derive(Clone, Debug, Serialize, serde::Deserialize)]
pub struct InForce {
    pub inventory: Inventory,
    pub exposures: Vec<(WatchId, Option<Exposure>)>,
}

/// Whether a channel works: an element of the reply to `Probe`.
#[derive(Clone, Debug, Serialize, serde::Deserialize)]
pub struct Probed {
    pub channel: Channel,
    /// `None`: it does.
    pub trouble: Option<String>,
}

/// Answers commands over one store.
#[derive(Clone)]
pub struct CommandService {
    pub store: Store,
    pub clock: Clock,
    pub watchlist: watch::Receiver<Watchlist>,
    pub requests: mpsc::Sender<DaemonRequest>,
    /// Base address of project pages.
    pub pages: String,
    /// Where copies of the store are made.
    pub backups: std::path::PathBuf,
    /// How long a page may be open before somebody acknowledges it.
    pub answer_within: TimeDelta,
    /// Is a daemon behind it?
    pub running: bool,
}

impl CommandService {
    /// Does what this actor asks; the reply's shape belongs to the command.
    ///
    /// # Errors
    /// With what to do instead.
    pub async fn answer(&self, actor: &Actor, command: Command) -> Result<Value, Refusal> {
        let (now, running) = (self.clock.now(), self.running);
        if command.changes() {
            tracing::info!(%actor, asked = %command, "asked of the command service");
        }
        match command {
            Command::Status => {
                let within = self.answer_within;
                let mut status = self.store.read(move |tx| status(tx, running, within, now)).await?;
                if let Some(trouble) = self.store.trouble() {
                    status.worry(Level::Critical, trouble.to_string());
                }
                reply(status)
            }
            Command::Findings { filter } => self.findings(filter).await,
            Command::Finding { case } => self.finding(case).await,
            Command::Judge { cases, verdict, who, note } => {
                let ruling = Ruling { verdict, who: actor.declaring(&who), note };
                reply(self.store.write(move |tx| cases::judge_each(tx, &cases, &ruling, now)).await?)
            }
            Command::Inventory => self.inventory().await,
            Command::ApplyInventory { force } => self.request(RequestKind::ApplyInventory { force }).await,
            Command::Reconcile { dry_run, accept } => self.request(RequestKind::Reconcile { dry_run, accept }).await,
            Command::Health => {
                let mut unwell = self.store.read(unwell).await?;
                unwell.extend(self.store.trouble().map(|trouble| unusable(&trouble, now)));
                reply(unwell)
            }
            Command::AcknowledgeHealth { case, who, note } => self.acknowledge(case, actor.declaring(&who), note).await,
            Command::TestAlert { owner } => self.test_alert(owner).await,
            Command::Deliveries { notices } => self.deliveries(notices).await,
            Command::Probe => self.request(RequestKind::Probe).await,
            Command::Cursor => {
                reply(self.store.read(|tx| tx.cursors_of(Registry::Pypi).get::<Serial>(CHANGELOG)).await?)
            }
            Command::SetCursor { serial, who } => self.set_cursor(serial, actor.declaring(&who)).await,
            Command::Known { after, limit } => {
                let after = after.unwrap_or_default();
                reply(self.store.read(move |tx| cases::known(tx, Registry::Pypi, &after, limit)).await?)
            }
            Command::Check => reply(self.store.check().await?),
            Command::Backup { name } => {
                let name = name.unwrap_or_else(|| format!("namewarden-{}.db", now.format("%Y%m%dT%H%M%SZ")));
                reply(self.store.backup(self.backups.clone(), name).await?)
            }
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

    /// A page ends after so many cases, or earlier where they are large.
    async fn findings(&self, filter: FindingFilter) -> Result<Value, Refusal> {
        if let Some(owner) = &filter.owner {
            self.check_owner(owner).await?;
        }
        let limit = Some(filter.limit.unwrap_or(PAGE).min(PAGE));
        let filter = FindingFilter { limit, ..filter };
        let (mut page, mut bytes) = (Vec::new(), 0);
        for finding in self.store.read(move |tx| tx.findings().list(&filter)).await? {
            let finding = reply(finding)?;
            bytes += finding.to_string().len();
            if bytes > PAGE_BYTES && !page.is_empty() {
                break;
            }
            page.push(finding);
        }
        Ok(Value::Array(page))
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

    async fn finding(&self, case: CaseRef) -> Result<Value, Refusal> {
        let (wanted, watchlist, pages) = (case.clone(), self.watchlist.borrow().clone(), self.pages.clone());
        let file = self.store.read(move |tx| {
            let found = cases::find(tx, &wanted)?;
            found.map(|finding| case_file(tx, Case::new(finding, &watchlist.inventory, &pages))).transpose()
        });
        reply(file.await?.ok_or(Refusal::NoFinding(case))?)
    }

    async fn acknowledge(&self, case: String, who: String, note: Option<String>) -> Result<Value, Refusal> {
        let key = case.clone();
        let open =
            self.store.read(move |tx| Ok(tx.health().all_open()?.into_iter().find(|c| c.issue.to_string() == key)));
        let Some(HealthCase { issue, .. }) = open.await? else { return Err(Refusal::NoCase(case)) };
        let (watchlist, now) = (self.watchlist.borrow().clone(), self.clock.now());
        let close = move |tx: &Tx<'_>| cases::acknowledge(tx, &watchlist, &issue, &who, note.as_deref(), now);
        if !self.store.write(close).await? {
            return Err(Refusal::NotByHand(case));
        }
        self.request(RequestKind::Deliver).await
    }

    async fn inventory(&self) -> Result<Value, Refusal> {
        let exposures = self.store.read(|tx| tx.watches().all()).await?;
        let inventory = Inventory::clone(&self.watchlist.borrow().inventory);
        reply(InForce { inventory, exposures })
    }

    async fn test_alert(&self, owner: Option<OwnerId>) -> Result<Value, Refusal> {
        let (watchlist, now) = (self.watchlist.borrow().clone(), self.clock.now());
        if let Some(owner) = owner.as_ref().filter(|owner| !watchlist.inventory.owners.contains_key(*owner)) {
            return Err(no_owner(owner, &watchlist.inventory));
        }
        let made = self.store.write(move |tx| cases::test_alert(tx, &watchlist, owner.as_ref(), now)).await?;
        self.request(RequestKind::Deliver).await?;
        reply(made)
    }

    async fn deliveries(&self, notices: Vec<NoticeRef>) -> Result<Value, Refusal> {
        let now = self.clock.now();
        let outcomes = self.store.read(move |tx| {
            notices
                .iter()
                .filter_map(|notice| tx.notices().outcome(notice, now).transpose())
                .collect::<Result<Vec<_>, _>>()
        });
        reply(outcomes.await?)
    }

    /// Moving the cursor back repeats what was told (same keys, so nothing is told twice); moving it on leaves a hole
    /// in the ledger that only the index closes. Either way it is written down who did it.
    async fn set_cursor(&self, serial: Serial, who: String) -> Result<Value, Refusal> {
        let before = self.store.write(move |tx| {
            let before: Option<Serial> = tx.cursors_of(Registry::Pypi).get(CHANGELOG)?;
            if before.is_some() {
                tx.cursors_of(Registry::Pypi).set(CHANGELOG, &serial)?;
            }
            Ok(before)
        });
        let before = before.await?.ok_or(Refusal::NoBaseline)?;
        tracing::warn!(%before, after = %serial, who, "the changelog cursor was set by hand");
        Ok(json!({ "before": before, "after": serial }))
    }

    async fn request(&self, what: RequestKind) -> Result<Value, Refusal> {
        let (answer, answered) = oneshot::channel();
        let gone = || Refusal::Failed("the daemon is stopping".to_owned());
        self.requests.send(DaemonRequest { what, answer }).await.map_err(|_| gone())?;
        answered.await.map_err(|_| gone())?.map_err(Refusal::Failed)
    }
}

/// The refusal of an owner that the inventory does not have, with those that may have been meant.
pub fn no_owner(owner: &OwnerId, inventory: &Inventory) -> Refusal {
    const LISTED: usize = 8;
    let known: Vec<&str> = inventory.owners.keys().map(|known| known.0.as_str()).collect();
    let near = match (nearest(&owner.0, known.iter().copied()), known.len()) {
        (Some(near), _) => format!("did you mean {near:?}?"),
        (None, ..=LISTED) => format!("its owners are {}", known.join(", ")),
        (None, n) => format!("its {n} owners are {} and others", known[..LISTED].join(", ")),
    };
    Refusal::NoOwner { owner: owner.clone(), near }
}

fn reply(value: impl Serialize) -> Result<Value, Refusal> {
    serde_json::to_value(value).map_err(|e| Refusal::Failed(format!("the reply cannot be written: {e}")))
}
