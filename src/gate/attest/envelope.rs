//! What was signed: an in-toto statement in a DSSE envelope.

use serde::Deserialize;
use serde_json::Value;

use super::error::AttestError;
use super::same_file::is_same_file;

/// DSSE, of an in-toto statement.
const PAYLOAD_TYPE: &str = "application/vnd.in-toto+json";
const STATEMENT: &str = "https://in-toto.io/Statement/v1";

/// A file, as its page names it.
#[derive(Clone, Copy, Debug)]
pub struct AttestedFile<'f> {
    pub filename: &'f str,
    /// Hexadecimal, in lower case.
    pub sha256: &'f str,
}

/// A payload, who signed it, and the signature (ASN.1, DER).
#[derive(Debug)]
pub(super) struct SignedPayload {
    pub(super) payload: Vec<u8>,
    pub(super) signature: Vec<u8>,
    /// DER.
    pub(super) certificate: Vec<u8>,
}

impl SignedPayload {
    /// The bytes of which the signature is: DSSE's pre-authentication encoding.
    pub(super) fn encoded(&self) -> Vec<u8> {
        let head = format!("DSSEv1 {} {PAYLOAD_TYPE} {} ", PAYLOAD_TYPE.len(), self.payload.len());
        [head.as_bytes(), &self.payload].concat()
    }
}

/// in-toto, Statement v1.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct InTotoStatement {
    #[serde(rename = "_type")]
    of_type: String,
    subject: Vec<StatementSubject>,
    pub(super) predicate_type: String,
    #[serde(default)]
    predicate: Value,
}

#[derive(Debug, Deserialize)]
struct StatementSubject {
    name: String,
    digest: SubjectDigests,
}

#[derive(Debug, Deserialize)]
struct SubjectDigests {
    /// Hexadecimal.
    sha256: String,
}

impl InTotoStatement {
    pub(super) fn read(payload: &[u8]) -> Result<Self, AttestError> {
        serde_json::from_slice(payload).map_err(|_| AttestError::Statement("is none of in-toto"))
    }

    /// Is it of this file, and of nothing else? PEP 740: one subject, with the name and the SHA-256 digest of the file.
    pub(super) fn is_of(&self, file: AttestedFile<'_>) -> Result<(), AttestError> {
        let refused = |why| Err(AttestError::Statement(why));
        let [subject] = self.subject.as_slice() else { return refused("has not one subject") };
        if self.of_type != STATEMENT {
            return refused("is of another type than in-toto's v1");
        }
        // PyPI takes none but an empty one.
        if !matches!(&self.predicate, Value::Null) && self.predicate.as_object().is_none_or(|of| !of.is_empty()) {
            return refused("says more than that it was published");
        }
        if subject.digest.sha256 != file.sha256 {
            return refused("is of other bytes");
        }
        if is_same_file(&subject.name, file.filename) { Ok(()) } else { refused("is of a file of another name") }
    }
}
