//! Room in the memory for pages on their way from an index: so many at a time, and of those few that are large.
//!
//! A page is read as a whole before anything of it goes out, and goes on to its end though whoever asked has gone, so that the number of
//! connections is no bound. One that is small has a place; what grows beyond that waits for one of the few places of large ones, and
//! holds no more than a small one meanwhile. Who waits is served in turn, and for so long that an installer does not give up before it is
//! told to ask again. Nobody who holds a large place waits for another, so that there is always one that comes to its end. A client has a share
//! of the places, and some are kept for whoever has none, so that one that asks for everything keeps nobody from asking for something.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::errands::{Shares, is_the_only};
use crate::model::Requester;
use crate::upstream::FetchError;

/// Projects with ten thousands of files are some 20 MB. What is larger than all the room for pages would be fetched each time.
pub(super) const PAGE_LIMIT: u64 = 40_000_000;
/// Pages at a time, of one index: a resolver asks for some tens. Those that are kept for clients that have none on its way are beside them.
const PAGES: usize = 56;
const SPARE: usize = 8;
/// Bytes of a page that is small: nearly all are.
const SMALL: u64 = 1 << 20;
/// Large ones at a time.
const LARGE: usize = 2;
/// pip waits for 15 s.
const PATIENCE: Duration = Duration::from_secs(8);
/// All that bodies of one index take at a time, in bytes.
const _: () = assert!((PAGES + SPARE) as u64 * SMALL + LARGE as u64 * PAGE_LIMIT < 150_000_000);

/// The room of one index. Cloning shares it.
#[derive(Clone, Debug)]
pub(super) struct PageRoom {
    pages: Arc<Semaphore>,
    spare: Arc<Semaphore>,
    shares: Arc<Shares>,
    large: Arc<Semaphore>,
    pub(super) small: u64,
    patience: Duration,
}

/// What one page has of it, until this is dropped.
#[derive(Debug)]
pub(super) struct Places {
    _page: OwnedSemaphorePermit,
    _share: OwnedSemaphorePermit,
    large: Option<OwnedSemaphorePermit>,
}

impl Default for PageRoom {
    fn default() -> Self {
        Self::new((PAGES, SPARE, LARGE), SMALL, PATIENCE)
    }
}

impl PageRoom {
    /// So many pages, so many more for clients that have none on its way, and of all so many that are larger than `small` bytes.
    fn new((pages, spare, large): (usize, usize, usize), small: u64, patience: Duration) -> Self {
        let [pages, spare, large] = [pages, spare, large].map(|places| Arc::new(Semaphore::new(places)));
        Self { pages, spare, shares: Arc::default(), large, small, patience }
    }

    /// One of a client's share, in turn: for a page that nobody is asked for yet, so that no other client waits for this one's. `client`: who
    /// asks; `None`: the gate itself.
    ///
    /// # Errors
    /// [`FetchError::Crowded`] where it takes too long.
    pub(super) async fn share(&self, client: Option<&Requester>) -> Result<OwnedSemaphorePermit, FetchError> {
        let waited = tokio::time::timeout(self.patience, self.shares.one(client)).await;
        waited.ok().flatten().ok_or(FetchError::Crowded)
    }

    /// A place for one page, in turn, for whoever has this share.
    ///
    /// # Errors
    /// [`FetchError::Crowded`] where it takes too long.
    pub(super) async fn place(&self, share: OwnedSemaphorePermit) -> Result<Places, FetchError> {
        let page = match is_the_only(&share) {
            true => tokio::select! {
                biased;
                page = self.one(&self.pages) => page,
                Ok(page) = Arc::clone(&self.spare).acquire_owned() => Ok(page),
            },
            false => self.one(&self.pages).await,
        };
        Ok(Places { _page: page?, _share: share, large: None })
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
        match index.page(&name, None, (room, room.share(None).await?)).await? {
            (Fetched::Fresh { body, .. }, places) => Ok((body.len(), places)),
            (Fetched::Unchanged, _) => panic!("it was never asked"),
        }
    }

    #[tokio::test]
    async fn large_pages_wait_for_each_other_in_turn_and_small_ones_for_none_of_them() {
        let (index, served) = index().await;
        let test = async {
            let room = PageRoom::new((8, 0, 1), 1 << 20, Duration::from_secs(20));
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
        let room = PageRoom::new((2, 0, 1), 1 << 20, Duration::from_millis(50));
        let place = async |client: &str| room.place(room.share(Some(&Requester::of_word(client))).await?).await;
        let taken = [place("10.0.0.1").await, place("10.0.0.1").await];
        assert!(taken.iter().all(Result::is_ok) && matches!(place("10.0.0.2").await, Err(FetchError::Crowded)));
        drop(taken);
        assert!(place("10.0.0.2").await.is_ok());
    }

    #[tokio::test]
    async fn one_client_has_its_share_and_others_have_theirs_and_a_first_place_each() {
        let room = PageRoom::new((20, 2, 1), 1 << 20, Duration::from_millis(50));
        let place = async |client: &str| room.place(room.share(Some(&Requester::of_word(client))).await?).await;
        let mut taken = Vec::new();
        while let Ok(places) = place("10.0.0.1").await {
            taken.push(places);
            assert!(taken.len() < 20, "it never ends");
        }
        assert_eq!(room.pages.available_permits(), 20 - taken.len(), "none of those that are kept");
        while let Ok(places) = place("10.0.0.2").await {
            taken.push(places);
            assert!(taken.len() <= 20, "it never ends");
        }
        assert_eq!((taken.len(), room.spare.available_permits()), (20, 2));
        let first = place("10.0.0.3").await.expect("one that is kept");
        assert!(matches!(place("10.0.0.3").await, Err(FetchError::Crowded)), "and no other");
        drop((first, taken));
        assert_eq!((room.pages.available_permits(), room.spare.available_permits()), (20, 2));
    }
}
