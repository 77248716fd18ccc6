//! Asks the gate of this machine at its socket. Whatever it is asked, somebody waits for a bounded time.

use std::path::Path;
use std::time::Duration;

use serde::de::DeserializeOwned;

use super::refusal::Refusal;
use super::v1::{Problem, ProblemType};
use crate::gate::{GATE_PATH, GateQuestion};
use crate::upstream::local;

/// A page that shows something else waits no longer for it.
pub(super) const GLANCE: Duration = Duration::from_millis(500);

/// What the gate at this socket answers within this time.
///
/// # Errors
/// It refuses, or says nothing; why.
pub(super) async fn asked<T: DeserializeOwned>(
    socket: &Path,
    question: &GateQuestion,
    patience: Duration,
) -> Result<T, Refusal> {
    let silent = |why: String| Refusal::NoGate { socket: socket.display().to_string(), why };
    let payload = serde_json::to_vec(question).map_err(|error| Refusal::Failed(error.to_string()))?;
    let answer = tokio::time::timeout(patience, local::post(socket, GATE_PATH, payload)).await;
    let answer = answer.map_err(|_| silent(format!("it says nothing for {} ms", patience.as_millis())))?;
    let (status, body) = answer.map_err(|error| silent(error.to_string()))?;
    match status {
        200 => serde_json::from_slice(&body).map_err(|_| silent("it is of another version".to_owned())),
        _ => Err(refused(&body)
            .unwrap_or_else(|| silent(format!("it answers with {status}, and may be of another version")))),
    }
}

/// What the gate said, in its words.
fn refused(body: &[u8]) -> Option<Refusal> {
    let problem: Problem = serde_json::from_slice(body).ok()?;
    match problem.of() {
        ProblemType::NoSuchReview => Some(Refusal::NoReview(problem.detail)),
        ProblemType::ReviewRefused => Some(Refusal::Review(problem.detail)),
        _ => None,
    }
}
