//! Attestations of who published a file (PEP 740), as the index keeps them. PyPI takes them with the upload alone, from a trusted publisher,
//! and verifies them; here an act of its own puts any text there, so that whoever reads one meets those that are false, too.

use super::files::current;
use super::{Refusal, World};
use crate::model::{ProjectName, Serial};

impl World {
    /// A provenance object, as it is to be served. No journal entry and no feed tells of it.
    ///
    /// # Errors
    /// When the project has no such file now.
    pub fn attest(&mut self, name: &str, filename: &str, provenance: &str) -> Result<Serial, Refusal> {
        let name = self.existing(name)?;
        let stands = self.project(&name).is_some_and(|project| current(&name, project, filename).is_some());
        if !stands {
            return Err(Refusal::NoFile(filename.to_owned()));
        }
        self.provenance.insert(filename.to_owned(), provenance.into());
        Ok(self.last_serial())
    }

    /// Of a file of a release that stands.
    pub fn provenance(&self, name: &ProjectName, version: &str, filename: &str) -> Option<&str> {
        let life = self.project(name)?.life();
        let files = super::files_of(name, life.release(version)?);
        files.iter().find(|file| file.filename == filename)?;
        self.provenance.get(filename).map(|text| &**text)
    }

    /// Has a file of this name one? Names of files are unique for ever.
    pub fn is_attested(&self, filename: &str) -> bool {
        self.provenance.contains_key(filename)
    }
}
