//! What an upload that passed every test does to the world (`warehouse` `forklift/legacy.py`, from the release on).

use std::sync::Arc;

use super::files::{current, files_of};
use super::project::Release;
use super::stored::{Fields, StoredFile, Uploaded};
use super::{Refusal, World};
use crate::model::{ProjectName, Serial, Time};

/// A file on its way into a project that exists.
#[derive(Clone, Debug)]
pub struct Upload {
    pub display: String,
    /// In its normal form (PEP 440).
    pub version: String,
    pub fields: Fields,
    pub file: StoredFile,
}

/// Whether a file may be added (`_is_duplicate_file`, and the log of names).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Known {
    /// This name with this content: nothing is to be done.
    Same,
    /// The name with other content, or the content under another name, anywhere on PyPI.
    Other,
    /// The name, of a file that is gone.
    Used,
    New,
}

impl World {
    pub fn knows(&self, name: &ProjectName, file: &StoredFile) -> Known {
        let named = self.project(name).and_then(|project| current(name, project, &file.filename));
        if let Some(named) = named {
            return if named.bytes == file.bytes { Known::Same } else { Known::Other };
        }
        let elsewhere = self.contents.get(&file.blake2_256());
        if elsewhere.is_some_and(|(owner, filename)| self.has_file(owner, filename)) {
            return Known::Other;
        }
        let used = self.storage.contains_key(&file.filename) || self.standing(&file.filename).is_some();
        if used { Known::Used } else { Known::New }
    }

    fn has_file(&self, owner: &ProjectName, filename: &str) -> bool {
        self.project(owner).is_some_and(|project| current(owner, project, filename).is_some())
    }

    /// The release with this version, if the project has it.
    pub fn release_of(&self, name: &ProjectName, version: &str) -> Option<Release> {
        self.project(name)?.life().release(version).cloned()
    }

    /// Bytes of all files of a project.
    pub fn size_of(&self, name: &ProjectName) -> u64 {
        let Some(project) = self.project(name) else { return 0 };
        let life = project.life();
        let files = life.releases.iter().flat_map(|release| files_of(name, release));
        files.map(|file| file.bytes.len() as u64).sum()
    }

    /// Adds the file: `new release` where it is the first of its version, and `add PYTHON file NAME`.
    ///
    /// # Errors
    /// When there is no such project.
    pub fn store_upload(&mut self, upload: Upload) -> Result<Serial, Refusal> {
        let Upload { display, version, fields, file } = upload;
        let (name, at) = (self.existing(&display)?, file.uploaded);
        self.remember(&name);
        self.contents.insert(file.blake2_256(), (name.clone(), file.filename.clone()));
        let (action, file) = (format!("add {} file {}", file.python, file.filename), Arc::new(file));
        self.storage.insert(file.filename.clone(), file.clone());
        self.respell(&name, &display);
        let known = self.release_of(&name, &version);
        if let Some(known) = known {
            self.add_file(&name, &known, file)?;
            return self.note(&name, Some(&known.version), action, at);
        }
        let release = Release::of_upload(display, version.clone(), fields, file);
        self.life(&name)?.releases.push(release);
        self.note(&name, Some(&version), "new release".to_owned(), at)?;
        self.note(&name, Some(&version), action, at)
    }

    fn add_file(&mut self, name: &ProjectName, known: &Release, file: Arc<StoredFile>) -> Result<(), Refusal> {
        let mut files = files_of(name, known);
        files.push(file);
        let fields = known.uploaded.as_ref().map(|uploaded| uploaded.fields.clone()).unwrap_or_default();
        for release in self.life(name)?.releases.iter_mut().filter(|release| release.version == known.version) {
            release.uploaded = Some(Arc::new(Uploaded { files: files.clone(), fields: fields.clone() }));
        }
        Ok(())
    }

    /// Takes one file away: `remove file NAME`. Its name is never free again.
    ///
    /// # Errors
    /// When the project has no such file.
    pub fn remove_file(&mut self, name: &str, filename: &str, at: Time) -> Result<Serial, Refusal> {
        let name = self.existing(name)?;
        let holds = |release: &&Release| files_of(&name, release).iter().any(|file| file.filename == filename);
        let releases = self.life(&name)?.releases.clone();
        let release = releases.iter().find(holds).ok_or_else(|| Refusal::NoFile(filename.to_owned()))?;
        self.remember(&name);
        self.keep(&name, release);
        let files = files_of(&name, release).into_iter().filter(|file| file.filename != filename).collect();
        let fields = release.uploaded.as_ref().map(|uploaded| uploaded.fields.clone()).unwrap_or_default();
        let left = Arc::new(Uploaded { files, fields });
        let version = release.version.clone();
        for release in self.life(&name)?.releases.iter_mut().filter(|release| release.version == version) {
            release.uploaded = Some(left.clone());
        }
        self.note(&name, Some(&version), format!("remove file {filename}"), at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn upload(display: &str, filename: &str, content: &'static str, second: i64) -> Upload {
        let uploaded = chrono::DateTime::from_timestamp(second, 0).expect("in range");
        let file = StoredFile {
            filename: filename.into(),
            bytes: content.into(),
            metadata: None,
            python: "source".into(),
            uploaded,
        };
        Upload { display: display.into(), version: "0.0.1".into(), fields: Fields::new(), file }
    }

    fn name(text: &str) -> ProjectName {
        ProjectName::parse(text).expect("valid")
    }

    #[test]
    fn a_file_is_known_by_its_name_and_by_its_content() {
        let mut world = World::default();
        world.create("acme", "me", Time::default()).expect("free");
        world.create("other", "me", Time::default()).expect("free");
        let first = upload("acme", "acme-0.0.1.tar.gz", "one", 5);
        assert_eq!(world.knows(&name("acme"), &first.file), Known::New);
        world.store_upload(first.clone()).expect("there");
        assert_eq!(world.knows(&name("acme"), &first.file), Known::Same);
        let altered = upload("acme", "acme-0.0.1.tar.gz", "two", 6).file;
        assert_eq!(world.knows(&name("acme"), &altered), Known::Other);
        let elsewhere = upload("other", "other-0.0.1.tar.gz", "one", 6).file;
        assert_eq!(world.knows(&name("other"), &elsewhere), Known::Other, "content is unique on all of PyPI");
        world.remove_file("acme", "acme-0.0.1.tar.gz", Time::default()).expect("there");
        assert_eq!(world.knows(&name("acme"), &altered), Known::Used);
        assert_eq!(world.knows(&name("other"), &elsewhere), Known::New, "the content is free again, the name is not");
    }

    #[test]
    fn a_release_takes_several_files_and_says_so_in_the_journal() {
        let mut world = World::default();
        world.create("acme", "me", Time::default()).expect("free");
        world.store_upload(upload("ACME", "acme-0.0.1-py3-none-any.whl", "wheel", 5)).expect("there");
        world.store_upload(upload("acme", "acme-0.0.1.tar.gz", "sdist", 6)).expect("there");
        let actions: Vec<String> = world.journal().iter().skip(2).map(|entry| entry.action.clone()).collect();
        assert_eq!(
            actions,
            ["new release", "add source file acme-0.0.1-py3-none-any.whl", "add source file acme-0.0.1.tar.gz"]
        );
        let release = world.release_of(&name("acme"), "0.0.1").expect("there");
        assert_eq!((files_of(&name("acme"), &release).len(), world.size_of(&name("acme"))), (2, 10));
    }
}
