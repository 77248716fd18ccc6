//! Whoever hangs up, and whoever waits for what others asked: what was begun is done, told and written down all the same, and an
//! answer waits for nobody.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use chrono::DateTime;
use futures_util::FutureExt as _;
use namewarden::api::bells::Bells;
use namewarden::api::service::CommandService;
use namewarden::api::v1::Command;
use namewarden::cases::{LinkAct, LinkAnswer};
use namewarden::clock::Clock;
use namewarden::config::Secret;
use namewarden::model::Actor;
use tokio::sync::{mpsc, watch};

use crate::bench::Bench;
use crate::known::service;
use crate::links::{self, SECRET};

/// Nobody who stores an answer takes longer.
const AT_ONCE: Duration = Duration::from_secs(60);

fn snooze() -> Command {
    Command::Snooze { cases: vec!["acme-billing".to_owned()], minutes: 60, who: String::new(), note: None }
}

/// What was done, and what came of it.
async fn trail(bench: &Bench) -> Vec<(String, String)> {
    let lines = bench.store.read(|tx| tx.audit().since(DateTime::UNIX_EPOCH, 0, 10)).await.expect("reads");
    lines.into_iter().map(|audited| (audited.line.action, audited.line.outcome)).collect()
}

/// A service whose work is handed over, and to whom.
fn handing_over(bench: &Bench) -> (CommandService, mpsc::Receiver<namewarden::api::under_way::Undertaking>) {
    let (undertakings, queue) = mpsc::channel(1);
    let mut settings = (**service(bench).settings.borrow()).clone();
    settings.web.link_key = Some(Secret::new(SECRET));
    let (settings, clock) = (watch::channel(Arc::new(settings)).1, Clock::manual(bench.now));
    (CommandService { undertakings, settings, clock, ..service(bench) }, queue)
}

#[tokio::test]
async fn what_somebody_decides_is_written_down_also_when_they_have_gone() {
    let (bench, _) = links::page().await;
    let (service, mut queue) = handing_over(&bench);
    let ada = Actor { user: Some("ada".to_owned()), ..Actor::default() };
    let mut asking = Box::pin(service.answer(&ada, snooze()));
    assert!((&mut asking).now_or_never().is_none(), "it waits");
    drop(asking);
    queue.recv().now_or_never().flatten().expect("it was handed over").await;
    assert_eq!(trail(&bench).await, [("snooze".to_owned(), "done".to_owned())]);
}

#[tokio::test]
async fn an_answer_by_a_link_is_written_down_also_when_its_asker_has_gone() {
    let (bench, token) = links::page().await;
    let button = links::button(&bench, &token, LinkAct::Acknowledge).await;
    let (service, mut queue) = handing_over(&bench);
    let mut asking = Box::pin(service.answer_by_link(button, LinkAnswer::Acknowledge));
    assert!((&mut asking).now_or_never().is_none(), "it waits");
    drop(asking);
    queue.recv().now_or_never().flatten().expect("it was handed over").await;
    assert_eq!(trail(&bench).await, [("answer".to_owned(), "done".to_owned())]);
}

/// An index pass takes minutes, and a look at the channels half of one: what was stored waits for neither.
#[tokio::test]
async fn an_answer_waits_for_nothing_that_the_daemon_does() {
    let (bench, token) = links::page().await;
    let button = links::button(&bench, &token, LinkAct::Acknowledge).await;
    let ((requests, _busy), bells) = (mpsc::channel(8), Bells::default());
    let mut rung = pin!(bells.to_deliver.notified());
    rung.as_mut().enable();
    let (handing_over, _) = handing_over(&bench);
    let service = CommandService { requests, bells: bells.clone(), ..handing_over };
    let said = tokio::time::timeout(AT_ONCE, service.answer(&Actor::default(), snooze())).await;
    assert!(said.expect("it waits for nobody").is_ok());
    assert!(rung.now_or_never().is_some(), "whoever delivers is told");
    let said = tokio::time::timeout(AT_ONCE, service.answer_by_link(button, LinkAnswer::Acknowledge)).await;
    assert!(matches!(said.expect("it waits for nobody"), Ok(Ok(_))));
}
