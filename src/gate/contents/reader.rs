//! Reads what is in files, one archive at a time, and keeps for a while what came of it.

use std::io::Read as _;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::{OptionFuture, join};
use moka::future::Cache;
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
    /// A sentence each.
    pub(in crate::gate) unread: Vec<String>,
}

#[derive(Clone, Debug)]
pub(in crate::gate) struct ContentsReader {
    /// By the digests and the names of both, since a name says how a file is read; empty where there is nothing beside.
    kept: Cache<(String, String), Arc<LookedInto>>,
    turn: Arc<Semaphore>,
    clock: GateClock,
}

/// A file whose bytes have come, or why they have not.
type Come = (String, Result<Opened, String>);

impl ContentsReader {
    pub(in crate::gate) fn new(clock: GateClock) -> Self {
        Self { kept: Cache::builder().max_capacity(KEPT).build(), turn: Arc::new(Semaphore::new(1)), clock }
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
            let come = async |of: ToRead<F>| (of.filename, of.opened.await);
            let (new, old) = join(come(new), OptionFuture::from(old.map(come))).await;
            let is_whole = new.1.is_ok() && old.as_ref().is_none_or(|(_, opened)| opened.is_ok());
            let looked = self.read(new, old, is_like).await;
            if is_whole { Ok(Arc::new(looked)) } else { Err(looked) }
        };
        self.kept.try_get_with(key, looked).await.unwrap_or_else(|looked| looked)
    }

    /// Two of these at once would take twice the memory.
    async fn read(&self, new: Come, old: Option<Come>, is_like: bool) -> LookedInto {
        let Ok(_turn) = self.turn.acquire().await else { return LookedInto::default() };
        let clock = self.clock.clone();
        let read = move || beside(new, old, is_like, &clock);
        tokio::task::spawn_blocking(read).await.unwrap_or_default()
    }
}

fn beside(new: Come, old: Option<Come>, is_like: bool, clock: &GateClock) -> LookedInto {
    let mut unread = Vec::new();
    let mut read = |come| contents(come, clock).map_err(|why| unread.push(why)).ok();
    let (new, old) = (read(new), old.map(read));
    let difference = new.map(|new| compare(old.flatten().as_ref(), &new, is_like));
    LookedInto { difference, unread }
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
