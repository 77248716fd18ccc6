//! What the gate says of the projects of a message. One that did not answer is not asked again for a while: half a second is nothing
//! for one message, and an hour for all that a flood of registrations makes.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::engine::Engine;
use crate::api::at_gate::at_gate;
use crate::delivery::AskProjects;
use crate::model::ProjectName;
use crate::model::at_gate::GateWord;

/// So long nobody asks it again.
const LEFT_ALONE: Duration = Duration::from_secs(10);

/// For one channel.
pub(super) fn ask(engine: &Arc<Engine>) -> AskProjects {
    let (engine, silent) = (Arc::clone(engine), Arc::new(Mutex::new(None::<Duration>)));
    Arc::new(move |projects: Vec<ProjectName>| {
        let (engine, silent) = (Arc::clone(&engine), Arc::clone(&silent));
        Box::pin(async move {
            let now = engine.clock.mono();
            let since = *silent.lock().unwrap_or_else(PoisonError::into_inner);
            if is_left_alone(since, now) {
                return Ok(vec![GateWord::Silent; projects.len()]);
            }
            let words = at_gate(&engine.store, &engine.settings().gate, projects, engine.clock.now()).await?;
            let is_silent = words.contains(&GateWord::Silent);
            *silent.lock().unwrap_or_else(PoisonError::into_inner) = is_silent.then(|| engine.clock.mono());
            Ok(words)
        })
    })
}

/// `since`: when it did not answer, on the monotonic clock.
fn is_left_alone(since: Option<Duration>, now: Duration) -> bool {
    since.is_some_and(|since| now.saturating_sub(since) < LEFT_ALONE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gate_that_was_silent_is_asked_again_after_ten_seconds() {
        let seconds = Duration::from_secs;
        assert!(!is_left_alone(None, seconds(0)), "nobody asked it yet");
        assert!(is_left_alone(Some(seconds(5)), seconds(14)) && !is_left_alone(Some(seconds(5)), seconds(15)));
    }
}
