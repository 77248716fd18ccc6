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
/// The same, written after it.
const COPY: &str = "suspects.copy.json";

/// Those that there are, each with its finding.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Suspects {
    of: BTreeMap<ProjectName, Suspect>,
    /// The daemon has said so, now or before a restart; else nobody knows what is none.
    is_told: bool,
    /// No restart would know them.
    is_unkept: bool,
    /// Why nobody knows which there were.
    unread: Option<String>,
}

impl Suspects {
    /// As they were told last, where the file cannot be read by its copy. What is in neither is told anew within seconds, where a daemon runs.
    pub fn read(dir: &Path) -> Self {
        let copy = dir.join(COPY);
        let error = match kept(&dir.join(FILE)) {
            Ok(Some(of)) => return Self::new(of),
            Ok(None) => None,
            Err(error) => Some(error),
        };
        match kept(&copy) {
            Ok(Some(of)) => {
                let why = error.map_or_else(|| "is gone".to_owned(), |error| format!("cannot be read ({error})"));
                tracing::warn!("{FILE} in [gate] state {why}, and its copy is gone by, which is written back");
                let suspects = Self::new(of);
                // What the disk does not take now is told by the daemon, to whom it is unkept.
                if suspects.keep(dir).is_ok() { suspects } else { Self { is_unkept: true, ..suspects } }
            }
            // There never was one.
            Ok(None) if error.is_none() => Self::default(),
            Ok(None) => Self { unread: error.map(|error| unread(dir, &error)), ..Self::default() },
            Err(of_copy) => Self { unread: Some(unread(dir, &error.unwrap_or(of_copy))), ..Self::default() },
        }
    }

    pub(super) fn new(of: BTreeMap<ProjectName, Suspect>) -> Self {
        Self { of, is_told: true, ..Self::default() }
    }

    /// What persons are told where nobody knows which there were; `None`: that is known, or the daemon has told it since.
    pub fn unread(&self) -> Option<String> {
        self.unread.clone()
    }

    /// # Errors
    /// The system's: what stood there stands.
    pub(super) fn keep(&self, dir: &Path) -> io::Result<()> {
        let text = serde_json::to_vec(&self.of)?;
        replace(&dir.join(FILE), &text)?;
        tracing::info!(projects = self.len(), "what is an open finding is held");
        replace(&dir.join(COPY), &text)
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

/// `None`: there is no such file.
fn kept(path: &Path) -> io::Result<Option<BTreeMap<ProjectName, Suspect>>> {
    match fs::read(path) {
        Ok(text) => Ok(Some(serde_json::from_slice(&text)?)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

fn unread(dir: &Path, error: &io::Error) -> String {
    format!(
        "{} cannot be read ({error}), nor its copy, and no open finding holds anything until the daemon tells them anew: let `namewarden run` run \
         beside the gate, with the same [gate] control_socket",
        dir.join(FILE).display()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_outlive_a_restart_by_a_copy_where_the_file_is_broken() {
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
        for break_it in [|path: &Path| fs::write(path, "half"), |path: &Path| fs::remove_file(path)] {
            break_it(&dir.path().join(FILE)).expect("broken");
            assert_eq!(Suspects::read(dir.path()), suspects, "of the copy");
            assert_eq!(kept(&dir.path().join(FILE)).expect("reads"), Some(suspects.of.clone()), "it is put back");
        }
        for name in [FILE, COPY] {
            fs::write(dir.path().join(name), "half").expect("written");
        }
        let broken = Suspects::read(dir.path());
        assert_eq!((broken.len(), broken.is_told()), (0, false));
        let told = broken.unread().expect("told");
        assert!(told.contains("suspects.json cannot be read") && told.contains("`namewarden run`"), "{told}");
        assert_eq!(Suspects::new(BTreeMap::new()).unkept_beside(&broken).unread(), None, "the daemon has told them");
        fs::remove_file(dir.path().join(FILE)).expect("removed");
        assert!(Suspects::read(dir.path()).unread().is_some(), "half of a copy alone says as little");
    }
}
