//! The certificate that is shown: that of the configuration in force, made ready once.

use tokio_rustls::TlsAcceptor;

use crate::config::TlsSettings;
use crate::crowd::tls;

/// The last that was made ready, and what it was made of.
#[derive(Default)]
pub(super) struct Shown {
    of: Option<TlsSettings>,
    acceptor: Option<TlsAcceptor>,
}

impl Shown {
    /// What a new connection is met with: `Some(None)` is clear text. `None`: nothing can be shown, and clear text would be worse.
    pub(super) fn of(&mut self, settings: Option<&TlsSettings>) -> Option<Option<TlsAcceptor>> {
        if self.of.as_ref() != settings {
            self.acceptor = settings.and_then(ready);
            self.of = settings.cloned();
        }
        (self.of.is_none() || self.acceptor.is_some()).then(|| self.acceptor.clone())
    }
}

/// The configuration was refused where this fails.
fn ready(settings: &TlsSettings) -> Option<TlsAcceptor> {
    match tls::server(&settings.chain, settings.key.expose()) {
        Ok(config) => Some(config.into()),
        Err(error) => {
            tracing::error!(%error, "the web has no certificate to show");
            None
        }
    }
}
