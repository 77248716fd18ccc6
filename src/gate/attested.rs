//! Whom attestations of the publication name, as the policy asks it: since when something by that publisher was received here, and of
//! which files it is proven that they are the same publisher's.
//!
//! Anybody can publish with an attestation. What speaks for a file is that its publisher is the one of a file that was received here
//! before this one was there: a first release, and a stranger's, have none.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::attest::{CertifiedPublisher, ProvenPublisher, TrustRoot};
use super::page::Uploaded;
use crate::model::{ProjectName, Time};

/// All that is proven by the trust root that is in force.
#[derive(Clone, Debug, Default)]
pub struct Attested {
    root: Option<Arc<TrustRoot>>,
    /// By project, and by publisher, when the first file of theirs was received.
    received: BTreeMap<ProjectName, Vec<(ProvenPublisher, Time)>>,
    /// By the digest of a file.
    files: HashMap<String, ProvenPublisher>,
}

impl Attested {
    /// The same by another trust root: what that one does not prove does not speak.
    pub fn by(&self, root: Arc<TrustRoot>) -> Self {
        Self { root: Some(root), ..self.clone() }
    }

    /// What verifies; `None`: no attestation speaks.
    pub(super) fn root(&self) -> Option<&Arc<TrustRoot>> {
        self.root.as_ref()
    }

    /// A file of this publisher was received here.
    pub(super) fn receive(&mut self, project: ProjectName, proven: ProvenPublisher, at: Time) {
        let of = self.received.entry(project).or_default();
        match of.iter_mut().find(|(before, _)| before.publisher == proven.publisher) {
            // The proof is the newer one's, by whoever is trusted now.
            Some(before) => *before = (proven, before.1.min(at)),
            None => of.push((proven, at)),
        }
    }

    /// It is proven who published this file.
    pub(super) fn prove(&mut self, sha256: String, proven: ProvenPublisher) {
        self.files.insert(sha256, proven);
    }

    /// As if nothing of it was ever received.
    pub(super) fn forget(&mut self, project: &ProjectName) {
        self.received.remove(project);
    }

    /// Was it verified, and by what is trusted now?
    pub(super) fn is_proven(&self, sha256: &str) -> bool {
        self.files.get(sha256).is_some_and(|proven| self.is_trusted(proven))
    }

    /// Is it known that this publisher's was received, and when first?
    pub(super) fn has_received(&self, project: &ProjectName, proven: &ProvenPublisher) -> bool {
        let of = self.received.get(project).into_iter().flatten();
        of.into_iter().any(|(before, _)| before.publisher == proven.publisher && self.is_trusted(before))
    }

    /// Could an attestation speak for a file of this project that was uploaded then?
    pub(super) fn may_speak(&self, project: &ProjectName, uploaded: Uploaded) -> bool {
        self.before(project, uploaded).next().is_some()
    }

    /// Is a file by the publisher of one that was received before it was uploaded?
    pub(super) fn speaks(&self, project: &ProjectName, sha256: &str, uploaded: Uploaded) -> bool {
        let proven = self.files.get(sha256).filter(|proven| self.is_trusted(proven));
        proven.is_some_and(|proven| self.before(project, uploaded).any(|of| *of == proven.publisher))
    }

    fn before(&self, project: &ProjectName, uploaded: Uploaded) -> impl Iterator<Item = &CertifiedPublisher> {
        let of = self.received.get(project).into_iter().flatten();
        let is_before = move |at: Time| uploaded.at().is_some_and(|uploaded| at < uploaded);
        of.filter(move |(proven, at)| is_before(*at) && self.is_trusted(proven)).map(|(proven, _)| &proven.publisher)
    }

    fn is_trusted(&self, proven: &ProvenPublisher) -> bool {
        self.root.as_ref().is_some_and(|root| root.still_proves(proven))
    }
}
