//! What the service asks of the daemon: the configuration, the inventory, a reconcile, a look at the channels.

use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::engine::{Engine, REST};
use super::error::WorkerError;
use super::index;
use super::reload::{rehearse, reload, reload_all};
use crate::api::bells::Bells;
use crate::api::gate_part::GateSilence;
use crate::api::reply::Reply;
use crate::api::service::{CommandService, DaemonRequest, RequestKind};
use crate::api::taking::Takers;
use crate::api::under_way::{UnderWay, Undertaking};
use crate::api::v1;
use crate::model::Owner;
use crate::model::health::HealthIssue;

/// Requests that may wait.
const QUEUE: usize = 8;

/// What goes on by itself at one time; more wait.
const AT_ONCE: usize = 64;

/// What a service asks for.
pub struct Queue {
    requests: mpsc::Receiver<DaemonRequest>,
    undertakings: mpsc::Receiver<Undertaking>,
}

/// A service over this engine, and the queue of what it asks.
pub fn service(engine: &Engine, running: bool) -> (CommandService, Queue) {
    let ((requests, asked), (undertakings, handed)) = (mpsc::channel(QUEUE), mpsc::channel(QUEUE));
    let service = CommandService {
        // People are told at once what does not work.
        store: engine.store.for_people(),
        clock: engine.clock.clone(),
        watchlist: engine.watchlist.subscribe(),
        requests,
        bells: Bells { to_deliver: Arc::clone(&engine.to_deliver), to_claim: Arc::clone(&engine.to_claim) },
        settings: engine.settings.subscribe(),
        restart: engine.restart.subscribe(),
        undertakings,
        under_way: UnderWay::default(),
        listings: engine.listings.clone(),
        silence: GateSilence::default(),
        takers: Takers::default(),
        running,
    };
    (service, Queue { requests: asked, undertakings: handed })
}

/// The worker that runs them: requests one after the other, and beside them what goes on by itself.
pub async fn run(engine: Arc<Engine>, queue: Queue) -> Result<(), WorkerError> {
    tokio::select! {
        never = run_requests(&engine, queue.requests) => never,
        never = see_through(&engine, queue.undertakings) => never,
    }
}

/// Each is a task of its own, so that none that fails takes another along.
async fn see_through(engine: &Engine, mut queue: mpsc::Receiver<Undertaking>) -> Result<(), WorkerError> {
    let mut under_way = JoinSet::new();
    loop {
        while under_way.try_join_next().is_some() {}
        if under_way.len() >= AT_ONCE {
            // A sign of life, however long it takes.
            let _ = tokio::time::timeout(REST, under_way.join_next()).await;
            continue;
        }
        match tokio::time::timeout(REST, queue.recv()).await {
            Ok(Some(work)) => drop(under_way.spawn(work)),
            // Every service is gone, and whoever asked with it.
            Ok(None) => engine.rest(REST).await,
            Err(_) => {}
        }
    }
}

async fn run_requests(engine: &Engine, mut queue: mpsc::Receiver<DaemonRequest>) -> Result<(), WorkerError> {
    loop {
        engine.listings.tidy(engine.clock.mono());
        match tokio::time::timeout(REST, queue.recv()).await {
            // Whoever asked may have gone; the request was run all the same.
            Ok(Some(DaemonRequest { what, answer })) => drop(answer.send(execute(engine, what).await)),
            // Every service is gone; the sockets that held them report their own end.
            Ok(None) => engine.rest(REST).await,
            // Nothing was asked: a sign of life (`heartbeat`).
            Err(_) => {}
        }
    }
}

async fn execute(engine: &Engine, what: RequestKind) -> Result<Reply, String> {
    // The engine itself would wait, and whoever asked with it.
    if let Some(trouble) = engine.store.trouble().filter(|_| what != RequestKind::Probe) {
        return Err(trouble.to_string());
    }
    match what {
        RequestKind::ApplyInventory { force } => {
            reply(v1::Reload::from(reload(engine, force).await.map_err(|e| e.to_string())?))
        }
        RequestKind::Reload { dry_run } => {
            let outcome = if dry_run { rehearse(engine).await } else { reload_all(engine).await };
            reply(v1::Reread::from(outcome.map_err(|e| e.to_string())?))
        }
        RequestKind::Reconcile { dry_run: false, accept } => {
            let trust = index::BodyTrust::of(accept);
            let pass = index::pass(engine, trust).await.map_err(|e| e.to_string())?;
            if accept {
                engine.resolve(HealthIssue::IndexRefused).await.map_err(|e| e.to_string())?;
            }
            reply(v1::Pass::from(pass))
        }
        RequestKind::Reconcile { dry_run: true, accept } => look(engine, index::BodyTrust::of(accept)).await,
        RequestKind::Probe => reply(probe(engine).await),
    }
}

/// Whether each channel works, all at once. None may keep the others and the next request waiting.
async fn probe(engine: &Engine) -> Vec<v1::Probed> {
    const PATIENCE: Duration = Duration::from_secs(30);
    let (watchlist, channels) = (engine.watchlist(), Arc::clone(&engine.in_force.borrow().channels));
    let owners: Vec<&Owner> = watchlist.inventory.owners.values().collect();
    let probes = watchlist.routes.every().into_iter().map(async |channel| {
        let trouble = match tokio::time::timeout(PATIENCE, channels.probe(&channel, &owners)).await {
            Ok(probed) => probed.err().map(|error| error.to_string()),
            Err(_) => Some("no answer within 30 s".to_owned()),
        };
        v1::Probed { channel: channel.to_string(), trouble }
    });
    futures_util::future::join_all(probes).await
}

/// What a pass would do, without doing it: no ETag, a spool of its own, nothing stored.
async fn look(engine: &Engine, trust: index::BodyTrust) -> Result<Reply, String> {
    let spool = engine.store.scratch("index.dry-run");
    let looked = index::look(engine, None, spool).await.map_err(|e| e.to_string())?;
    let Some((listing, _)) = looked else {
        return Err("the server answered \"unchanged\" to a request without an ETag".to_owned());
    };
    let compared = index::compare(&engine.store, &listing, None, trust).await;
    let (difference, missed) = compared.map_err(|e| e.to_string())?;
    reply(v1::Pass::from(index::summary(&difference, missed)))
}

fn reply(answer: impl Serialize) -> Result<Reply, String> {
    Reply::of(&answer).map_err(|e| e.to_string())
}
