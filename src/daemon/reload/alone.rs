//! The inventory read by itself: its file changed, or somebody asks. The configuration stays as it is.

use super::answer::Reload;
use super::configuration::prepare;
use super::inventory::{Unusable, compiled, judged, read, reviewed, tell};
use super::plan::Plan;
use crate::config::PlacedRouteError;
use crate::daemon::engine::Engine;
use crate::daemon::manager;
use crate::store::StoreError;
use crate::watchlist::routes::Routes;

/// Reads, checks and, unless it removes too much, puts in force. `force` applies it all the same.
///
/// # Errors
/// Of the store. What is wrong with the file is an answer.
pub async fn reload(engine: &Engine, force: bool) -> Result<Reload, StoreError> {
    let _alone = engine.reloads.lock().await;
    manager::reloading().await;
    let outcome = read_again(engine, force).await;
    manager::ready().await;
    outcome.as_ref().into_iter().for_each(Reload::log);
    outcome
}

async fn read_again(engine: &Engine, force: bool) -> Result<Reload, StoreError> {
    let (old, routes) = (engine.watchlist().inventory, Routes::clone(&engine.watchlist().routes));
    let (said, applied) = match read(&engine.settings(), &engine.listings).await? {
        Ok(new) => judged(&old, new, force),
        Err(Unusable::Broken(error)) => (Reload::Broken { error }, None),
        Err(Unusable::Misfit(misfit)) => (unfit(engine, &misfit).await?, None),
    };
    tell(engine, &said).await?;
    let Some(new) = applied else { return Ok(said) };
    engine.watchlist.send_replace(compiled(new, routes).await?);
    let done = reviewed(engine, old).await?;
    engine.ring();
    Ok(said.counting(&done))
}

/// Names a channel or an owner that the configuration in force does not know. Where the one on disk knows it, nothing is
/// wrong with either file: both are tried again, as one, when the configuration is reloaded.
async fn unfit(engine: &Engine, misfit: &PlacedRouteError) -> Result<Reload, StoreError> {
    let Plan { settings, said, .. } = prepare(engine).await?.plan;
    Ok(if settings.is_ok() && !matches!(said, Reload::Broken { .. }) {
        let places = misfit.places();
        Reload::Waits {
            needs: format!(
                "what stands at {places} needs the configuration as it is on disk: `namewarden reload` puts both in force"
            ),
        }
    } else {
        Reload::Broken { error: format!("{misfit}; what the configuration is given counts after `namewarden reload`") }
    })
}
