//! The files of a release: what was uploaded, or one wheel made of what the release says of itself.

use std::sync::Arc;

use super::project::{Project, Release};
use super::stored::StoredFile;
use crate::model::ProjectName;
use crate::sim::wheel::Wheel;

/// In order of upload.
pub fn files_of(name: &ProjectName, release: &Release) -> Vec<Arc<StoredFile>> {
    match &release.uploaded {
        Some(uploaded) => uploaded.files.clone(),
        None => vec![Arc::new(made(name, release))],
    }
}

/// The wheel of a release that nobody uploaded a file for.
pub(super) fn made(name: &ProjectName, release: &Release) -> StoredFile {
    let wheel = Wheel::build(name, release);
    StoredFile {
        filename: wheel.filename,
        bytes: wheel.bytes.into(),
        metadata: Some(wheel.metadata.into_bytes().into()),
        python: "py3".to_owned(),
        uploaded: release.created,
    }
}

/// The file of this name that the project has now.
pub(super) fn current(name: &ProjectName, project: &Project, filename: &str) -> Option<Arc<StoredFile>> {
    let life = project.life();
    let files = life.releases.iter().flat_map(|release| files_of(name, release));
    files.into_iter().find(|file| file.filename == filename)
}
