//! Versions as PEP 440 reads and orders them.

use std::str::FromStr;

use pep440_rs::Version;

/// The largest number of so many digits that fits 64 bits.
const LARGEST: &str = "9999999999999999999";

/// A version that installers can order. What is none is ignored by all of them (`pip` since 24.1).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Pep440 {
    version: Version,
    /// It has a number that does not fit 64 bits, and was cut to the largest that does: fine for pip and Poetry, which
    /// count in Python's integers, and no version to uv.
    large: bool,
}

impl Pep440 {
    pub fn read(text: &str) -> Option<Self> {
        match Version::from_str(text) {
            Ok(version) => Some(Self { version, large: false }),
            Err(_) => Version::from_str(&cut(text)?).ok().map(|version| Self { version, large: true }),
        }
    }

    /// Neither a pre-release nor a development release; those are left aside unasked.
    pub fn is_final(&self) -> bool {
        !self.version.any_prerelease()
    }

    pub fn is_large(&self) -> bool {
        self.large
    }

    /// Its epoch and its first number, by which most versions differ that were made to be above others.
    pub fn lead(&self) -> (u64, u64) {
        (self.version.epoch(), self.version.release().first().copied().unwrap_or_default())
    }

    /// Has it a local part, `1.0+acme`? No public index takes it.
    pub fn is_local(&self) -> bool {
        self.version.is_local()
    }

    /// Is it the other one without its local part? Whoever asks for exactly this version may be given either.
    pub fn is_public_part_of(&self, other: &Self) -> bool {
        other.is_local() && self.version == other.version.clone().without_local()
    }
}

/// In its normal form.
impl std::fmt::Display for Pep440 {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.version.fmt(f)
    }
}

/// The text with every number that may not fit 64 bits replaced by the largest of 19 digits; `None` when there is none.
fn cut(text: &str) -> Option<String> {
    // Most texts that are no version have none, however long strangers make them.
    let mut digits = 0;
    let is_too_long = |byte: &u8| {
        digits = if byte.is_ascii_digit() { digits + 1 } else { 0 };
        digits > LARGEST.len()
    };
    if !text.as_bytes().iter().any(is_too_long) {
        return None;
    }
    let (mut cut, mut rest, mut any) = (String::new(), text, false);
    while !rest.is_empty() {
        let is_digit = |c: char| c.is_ascii_digit();
        let (number, after) = rest.split_at(rest.find(|c| !is_digit(c)).unwrap_or(rest.len()));
        let too_large = number.trim_start_matches('0').len() > LARGEST.len();
        any |= too_large;
        cut.push_str(if too_large { LARGEST } else { number });
        let (words, next) = after.split_at(after.find(is_digit).unwrap_or(after.len()));
        cut.push_str(words);
        rest = next;
    }
    any.then_some(cut)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_fit_is_large_and_above_what_fits() {
        let read = |text: &str| Pep440::read(text).expect("a version");
        let large = read("1!99999999999999999999999.0rc1");
        assert!(large.is_large() && !large.is_final() && large > read("1!2026.1"));
        assert!(!read("0000000000000000000000001.0").is_large() || read("0000000000000000000000001.0") < read("2"));
        assert!(read("1.0.post1").is_final() && !read("1.0.dev1").is_final());
        assert_eq!(Pep440::read("1.0-custom"), None);
        assert_eq!(Pep440::read("99999999999999999999999-custom"), None);
    }
}
