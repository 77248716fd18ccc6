//! Which servers are believed in TLS: those that a known authority vouches for, and those whose certificate is named.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{verify_server_cert_signed_by_trust_anchor, verify_server_name};
use rustls::crypto::{WebPkiSupportedAlgorithms, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};

/// Why a `ca_file` cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TrustError {
    #[error("cannot read the certificates in {path}", path = .path.display())]
    Read { path: PathBuf, source: std::io::Error },
    #[error("{path} holds no certificate: it must be PEM, BEGIN CERTIFICATE and all", path = .path.display())]
    NoCertificate { path: PathBuf },
    #[error("{path} holds a certificate that cannot be used", path = .path.display())]
    Unusable { path: PathBuf, source: Error },
}

/// TLS towards servers that the system's authorities or the certificates (PEM) of `ca_file` vouch for.
///
/// # Errors
/// Of `ca_file` only. A system without any authority believes nobody else, and says so at each handshake.
pub fn client_config(ca_file: Option<&Path>) -> Result<ClientConfig, TrustError> {
    let provider = Arc::new(ring::default_provider());
    let trust = Trust::load(ca_file, provider.signature_verification_algorithms)?;
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let builder = builder.expect("ring speaks every default version of TLS");
    Ok(builder.dangerous().with_custom_certificate_verifier(Arc::new(trust)).with_no_client_auth())
}

/// The usual rules, and one more: a certificate that stands byte for byte in `ca_file` is believed when the server itself
/// shows it.
///
/// `openssl req -x509` makes a certificate that is its own authority and its own server. `openssl`, curl and Python
/// accept it when it is named; the chain rules that rustls follows do not ("CA used as end entity"), since nobody stands
/// above it. Naming the one certificate is a narrower promise than naming an authority, which may vouch for any server:
/// the name is checked all the same, and the handshake proves the key. Dates are not looked at: what an authority would
/// say anew each year, the operator says by leaving the file in place, and an alarm that falls silent on a date is worse.
#[derive(Debug)]
struct Trust {
    named: Vec<CertificateDer<'static>>,
    authorities: RootCertStore,
    algorithms: WebPkiSupportedAlgorithms,
}

impl Trust {
    fn load(ca_file: Option<&Path>, algorithms: WebPkiSupportedAlgorithms) -> Result<Self, TrustError> {
        let mut authorities = RootCertStore::empty();
        // A broken certificate of the system is the system's to repair, and costs only whom it vouches for.
        authorities.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        let mut named = Vec::new();
        if let Some(path) = ca_file {
            named = certificates(path)?;
            let unusable = |source| TrustError::Unusable { path: path.to_owned(), source };
            named.iter().cloned().try_for_each(|one| authorities.add(one)).map_err(unusable)?;
        }
        Ok(Self { named, authorities, algorithms })
    }
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, TrustError> {
    let pem = std::fs::read(path).map_err(|source| TrustError::Read { path: path.to_owned(), source })?;
    let found: Vec<_> = CertificateDer::pem_slice_iter(&pem).filter_map(Result::ok).collect();
    if found.is_empty() { Err(TrustError::NoCertificate { path: path.to_owned() }) } else { Ok(found) }
}

impl ServerCertVerifier for Trust {
    fn verify_server_cert(
        &self,
        server: &CertificateDer<'_>,
        between: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        _ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let certificate = ParsedCertificate::try_from(server)?;
        if !self.named.contains(server) {
            let (authorities, algorithms) = (&self.authorities, self.algorithms.all);
            verify_server_cert_signed_by_trust_anchor(&certificate, authorities, between, now, algorithms)?;
        }
        verify_server_name(&certificate, name)?;
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signed, &self.algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signed, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}
