//! What a word may name, and as what.

use crate::lists::requirement::of_file;

/// How a word bears a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Spelled {
    Name,
    /// `acme-billing.git`
    Repository,
    /// `acme-billing-4.12.0`
    Release,
    /// A wheel, an archive, or the folder of an installed package.
    File,
}

const ARCHIVES: [&str; 4] = [".whl", ".tar.gz", ".tgz", ".zip"];

/// The names that a word may bear, the whole word last.
pub(super) fn spelled<'t>(word: &'t str, after: &str) -> impl Iterator<Item = (&'t str, Spelled)> {
    let repository = word.strip_suffix(".git").map(|name| (name, Spelled::Repository));
    // A local version (`1.0+cu118`) goes on behind the word; a wheel may be written as its project is, with hyphens.
    let is_file = after.starts_with('+') || ARCHIVES.iter().any(|ending| word.ends_with(ending));
    // No version, no file: asked of every word of a text.
    let versioned = Some(word).filter(|word| word.contains('.'));
    let file = versioned.and_then(of_file).map(|file| (file.name, Spelled::File));
    let release =
        versioned.and_then(release).map(|name| (name, if is_file { Spelled::File } else { Spelled::Release }));
    [file, release, repository, Some((word, Spelled::Name))].into_iter().flatten()
}

/// Before a version with a dot: a name may end in a number as well.
fn release(word: &str) -> Option<&str> {
    let begins = |(at, _): &(usize, &str)| word[at + 1..].starts_with(|c: char| c.is_ascii_digit());
    let (at, _) = word.match_indices('-').find(begins)?;
    let version = word[at + 1..].split(['-', '_']).next().unwrap_or_default();
    let is_version =
        version.contains('.') && version.split('.').take(2).all(|part| part.starts_with(|c: char| c.is_ascii_digit()));
    is_version.then_some(&word[..at])
}
