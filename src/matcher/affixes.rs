//! The customary words around a name: what projects and attackers add without changing what it promises.

use super::forms::Forms;

/// Tokens that say nothing about whose project it is. Sorted.
pub(super) static AFFIXES: [&str; 72] = [
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
    "framework",
    "helper",
    "helpers",
    "internal",
    "io",
    "javascript",
    "js",
    "lib",
    "libs",
    "lite",
    "module",
    "modules",
    "new",
    "next",
    "ng",
    "nightly",
    "official",
    "package",
    "pkg",
    "plugin",
    "plugins",
    "plus",
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
    "sdk",
    "secure",
    "security",
    "server",
    "service",
    "services",
    "test",
    "testing",
    "tests",
    "tool",
    "toolkit",
    "tools",
    "util",
    "utils",
    "v2",
    "v3",
    "wrapper",
];

/// Affixes written without a separator: `pymongo`, `libcurl`, `html5lib`.
static GLUED_BEFORE: [&[u8]; 3] = [b"python", b"py", b"lib"];
static GLUED_AFTER: [&[u8]; 4] = [b"python", b"lib", b"py", b"sdk"];

/// A stem shorter than this says nothing, so a glued affix stays on it.
const STEM_MIN: usize = 4;

/// Digits come off only where this much is left.
const UNVERSIONED_MIN: usize = 3;

pub(super) fn is_affix(token: &[u8]) -> bool {
    AFFIXES.binary_search_by(|known| known.as_bytes().cmp(token)).is_ok()
}

/// The part of the name that carries its identity, joined. Never empty unless the name is.
pub(super) fn core<'a>(forms: &'a Forms<'_>) -> &'a [u8] {
    let (from, to) = stem_tokens(forms);
    unversioned(unglued(forms.run(from, to)))
}

/// The range of tokens without affixes at either end; at least one token.
pub(super) fn stem_tokens(forms: &Forms<'_>) -> (usize, usize) {
    let (mut from, mut to) = (0, forms.tokens());
    while to - from > 1 && is_affix(forms.token(to - 1)) {
        to -= 1;
    }
    while to - from > 1 && is_affix(forms.token(from)) {
        from += 1;
    }
    (from, to)
}

fn unglued(mut stem: &[u8]) -> &[u8] {
    let before = GLUED_BEFORE.iter().find(|a| stem.starts_with(a) && stem.len() >= a.len() + STEM_MIN);
    stem = &stem[before.map_or(0, |a| a.len())..];
    let after = GLUED_AFTER.iter().find(|a| stem.ends_with(a) && stem.len() >= a.len() + STEM_MIN);
    &stem[..stem.len() - after.map_or(0, |a| a.len())]
}

/// Without digits at the end, and the `v` before them.
pub(super) fn unversioned(stem: &[u8]) -> &[u8] {
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
    }

    #[test]
    fn the_core_is_what_remains() {
        for (name, core) in [
            ("acme-billing-client", "acmebilling"),
            ("python-sqlite", "sqlite"),
            ("pysqlite", "sqlite"),
            ("libcurl", "curl"),
            ("html5lib", "html"),
            ("libhtml5", "html"),
            ("pytz3-dev", "pytz"),
            ("urllib3", "urllib"),
            ("acme-billing-v2", "acmebilling"),
            ("py-lib", "py"),
            ("b2", "b2"),
        ] {
            let forms = Forms::new(name);
            assert_eq!(std::str::from_utf8(forms.core()), Ok(core), "{name}");
        }
    }
}
