//! The package of a name of ours, and the texts that it is made of: `claim build` and `claim texts`.

use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::claims::package::{Archive, Archives, Asked};

/// A package that was built, and sent nowhere.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Package {
    /// Normalized.
    pub name: String,
    pub version: String,
    pub summary: String,
    pub author: String,
    pub contact: String,
    pub license: String,
    /// What people import.
    pub module: String,
    /// What finds their mistake.
    pub command: String,
    /// The wheel, then the source distribution.
    pub files: Vec<PackageFile>,
}

/// One of its files.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct PackageFile {
    /// Where it was written.
    pub path: String,
    /// In bytes.
    pub size: usize,
    /// In lower-case hex.
    pub sha256: String,
    /// BLAKE2b with 256 bits, in lower-case hex.
    pub blake2b_256: String,
    /// What it holds, in its order.
    pub entries: Vec<Entry>,
}

/// A file inside of a package's file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Entry {
    pub path: String,
    /// In bytes.
    pub size: usize,
}

/// A text to begin one's own with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct PackageText {
    pub path: String,
    /// False: a text was there already, and stays as it is.
    pub written: bool,
}

impl Package {
    /// The package as it was written to `out`.
    pub fn new(out: &Path, asked: &Asked, archives: &Archives) -> Self {
        let (metadata, names) = (&archives.metadata, &archives.names);
        Self {
            name: asked.placeholder.name.as_str().to_owned(),
            version: metadata.version.clone(),
            summary: metadata.summary.clone(),
            author: metadata.author.clone(),
            contact: metadata.author_email.clone(),
            license: metadata.license_expression.clone(),
            module: names.module.clone(),
            command: names.command.clone(),
            files: archives.all().map(|archive| PackageFile::new(out, archive)).into(),
        }
    }
}

impl PackageFile {
    fn new(out: &Path, archive: &Archive) -> Self {
        let path = out.join(&archive.filename);
        Self {
            path: std::path::absolute(&path).unwrap_or(path).display().to_string(),
            size: archive.bytes.len(),
            sha256: archive.sha256(),
            blake2b_256: archive.blake2b_256(),
            entries: archive
                .entries
                .iter()
                .map(|entry| Entry { path: entry.path.clone(), size: entry.text.len() })
                .collect(),
        }
    }
}
