//! The certificate that Fulcio gave for one signature: who had it, and whether Fulcio gave it.

use rustls::pki_types::{CertificateDer, SignatureVerificationAlgorithm, UnixTime};
use webpki::{EndEntityCert, KeyUsage, ring as algorithms};
use x509_cert::Certificate;
use x509_cert::der::Decode as _;
use x509_cert::der::asn1::{ObjectIdentifier, Utf8StringRef};
use x509_cert::ext::pkix::SubjectAltName;
use x509_cert::ext::pkix::name::GeneralName;

use super::envelope::SignedPayload;
use super::error::AttestError;
use super::publisher::CertifiedPublisher;
use super::trust::{Authority, TrustRoot};

/// id-kp-codeSigning, 1.3.6.1.5.5.7.3.3 (RFC 5280), without its head.
const CODE_SIGNING: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 3, 3];
/// What Fulcio and its roots sign with.
const ALGORITHMS: &[&dyn SignatureVerificationAlgorithm] =
    &[algorithms::ECDSA_P256_SHA256, algorithms::ECDSA_P384_SHA384, algorithms::ECDSA_P384_SHA256];

/// Fulcio's extensions (`fulcio/docs/oid-info.md`), each a text in DER.
const ISSUER: &str = "1.3.6.1.4.1.57264.1.8";
const REPOSITORY: &str = "1.3.6.1.4.1.57264.1.12";
const REPOSITORY_ID: &str = "1.3.6.1.4.1.57264.1.15";
const OWNER_ID: &str = "1.3.6.1.4.1.57264.1.17";
const WORKFLOW: &str = "1.3.6.1.4.1.57264.1.18";

/// A certificate of Fulcio's.
pub(super) struct LeafCertificate<'c> {
    of: EndEntityCert<'c>,
    read: Certificate,
}

impl<'c> LeafCertificate<'c> {
    /// One that an authority of the trust root gave for signing code, and that was in force at that moment (seconds since 1970), as was the authority.
    pub(super) fn verified<'r>(
        der: &'c CertificateDer<'c>,
        root: &'r TrustRoot,
        at: u64,
    ) -> Result<(Self, &'r Authority), AttestError> {
        let of = EndEntityCert::try_from(der).map_err(|error| refused(&error))?;
        let read = Certificate::from_der(der).map_err(|error| refused(&error))?;
        let time = UnixTime::since_unix_epoch(std::time::Duration::from_secs(at));
        let mut why = refused(&"is of a time at which no authority of the trust root was in force");
        for authority in root.authorities_at(at) {
            let usage = KeyUsage::required(CODE_SIGNING);
            let anchors = std::slice::from_ref(&authority.anchor);
            match of.verify_for_usage(ALGORITHMS, anchors, &authority.between, time, usage, None, None) {
                Ok(_) => return Ok((Self { of, read }, authority)),
                Err(error) => why = refused(&error),
            }
        }
        Err(why)
    }

    /// With the key that is in it, which is one of P-256.
    pub(super) fn has_signed(&self, signed: &SignedPayload) -> Result<(), AttestError> {
        let verified = self.of.verify_signature(algorithms::ECDSA_P256_SHA256, &signed.encoded(), &signed.signature);
        verified.map_err(|_| AttestError::Envelope("is not signed by the key of its certificate"))
    }

    pub(super) fn publisher(&self) -> Result<CertifiedPublisher, AttestError> {
        Ok(CertifiedPublisher {
            issuer: self.text(ISSUER)?,
            repository: self.text(REPOSITORY)?,
            repository_id: self.text(REPOSITORY_ID)?,
            owner_id: self.text(OWNER_ID)?,
            workflow: without_ref(&self.text(WORKFLOW)?),
            signer: without_ref(&self.signer()?),
        })
    }

    /// An extension that is there once, and says something.
    fn text(&self, oid: &str) -> Result<String, AttestError> {
        let lacks = || AttestError::Certificate(format!("does not say who published (extension {oid})"));
        let oid = ObjectIdentifier::new(oid).map_err(|_| lacks())?;
        let mut all = self.read.tbs_certificate().extensions().into_iter().flatten().filter(|of| of.extn_id == oid);
        let (Some(one), None) = (all.next(), all.next()) else { return Err(lacks()) };
        let text = Utf8StringRef::from_der(one.extn_value.as_bytes()).map_err(|_| lacks())?;
        if text.as_str().is_empty() { Err(lacks()) } else { Ok(text.as_str().to_owned()) }
    }

    /// The one address that is its subject. A person (a mail address) publishes by no workflow.
    fn signer(&self) -> Result<String, AttestError> {
        let lacks = || AttestError::Certificate("is of no workflow".to_owned());
        let (_, names) =
            self.read.tbs_certificate().get_extension::<SubjectAltName>().ok().flatten().ok_or_else(lacks)?;
        match names.0.as_slice() {
            [GeneralName::UniformResourceIdentifier(address)] => Ok(address.as_str().to_owned()),
            _ => Err(lacks()),
        }
    }
}

fn refused(why: &dyn std::fmt::Display) -> AttestError {
    AttestError::Certificate(format!("is none of the trust root's: {why}"))
}

/// `…/release.yml@refs/tags/v1` without what is behind the first `@`: neither an owner nor a repository has one in its name.
fn without_ref(address: &str) -> String {
    address.split_once('@').map_or(address, |(workflow, _)| workflow).to_owned()
}
