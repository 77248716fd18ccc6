//! The gate itself: what it is made of, and how long it runs.

use std::io;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::watch;

use super::super::call::Call;
use super::super::failure::Failure;
use super::super::signals::Signals;
use super::attest;
use super::effect::{effective, to_come};
use super::evidence::EvidenceFiles;
use super::guests;
use super::indexes;
use super::lifeline::Lifeline;
use super::outdated;
use super::rules;
use crate::clock::Clock;
use crate::config::{self, GateSettings, Settings};
use crate::gate::policy::Policy;
use crate::gate::{
    self, Clients, DeskRules, FileCache, Gate, GateClock, GateTrouble, GateTroubles, Ledger, LedgerRules, Memory,
    MemoryError, OpenedReviews, OpenedUses, PageShelf, Pages, RecordsError, ReviewDesk, Sources, Suspects,
};
use crate::socket::{Socket, peer, users};

/// How often the inventory is read again.
const AGAIN: Duration = Duration::from_secs(30);
/// One byte in so many of the cache is of pages.
const PAGES: u64 = 16;

/// Runs until a signal, or until whoever has started it ends.
pub(super) async fn run(call: &Call, is_held: bool) -> Result<ExitCode, Failure> {
    let (mut signals, lifeline) = (Signals::listen()?, Lifeline::held(is_held)?);
    let settings = config::load_sealed(&call.path(), &call.environment)?;
    let (clock, of) = (GateClock::from(Clock::System), &settings.gate);
    effective(of)?;
    let logins = guests::logins(&settings)?.map(watch::Sender::new);
    let memory = Arc::new(remembered(of)?);
    let reviews = OpenedReviews::at(&of.state).map_err(unreadable)?;
    let exemptions = Arc::new(reviews.exemptions.clone());
    let troubles = GateTroubles::default();
    let mut files = EvidenceFiles::of(of, troubles.clone())?;
    let mut uses = used(of)?;
    let mut start = first(&memory, rules::policy(call, of)?)?;
    let (book, attested) = attest::known(of).map_err(unreadable)?.unzip();
    start.consensus.attested = Arc::new(attested.unwrap_or_default());
    let mut first = files.first(start, Clock::System.now())?;
    first.consensus.prior.of = Arc::new(std::mem::take(&mut uses.uses));
    let suspects = Arc::new(Suspects::read(&of.state));
    let policy = watch::Sender::new(Arc::new(Policy { exemptions, suspects, ..first }));
    let built =
        built(&settings, (&policy, troubles.clone()), Arc::clone(&memory), (reviews, uses), clock.clone()).await?;
    let (built, work) = attest::beside(built, book, &policy);
    let gate = Arc::new(match &logins {
        Some(logins) => built.for_users(logins.subscribe()),
        None => built,
    });
    alone(&gate).await?;
    // Whoever sees it listen can ask it why.
    let (socket, listener) = (Socket::bind(&of.socket).await.map_err(|e| Failure::failed(&e))?, bound(of).await?);
    guests::warn(of);
    let clients = if of.behind_proxy { Clients::ByProxy } else { Clients::Themselves };
    tracing::info!(address = %of.listen, "the gate listens; clients use {}/simple/", of.address());
    let part = tokio::select! {
        () = signals.end() => return Ok(ExitCode::SUCCESS),
        () = lifeline.closed() => return Ok(ExitCode::SUCCESS),
        () = gate::listen(listener, clients, gate::router(Arc::clone(&gate))) => "what listens",
        () = gate::control(socket, Arc::clone(&gate)) => "its control socket",
        () = attest::verify(work) => "what verifies attestations",
        () = gate::patrol(Arc::clone(&gate)) => "what looks again at what was received",
        () = outdated::follow(call, &settings, &troubles) => "what reads the configuration",
        () = follow(call, of, &memory, (&policy, &troubles, &clock)) => "what reads the inventory",
        () = follow_evidence(files, &policy) => "what reads the evidence",
        () = guests::follow(&settings, logins, &troubles) => "what reads the logins",
    };
    // Whoever watches it starts it again, which nobody does after an end that was asked for.
    Err(Failure::new(format!("{part} has ended, and the gate with it; the log says why")))
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

/// What was ever ours. Whoever cannot tell must not open the way to PyPI.
fn remembered(of: &GateSettings) -> Result<Memory, Failure> {
    Memory::open(&of.state).map_err(|error| match error {
        MemoryError::Damaged { .. } | MemoryError::Lost { .. } | MemoryError::Gone { .. } => {
            Failure::configured(error.to_string())
        }
        MemoryError::Disk { .. } | MemoryError::Taken(_) => Failure::failed(&error),
    })
}

/// The policy of the start: the inventory, and beside it whatever an earlier one had.
fn first(memory: &Memory, new: Policy) -> Result<Policy, Failure> {
    let binding = memory.binding().and(&new.binding);
    memory.bind(&binding).map_err(|error| Failure::new(format!("what is ours cannot be written down: {error}")))?;
    let (listed, bound) = (new.binding.watches().count(), binding.watches().count());
    if bound > 2 * listed {
        let gone = bound - listed;
        tracing::warn!("the inventory lacks {gone} of {bound} names and prefixes that it had; all of them stay bound");
    } else {
        tracing::info!("{bound} names and prefixes are bound, {listed} of them by the inventory as it is");
    }
    tracing::info!("the private index had {} more names so far, which are bound, too", memory.had_by_private());
    Ok(Policy { binding, ..new })
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
    let ledger = Ledger::start(of.state.clone(), kept, uses, (policy.clone(), troubles.clone()), Clock::System);
    let gate = Gate::new(sources, policy.subscribe(), files, (desk, ledger, troubles), clock, of.address());
    let dashboard = of.dashboard_url.clone().or_else(|| settings.web.public_url.clone());
    Ok(gate.beside(dashboard, of.dashboard_user.clone()))
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

/// Names that left the inventory stay bound: half of a file may be a good inventory, and says less.
fn bound_too(memory: &Memory, now: &mut Arc<Policy>, new: &Policy) -> bool {
    let binding = now.binding.and(&new.binding);
    // Bound all the same while this process lives, and written again with every look at the inventory.
    if let Err(error) = memory.bind(&binding) {
        tracing::error!("what the inventory has more cannot be written down: {error}; make room in [gate] state");
    }
    if binding == now.binding {
        return false;
    }
    tracing::info!("the inventory has grown, and its names are bound");
    *now = Arc::new(Policy { binding, ..Policy::clone(now) });
    true
}

async fn bound(of: &GateSettings) -> Result<TcpListener, Failure> {
    TcpListener::bind(of.listen).await.map_err(|error| {
        Failure::new(format!("cannot listen at {} ({error}); free it, or write another as [gate] listen", of.listen))
    })
}

/// Reads the inventory again and again; one that is broken is said once, and the last good one stays. Tells how the clock stands on the way, and a
/// freeze that is not in force yet.
async fn follow(
    call: &Call,
    of: &GateSettings,
    memory: &Memory,
    (policy, troubles, clock): (&watch::Sender<Arc<Policy>>, &GateTroubles, &GateClock),
) {
    let mut said = String::new();
    loop {
        clock.tell(troubles);
        troubles.note(GateTrouble::FreezeToCome, to_come(of, Clock::System.now()));
        match rules::policy(call, of) {
            Ok(new) => {
                said.clear();
                troubles.note(GateTrouble::Drift, memory.drift(&new.binding));
                policy.send_if_modified(|now| bound_too(memory, now, &new));
            }
            Err(failure) if failure.to_string() != said => {
                said = failure.to_string();
                tracing::error!("the inventory cannot be read, and the last one stays in force: {said}");
            }
            Err(_) => {}
        }
        tokio::time::sleep(AGAIN).await;
    }
}

/// Looks at the files of evidence again and again, on a thread of its own: an archive of records takes seconds.
async fn follow_evidence(mut files: EvidenceFiles, policy: &watch::Sender<Arc<Policy>>) {
    loop {
        tokio::time::sleep(AGAIN).await;
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
