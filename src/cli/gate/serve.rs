//! The gate itself: what it is made of, and how long it runs.

use std::io;
use std::path::Path;
use std::pin::pin;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::watch;

use super::super::call::Call;
use super::super::failure::Failure;
use super::super::signals::Signals;
use super::again::{Again, Asks};
use super::attest;
use super::effect::{effective, to_come};
use super::evidence::EvidenceFiles;
use super::guests;
use super::indexes;
use super::lifeline::Lifeline;
use super::manager;
use super::ours;
use super::outdated;
use super::rules;
use crate::clock::Clock;
use crate::config::{self, GateSettings, Settings};
use crate::gate::policy::Policy;
use crate::gate::{
    self, Clients, Closer, DeskRules, FileCache, Gate, GateClock, GateTrouble, GateTroubles, Ledger, LedgerRules,
    Memory, OpenedReviews, OpenedUses, PageShelf, Pages, RecordsError, ReviewDesk, Sources, Suspects,
};
use crate::socket::{Socket, peer, users};

/// Told to end, it gives out what is on its way for so long. `namewarden run` kills one after ten seconds.
const DRAIN: Duration = Duration::from_secs(8);
/// One byte in so many of the cache is of pages.
const PAGES: u64 = 16;

/// Runs until a signal, or until whoever has started it ends.
pub(super) async fn run(call: &Call, is_held: bool) -> Result<ExitCode, Failure> {
    let (mut signals, lifeline) = (Signals::listen()?, Lifeline::held(is_held)?);
    let settings = config::load_sealed(&call.path(), &call.environment)?;
    let of = &settings.gate;
    let clock = GateClock::from(Clock::System).after_restart(&of.state);
    effective(of)?;
    let logins = guests::logins(&settings)?.map(watch::Sender::new);
    let memory = Arc::new(ours::remembered(of)?);
    let reviews = OpenedReviews::at(&of.state).map_err(unreadable)?;
    let exemptions = Arc::new(reviews.exemptions.clone());
    let troubles = GateTroubles::default();
    let mut files = EvidenceFiles::of(of, troubles.clone())?;
    let mut uses = used(of)?;
    let mut start = ours::first(&memory, rules::policy(call, of)?)?;
    let (book, attested) = attest::known(of).map_err(unreadable)?.unzip();
    start.consensus.attested = Arc::new(attested.unwrap_or_default());
    let mut first = files.first(start, Clock::System.now());
    first.consensus.prior.of = Arc::new(std::mem::take(&mut uses.uses));
    let suspects = Arc::new(Suspects::read(&of.state));
    troubles.note(GateTrouble::SuspectsUnread, suspects.unread());
    let policy = watch::Sender::new(Arc::new(Policy { exemptions, suspects, ..first }));
    let built =
        built(&settings, (&policy, troubles.clone()), Arc::clone(&memory), (reviews, uses), clock.clone()).await?;
    let (built, work) = attest::beside(built, book, &policy);
    let gate = Arc::new(guests::door(built, logins.as_ref()));
    alone(&gate).await?;
    // Whoever sees it listen can ask it why.
    let (socket, listener) = (Socket::bind(&of.socket).await.map_err(|e| Failure::failed(&e))?, bound(of).await?);
    guests::warn(of);
    let clients = if of.behind_proxy { Clients::ByProxy } else { Clients::Themselves };
    tracing::info!(address = %of.listen, "the gate listens; clients use {}/simple/", of.address());
    let (asks, closer) = (Asks::default(), Closer::default());
    let listens = listener.local_addr().map_err(|e| Failure::failed(&e))?;
    let mut part = pin!(async {
        tokio::select! {
            () = gate::listen(listener, clients, Arc::clone(&gate), closer.closing()) => "what listens",
            () = gate::control(socket, Arc::clone(&gate)) => "its control socket",
            () = attest::verify(work) => "what verifies attestations",
            () = gate::patrol(Arc::clone(&gate)) => "what looks again at what was received",
            () = outdated::follow(call, &settings, &troubles, asks.again()) => "what reads the configuration",
            () = follow(call, of, &memory, (&policy, &troubles, &clock), asks.again()) => "what reads the inventory",
            () = follow_evidence(files, &policy, asks.again()) => "what reads the evidence",
            () = guests::follow(&settings, logins, &troubles, asks.again()) => "what reads the logins",
            () = manager::keep_told(listens, &gate, &troubles) => "what systemd is told by",
        }
    });
    manager::ready().await;
    tokio::select! {
        // Whoever watches it starts it again, which nobody does after an end that was asked for.
        part = &mut part => Err(Failure::new(format!("{part} has ended, and the gate with it; the log says why"))),
        // The next one that is started needs its place.
        () = lifeline.closed() => Ok(ExitCode::SUCCESS),
        () = signals.end_but_hangup(|| asks.ask()) => {
            drain(&closer, part, &mut signals).await;
            Ok(ExitCode::SUCCESS)
        }
    }
}

/// What is being answered goes out, as far as it does so in time; a second signal ends that.
async fn drain(closer: &Closer, part: impl Future<Output = &'static str>, signals: &mut Signals) {
    tracing::info!("the gate ends: nobody new is let in, and what is on its way goes out");
    tokio::select! {
        ((), ()) = async { tokio::join!(manager::stopping(), closer.close()) } => {}
        // All else goes on meanwhile. What listens ends first.
        _ = part => {}
        () = tokio::time::sleep(DRAIN) => tracing::warn!("answers that took longer than {} s are cut off", DRAIN.as_secs()),
        () = signals.end() => {}
    }
}

/// Whoever does not know what was rejected must not give it out.
fn unreadable(error: RecordsError) -> Failure {
    match error {
        RecordsError::Damaged { .. } | RecordsError::Newer(_) => Failure::configured(error.to_string()),
        RecordsError::Busy(_) | RecordsError::Full(_) | RecordsError::Disk { .. } => Failure::failed(&error),
    }
}

/// What clients used so far: where prior use speaks, whoever does not know it would hold what people work with.
fn used(of: &GateSettings) -> Result<OpenedUses, Failure> {
    OpenedUses::at(&of.state).or_else(|error| match of.consensus.needs {
        0 => {
            tracing::error!("what is used cannot be written down, which nothing goes by yet: {error}");
            Ok(OpenedUses::default())
        }
        _ => Err(unreadable(error)),
    })
}

async fn built(
    settings: &Settings,
    (policy, troubles): (&watch::Sender<Arc<Policy>>, GateTroubles),
    memory: Arc<Memory>,
    (reviews, uses): (OpenedReviews, OpenedUses),
    clock: GateClock,
) -> Result<Gate, Failure> {
    let (pypi, private) = indexes::of(settings)?;
    let pypi = pypi.telling_time(clock.clone());
    let of = &settings.gate;
    let unusable = |error: io::Error| unusable(&of.cache, &error);
    let for_pages = of.cache_size / PAGES;
    let shelf = Arc::new(PageShelf::open(&of.cache.join("pages"), for_pages).map_err(unusable)?);
    let pages = |index| Pages::new(index, Arc::clone(&shelf), Clock::System);
    let sources = Sources::new(pages(pypi), private.map(pages), memory, troubles.clone());
    let sources = sources.with_copies(of.private.as_ref().is_some_and(|private| private.copies));
    let files = FileCache::open(&of.cache, of.cache_size - for_pages).await.map_err(unusable)?;
    let uploader = settings.claim.upload.user.clone();
    let machine = Box::new(move || users::machine(peer::own_uid(), &uploader));
    let rules = DeskRules { approvals: of.approvals, machine };
    let desk = ReviewDesk::start(reviews, rules, policy.clone(), clock.clone()).map_err(unreadable)?;
    let kept = LedgerRules { age: rules::days(of.log_age), room: of.log_size };
    let ledger = Ledger::start(of.state.clone(), kept, uses, (policy.clone(), troubles.clone()), clock.clone());
    let gate = Gate::new(sources, policy.subscribe(), files, (desk, ledger, troubles), clock, of.address());
    let dashboard = of.dashboard_url.clone().or_else(|| settings.web.public_url.clone());
    Ok(gate.beside(dashboard, of.dashboard_user.clone()).denying_by(of.malware.clone()))
}

fn unusable(cache: &Path, error: &io::Error) -> Failure {
    let remedy = "make it for the gate's user, or write another as [gate] cache";
    Failure::new(format!("the cache {} cannot be used ({error}); {remedy}", cache.display()))
}

/// An index that hands out PyPI's projects as its own would have everything bypass the gate.
async fn alone(gate: &Gate) -> Result<(), Failure> {
    match gate.private_is_a_mirror().await {
        Ok(false) => Ok(()),
        Ok(true) => Err(Failure::configured(indexes::MIRROR.to_owned())),
        Err(why) => {
            tracing::warn!("the private index does not answer, and nothing is given out until it does: {why}");
            Ok(())
        }
    }
}

async fn bound(of: &GateSettings) -> Result<TcpListener, Failure> {
    TcpListener::bind(of.listen).await.map_err(|error| {
        Failure::new(format!("cannot listen at {} ({error}); free it, or write another as [gate] listen", of.listen))
    })
}

/// Reads the inventory again and again. Tells how the clock stands on the way, and a
/// freeze that is not in force yet.
async fn follow(
    call: &Call,
    of: &GateSettings,
    memory: &Memory,
    (policy, troubles, clock): (&watch::Sender<Arc<Policy>>, &GateTroubles, &GateClock),
    mut again: Again,
) {
    loop {
        clock.tell(troubles);
        clock.keep(&of.state, troubles);
        troubles.note(GateTrouble::FreezeToCome, to_come(of, Clock::System.now()));
        ours::looked(rules::policy(call, of), memory, policy, troubles);
        again.turn().await;
    }
}

/// Looks at the files of evidence again and again, on a thread of its own: an archive of records takes seconds.
async fn follow_evidence(mut files: EvidenceFiles, policy: &watch::Sender<Arc<Policy>>, mut again: Again) {
    loop {
        again.turn().await;
        let (policy, now) = (policy.clone(), Clock::System.now());
        let looked = tokio::task::spawn_blocking(move || {
            files.again(&policy, now);
            files
        });
        match looked.await {
            Ok(back) => files = back,
            // It panicked, and has said so.
            Err(_) => return,
        }
    }
}
