//! The peer to beat: two edits (a swap counts one, separators left out) from eight characters of the shorter name, one from
//! five.

use namewarden::model::ProjectName;

/// A name without separators, and which letters it has: most names are told apart by those alone.
pub(crate) struct Joined(String, u64);

impl Joined {
    pub(crate) fn new(name: &ProjectName) -> Self {
        let joined = name.as_str().replace('-', "");
        let letters = joined.bytes().fold(0, |bits, byte| bits | 1 << (byte & 63));
        Self(joined, letters)
    }
}

pub(crate) fn holds(Joined(a, a_letters): &Joined, Joined(b, b_letters): &Joined) -> bool {
    let shorter = a.len().min(b.len());
    if a.len().abs_diff(b.len()) > 2 || (a_letters ^ b_letters).count_ones() > 4 {
        return false;
    }
    let edits = strsim::osa_distance(a, b);
    edits == 0 || (shorter >= 8 && edits <= 2) || (shorter >= 5 && edits <= 1)
}

/// Edits between two names, separators left out.
pub(crate) fn distance(a: &ProjectName, b: &ProjectName) -> usize {
    strsim::osa_distance(&Joined::new(a).0, &Joined::new(b).0)
}
