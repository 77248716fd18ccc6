//! This program once more, as a process of its own: what has rights of its own everywhere has them in the demo.

use std::path::Path;
use std::process::Stdio;

use tokio::process::{Child, Command};

use super::super::failure::Failure;

/// A verb that runs on, by the configuration in this directory. It ends with the demo.
pub(super) fn started(program: &Path, dir: &Path, verb: &[&str]) -> Result<Child, Failure> {
    let mut command = Command::new(program);
    command.arg("--quiet").args(verb).arg("--config").arg(dir.join("namewarden.toml"));
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true);
    command.spawn().map_err(|e| Failure::failed(&e))
}
