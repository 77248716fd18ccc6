//! The classifiers that PyPI knows; it refuses an upload that has any other, or one that was given up.
//!
//! `classifiers.txt` is the `trove-classifiers` project (2026.9.21.13, Apache-2.0), a line each, sorted bytewise; a
//! tab behind one says that it is deprecated. PyPI adds some every month: one that is not known here may be new.

use std::sync::LazyLock;

static LINES: LazyLock<Vec<&str>> = LazyLock::new(|| include_str!("classifiers.txt").lines().collect());

/// What PyPI makes of a classifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Classifier {
    Known,
    /// It was one; an upload with it is refused.
    Deprecated,
    Unknown,
}

impl Classifier {
    pub fn of(text: &str) -> Self {
        let place = LINES.binary_search_by_key(&text, |line| line.trim_end_matches('\t'));
        match place.map(|place| LINES[place].ends_with('\t')) {
            Ok(true) => Self::Deprecated,
            Ok(false) => Self::Known,
            Err(_) => Self::Unknown,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_private_or_given_up_is_told_from_what_is_known() {
        assert_eq!(Classifier::of("Development Status :: 7 - Inactive"), Classifier::Known);
        assert_eq!(Classifier::of("Private :: Do Not Upload"), Classifier::Unknown);
        assert_eq!(Classifier::of("License :: OSI Approved :: Jabber Open Source License"), Classifier::Deprecated);
    }

    #[test]
    fn the_table_is_sorted_for_the_search() {
        assert!(LINES.is_sorted_by_key(|line| line.trim_end_matches('\t')));
    }
}
