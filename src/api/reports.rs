//! Reports that somebody asks for: looked at, or laid down as a file to take along.

use std::fs::File;
use std::io::{self, Write};
use std::sync::Arc;

use serde_json::Value;

use super::gate_part::{GateSilence, gate_part_for_people};
use super::refusal::{Refusal, no_owner};
use super::service::{CommandService, is_for, reply};
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
#[derive(Clone, Debug)]
pub struct LaidReport {
    pub media_type: &'static str,
    /// In bytes.
    pub length: u64,
    spool: Arc<Spool>,
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

/// What a report is asked by: of this owner, or of all, from then on.
type Asked = (Option<OwnerId>, Option<Time>);

impl CommandService {
    pub(super) async fn brief_report(&self, owner: Option<String>, since: Option<Time>) -> Result<Value, Refusal> {
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
    /// As `answer`, and where nothing can be laid down.
    pub async fn file(&self, actor: &Actor, command: &Command) -> Result<Option<LaidReport>, Refusal> {
        let Command::ReportFile { owner, since, form } = command else { return Ok(None) };
        is_for(actor, command)?;
        let asking = self.asking((owner.clone().map(OwnerId), *since)).await?;
        laid_down(&self.store, asking, *form).await.map(Some)
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

/// # Errors
/// There is no such owner, the gate does not say which reviews are open (a table without any would say that there are none), or there is no
/// room.
async fn laid_down(store: &Store, asking: Asking, form: ReportForm) -> Result<LaidReport, Refusal> {
    let spool = store.spool().await.map_err(|error| match error {
        StoreError::File { path: dir, source } => Refusal::NotLaidDown { dir, source },
        other => other.into(),
    })?;
    let spool = Arc::new(spool);
    let (made, into, dir) = (asking, Arc::clone(&spool), store.state_dir().to_owned());
    let written = store.read(move |tx| {
        let Some(report) = reports::make(tx, made.settled(), &made.order, Extent::Apart, made.now)? else {
            return Ok(Err(made.no_owner()));
        };
        let report = reports::with_gate(tx, &made.watchlist, report, made.gate.clone())?;
        if let (ReportForm::Reviews, Some(GatePart::Silent(why))) = (form, &report.gate) {
            return Ok(Err(Refusal::GateSilent(why.clone())));
        }
        let period = (report.since, report.until);
        let lists = StoredLists::new(tx, made.settled(), made.order.owner.as_ref(), period);
        let length = into.fill(|out| write(form, &report, &lists, out));
        lists.end()?;
        Ok(length.map_err(|source| Refusal::NotLaidDown { dir: dir.clone(), source }))
    });
    let length = written.await??;
    Ok(LaidReport { media_type: media_type(form), length, spool })
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
