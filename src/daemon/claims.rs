//! The worker of claims: what goes on by itself, and what only a look at PyPI settles. It holds no token and sends no package.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use super::engine::Engine;
use super::error::WorkerError;
use crate::claims::{Desk, Find, expected, expected_of};
use crate::failpoint::{self, Step};
use crate::model::claim::{Claim, ClaimState};
use crate::registry::pypi::upload::look::{self, Stand};
use crate::socket::{peer, users};
use crate::store::{StoreError, Tx};

/// Between two looks at what is open at PyPI.
const OPEN: Duration = Duration::from_secs(15);
/// Between two looks whether something is due.
const IDLE: Duration = Duration::from_mins(1);
/// Between two looks at one project, however often something happens to it.
const SOON: Duration = Duration::from_secs(1);

/// Runs as long as the daemon.
pub(super) async fn run(engine: Arc<Engine>) -> Result<(), WorkerError> {
    engine.wait_for_baseline().await;
    let mut others = BTreeSet::new();
    loop {
        let rung = engine.to_claim.notified();
        take_up(&engine, &mut others).await?;
        let pause = round(&engine).await?;
        engine.rest_until(rung, pause).await;
    }
}

/// One round. Gives how long nothing more is due.
async fn round(engine: &Engine) -> Result<Duration, StoreError> {
    let moved = write(engine, Desk::automatic).await?;
    failpoint::hit(Step::ClaimMoved);
    let mut told = moved > 0;
    told |= write(engine, Desk::miss_the_uploader).await?;
    told |= write(engine, Desk::tell_of_trouble).await?;
    told |= write(engine, Desk::tell_of_closed_names).await?;
    told |= write(engine, Desk::tell_of_reopened_names).await?;
    let claims = read(engine, Desk::to_look_at).await?;
    for claim in &claims {
        told |= look_at(engine, claim).await?;
    }
    if told {
        engine.to_deliver.notify_waiters();
    }
    let is_open = claims.iter().any(|claim| claim.state != ClaimState::Ours);
    let idle = if is_open { OPEN } else { IDLE };
    let (window, life) = read(engine, |desk, tx| Ok((desk.next_window(tx)?, desk.next_life(tx)?))).await?;
    let life = life.map_or(idle, |left| left.to_std().unwrap_or_default().max(SOON));
    Ok(window.unwrap_or(idle).min(life).min(idle))
}

/// Projects that we published and that the store does not know of. What turned out to be another project of ours is not looked at
/// again by this process.
async fn take_up(engine: &Engine, others: &mut BTreeSet<Find>) -> Result<(), StoreError> {
    for find in
        read(engine, Desk::to_take_up).await?.into_iter().filter(|find| !others.contains(find)).collect::<Vec<_>>()
    {
        let (settings, inventory) = (engine.settings.borrow().clone(), engine.watchlist().inventory);
        let Some(seal) = find.package(&settings, &inventory) else { continue };
        let stand = look::stand(&engine.pypi, &find.name, &expected_of(&seal), &inventory.registrants).await;
        failpoint::hit(Step::ClaimSeen);
        let is_known = !matches!(stand, Stand::Unknown { .. } | Stand::HeldByUnknown(_));
        let of = find.clone();
        let took = write(engine, move |desk, tx| desk.take_up(tx, &of, &seal, &stand)).await?;
        failpoint::hit(Step::ClaimSettled);
        if is_known && !took {
            others.insert(find);
        }
    }
    Ok(())
}

/// Is something to be told?
async fn look_at(engine: &Engine, claim: &Claim) -> Result<bool, StoreError> {
    let registrants = engine.watchlist().inventory.registrants.clone();
    let sight = look::sight(&engine.pypi, &claim.key.name, &expected(claim), &registrants).await;
    failpoint::hit(Step::ClaimSeen);
    let claim = claim.clone();
    let told = write(engine, move |desk, tx| desk.looked(tx, &claim, &sight)).await?;
    failpoint::hit(Step::ClaimSettled);
    Ok(told)
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
    move || {
        let settings = settings.borrow().claim.clone();
        let machine = users::machine(peer::own_uid(), &settings.upload.user);
        Desk::new(watchlist.borrow().clone(), &settings, machine, clock.now())
    }
}
