//! A list of another organisation where whoever brings it puts it, with its signature beside it: verified before anything of it is read.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use minisign_verify::{Error, PublicKey, Signature};

use super::list::SharedList;
use crate::config::SharedSource;
use crate::config::source::open_regular;
use crate::gate::stamp::Stamp;
use crate::model::Time;

/// A list of all that a large organisation installs is some megabytes.
const LONGEST: u64 = 64 << 20;
/// Four lines.
const LONGEST_SIGNATURE: u64 = 16 << 10;

/// A list on the disk, and what was read there last.
#[derive(Debug)]
pub struct SharedListFile {
    source: SharedSource,
    seen: Option<Stamps>,
    /// What could not be used at the last look.
    failed: Option<Stamps>,
    /// Of the one in force.
    made_at: Option<Time>,
    /// Of the newest that was, also before a restart.
    newest: Option<Time>,
}

/// Of the list and of its signature.
type Stamps = [Stamp; 2];

/// Why a list is none.
#[derive(Debug, thiserror::Error)]
#[error(
    "the list of {name} in {} cannot be used ({why}); put theirs there with `namewarden gate share import`, or take it out of \
     [gate.consensus] shared", path.display()
)]
pub struct SharedListError {
    name: String,
    path: PathBuf,
    why: String,
}

impl SharedListFile {
    pub fn at(source: SharedSource) -> Self {
        Self { source, seen: None, failed: None, made_at: None, newest: None }
    }

    /// One that is older is refused.
    pub fn not_before(self, newest: Option<Time>) -> Self {
        Self { newest, ..self }
    }

    /// Was one read since the start?
    pub fn is_in_force(&self) -> bool {
        self.made_at.is_some()
    }

    /// Whose it is, by the configuration.
    pub fn source(&self) -> &SharedSource {
        &self.source
    }

    /// The list, where it is another than at the last look. The time of a file says nothing, since a copy is young.
    ///
    /// # Errors
    /// See [`SharedListError`]: the one of before stays. Two files do not come at one moment, so that what cannot be used after something
    /// could is an error at the second look.
    pub fn look(&mut self, now: Time) -> Result<Option<SharedList>, SharedListError> {
        let list = open_regular(&self.source.list).map_err(|error| self.refused(error.to_string()))?;
        let path = signature_of(&self.source.list);
        let signature =
            open_regular(&path).map_err(|error| self.refused(format!("its signature {}: {error}", path.display())))?;
        let stamps = stamps(&list, &signature).map_err(|error| self.refused(error.to_string()))?;
        if self.seen == Some(stamps) {
            return Ok(None);
        }
        match self.read(list, signature, now) {
            Ok(list) => {
                (self.seen, self.failed) = (Some(stamps), None);
                (self.made_at, self.newest) = (Some(list.made_at), Some(list.made_at));
                Ok(Some(list))
            }
            Err(_) if self.made_at.is_some() && self.failed.replace(stamps) != Some(stamps) => Ok(None),
            Err(why) => Err(self.refused(why)),
        }
    }

    fn read(&self, list: File, signature: File, now: Time) -> Result<SharedList, String> {
        let (list, signature) = (bytes(list, LONGEST)?, bytes(signature, LONGEST_SIGNATURE)?);
        let list = opened(&self.source, &list, &signature, now)?;
        match self.newest.filter(|newest| list.made_at < *newest) {
            Some(newest) => Err(format!("it was made {}, before one that was in force, of {newest}", list.made_at)),
            None => Ok(list),
        }
    }

    fn refused(&self, why: String) -> SharedListError {
        SharedListError { name: self.source.name.clone(), path: self.source.list.clone(), why }
    }
}

/// The list, where its organisation has signed it.
///
/// # Errors
/// Why not, in words.
pub fn opened(source: &SharedSource, list: &[u8], signature: &[u8], now: Time) -> Result<SharedList, String> {
    if list.len() as u64 > LONGEST {
        return Err(too_long(LONGEST));
    }
    let none = || "its signature is none of minisign's".to_owned();
    let signature = std::str::from_utf8(signature).map_err(|_| none())?;
    let signature = Signature::decode(signature).map_err(|error| unverified(&error))?;
    let key = PublicKey::from_base64(&source.key).map_err(|_| "`key` is no public key of minisign".to_owned())?;
    // Without the digest in between, 64 bytes that were signed could be taken for the digest of a list.
    key.verify(list, &signature, false).map_err(|error| unverified(&error))?;
    let list = SharedList::read(list, now)?;
    match list.organisation == source.name {
        true => Ok(list),
        false => {
            Err(format!("it calls its organisation {:?}, and the configuration {:?}", list.organisation, source.name))
        }
    }
}

/// Where its signature is, as minisign puts it.
pub fn signature_of(list: &Path) -> PathBuf {
    let mut path = OsString::from(list);
    path.push(".minisig");
    PathBuf::from(path)
}

fn unverified(error: &Error) -> String {
    let why = match error {
        Error::UnexpectedKeyId => "its signature is of another key",
        Error::UnexpectedAlgorithm | Error::UnsupportedLegacyMode => {
            "its signature is not prehashed; have it signed by minisign 0.10 or later, or with its option -H"
        }
        Error::InvalidSignature => "its signature does not fit the list, or not its trusted comment",
        Error::InvalidEncoding | Error::UnsupportedAlgorithm | Error::IoError(_) => {
            "its signature is none of minisign's"
        }
    };
    why.to_owned()
}

fn stamps(list: &File, signature: &File) -> io::Result<Stamps> {
    Ok([Stamp::of(&list.metadata()?), Stamp::of(&signature.metadata()?)])
}

fn bytes(file: File, most: u64) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    let read = file.take(most + 1).read_to_end(&mut bytes).map_err(|error| error.to_string())?;
    if read as u64 > most { Err(too_long(most)) } else { Ok(bytes) }
}

fn too_long(most: u64) -> String {
    format!("it is longer than {} KB", most >> 10)
}
