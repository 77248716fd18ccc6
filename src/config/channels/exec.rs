//! `[alert.exec.NAME]`: a program on this machine that is started for each message.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Deserialize;
use toml::Spanned;

use crate::config::check;
use crate::config::fault::Fault;
use crate::config::key::Key;
use crate::config::loader::Loader;
use crate::config::period::Period;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    pub program: PathBuf,
    pub arguments: Vec<String>,
    /// It is killed when it takes longer.
    pub timeout: Duration,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a table, [alert.exec.NAME], with program")]
pub(in crate::config) struct Section {
    /// Path of the program. Required.
    program: Key<String>,
    /// What it is given as arguments; no shell reads them. Default: none.
    arguments: Key<Vec<String>>,
    /// How long it may take over one message, 1s to 5m. Default: 30s.
    timeout: Key<Period>,
}

/// What a section needs at least.
pub(in crate::config) const NEEDS: &str = "program";

impl Section {
    pub(in crate::config) fn settings(self, loader: &mut Loader<'_>, key: &str, at: usize) -> Option<Settings> {
        let dir = loader.directory.clone();
        let instead = "write the path of a program: program = \"/usr/local/bin/…\"";
        let program =
            loader.required(&format!("{key}.program"), at, self.program, instead, |text| program(&dir, &text));
        let arguments = self.arguments.map(Spanned::into_inner).unwrap_or_default();
        let timeout = loader.period(&format!("{key}.timeout"), self.timeout, "30s", ("1s", "5m"));
        Some(Settings { program: program?, arguments, timeout: timeout? })
    }
}

impl Settings {
    /// What must not be seen anywhere: it is given none.
    pub(in crate::config) fn secrets(&self) -> Vec<String> {
        Vec::new()
    }

    /// What `config check` says of it beside its name.
    pub(in crate::config) fn summary(&self) -> String {
        self.program.display().to_string()
    }
}

/// A program that can be started, and that not everybody can change: it runs as the daemon's user.
fn program(directory: &Path, text: &str) -> Result<PathBuf, Fault> {
    let path = check::path(directory, text)?;
    let shown = path.display();
    let meta = match std::fs::metadata(&path) {
        // Whoever asks may see less than the daemon does.
        Err(error) if error.kind() == std::io::ErrorKind::PermissionDenied => return Ok(path),
        Err(error) => {
            return Err(Fault::new(format!("the program {shown} cannot be found ({error})"), "write its path"));
        }
        Ok(meta) => meta,
    };
    match meta.permissions().mode() {
        _ if !meta.is_file() => Err(Fault::new(format!("{shown} is no program"), "write the path of a program")),
        mode if mode & 0o111 == 0 => {
            Err(Fault::new(format!("the program {shown} may not be executed"), format!("run: chmod +x {shown}")))
        }
        mode if mode & 0o002 != 0 => {
            let what = format!("the program {shown} can be changed by every user of this machine");
            Err(Fault::new(what, format!("run: chmod o-w {shown}")))
        }
        _ => Ok(path),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_is_there_executable_and_not_everybodys() {
        let dir = tempfile::tempdir().expect("a directory");
        let file = dir.path().join("tell");
        let said = |mode: u32| {
            std::fs::write(&file, "#!/bin/sh\n").expect("written");
            std::fs::set_permissions(&file, std::fs::Permissions::from_mode(mode)).expect("a mode");
            program(dir.path(), "tell").map_err(|fault| fault.what.replace(&format!("{}/", dir.path().display()), ""))
        };
        assert_eq!(said(0o755), Ok(file.clone()));
        assert_eq!(said(0o644), Err("the program tell may not be executed".to_owned()));
        assert_eq!(said(0o757), Err("the program tell can be changed by every user of this machine".to_owned()));
        assert!(program(dir.path(), "nowhere").is_err_and(|fault| fault.what.contains("cannot be found")));
        assert!(program(dir.path(), ".").is_err_and(|fault| fault.what.contains("is no program")));
    }
}
