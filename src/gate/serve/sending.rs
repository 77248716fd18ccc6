//! The bytes of a file on their way out: all of them, or one range.

use std::convert::Infallible;
use std::fs::File;
use std::io::{self, IoSliceMut, Seek as _, SeekFrom};
use std::os::unix::fs::FileExt as _;
use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::http::header::{ACCEPT_RANGES, CACHE_CONTROL, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, ETAG};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::response::Response;
use futures_util::stream;
use rustix::io::ReadWriteFlags;
use tokio::io::AsyncReadExt as _;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::io::ReaderStream;

use super::answer::ASK_AGAIN;
use super::range::{content_range, range, unsatisfiable};
use crate::gate::files::{Content, Opened};

/// What is no larger is read when it is asked for: most wheels are, and to have somebody wait for each part of one costs more than its bytes.
pub(super) const SMALL: u64 = 512 << 10;
/// Of all that were read and have not gone out; more is read part by part, however slowly it is taken.
pub(super) const ROOM: usize = 8 << 20;
/// What a connection has in memory of a request's head, and takes of an answer before it sends: so much of a file goes out last, by itself.
pub(in crate::gate) const BUFFER: usize = 16 << 10;
/// What is read at a time of all others.
const PART: usize = 64 << 10;

/// What small files have in memory, over all connections.
#[derive(Debug)]
pub(super) struct Small(Arc<Semaphore>);

impl Default for Small {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(ROOM)))
    }
}

/// Bytes that have their room until they have gone out.
struct Held {
    bytes: Vec<u8>,
    _room: OwnedSemaphorePermit,
}

impl AsRef<[u8]> for Held {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

/// All of it, or one range (RFC 9110, section 14): several at once are answered with all, as a server may.
///
/// # Errors
/// The disk's, before anything has gone out.
pub(super) async fn sent(
    small: &Small,
    opened: Opened,
    (method, asked): (&Method, &HeaderMap),
    etag: HeaderValue,
) -> io::Result<Response> {
    let Opened { content, size } = opened;
    let range = match range(asked, &etag, size) {
        Ok(range) => range,
        Err(()) => return Ok(unsatisfiable(size)),
    };
    let (from, length) = range.unwrap_or((0, size));
    // Nobody takes what HEAD is answered with.
    let is_head = *method == Method::HEAD;
    let body = if is_head { streamed(content, from, length) } else { small.part(content, from, length).await };
    let mut response = Response::new(body?);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"));
    headers.insert(ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    headers.insert(CACHE_CONTROL, ASK_AGAIN);
    headers.insert(CONTENT_LENGTH, HeaderValue::from(length));
    headers.insert(ETAG, etag);
    if range.is_some() {
        headers.insert(CONTENT_RANGE, content_range(&format!("{from}-{}/{size}", from + length - 1)));
        *response.status_mut() = StatusCode::PARTIAL_CONTENT;
    }
    Ok(response)
}

impl Small {
    pub(super) async fn part(&self, content: Content, from: u64, length: u64) -> io::Result<Body> {
        match (content, self.room_for(length)) {
            (Content::Disk(file), Some(room)) => read(file, (from, length), room).await,
            (content, _) => streamed(content, from, length),
        }
    }

    /// What is left of it.
    #[cfg(test)]
    pub(super) fn room(&self) -> usize {
        self.0.available_permits()
    }

    /// For as many bytes; `None`: they are too many, or others have it.
    fn room_for(&self, length: u64) -> Option<OwnedSemaphorePermit> {
        let length = u32::try_from(length).ok().filter(|length| u64::from(*length) <= SMALL)?;
        Arc::clone(&self.0).try_acquire_many_owned(length).ok()
    }
}

/// As it is taken.
fn streamed(content: Content, from: u64, length: u64) -> io::Result<Body> {
    match content {
        Content::Disk(mut file) => {
            file.seek(SeekFrom::Start(from))?;
            let part = tokio::fs::File::from_std(file).take(length);
            Ok(Body::from_stream(ReaderStream::with_capacity(part, PART)))
        }
        Content::Memory(whole) => {
            // A range lies within the size, which fits into memory.
            let at = |place: u64| usize::try_from(place).unwrap_or(whole.len()).min(whole.len());
            Ok(Body::from(whole.slice(at(from)..at(from + length))))
        }
    }
}

/// In one go. What the system has in memory costs a copy; for all else somebody else waits, who answers nobody, and has the room until
/// the disk has answered, whoever has gone.
async fn read(file: File, (from, length): (u64, u64), room: OwnedSemaphorePermit) -> io::Result<Body> {
    let mut held = Held { bytes: vec![0; usize::try_from(length).unwrap_or_default()], _room: room };
    if !is_in_memory(&file, from, &mut held.bytes) {
        // What has become shorter since it was looked at would be half a file, which is an error here.
        let read = move || file.read_exact_at(&mut held.bytes, from).map(|()| held);
        held = tokio::task::spawn_blocking(read).await.map_err(io::Error::other)??;
    }
    Ok(in_two(Bytes::from_owner(held)))
}

/// The end of it by itself: a connection takes it when it has sent what comes before, and only then was all of it taken.
fn in_two(mut bytes: Bytes) -> Body {
    if bytes.len() < 2 * BUFFER {
        return Body::from(bytes);
    }
    let last = bytes.split_off(bytes.len() - BUFFER);
    Body::from_stream(stream::iter([Ok::<_, Infallible>(bytes), Ok(last)]))
}

/// Reads all of it, if the system can without the disk (`RWF_NOWAIT` of preadv2(2)); some file systems never say so.
fn is_in_memory(file: &File, from: u64, bytes: &mut [u8]) -> bool {
    let read = rustix::io::preadv2(file, &mut [IoSliceMut::new(bytes)], from, ReadWriteFlags::NOWAIT);
    read.is_ok_and(|read| read == bytes.len())
}
