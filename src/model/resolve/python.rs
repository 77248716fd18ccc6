//! `Requires-Python` against the Pythons there are.

use std::str::FromStr;
use std::sync::LazyLock;

use pep440_rs::{Operator, Version, VersionSpecifier, VersionSpecifiers};

use crate::model::release::{Reach, Reaches};

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

/// Which Pythons the text admits, as each installer reads it.
///
/// pip ignores what it cannot read (`_check_link_requires_python`), the others leave the file alone, but for `>=3.6.*`,
/// which both understand. uv ignores upper bounds and exclusions (`uv` docs, `pip/compatibility`).
pub(super) fn reaches(requires_python: &str) -> Reaches {
    let read = VersionSpecifiers::from_str(requires_python).ok();
    let lenient = read.clone().or_else(|| VersionSpecifiers::from_str(&without_stars(requires_python)).ok());
    Reaches {
        pip: read.map_or(Reach::Everywhere, |specifiers| reach(&specifiers)),
        uv: lenient.as_ref().map_or(Reach::Nowhere, |specifiers| reach(&lower_bounds(specifiers))),
        poetry: lenient.as_ref().map_or(Reach::Nowhere, reach),
    }
}

fn reach(specifiers: &VersionSpecifiers) -> Reach {
    let admits = |(version, _): &&(Version, bool)| specifiers.contains(version);
    if PYTHONS.iter().filter(|(_, supported)| *supported).all(|python| admits(&python)) {
        Reach::Everywhere
    } else if PYTHONS.iter().any(|python| admits(&python)) {
        Reach::Somewhere
    } else {
        Reach::Nowhere
    }
}

/// `>=3.6.*` means `>=3.6` to those who accept it; after `==` and `!=` a star is proper.
fn without_stars(requires_python: &str) -> String {
    let parts = requires_python.split(',').map(str::trim);
    let plain = parts
        .map(|part| if part.contains("==") || part.starts_with("!=") { part } else { part.trim_end_matches(".*") });
    plain.collect::<Vec<_>>().join(",")
}

fn lower_bounds(specifiers: &VersionSpecifiers) -> VersionSpecifiers {
    let bound = |specifier: &VersionSpecifier| match specifier.operator() {
        Operator::NotEqual | Operator::NotEqualStar | Operator::LessThan | Operator::LessThanEqual => None,
        Operator::GreaterThan => Some(specifier.clone()),
        _ => Some(VersionSpecifier::greater_than_equal_version(specifier.version().clone())),
    };
    specifiers.iter().filter_map(bound).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_requirement_reaches_all_some_or_none() {
        for everywhere in ["", ">=3.8", ">=2.7, !=3.0.*, <4", ">=3.10", "~=3.6"] {
            assert_eq!(reaches(everywhere), Reaches::all(Reach::Everywhere), "{everywhere}");
        }
        for somewhere in [">=3.12", "==3.11.4", ">=3.10.1", ">3.13,<3.15", "~=3.12.1"] {
            assert_eq!(reaches(somewhere), Reaches::all(Reach::Somewhere), "{somewhere}");
        }
        for nowhere in [">=4", ">4,<3"] {
            assert_eq!(reaches(nowhere), Reaches::all(Reach::Nowhere), "{nowhere}");
        }
    }

    #[test]
    fn installers_read_differently() {
        let (all, none) = (Reach::Everywhere, Reach::Nowhere);
        assert_eq!(reaches("<3"), Reaches { pip: none, uv: all, poetry: none });
        assert_eq!(reaches("<3.13"), Reaches { pip: Reach::Somewhere, uv: all, poetry: Reach::Somewhere });
        assert_eq!(reaches("what?"), Reaches { pip: all, uv: none, poetry: none });
        assert_eq!(reaches(">=3.6.*"), Reaches::all(all));
    }
}
