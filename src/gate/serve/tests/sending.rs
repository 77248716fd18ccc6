//! Bytes on their way out, small and large, and what they take meanwhile.

use std::io::Write as _;

use axum::body::{Body, to_bytes};

use crate::gate::files::Content;
use crate::gate::serve::sending::{ROOM, SMALL, Small};

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

/// A body that lies in memory says how long it is.
fn is_read(body: &Body) -> bool {
    axum::body::HttpBody::size_hint(body).exact().is_some()
}

#[tokio::test]
async fn every_part_is_what_was_asked_for_however_large_it_is() {
    let (small, whole) = (Small::default(), bytes(SMALL as usize + 1));
    for (from, length) in [(0, 0), (0, 1), (7, 100), (0, SMALL), (0, SMALL + 1), (SMALL, 1), (1, SMALL)] {
        for content in [disk(&whole), Content::Memory(whole.clone().into())] {
            let body = small.part(content, from, length).await.expect("read");
            let expected = &whole[from as usize..(from + length) as usize];
            assert!(taken(body).await == expected, "{length} from {from}");
        }
    }
}

#[tokio::test]
async fn what_is_read_has_its_room_until_it_has_gone_out_and_no_more_is_read_than_has_room() {
    let (small, whole, length) = (Small::default(), bytes(SMALL as usize), SMALL);
    let mut waiting = Vec::new();
    for _ in 0..ROOM / SMALL as usize {
        waiting.push(small.part(disk(&whole), 0, length).await.expect("read"));
    }
    assert!(waiting.iter().all(is_read));
    let more = small.part(disk(&whole), 0, 1).await.expect("read");
    assert!(!is_read(&more), "it comes from the disk as it is taken");
    assert_eq!(taken(more).await, whole[..1]);
    drop(waiting.pop());
    let next = small.part(disk(&whole), 0, length).await.expect("read");
    assert!(is_read(&next));
    assert!(taken(next).await == whole);
    assert!(is_read(&small.part(disk(&whole), 0, length).await.expect("read")), "it was taken");
}

#[tokio::test]
async fn what_is_larger_is_never_read_at_once() {
    let whole = bytes(SMALL as usize + 1);
    assert!(!is_read(&Small::default().part(disk(&whole), 0, SMALL + 1).await.expect("read")));
}

/// Half a file is an answer to nothing.
#[tokio::test]
async fn what_has_become_shorter_is_an_error_before_anything_has_gone_out() {
    let (small, whole) = (Small::default(), bytes(100));
    assert!(small.part(disk(&whole), 0, 101).await.is_err());
    assert!(small.part(disk(&whole), 90, 11).await.is_err());
    let free = small.part(disk(&bytes(SMALL as usize)), 0, SMALL).await.expect("read");
    assert!(is_read(&free), "what failed holds no room");
}
