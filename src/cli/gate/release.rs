//! `NAME` or `NAME==VERSION`, as people write what they mean.

use super::super::failure::Failure;
use crate::model::ProjectName;

/// A project, and one version of it where one is named.
///
/// # Errors
/// What cannot be read, with how to write it.
pub(super) fn release(text: &str) -> Result<(ProjectName, Option<String>), Failure> {
    let (name, version) = match text.split_once("==") {
        Some((name, version)) => (name, Some(version.trim().to_owned())),
        None => (text, None),
    };
    let project = ProjectName::parse(name.trim())
        .map_err(|error| Failure::usage(format!("{name:?}: {error}; write NAME or NAME==VERSION")))?;
    Ok((project, version))
}
