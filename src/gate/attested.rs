//! Whom attestations of the publication name, as the policy asks it: since when something by that publisher was received here, and of
//! which files it is proven that they are the same publisher's.
//!
//! Anybody can publish with an attestation. What speaks for a file is that its publisher is the one of a file that was received here
//! before this one was there: a first release, and a stranger's, have none.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::attest::{CertifiedPublisher, ProvenPublisher, TrustRoot};
use super::page::Uploaded;
use crate::model::{ProjectName, Time};

/// Files of which it is known who published them. One beyond them is verified again when somebody asks for it.
const MOST_FILES: usize = 50_000;
/// So many are let go together.
const LET_GO: usize = MOST_FILES / 8;

/// All that is proven by the trust root that is in force.
#[derive(Clone, Debug, Default)]
pub struct Attested {
    root: Option<Arc<TrustRoot>>,
    /// By project, and by publisher, when the first file of theirs was received.
    received: BTreeMap<ProjectName, Vec<(Proof, Time)>>,
    /// By the digest of a file.
    files: HashMap<Box<str>, Proof>,
    /// Each once, whatever they published.
    publishers: HashMap<CertifiedPublisher, Vec<Arc<ProvenPublisher>>>,
}

/// Publishers, each as its repository and its workflow.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
pub struct AttestedPublishers {
    pub before: Vec<String>,
    pub now: Vec<String>,
}

/// Who published something, and when the log took that, in seconds since 1970.
#[derive(Clone, Debug)]
struct Proof {
    /// But for that time, which is of another.
    of: Arc<ProvenPublisher>,
    logged: u64,
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
        let proof = self.proof(proven);
        let of = self.received.entry(project).or_default();
        match of.iter_mut().find(|(before, _)| before.of.publisher == proof.of.publisher) {
            // The proof is the newer one's, by whoever is trusted now.
            Some(before) => *before = (proof, before.1.min(at)),
            None => of.push((proof, at)),
        }
    }

    /// It is proven who published this file.
    pub(super) fn prove(&mut self, sha256: &str, proven: ProvenPublisher) {
        let proof = self.proof(proven);
        self.files.insert(sha256.into(), proof);
    }

    /// As if nothing of it was ever received.
    pub(super) fn forget(&mut self, project: &ProjectName) {
        self.received.remove(project);
    }

    /// Lets go of the files that the log took first, where there are too many: gives since when they stay, in seconds since 1970.
    pub(super) fn shrunk(&mut self) -> Option<u64> {
        if self.files.len() <= MOST_FILES {
            return None;
        }
        let mut times: Vec<u64> = self.files.values().map(|proof| proof.logged).collect();
        let excess = (times.len() - MOST_FILES + LET_GO).min(times.len() - 1);
        let (_, since, _) = times.select_nth_unstable(excess);
        let since = *since;
        self.files.retain(|_, proof| proof.logged >= since);
        let used: Vec<Arc<ProvenPublisher>> = self.proofs().map(|proof| Arc::clone(&proof.of)).collect();
        self.publishers.clear();
        used.into_iter().for_each(|of| drop(self.interned(of)));
        Some(since)
    }

    fn proofs(&self) -> impl Iterator<Item = &Proof> {
        self.files.values().chain(self.received.values().flatten().map(|(proof, _)| proof))
    }

    fn proof(&mut self, proven: ProvenPublisher) -> Proof {
        let logged = proven.logged;
        Proof { of: self.interned(Arc::new(proven)), logged }
    }

    fn interned(&mut self, proven: Arc<ProvenPublisher>) -> Arc<ProvenPublisher> {
        let same = self.publishers.entry(proven.publisher.clone()).or_default();
        let is_it = |of: &&Arc<ProvenPublisher>| (&of.log, &of.authority) == (&proven.log, &proven.authority);
        match same.iter().find(is_it) {
            Some(known) => Arc::clone(known),
            None => {
                same.push(Arc::clone(&proven));
                proven
            }
        }
    }

    /// Was it verified, and by what is trusted now?
    pub(super) fn is_proven(&self, sha256: &str) -> bool {
        self.files.get(sha256).is_some_and(|proof| self.is_trusted(proof))
    }

    /// Is it known that this publisher's was received, and when first?
    pub(super) fn has_received(&self, project: &ProjectName, proven: &ProvenPublisher) -> bool {
        let of = self.received.get(project).into_iter().flatten();
        of.into_iter().any(|(before, _)| before.of.publisher == proven.publisher && self.is_trusted(before))
    }

    /// Could an attestation speak for a file of this project that was uploaded then?
    pub(super) fn may_speak(&self, project: &ProjectName, uploaded: Uploaded) -> bool {
        self.before(project, uploaded).next().is_some()
    }

    /// Is a file by the publisher of one that was received before it was uploaded?
    pub(super) fn speaks(&self, project: &ProjectName, sha256: &str, uploaded: Uploaded) -> bool {
        let proof = self.files.get(sha256).filter(|proof| self.is_trusted(proof));
        proof.is_some_and(|proof| self.before(project, uploaded).any(|of| *of == proof.of.publisher))
    }

    /// Whom attestations name, by what is trusted now: of what was received of the project, and of these files.
    pub(super) fn publishers<'a>(
        &self,
        project: &ProjectName,
        digests: impl Iterator<Item = &'a str>,
    ) -> Option<AttestedPublishers> {
        let words = |proofs: Vec<&Proof>| -> BTreeSet<String> {
            let trusted = proofs.into_iter().filter(|proof| self.is_trusted(proof));
            trusted.map(|proof| proof.of.publisher.words()).collect()
        };
        let received = self.received.get(project).into_iter().flatten().map(|(proof, _)| proof);
        let (before, now) = (words(received.collect()), words(digests.filter_map(|of| self.files.get(of)).collect()));
        let (before, now): (Vec<_>, Vec<_>) = (before.into_iter().collect(), now.into_iter().collect());
        (!before.is_empty() || !now.is_empty()).then_some(AttestedPublishers { before, now })
    }

    fn before(&self, project: &ProjectName, uploaded: Uploaded) -> impl Iterator<Item = &CertifiedPublisher> {
        let of = self.received.get(project).into_iter().flatten();
        let is_before = move |at: Time| uploaded.at().is_some_and(|uploaded| at < uploaded);
        of.filter(move |(proof, at)| is_before(*at) && self.is_trusted(proof)).map(|(proof, _)| &proof.of.publisher)
    }

    fn is_trusted(&self, proof: &Proof) -> bool {
        self.root.as_ref().is_some_and(|root| root.still_proves(&proof.of, proof.logged))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proven(repository: usize, logged: u64) -> ProvenPublisher {
        let text = |what: &str| format!("{what}-{repository}");
        let publisher = CertifiedPublisher {
            issuer: "https://token.example".to_owned(),
            repository: text("repository"),
            repository_id: text("id"),
            owner_id: text("owner"),
            workflow: text("workflow"),
            signer: text("signer"),
        };
        ProvenPublisher { publisher, logged, log: "ab".repeat(32), authority: "cd".repeat(32) }
    }

    fn digest(file: usize) -> String {
        format!("{file:064x}")
    }

    #[test]
    fn a_publisher_is_kept_once_and_the_files_that_were_logged_first_are_let_go() {
        let mut all = Attested::default();
        let name = ProjectName::parse("widgets").expect("valid");
        all.receive(name.clone(), proven(7, 1), Time::UNIX_EPOCH);
        for file in 0..MOST_FILES {
            all.prove(&digest(file), proven(file % 3, 1000 + file as u64));
        }
        assert_eq!((all.files.len(), all.publishers.len(), all.shrunk()), (MOST_FILES, 4, None));
        all.prove(&digest(MOST_FILES), proven(0, 5));
        assert_eq!(all.shrunk(), Some(1000 + LET_GO as u64));
        assert_eq!((all.files.len(), all.publishers.len()), (MOST_FILES - LET_GO, 4));
        assert!(!all.files.contains_key(&*digest(MOST_FILES)) && all.files.contains_key(&*digest(MOST_FILES - 1)));
        assert!(all.received.contains_key(&name), "whoever published what is in use is known");
        let of = |publisher: usize| all.publishers[&proven(publisher, 0).publisher].len();
        assert_eq!([of(0), of(1), of(2), of(7)], [1; 4]);
    }
}
