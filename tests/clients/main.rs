//! What stands on the wire, against those on its other side: servers, package installers, mail servers, and the program
//! itself as a process that is killed.
//!
//! Real clients live in a Python environment named by `NAMEWARDEN_TEST_VENV`, made from `tests/requirements.txt`.

/// Alert channels, each to a receiver.
mod alerts;
/// Claims from the plan to a project that is ours: the daemon and the uploader as processes.
mod claims;
/// The real program, killed at every durable step.
mod crash;
/// The feeds and a server that misbehaves.
mod feeds_http;
/// The feeds and the simulator, with each of its faults.
mod feeds_sim;
/// The gate between installers and two indexes.
mod gate;
/// What pip, uv and Poetry take.
mod installers;
/// The packages of claims: what checks, takes, installs and runs them.
mod packages;
/// The simulator, as protocols and clients see it.
mod sim;
/// Uploads, and what answers them.
mod upload;
/// Programs that have their imports before they are run.
mod warm;

use std::path::PathBuf;

/// A program of the Python environment.
#[expect(clippy::disallowed_methods, reason = "tests/run says where its Python is")]
pub(crate) fn python_program(name: &str) -> PathBuf {
    let venv = std::env::var_os("NAMEWARDEN_TEST_VENV").expect("NAMEWARDEN_TEST_VENV names the client venv");
    PathBuf::from(venv).join("bin").join(name)
}
