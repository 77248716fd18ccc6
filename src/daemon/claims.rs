//! The worker of claims: what goes on by itself, and what only a look at PyPI settles. It holds no token and sends no package.

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;

use super::engine::Engine;
use super::error::WorkerError;
use crate::api::peer;
use crate::claims::{Desk, expected};
use crate::failpoint::{self, Step};
use crate::model::Time;
use crate::model::claim::{Claim, ClaimState};
use crate::registry::pypi::upload::look::{self, Stand};
use crate::store::{StoreError, Tx};

/// Between two looks at what is open at PyPI.
const OPEN: Duration = Duration::from_secs(15);
/// Between two looks whether something is due.
const IDLE: Duration = Duration::from_mins(1);
/// Between two looks at what is ours.
const DAILY: TimeDelta = TimeDelta::hours(24);
/// After one of them got no answer.
const UNANSWERED: TimeDelta = TimeDelta::minutes(15);
/// Cursor: when what is ours was last looked at.
const LOOKED: &str = "claim-life";

/// Runs as long as the daemon.
pub(super) async fn run(engine: Arc<Engine>) -> Result<(), WorkerError> {
    engine.wait_for_baseline().await;
    loop {
        let rung = engine.to_claim.notified();
        let pause = round(&engine).await?;
        engine.rest_until(rung, pause).await;
    }
}

/// One round. Gives how long nothing more is due.
async fn round(engine: &Engine) -> Result<Duration, StoreError> {
    let moved = write(engine, Desk::automatic).await?;
    failpoint::hit(Step::ClaimMoved);
    let all = is_daily_due(engine).await?;
    let mut told = moved > 0;
    told |= write(engine, Desk::miss_the_uploader).await?;
    told |= write(engine, Desk::tell_of_trouble).await?;
    let claims = read(engine, move |desk, tx| desk.to_look_at(tx, all)).await?;
    let mut answered = true;
    for claim in &claims {
        let look = look_at(engine, claim).await?;
        (told, answered) = (told | look.told, answered & look.answered);
    }
    if all {
        looked(engine, answered).await?;
    }
    if told {
        engine.to_deliver.notify_waiters();
    }
    let is_open = claims.iter().any(|claim| claim.state != ClaimState::Ours);
    let window = read(engine, Desk::next_window).await?;
    Ok(window.unwrap_or(IDLE).min(if is_open { OPEN } else { IDLE }))
}

/// What one look came to.
struct Look {
    /// Is something to be told?
    told: bool,
    /// Did PyPI say anything?
    answered: bool,
}

async fn look_at(engine: &Engine, claim: &Claim) -> Result<Look, StoreError> {
    let registrants = engine.watchlist().inventory.registrants.clone();
    let stand = look::stand(&engine.pypi, &claim.key.name, &expected(claim), &registrants).await;
    failpoint::hit(Step::ClaimSeen);
    let (claim, answered) = (claim.clone(), !matches!(stand, Stand::Unknown { .. }));
    let told = write(engine, move |desk, tx| desk.looked(tx, &claim, &stand)).await?;
    failpoint::hit(Step::ClaimSettled);
    Ok(Look { told, answered })
}

async fn is_daily_due(engine: &Engine) -> Result<bool, StoreError> {
    let (last, now) = (engine.store.read(|tx| tx.cursors().get::<Time>(LOOKED)).await?, engine.clock.now());
    Ok(last.is_none_or(|last| now - last >= DAILY || last > now))
}

/// What is ours was looked at. What could not be seen is no proof that it is as it was: it is looked at again soon, and whoever
/// dies in the middle begins anew.
async fn looked(engine: &Engine, answered: bool) -> Result<(), StoreError> {
    let back = if answered { TimeDelta::zero() } else { DAILY - UNANSWERED };
    write(engine, move |desk, tx| tx.cursors().set(LOOKED, &(desk.now - back))).await
}

/// By settings, watchlist and clock as they are when the writer's turn comes.
async fn write<T: Send + 'static>(
    engine: &Engine,
    work: impl Fn(&Desk, &Tx<'_>) -> Result<T, StoreError> + Send + Sync + 'static,
) -> Result<T, StoreError> {
    let desk = desks(engine);
    engine.store.write(move |tx| work(&desk(), tx)).await
}

/// The same of what only looks.
async fn read<T: Send + 'static>(
    engine: &Engine,
    look: impl Fn(&Desk, &Tx<'_>) -> Result<T, StoreError> + Send + Sync + 'static,
) -> Result<T, StoreError> {
    let desk = desks(engine);
    engine.store.read(move |tx| look(&desk(), tx)).await
}

fn desks(engine: &Engine) -> impl Fn() -> Desk + Send + Sync + use<> {
    let (watchlist, settings, clock) =
        (engine.watchlist.subscribe(), engine.settings.subscribe(), engine.clock.clone());
    move || Desk::new(watchlist.borrow().clone(), &settings.borrow().claim, peer::own_uid(), clock.now())
}
