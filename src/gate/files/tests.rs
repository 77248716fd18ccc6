//! A directory of files over restarts, and disks that take nothing.

pub(in crate::gate) mod damage;
mod storm;

use std::fs::FileTimes;
use std::sync::Mutex;
use std::time::SystemTime;

use super::*;

/// Bytes from nowhere; counts how often they were asked for.
struct Fixed {
    bytes: Vec<u8>,
    /// What the disk says.
    disk: Option<io::ErrorKind>,
    asked: Mutex<Vec<&'static str>>,
}

impl Fixed {
    fn new(bytes: Vec<u8>, disk: Option<io::ErrorKind>) -> Self {
        Self { bytes, disk, asked: Mutex::default() }
    }

    fn sha256(&self) -> String {
        hex(&Sha256::digest(&self.bytes))
    }

    fn asked(&self) -> Vec<&'static str> {
        self.asked.lock().expect("nobody failed").clone()
    }
}

impl Supply for Fixed {
    async fn to_disk(&self, path: &Path) -> Result<u64, FetchError> {
        self.asked.lock().expect("nobody failed").push("disk");
        if let Some(kind) = self.disk {
            return Err(FetchError::Spool(kind.into()));
        }
        std::fs::write(path, &self.bytes).map_err(FetchError::Spool)?;
        Ok(self.bytes.len() as u64)
    }

    async fn to_memory(&self, limit: u64) -> Result<Vec<u8>, FetchError> {
        self.asked.lock().expect("nobody failed").push("memory");
        let fits = self.bytes.len() as u64 <= limit;
        fits.then(|| self.bytes.clone()).ok_or(FetchError::TooLarge { limit })
    }
}

fn read(opened: Opened) -> Vec<u8> {
    let mut bytes = Vec::new();
    match opened.content {
        Content::Disk(mut file) => drop(file.read_to_end(&mut bytes).expect("reads")),
        Content::Memory(whole) => bytes.extend(whole),
    }
    assert_eq!(bytes.len() as u64, opened.size);
    bytes
}

/// 100 KB each, told apart by a byte.
fn file(number: u8) -> Fixed {
    Fixed::new(vec![number; 100 * 1024], None)
}

fn names(dir: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(dir).expect("a directory");
    let mut names: Vec<String> =
        entries.map(|entry| entry.expect("an entry").file_name().into_string().expect("text")).collect();
    names.sort();
    names
}

fn sorted(numbers: &[u8]) -> Vec<String> {
    let mut names: Vec<String> = numbers.iter().map(|number| file(*number).sha256()).collect();
    names.sort();
    names
}

#[tokio::test]
async fn what_is_on_the_disk_counts_after_a_restart_and_what_was_not_used_for_longest_goes() {
    let dir = tempfile::tempdir().expect("a directory");
    let cache = FileCache::open(dir.path(), 1 << 30).await.expect("opens");
    for number in 0..6_u8 {
        let file = file(number);
        assert_eq!(read(cache.get(&file.sha256(), &file).await.expect("given")), file.bytes);
    }
    // The first was used last, then they go by their numbers.
    for (days, number) in [0_u8, 5, 4, 3, 2, 1].into_iter().enumerate() {
        let used = SystemTime::UNIX_EPOCH + Duration::from_hours(480_000 - 24 * days as u64);
        let times = FileTimes::new().set_accessed(used).set_modified(SystemTime::UNIX_EPOCH);
        let file = std::fs::File::open(dir.path().join(file(number).sha256())).expect("opens");
        file.set_times(times).expect("set");
    }
    std::fs::write(dir.path().join(format!("{}.3.part", file(9).sha256())), b"half").expect("written");
    drop(cache);
    // Room for four and some.
    let cache = FileCache::open(dir.path(), 450 * 1024).await.expect("opens");
    assert_eq!(names(dir.path()), sorted(&[0, 3, 4, 5]), "the oldest two are gone, and half a file too");
    for number in [6, 0, 7] {
        let file = file(number);
        assert_eq!(read(cache.get(&file.sha256(), &file).await.expect("given")), file.bytes);
        assert_eq!(file.asked().len(), usize::from(number != 0), "the first is there still");
        cache.kept.run_pending_tasks().await;
    }
    assert_eq!(names(dir.path()), sorted(&[0, 5, 6, 7]), "in the order of their use, before the start and after");
}

#[tokio::test]
async fn a_file_from_before_the_start_that_was_changed_is_fetched_anew_and_one_larger_than_the_cache_goes_out() {
    let dir = tempfile::tempdir().expect("a directory");
    let one = file(1);
    std::fs::write(dir.path().join(one.sha256()), b"something else").expect("written");
    let cache = FileCache::open(dir.path(), 50 * 1024).await.expect("opens");
    for _ in 0..3 {
        assert_eq!(read(cache.get(&one.sha256(), &one).await.expect("given")), one.bytes);
        cache.kept.run_pending_tasks().await;
        assert!(names(dir.path()).is_empty(), "and is not kept");
    }
}

#[tokio::test]
async fn a_disk_that_takes_nothing_costs_the_cache_and_not_the_file() {
    let dir = tempfile::tempdir().expect("a directory");
    let cache = FileCache::open(dir.path(), 1 << 30).await.expect("opens");
    for kind in [io::ErrorKind::StorageFull, io::ErrorKind::ReadOnlyFilesystem, io::ErrorKind::QuotaExceeded] {
        let one = Fixed::new(format!("of {kind}").into_bytes(), Some(kind));
        assert_eq!(read(cache.get(&one.sha256(), &one).await.expect("given")), one.bytes);
        assert_eq!(one.asked(), ["disk", "memory"]);
        let wrong = "ab".repeat(32);
        let why = cache.get(&wrong, &one).await.expect_err("of another digest");
        assert!(matches!(*why, FileError::Wrong), "{why}");
        assert!(names(dir.path()).is_empty());
    }
    let large = Fixed::new(vec![7; (IN_MEMORY + 1) as usize], Some(io::ErrorKind::StorageFull));
    let why = cache.get(&large.sha256(), &large).await.expect_err("it would need a disk");
    assert!(matches!(*why, FileError::Fetch(FetchError::TooLarge { .. })), "{why}");
    let again = Fixed::new(large.bytes, None);
    cache.get(&again.sha256(), &again).await.expect("there is room again");
    assert_eq!(names(dir.path()), [again.sha256()]);
}
