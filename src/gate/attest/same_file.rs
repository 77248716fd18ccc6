//! Is one name of a file another in another spelling? By PEP 427 and 625, with names after PEP 503, versions after PEP 440, tags in any order.

use std::collections::BTreeSet;

const SDISTS: [&str; 2] = [".tar.gz", ".zip"];

/// What a name says, however it is spelled.
#[derive(Debug, PartialEq, Eq)]
struct FileWords {
    project: String,
    version: pep440_rs::Version,
    build: Option<String>,
    /// Python, ABI and platform; of a source distribution what it ends in.
    tags: Vec<BTreeSet<String>>,
}

pub(super) fn is_same_file(one: &str, other: &str) -> bool {
    one == other || said(one).is_some_and(|one| said(other).is_some_and(|other| one == other))
}

fn said(filename: &str) -> Option<FileWords> {
    match filename.strip_suffix(".whl") {
        Some(stem) => wheel(stem),
        None => SDISTS.iter().find_map(|end| sdist(filename.strip_suffix(end)?, end)),
    }
}

fn wheel(stem: &str) -> Option<FileWords> {
    let parts: Vec<&str> = stem.split('-').collect();
    let (name, version, build, tags) = match parts.as_slice() {
        [name, version, tags @ ..] if tags.len() == 3 => (name, version, None, tags),
        [name, version, build, tags @ ..] if tags.len() == 3 => (name, version, Some((*build).to_owned()), tags),
        _ => return None,
    };
    let tags = tags.iter().map(|tags| tags.split('.').map(str::to_owned).collect()).collect();
    Some(FileWords { project: plain(name), version: version.parse().ok()?, build, tags })
}

fn sdist(stem: &str, end: &str) -> Option<FileWords> {
    let (name, version) = stem.rsplit_once('-')?;
    let tags = vec![BTreeSet::from([end.to_owned()])];
    Some(FileWords { project: plain(name), version: version.parse().ok()?, build: None, tags })
}

/// PEP 503.
fn plain(name: &str) -> String {
    let parts = name.split(['-', '_', '.']).filter(|part| !part.is_empty());
    parts.map(str::to_ascii_lowercase).collect::<Vec<_>>().join("-")
}

#[cfg(test)]
mod tests {
    use super::is_same_file;

    #[test]
    fn spellings_of_one_file_are_one_and_other_files_are_others() {
        for (one, other) in [
            ("Acme.Widgets-1.0.tar.gz", "acme_widgets-1.tar.gz"),
            ("acme_widgets-1.0-py2.py3-none-any.whl", "Acme_Widgets-1.0.0-py3.py2-none-any.whl"),
            ("a-1-2-py3-none-any.whl", "A-1.0-2-py3-none-any.whl"),
            ("no version.exe", "no version.exe"),
        ] {
            assert!(is_same_file(one, other), "{one} {other}");
        }
        for (one, other) in [
            ("widgets-1.0.tar.gz", "widgets-1.0.zip"),
            ("widgets-1.0.tar.gz", "widgets-1.0.1.tar.gz"),
            ("widgets-1.0-py3-none-any.whl", "widgets-1.0-cp312-none-any.whl"),
            ("widgets-1.0-1-py3-none-any.whl", "widgets-1.0-2-py3-none-any.whl"),
            ("widgets-1.0-py3-none-any.whl", "widgets-1.0.tar.gz"),
            ("widgets.exe", "Widgets.exe"),
        ] {
            assert!(!is_same_file(one, other), "{one} {other}");
        }
    }
}
