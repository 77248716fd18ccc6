//! Bodies as they arrive: in whatever pieces, too long, or broken off. What is not whole is never taken for the whole.

use std::cell::Cell;
use std::sync::LazyLock;

use futures_util::stream;
use hyper::Response as Answer;
use proptest::prelude::*;
use reqwest::{Body, Response};

use crate::upstream::body::{admitted, beginning, spooled, whole};
use crate::upstream::{FetchError, Retry, sorted};

static RUNTIME: LazyLock<tokio::runtime::Runtime> =
    LazyLock::new(|| tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime"));

/// What a server sends.
#[derive(Clone, Debug)]
struct Sent {
    pieces: Vec<Vec<u8>>,
    /// The connection ends before the last of it.
    breaks: bool,
    /// It says at once how long it is; then it comes as a whole.
    announced: bool,
}

impl Sent {
    fn response(&self) -> Response {
        if self.announced {
            return Answer::new(Body::from(self.bytes())).into();
        }
        let broken = self.breaks.then(|| Err(std::io::Error::other("reset")));
        Answer::new(Body::wrap_stream(stream::iter(self.pieces.clone().into_iter().map(Ok).chain(broken)))).into()
    }

    fn bytes(&self) -> Vec<u8> {
        self.pieces.concat()
    }

    /// Does it go beyond so many bytes before it breaks off?
    fn exceeds(&self, limit: u64) -> bool {
        self.bytes().len() as u64 > limit
    }

    fn is_broken(&self) -> bool {
        self.breaks && !self.announced
    }
}

fn sent() -> impl Strategy<Value = Sent> {
    let pieces = prop::collection::vec(prop::collection::vec(any::<u8>(), 1..40), 0..7);
    (pieces, any::<bool>(), any::<bool>()).prop_map(|(pieces, breaks, announced)| Sent { pieces, breaks, announced })
}

/// What becomes of it: its bytes, too much of it, or the end of the connection.
fn is_as_sent(sent: &Sent, limit: u64, got: &Result<Vec<u8>, FetchError>) -> bool {
    match got {
        Ok(bytes) => !sent.exceeds(limit) && !sent.is_broken() && *bytes == sent.bytes(),
        Err(FetchError::TooLarge { limit: told }) => sent.exceeds(limit) && *told == limit,
        Err(FetchError::Broken(_)) => !sent.exceeds(limit) && sent.is_broken(),
        Err(_) => false,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]
    #[test]
    fn a_body_is_whole_or_an_error(sent in sent(), limit in 0..200_u64) {
        let got = RUNTIME.block_on(whole(sent.response(), limit));
        prop_assert!(is_as_sent(&sent, limit, &got), "{got:?}");
    }

    #[test]
    fn what_is_large_is_let_in_once_and_only_where_it_may_come(sent in sent(), small in 0..120_u64, limit in 0..200_u64, full in any::<bool>()) {
        let asked = Cell::new(0);
        let more = async || {
            asked.set(asked.get() + 1);
            if full { Err(FetchError::Crowded) } else { Ok(()) }
        };
        let got = RUNTIME.block_on(admitted(sent.response(), (small, limit), more));
        let lengths = sent.pieces.iter().scan(0, |length, piece| {
            *length += piece.len() as u64;
            Some(*length)
        });
        let all = [sent.bytes().len() as u64];
        let lengths: Vec<u64> = if sent.announced { all.into_iter().filter(|length| *length <= limit).collect() } else { lengths.collect() };
        let asks = lengths.into_iter().take_while(|length| *length <= limit).any(|length| length > small);
        prop_assert_eq!(asked.get(), usize::from(asks));
        match got {
            Err(FetchError::Crowded) => prop_assert!(asks && full),
            got => prop_assert!(!(asks && full) && is_as_sent(&sent, limit, &got), "{got:?}"),
        }
    }

    #[test]
    fn of_the_beginning_as_much_is_taken_as_there_is_room(sent in sent(), limit in 0..200_usize) {
        let got = RUNTIME.block_on(beginning(sent.response(), limit));
        let bytes = sent.bytes();
        prop_assert_eq!(&got[..], &bytes[..bytes.len().min(limit)]);
    }

    /// It may have filled the disk.
    #[test]
    fn what_is_not_whole_leaves_no_file(sent in sent(), limit in 0..200_u64) {
        let dir = tempfile::tempdir().expect("a directory");
        let path = dir.path().join("spool");
        std::fs::write(&path, "of yesterday").expect("written");
        // What is too long by its own word is not begun.
        let refused = sent.announced && sent.exceeds(limit);
        let got = RUNTIME.block_on(spooled(sent.response(), limit, &path));
        let kept = std::fs::read(&path);
        match got {
            Ok(bytes) => {
                prop_assert_eq!(bytes, sent.bytes().len() as u64);
                prop_assert!(is_as_sent(&sent, limit, &kept.map_err(FetchError::Spool)));
            }
            Err(error) => {
                prop_assert!(is_as_sent(&sent, limit, &Err(error)));
                prop_assert_eq!(kept.ok(), refused.then(|| b"of yesterday".to_vec()));
            }
        }
    }
}

#[test]
fn a_status_says_whether_to_ask_again() {
    use std::time::Duration;
    let said = |status: u16, asked: Option<u64>| {
        let answer = Answer::builder().status(status).body(Body::from("")).expect("an answer");
        sorted(answer.into(), asked.map(Duration::from_secs)).map(|answer| answer.status().as_u16())
    };
    for good in [200, 304] {
        assert_eq!(said(good, None).ok(), Some(good));
    }
    for (status, asked, retry, word) in [
        (404, None, Retry::Never, "not found"),
        (410, Some(9), Retry::Never, "gone for good"),
        (403, None, Retry::Never, "HTTP 403"),
        (204, None, Retry::Never, "HTTP 204"),
        (301, None, Retry::Never, "redirects to another address"),
        (429, None, Retry::After(Duration::from_secs(60)), "wait 60 s"),
        (429, Some(7), Retry::After(Duration::from_secs(7)), "wait 7 s"),
        (500, None, Retry::Backoff, "HTTP 500"),
        (503, Some(7), Retry::Backoff, "HTTP 503"),
    ] {
        let error = said(status, asked).expect_err("no answer");
        assert!(error.retry() == retry && error.to_string().contains(word), "{status}: {error}");
    }
    let others = [
        FetchError::TooLarge { limit: 5_000_000 },
        FetchError::TimedOut,
        FetchError::Garbled("no JSON".to_owned()),
        FetchError::Spool(std::io::Error::other("disk full")),
        FetchError::Crowded,
    ];
    assert!(others.iter().all(|error| error.retry() == Retry::Backoff), "the next may be another");
}
