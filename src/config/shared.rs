//! Lists of other organisations, `shared` of `[gate.consensus]`: where each lies, and whose key signs it. One organisation is one voice, so
//! that no key, name or place stands there twice.

use std::path::PathBuf;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use toml::Spanned;

use super::check;
use super::fault::Fault;
use super::key::Key;
use super::loader::Loader;

/// A list of another organisation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SharedSource {
    /// Whose it is, as the list itself says.
    pub name: String,
    /// Its signature is beside it, with `.minisig` at its end.
    pub list: PathBuf,
    /// Their public key, as minisign prints it.
    pub key: String,
}

/// What the file says of one.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a table, { name = \"globex\", list = \"globex.json\", key = \"RW…\" }")]
pub(super) struct SharedKeys {
    /// Whose it is, as the list says. Required.
    pub name: Key<String>,
    /// Where it lies; its signature is beside it, with `.minisig` at its end. Required.
    pub list: Key<String>,
    /// Their public key, as minisign prints it. Required.
    pub key: Key<String>,
}

/// As minisign writes a public key: `Ed`, a number of 8 bytes that it is known by, and 32 bytes of Ed25519.
const KEY: usize = 42;
const ED25519: usize = 10;
/// Longest name of an organisation, letters.
const LONGEST: usize = 60;
const WRITE_NAME: &str = "write what the list calls it, name = \"globex\"";
const WRITE_LIST: &str = "write where the list lies, list = \"/var/lib/namewarden-gate/globex.json\"";
const WRITE_KEY: &str = "write the second line of their minisign.pub, key = \"RW…\"";

/// Can an organisation be called so? One short visible line.
pub fn is_organisation(text: &str) -> bool {
    let is_visible = !text.is_empty() && text == text.trim() && !text.contains(char::is_control);
    is_visible && text.chars().count() <= LONGEST
}

impl Loader<'_> {
    pub(super) fn shared(&mut self, shared: Key<Vec<Spanned<SharedKeys>>>) -> Option<Vec<SharedSource>> {
        let mut sources = Vec::new();
        for one in shared.map(Spanned::into_inner).unwrap_or_default() {
            let at = one.span().start;
            let source = self.shared_source(at, one.into_inner())?;
            if let Some(fault) = sources.iter().find_map(|other| same(other, &source)) {
                return self.note(at, "gate.consensus.shared", fault);
            }
            sources.push(source);
        }
        Some(sources)
    }

    fn shared_source(&mut self, at: usize, of: SharedKeys) -> Option<SharedSource> {
        let dir = self.directory.clone();
        let name = self.required("gate.consensus.shared.name", at, of.name, WRITE_NAME, |text| name(&text));
        let list = self
            .required("gate.consensus.shared.list", at, of.list, WRITE_LIST, |text| check::path(&dir, text.as_str()));
        let key = self.required("gate.consensus.shared.key", at, of.key, WRITE_KEY, |text| key(&text));
        Some(SharedSource { name: name?, list: list?, key: key? })
    }
}

fn name(text: &str) -> Result<String, Fault> {
    match is_organisation(text) {
        true => Ok(text.to_owned()),
        false => Err(Fault::new(format!("{text:?} names no organisation"), WRITE_NAME)),
    }
}

fn key(text: &str) -> Result<String, Fault> {
    let text = text.trim();
    match ed25519(text) {
        Some(_) => Ok(text.to_owned()),
        None => Err(Fault::new(format!("{text:?} is no public key of minisign"), WRITE_KEY)),
    }
}

/// What signs, whatever number the key is known by.
fn ed25519(key: &str) -> Option<Vec<u8>> {
    let bytes = STANDARD.decode(key).ok().filter(|bytes| bytes.len() == KEY && bytes.starts_with(b"Ed"));
    bytes.map(|bytes| bytes[ED25519..].to_vec())
}

/// What two of them have in common.
fn same(one: &SharedSource, other: &SharedSource) -> Option<Fault> {
    let what = if ed25519(&one.key) == ed25519(&other.key) {
        format!("the key of {} stands there twice", other.name)
    } else if one.list == other.list {
        format!("the list {} stands there twice", other.list.display())
    } else if one.name == other.name {
        format!("{} stands there twice", other.name)
    } else {
        return None;
    };
    Some(Fault::new(what, "write one entry for each organisation, which is one voice"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEYS: [&str; 2] = [
        "RWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3",
        "RWQBAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4fICEiIyQlJico",
    ];

    fn source(name: &str, list: &str, key: &str) -> SharedSource {
        SharedSource { name: name.to_owned(), list: list.into(), key: key.to_owned() }
    }

    #[test]
    fn a_key_is_that_of_minisign_and_a_name_is_one_visible_line() {
        assert_eq!(key(&format!(" {}\n", KEYS[0])).ok().as_deref(), Some(KEYS[0]));
        for bad in ["", "RWQ", "untrusted comment: minisign public key", &KEYS[0][..54], "RUQf6LRC"] {
            assert!(key(bad).is_err_and(|fault| fault.instead.contains("minisign.pub")), "{bad}");
        }
        let secret = STANDARD.encode([b"EdScB2".as_slice(), &[0; 152]].concat());
        assert!(key(&secret).is_err(), "a secret key is none");
        for bad in ["", " globex", "a\nb", "\u{7}", &"x".repeat(61)] {
            assert!(name(bad).is_err(), "{bad:?}");
        }
        assert!(is_organisation("Globex Corp."));
    }

    #[test]
    fn one_organisation_is_one_voice() {
        let first = source("globex", "globex.json", KEYS[0]);
        assert!(same(&first, &source("initech", "initech.json", KEYS[1])).is_none());
        // The number that a key is known by is anybody's to choose.
        let mut renumbered = STANDARD.decode(KEYS[0]).expect("a key");
        renumbered[2] ^= 1;
        for (other, what) in [
            (source("initech", "initech.json", KEYS[0]), "the key of initech"),
            (source("initech", "initech.json", &STANDARD.encode(renumbered)), "the key of initech"),
            (source("initech", "globex.json", KEYS[1]), "the list globex.json"),
            (source("globex", "initech.json", KEYS[1]), "globex stands"),
        ] {
            let fault = same(&first, &other).expect("twice");
            assert!(fault.what.contains(what) && fault.what.contains("twice"), "{}", fault.what);
        }
    }
}
