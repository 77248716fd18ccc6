//! Room in the memory for pages on their way from an index: so many at a time, and of those few that are large.
//!
//! A page is read as a whole before anything of it goes out, and goes on to its end though whoever asked has gone, so that the number of
//! connections is no bound. One that is small has a place; what grows beyond that waits for one of the few places of large ones, and
//! holds no more than a small one meanwhile. Who waits is served in turn, and for so long that an installer does not give up before it is
//! told to ask again. Nobody who holds a large place waits for another, so that there is always one that comes to its end.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::upstream::FetchError;

/// Projects with ten thousands of files are some 20 MB. What is larger than all the room for pages would be fetched each time.
pub(super) const PAGE_LIMIT: u64 = 40_000_000;
/// Pages at a time, of one index: a resolver asks for some tens.
const PAGES: usize = 64;
/// Bytes of a page that is small: nearly all are.
const SMALL: u64 = 1 << 20;
/// Large ones at a time.
const LARGE: usize = 2;
/// pip waits for 15 s.
const PATIENCE: Duration = Duration::from_secs(8);
/// All that bodies of one index take at a time, in bytes.
const _: () = assert!(PAGES as u64 * SMALL + LARGE as u64 * PAGE_LIMIT < 150_000_000);

/// The room of one index. Cloning shares it.
#[derive(Clone, Debug)]
pub(super) struct PageRoom {
    pages: Arc<Semaphore>,
    large: Arc<Semaphore>,
    pub(super) small: u64,
    patience: Duration,
}

/// What one page has of it, until this is dropped.
#[derive(Debug)]
pub(super) struct Places {
    _page: OwnedSemaphorePermit,
    large: Option<OwnedSemaphorePermit>,
}

impl Default for PageRoom {
    fn default() -> Self {
        Self::new((PAGES, LARGE), SMALL, PATIENCE)
    }
}

impl PageRoom {
    /// So many pages, and of those so many that are larger than `small` bytes.
    fn new((pages, large): (usize, usize), small: u64, patience: Duration) -> Self {
        Self { pages: Arc::new(Semaphore::new(pages)), large: Arc::new(Semaphore::new(large)), small, patience }
    }

    /// A place for one page, in turn.
    ///
    /// # Errors
    /// [`FetchError::Crowded`] where it takes too long.
    pub(super) async fn place(&self) -> Result<Places, FetchError> {
        Ok(Places { _page: self.one(&self.pages).await?, large: None })
    }

    async fn one(&self, of: &Arc<Semaphore>) -> Result<OwnedSemaphorePermit, FetchError> {
        let waited = tokio::time::timeout(self.patience, Arc::clone(of).acquire_owned()).await;
        // It is never closed.
        waited.ok().and_then(Result::ok).ok_or(FetchError::Crowded)
    }
}

impl Places {
    /// The page is large.
    ///
    /// # Errors
    /// As of [`PageRoom::place`].
    pub(super) async fn grow(&mut self, room: &PageRoom) -> Result<(), FetchError> {
        self.large = Some(room.one(&room.large).await?);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::extract::Path;
    use axum::routing::get;
    use tokio::net::TcpListener;

    use super::*;
    use crate::gate::index::GateIndex;
    use crate::model::ProjectName;
    use crate::registry::pypi::Fetched;
    use crate::upstream::{Egress, HttpClient};

    const LENGTH: usize = 3 << 20;

    /// Pages as long as that, where their names say that they are large.
    async fn index() -> (GateIndex, impl Future) {
        let page = async |Path(name): Path<String>| "a".repeat(if name.starts_with("large") { LENGTH } else { 100 });
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let root = format!("http://{}/simple/", listener.local_addr().expect("an address")).parse().expect("valid");
        let timeout = Duration::from_secs(20);
        let egress = Egress { contact: "sec@acme.example", proxy: None, ca_file: None, timeout };
        let client = HttpClient::new(&egress).expect("a client");
        let served = axum::serve(listener, Router::new().route("/simple/{name}/", get(page)));
        (GateIndex::new(root, (client.clone(), client), None), served.into_future())
    }

    async fn length(index: &GateIndex, name: &str, room: &PageRoom) -> Result<(usize, Places), FetchError> {
        let name = ProjectName::parse(name).expect("valid");
        match index.page(&name, None, room).await? {
            (Fetched::Fresh { body, .. }, places) => Ok((body.len(), places)),
            (Fetched::Unchanged, _) => panic!("it was never asked"),
        }
    }

    #[tokio::test]
    async fn large_pages_wait_for_each_other_in_turn_and_small_ones_for_none_of_them() {
        let (index, served) = index().await;
        let test = async {
            let room = PageRoom::new((8, 1), 1 << 20, Duration::from_secs(20));
            let (bytes, first) = length(&index, "large-1", &room).await.expect("a page");
            assert_eq!((bytes, room.large.available_permits()), (LENGTH, 0), "until it was read");
            let (bytes, small) = length(&index, "small-1", &room).await.expect("a page");
            assert_eq!((bytes, small.large.is_none()), (100, true));
            let hurried = PageRoom { patience: Duration::from_millis(50), ..room.clone() };
            let crowded = length(&index, "large-2", &hurried).await;
            assert!(matches!(crowded, Err(FetchError::Crowded)), "{crowded:?}");
            assert_eq!(room.pages.available_permits(), 6, "whoever gave up holds nothing");
            let (waiting, ()) = tokio::join!(length(&index, "large-2", &room), async {
                tokio::task::yield_now().await;
                drop(first);
            });
            assert_eq!(waiting.expect("its turn came").0, LENGTH);
            assert_eq!((room.pages.available_permits(), room.large.available_permits()), (7, 1));
        };
        tokio::select! {
            () = test => {}
            _ = served => panic!("the index has ended"),
        }
    }

    #[tokio::test]
    async fn so_many_pages_are_on_their_way_at_a_time() {
        let room = PageRoom::new((2, 1), 1 << 20, Duration::from_millis(50));
        let taken = [room.place().await, room.place().await];
        assert!(taken.iter().all(Result::is_ok) && matches!(room.place().await, Err(FetchError::Crowded)));
        drop(taken);
        assert!(room.place().await.is_ok());
    }
}
