//! The section `[claim.upload]`: where packages go, how many, and with which token. The token itself is opened by the uploader
//! alone (`upload_tokens`): no other process of ours has any use for it.

use std::path::{Path, PathBuf};

use super::credential::{self, CredentialStore, Unread};
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

/// An index that takes uploads, and where its token is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    pub address: String,
    pub token: TokenPlace,
}

/// Where a token is, unopened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TokenPlace {
    File(PathBuf),
    Credential(String),
}

/// The tokens of the uploader: that of PyPI, and that of the index that is tried first.
#[derive(Debug)]
pub struct UploadTokens {
    pub to: Secret,
    pub test: Option<Secret>,
}

/// Opens the tokens. Only the uploader has to, or may.
///
/// # Errors
/// What is missing or wrong, with where and the remedy; never what is in a file.
pub fn upload_tokens(file: &Path, environment: &Environment, upload: &UploadSettings) -> Result<UploadTokens, String> {
    let directory = file.parent().unwrap_or(Path::new("")).join("credentials");
    let store = CredentialStore { systemd: environment.credentials.clone(), beside: directory };
    let opened = |endpoint: &Endpoint| match &endpoint.token {
        TokenPlace::File(path) => credential::read(path),
        TokenPlace::Credential(name) => store.named(name),
    };
    let opened = |endpoint: &Endpoint| match opened(endpoint) {
        Ok(found) => Ok(found.secret),
        Err(Unread::Closed { fault, .. } | Unread::Wrong(fault)) => Err(format!("{}; {}", fault.what, fault.instead)),
    };
    let to = upload.to.as_ref().ok_or("[claim.upload] address is missing, so nothing can be published: write it")?;
    Ok(UploadTokens { to: opened(to)?, test: upload.test.as_ref().map(opened).transpose()? })
}
