//! The verbs' way to a gate that runs.

use std::path::Path;
use std::time::Duration;

use serde::de::DeserializeOwned;
use tokio::time::timeout;

use super::super::call::Call;
use super::super::failure::Failure;
use super::super::patience;
use crate::api::v1::Problem;
use crate::config::{self, access};
use crate::gate::{GATE_PATH, GateQuestion};
use crate::upstream::{FetchError, local};

/// What the gate of this configuration answers.
pub(super) async fn ask<T: DeserializeOwned>(call: &Call, question: &GateQuestion) -> Result<T, Failure> {
    ask_within(call, question, patience::LOOK).await
}

/// The same of what takes its time.
pub(super) async fn ask_within<T: DeserializeOwned>(
    call: &Call,
    question: &GateQuestion,
    patience: Duration,
) -> Result<T, Failure> {
    let settings = config::load_sealed(&call.path(), &call.environment)?;
    asked_within(&settings.gate.socket, question, patience).await
}

/// What the gate at this socket answers.
pub(in crate::cli) async fn asked<T: DeserializeOwned>(socket: &Path, question: &GateQuestion) -> Result<T, Failure> {
    asked_within(socket, question, patience::LOOK).await
}

async fn asked_within<T: DeserializeOwned>(
    socket: &Path,
    question: &GateQuestion,
    patience: Duration,
) -> Result<T, Failure> {
    let payload = serde_json::to_vec(question).map_err(|e| Failure::failed(&e))?;
    let answer = timeout(patience, local::post(socket, GATE_PATH, payload)).await;
    match answer.unwrap_or(Err(FetchError::TimedOut)) {
        Ok((200, body)) => serde_json::from_slice(&body).map_err(|_| older()),
        Ok((_, body)) => Err(serde_json::from_slice::<Problem>(&body).map_or_else(|_| older(), Failure::from)),
        Err(FetchError::TimedOut) => Err(Failure::new(format!(
            "the gate at {} does not answer within {} s: `systemctl restart namewarden-gate`",
            socket.display(),
            patience.as_secs()
        ))),
        Err(error) => Err(unreached(socket, &error)),
    }
}

fn older() -> Failure {
    Failure::new("the gate is of another version: restart it as the one that is installed".to_owned())
}

fn unreached(socket: &Path, error: &FetchError) -> Failure {
    use std::io::ErrorKind;
    let shown = socket.display();
    match std::os::unix::net::UnixStream::connect(socket).map_err(|error| error.kind()) {
        Err(ErrorKind::PermissionDenied) => {
            Failure::new(format!("the control socket {shown} is closed to this user; {}", access::remedy(socket)))
        }
        Err(_) => Failure::new(format!("no gate is running: nothing answers at {shown}; `namewarden gate` starts it")),
        Ok(_) => Failure::new(format!("no answer of a gate came from {shown}: {error}")),
    }
}
