//! Projects of PyPI that are open findings: the daemon says which, and they are held until persons let them through, or until nothing is
//! to be done about them any more. Kept beside the reviews: a daemon that is down changes nothing.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;

use sha2::{Digest as _, Sha256};

use super::replaced::replace;
use crate::model::hex::hex;
use crate::model::{CaseId, ProjectName, Suspect};

/// The file, below `[gate] state`.
const FILE: &str = "suspects.json";

/// Those that there are, each with its finding.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Suspects {
    of: BTreeMap<ProjectName, Suspect>,
    /// The daemon has said so, now or before a restart; else nobody knows what is none.
    is_told: bool,
    /// No restart would know them.
    is_unkept: bool,
}

impl Suspects {
    /// As they were told last. What cannot be read is told anew within seconds, where a daemon runs.
    pub fn read(dir: &Path) -> Self {
        let path = dir.join(FILE);
        match fs::read(&path).and_then(|text| Ok(serde_json::from_slice(&text)?)) {
            Ok(of) => Self { of, is_told: true, is_unkept: false },
            Err(error) => {
                if error.kind() != io::ErrorKind::NotFound {
                    tracing::error!(
                        "{} cannot be read ({error}): no finding holds anything until the daemon tells them",
                        path.display()
                    );
                }
                Self::default()
            }
        }
    }

    pub(super) fn new(of: BTreeMap<ProjectName, Suspect>) -> Self {
        Self { of, is_told: true, is_unkept: false }
    }

    /// # Errors
    /// The system's: what stood there stands.
    pub(super) fn keep(&self, dir: &Path) -> io::Result<()> {
        replace(&dir.join(FILE), &serde_json::to_vec(&self.of)?)?;
        tracing::info!(projects = self.len(), "what is an open finding is held");
        Ok(())
    }

    /// The finding that this project is.
    pub(super) fn finding(&self, project: &ProjectName) -> Option<CaseId> {
        self.of.get(project).map(|suspect| suspect.finding)
    }

    /// The same where its owner was called.
    pub(super) fn page(&self, project: &ProjectName) -> Option<CaseId> {
        self.of.get(project).filter(|suspect| suspect.is_page).map(|suspect| suspect.finding)
    }

    pub(super) fn is_told(&self) -> bool {
        self.is_told
    }

    pub(super) fn len(&self) -> usize {
        self.of.len()
    }

    /// A word for all of them: whoever tells them compares it with what they would tell.
    pub fn key(of: &BTreeMap<ProjectName, Suspect>) -> String {
        let line = |(project, suspect): (&ProjectName, &Suspect)| {
            format!("{project} {} {}\n", suspect.finding, if suspect.is_page { "page" } else { "alert" })
        };
        hex(&Sha256::digest(of.iter().map(line).collect::<String>()))[..32].to_owned()
    }

    /// Whoever was never told has no word that anybody would tell, since none is an answer as well; and what could not be kept is to be told
    /// again.
    pub(super) fn own_key(&self) -> String {
        if self.is_told && !self.is_unkept { Self::key(&self.of) } else { "untold".to_owned() }
    }

    /// These where they could not be kept: held all the same, beside what would come back with a restart.
    pub(super) fn unkept_beside(mut self, others: &Self) -> Self {
        for (project, suspect) in &others.of {
            self.of.entry(project.clone()).or_insert(*suspect);
        }
        Self { is_unkept: true, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_outlive_a_restart_and_what_is_broken_holds_nothing() {
        let dir = tempfile::tempdir().expect("a directory");
        let name = |text: &str| ProjectName::parse(text).expect("valid");
        assert_eq!(Suspects::read(dir.path()), Suspects::default());
        let suspect = |is_page| Suspect { finding: CaseId(417), is_page };
        let suspects = Suspects::new(BTreeMap::from([(name("acme-biling"), suspect(true))]));
        suspects.keep(dir.path()).expect("written");
        let read = Suspects::read(dir.path());
        assert_eq!((read.finding(&name("acme-biling")), read.finding(&name("acme"))), (Some(CaseId(417)), None));
        assert!(read.own_key() == suspects.own_key() && read.own_key() != Suspects::default().own_key());
        assert_eq!((read.page(&name("acme-biling")), read.is_told()), (Some(CaseId(417)), true));
        assert_ne!(
            Suspects::default().own_key(),
            Suspects::key(&BTreeMap::new()),
            "that there are none has to be told"
        );
        let risen = Suspects::new(BTreeMap::from([(name("acme-biling"), suspect(false))]));
        assert_ne!(risen.own_key(), suspects.own_key(), "the gate is told that it calls somebody now");
        fs::write(dir.path().join(FILE), r#"{"acme-biling": "nw-417"}"#).expect("written");
        assert_eq!(Suspects::read(dir.path()), risen, "as an earlier version wrote it");
        fs::write(dir.path().join(FILE), "half").expect("written");
        let broken = Suspects::read(dir.path());
        assert_eq!((broken.len(), broken.is_told()), (0, false));
    }
}
