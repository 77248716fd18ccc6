//! Attestations of who published a file (PEP 740), verified without asking anybody: by a trust root that the operator brings, and by
//! nothing that an index says of itself.
//!
//! What counts as the publisher is in the certificate that Fulcio signed, after a login at the provider that it names; the `publisher`
//! that an index writes beside it is signed by nobody, and not read. The moment is that of the log's signed entry timestamp: the certificates
//! are of ten minutes, and an inclusion proof says nothing of when. So an entry without such a timestamp (those of Rekor v2) is none here.

mod entry;
mod envelope;
mod error;
mod leaf;
mod merkle;
mod note;
mod provenance;
mod publisher;
mod same_file;
mod trust;

pub use envelope::AttestedFile;
pub use error::AttestError;
pub use publisher::{CertifiedPublisher, ProvenPublisher};
pub use trust::{TrustRoot, TrustRootError, TrustRootFile};

use rustls::pki_types::CertificateDer;

use crate::model::hex::hex;
use crate::registry::pypi::addresses::PUBLISHED;
use envelope::InTotoStatement;
use leaf::LeafCertificate;
use provenance::{Attestation, Provenance};

/// Who published this file, by all of its attestations of the publication: one that cannot be verified makes the others worth nothing.
///
/// # Errors
/// See [`AttestError`].
pub fn proven(provenance: &[u8], file: AttestedFile<'_>, root: &TrustRoot) -> Result<ProvenPublisher, AttestError> {
    let provenance = Provenance::read(provenance)?;
    let mut found: Option<ProvenPublisher> = None;
    for attestation in provenance.attestations() {
        let Some(proven) = of_one(attestation, file, root)? else { continue };
        if found.as_ref().is_some_and(|found| found.publisher != proven.publisher) {
            return Err(AttestError::TwoPublishers);
        }
        found = Some(proven);
    }
    found.ok_or(AttestError::NoPublication)
}

/// `None`: it attests something else.
fn of_one(
    attestation: &Attestation,
    file: AttestedFile<'_>,
    root: &TrustRoot,
) -> Result<Option<ProvenPublisher>, AttestError> {
    let signed = attestation.signed()?;
    let statement = InTotoStatement::read(&signed.payload)?;
    // SLSA's says how something was built, which somebody else may have published.
    if statement.predicate_type != PUBLISHED {
        return Ok(None);
    }
    statement.is_of(file)?;
    let (log, logged) = entry::logged(attestation.entry()?, &signed, root)?;
    let certificate = CertificateDer::from(signed.certificate.as_slice());
    let (leaf, authority) = LeafCertificate::verified(&certificate, root, logged)?;
    leaf.has_signed(&signed)?;
    let (log, authority) = (hex(&log.id), authority.print.clone());
    Ok(Some(ProvenPublisher { publisher: leaf.publisher()?, logged, log, authority }))
}

#[cfg(test)]
pub(in crate::gate) mod kit;
#[cfg(test)]
mod tests;
