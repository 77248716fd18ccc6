//! The control socket: commands as JSON over HTTP on a Unix socket, for the verbs of the same machine.

use std::os::unix::fs::{FileTypeExt, PermissionsExt};
use std::path::{Path, PathBuf};

use axum::extract::{DefaultBodyLimit, State};
use axum::http::StatusCode;
use axum::routing::post;
use axum::{Json, Router};
use serde_json::{Value, json};
use tokio::net::UnixListener;

use super::office::{Office, Refusal};
use crate::model::command::Command;

/// The one path; its version changes when the commands do.
pub const PATH: &str = "/v1/command";
/// No command is larger.
const BODY_LIMIT: usize = 64 * 1024;

/// Opens the socket for owner and group (0660). A leftover of a dead process is replaced: the state directory's lock
/// has already proved that no other daemon lives.
///
/// # Errors
/// When the directory is missing or the path is no socket.
pub fn bind(path: &Path) -> std::io::Result<UnixListener> {
    match std::fs::symlink_metadata(path) {
        Ok(meta) if meta.file_type().is_socket() => std::fs::remove_file(path)?,
        Ok(_) => return Err(std::io::Error::other("it exists and is no socket")),
        Err(_) => {}
    }
    let listener = UnixListener::bind(path)?;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o660))?;
    Ok(listener)
}

/// Answers until it is dropped; the socket file goes with it.
pub async fn serve(listener: UnixListener, path: PathBuf, office: Office) -> std::io::Result<()> {
    let _file = SocketFile(path);
    let router = Router::new().route(PATH, post(answer)).layer(DefaultBodyLimit::max(BODY_LIMIT)).with_state(office);
    axum::serve(listener, router).await
}

struct SocketFile(PathBuf);

impl Drop for SocketFile {
    fn drop(&mut self) {
        // The next start replaces a leftover.
        let _ = std::fs::remove_file(&self.0);
    }
}

async fn answer(State(office): State<Office>, Json(command): Json<Command>) -> (StatusCode, Json<Value>) {
    match office.answer(command).await {
        Ok(value) => (StatusCode::OK, Json(value)),
        Err(refusal) => (status_of(&refusal), Json(json!({ "error": refusal.to_string() }))),
    }
}

fn status_of(refusal: &Refusal) -> StatusCode {
    match refusal {
        Refusal::NoFinding(_) | Refusal::NoOwner(_) => StatusCode::NOT_FOUND,
        Refusal::NoBaseline => StatusCode::CONFLICT,
        Refusal::Store(_) | Refusal::Failed(_) => StatusCode::INTERNAL_SERVER_ERROR,
    }
}
