//! What was read of an archive so far, and how much of it may come yet. A bomb ends here.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;

use sha2::{Digest as _, Sha256};

use super::form::{Digest, Form, MOST_BYTES, MOST_ENTRIES, MOST_TEXT, Unreadable};

/// Bytes between two looks at the clock.
const BLOCK: usize = 1 << 16;
/// Of a file, enough to tell what it is.
const HEAD: usize = 128;
/// Of one path, in bytes, as Linux has it.
const LONGEST: usize = 4096;

/// One file of an archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    /// Of its bytes: what the archive itself says of them, a stranger can choose.
    pub(super) digest: Digest,
    /// Its first bytes.
    pub(super) head: Vec<u8>,
    pub(super) is_link: bool,
}

pub(super) struct Gathered<'a> {
    pub(super) entries: BTreeMap<String, Entry>,
    /// Its own descriptions.
    pub(super) texts: BTreeMap<String, Vec<u8>>,
    /// Paths that are there more than once.
    pub(super) twice: BTreeSet<String>,
    number: usize,
    left: u64,
    room: usize,
    is_over: &'a dyn Fn() -> bool,
}

impl<'a> Gathered<'a> {
    pub(super) fn new(is_over: &'a dyn Fn() -> bool) -> Self {
        let (entries, texts, twice) = (BTreeMap::new(), BTreeMap::new(), BTreeSet::new());
        Self { entries, texts, twice, number: 0, left: MOST_BYTES, room: MOST_TEXT, is_over }
    }

    /// One more of whatever an archive is made of.
    pub(super) fn count(&mut self) -> Result<(), Unreadable> {
        self.number += 1;
        if self.number > MOST_ENTRIES { Err(Unreadable::TooMany) } else { Ok(()) }
    }

    /// A file, with all of its bytes.
    pub(super) fn add(&mut self, path: String, is_link: bool, mut from: impl Read) -> Result<(), Unreadable> {
        let (mut hasher, mut block, mut head) = (Sha256::new(), vec![0; BLOCK], Vec::new());
        let mut text = is_description(&path).then(Vec::new);
        loop {
            let read = from.read(&mut block).map_err(Unreadable::broken)?;
            if read == 0 {
                break;
            }
            self.take(read)?;
            let bytes = &block[..read];
            hasher.update(bytes);
            head.extend(bytes.iter().take(HEAD.saturating_sub(head.len())));
            if let Some(text) = &mut text {
                self.keep(read)?;
                text.extend(bytes);
            }
        }
        if let Some(text) = text {
            self.texts.insert(path.clone(), text);
        }
        self.put(path, Entry { digest: hasher.finalize().into(), head, is_link })
    }

    /// Another name, of whatever it leads to.
    pub(super) fn link(&mut self, path: String, to: &[u8]) -> Result<(), Unreadable> {
        self.put(path, Entry { digest: Sha256::digest(to).into(), head: Vec::new(), is_link: true })
    }

    fn put(&mut self, path: String, entry: Entry) -> Result<(), Unreadable> {
        if path.len() > LONGEST {
            return Err(Unreadable::broken("a path in it is longer than any that can be unpacked"));
        }
        self.keep(path.len())?;
        if self.entries.insert(path.clone(), entry).is_some() {
            self.twice.insert(path);
        }
        Ok(())
    }

    /// So many bytes stay.
    fn keep(&mut self, bytes: usize) -> Result<(), Unreadable> {
        self.room = self.room.checked_sub(bytes).ok_or(Unreadable::TooLong)?;
        Ok(())
    }

    /// So many bytes came out of it.
    pub(super) fn take(&mut self, bytes: usize) -> Result<(), Unreadable> {
        self.left = self.left.checked_sub(bytes as u64).ok_or(Unreadable::TooLarge)?;
        if (self.is_over)() { Err(Unreadable::TooSlow) } else { Ok(()) }
    }

    /// The same by paths that do not differ between versions.
    pub(super) fn placed(self, form: Form, filename: &str) -> Self {
        let place: Box<dyn Fn(&str) -> String> = match form {
            Form::Wheel => Box::new(|path| unversioned(path, filename)),
            Form::Source => {
                let top = top(self.entries.keys());
                Box::new(move |path| path.strip_prefix(&top).unwrap_or(path).to_owned())
            }
        };
        let mut twice: BTreeSet<String> = self.twice.iter().map(|path| place(path)).collect();
        let mut entries = BTreeMap::new();
        for (path, entry) in self.entries {
            if entries.insert(place(&path), entry).is_some() {
                twice.insert(place(&path));
            }
        }
        let texts = self.texts.into_iter().map(|(path, text)| (place(&path), text)).collect();
        Self { entries, texts, twice, ..self }
    }
}

/// A file that says what the release is, wherever an archive of either form has it.
fn is_description(path: &str) -> bool {
    let mut parts = path.rsplit('/');
    let (name, folder) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let depth = path.split('/').count();
    match name {
        "METADATA" => depth == 2 && folder.ends_with(".dist-info"),
        "entry_points.txt" => folder.ends_with(".dist-info") || folder.ends_with(".egg-info"),
        "PKG-INFO" | "pyproject.toml" => depth <= 2,
        _ => false,
    }
}

/// The folder that all of it is in, with its slash; empty: there is none.
fn top<'p>(mut paths: impl Iterator<Item = &'p String>) -> String {
    let Some((first, _)) = paths.next().and_then(|path| path.split_once('/')) else { return String::new() };
    let first = format!("{first}/");
    if paths.all(|path| path.starts_with(&first)) { first } else { String::new() }
}

/// `NAME.dist-info/METADATA` for what is in `NAME-VERSION.dist-info`, by the name of the file; the same of `.data`.
fn unversioned(path: &str, filename: &str) -> String {
    let mut parts = filename.splitn(3, '-');
    let (Some(name), Some(version)) = (parts.next(), parts.next()) else { return path.to_owned() };
    let Some((folder, rest)) = path.split_once('/') else { return path.to_owned() };
    let own = alike(&format!("{name}-{version}"));
    let ending =
        [".dist-info", ".data"].into_iter().find(|end| folder.strip_suffix(end).is_some_and(|of| alike(of) == own));
    ending.map_or_else(|| path.to_owned(), |ending| format!("{}{ending}/{rest}", alike(name)))
}

/// In whichever spelling: installers take `Foo_Bar-1.0` and `foo.bar-1.0` for one.
fn alike(of: &str) -> String {
    let parts: Vec<&str> = of.split(['-', '_', '.']).filter(|part| !part.is_empty()).collect();
    parts.join("-").to_lowercase()
}
