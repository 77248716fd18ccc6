//! Why an attestation proves nothing.

use crate::registry::pypi::addresses::PUBLISHED;

/// Why nobody is known to have published a file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AttestError {
    #[error("it is no provenance object (PEP 740): {0}")]
    NoProvenance(String),
    #[error("it has no attestation of the publication ({PUBLISHED})")]
    NoPublication,
    #[error("its attestations are of two publishers")]
    TwoPublishers,
    #[error("its envelope {0}")]
    Envelope(&'static str),
    #[error("its statement {0}")]
    Statement(&'static str),
    #[error("its certificate {0}")]
    Certificate(String),
    #[error("its log entry {0}")]
    Entry(&'static str),
}
