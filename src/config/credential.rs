//! Credentials: read from files that nobody else may read, never from the environment and never from TOML.

use std::io::Read as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use super::access;
use super::secret::Secret;
use super::source::{Fault, open_regular};

/// Longest credential, bytes.
const MOST: u64 = 16 << 10;

/// Where named credentials are looked for, in this order.
#[derive(Debug)]
pub(super) struct CredentialStore {
    /// `$CREDENTIALS_DIRECTORY`, filled by `LoadCredential=`.
    pub systemd: Option<PathBuf>,
    /// `credentials` beside the configuration file.
    pub beside: PathBuf,
}

/// What a credential file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lines {
    /// A password, a token or an address.
    One,
    /// A key in PEM, which whoever asked for it looks at.
    Many,
    /// A user each, with a digest.
    Users,
}

/// A credential and the file it stood in, for messages about it.
#[derive(Debug)]
pub(super) struct Found {
    pub secret: Secret,
    pub file: PathBuf,
}

impl Found {
    /// Stands for a credential that was not opened.
    pub(super) fn blank() -> Self {
        Self { secret: Secret::new(""), file: PathBuf::new() }
    }

    /// Was it not opened? None that was is empty.
    pub(super) fn is_blank(&self) -> bool {
        self.secret.expose().is_empty()
    }
}

/// Why a credential cannot be had.
#[derive(Debug)]
pub(super) enum Unread {
    /// This process may not read the file.
    Closed {
        file: PathBuf,
        fault: Fault,
    },
    Wrong(Fault),
}

impl From<Fault> for Unread {
    fn from(fault: Fault) -> Self {
        Self::Wrong(fault)
    }
}

/// It is not repeated: an address that was pasted there is a secret by itself.
pub(super) fn no_name(like: &str, more: &str) -> Fault {
    Fault::new("this is no name of a credential", format!("write a bare file name, like {like:?}{more}"))
}

impl CredentialStore {
    pub(super) fn named(&self, name: &str, lines: Lines) -> Result<Found, Unread> {
        if name.is_empty() || name.starts_with('.') || name.contains(['/', '\0', ':']) {
            return Err(no_name("smtp-password", "; for a path there is the …_file key").into());
        }
        let beside = self.beside.join(name);
        let loaded = self.systemd.as_ref().map(|directory| directory.join(name)).filter(|file| file.exists());
        read(&loaded.unwrap_or(beside), lines).map_err(|unread| match unread {
            Unread::Closed { file, fault } => Unread::Closed { file, fault: self.hint(name, fault) },
            Unread::Wrong(fault) => Unread::Wrong(self.hint(name, fault)),
        })
    }

    /// Is it a copy that systemd made, which does not change before the next start?
    pub(super) fn is_copy(&self, file: &Path) -> bool {
        self.systemd.as_ref().is_some_and(|directory| file.starts_with(directory))
    }

    /// Under systemd the usual reason is a credential that the unit does not load.
    fn hint(&self, name: &str, fault: Fault) -> Fault {
        match &self.systemd {
            Some(_) => Fault {
                instead: format!(
                    "{}; under systemd add LoadCredential={name}:{} to the unit",
                    fault.instead,
                    self.beside.join(name).display()
                ),
                ..fault
            },
            None => fault,
        }
    }
}

/// Reads one credential file.
pub(super) fn read(path: &Path, lines: Lines) -> Result<Found, Unread> {
    let shown = path.display();
    let unreadable = |error: std::io::Error| match error.kind() {
        std::io::ErrorKind::PermissionDenied => {
            let what = format!("the credential file {shown} is closed to {}", access::refused_user());
            Unread::Closed { file: path.to_owned(), fault: Fault::new(what, closed(path)) }
        }
        _ => {
            let write = "owned by the user whose process reads it, mode 0600";
            let instead = match lines {
                Lines::One => format!("write the secret on one line into {shown}, {write}"),
                Lines::Many => format!("write the key in PEM into {shown}, {write}"),
                Lines::Users => {
                    format!("write a user a line into {shown}, as `namewarden gate login NAME` prints it, {write}")
                }
            };
            Unread::Wrong(Fault::new(format!("the credential file {shown} cannot be read ({error})"), instead))
        }
    };
    let mut file = open_regular(path).map_err(unreadable)?;
    let meta = file.metadata().map_err(unreadable)?;
    if meta.permissions().mode() & 0o007 != 0 {
        let what = format!("the credential file {shown} is open to every user of this machine");
        return Err(Fault::new(what, format!("run: chmod o= {shown}")).into());
    }
    let mut text = String::new();
    file.by_ref().take(MOST).read_to_string(&mut text).map_err(unreadable)?;
    let secret = Secret::new(&text);
    if lines == Lines::One {
        one_line(secret.expose(), path)?;
    }
    Ok(Found { secret, file: path.to_owned() })
}

/// The daemon reads it, and answers whoever may ask; else the user whose it is does.
fn closed(path: &Path) -> String {
    format!(
        "start the daemon, which reads it (systemd hands it over by LoadCredential=; one that is started by hand has to own \
         it: chown USER {}), or {}",
        path.display(),
        access::remedy(path)
    )
}

fn one_line(text: &str, path: &Path) -> Result<(), Fault> {
    let instead = "write the secret on one line into it, and nothing else";
    if text.is_empty() {
        return Err(Fault::new(format!("the credential file {} is empty", path.display()), instead));
    }
    if text.contains(char::is_control) {
        return Err(Fault::new(format!("the credential file {} holds more than one line", path.display()), instead));
    }
    Ok(())
}
