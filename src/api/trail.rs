//! How the trail is written.

use serde::Deserialize as _;
use serde_json::Value;

use super::refusal::Refusal;
use super::reply::Reply;
use super::v1::{ClaimRuled, Command, Ruled};
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

/// Of several cases or claims each is asked for by itself, and some may not be there or be refused. Which of them it is of is told
/// by what each has: a decision about a claim read as one about a case would be one about none.
fn outcome(done: &Value) -> String {
    let all_have = |key: &str| done.as_array().is_some_and(|all| all.iter().all(|one| one.get(key).is_some()));
    if all_have("case") {
        of_cases(&Vec::<Ruled>::deserialize(done).unwrap_or_default())
    } else if all_have("refused") {
        of_claims(&Vec::<ClaimRuled>::deserialize(done).unwrap_or_default())
    } else {
        "done".to_owned()
    }
}

fn of_cases(ruled: &[Ruled]) -> String {
    let unknown: Vec<&str> = ruled.iter().filter(|of| of.case.is_none()).map(|of| of.asked.as_str()).collect();
    match unknown.len() {
        0 => "done".to_owned(),
        n if n == ruled.len() => "not done: there is no such case".to_owned(),
        n => format!("done, but for {n} of {}: there is no case {}", ruled.len(), unknown.join(", ")),
    }
}

/// With why the first was refused: the others mostly are for the same.
fn of_claims(ruled: &[ClaimRuled]) -> String {
    let refused: Vec<(&str, &str)> =
        ruled.iter().filter_map(|of| Some((of.asked.as_str(), of.refused.as_deref()?))).collect();
    match (refused.first(), refused.len()) {
        (None, _) => "done".to_owned(),
        (Some((_, why)), n) if n == ruled.len() => format!("not done: {why}"),
        (Some((name, why)), n) => format!("done, but for {n} of {}: {name}: {why}", ruled.len()),
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

    pub(super) async fn became(self, answer: &Result<Reply, Refusal>, actor: &Actor, store: &Store, clock: &Clock) {
        let outcome = match answer {
            Ok(reply) => outcome(&reply.read().unwrap_or_default()),
            Err(refusal) => refusal.to_string(),
        };
        let (word, detail) = self.0.split_once(' ').unwrap_or((&self.0, ""));
        note(store, clock, actor, (word, &outcome, detail)).await;
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_was_done_in_part_is_not_said_to_be_done() {
        let there = json!({"id": "nw-1", "key": "k", "state": "acknowledged", "changed": true, "quarantined": false, "note": null});
        let asked = |name: &str, case: &Value| json!({"asked": name, "case": case});
        let (here, gone) = (asked("nw-1", &there), asked("nw-9", &Value::Null));
        assert_eq!(outcome(&json!({"path": "x"})), "done");
        assert_eq!(outcome(&json!([here])), "done");
        assert_eq!(outcome(&json!([here, gone])), "done, but for 1 of 2: there is no case nw-9");
        assert_eq!(outcome(&json!([gone])), "not done: there is no such case");
        assert_eq!(outcome(&json!([])), "done");
    }

    #[test]
    fn a_decision_about_a_claim_is_none_about_a_case() {
        let claim = json!({"key": "acme#1", "state": "approved"});
        let agreed = json!({"asked": "acme", "claim": claim, "refused": null});
        let refused = json!({"asked": "corp", "claim": null, "refused": "another person has to approve"});
        assert_eq!(outcome(&json!([agreed])), "done");
        assert_eq!(outcome(&json!([refused])), "not done: another person has to approve");
        assert_eq!(outcome(&json!([agreed, refused])), "done, but for 1 of 2: corp: another person has to approve");
    }
}
