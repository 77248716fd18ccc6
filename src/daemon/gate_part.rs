//! What the gate says for the reports of one moment: it is asked once for all of them, so that they say the same, and one that does not
//! answer holds up none but the first.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Mutex;

use super::engine::Engine;
use crate::api::gate_part::gate_part;
use crate::delivery::AskGate;
use crate::model::Time;
use crate::model::gate_report::GatePart;

/// So long an answer is that of the moment.
const FRESH: Duration = Duration::from_mins(1);

/// What it said of a period, and when on the monotonic clock.
struct Heard {
    period: (Time, Time),
    at: Duration,
    said: Option<GatePart>,
}

/// For one channel.
pub(super) fn ask(engine: &Arc<Engine>) -> AskGate {
    let (engine, heard) = (Arc::clone(engine), Arc::new(Mutex::new(None::<Heard>)));
    Arc::new(move |period| {
        let (engine, heard) = (Arc::clone(&engine), Arc::clone(&heard));
        Box::pin(async move {
            let mut heard = heard.lock().await;
            let now = engine.clock.mono();
            let is_fresh = |of: &&Heard| of.period == period && now.saturating_sub(of.at) < FRESH;
            if let Some(of) = heard.as_ref().filter(is_fresh) {
                return Ok(of.said.clone());
            }
            let said = gate_part(&engine.store, &engine.settings().gate, period, engine.clock.now()).await?;
            *heard = Some(Heard { period, at: now, said: said.clone() });
            Ok(said)
        })
    })
}
