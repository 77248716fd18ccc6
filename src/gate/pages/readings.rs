//! Pages that were read, as many as fit; and the last of those that are too large to be among them, or each of its files would cost a
//! reading of all of it.

use std::sync::Arc;
use std::time::Duration;

use moka::future::Cache;
use moka::policy::EvictionPolicy;

use super::known::ReadPage;
use super::print::Print;
use crate::model::ProjectName;
use crate::upstream::FetchError;

/// A large one that nobody asks for gives its memory back.
const IDLE: Duration = Duration::from_mins(2);

/// By project.
#[derive(Clone, Debug)]
pub(super) struct ReadPages {
    usual: Cache<ProjectName, Arc<ReadPage>>,
    large: Cache<ProjectName, Arc<ReadPage>>,
    /// What weighs more is large.
    most: u32,
}

impl ReadPages {
    /// `room`: in bytes, of all but the large one.
    pub(super) fn new(room: u64) -> Self {
        let usual = Cache::builder().max_capacity(room).weigher(|_, read: &Arc<ReadPage>| read.weight());
        let usual = usual.eviction_policy(EvictionPolicy::lru()).build();
        let large = Cache::builder().max_capacity(1).eviction_policy(EvictionPolicy::lru()).time_to_idle(IDLE).build();
        Self { usual, large, most: u32::try_from(room / 2).unwrap_or(u32::MAX) }
    }

    /// The reading of this very page.
    pub(super) async fn get(&self, name: &ProjectName, print: &Print) -> Option<Arc<ReadPage>> {
        let large = self.large.get(name).await.filter(|read| read.print == *print);
        match large {
            Some(read) => Some(read),
            None => self.usual.get(name).await.filter(|read| read.print == *print),
        }
    }

    /// The same, read by this where it is not there: once, however many ask.
    ///
    /// # Errors
    /// Those of the reading.
    pub(super) async fn get_with(
        &self,
        name: &ProjectName,
        print: &Print,
        reading: impl Future<Output = Result<Arc<ReadPage>, FetchError>>,
    ) -> Result<Arc<ReadPage>, Arc<FetchError>> {
        if let Some(read) = self.get(name, print).await {
            return Ok(read);
        }
        if self.usual.contains_key(name) {
            self.usual.invalidate(name).await;
        }
        let read = self.usual.try_get_with_by_ref(name, reading).await?;
        if read.weight() > self.most {
            self.put(name, Arc::clone(&read)).await;
        }
        Ok(read)
    }

    /// In place of any other of the project.
    pub(super) async fn put(&self, name: &ProjectName, read: Arc<ReadPage>) {
        let (to, other) = match read.weight() > self.most {
            true => (&self.large, &self.usual),
            false => (&self.usual, &self.large),
        };
        other.invalidate(name).await;
        to.insert(name.clone(), read).await;
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::gate::page::ProjectPage;

    const ROOM: u64 = 100_000;

    fn page(text: &str, files: usize) -> (ProjectName, Arc<ReadPage>) {
        let name = ProjectName::parse(text).expect("valid");
        let file = |at: usize| json!({"filename": format!("{text}-{at}.tar.gz"), "url": "x", "hashes": {"sha256": "ab".repeat(32)}});
        let json = json!({"name": text, "files": (0..files).map(file).collect::<Vec<_>>()}).to_string();
        let base = url::Url::parse("https://index.example/simple/").expect("an address");
        let page = ProjectPage::read(&name, &base, json.as_bytes()).expect("a page");
        (name, Arc::new(ReadPage { print: [files as u8; 32], page }))
    }

    /// How often each of these is read, when they are asked for ten times in turn.
    async fn readings(of: &[(ProjectName, Arc<ReadPage>)]) -> usize {
        let (pages, mut times) = (ReadPages::new(ROOM), 0);
        for (name, page) in of.iter().cycle().take(10 * of.len()) {
            let reading = async {
                times += 1;
                Ok(Arc::clone(page))
            };
            pages.get_with(name, &page.print, reading).await.expect("read");
        }
        times
    }

    #[tokio::test]
    async fn what_is_larger_than_all_the_room_is_read_once_for_all_of_its_files() {
        let (large, small) = (page("large", 250), page("small", 3));
        assert!(u64::from(large.1.weight()) > ROOM);
        assert_eq!(readings(std::slice::from_ref(&large)).await, 1);
        assert_eq!(readings(&[large, small]).await, 2, "beside others");
    }

    #[tokio::test]
    async fn another_page_of_the_project_takes_its_place_however_large_it_is() {
        let pages = ReadPages::new(ROOM);
        let ((name, large), (_, small)) = (page("widgets", 250), page("widgets", 3));
        for (put, other) in [(&large, &small), (&small, &large), (&large, &small)] {
            pages.put(&name, Arc::clone(put)).await;
            assert!(pages.get(&name, &put.print).await.is_some() && pages.get(&name, &other.print).await.is_none());
        }
    }
}
