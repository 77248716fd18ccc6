//! TLS towards whoever connects: what is shown to them, made of a chain of certificates and its key.

use std::sync::Arc;

use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

/// HTTP/1.1 alone, also where a client could do more: later versions have no reason phrase, which is all that some print.
const PROTOCOL: &[u8] = b"http/1.1";

/// Why a chain and a key are none. Holds nothing of the key.
#[derive(Debug, thiserror::Error)]
pub enum TlsFault {
    #[error("there is no certificate in it")]
    NoCertificate,
    #[error("a certificate in it cannot be read")]
    Certificate,
    #[error("there is no private key in PEM in it")]
    NoKey,
    #[error("the key is that of another certificate")]
    Apart,
    #[error("TLS cannot use them: {0}")]
    Unusable(rustls::Error),
}

/// What clients are shown: `chain` and `key` in PEM, the own certificate first (RFC 8446, 4.4.2).
///
/// # Errors
/// What is wrong with which of them.
pub fn server(chain: &str, key: &str) -> Result<Arc<ServerConfig>, TlsFault> {
    let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_slice_iter(chain.as_bytes())
        .collect::<Result<_, _>>()
        .map_err(|_| TlsFault::Certificate)?;
    if chain.is_empty() {
        return Err(TlsFault::NoCertificate);
    }
    let key = PrivateKeyDer::from_pem_slice(key.as_bytes()).map_err(|_| TlsFault::NoKey)?;
    let builder = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(TlsFault::Unusable)?;
    let mut config = builder.with_no_client_auth().with_single_cert(chain, key).map_err(|error| match error {
        rustls::Error::InconsistentKeys(_) => TlsFault::Apart,
        error => TlsFault::Unusable(error),
    })?;
    config.alpn_protocols = vec![PROTOCOL.to_vec()];
    Ok(Arc::new(config))
}
