//! `Requires-Python` against the Pythons there are.

use std::str::FromStr;
use std::sync::LazyLock;

use pep440_rs::{Version, VersionSpecifiers};

use crate::model::release::Reach;

/// Minor versions of Python 3 that people may install with: those of today's installers, and a few to come.
const POSSIBLE: std::ops::RangeInclusive<u64> = 6..=20;
/// Those that python.org supports or lately did (2026-11). What all of these can install is taken for installable.
const SUPPORTED: std::ops::RangeInclusive<u64> = 10..=15;
/// Micro versions of each.
const MICROS: u64 = 30;

/// Every Python that people may install with, and whether it is a supported one. Made once: a page asks thousands of
/// times.
static PYTHONS: LazyLock<Vec<(Version, bool)>> = LazyLock::new(|| {
    let minors = POSSIBLE.flat_map(|minor| (0..=MICROS).map(move |micro| (minor, micro)));
    minors.map(|(minor, micro)| (Version::new([3, minor, micro]), SUPPORTED.contains(&minor))).collect()
});

/// Which Pythons the text admits. What is no specifier admits all: pip ignores it (`_check_link_requires_python`).
pub(super) fn reach(requires_python: &str) -> Reach {
    let Ok(specifiers) = VersionSpecifiers::from_str(requires_python) else { return Reach::Everywhere };
    let admits = |(version, _): &&(Version, bool)| specifiers.contains(version);
    if PYTHONS.iter().filter(|(_, supported)| *supported).all(|python| admits(&python)) {
        Reach::Everywhere
    } else if PYTHONS.iter().any(|python| admits(&python)) {
        Reach::Somewhere
    } else {
        Reach::Nowhere
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_requirement_reaches_all_some_or_none() {
        for everywhere in ["", ">=3.8", ">=2.7, !=3.0.*, <4", ">=3.10", "~=3.6", "what?"] {
            assert_eq!(reach(everywhere), Reach::Everywhere, "{everywhere}");
        }
        for somewhere in [">=3.12", "<3.13", "==3.11.4", ">=3.10.1", "<3.8", "!=3.12.*"] {
            assert_eq!(reach(somewhere), Reach::Somewhere, "{somewhere}");
        }
        for nowhere in ["<3", ">=4", "==2.7.*", ">=3.12,<3.12"] {
            assert_eq!(reach(nowhere), Reach::Nowhere, "{nowhere}");
        }
    }
}
