//! Bytes on their way out, small and large, and what they take meanwhile.

use std::io::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::body::{Body, HttpBody as _, to_bytes};
use axum::response::Response;
use futures_util::future::poll_fn;
use std::pin::Pin;

use crate::gate::files::Content;
use crate::gate::serve::progress;
use crate::gate::serve::sending::{BUFFER, ROOM, SMALL, Small};

/// Bytes that are not alike.
fn bytes(many: usize) -> Vec<u8> {
    (0..many).map(|at| (at % 251) as u8).collect()
}

fn disk(bytes: &[u8]) -> Content {
    let mut file = tempfile::tempfile().expect("a file");
    file.write_all(bytes).expect("written");
    Content::Disk(file)
}

async fn taken(body: Body) -> Vec<u8> {
    to_bytes(body, usize::MAX).await.expect("all of it").to_vec()
}

/// The next part of it, as a connection takes it.
async fn next(body: &mut Body) -> Option<usize> {
    let frame = poll_fn(|cx| Pin::new(&mut *body).poll_frame(cx)).await?;
    Some(frame.expect("read").data_ref().expect("bytes").len())
}

#[tokio::test]
async fn every_part_is_what_was_asked_for_however_large_it_is() {
    let (small, whole) = (Small::default(), bytes(SMALL as usize + 1));
    let last = BUFFER as u64;
    for (from, length) in [
        (0, 0),
        (0, 1),
        (7, last),
        (7, 2 * last - 1),
        (7, 2 * last),
        (0, SMALL),
        (0, SMALL + 1),
        (SMALL, 1),
        (1, SMALL),
    ] {
        for content in [disk(&whole), Content::Memory(whole.clone().into())] {
            let body = small.part(content, from, length).await.expect("read");
            let expected = &whole[from as usize..(from + length) as usize];
            assert!(taken(body).await == expected, "{length} from {from}");
        }
    }
    assert_eq!(small.room(), ROOM, "all has gone out");
}

#[tokio::test]
async fn what_is_read_has_its_room_until_it_has_gone_out_and_no_more_is_read_than_has_room() {
    let (small, whole, length) = (Small::default(), bytes(SMALL as usize), SMALL);
    let mut waiting = Vec::new();
    for _ in 0..ROOM / SMALL as usize {
        waiting.push(small.part(disk(&whole), 0, length).await.expect("read"));
    }
    assert_eq!(small.room(), 0);
    let more = small.part(disk(&whole), 0, length).await.expect("it comes from the disk as it is taken");
    assert!(taken(more).await == whole);
    let mut going = waiting.pop().expect("the last");
    assert_eq!(next(&mut going).await, Some(SMALL as usize - BUFFER));
    assert_eq!(small.room(), 0, "a part of it is there");
    assert_eq!(next(&mut going).await, Some(BUFFER));
    assert_eq!(next(&mut going).await, None);
    drop(going);
    assert_eq!(small.room(), SMALL as usize);
    drop(waiting);
    assert_eq!(small.room(), ROOM, "whoever goes away gives it back, too");
}

#[tokio::test]
async fn what_is_larger_is_never_read_at_once() {
    let (small, whole) = (Small::default(), bytes(SMALL as usize + 1));
    let _large = small.part(disk(&whole), 0, SMALL + 1).await.expect("there");
    assert_eq!(small.room(), ROOM);
}

/// Half a file is an answer to nothing.
#[tokio::test]
async fn what_has_become_shorter_is_an_error_before_anything_has_gone_out() {
    let (small, whole) = (Small::default(), bytes(100));
    assert!(small.part(disk(&whole), 0, 101).await.is_err());
    assert!(small.part(disk(&whole), 90, 11).await.is_err());
    assert_eq!(small.room(), ROOM, "what failed holds none");
}

/// A connection takes what is next when it has sent nearly all of what was before: whoever goes away then has not received a file.
#[tokio::test]
async fn a_file_is_taken_when_its_end_is() {
    let (small, length) = (Small::default(), 100_000);
    let is_done = Arc::new(AtomicBool::new(false));
    let body = small.part(disk(&bytes(length)), 0, length as u64).await.expect("read");
    let done = Arc::clone(&is_done);
    let response = progress::whole(Response::new(body), length as u64, move || done.store(true, Ordering::SeqCst));
    let mut body = response.into_body();
    assert_eq!(next(&mut body).await, Some(length - BUFFER));
    assert!(!is_done.load(Ordering::SeqCst));
    assert_eq!(next(&mut body).await, Some(BUFFER));
    assert!(is_done.load(Ordering::SeqCst));
}
