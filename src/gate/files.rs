//! FileCache on disk, by their digest. No byte of one goes out before all of it was seen to be what the index says.

use std::io::{self, Read as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use moka::future::Cache;
use moka::notification::RemovalCause;
use sha2::{Digest as _, Sha256};

use crate::model::hex::hex;
use crate::upstream::FetchError;

/// What is being fetched; swept at the start.
const UNFINISHED: &str = ".part";
/// Kilobytes, so that weights of 32 bits reach terabytes.
const UNIT: u64 = 1024;

/// Verified files, as many as fit.
#[derive(Debug)]
pub struct FileCache {
    dir: PathBuf,
    kept: Cache<String, Arc<Kept>>,
    fetched: AtomicU64,
}

/// A file that was verified, as it was then.
#[derive(Debug)]
pub(super) struct Kept {
    path: PathBuf,
    stamp: Stamp,
}

/// By what a file that was changed since is told from one that was not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stamp {
    inode: u64,
    size: u64,
    /// Modified, and changed in any way, which nobody can set back.
    times: [i64; 4],
}

/// A file that may be given out: what is read from it is what was verified, whatever becomes of its name.
#[derive(Debug)]
pub(super) struct Opened {
    pub(super) file: std::fs::File,
    pub(super) size: u64,
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
    /// Below a directory that is ours alone; `room` in bytes.
    ///
    /// # Errors
    /// When it cannot be made, or swept.
    pub fn open(dir: &Path, room: u64) -> io::Result<Self> {
        std::fs::create_dir_all(dir)?;
        for entry in std::fs::read_dir(dir)? {
            let path = entry?.path();
            if path.extension().is_some_and(|extension| extension == &UNFINISHED[1..]) {
                std::fs::remove_file(path)?;
            }
        }
        let cache = Cache::builder()
            .max_capacity(room / UNIT)
            .weigher(|_, kept: &Arc<Kept>| u32::try_from(kept.stamp.size / UNIT + 1).unwrap_or(u32::MAX))
            .eviction_listener(|_, kept, cause| forget(&kept, cause));
        Ok(Self { dir: dir.to_owned(), kept: cache.build(), fetched: AtomicU64::new(0) })
    }

    /// The file of this digest; where it is not there, `fetch` writes it to the path that it is given. However many ask at
    /// once, it is fetched once.
    ///
    /// # Errors
    /// See [`FileError`]. What is wrong is kept nowhere.
    pub(super) async fn get<F>(&self, sha256: &str, fetch: impl Fn(PathBuf) -> F) -> Result<Opened, Arc<FileError>>
    where
        F: Future<Output = Result<u64, FetchError>>,
    {
        for _ in 0..2 {
            let kept = self.kept.try_get_with_by_ref(sha256, self.verified(sha256, &fetch)).await?;
            match kept.open() {
                Ok(Some(opened)) => return Ok(opened),
                // Somebody changed it, or took it away.
                Ok(None) | Err(_) => self.kept.invalidate(sha256).await,
            }
        }
        Err(Arc::new(FileError::Wrong))
    }

    async fn verified<F>(&self, sha256: &str, fetch: impl Fn(PathBuf) -> F) -> Result<Arc<Kept>, FileError>
    where
        F: Future<Output = Result<u64, FetchError>>,
    {
        let path = self.dir.join(sha256);
        // One from before the start, or that was changed, is looked at again.
        if let Some(kept) = checked(path.clone(), sha256.to_owned()).await? {
            return Ok(Arc::new(kept));
        }
        let number = self.fetched.fetch_add(1, Ordering::Relaxed);
        let unfinished = self.dir.join(format!("{sha256}.{number}{UNFINISHED}"));
        fetch(unfinished.clone()).await?;
        let whole = checked(unfinished.clone(), sha256.to_owned()).await?;
        if whole.is_none() {
            tokio::fs::remove_file(&unfinished).await?;
            return Err(FileError::Wrong);
        }
        tokio::fs::rename(&unfinished, &path).await?;
        // The rename is a change too.
        let stamp = Stamp::of(&tokio::fs::metadata(&path).await?);
        Ok(Arc::new(Kept { path, stamp }))
    }
}

/// The file, where its content is of this digest.
async fn checked(path: PathBuf, sha256: String) -> io::Result<Option<Kept>> {
    let looked = tokio::task::spawn_blocking(move || check(path, &sha256)).await;
    looked.unwrap_or_else(|ended| Err(io::Error::other(ended)))
}

fn check(path: PathBuf, sha256: &str) -> io::Result<Option<Kept>> {
    let mut file = match std::fs::File::open(&path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let stamp = Stamp::of(&file.metadata()?);
    let (mut hasher, mut block) = (Sha256::new(), vec![0; 1 << 18]);
    loop {
        let read = file.read(&mut block)?;
        if read == 0 {
            break;
        }
        hasher.update(&block[..read]);
    }
    let is_it = hex(&hasher.finalize()) == sha256 && Stamp::of(&file.metadata()?) == stamp;
    Ok(is_it.then_some(Kept { path, stamp }))
}

impl Kept {
    /// `None` where it is another file than the one that was verified.
    fn open(&self) -> io::Result<Option<Opened>> {
        let file = std::fs::File::open(&self.path)?;
        let is_it = Stamp::of(&file.metadata()?) == self.stamp;
        Ok(is_it.then_some(Opened { file, size: self.stamp.size }))
    }
}

impl Stamp {
    fn of(of: &std::fs::Metadata) -> Self {
        Self { inode: of.ino(), size: of.len(), times: [of.mtime(), of.mtime_nsec(), of.ctime(), of.ctime_nsec()] }
    }
}

/// What has no room any more leaves the disk, too. Whoever reads it has it open.
fn forget(kept: &Kept, cause: RemovalCause) {
    if cause == RemovalCause::Size
        && let Err(error) = std::fs::remove_file(&kept.path)
    {
        tracing::warn!(file = %kept.path.display(), %error, "a file that has no room any more cannot be removed");
    }
}
