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
/// After so long what was not read is read anew: it may have taken too long on a busy machine. What was read is as it is.
const FAULT_KEPT: Duration = Duration::from_mins(10);
/// So many pairs at a time are fetched and read: each may take the memory of its larger file.
const AT_ONCE: usize = 2;

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

/// The same, and when on the monotonic clock.
#[derive(Clone, Debug)]
struct KeptLook {
    looked: Arc<LookedInto>,
    at: Duration,
}

#[derive(Clone, Debug)]
pub(in crate::gate) struct ContentsReader {
    /// By the digests and the names of both, since a name says how a file is read; empty where there is nothing beside.
    kept: Cache<(String, String), KeptLook>,
    turn: Arc<Semaphore>,
    clock: GateClock,
}

/// A file whose bytes have come, or why they have not.
type Come = (String, Result<Opened, String>);

impl ContentsReader {
    pub(in crate::gate) fn new(clock: GateClock) -> Self {
        // By last use: by frequency, what was looked at often and long ago would keep out what is looked at now.
        let kept = Cache::builder().max_capacity(KEPT).eviction_policy(EvictionPolicy::lru()).build();
        Self { kept, turn: Arc::new(Semaphore::new(AT_ONCE)), clock }
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
        if self.kept.get(&key).await.is_some_and(|kept| self.is_over(&kept)) {
            self.kept.invalidate(&key).await;
        }
        let looked = async {
            // Before anything is fetched, or held in memory.
            let Ok(_turn) = self.turn.acquire().await else { return Err(LookedInto::default()) };
            let come = async |of: ToRead<F>| (of.filename, of.opened.await);
            let (new, old) = join(come(new), OptionFuture::from(old.map(come))).await;
            let is_whole = new.1.is_ok() && old.as_ref().is_none_or(|(_, opened)| opened.is_ok());
            let (filename, clock) = (new.0.clone(), self.clock.clone());
            let looked = apart(&filename, move || beside(new, old, is_like, &clock)).await?;
            if is_whole { Ok(KeptLook { looked: Arc::new(looked), at: self.clock.mono() }) } else { Err(looked) }
        };
        self.kept.try_get_with(key, looked).await.map_or_else(|looked| looked, |kept| kept.looked)
    }

    fn is_over(&self, KeptLook { looked, at }: &KeptLook) -> bool {
        !looked.unread.is_empty() && self.clock.mono().saturating_sub(*at) >= FAULT_KEPT
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
    use std::pin::Pin;
    use std::sync::Mutex;

    use chrono::TimeDelta;
    use futures_util::FutureExt as _;
    use tokio::sync::oneshot;

    use super::*;
    use crate::clock::Clock;
    use crate::gate::contents::tests::made::zipped;
    use crate::model::Time;

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

    /// Files that are read by one reader, each fetched when somebody lets it.
    struct Shelf {
        reader: ContentsReader,
        clock: Clock,
        /// Those whose fetching has begun, in its order.
        fetched: Arc<Mutex<Vec<String>>>,
    }

    type Fetching = Pin<Box<dyn Future<Output = Result<Opened, String>> + Send>>;

    impl Shelf {
        fn new() -> Self {
            let clock = Clock::manual(Time::UNIX_EPOCH);
            Self { reader: ContentsReader::new(GateClock::from(clock.clone())), clock, fetched: Arc::default() }
        }

        fn to_read(
            &self,
            name: &str,
            comes: impl Future<Output = Result<Vec<u8>, String>> + Send + 'static,
        ) -> ToRead<Fetching> {
            let (fetched, of) = (Arc::clone(&self.fetched), name.to_owned());
            let opened = Box::pin(async move {
                fetched.lock().expect("whole").push(of);
                let bytes = comes.await?;
                Ok(Opened { size: bytes.len() as u64, content: Content::Memory(bytes.into()) })
            });
            ToRead { filename: format!("{name}-1-py3-none-any.whl"), sha256: name.to_owned(), opened }
        }

        /// Of one that is there at once, beside nothing.
        async fn look(&self, name: &str, comes: Result<Vec<u8>, String>) -> Arc<LookedInto> {
            self.reader.look(self.to_read(name, async { comes }), None, false).await
        }

        fn fetched(&self) -> Vec<String> {
            self.fetched.lock().expect("whole").clone()
        }
    }

    fn whole() -> Vec<u8> {
        zipped(&[("a.py", b""), ("a-1.dist-info/METADATA", b"Name: a\n")])
    }

    #[tokio::test]
    async fn two_pairs_are_fetched_at_a_time_and_the_third_begins_once_one_of_them_was_read() {
        let shelf = Shelf::new();
        let (sends, mut looks): (Vec<_>, Vec<_>) = ["a", "b", "c"]
            .map(|name| {
                let (send, sent) = oneshot::channel::<Vec<u8>>();
                let new = shelf.to_read(name, async { sent.await.map_err(|gone| gone.to_string()) });
                let old = shelf.to_read(&format!("old-{name}"), async { Ok(whole()) });
                (send, Box::pin(shelf.reader.look(new, Some(old), true)))
            })
            .into_iter()
            .unzip();
        for look in &mut looks {
            assert!(look.as_mut().now_or_never().is_none());
        }
        assert_eq!(shelf.fetched(), ["a", "old-a", "b", "old-b"], "nothing of the third is in memory, or asked for");
        let mut sends = sends.into_iter();
        let mut send = || sends.next().expect("there").send(whole()).expect("it waits");
        send();
        assert!(looks.remove(0).await.difference.is_some());
        assert!(looks[1].as_mut().now_or_never().is_none());
        assert_eq!(shelf.fetched()[4..], ["c", "old-c"]);
        send();
        send();
        for look in looks {
            assert!(look.await.difference.is_some());
        }
    }

    #[tokio::test]
    async fn what_was_not_read_is_read_anew_after_ten_minutes_and_what_was_read_never() {
        let shelf = Shelf::new();
        let times = |name: &str| shelf.fetched().iter().filter(|of| *of == name).count();
        for (minutes, fetched) in [(0, 1), (9, 1), (1, 2), (9, 2), (1, 3)] {
            shelf.clock.advance(TimeDelta::minutes(minutes));
            assert_eq!(shelf.look("broken", Ok(b"words".to_vec())).await.unread.len(), 1);
            assert!(shelf.look("whole", Ok(whole())).await.unread.is_empty());
            assert_eq!((times("broken"), times("whole")), (fetched, 1));
        }
        let failed = shelf.look("away", Err("the index is down".to_owned())).await;
        assert!(failed.unread[0].ends_with("was not read: the index is down"), "{failed:?}");
        assert!(shelf.look("away", Ok(whole())).await.difference.is_some(), "what did not come is asked for again");
    }

    #[tokio::test]
    async fn what_was_looked_at_last_is_known_longest() {
        let shelf = Shelf::new();
        let of = |number: u64| format!("{number:03}");
        let look = async |number| {
            drop(shelf.look(&of(number), Ok(whole())).await);
            shelf.reader.kept.run_pending_tasks().await;
        };
        for number in 0..KEPT {
            look(number).await;
        }
        // The first is looked at again, so that the second is the one that goes.
        look(0).await;
        look(KEPT).await;
        assert_eq!(shelf.fetched().len() as u64, KEPT + 1);
        for (number, fetched) in [(0, KEPT + 1), (1, KEPT + 2), (1, KEPT + 2)] {
            look(number).await;
            assert_eq!(shelf.fetched().len() as u64, fetched, "{number}");
        }
    }

    #[test]
    fn beside_what_cannot_be_read_nothing_is_compared() {
        let new =
            || to_read("a-2-py3-none-any.whl", &zipped(&[("a.py", b""), ("a-2.dist-info/METADATA", b"Name: a\n")]));
        let clock = GateClock::from(Clock::System);
        let of = beside(new(), Some(to_read("a-1-py3-none-any.whl", b"broken")), true, &clock);
        let difference = of.difference.expect("read");
        assert!(of.old_unread && of.unread.len() == 1 && !difference.requirements_known, "{difference:?}");
        let first = beside(new(), None, false, &clock);
        assert!(!first.old_unread && first.difference.expect("read").requirements_known);
    }
}
