//! What changes something is done once for each idempotency key (draft-ietf-httpapi-idempotency-key-header), whose answer is kept
//! for a day. Of what only reads nothing is kept: it may be asked by whoever looks, and its answer be as long as the inventory.
//!
//! Between what was done and the answer that is kept nobody can be exact: a process that is killed there does it again when it
//! is asked again. Nothing that can be asked does harm twice.

use sha2::{Digest as _, Sha256};

use super::refusal::Refusal;
use super::reply::Reply;
use super::service::CommandService;
use super::under_way::see_through;
use super::v1::{Command, Problem, ProblemType};
use crate::model::Actor;
use crate::store::{Kept, Keyed};

/// What a command came to, as HTTP says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Said {
    pub(super) status: u16,
    /// JSON: the answer, or the problem.
    pub(super) body: String,
    /// It was said before.
    pub(super) again: bool,
}

impl CommandService {
    /// Does it, whatever was done before.
    pub(super) async fn done(&self, actor: &Actor, command: Command) -> Said {
        said(self.answer(actor, command).await)
    }

    /// Does it to its end, unless it was done under this key. Of what holds a secret, or answers with one, nothing is kept.
    pub(super) async fn done_once(&self, actor: Actor, key: String, command: Command) -> Result<Said, Problem> {
        if !command.changes() {
            return Ok(self.done(&actor, command).await);
        }
        let keyed = Keyed { actor: identity(&actor), key };
        let Some(place) = self.under_way.enter(&keyed) else { return Err(in_use()) };
        if let Some(before) = self.before(&keyed, &digest(&command)).await? {
            return Ok(before);
        }
        let service = self.clone();
        let work = async move {
            let _place = place;
            let digest = (!command.is_secret()).then(|| digest(&command));
            let said = said(service.answer_here(&actor, command).await);
            if let Some(digest) = digest {
                service.keep(keyed, digest, &said).await;
            }
            said
        };
        see_through(&self.undertakings, work).await.map_err(|refusal| refusal.problem())
    }

    async fn before(&self, keyed: &Keyed, digest: &str) -> Result<Option<Said>, Problem> {
        let (keyed, now) = (keyed.clone(), self.clock.now());
        let kept = self.store.read(move |tx| tx.answers().get(&keyed, now)).await;
        match kept.map_err(|error| Refusal::from(error).problem())? {
            Some(kept) if kept.digest != digest => Err(reused()),
            kept => Ok(kept.map(Said::again)),
        }
    }

    /// A failure of ours is not kept: asked again, it is tried again.
    async fn keep(&self, keyed: Keyed, digest: String, said: &Said) {
        if said.status >= 500 {
            return;
        }
        let (kept, now) = (Kept { digest, status: u32::from(said.status), body: said.body.clone() }, self.clock.now());
        if let Err(error) = self.store.write(move |tx| tx.answers().keep(&keyed, &kept, now)).await {
            tracing::warn!(%error, "an answer cannot be kept under its key: asked again, it is done again");
        }
    }
}

/// What the service answered, as HTTP says it.
pub(super) fn said(answer: Result<Reply, Refusal>) -> Said {
    let (status, body) = match answer {
        Ok(reply) => (200, reply.into_text()),
        Err(refusal) => {
            let problem = refusal.problem();
            (problem.of().status(), serde_json::to_string(&problem).unwrap_or_default())
        }
    };
    Said { status, body, again: false }
}

impl Said {
    fn again(kept: Kept) -> Self {
        // It was one.
        Self { status: u16::try_from(kept.status).unwrap_or(500), body: kept.body, again: true }
    }
}

/// By whatever the transport knows of them: a key is one actor's.
fn identity(actor: &Actor) -> String {
    serde_json::to_string(actor).unwrap_or_default()
}

/// Of what is asked, however it was written.
fn digest(command: &Command) -> String {
    let asked = serde_json::to_vec(command).unwrap_or_default();
    Sha256::digest(asked).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn in_use() -> Problem {
    let detail = "the first request with this Idempotency-Key is still at work".to_owned();
    Problem::new(ProblemType::KeyInUse, detail).with("ask again in a moment, with the same key")
}

fn reused() -> Problem {
    let detail = "another request came with this Idempotency-Key within a day".to_owned();
    Problem::new(ProblemType::KeyReused, detail).with("a new request has a new key")
}

#[cfg(test)]
mod tests;
