//! What the gate says of the projects of a message. One that did not answer is not asked again for a while: half a second is nothing
//! for one message, and an hour for all that a flood of registrations makes.

use std::sync::Arc;

use super::engine::Engine;
use crate::api::at_gate::at_gate;
use crate::api::gate_part::GateSilence;
use crate::delivery::AskProjects;
use crate::model::ProjectName;
use crate::model::at_gate::GateWord;

/// For one channel.
pub(super) fn ask(engine: &Arc<Engine>) -> AskProjects {
    let (engine, silence) = (Arc::clone(engine), GateSilence::default());
    Arc::new(move |projects: Vec<ProjectName>| {
        let (engine, silence) = (Arc::clone(&engine), silence.clone());
        Box::pin(async move {
            if silence.is_known(engine.clock.mono()) {
                return Ok(vec![GateWord::Silent; projects.len()]);
            }
            let words = at_gate(&engine.store, &engine.settings().gate, projects, engine.clock.now()).await?;
            silence.note(words.contains(&GateWord::Silent), engine.clock.mono());
            Ok(words)
        })
    })
}
