//! An index, and what it said last: in the memory what is asked for much, on the disk all of it.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use moka::future::Cache;
use moka::policy::EvictionPolicy;
use sha2::{Digest as _, Sha256};
use tokio::sync::OwnedSemaphorePermit;
use url::Url;

use super::history::{PageHistory, SeenFile};
use super::known::{KnownPage, PageText, ReadPage};
use super::print::Print;
use super::readings::ReadPages;
use super::shelf::{Head, PageShelf, packed, unpacked};
use crate::clock::Clock;
use crate::gate::index::GateIndex;
use crate::gate::page::ProjectPage;
use crate::gate::present::Present;
use crate::gate::room::{PAGE_LIMIT, PageRoom};
use crate::gate::seldom::Seldom;
use crate::gate::workers::Workers;
use crate::model::{ProjectName, Time};
use crate::registry::pypi::{Fetched, ProjectStatus};
use crate::upstream::FetchError;

/// How long one is served while the index does not answer.
const STALE: Duration = Duration::from_hours(24);
/// Bytes for what is known of pages, without the pages themselves: some forty thousand projects.
pub(super) const KNOWN: u64 = 32 << 20;
/// Bytes for pages that were read, but for one that is large.
const READ: u64 = 12 << 20;

/// The index, and what it said last.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    pub(super) index: GateIndex,
    pub(super) clock: Clock,
    shelf: Arc<PageShelf>,
    last: Cache<ProjectName, Arc<KnownPage>>,
    read: ReadPages,
    workers: Workers,
    pub(super) room: PageRoom,
    pub(super) seldom: Arc<Seldom>,
}

impl Asked {
    pub(super) fn new(index: GateIndex, shelf: Arc<PageShelf>, clock: Clock) -> Self {
        let last = Cache::builder().max_capacity(KNOWN).weigher(|_, known: &Arc<KnownPage>| known.weight());
        // As what is written of pages is kept: what comes is let in.
        let last = last.eviction_policy(EvictionPolicy::lru()).build();
        let read = ReadPages::new(READ);
        let seldom = Arc::new(Seldom::new(clock.clone()));
        let (workers, room) = (Workers::default(), PageRoom::default());
        Self { index, clock, shelf, last, read, workers, room, seldom }
    }

    /// Asks the index, and keeps what it says.
    pub(super) async fn refresh(
        self,
        name: &ProjectName,
        share: OwnedSemaphorePermit,
    ) -> Result<Arc<KnownPage>, FetchError> {
        let before = self.before(name).await;
        let etag = before.as_ref().and_then(|known| known.etag.clone());
        let known = match (self.index.page(name, etag.as_deref(), (&self.room, share)).await, before) {
            // Its places are let go once it was read.
            (Ok((Fetched::Fresh { body, etag, .. }, _places)), before) => {
                let before = self.compared(name, before.as_deref()).await;
                self.taken(name, (body, etag), before).await?
            }
            (Ok((Fetched::Unchanged, _)), Some(known)) => self.confirmed(name, &known).await,
            (Ok((Fetched::Unchanged, _)), None) => {
                return Err(FetchError::Garbled("it is unchanged, and was never asked".to_owned()));
            }
            (Err(FetchError::NotFound | FetchError::Gone), _) => {
                self.dropped(name).await;
                KnownPage { text: None, etag: None, said: self.present().reached, until: self.until(Duration::ZERO) }
            }
            (Err(error), _) => return self.of_before(name, error).await,
        };
        let known = Arc::new(known);
        self.last.insert(name.clone(), Arc::clone(&known)).await;
        Ok(known)
    }

    /// Its last page, if that is not too old: a project that was there is taken to be there still; that there was none proves nothing.
    pub(super) async fn kept(&self, name: &ProjectName) -> Option<Arc<KnownPage>> {
        self.before(name).await.filter(|known| known.is_there() && self.clock.mono() < known.until)
    }

    /// What is in the memory, or else on the disk.
    async fn before(&self, name: &ProjectName) -> Option<Arc<KnownPage>> {
        if let Some(known) = self.last.get(name).await {
            return Some(known);
        }
        let (shelf, address) = (Arc::clone(&self.shelf), self.index.address(name));
        let (head, at) = self.workers.done(move || shelf.head(&address)).await??;
        let text = PageText::new(head.print()?, head.quarantined, head.history, None);
        let said = at.min(self.present().reached);
        // One of a time to come says nothing of its age.
        let age = (self.clock.now() - at).to_std().unwrap_or(STALE);
        let known = Arc::new(KnownPage { text: Some(text), etag: head.etag, said, until: self.until(age) });
        self.last.insert(name.clone(), Arc::clone(&known)).await;
        Some(known)
    }

    /// What was said so long ago is served until then.
    fn until(&self, ago: Duration) -> Duration {
        self.clock.mono() + STALE.saturating_sub(ago)
    }

    /// Now, by what says when files were uploaded.
    pub(super) fn present(&self) -> Present {
        self.index.present().unwrap_or_else(|| self.clock.now().into())
    }

    /// What the page that comes is held against; `None`: nothing. Of what is ours nothing is asked about its age, and our own index may replace files.
    async fn compared(&self, name: &ProjectName, before: Option<&KnownPage>) -> Option<Before> {
        let before = before.filter(|_| !self.index.takes_html)?;
        let text = before.text.clone()?;
        let read = self.read.get(name, &text.print).await;
        Some(Before { text, said: before.said, read })
    }

    /// A page that came now: it is read at once, since one that cannot be read is none, and packed at the same time.
    async fn taken(
        &self,
        name: &ProjectName,
        (body, etag): (Vec<u8>, Option<String>),
        before: Option<Before>,
    ) -> Result<KnownPage, FetchError> {
        let (index, of_before, of) = (self.index.clone(), Arc::clone(&self.shelf), name.clone());
        let body = Arc::new(body);
        let (to_read, to_pack) = (Arc::clone(&body), body);
        let read = self.workers.done(move || after(before.as_ref(), (&index, &of_before), &of, &to_read));
        let packed = self.workers.done(move || packed(&to_pack));
        let (read, packed) = tokio::join!(read, packed);
        let (read, history) = read.unwrap_or(Err(FetchError::TimedOut))?;
        let packed = packed.unwrap_or_else(|| Err(io::Error::other("nobody could pack it")));
        let (print, quarantined) = (read.print, read.page.status == ProjectStatus::Quarantined);
        let head = Head::of(self.index.address(name), etag.clone(), (&print, quarantined)).after(history);
        let (shelf, now, seldom) = (Arc::clone(&self.shelf), self.clock.now(), Arc::clone(&self.seldom));
        let shelved = self.workers.done(move || (shelved(&shelf, &head, (packed, now), &seldom), head.history)).await;
        let (packed, history) = shelved.ok_or(FetchError::TimedOut)?;
        let text = PageText::new(print, quarantined, history, packed);
        self.read.put(name, Arc::new(ReadPage { print: text.print, ..read })).await;
        Ok(KnownPage { text: Some(text), etag, said: self.present().reached, until: self.until(Duration::ZERO) })
    }

    async fn confirmed(&self, name: &ProjectName, known: &KnownPage) -> KnownPage {
        let (shelf, address, now) = (Arc::clone(&self.shelf), self.index.address(name), self.clock.now());
        // It may be in the memory alone.
        let _ = self.workers.done(move || shelf.confirm(&address, now)).await;
        known.again(self.present().reached, self.until(Duration::ZERO))
    }

    async fn of_before(&self, name: &ProjectName, error: FetchError) -> Result<Arc<KnownPage>, FetchError> {
        let Some(kept) = self.kept(name).await else { return Err(error) };
        if let Some(left_out) = self.seldom.of("silent") {
            tracing::warn!(project = %name, %error, left_out, "the index does not answer; its last page is served");
        }
        Ok(kept)
    }

    /// The page that is known; `None` where the disk has it no more.
    pub(super) async fn read(
        &self,
        name: &ProjectName,
        known: &KnownPage,
    ) -> Result<Option<Arc<ReadPage>>, Arc<FetchError>> {
        let text = known.text.as_ref().ok_or(FetchError::NotFound)?;
        match self.read.get_with(name, &text.print, self.unpacked(name, text)).await {
            // Whoever asked at the same time may have known another.
            Ok(read) => Ok(Some(read)),
            Err(error) if matches!(*error, FetchError::NotFound) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// [`FetchError::NotFound`]: it is there no more.
    async fn unpacked(&self, name: &ProjectName, text: &PageText) -> Result<Arc<ReadPage>, FetchError> {
        let (index, shelf, of, text) = (self.index.clone(), Arc::clone(&self.shelf), name.clone(), text.clone());
        let unpacked = self.workers.done(move || {
            let body = body(&shelf, &index.address(&of), &text).ok_or(FetchError::NotFound)?;
            let mut read = page(&index, &of, &body)?;
            text.history.mark(&mut read.page);
            Ok(ReadPage { print: text.print, ..read })
        });
        unpacked.await.unwrap_or(Err(FetchError::TimedOut)).map(Arc::new)
    }

    /// It has to be asked for anew, and whole.
    pub(super) async fn forget(&self, name: &ProjectName) {
        self.last.invalidate(name).await;
        self.dropped(name).await;
    }

    /// Nobody is to find it there after a restart.
    async fn dropped(&self, name: &ProjectName) {
        let (shelf, address) = (Arc::clone(&self.shelf), self.index.address(name));
        let gone = self.workers.done(move || shelf.remove(&address)).await;
        if let Some(Err(error)) = gone {
            tracing::warn!(project = %name, %error, "a page that is no more stays on the disk");
        }
    }
}

/// The page that was said last.
struct Before {
    text: PageText,
    said: Time,
    /// Where it is in the memory.
    read: Option<Arc<ReadPage>>,
}

impl Before {
    /// `None`: the disk has it no more.
    fn files(&self, index: &GateIndex, shelf: &PageShelf, name: &ProjectName) -> Option<Vec<SeenFile>> {
        if let Some(read) = &self.read {
            return Some(SeenFile::all(&read.page));
        }
        let body = body(shelf, &index.address(name), &self.text)?;
        Some(SeenFile::all(&page(index, name, &body).ok()?.page))
    }
}

fn body(shelf: &PageShelf, address: &Url, text: &PageText) -> Option<Vec<u8>> {
    match &text.packed {
        Some(packed) => unpacked(&packed[..], PAGE_LIMIT).ok(),
        None => shelf.page(address, &text.came, PAGE_LIMIT),
    }
}

/// The page as the index has it now, with how it contradicts the one before, and what is kept of those.
fn after(
    before: Option<&Before>,
    (index, shelf): (&GateIndex, &PageShelf),
    name: &ProjectName,
    body: &[u8],
) -> Result<(ReadPage, PageHistory), FetchError> {
    let mut read = page(index, name, body)?;
    let Some(before) = before else { return Ok((read, PageHistory::default())) };
    let seen = before.files(index, shelf, name);
    let history = before.text.history.after(seen.as_deref(), before.said, &read.page)?;
    history.mark(&mut read.page);
    Ok((read, history))
}

/// A disk that takes nothing costs memory, and not the page.
fn shelved(
    shelf: &PageShelf,
    head: &Head,
    (packed, now): (io::Result<Vec<u8>>, Time),
    seldom: &Seldom,
) -> Option<Bytes> {
    let warn = |error: &io::Error| {
        if let Some(left_out) = seldom.of("disk") {
            tracing::warn!(page = %head.address, %error, left_out, "the disk does not take a page, which is kept in memory");
        }
    };
    let packed = packed.inspect_err(warn).ok()?;
    let put = shelf.put(head, &packed, now).inspect_err(warn);
    if put.is_err() {
        // What lies there is from before: a restart would go on from what the index has taken back since.
        let _ = shelf.remove(&head.address).inspect_err(warn);
    }
    put.is_err().then(|| Bytes::from(packed))
}

/// As the index has it.
fn page(index: &GateIndex, name: &ProjectName, body: &[u8]) -> Result<ReadPage, FetchError> {
    let base = index.address(name);
    let is_json = body.trim_ascii_start().starts_with(b"{");
    let page = match str::from_utf8(body) {
        Ok(html) if index.takes_html && !is_json => ProjectPage::read_html(name, &base, html),
        _ => ProjectPage::read(name, &base, body),
    };
    let mut page = page.map_err(|error| FetchError::Garbled(error.to_string()))?;
    index.strays.iter().for_each(|strays| strays.mark(&mut page));
    for left in &page.left_out {
        tracing::debug!(project = %name, file = %left.filename, field = left.field, "a file cannot be given out");
    }
    warn_of_unchecked(index, &page);
    Ok(ReadPage { print: Print::from(Sha256::digest(body)), page })
}

/// Of our own somebody would look for the reason.
fn warn_of_unchecked(index: &GateIndex, page: &ProjectPage) {
    let unchecked = page.left_out.iter().filter(|left| left.field == "sha256").count();
    if index.takes_html && unchecked > 0 {
        tracing::warn!(
            project = %page.name,
            "the private index names {unchecked} files without a SHA-256 digest, and none of them is given out; have it say them \
             (pypiserver: --hash-algo sha256)"
        );
    }
}
