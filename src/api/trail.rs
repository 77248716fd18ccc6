//! How the trail is written.

use serde_json::Value;

use super::refusal::Refusal;
use super::v1::Command;
use crate::clock::Clock;
use crate::model::Actor;
use crate::store::{AuditLine, Store};

/// Longest outcome, characters.
const OUTCOME: usize = 300;

/// One line: what was done, what became of it, and what was asked for. Where it cannot be stored it is at least in the log: what
/// was done is done.
pub(super) async fn note(store: &Store, clock: &Clock, actor: &Actor, (action, outcome, detail): (&str, &str, &str)) {
    let line = AuditLine {
        at: clock.now(),
        by: actor.clone(),
        action: action.to_owned(),
        outcome: outcome.chars().take(OUTCOME).collect(),
        detail: detail.to_owned(),
    };
    if let Err(error) = store.write(move |tx| tx.audit().add(&line)).await {
        tracing::error!(%error, %actor, action, outcome, "what somebody did cannot be written down");
    }
}

/// A command that changes something, in words that are kept beside it.
pub(super) struct Told(String);

impl Told {
    /// Nothing is written down of what only reads, nor of a copy of a store that nobody may write.
    pub(super) fn of(command: &Command, actor: &Actor, running: bool) -> Option<Self> {
        if command.changes() {
            tracing::info!(%actor, asked = %command, "asked of the command service");
        }
        let copies = matches!(command, Command::Backup { .. }) && !running;
        (command.changes() && !copies).then(|| Self(command.to_string()))
    }

    pub(super) async fn became(self, answer: &Result<Value, Refusal>, actor: &Actor, store: &Store, clock: &Clock) {
        let outcome = answer.as_ref().map_or_else(|refusal| refusal.to_string(), |_| "done".to_owned());
        let (word, detail) = self.0.split_once(' ').unwrap_or((&self.0, ""));
        note(store, clock, actor, (word, &outcome, detail)).await;
    }
}
