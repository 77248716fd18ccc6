//! The customary words around a name: what projects and attackers add without changing what it promises.

use super::letters::{PLACES, place};

/// Tokens that say nothing about whose project it is. Sorted.
pub(in crate::matcher) static AFFIXES: [&str; 90] = [
    "aio",
    "alpha",
    "api",
    "apis",
    "app",
    "async",
    "base",
    "beta",
    "bin",
    "binding",
    "bindings",
    "cli",
    "client",
    "clients",
    "common",
    "contrib",
    "core",
    "dev",
    "devel",
    "ext",
    "extension",
    "extra",
    "extras",
    "fix",
    "fixed",
    "framework",
    "full",
    "helper",
    "helpers",
    "internal",
    "io",
    "javascript",
    "js",
    "kit",
    "kits",
    "latest",
    "lib",
    "libs",
    "lite",
    "mini",
    "module",
    "modules",
    "new",
    "next",
    "ng",
    "nightly",
    "official",
    "original",
    "package",
    "patch",
    "patched",
    "pkg",
    "plugin",
    "plugins",
    "plus",
    "premium",
    "private",
    "pro",
    "public",
    "py",
    "pypi",
    "python",
    "python2",
    "python3",
    "python4",
    "rc",
    "safe",
    "sdk",
    "secure",
    "security",
    "server",
    "service",
    "services",
    "slim",
    "stable",
    "test",
    "testing",
    "tests",
    "tool",
    "toolkit",
    "tools",
    "update",
    "updated",
    "upgrade",
    "upgraded",
    "util",
    "utils",
    "v2",
    "v3",
    "wrapper",
];

/// Affixes written without a separator: `pymongo`, `libcurl`, `html5lib`.
static GLUED_BEFORE: [&[u8]; 3] = [b"python", b"py", b"lib"];
static GLUED_AFTER: [&[u8]; 9] = [b"python", b"lib", b"py", b"sdk", b"dev", b"kit", b"kits", b"pro", b"plus"];

/// A stem shorter than this says nothing, so a glued affix stays on it.
const STEM_MIN: usize = 4;

/// Digits come off only where this much is left.
const UNVERSIONED_MIN: usize = 3;

pub(in crate::matcher) fn is_affix(token: &[u8]) -> bool {
    let [first, .., last] = token else { return false };
    let len = 1 << token.len().min(31);
    let likely = LENGTHS[0][place(*first)] & LENGTHS[1][place(*last)] & len != 0;
    likely && AFFIXES.binary_search_by(|known| known.as_bytes().cmp(token)).is_ok()
}

/// For each first and each last character a bit for each length of an affix: most words are told at a glance.
static LENGTHS: [[u32; PLACES]; 2] = lengths();

const fn lengths() -> [[u32; PLACES]; 2] {
    let mut table = [[0; PLACES]; 2];
    let mut at = 0;
    while at < AFFIXES.len() {
        let affix = AFFIXES[at].as_bytes();
        table[0][place(affix[0])] |= 1 << affix.len();
        table[1][place(affix[affix.len() - 1])] |= 1 << affix.len();
        at += 1;
    }
    table
}

/// Where a name of one word falls into an affix and the rest: `lib|html5`, `html5|lib`.
pub(in crate::matcher) fn seam(word: &[u8]) -> Option<usize> {
    let (before, after) = (glued_before(word), glued_after(word));
    match (before, after) {
        (0, 0) => None,
        (0, after) => Some(word.len() - after),
        (before, _) => Some(before),
    }
}

/// How much of the first word is an affix written without a separator.
pub(super) fn glued_before(word: &[u8]) -> usize {
    // One character tells most words.
    if !matches!(word, [b'p' | b'l', ..]) {
        return 0;
    }
    let glued = GLUED_BEFORE.iter().find(|a| word.starts_with(a) && word.len() >= a.len() + STEM_MIN);
    glued.map_or(0, |a| a.len())
}

/// How much of the last word is.
pub(super) fn glued_after(word: &[u8]) -> usize {
    if !matches!(word, [.., b'n' | b'b' | b'y' | b'k' | b'v' | b't' | b's' | b'o']) {
        return 0;
    }
    let glued = GLUED_AFTER.iter().find(|a| word.ends_with(a) && word.len() >= a.len() + STEM_MIN);
    glued.map_or(0, |a| a.len())
}

/// Without digits at the end, and the `v` before them.
pub(in crate::matcher) fn unversioned(stem: &[u8]) -> &[u8] {
    let digits = stem.iter().rev().take_while(|b| b.is_ascii_digit()).count();
    let bare = &stem[..stem.len() - digits];
    let bare = if digits > 0 { bare.strip_suffix(b"v").unwrap_or(bare) } else { bare };
    if bare.len() >= UNVERSIONED_MIN { bare } else { stem }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_sorted_for_the_search() {
        assert!(AFFIXES.is_sorted());
        assert!(AFFIXES.iter().all(|affix| is_affix(affix.as_bytes())));
        assert!(GLUED_BEFORE.iter().all(|glued| glued_before(&[glued, b"xyzt".as_slice()].concat()) == glued.len()));
        assert!(GLUED_AFTER.iter().all(|glued| glued_after(&[b"xyzt", *glued].concat()) == glued.len()));
    }
}
