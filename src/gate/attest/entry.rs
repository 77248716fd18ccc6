//! The entry of the transparency log: that the log has it, since when, and that it is of this signature.
//!
//! Rekor v1: `sigstore_rekor.proto`, and its type `dsse` 0.0.1, which is what PyPI takes attestations with.

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use super::envelope::SignedPayload;
use super::error::AttestError;
use super::merkle::{self, TreeHash};
use super::note::Note;
use super::provenance::{InclusionProof, Int64, LogEntry, base64, digest};
use super::trust::{LogKey, TrustRoot};
use crate::model::hex::hex;

/// A path has a hash for each level of the tree.
const LEVELS: usize = 64;

/// Of the type `dsse`: what the log was given, but for the digest of an envelope that nobody keeps.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct EntryBody {
    api_version: String,
    kind: String,
    spec: EntrySpec,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct EntrySpec {
    payload_hash: PayloadHash,
    signatures: Vec<LoggedSignature>,
}

#[derive(Debug, Deserialize)]
struct PayloadHash {
    algorithm: String,
    /// Hexadecimal.
    value: String,
}

#[derive(Debug, Deserialize)]
struct LoggedSignature {
    /// Base64.
    signature: String,
    /// A certificate in PEM, in base64.
    verifier: String,
}

/// Which log took it, and when, in seconds since 1970: by the log's own word, of an entry that is in its tree and of this signature.
pub(super) fn logged<'r>(
    entry: &LogEntry,
    signed: &SignedPayload,
    root: &'r TrustRoot,
) -> Result<(&'r LogKey, u64), AttestError> {
    let refused = AttestError::Entry;
    let body = base64(&entry.canonicalized_body).ok_or(refused("has no body"))?;
    let id = digest(&entry.log_id.key_id).ok_or(refused("names no log"))?;
    let at = entry.integrated_time.as_ref().and_then(Int64::number).ok_or(refused("has no time"))?;
    let log = root.log(&id, at).ok_or(refused("is of no log of the trust root at its time"))?;
    if !is_promised(entry, (log, at)) {
        return Err(refused("has no timestamp that is signed by its log"));
    }
    if !entry.inclusion_proof.as_ref().is_some_and(|proof| is_included(proof, &body, log)) {
        return Err(refused("is not proven to be in its log"));
    }
    if !is_dsse(entry, &body, signed) {
        return Err(refused("is of another signature"));
    }
    Ok((log, at))
}

/// Of these four, in this order, as RFC 8785 writes them: base64 and hexadecimal have nothing to escape.
fn is_promised(entry: &LogEntry, (log, at): (&LogKey, u64)) -> bool {
    let (Some(body), Some(index)) = (base64(&entry.canonicalized_body), entry.log_index.number()) else { return false };
    let signature = entry.inclusion_promise.as_ref().and_then(|promise| base64(&promise.signed_entry_timestamp));
    let Some(signature) = signature else { return false };
    let (body, id) = (in_base64(&body), hex(&log.id));
    let promised = format!(r#"{{"body":"{body}","integratedTime":{at},"logID":"{id}","logIndex":{index}}}"#);
    log.has_signed(promised.as_bytes(), &signature)
}

fn is_included(proof: &InclusionProof, body: &[u8], log: &LogKey) -> bool {
    let hashes: Option<Vec<TreeHash>> = proof.hashes.iter().take(LEVELS + 1).map(|hash| digest(hash)).collect();
    let Some((path, root)) = hashes.filter(|path| path.len() <= LEVELS).zip(digest(&proof.root_hash)) else {
        return false;
    };
    let Some((index, size)) = proof.log_index.number().zip(proof.tree_size.number()) else { return false };
    let is_in = merkle::is_in(merkle::leaf_hash(body), (index, size), &path, &root);
    is_in && Note::read(&proof.checkpoint.envelope).is_some_and(|note| note.says(log, size, &root))
}

/// Of this payload, this signature and this certificate, and of no other.
fn is_dsse(entry: &LogEntry, body: &[u8], signed: &SignedPayload) -> bool {
    let Ok(body) = serde_json::from_slice::<EntryBody>(body) else { return false };
    let kinds = [(body.kind, body.api_version), (entry.kind_version.kind.clone(), entry.kind_version.version.clone())];
    let [one] = body.spec.signatures.as_slice() else { return false };
    let payload = &body.spec.payload_hash;
    kinds.iter().all(|(kind, version)| kind == "dsse" && version == "0.0.1")
        && payload.algorithm == "sha256"
        && payload.value == hex(&Sha256::digest(&signed.payload))
        && base64(&one.signature).is_some_and(|signature| signature == signed.signature)
        && certificate(&one.verifier).is_some_and(|certificate| *certificate == *signed.certificate)
}

fn certificate(verifier: &str) -> Option<CertificateDer<'static>> {
    CertificateDer::from_pem_slice(&base64(verifier)?).ok()
}

fn in_base64(bytes: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(bytes)
}
