//! The secrets of a channel: `KEY_file` or `KEY_credential` in its section, and what the file holds.

use crate::config::check;
use crate::config::credential::{self, Found, Lines, Unread};
use crate::config::fault::Fault;
use crate::config::key::Key;
use crate::config::loader::{Loader, Opening};
use crate::config::secret::Secret;

impl Loader<'_> {
    pub(super) fn receiver(
        &mut self,
        key: &str,
        at: usize,
        file: Key<String>,
        credential: Key<String>,
    ) -> Option<Secret> {
        let key = format!("{key}.url");
        let found = self.needed(&key, at, file, credential)?;
        let instead = "write an https:// address into it; http:// is for this machine only";
        self.verify(&key, at, found, check::is_receiver, "no address to post to", instead)
    }

    /// Tests what a credential file holds, without ever showing it.
    pub(in crate::config) fn verify(
        &mut self,
        key: &str,
        at: usize,
        found: Found,
        is_good: fn(&str) -> bool,
        what: &str,
        instead: &str,
    ) -> Option<Secret> {
        if found.is_blank() || is_good(found.secret.expose()) {
            return Some(found.secret);
        }
        self.note(at, key, Fault::new(format!("the credential file {} holds {what}", found.file.display()), instead))
    }

    pub(super) fn needed(&mut self, key: &str, at: usize, file: Key<String>, credential: Key<String>) -> Option<Found> {
        let name = key.rsplit('.').next().unwrap_or(key);
        let instead = format!("write {name}_credential = \"NAME\" or {name}_file = \"PATH\"");
        match self.secret(key, file, credential)? {
            Some(found) => Some(found),
            None => self.note(at, key, Fault::new("is missing", instead)),
        }
    }

    /// `KEY_file` or `KEY_credential`, on one line.
    pub(in crate::config) fn secret(
        &mut self,
        key: &str,
        file: Key<String>,
        credential: Key<String>,
    ) -> Option<Option<Found>> {
        self.secret_of(key, Lines::One, file, credential)
    }

    /// `KEY_file` or `KEY_credential`.
    pub(in crate::config) fn secret_of(
        &mut self,
        key: &str,
        lines: Lines,
        file: Key<String>,
        credential: Key<String>,
    ) -> Option<Option<Found>> {
        let dir = self.directory.clone();
        match (file, credential) {
            (None, None) => Some(None),
            (Some(_), None) | (None, Some(_)) if self.opening == Opening::Sealed => Some(Some(Found::blank())),
            (Some(path), None) => {
                let path_of = check::path(&dir, path.get_ref()).map_err(Unread::from);
                let found = path_of.and_then(|path| credential::read(&path, lines));
                self.opened(&format!("{key}_file"), path.span().start, found).map(Some)
            }
            (None, Some(name)) => {
                let found = self.credentials.named(name.get_ref(), lines);
                if found.as_ref().is_ok_and(|found| self.credentials.is_copy(&found.file)) {
                    self.loaded.push(name.get_ref().clone());
                }
                self.opened(&format!("{key}_credential"), name.span().start, found).map(Some)
            }
            (Some(path), Some(_)) => {
                let at = path.span().start;
                self.note(at, key, Fault::new("is given as a file and as a credential", "keep one of them"))
            }
        }
    }

    /// A credential, or a blank one where this process may not read it and need not.
    fn opened(&mut self, key: &str, at: usize, found: Result<Found, Unread>) -> Option<Found> {
        match found {
            Ok(found) => Some(found),
            Err(Unread::Closed { file, .. }) if self.opening == Opening::Permitted => {
                self.closed.push(file);
                Some(Found::blank())
            }
            Err(Unread::Closed { fault, .. } | Unread::Wrong(fault)) => self.note(at, key, fault),
        }
    }
}
