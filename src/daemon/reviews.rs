//! The worker that hears from the gate what it holds, and tells reviewers, and that tells the gate which projects are open findings. The
//! gate is a process of its own with rights and files of its own: this asks at its socket as anybody of the group may, and lets nothing
//! through.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use super::engine::Engine;
use super::error::WorkerError;
use super::unwell::ToldTroubles;
use crate::cases::{self, RecallNews, ReviewNews};
use crate::gate::{GATE_PATH, GateNews, GateQuestion, GateRecalls, Suspects};
use crate::model::health::HealthIssue;
use crate::model::held::ReviewMark;
use crate::model::{ProjectName, Suspect};
use crate::store::{StoreError, Tx};
use crate::upstream::local;

/// Between two questions.
const LOOK: Duration = Duration::from_secs(10);
/// The gate is on this machine.
const PATIENCE: Duration = Duration::from_secs(5);
/// Findings that the gate is told of, the most urgent first, and of equals the oldest.
const MOST_SUSPECTS: usize = 5_000;
/// So long it may be silent, as over a restart.
const SILENT: Duration = Duration::from_mins(5);

/// Between two notes of it.
const NOTE: Duration = Duration::from_hours(1);

/// What is known of the gate. One that was never there is none: the gate may be on another machine.
struct Hearing {
    socket: PathBuf,
    was_heard: bool,
    /// When that was last written down, on the monotonic clock.
    noted: Option<Duration>,
    /// On the monotonic clock.
    last: Duration,
    /// The open findings, as of a commit of the store.
    suspects: Option<KnownSuspects>,
    /// What was wrong with it when it was told; `None`: nobody knows.
    troubles: Option<ToldTroubles>,
}

/// What is an open finding, how many there are beside it, and the commit of the store of which that is.
struct KnownSuspects {
    commits: u64,
    of: BTreeMap<ProjectName, Suspect>,
    more: usize,
}

impl Hearing {
    fn of(socket: PathBuf, last: Duration) -> Self {
        Self { socket, was_heard: false, noted: None, last, suspects: None, troubles: None }
    }

    /// The same, as far as the store remembers it.
    async fn at(engine: &Engine, socket: PathBuf) -> Result<Self, StoreError> {
        let (now, of) = (engine.clock.now(), socket.clone());
        let was_heard = engine.store.read(move |tx| cases::was_gate_heard(tx, &of, now)).await?;
        Ok(Self { was_heard, ..Self::of(socket, engine.clock.mono()) })
    }

    fn is_remembered(&self, engine: &Engine) -> bool {
        self.was_heard && engine.clock.mono().saturating_sub(self.last) < cases::GATE_REMEMBERED
    }

    async fn heard(&mut self, engine: &Engine) -> Result<(), StoreError> {
        let now = engine.clock.mono();
        (self.was_heard, self.last) = (true, now);
        if self.noted.is_some_and(|noted| now.saturating_sub(noted) < NOTE) {
            return Ok(());
        }
        self.noted = Some(now);
        let (socket, now) = (self.socket.clone(), engine.clock.now());
        engine.store.write(move |tx| cases::gate_heard(tx, &socket, now)).await
    }
}

/// Runs as long as the daemon.
pub(super) async fn run(engine: Arc<Engine>) -> Result<(), WorkerError> {
    let mut gate = Hearing::of(PathBuf::new(), engine.clock.mono());
    loop {
        let socket = engine.settings().gate.socket.clone();
        if socket != gate.socket {
            gate = Hearing::at(&engine, socket).await?;
        }
        round(&engine, &mut gate).await?;
        engine.rest(LOOK).await;
    }
}

async fn round(engine: &Engine, gate: &mut Hearing) -> Result<(), StoreError> {
    let mark = engine.store.read(cases::reviews_told).await?;
    match news(&gate.socket, mark).await {
        Ok(mut news) => {
            gate.heard(engine).await?;
            engine.resolve(HealthIssue::GateSilent).await?;
            let untaken = suspected(engine, gate, &news).await?;
            news.troubles.extend(untaken.map(|why| ("suspects-untaken".to_owned(), why)));
            let untold = gate.suspects.as_ref().and_then(KnownSuspects::untold);
            news.troubles.extend(untold.map(|why| ("suspects-untold".to_owned(), why)));
            let unheard = recalled(engine, gate, &news).await?;
            news.troubles.extend(unheard.map(|why| ("recalls-unheard".to_owned(), why)));
            unwell(engine, gate, &news).await?;
            told(engine, news).await
        }
        Err(why) => unheard(engine, gate, &why).await,
    }
}

/// One that we start and that has ended is told at once: whoever started it knows.
async fn unheard(engine: &Engine, gate: &Hearing, why: &str) -> Result<(), StoreError> {
    let (down, is_ours) = (engine.gate_down.borrow().clone(), engine.settings().gate.with_run);
    match down {
        Some(ended) => engine.raise(HealthIssue::GateSilent, ended).await.map(drop),
        None if is_ours || gate.is_remembered(engine) || gate.socket.exists() => silent(engine, gate, why).await,
        None => {
            engine.resolve(HealthIssue::GateUnwell).await?;
            engine.resolve(HealthIssue::GateSilent).await
        }
    }
}

/// What nobody was told of yet.
async fn news(socket: &Path, after: ReviewMark) -> Result<GateNews, String> {
    let body = asked(socket, &GateQuestion::News { after }).await?;
    serde_json::from_slice(&body).map_err(|_| "it is of another version".to_owned())
}

async fn asked(socket: &Path, question: &GateQuestion) -> Result<Vec<u8>, String> {
    let payload = serde_json::to_vec(question).map_err(|error| error.to_string())?;
    let answer = tokio::time::timeout(PATIENCE, local::post(socket, GATE_PATH, payload)).await;
    match answer.map_err(|_| format!("it does not answer within {} s", PATIENCE.as_secs()))? {
        Ok((200, body)) => Ok(body),
        Ok((status, _)) => Err(format!("it answers with {status}, and may be of another version")),
        Err(error) => Err(error.to_string()),
    }
}

/// The gate goes by what it was told last: it is told where that is something else, as after a restore of its files. Gives what is
/// wrong where it does not take it.
async fn suspected(engine: &Engine, gate: &mut Hearing, news: &GateNews) -> Result<Option<String>, StoreError> {
    let Some(told) = &news.suspects else { return Ok(None) };
    let commits = engine.store.read(|tx| tx.commits()).await?;
    if gate.suspects.as_ref().is_none_or(|known| known.commits != commits) {
        let (of, more) = engine.store.read(|tx| tx.findings().suspects(MOST_SUSPECTS)).await?;
        gate.suspects = Some(KnownSuspects { commits, of, more });
    }
    let Some(known) = gate.suspects.as_ref().filter(|known| Suspects::key(&known.of) != *told) else {
        return Ok(None);
    };
    let taken = asked(&gate.socket, &GateQuestion::Suspect { suspects: known.of.clone() }).await;
    let untaken = |why: String| {
        format!("the gate does not take which projects are open findings, and holds those of before ({why})")
    };
    Ok(taken.err().map(untaken))
}

impl KnownSuspects {
    /// What persons are told of those that the gate is not.
    fn untold(&self) -> Option<String> {
        (self.more > 0).then(|| {
            format!(
                "{} open findings more than the {MOST_SUSPECTS} that the gate is told of, what pages and the oldest, are held by nothing but their age: \
                 settle what is none with `namewarden findings resolve` or suppress it, as a flood of look-alikes by its pattern",
                self.more
            )
        })
    }
}

/// One case of all that is wrong with it, told anew where that is news.
async fn unwell(engine: &Engine, gate: &mut Hearing, news: &GateNews) -> Result<(), StoreError> {
    let (now, at) = (&news.troubles, engine.clock.mono());
    if gate.troubles.as_ref().is_some_and(|told| !told.is_news(now, at)) {
        return Ok(());
    }
    // After a restart of ours the case that is open says it, unless it ended meanwhile.
    if gate.troubles.is_some() || now.is_empty() {
        engine.resolve(HealthIssue::GateUnwell).await?;
    }
    if !now.is_empty() {
        let detail: Vec<&str> = news.troubles.values().map(String::as_str).collect();
        engine.raise(HealthIssue::GateUnwell, detail.join("; ")).await?;
    }
    gate.troubles = Some(match &gate.troubles {
        Some(told) => told.next(now.clone(), at),
        None => ToldTroubles::first(now.clone(), at),
    });
    Ok(())
}

/// The message, and up to where it tells, in one transaction: a kill before it tells later, and none tells twice.
async fn told(engine: &Engine, news: GateNews) -> Result<(), StoreError> {
    let GateNews { held, omitted, oldest, last, troubles: _, suspects: _, recalled: _ } = news;
    let (Some(oldest), Some(last)) = (oldest, last) else { return Ok(()) };
    let news = ReviewNews { held, omitted, oldest, last };
    let (watchlist, clock) = (engine.watchlist(), engine.clock.clone());
    let reviewers = engine.settings().gate.reviewers.clone();
    let tell = move |tx: &Tx<'_>| cases::tell_reviews(tx, &watchlist, &reviewers, &news, clock.now());
    if engine.store.write(tell).await? {
        engine.to_deliver.notify_waiters();
    }
    Ok(())
}

/// What turned out to be bad after it was given out: asked for where there is something else than was told (less in a log that was lost or brought
/// back, whose numbers go on from what was told by that), and again where that fails. Gives what is wrong where the gate does not say it: owners would
/// wait for it in silence.
async fn recalled(engine: &Engine, gate: &Hearing, news: &GateNews) -> Result<Option<String>, StoreError> {
    let after = engine.store.read(cases::recalls_told).await?;
    if news.recalled.is_none_or(|last| last == after) {
        return Ok(None);
    }
    let answer = asked(&gate.socket, &GateQuestion::Recalls { after }).await;
    let read = answer.and_then(|body| serde_json::from_slice(&body).map_err(|error| error.to_string()));
    let GateRecalls { recalls, last } = match read {
        Ok(read) => read,
        Err(why) => return Ok(Some(format!("the gate does not say who received what turned out to be bad ({why})"))),
    };
    if recalls.recalls.is_empty() && last == after {
        return Ok(None);
    }
    let news = RecallNews { recalls, last };
    let (watchlist, clock) = (engine.watchlist(), engine.clock.clone());
    let reviewers = engine.settings().gate.reviewers.clone();
    let tell = move |tx: &Tx<'_>| cases::tell_recalls(tx, &watchlist, &reviewers, &news, clock.now());
    if engine.store.write(tell).await? {
        engine.to_deliver.notify_waiters();
    }
    Ok(None)
}

async fn silent(engine: &Engine, gate: &Hearing, why: &str) -> Result<(), StoreError> {
    if engine.clock.mono().saturating_sub(gate.last) < SILENT {
        return Ok(());
    }
    let socket = gate.socket.display();
    let detail = format!(
        "the gate at {socket} does not say what it holds ({why}), so nobody is told who waits for what; see \
         `systemctl status namewarden-gate`, and where there is no gate any more, this ends after a week"
    );
    engine.raise(HealthIssue::GateSilent, detail).await.map(drop)
}
