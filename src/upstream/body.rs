//! Response bodies, counted while they arrive: into memory, or into a file.
//!
//! A body that ends before its length or its last chunk is an error of the transport, never a short success.

use std::path::Path;

use reqwest::Response;
use tokio::fs::{File, OpenOptions};
use tokio::io::{AsyncWriteExt as _, BufWriter};

use super::error::FetchError;

/// Room, in bytes, for what may grow to megabytes and lives shortly. Pages that are never written cost nothing.
///
/// When a block of up to 32 MiB is freed, glibc takes its size for the new bound between heap and mapped memory, and
/// from then on keeps twice that much freed memory per thread (mallopt(3), `M_MMAP_THRESHOLD`): a daemon would stay at
/// its peak for ever. A block beyond 32 MiB is always mapped, goes back at once, and teaches it nothing.
pub const ROOM: usize = 33 << 20;

/// The whole body, at most `limit` bytes after decompression.
pub async fn whole(mut response: Response, limit: u64) -> Result<Vec<u8>, FetchError> {
    let announced = response.content_length().unwrap_or(0);
    if announced > limit {
        return Err(FetchError::TooLarge { limit });
    }
    let mut body = Vec::with_capacity(usize::try_from(announced).unwrap_or(0).max(ROOM));
    while let Some(chunk) = response.chunk().await.map_err(FetchError::reading)? {
        if (body.len() + chunk.len()) as u64 > limit {
            return Err(FetchError::TooLarge { limit });
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// The same, where what is beyond `small` bytes has to be let in: `more` is waited for with what has come until then in the memory, and no more.
pub async fn admitted(
    mut response: Response,
    (small, limit): (u64, u64),
    more: impl AsyncFnOnce() -> Result<(), FetchError>,
) -> Result<Vec<u8>, FetchError> {
    let announced = response.content_length().unwrap_or(0);
    if announced > limit {
        return Err(FetchError::TooLarge { limit });
    }
    let (mut more, mut body) = (Some(more), Vec::with_capacity(usize::try_from(announced).unwrap_or(0).max(ROOM)));
    while let Some(chunk) = response.chunk().await.map_err(FetchError::reading)? {
        let length = (body.len() + chunk.len()) as u64;
        if length > limit {
            return Err(FetchError::TooLarge { limit });
        }
        if length > small
            && let Some(more) = more.take()
        {
            more().await?;
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// The beginning of a body nobody depends on; what is beyond `limit`, or breaks off, is left.
pub async fn beginning(mut response: Response, limit: usize) -> Vec<u8> {
    let mut body = Vec::new();
    while let Ok(Some(chunk)) = response.chunk().await {
        let room = limit - body.len();
        body.extend_from_slice(&chunk[..chunk.len().min(room)]);
        if chunk.len() >= room {
            break;
        }
    }
    body
}

/// Writes the whole body to `path`, replacing what was there. Gives the number of bytes. A body that is not whole leaves
/// nothing: it may have filled the disk.
pub async fn spooled(response: Response, limit: u64, path: &Path) -> Result<u64, FetchError> {
    if response.content_length().unwrap_or(0) > limit {
        return Err(FetchError::TooLarge { limit });
    }
    let unfinished = Unfinished(path);
    let mut own = OpenOptions::new();
    own.write(true).create(true).truncate(true).mode(0o600);
    let bytes = poured(response, limit, own.open(path).await.map_err(FetchError::Spool)?).await?;
    std::mem::forget(unfinished);
    Ok(bytes)
}

/// Removes the file when it is dropped, be it by an error or because nobody waits for the body any more.
struct Unfinished<'p>(&'p Path);

impl Drop for Unfinished<'_> {
    fn drop(&mut self) {
        // One that cannot be removed is overwritten by the next body, or swept away at the next start.
        let _ = std::fs::remove_file(self.0);
    }
}

/// Writes the whole body to a file that is open. Gives the number of bytes.
pub async fn poured(mut response: Response, limit: u64, file: File) -> Result<u64, FetchError> {
    let mut file = BufWriter::with_capacity(1 << 18, file);
    let mut bytes = 0;
    while let Some(chunk) = response.chunk().await.map_err(FetchError::reading)? {
        bytes += chunk.len() as u64;
        if bytes > limit {
            return Err(FetchError::TooLarge { limit });
        }
        file.write_all(&chunk).await.map_err(FetchError::Spool)?;
    }
    file.flush().await.map_err(FetchError::Spool)?;
    Ok(bytes)
}
