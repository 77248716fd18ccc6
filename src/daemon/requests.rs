//! What the service asks of the daemon: the configuration, the inventory, a reconcile, deliveries.

use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use serde_json::Value;
use tokio::sync::mpsc;

use super::engine::{Engine, REST};
use super::error::WorkerError;
use super::index;
use super::reload::{rehearse, reload, reload_all};
use crate::api::service::{CommandService, DaemonRequest, RequestKind};
use crate::api::v1;
use crate::model::Owner;
use crate::model::health::HealthIssue;

/// Requests that may wait.
const QUEUE: usize = 8;

/// A service over this engine, and the queue of what it asks.
pub fn service(engine: &Engine, running: bool) -> (CommandService, mpsc::Receiver<DaemonRequest>) {
    let (requests, queue) = mpsc::channel(QUEUE);
    let service = CommandService {
        // People are told at once what does not work.
        store: engine.store.for_people(),
        clock: engine.clock.clone(),
        watchlist: engine.watchlist.subscribe(),
        requests,
        settings: engine.settings.subscribe(),
        restart: engine.restart.subscribe(),
        running,
    };
    (service, queue)
}

/// The worker that runs them, one after the other.
pub async fn run(engine: Arc<Engine>, mut queue: mpsc::Receiver<DaemonRequest>) -> Result<(), WorkerError> {
    loop {
        match tokio::time::timeout(REST, queue.recv()).await {
            // Whoever asked may have gone; the request was run all the same.
            Ok(Some(DaemonRequest { what, answer })) => drop(answer.send(execute(&engine, what).await)),
            // Every service is gone; the sockets that held them report their own end.
            Ok(None) => engine.rest(REST).await,
            // Nothing was asked: a sign of life (`heartbeat`).
            Err(_) => {}
        }
    }
}

async fn execute(engine: &Engine, what: RequestKind) -> Result<Value, String> {
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
        RequestKind::Deliver => {
            engine.to_deliver.notify_waiters();
            Ok(Value::Null)
        }
        RequestKind::Claims => {
            engine.to_claim.notify_one();
            engine.to_deliver.notify_waiters();
            Ok(Value::Null)
        }
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
async fn look(engine: &Engine, trust: index::BodyTrust) -> Result<Value, String> {
    let spool = engine.store.scratch("index.dry-run");
    let looked = index::look(engine, None, spool).await.map_err(|e| e.to_string())?;
    let Some((listing, _)) = looked else {
        return Err("the server answered \"unchanged\" to a request without an ETag".to_owned());
    };
    let compared = index::compare(&engine.store, &listing, None, trust).await;
    let (difference, missed) = compared.map_err(|e| e.to_string())?;
    reply(v1::Pass::from(index::summary(&difference, missed)))
}

fn reply(answer: impl Serialize) -> Result<Value, String> {
    serde_json::to_value(answer).map_err(|e| e.to_string())
}
