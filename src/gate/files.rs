//! Files on disk, by their digest. No byte of one goes out before all of it was seen to be what the index says.

mod shelf;

use std::io::{self, Read as _, Seek as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::body::Bytes;
use moka::future::Cache;
use moka::notification::RemovalCause;
use moka::policy::EvictionPolicy;
use sha2::{Digest as _, Sha256};
use tokio::sync::Semaphore;

use super::seldom::Seldom;
use super::stamp::Stamp;
use crate::clock::Clock;
use crate::model::hex::hex;
use crate::upstream::FetchError;

/// Kilobytes, so that weights of 32 bits reach terabytes.
const UNIT: u64 = 1024;
/// What a file may weigh that goes out without ever being on the disk.
const IN_MEMORY: u64 = 64 << 20;
/// So many of them are fetched at a time.
const AT_ONCE: usize = 2;
/// As long as those wait who asked for one at the same time.
const PASSING: Duration = Duration::from_secs(30);

/// Verified files, as many as fit; those that were not used for longest go first.
#[derive(Debug)]
pub struct FileCache {
    dir: PathBuf,
    kept: Cache<String, Arc<Kept>>,
    /// What the disk did not take.
    passing: Cache<String, Bytes>,
    memory: Semaphore,
    fetched: AtomicU64,
    seldom: Seldom,
}

/// Where the bytes of one file come from.
pub(super) trait Supply: Sync {
    /// Writes them to `path`, and gives their number. After an error nothing is left there.
    fn to_disk(&self, path: &Path) -> impl Future<Output = Result<u64, FetchError>> + Send;

    /// At most `limit` of them.
    fn to_memory(&self, limit: u64) -> impl Future<Output = Result<Vec<u8>, FetchError>> + Send;
}

/// A file of the cache.
#[derive(Debug)]
struct Kept {
    path: PathBuf,
    size: u64,
    /// As it was when it was verified; `None`: it is from before the start, and nobody has looked.
    stamp: Option<Stamp>,
}

/// A file that may be given out.
#[derive(Debug)]
pub(super) struct Opened {
    pub(super) content: Content,
    pub(super) size: u64,
}

/// What is read from it is what was verified, whatever becomes of its name.
#[derive(Debug)]
pub(super) enum Content {
    Disk(std::fs::File),
    Memory(Bytes),
}

/// Why a file cannot be given out.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    #[error(transparent)]
    Fetch(#[from] FetchError),
    #[error("what came is not what the index says that it is")]
    Wrong,
    #[error("the cache of files cannot be used: {0}")]
    Disk(#[from] io::Error),
}

impl FileCache {
    /// Below a directory that is ours alone; `room` in bytes, and what is there from before counts.
    ///
    /// # Errors
    /// When it cannot be made, or swept.
    pub async fn open(dir: &Path, room: u64) -> io::Result<Self> {
        std::fs::create_dir_all(dir)?;
        let kept = Cache::builder()
            .max_capacity(room / UNIT)
            .weigher(|_, kept: &Arc<Kept>| weight(kept.size))
            .eviction_policy(EvictionPolicy::lru())
            .eviction_listener(|_, kept, cause| forget(&kept, cause))
            .build();
        // The one that was used last comes last, and so stays for longest.
        for found in shelf::swept(dir, room / UNIT, |size| u64::from(weight(size)))? {
            let unseen = Kept { path: dir.join(&found.sha256), size: found.size, stamp: None };
            kept.insert(found.sha256, Arc::new(unseen)).await;
        }
        let weigh = |_: &String, bytes: &Bytes| u32::try_from(bytes.len()).unwrap_or(u32::MAX);
        let passing = Cache::builder().max_capacity(IN_MEMORY).weigher(weigh).time_to_live(PASSING);
        let passing = passing.eviction_policy(EvictionPolicy::lru()).build();
        let (memory, fetched) = (Semaphore::new(AT_ONCE), AtomicU64::new(0));
        let seldom = Seldom::new(Clock::System);
        Ok(Self { dir: dir.to_owned(), kept, passing, memory, fetched, seldom })
    }

    /// Is it there? Whether it is still what it was is seen when it is taken.
    pub(super) fn has(&self, sha256: &str) -> bool {
        self.kept.contains_key(sha256)
    }

    /// The file of this digest, fetched where it is not there. However many ask at once, it is fetched once. A disk that takes
    /// nothing costs the cache, and not the file.
    ///
    /// # Errors
    /// See [`FileError`]. What is wrong is kept nowhere.
    pub(super) async fn get(&self, sha256: &str, supply: &impl Supply) -> Result<Opened, Arc<FileError>> {
        match self.on_disk(sha256, supply).await {
            Err(why) if is_of_the_disk(&why) => {
                if let Some(left_out) = self.seldom.of("disk") {
                    tracing::warn!(file = sha256, left_out, "the cache of files is passed over: {why}");
                }
                self.in_memory(sha256, supply).await
            }
            opened => opened,
        }
    }

    async fn on_disk(&self, sha256: &str, supply: &impl Supply) -> Result<Opened, Arc<FileError>> {
        for _ in 0..2 {
            if self.kept.get(sha256).await.is_some_and(|kept| kept.stamp.is_none()) {
                self.kept.invalidate(sha256).await;
            }
            let mut fresh = None;
            let verified = async {
                let (kept, file) = self.verified(sha256, supply).await?;
                fresh = Some(Opened { content: Content::Disk(file), size: kept.size });
                Ok::<_, FileError>(Arc::new(kept))
            };
            let kept = self.kept.try_get_with_by_ref(sha256, verified).await?;
            // What is larger than the whole cache may have left it by now.
            if let Some(opened) = fresh.or_else(|| kept.open().unwrap_or_default()) {
                return Ok(opened);
            }
            // Somebody changed it, or took it away.
            self.kept.invalidate(sha256).await;
        }
        Err(Arc::new(FileError::Wrong))
    }

    async fn verified(&self, sha256: &str, supply: &impl Supply) -> Result<(Kept, std::fs::File), FileError> {
        let path = self.dir.join(sha256);
        // One from before the start, or that was changed, is looked at again.
        if let Some(whole) = checked(path.clone(), sha256.to_owned()).await? {
            return Ok(whole);
        }
        let number = self.fetched.fetch_add(1, Ordering::Relaxed);
        let unfinished = self.dir.join(format!("{sha256}.{number}{}", shelf::UNFINISHED));
        let settled = settled(&unfinished, path, sha256, supply).await;
        if settled.is_err() {
            // It may never have been there; what stays is swept away at the next start.
            let _ = tokio::fs::remove_file(&unfinished).await;
        }
        settled
    }

    async fn in_memory(&self, sha256: &str, supply: &impl Supply) -> Result<Opened, Arc<FileError>> {
        let fetch = async {
            let _turn = self.memory.acquire().await;
            let bytes = supply.to_memory(IN_MEMORY).await?;
            // A block of the size of what is in it.
            let is_it = hex(&Sha256::digest(&bytes)) == sha256;
            is_it.then(|| Bytes::copy_from_slice(&bytes)).ok_or(FileError::Wrong)
        };
        let bytes = self.passing.try_get_with_by_ref(sha256, fetch).await?;
        Ok(Opened { size: bytes.len() as u64, content: Content::Memory(bytes) })
    }
}

async fn settled(
    unfinished: &Path,
    path: PathBuf,
    sha256: &str,
    supply: &impl Supply,
) -> Result<(Kept, std::fs::File), FileError> {
    supply.to_disk(unfinished).await?;
    let whole = checked(unfinished.to_owned(), sha256.to_owned()).await?;
    let (kept, file) = whole.ok_or(FileError::Wrong)?;
    tokio::fs::rename(unfinished, &path).await?;
    // The rename is a change too.
    let stamp = Stamp::of(&file.metadata()?);
    Ok((Kept { path, size: kept.size, stamp: Some(stamp) }, file))
}

/// Whatever the disk has against it, the file itself may be had.
fn is_of_the_disk(why: &FileError) -> bool {
    matches!(why, FileError::Disk(_) | FileError::Fetch(FetchError::Spool(_)))
}

/// The file, where its content is of this digest; where it is not, it is there no more.
async fn checked(path: PathBuf, sha256: String) -> io::Result<Option<(Kept, std::fs::File)>> {
    let looked = tokio::task::spawn_blocking(move || check(path, &sha256)).await;
    looked.unwrap_or_else(|ended| Err(io::Error::other(ended)))
}

fn check(path: PathBuf, sha256: &str) -> io::Result<Option<(Kept, std::fs::File)>> {
    let mut file = match std::fs::File::open(&path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let stamp = Stamp::of(&file.metadata()?);
    if digest(&mut file)? != sha256 || Stamp::of(&file.metadata()?) != stamp {
        std::fs::remove_file(&path)?;
        return Ok(None);
    }
    file.rewind()?;
    Ok(Some((Kept { path, size: stamp.size, stamp: Some(stamp) }, file)))
}

fn digest(file: &mut std::fs::File) -> io::Result<String> {
    let (mut hasher, mut block) = (Sha256::new(), vec![0; 1 << 18]);
    loop {
        let read = file.read(&mut block)?;
        if read == 0 {
            return Ok(hex(&hasher.finalize()));
        }
        hasher.update(&block[..read]);
    }
}

impl Kept {
    /// `None` where it is another file than the one that was verified.
    fn open(&self) -> io::Result<Option<Opened>> {
        let file = std::fs::File::open(&self.path)?;
        let is_it = Some(Stamp::of(&file.metadata()?)) == self.stamp;
        Ok(is_it.then_some(Opened { content: Content::Disk(file), size: self.size }))
    }
}

fn weight(size: u64) -> u32 {
    u32::try_from(size / UNIT + 1).unwrap_or(u32::MAX)
}

/// What has no room any more leaves the disk, too. Whoever reads it has it open.
fn forget(kept: &Kept, cause: RemovalCause) {
    if cause == RemovalCause::Size
        && let Err(error) = std::fs::remove_file(&kept.path)
    {
        tracing::warn!(file = %kept.path.display(), %error, "a file that has no room any more cannot be removed");
    }
}

#[cfg(test)]
pub(super) mod tests;
