//! The form of PEP 740: what an index keeps beside a file.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::Deserialize;

use super::envelope::SignedPayload;
use super::error::AttestError;

/// Attestations of one file are few: as many as bundles of a publisher with two kinds each.
const MOST: usize = 16;

/// PEP 740, "provenance object". What it says of the publisher is not read.
#[derive(Debug, Deserialize)]
pub(super) struct Provenance {
    version: u64,
    attestation_bundles: Vec<AttestationBundle>,
}

#[derive(Debug, Deserialize)]
struct AttestationBundle {
    attestations: Vec<Attestation>,
}

/// PEP 740, "attestation object".
#[derive(Debug, Deserialize)]
pub(super) struct Attestation {
    version: u64,
    verification_material: Material,
    envelope: AttestedEnvelope,
}

#[derive(Debug, Deserialize)]
struct Material {
    /// DER, in base64.
    certificate: String,
    transparency_entries: Vec<LogEntry>,
}

/// Both in base64.
#[derive(Debug, Deserialize)]
struct AttestedEnvelope {
    statement: String,
    signature: String,
}

/// `TransparencyLogEntry` of `sigstore_rekor.proto`, as JSON: numbers of 64 bits are texts there.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct LogEntry {
    pub(super) log_index: Int64,
    pub(super) log_id: LogId,
    pub(super) kind_version: KindVersion,
    pub(super) integrated_time: Option<Int64>,
    pub(super) inclusion_promise: Option<InclusionPromise>,
    pub(super) inclusion_proof: Option<InclusionProof>,
    /// Base64.
    pub(super) canonicalized_body: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct LogId {
    /// SHA-256 of the log's key, in base64.
    pub(super) key_id: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct KindVersion {
    pub(super) kind: String,
    pub(super) version: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct InclusionPromise {
    /// Base64.
    pub(super) signed_entry_timestamp: String,
}

/// Hashes in base64. The index is that in the log's present shard, and another than the entry's.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct InclusionProof {
    pub(super) log_index: Int64,
    pub(super) root_hash: String,
    pub(super) tree_size: Int64,
    #[serde(default)]
    pub(super) hashes: Vec<String>,
    pub(super) checkpoint: Checkpoint,
}

#[derive(Debug, Deserialize)]
pub(super) struct Checkpoint {
    pub(super) envelope: String,
}

/// A number of 64 bits, as JSON of protobuf has it, or as one.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum Int64 {
    Text(String),
    Number(u64),
}

impl Int64 {
    pub(super) fn number(&self) -> Option<u64> {
        match self {
            Self::Text(text) => text.parse().ok(),
            Self::Number(number) => Some(*number),
        }
    }
}

impl Provenance {
    pub(super) fn read(json: &[u8]) -> Result<Self, AttestError> {
        let refused = |why: &str| AttestError::NoProvenance(why.to_owned());
        let read: Self = serde_json::from_slice(json).map_err(|error| refused(&error.to_string()))?;
        let all = read.attestations().count();
        let is_of_1 = read.version == 1 && read.attestations().all(|attestation| attestation.version == 1);
        match (is_of_1, all) {
            (false, _) => Err(refused("it is of another version than 1")),
            (true, MOST..) => Err(refused("it has more attestations than any file")),
            (true, _) => Ok(read),
        }
    }

    pub(super) fn attestations(&self) -> impl Iterator<Item = &Attestation> {
        self.attestation_bundles.iter().flat_map(|bundle| &bundle.attestations)
    }
}

impl Attestation {
    pub(super) fn signed(&self) -> Result<SignedPayload, AttestError> {
        let refused = || AttestError::Envelope("is not in base64");
        Ok(SignedPayload {
            payload: base64(&self.envelope.statement).ok_or_else(refused)?,
            signature: base64(&self.envelope.signature).ok_or_else(refused)?,
            certificate: base64(&self.verification_material.certificate).ok_or_else(refused)?,
        })
    }

    /// PEP 740 asks for one or more; which of several would be in force is nobody's to choose.
    pub(super) fn entry(&self) -> Result<&LogEntry, AttestError> {
        match self.verification_material.transparency_entries.as_slice() {
            [one] => Ok(one),
            _ => Err(AttestError::Entry("is not one")),
        }
    }
}

pub(super) fn base64(text: &str) -> Option<Vec<u8>> {
    BASE64.decode(text).ok()
}

pub(super) fn digest(text: &str) -> Option<[u8; 32]> {
    base64(text)?.try_into().ok()
}
