//! The section `[web.tls]`: the certificate that whoever connects is shown, and its key.

use std::io::Read as _;
use std::path::Path;

use toml::Spanned;

use super::credential::Lines;
use super::fault::Fault;
use super::loader::{Loader, open};
use super::secret::Secret;
use super::source::open_regular;
use super::{check, file};
use crate::crowd::tls::{TlsFault, server};

/// Longest chain of certificates, bytes.
const MOST: u64 = 256 << 10;

/// A chain of certificates and its key, both as they were read: a renewed one is another setting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlsSettings {
    /// PEM, the own certificate first.
    pub chain: String,
    /// PEM; blank where this process may not read it.
    pub key: Secret,
}

impl Loader<'_> {
    /// `section`: which listener it is for, as `web.tls`.
    pub(super) fn listener_tls(
        &mut self,
        section: &str,
        tls: Option<Spanned<file::Tls>>,
    ) -> Option<Option<TlsSettings>> {
        if tls.is_none() {
            return Some(None);
        }
        let (dir, (at, tls)) = (self.directory.clone(), open(tls));
        let (certificate, key) = (format!("{section}.certificate_file"), format!("{section}.key"));
        let instead = "write the path of the chain in PEM, certificate_file = \"/etc/…/fullchain.pem\"";
        let placed = tls.certificate_file.as_ref().map_or(at.start, |path| path.span().start);
        let chain = self
            .required(&certificate, at.start, tls.certificate_file, instead, |text| chain(&check::path(&dir, &text)?));
        let found = self.secret_of(&key, Lines::Many, tls.key_file, tls.key_credential)?;
        let Some(found) = found else {
            let instead = "write key_credential = \"NAME\" or key_file = \"PATH\"";
            return self.note(at.start, &key, Fault::new("is missing", instead));
        };
        let (chain, is_closed) = (chain?, found.is_blank());
        match server(&chain, found.secret.expose()) {
            Err(TlsFault::NoKey) if is_closed => {}
            Err(fault @ (TlsFault::NoKey | TlsFault::Apart)) => return self.note(at.start, &key, wrong(&fault)),
            Err(fault) => return self.note(placed, &certificate, wrong(&fault)),
            Ok(_) => {}
        }
        Some(Some(TlsSettings { chain, key: found.secret }))
    }
}

fn wrong(fault: &TlsFault) -> Fault {
    let instead = match fault {
        TlsFault::NoCertificate | TlsFault::Certificate => {
            "name the file of the whole chain, which begins with -----BEGIN CERTIFICATE-----"
        }
        TlsFault::NoKey => {
            "name the file of its key, which begins with -----BEGIN PRIVATE KEY-----, without a password"
        }
        TlsFault::Apart | TlsFault::Unusable(_) => "name the chain and the key that were made together",
    };
    Fault::new(fault.to_string(), instead)
}

/// It is no secret.
fn chain(path: &Path) -> Result<String, Fault> {
    let mut text = String::new();
    let read = open_regular(path).and_then(|file| file.take(MOST).read_to_string(&mut text));
    match read {
        Ok(_) => Ok(text),
        Err(error) => {
            let what = format!("{} cannot be read ({error})", path.display());
            Err(Fault::new(what, "name a chain of certificates in PEM that the user of this service may read"))
        }
    }
}
