//! Which servers are believed in TLS: those that a known authority vouches for, and those whose certificate is named.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{verify_server_cert_signed_by_trust_anchor, verify_server_name};
use rustls::crypto::{WebPkiSupportedAlgorithms, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};

/// The longest `ca_file`, bytes; all authorities of a system are a quarter of it.
const MOST: u64 = 1 << 20;

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
    let pem = contents(path).map_err(|source| TrustError::Read { path: path.to_owned(), source })?;
    let found: Vec<_> = CertificateDer::pem_slice_iter(&pem).filter_map(Result::ok).collect();
    if found.is_empty() { Err(TrustError::NoCertificate { path: path.to_owned() }) } else { Ok(found) }
}

/// A pipe would be waited for, and a device never ends.
fn contents(path: &Path) -> std::io::Result<Vec<u8>> {
    let mut pem = Vec::new();
    if !std::fs::metadata(path)?.is_file() {
        return Err(std::io::Error::new(std::io::ErrorKind::InvalidInput, "it is no file"));
    }
    File::open(path)?.take(MOST).read_to_end(&mut pem)?;
    Ok(pem)
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Out of date since the day after it was made.
    const SELF_SIGNED: &str = "tests/fixtures/tls/self-signed.pem";
    const STRANGER: &str = "tests/fixtures/tls/stranger.pem";

    fn judge(ca_file: Option<&str>, shown: &str, name: &'static str) -> Result<(), Error> {
        let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."));
        let path = ca_file.map(|file| root.join(file));
        let algorithms = ring::default_provider().signature_verification_algorithms;
        let trust = Trust::load(path.as_deref(), algorithms).expect("a good file");
        let shown = certificates(&root.join(shown)).expect("a certificate").remove(0);
        let name = ServerName::try_from(name).expect("a name");
        let now = UnixTime::since_unix_epoch(std::time::Duration::from_secs(1_900_000_000));
        trust.verify_server_cert(&shown, &[], &name, &[], now).map(drop)
    }

    #[test]
    fn the_certificate_that_is_named_is_believed_under_its_names_and_no_other_is() {
        assert_eq!(judge(Some(SELF_SIGNED), SELF_SIGNED, "localhost"), Ok(()));
        assert_eq!(judge(Some(SELF_SIGNED), SELF_SIGNED, "127.0.0.1"), Ok(()));
        assert!(judge(Some(SELF_SIGNED), SELF_SIGNED, "mail.acme.example").is_err(), "the name is checked");
        assert!(judge(Some(SELF_SIGNED), STRANGER, "localhost").is_err(), "the same names, another key");
        assert!(judge(None, SELF_SIGNED, "localhost").is_err());
    }

    #[test]
    fn what_is_no_file_is_refused_at_once() {
        for (path, why) in [("/dev/zero", "it is no file"), ("/", "it is no file"), ("/nonexistent", "No such file")] {
            let Err(TrustError::Read { source, .. }) = client_config(Some(Path::new(path))) else { panic!("{path}") };
            assert!(source.to_string().contains(why), "{source}");
        }
    }
}
