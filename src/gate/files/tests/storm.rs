//! Whatever an index sends, becomes of the disk, and ends the gate: what is given out is all of what its digest names, and what went wrong is kept nowhere.

use futures_util::future::join_all;
use proptest::prelude::*;

use super::damage::{Damage, damage};
use super::*;

/// Room for some of them, and not for the last.
const ROOM: u64 = 300 << 10;
const SIZES: [usize; 4] = [0, 70_000, 70_000, 400_000];

/// What comes of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sent {
    Whole,
    Others,
    /// Half of it, as if that were all.
    Short,
    Long,
    /// Half of it; then the connection is gone.
    Broken,
}

#[derive(Clone, Copy, Debug)]
enum Act {
    /// So many ask at once.
    Ask {
        file: usize,
        sent: Sent,
        is_full: bool,
        at_once: usize,
    },
    Damage(usize, Damage),
    /// With half a file on its way.
    Kill(usize),
}

fn act() -> impl Strategy<Value = Act> {
    let file = || 0..SIZES.len();
    let sent = prop_oneof![
        3 => Just(Sent::Whole),
        2 => prop::sample::select(vec![Sent::Others, Sent::Short, Sent::Long, Sent::Broken]),
    ];
    let asked = (file(), sent, prop::bool::weighted(0.2), 1_usize..5);
    prop_oneof![
        5 => asked.prop_map(|(file, sent, is_full, at_once)| Act::Ask { file, sent, is_full, at_once }),
        3 => (file(), damage()).prop_map(|(file, damage)| Act::Damage(file, damage)),
        1 => file().prop_map(Act::Kill),
    ]
}

fn bytes(file: usize) -> Vec<u8> {
    (0..SIZES[file]).map(|at| (at % 251) as u8 ^ file as u8).collect()
}

fn digest_of(file: usize) -> String {
    hex(&Sha256::digest(bytes(file)))
}

/// One that sends so.
struct Source {
    bytes: Vec<u8>,
    sent: Sent,
    /// The disk takes half of it.
    is_full: bool,
}

impl Source {
    fn sends(&self) -> Result<Vec<u8>, FetchError> {
        let mut bytes = self.bytes.clone();
        match self.sent {
            Sent::Whole => {}
            Sent::Others => bytes.iter_mut().for_each(|byte| *byte ^= 1),
            Sent::Short => bytes.truncate(bytes.len() / 2),
            Sent::Long => bytes.extend(b"more"),
            Sent::Broken => return Err(FetchError::TimedOut),
        }
        Ok(bytes)
    }

    /// Is it what it ought to be?
    fn is_good(&self) -> bool {
        self.sends().is_ok_and(|sent| sent == self.bytes)
    }
}

impl Supply for Source {
    async fn to_disk(&self, path: &Path) -> Result<u64, FetchError> {
        std::fs::write(path, &self.bytes[..self.bytes.len() / 2]).map_err(FetchError::Spool)?;
        tokio::task::yield_now().await;
        let sent = match self.is_full {
            true => Err(FetchError::Spool(io::ErrorKind::StorageFull.into())),
            false => self.sends(),
        };
        match sent {
            Ok(sent) => std::fs::write(path, &sent).map(|()| sent.len() as u64).map_err(FetchError::Spool),
            Err(why) => std::fs::remove_file(path).map_err(FetchError::Spool).and(Err(why)),
        }
    }

    async fn to_memory(&self, _: u64) -> Result<Vec<u8>, FetchError> {
        tokio::task::yield_now().await;
        self.sends()
    }
}

/// The cache, and where it is.
struct Court {
    dir: tempfile::TempDir,
    cache: FileCache,
}

impl Court {
    async fn new() -> Self {
        let dir = tempfile::tempdir().expect("a directory");
        let cache = FileCache::open(&dir.path().join("cache"), ROOM).await.expect("opens");
        Self { dir, cache }
    }

    fn place(&self, file: usize) -> PathBuf {
        self.dir.path().join("cache").join(digest_of(file))
    }

    async fn happens(&mut self, act: Act) {
        match act {
            Act::Ask { file, sent, is_full, at_once } => {
                let source = Source { bytes: bytes(file), sent, is_full };
                self.gives(file, &source, at_once).await;
            }
            Act::Damage(file, damage) => damage.done(&self.place(file), &self.place((file + 1) % SIZES.len())),
            Act::Kill(file) => {
                let half = &bytes(file)[..SIZES[file] / 2];
                std::fs::write(self.place(file).with_extension("7.part"), half).expect("written");
                self.cache = FileCache::open(&self.dir.path().join("cache"), ROOM).await.expect("opens");
            }
        }
        self.cache.kept.run_pending_tasks().await;
        let left = names(&self.dir.path().join("cache"));
        assert!(left.iter().all(|name| name.len() == 64), "half a file is left: {left:?}");
    }

    async fn gives(&self, file: usize, source: &Source, at_once: usize) {
        let sha256 = digest_of(file);
        for opened in join_all((0..at_once).map(|_| self.cache.get(&sha256, source))).await {
            match opened {
                Ok(opened) => assert!(read(opened) == bytes(file), "other bytes than the digest names"),
                Err(why) => assert!(!source.is_good(), "what can be had is given: {why}"),
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn whatever_comes_and_breaks_what_is_given_out_is_the_file(acts in prop::collection::vec(act(), 1..16)) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        runtime.block_on(async {
            let mut court = Court::new().await;
            for act in acts {
                court.happens(act).await;
            }
            for file in 0..SIZES.len() {
                let source = Source { bytes: bytes(file), sent: Sent::Whole, is_full: false };
                court.gives(file, &source, 2).await;
            }
        });
    }
}
