//! The section `[claim.upload]`: where packages go, how many, and with which token. The token itself is opened by the uploader
//! alone (`upload_token`): no other process of ours has any use for it.

use std::path::{Path, PathBuf};

use super::credential::{self, CredentialStore, Lines, Unread};
use super::environment::Environment;
use super::secret::Secret;

/// How packages are published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UploadSettings {
    /// The endpoint; `None`: nothing can be published.
    pub to: Option<Endpoint>,
    /// Where every package is tried first.
    pub test: Option<Endpoint>,
    /// Who runs the uploader: nobody else is given work.
    pub user: String,
    /// New projects in 24 hours.
    pub per_day: usize,
}

impl UploadSettings {
    /// PyPI's own limit of new projects in a day.
    pub const ALLOWED: usize = 4;

    /// Is a new name published by trusted publishing, for which somebody has to make a pending publisher in PyPI's form first?
    pub fn needs_publishers(&self) -> bool {
        self.to.as_ref().is_some_and(|to| matches!(to.proof, Proof::Identity(_)))
    }
}

/// An index that takes uploads, and by what it knows us.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    pub address: String,
    pub proof: Proof,
}

/// By what an index knows us; unopened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Proof {
    /// A token for uploads, as good as a password.
    Token(TokenPlace),
    /// The identity token (OIDC) of a CI system, which is exchanged for a token of minutes: trusted publishing.
    Identity(TokenPlace),
}

/// Where a token is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TokenPlace {
    File(PathBuf),
    Credential(String),
}

impl Proof {
    fn place(&self) -> &TokenPlace {
        match self {
            Self::Token(place) | Self::Identity(place) => place,
        }
    }
}

/// Opens the token of an endpoint, whichever it is. Only the uploader has to, or may.
///
/// # Errors
/// What is missing or wrong, with where and the remedy; never what is in a file.
pub fn upload_token(file: &Path, environment: &Environment, endpoint: &Endpoint) -> Result<Secret, String> {
    opened(file, environment, endpoint.proof.place())
}

/// Opens a secret that only one process has any use for, beside the configuration of this file.
pub(super) fn opened(file: &Path, environment: &Environment, place: &TokenPlace) -> Result<Secret, String> {
    said(read(file, environment, place))
}

/// The same, of as many lines as there are.
pub(super) fn opened_lines(file: &Path, environment: &Environment, place: &TokenPlace) -> Result<Secret, String> {
    said(lines(file, environment, place, Lines::Users))
}

fn said(read: Result<Secret, Unread>) -> Result<Secret, String> {
    read.map_err(|unread| match unread {
        Unread::Closed { fault, .. } | Unread::Wrong(fault) => format!("{}; {}", fault.what, fault.instead),
    })
}

pub(super) fn read(file: &Path, environment: &Environment, place: &TokenPlace) -> Result<Secret, Unread> {
    lines(file, environment, place, Lines::One)
}

fn lines(file: &Path, environment: &Environment, place: &TokenPlace, lines: Lines) -> Result<Secret, Unread> {
    let directory = file.parent().unwrap_or(Path::new("")).join("credentials");
    let store = CredentialStore { systemd: environment.credentials.clone(), beside: directory };
    let found = match place {
        TokenPlace::File(path) => credential::read(path, lines),
        TokenPlace::Credential(name) => store.named(name, lines),
    };
    found.map(|found| found.secret)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn a_token_is_opened_where_it_is_said_to_be_and_never_quoted() {
        let dir = tempfile::tempdir().expect("a directory");
        let config = dir.path().join("namewarden.toml");
        let path = dir.path().join("token");
        let endpoint = |place| Endpoint { address: "https://upload.example".to_owned(), proof: Proof::Token(place) };
        let opened = |place| upload_token(&config, &Environment::default(), &endpoint(place));
        let missing = opened(TokenPlace::Credential("pypi-token".to_owned())).expect_err("nothing is there");
        assert!(missing.contains("credentials/pypi-token") && missing.contains("write the secret"), "{missing}");
        std::fs::write(&path, "pypi-hunter2 and more\n").expect("written");
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o604)).expect("set");
        let open = opened(TokenPlace::File(path.clone())).expect_err("open to all");
        assert!(open.contains("chmod o=") && !open.contains("hunter2"), "{open}");
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).expect("set");
        assert_eq!(opened(TokenPlace::File(path)).expect("opens").expose(), "pypi-hunter2 and more");
    }
}
