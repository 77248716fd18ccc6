//! Logins of the gate: its own at the private index, and those of its clients. Only the gate has any use for them.

use std::path::{Path, PathBuf};

use toml::Spanned;

use super::credential::Unread;
use super::environment::Environment;
use super::fault::Fault;
use super::file;
use super::loader::{Loader, open};
use super::secret::Secret;
use super::uploads::{TokenPlace, opened, opened_lines, read};

impl Loader<'_> {
    /// `[gate.clients]`; without it anybody may ask.
    pub(super) fn logins(&mut self, clients: Option<Spanned<file::GateClients>>) -> Option<Option<TokenPlace>> {
        if clients.is_none() {
            return Some(None);
        }
        let (at, clients) = open(clients);
        let place = self.place("gate.clients", "logins", clients.logins_file, clients.logins_credential)?;
        if place.is_none() {
            let fault =
                Fault::new("names no users, so that nobody could ask", "write logins_credential = \"gate-logins\"");
            return self.note(at.start, "gate.clients", fault);
        }
        Some(place)
    }
}

/// Opens the login of the private index. Only the gate has any use for it.
///
/// # Errors
/// What is missing or wrong, with where and the remedy; never what is in a file.
pub fn private_login(file: &Path, environment: &Environment, place: &TokenPlace) -> Result<Secret, String> {
    opened(file, environment, place)
}

/// Opens the users of the gate: a name and a digest a line.
///
/// # Errors
/// What is missing or wrong, with where and the remedy; never what is in a file.
pub fn gate_logins(file: &Path, environment: &Environment, place: &TokenPlace) -> Result<Secret, String> {
    opened_lines(file, environment, place)
}

/// Would the gate open it? Gives the file where it is closed to this process, which may have to be so.
///
/// # Errors
/// What the gate would not start with.
pub fn private_login_closed(
    file: &Path,
    environment: &Environment,
    place: &TokenPlace,
) -> Result<Option<PathBuf>, String> {
    match read(file, environment, place) {
        Ok(_) => Ok(None),
        Err(Unread::Closed { file, .. }) => Ok(Some(file)),
        Err(Unread::Wrong(fault)) => Err(format!("[gate.private]: {}; {}", fault.what, fault.instead)),
    }
}
