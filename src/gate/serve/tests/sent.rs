//! Files of an index that sends what it likes, on a disk that somebody alters: whoever asks gets all of what the digest names, or none of it.

use std::convert::Infallible;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use axum::body::{Body, Bytes};
use axum::response::{IntoResponse as _, Response};
use futures_util::future::join_all;
use futures_util::stream;
use proptest::prelude::*;
use reqwest::StatusCode;
use reqwest::header::{CONTENT_LENGTH, LOCATION};

use super::world::{Answer, HELD, World, sha256};
use crate::gate::files::tests::damage::{Damage, damage};

/// How the bytes of a file come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Sent {
    #[default]
    Whole,
    /// Others, as many.
    Others,
    /// Half of them, as if that were all.
    Short,
    Long,
    /// Without an end.
    Endless,
    /// Half of them; then the connection is gone.
    Broken,
    Failing,
    /// From where they are asked for, for ever.
    Round,
}

const BAD: [Sent; 7] = [Sent::Others, Sent::Short, Sent::Long, Sent::Endless, Sent::Broken, Sent::Failing, Sent::Round];

impl Sent {
    /// The answer to who asks for these. `path`: as they asked.
    pub(super) fn answer(self, whole: &[u8], path: &str) -> Response {
        let half = &whole[..whole.len() / 2];
        match self {
            Self::Whole => whole.to_vec().into_response(),
            Self::Others => whole.iter().map(|byte| byte ^ 1).collect::<Vec<u8>>().into_response(),
            Self::Short => half.to_vec().into_response(),
            Self::Long => [whole, half].concat().into_response(),
            Self::Endless => {
                let more = stream::repeat_with(|| Ok::<_, Infallible>(Bytes::from_static(&[b' '; 1 << 14])));
                Body::from_stream(more).into_response()
            }
            Self::Broken => {
                let half = Ok(Bytes::copy_from_slice(half));
                let parts = stream::iter([half, Err(std::io::Error::other("reset"))]);
                ([(CONTENT_LENGTH, whole.len())], Body::from_stream(parts)).into_response()
            }
            Self::Failing => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
            Self::Round => (StatusCode::FOUND, [(LOCATION, path.to_owned())]).into_response(),
        }
    }
}

/// Of which file, by its version; the third is held.
const VERSIONS: [usize; 2] = [1, 2];
const SIZE: usize = 150_000;

#[derive(Clone, Copy, Debug)]
enum Turn {
    Sends(Sent),
    Damage(usize, Damage),
    /// So many ask at once, each in another way, and as many leave before they have anything.
    Ask(usize, usize),
}

fn turn() -> impl Strategy<Value = Turn> {
    let version = || prop::sample::select(VERSIONS.to_vec());
    prop_oneof![
        1 => Just(Turn::Sends(Sent::Whole)),
        2 => prop::sample::select(BAD.to_vec()).prop_map(Turn::Sends),
        2 => (version(), damage()).prop_map(|(version, damage)| Turn::Damage(version, damage)),
        5 => (version(), 1_usize..5).prop_map(|(version, times)| Turn::Ask(version, times)),
    ]
}

fn filename(version: usize) -> String {
    format!("widgets-{version}-py3-none-any.whl")
}

fn path(version: usize) -> String {
    format!("/files/widgets/{}", filename(version))
}

fn bytes(version: usize) -> Vec<u8> {
    (0..SIZE).map(|at| (at % 251) as u8 ^ version as u8).collect()
}

impl World {
    fn cache(&self) -> PathBuf {
        self.dir.join("cache")
    }

    fn kept_at(&self, version: usize) -> PathBuf {
        self.cache().join(sha256(&bytes(version)))
    }

    async fn turns(&self, turn: Turn) {
        match turn {
            Turn::Sends(sent) => self.index().sent = sent,
            Turn::Damage(version, damage) => {
                damage.done(&self.kept_at(version), &self.kept_at(VERSIONS[version % VERSIONS.len()]));
            }
            Turn::Ask(version, times) => {
                let path = path(version);
                join_all((0..times).map(|_| self.leaves(&path))).await;
                join_all((0..times).map(|way| self.gives_all_or_none(version, way))).await;
            }
        }
    }

    async fn gives_all_or_none(&self, version: usize, way: usize) {
        let (whole, began) = (bytes(version), Instant::now());
        let (status, ought) = match way % 4 {
            0 => (StatusCode::OK, &whole[..]),
            1 => (StatusCode::PARTIAL_CONTENT, &whole[70_000..=79_999]),
            2 => (StatusCode::OK, &[][..]),
            _ => (StatusCode::OK, &b"words"[..]),
        };
        let mut answer = self.comes(version, way).await;
        // Whoever left may have had others fetched a moment ago.
        while answer.status != status && self.index().sent == Sent::Whole {
            assert!(began.elapsed() < Duration::from_secs(20), "{version} {way}: what can be had is given: {answer:?}");
            answer = self.comes(version, way).await;
        }
        let is_given = answer.status == status;
        assert!(is_given || answer.status == StatusCode::SERVICE_UNAVAILABLE, "{version} {way}: {answer:?}");
        assert!(!is_given || answer.body == ought, "{version} {way}: {} bytes, and others", answer.body.len());
        let held = self.ask("GET", HELD, &[]).await;
        assert_eq!(held.status, StatusCode::UNAVAILABLE_FOR_LEGAL_REASONS, "whatever comes");
    }

    /// All of it, a part, its head, or its metadata.
    async fn comes(&self, version: usize, way: usize) -> Answer {
        let path = path(version);
        match way % 4 {
            0 => self.ask("GET", &path, &[]).await,
            1 => self.ask("GET", &path, &[("range", "bytes=70000-79999")]).await,
            2 => self.ask("HEAD", &path, &[]).await,
            _ => self.ask("GET", &format!("{path}.metadata"), &[]).await,
        }
    }

    /// Until nothing is on its way: whoever left has it fetched to its end.
    async fn has_only_files(&self) {
        let began = Instant::now();
        let is_part = |entry: std::io::Result<std::fs::DirEntry>| {
            entry.expect("an entry").path().extension().is_some_and(|extension| extension == "part")
        };
        while std::fs::read_dir(self.cache()).expect("a cache").any(is_part) {
            assert!(began.elapsed() < Duration::from_secs(20), "half a file is left");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        // Two files, and the metadata of both, which is the same.
        assert!(std::fs::read_dir(self.cache()).expect("a cache").count() <= VERSIONS.len() + 1, "nothing grows");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn whatever_an_index_sends_and_a_disk_loses_all_of_a_file_goes_out_or_nothing(
        turns in prop::collection::vec(turn(), 2..12),
    ) {
        World::run(async |world| {
            for version in VERSIONS {
                world.index().bytes.insert(filename(version), bytes(version));
            }
            for turn in turns {
                world.turns(turn).await;
            }
            world.has_only_files().await;
            world.index().sent = Sent::Whole;
            for version in VERSIONS {
                for way in 0..4 {
                    world.gives_all_or_none(version, way).await;
                }
            }
        });
    }
}
