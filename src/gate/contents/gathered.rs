//! What was read of an archive so far, and how much of it may come yet. A bomb ends here.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;

use sha2::{Digest as _, Sha256};

use super::form::{Digest, MOST_BYTES, MOST_ENTRIES, MOST_TEXT, Unreadable};
use super::paths::{Placing, is_description};

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
        match () {
            () if self.number > MOST_ENTRIES => Err(Unreadable::TooMany),
            () if (self.is_over)() => Err(Unreadable::TooSlow),
            () => Ok(()),
        }
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
    pub(super) fn placed(self, placing: &Placing) -> Self {
        let place = |path: &String| placing.place(path);
        let mut twice: BTreeSet<String> = self.twice.iter().map(place).collect();
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
