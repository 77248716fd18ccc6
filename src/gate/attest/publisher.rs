//! Who published: what Fulcio certified of whoever logged in.

use serde::{Deserialize, Serialize};

/// What was proven, and by whose word: where the trust root has one of them no more, it is proven no more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProvenPublisher {
    pub publisher: CertifiedPublisher,
    /// When the log took it, in seconds since 1970.
    pub logged: u64,
    /// SHA-256 of the log's key, and of the authority's root certificate, in hexadecimal.
    pub log: String,
    pub authority: String,
}

/// One workflow of one repository, whatever it is called by later: with the numbers of the repository and of its owner at the provider, so
/// that a name that was given up and taken by another is another's. Without the branch or tag, which differ between releases.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct CertifiedPublisher {
    /// Of the provider where it logged in: `https://token.actions.githubusercontent.com`.
    pub issuer: String,
    pub repository: String,
    pub repository_id: String,
    pub owner_id: String,
    /// The address of the file that says what is run.
    pub workflow: String,
    /// The same of the part that signed, which may be another's.
    pub signer: String,
}

impl CertifiedPublisher {
    /// As persons know them.
    pub(in crate::gate) fn words(&self) -> String {
        format!("{} by {}", self.repository, self.workflow)
    }
}
