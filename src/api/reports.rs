//! Reports that somebody asks for: looked at, or laid down as a file to take along.

use std::fs::File;
use std::io::{self, Write};
use std::sync::Arc;

use tokio::sync::OwnedSemaphorePermit;

use super::gate_part::{GateSilence, gate_part_for_people};
use super::refusal::{Refusal, no_owner};
use super::reply::{Reply, reply};
use super::service::{CommandService, is_for};
use super::taking::Turn;
use super::v1::{self, Command, ReportForm, report_written};
use crate::cases;
use crate::clock::Clock;
use crate::config::Settings;
use crate::model::gate_report::GatePart;
use crate::model::report::{Order, Report};
use crate::model::{Actor, OwnerId, Time};
use crate::reports::{self, Extent, LongLists, Settled, StoredLists, csv};
use crate::store::{Spool, Store, StoreError};
use crate::watchlist::Watchlist;

/// A report to take along. It is whole before the first byte of it leaves, so that whoever takes it slowly holds neither a reader of
/// the store nor memory, and nothing but the way can fail.
#[derive(Debug)]
pub struct LaidReport {
    pub media_type: &'static str,
    /// In bytes.
    pub length: u64,
    spool: Arc<Spool>,
    _turn: Turn,
}

impl LaidReport {
    /// What is in it, from its beginning: to be read once, while this is kept.
    ///
    /// # Errors
    /// There are too many open files.
    pub fn reader(&self) -> io::Result<File> {
        self.spool.reader()
    }
}

/// Of a page, the longest form, in bytes.
const A_WATCH: u64 = 500;

/// What a report is asked by: of this owner, or of all, from then on.
type Asked = (Option<OwnerId>, Option<Time>);

impl CommandService {
    pub(super) async fn brief_report(&self, owner: Option<String>, since: Option<Time>) -> Result<Reply, Refusal> {
        reply(v1::Report::new(&self.report(owner, since).await?, Extent::Brief))
    }

    /// One to look at.
    pub(super) async fn report(&self, owner: Option<String>, since: Option<Time>) -> Result<Report, Refusal> {
        let asking = self.asking((owner.map(OwnerId), since)).await?;
        let made = asking.clone();
        let report = self.store.read(move |tx| {
            let report = reports::make(tx, made.settled(), &made.order, Extent::Brief, made.now)?;
            report.map(|report| reports::with_gate(tx, &made.watchlist, report, made.gate.clone())).transpose()
        });
        report.await?.ok_or_else(|| asking.no_owner())
    }

    /// What this command gives as a file; `None`: it is answered.
    ///
    /// # Errors
    /// As `answer`, where nothing can be laid down, and where others take as many as there may be. The gate does not say which reviews are
    /// open: a table without any would say that there are none.
    pub async fn file(&self, actor: &Actor, command: &Command) -> Result<Option<LaidReport>, Refusal> {
        let Command::ReportFile { owner, since, form } = command else { return Ok(None) };
        is_for(actor, command)?;
        let turn = self.takers.turn(actor).await?;
        let asking = self.asking((owner.clone().map(OwnerId), *since)).await?;
        if let (ReportForm::Reviews, Some(GatePart::Silent(why))) = (form, &asking.gate) {
            return Err(Refusal::GateSilent(why.clone()));
        }
        let making = self.takers.making().await;
        let (length, spool) = laid_down(&self.store, asking, *form, making).await?;
        Ok(Some(LaidReport { media_type: media_type(*form), length, spool, _turn: turn }))
    }

    async fn asking(&self, asked: Asked) -> Result<Asking, Refusal> {
        let (watchlist, settings) = (self.watchlist.borrow().clone(), self.settings.borrow().clone());
        Asking::new(&self.store, watchlist, &settings, asked, (&self.clock, &self.silence)).await
    }
}

/// All that a report is made of beside the store.
#[derive(Clone)]
struct Asking {
    watchlist: Watchlist,
    order: Order,
    gate: Option<GatePart>,
    answer_within: chrono::TimeDelta,
    now: Time,
}

impl Asking {
    /// # Errors
    /// The period lies ahead.
    async fn new(
        store: &Store,
        watchlist: Watchlist,
        settings: &Settings,
        (owner, since): Asked,
        (clock, silence): (&Clock, &GateSilence),
    ) -> Result<Self, Refusal> {
        let now = clock.now();
        if let Some(ahead) = since.filter(|since| *since >= now) {
            let (value, why) = (ahead.to_rfc3339(), "it is still to come".to_owned());
            return Err(Refusal::BadValue { what: "since", value, why });
        }
        let order = store.read(move |tx| reports::asked(tx, owner.clone(), since, now)).await?;
        let gate = gate_part_for_people(store, &settings.gate, (order.since, order.until), clock, silence).await?;
        let answer_within = cases::answer_within(settings.alert.escalate_after);
        Ok(Self { watchlist, order, gate, answer_within, now })
    }

    fn settled(&self) -> Settled<'_> {
        let (inventory, default_owner) = (&*self.watchlist.inventory, &self.watchlist.routes.default_owner);
        Settled { inventory, default_owner, answer_within: self.answer_within }
    }

    /// Of all there always is a report.
    fn no_owner(&self) -> Refusal {
        no_owner(&self.order.owner.clone().unwrap_or_default(), &self.watchlist.inventory)
    }
}

/// `making` is held until it is made, also where whoever asked has gone.
///
/// # Errors
/// There is no such owner, or no room.
async fn laid_down(
    store: &Store,
    asking: Asking,
    form: ReportForm,
    making: Option<OwnedSemaphorePermit>,
) -> Result<(u64, Arc<Spool>), Refusal> {
    let bytes = A_WATCH * asking.watchlist.inventory.watches.len() as u64;
    let spool = store.spool(bytes).map_err(|error| match error {
        StoreError::File { path: dir, source } => Refusal::NotLaidDown { dir, source },
        other => other.into(),
    })?;
    let spool = Arc::new(spool);
    let (made, into, dir) = (asking, Arc::clone(&spool), store.state_dir().to_owned());
    let written = store.read(move |tx| {
        let _until_it_is_made = &making;
        let Some(report) = reports::make(tx, made.settled(), &made.order, Extent::Apart, made.now)? else {
            return Ok(Err(made.no_owner()));
        };
        let report = reports::with_gate(tx, &made.watchlist, report, made.gate.clone())?;
        let period = (report.since, report.until);
        let lists = StoredLists::new(tx, made.settled(), made.order.owner.as_ref(), period);
        let length = into.fill(|out| write(form, &report, &lists, out));
        lists.end()?;
        Ok(length.map_err(|source| match source.kind() {
            // Not of the disk: a row that cannot be written in this form.
            io::ErrorKind::Other | io::ErrorKind::InvalidData => Refusal::Failed(source.to_string()),
            _ => Refusal::NotLaidDown { dir: dir.clone(), source },
        }))
    });
    Ok((written.await??, spool))
}

fn media_type(form: ReportForm) -> &'static str {
    match form {
        ReportForm::Text => "text/plain; charset=utf-8",
        ReportForm::Html => "text/html; charset=utf-8",
        ReportForm::Json => "application/json",
        ReportForm::Watches | ReportForm::Cases | ReportForm::Reviews => "text/csv; charset=utf-8; header=present",
    }
}

fn write(form: ReportForm, report: &Report, lists: &dyn LongLists, out: &mut dyn Write) -> io::Result<()> {
    match form {
        ReportForm::Text => reports::write_plain(report, lists, out),
        ReportForm::Html => reports::write_document(report, lists, out),
        ReportForm::Json => report_written::write(report, lists, out),
        ReportForm::Watches => csv::watches(lists, out),
        ReportForm::Cases => csv::cases(report, out),
        ReportForm::Reviews => csv::reviews(report, out),
    }
}
