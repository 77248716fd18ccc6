//! Parts of files: what is asked for is what comes, and of what is held not a byte does.

use axum::http::header::{IF_RANGE, RANGE};
use axum::http::{HeaderMap, HeaderValue};
use proptest::prelude::*;
use reqwest::StatusCode;

use super::world::{HELD, World};
use crate::gate::serve::range::range;

fn tag() -> HeaderValue {
    HeaderValue::from_static("\"0123\"")
}

/// One range (RFC 9110, section 14.1.2).
#[derive(Clone, Copy, Debug)]
enum Part {
    From(u64),
    Between(u64, u64),
    Last(u64),
}

impl Part {
    fn text(self) -> String {
        match self {
            Self::From(first) => format!("{first}-"),
            Self::Between(first, last) => format!("{first}-{last}"),
            Self::Last(number) => format!("-{number}"),
        }
    }

    /// Where it begins and how long it is; `None`: nothing of it is there.
    fn of(self, size: u64) -> Option<(u64, u64)> {
        let (first, last) = match self {
            Self::From(first) => (first, size - 1),
            Self::Between(first, last) => (first, last.min(size - 1)),
            Self::Last(number) => (size.saturating_sub(number), size - 1),
        };
        let is_some = first < size && first <= last && !matches!(self, Self::Last(0));
        is_some.then(|| (first, last - first + 1))
    }
}

fn part() -> impl Strategy<Value = Part> {
    let place = || prop_oneof![8 => 0_u64..40, 1 => Just(u64::MAX)];
    prop_oneof![
        place().prop_map(Part::From),
        (place(), place()).prop_map(|(one, other)| Part::Between(one.min(other), one.max(other))),
        place().prop_map(Part::Last),
    ]
}

fn asked(text: &str, of: Option<&'static str>) -> HeaderMap {
    let ranges = HeaderValue::from_bytes(text.as_bytes()).ok().map(|value| (RANGE, value));
    ranges.into_iter().chain(of.map(|of| (IF_RANGE, HeaderValue::from_static(of)))).collect()
}

proptest! {
    #[test]
    fn a_part_is_what_is_asked_for_as_far_as_it_is_there(part in part(), size in 1_u64..40) {
        let found = range(&asked(&format!("bytes={}", part.text()), None), &tag(), size);
        prop_assert_eq!(found, part.of(size).map(Some).ok_or(()), "{:?} of {}", part, size);
    }

    /// All of it is an answer to whatever cannot be told, and nothing lies behind the end.
    #[test]
    fn whatever_is_asked_for_lies_within_the_file(
        parts in prop::collection::vec(part(), 2..4), size in 0_u64..40,
        odd in prop::option::weighted(0.5, "(bytes|BYTES|items)?[=:]?[-0-9, x+]{0,12}"),
    ) {
        let text = odd.unwrap_or_else(|| {
            let parts: Vec<String> = parts.iter().map(|part| part.text()).collect();
            format!("bytes={}", parts.join(", "))
        });
        if let Ok(Some((from, length))) = range(&asked(&text, None), &tag(), size) {
            prop_assert!(length > 0 && from < size && length <= size - from, "{text}: {from} {length} of {size}");
        }
    }
}

#[test]
fn a_part_of_what_is_another_file_by_now_is_all_of_it() {
    let of = |known: Option<&'static str>| range(&asked("bytes=2-3", known), &tag(), 9);
    assert_eq!((of(None), of(Some("\"0123\""))), (Ok(Some((2, 2))), Ok(Some((2, 2)))));
    for other in ["\"9\"", "W/\"0123\"", "Fri, 27 Nov 2026 12:00:00 GMT", "*", ""] {
        assert_eq!(of(Some(other)), Ok(None), "{other}: only what is known to be the same goes on");
    }
}

/// As clients ask that go on where they were cut off.
#[test]
fn of_a_file_parts_come_and_of_one_that_is_held_none() {
    World::run(async |world| {
        let (path, name) = ("/files/widgets/widgets-1-py3-none-any.whl", "widgets-1-py3-none-any.whl");
        let size = name.len();
        for (asked, status, from, to) in [
            ("bytes=0-0", 206, 0, 1),
            ("bytes=5-", 206, 5, size),
            ("bytes=-3", 206, size - 3, size),
            ("bytes=-9999", 206, 0, size),
            ("bytes=2-9999", 206, 2, size),
            ("bytes=0-1, 5-6", 200, 0, size),
            ("bytes=3-1", 200, 0, size),
            ("items=0-1", 200, 0, size),
        ] {
            let answer = world.ask("GET", path, &[("range", asked)]).await;
            assert_eq!((answer.status.as_u16(), &*answer.body), (status, &name.as_bytes()[from..to]), "{asked}");
            let place = (status == 206).then(|| format!("bytes {from}-{}/{size}", to - 1));
            let said = answer.headers.get("content-range").and_then(|said| said.to_str().ok());
            assert_eq!(said, place.as_deref(), "{asked}");
        }
        for behind in [format!("bytes={size}-"), "bytes=-0".to_owned()] {
            let answer = world.ask("GET", path, &[("range", &behind)]).await;
            assert_eq!(answer.status, StatusCode::RANGE_NOT_SATISFIABLE, "{behind}");
            assert_eq!(answer.headers["content-range"], *format!("bytes */{size}"));
            let held = world.ask("GET", HELD, &[("range", &behind)]).await;
            assert_eq!(held.status, StatusCode::UNAVAILABLE_FOR_LEGAL_REASONS, "nobody learns how long it is");
        }
        let metadata = format!("{path}.metadata");
        assert_eq!(world.ask("GET", &metadata, &[("range", "bytes=1-2")]).await.body, b"or");
        assert_eq!(world.ask("GET", &format!("{HELD}.metadata"), &[("range", "bytes=1-2")]).await.status.as_u16(), 451);
    });
}
