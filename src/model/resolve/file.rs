//! Files by their names: where an installer can use them, and which version they are of.

use super::python;
use crate::model::ProjectName;
use crate::model::release::{Reach, Reaches};

/// What an index says of a file; hostile text.
#[derive(Clone, Copy, Debug, Default)]
pub struct IndexFile<'t> {
    pub filename: &'t str,
    /// `sdist`, `bdist_wheel`, or a kind of the past; the simple pages do not tell.
    pub packagetype: Option<&'t str>,
    pub requires_python: Option<&'t str>,
}

/// Ends of the names of source distributions that installers unpack (`pip` `filetypes.py`).
const SOURCES: [&str; 7] = [".tar.gz", ".zip", ".tgz", ".tar.bz2", ".tbz", ".tar.xz", ".tar"];
/// Ends of what no installer of today uses: eggs, Windows installers, packages of systems.
const OBSOLETE: [&str; 6] = [".egg", ".exe", ".msi", ".rpm", ".dmg", ".deb"];

/// The Pythons and platforms that can install the file. Poetry does not look at tags when it locks.
pub fn reaches(file: &IndexFile<'_>) -> Reaches {
    let name = file.filename.to_ascii_lowercase();
    let python = file.requires_python.map_or(Reaches::all(Reach::Everywhere), python::reaches);
    let (kind, locked) = match name.strip_suffix(".whl") {
        Some(stem) => (wheel(stem), Reach::Everywhere),
        None => (other(&name, file.packagetype), other(&name, file.packagetype)),
    };
    Reaches { pip: python.pip.min(kind), uv: python.uv.min(kind), poetry: python.poetry.min(locked) }
}

fn other(name: &str, packagetype: Option<&str>) -> Reach {
    let is_obsolete = OBSOLETE.iter().any(|end| name.ends_with(end));
    match packagetype {
        _ if is_obsolete => Reach::Nowhere,
        Some(kind) if kind.starts_with("bdist_") => Reach::Nowhere,
        _ if SOURCES.iter().any(|end| name.ends_with(end)) => Reach::Everywhere,
        // A file that is not named, or named in a way nobody knows yet.
        _ => Reach::Somewhere,
    }
}

/// `name-version(-build)?-python-abi-platform` (PEP 427, PEP 425).
fn wheel(stem: &str) -> Reach {
    let mut parts = stem.rsplit('-');
    let (platform, abi, python) = (parts.next(), parts.next(), parts.next());
    let pythons = python.unwrap_or_default().split('.');
    let reach = pythons.map(python_tag).max().unwrap_or_default();
    if platform == Some("any") && abi == Some("none") { reach } else { reach.min(Reach::Somewhere) }
}

/// `py3` and `py310` admit that version and all later ones of Python 3; `cp312` that of CPython alone.
fn python_tag(tag: &str) -> Reach {
    match tag.strip_prefix("py3") {
        Some("") => Reach::Everywhere,
        Some(minor) if minor.parse().is_ok_and(|minor: u64| minor <= 10) => Reach::Everywhere,
        None if tag.starts_with("py2") => Reach::Nowhere,
        _ => Reach::Somewhere,
    }
}

/// The version that a file of this project is of, by its name; `None` where the name is another's.
pub fn version_in(project: &ProjectName, filename: &str) -> Option<String> {
    let stem = match filename.strip_suffix(".whl") {
        Some(stem) => return stem.split('-').nth(1).map(str::to_owned),
        None => SOURCES.iter().find_map(|end| filename.strip_suffix(end))?,
    };
    // A source distribution of the past has hyphens in its name, and may have them in its version.
    let is_ours = |before: &str| ProjectName::parse(before).is_ok_and(|name| name == *project);
    stem.match_indices('-').find(|(at, _)| is_ours(&stem[..*at])).map(|(at, _)| stem[at + 1..].to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(filename: &str) -> Reach {
        reaches(&IndexFile { filename, ..IndexFile::default() }).pip
    }

    #[test]
    fn a_name_says_where_a_file_can_be_installed() {
        for everywhere in
            ["a-1.tar.gz", "a-1.zip", "a-1-py3-none-any.whl", "a-1-py2.py3-none-any.whl", "a-1-7-py38-none-any.whl"]
        {
            assert_eq!(of(everywhere), Reach::Everywhere, "{everywhere}");
        }
        let somewhere = [
            "a-1-cp312-cp312-win_amd64.whl",
            "a-1-py3-none-macosx_11_0_arm64.whl",
            "a-1-py313-none-any.whl",
            "",
            "a.new",
        ];
        for somewhere in somewhere {
            assert_eq!(of(somewhere), Reach::Somewhere, "{somewhere}");
        }
        for nowhere in ["a-1-py2.7.egg", "a-1.win32.exe", "a-1-py2-none-any.whl"] {
            assert_eq!(of(nowhere), Reach::Nowhere, "{nowhere}");
        }
        let dumb =
            IndexFile { filename: "a-1.linux-x86_64.tar.gz", packagetype: Some("bdist_dumb"), requires_python: None };
        assert_eq!(reaches(&dumb), Reaches::all(Reach::Nowhere));
        let late = IndexFile { filename: "a-1.tar.gz", packagetype: Some("sdist"), requires_python: Some(">=3.13") };
        assert_eq!(reaches(&late), Reaches::all(Reach::Somewhere));
        let windows = IndexFile { filename: "a-1-py3-none-win_amd64.whl", ..IndexFile::default() };
        assert_eq!(reaches(&windows).poetry, Reach::Everywhere, "a lock is for every platform");
    }

    #[test]
    fn a_name_says_which_version_it_is_of() {
        let project = ProjectName::parse("acme-billing").expect("valid");
        let version = |filename| version_in(&project, filename);
        assert_eq!(version("acme_billing-1.0-py3-none-any.whl").as_deref(), Some("1.0"));
        assert_eq!(version("acme-billing-1.0-rc1.tar.gz").as_deref(), Some("1.0-rc1"));
        assert_eq!(version("acme.billing-1.0.zip").as_deref(), Some("1.0"));
        assert_eq!(version("acme-1.0.zip"), None);
        assert_eq!(version("acme_billing-1.0.egg"), None);
    }
}
