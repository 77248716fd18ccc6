//! The trust root: whose word counts, as Sigstore's `trusted_root.json` says it (`sigstore_trustroot.proto`).

use std::fs::File;
use std::io::{self, Read as _};
use std::path::PathBuf;

use chrono::{DateTime, Utc};
use ring::signature::{ECDSA_P256_SHA256_ASN1, UnparsedPublicKey};
use rustls::pki_types::{CertificateDer, TrustAnchor};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use x509_cert::der::Decode as _;
use x509_cert::der::asn1::ObjectIdentifier;
use x509_cert::spki::SubjectPublicKeyInfoRef;

use super::provenance::{base64, digest};
use super::publisher::ProvenPublisher;
use crate::config::source::open_regular;
use crate::gate::stamp::Stamp;
use crate::model::hex::hex;

/// id-ecPublicKey (RFC 5480), and the curve P-256.
const EC: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
const P256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7");
const P256_SHA256: &str = "PKIX_ECDSA_P256_SHA_256";

/// Authorities that certify who signed, and logs that say when.
#[derive(Clone, Debug, Default)]
pub struct TrustRoot {
    authorities: Vec<Authority>,
    logs: Vec<LogKey>,
}

/// One of Fulcio's.
#[derive(Clone, Debug)]
pub(super) struct Authority {
    pub(super) anchor: TrustAnchor<'static>,
    /// Between a leaf and the anchor.
    pub(super) between: Vec<CertificateDer<'static>>,
    valid: InForce,
    /// SHA-256 of the root certificate, in hexadecimal.
    pub(super) print: String,
}

/// One of Rekor's.
#[derive(Clone, Debug)]
pub(super) struct LogKey {
    /// SHA-256 of the key, as DER has it.
    pub(super) id: [u8; 32],
    key: UnparsedPublicKey<Vec<u8>>,
    valid: InForce,
}

/// Seconds since 1970, both ends within it.
#[derive(Clone, Copy, Debug)]
struct InForce {
    start: i64,
    end: Option<i64>,
}

/// Where it lies, and what was read there last.
#[derive(Debug)]
pub struct TrustRootFile {
    path: PathBuf,
    seen: Option<Stamp>,
}

/// Why it is none.
#[derive(Debug, thiserror::Error)]
#[error(
    "the trust root {} cannot be used ({why}); write the `trusted_root.json` of the Sigstore that signs for your index as \
     [gate.consensus] trusted_root", path.display()
)]
pub struct TrustRootError {
    path: PathBuf,
    why: String,
}

/// It has some kilobytes.
const LONGEST: u64 = 4 << 20;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ListedRoot {
    #[serde(default)]
    certificate_authorities: Vec<ListedAuthority>,
    #[serde(default)]
    tlogs: Vec<ListedLog>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ListedAuthority {
    cert_chain: Chain,
    valid_for: TimeRange,
}

#[derive(Deserialize)]
struct Chain {
    certificates: Vec<Raw>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Raw {
    /// DER, in base64.
    raw_bytes: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ListedLog {
    public_key: PublicKey,
    log_id: ListedId,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PublicKey {
    raw_bytes: String,
    key_details: String,
    valid_for: TimeRange,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ListedId {
    key_id: String,
}

#[derive(Deserialize)]
struct TimeRange {
    start: DateTime<Utc>,
    end: Option<DateTime<Utc>>,
}

impl TrustRoot {
    /// Logs with keys of another kind than P-256 (those of Rekor v2) are passed over: no entry of theirs has a time that they signed.
    ///
    /// # Errors
    /// What in it cannot be used.
    pub fn read(json: &str) -> Result<Self, String> {
        let listed: ListedRoot = serde_json::from_str(json).map_err(|error| error.to_string())?;
        let authorities: Vec<Authority> =
            listed.certificate_authorities.iter().map(ListedAuthority::read).collect::<Result<_, _>>()?;
        let logs = listed.tlogs.iter().filter(|log| log.public_key.key_details == P256_SHA256);
        let logs: Vec<LogKey> = logs.map(ListedLog::read).collect::<Result<_, _>>()?;
        if authorities.is_empty() || logs.is_empty() {
            return Err("it has no certificate authority, or no log with a key of P-256".to_owned());
        }
        Ok(Self { authorities, logs })
    }

    /// Would it be proven by this one as well, had the log taken it then? In seconds since 1970.
    pub fn still_proves(&self, proven: &ProvenPublisher, logged: u64) -> bool {
        self.authorities_at(logged).any(|authority| authority.print == proven.authority)
            && self.logs.iter().any(|log| log.valid.has(logged) && hex(&log.id) == proven.log)
    }

    /// Those in force then, in seconds since 1970.
    pub(super) fn authorities_at(&self, at: u64) -> impl Iterator<Item = &Authority> {
        self.authorities.iter().filter(move |authority| authority.valid.has(at))
    }

    /// The log of this id, where its key was in force then.
    pub(super) fn log(&self, id: &[u8; 32], at: u64) -> Option<&LogKey> {
        self.logs.iter().find(|log| log.id == *id && log.valid.has(at))
    }
}

impl TrustRootFile {
    pub fn at(path: PathBuf) -> Self {
        Self { path, seen: None }
    }

    /// The trust root, where the file is another than at the last look.
    ///
    /// # Errors
    /// See [`TrustRootError`].
    pub fn look(&mut self) -> Result<Option<TrustRoot>, TrustRootError> {
        let refused = |why: String| TrustRootError { path: self.path.clone(), why };
        let file = open_regular(&self.path).map_err(|error| refused(error.to_string()))?;
        let stamp = Stamp::of(&file.metadata().map_err(|error| refused(error.to_string()))?);
        if self.seen == Some(stamp) {
            return Ok(None);
        }
        let root = TrustRoot::read(&text(file).map_err(|error| refused(error.to_string()))?).map_err(refused)?;
        self.seen = Some(stamp);
        Ok(Some(root))
    }
}

fn text(file: File) -> io::Result<String> {
    let mut text = String::new();
    if file.take(LONGEST + 1).read_to_string(&mut text)? as u64 > LONGEST {
        return Err(io::Error::other("it is no trust root, so large is it"));
    }
    Ok(text)
}

impl LogKey {
    /// `signature`: ASN.1, DER.
    pub(super) fn has_signed(&self, message: &[u8], signature: &[u8]) -> bool {
        self.key.verify(message, signature).is_ok()
    }
}

impl InForce {
    fn has(self, at: u64) -> bool {
        i64::try_from(at).is_ok_and(|at| self.start <= at && self.end.is_none_or(|end| at <= end))
    }
}

impl From<&TimeRange> for InForce {
    fn from(of: &TimeRange) -> Self {
        Self { start: of.start.timestamp(), end: of.end.map(|end| end.timestamp()) }
    }
}

impl ListedAuthority {
    /// From the issuer of leaves up to the root.
    fn read(&self) -> Result<Authority, String> {
        let der = |raw: &Raw| base64(&raw.raw_bytes).map(CertificateDer::from);
        let chain: Option<Vec<CertificateDer<'static>>> = self.cert_chain.certificates.iter().map(der).collect();
        let mut between = chain.ok_or("a certificate of an authority is not in base64")?;
        let root = between.pop().ok_or("an authority has no certificate")?;
        let anchor = webpki::anchor_from_trusted_cert(&root)
            .map_err(|error| format!("a root certificate is none ({error})"))?
            .to_owned();
        let print = hex(&Sha256::digest(&root));
        Ok(Authority { anchor, between, print, valid: InForce::from(&self.valid_for) })
    }
}

impl ListedLog {
    fn read(&self) -> Result<LogKey, String> {
        let der = base64(&self.public_key.raw_bytes).ok_or("the key of a log is not in base64")?;
        let id: [u8; 32] = Sha256::digest(&der).into();
        if digest(&self.log_id.key_id) != Some(id) {
            return Err("the id of a log is not the SHA-256 digest of its key".to_owned());
        }
        let read =
            SubjectPublicKeyInfoRef::from_der(&der).map_err(|error| format!("the key of a log is none ({error})"))?;
        let curve = read.algorithm.parameters.and_then(|curve| curve.decode_as::<ObjectIdentifier>().ok());
        let point = read.subject_public_key.as_bytes().filter(|_| read.algorithm.oid == EC && curve == Some(P256));
        let point = point.ok_or("the key of a log is none of P-256")?.to_vec();
        let key = UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, point);
        Ok(LogKey { id, key, valid: InForce::from(&self.public_key.valid_for) })
    }
}
