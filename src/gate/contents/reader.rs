//! Reads what is in files, one archive at a time, and keeps for a while what came of it.

use std::io::Read as _;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::{OptionFuture, join};
use moka::future::Cache;
use moka::policy::EvictionPolicy;
use tokio::sync::Semaphore;

use super::archive::Contents;
use super::compare::compare;
use super::difference::ContentsDifference;
use super::form::Unreadable;
use crate::gate::clock::GateClock;
use crate::gate::files::{Content, Opened};
use crate::model::unread::shown;

/// For each archive.
const PATIENCE: Duration = Duration::from_secs(10);
/// Pairs of files of which it is known what differs. One takes some 10 kB, and 100 kB at most.
const KEPT: u64 = 200;
/// For so long: what took too long to be read may have been read on a busy machine.
const KEPT_FOR: Duration = Duration::from_mins(10);
/// So many pairs at a time are fetched and read: each may take the memory of its larger file.
const AT_ONCE: usize = 2;
/// Files of which it is known that somebody asked for them.
const ASKED_FOR: u64 = 20_000;

/// A file that has to be read, and what brings its bytes.
pub(in crate::gate) struct ToRead<F> {
    pub(in crate::gate) filename: String,
    pub(in crate::gate) sha256: String,
    pub(in crate::gate) opened: F,
}

/// What came of a look into one file, beside another.
#[derive(Debug, Default)]
pub(in crate::gate) struct LookedInto {
    pub(in crate::gate) difference: Option<ContentsDifference>,
    /// The other could not be read: nothing was compared.
    pub(in crate::gate) old_unread: bool,
    /// A sentence each.
    pub(in crate::gate) unread: Vec<String>,
}

#[derive(Clone, Debug)]
pub(in crate::gate) struct ContentsReader {
    /// By the digests and the names of both, since a name says how a file is read; empty where there is nothing beside.
    kept: Cache<(String, String), Arc<LookedInto>>,
    turn: Arc<Semaphore>,
    /// By their digests, since the start.
    asked_for: Cache<String, ()>,
    clock: GateClock,
}

/// A file whose bytes have come, or why they have not.
type Come = (String, Result<Opened, String>);

impl ContentsReader {
    pub(in crate::gate) fn new(clock: GateClock) -> Self {
        // By last use: by frequency, whoever asks for enough others first keeps a file from being known.
        let asked_for = Cache::builder().max_capacity(ASKED_FOR).eviction_policy(EvictionPolicy::lru()).build();
        let kept = Cache::builder().max_capacity(KEPT).eviction_policy(EvictionPolicy::lru());
        let kept = kept.time_to_live(KEPT_FOR).build();
        Self { kept, turn: Arc::new(Semaphore::new(AT_ONCE)), asked_for, clock }
    }

    /// Somebody asked for a file that has a review.
    pub(in crate::gate) async fn note(&self, sha256: &str) {
        self.asked_for.insert(sha256.to_owned(), ()).await;
    }

    pub(in crate::gate) fn is_asked_for(&self, sha256: &str) -> bool {
        self.asked_for.contains_key(sha256)
    }

    /// What is new in a file beside another. However many ask at once, it is read once; what did not come is asked for again.
    pub(in crate::gate) async fn look<F>(
        &self,
        new: ToRead<F>,
        old: Option<ToRead<F>>,
        is_like: bool,
    ) -> Arc<LookedInto>
    where
        F: Future<Output = Result<Opened, String>>,
    {
        let key_of = |of: &ToRead<F>| format!("{} {}", of.sha256, of.filename);
        let key = (key_of(&new), old.as_ref().map(key_of).unwrap_or_default());
        let looked = async {
            // Before anything is fetched, or held in memory.
            let Ok(_turn) = self.turn.acquire().await else { return Err(LookedInto::default()) };
            let come = async |of: ToRead<F>| (of.filename, of.opened.await);
            let (new, old) = join(come(new), OptionFuture::from(old.map(come))).await;
            let is_whole = new.1.is_ok() && old.as_ref().is_none_or(|(_, opened)| opened.is_ok());
            let (filename, clock) = (new.0.clone(), self.clock.clone());
            let looked = apart(&filename, move || beside(new, old, is_like, &clock)).await?;
            if is_whole { Ok(Arc::new(looked)) } else { Err(looked) }
        };
        self.kept.try_get_with(key, looked).await.unwrap_or_else(|looked| looked)
    }
}

/// On a thread of its own. A fault of the reader is said, and the file is read again when it is asked for again.
async fn apart(filename: &str, read: impl FnOnce() -> LookedInto + Send + 'static) -> Result<LookedInto, LookedInto> {
    let unread = |_| LookedInto {
        unread: vec![format!("{} was not read: what reads it failed", shown(filename))],
        ..LookedInto::default()
    };
    tokio::task::spawn_blocking(read).await.map_err(unread)
}

fn beside(new: Come, old: Option<Come>, is_like: bool, clock: &GateClock) -> LookedInto {
    let mut unread = Vec::new();
    let mut read = |come| contents(come, clock).map_err(|why| unread.push(why)).ok();
    let (new, old) = (read(new), old.map(read));
    let old_unread = matches!(old, Some(None));
    let difference = new.map(|new| compare(old.flatten().as_ref(), &new, is_like));
    let difference = if old_unread { difference.map(ContentsDifference::beside_unread) } else { difference };
    LookedInto { difference, old_unread, unread }
}

fn contents((filename, opened): Come, clock: &GateClock) -> Result<Contents, String> {
    let said = |why: String| format!("{} was not read: {why}", shown(&filename));
    let bytes = opened.and_then(|opened| bytes(opened).map_err(|error| error.to_string())).map_err(said)?;
    let ends = clock.mono() + PATIENCE;
    let is_over = || clock.mono() > ends;
    Contents::read(&filename, &bytes, &is_over).map_err(|why: Unreadable| said(why.to_string()))
}

fn bytes(opened: Opened) -> std::io::Result<Vec<u8>> {
    match opened.content {
        Content::Memory(bytes) => Ok(bytes.to_vec()),
        Content::Disk(mut file) => {
            let mut bytes = Vec::with_capacity(usize::try_from(opened.size).unwrap_or_default());
            file.read_to_end(&mut bytes)?;
            Ok(bytes)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gate::contents::tests::made::zipped;

    fn to_read(filename: &str, bytes: &[u8]) -> Come {
        let opened = Opened { size: bytes.len() as u64, content: Content::Memory(bytes.to_vec().into()) };
        (filename.to_owned(), Ok(opened))
    }

    #[tokio::test]
    async fn a_fault_of_the_reader_is_said_and_not_kept() {
        let failed = apart("a.whl", || panic!("a fault")).await.expect_err("it is read again");
        assert!(failed.difference.is_none(), "{failed:?}");
        assert_eq!(failed.unread, ["a.whl was not read: what reads it failed"]);
        assert!(apart("a.whl", LookedInto::default).await.is_ok());
    }

    #[tokio::test]
    async fn a_file_that_is_asked_for_is_known_however_many_others_were() {
        let reader = ContentsReader::new(GateClock::from(crate::clock::Clock::System));
        for number in 0..ASKED_FOR {
            reader.note(&format!("{number:064x}")).await;
        }
        reader.asked_for.run_pending_tasks().await;
        reader.note("the last").await;
        reader.asked_for.run_pending_tasks().await;
        assert!(reader.is_asked_for("the last") && !reader.is_asked_for(&format!("{:064x}", 0)));
    }

    #[test]
    fn beside_what_cannot_be_read_nothing_is_compared() {
        let new =
            || to_read("a-2-py3-none-any.whl", &zipped(&[("a.py", b""), ("a-2.dist-info/METADATA", b"Name: a\n")]));
        let clock = GateClock::from(crate::clock::Clock::System);
        let of = beside(new(), Some(to_read("a-1-py3-none-any.whl", b"broken")), true, &clock);
        let difference = of.difference.expect("read");
        assert!(of.old_unread && of.unread.len() == 1 && !difference.requirements_known, "{difference:?}");
        let first = beside(new(), None, false, &clock);
        assert!(!first.old_unread && first.difference.expect("read").requirements_known);
    }
}
