//! What is on the disk is what the index said, or nothing.

use chrono::TimeDelta;

use super::*;
use crate::clock::Clock;

const ROOM: u64 = 1 << 20;
const LIMIT: u64 = 1 << 16;

fn address(name: &str) -> Url {
    Url::parse(&format!("http://index.test/simple/{name}/")).expect("an address")
}

fn at() -> Time {
    Clock::System.now()
}

fn print(page: &[u8]) -> Print {
    Sha256::digest(page).into()
}

fn put(shelf: &PageShelf, name: &str, page: &[u8], at: Time) -> Head {
    let head = Head::of(address(name), Some("\"1\"".to_owned()), (&print(page), false));
    shelf.put(&head, &packed(page).expect("packed"), at).expect("written");
    head
}

fn names(shelf: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(shelf).expect("a directory");
    entries.map(|entry| entry.expect("there").file_name().to_string_lossy().into_owned()).collect()
}

#[test]
fn a_page_is_there_after_a_restart_with_when_it_was_said_last() {
    let dir = tempfile::tempdir().expect("a directory");
    let (page, then) = (b"{\"files\": []}".as_slice(), at() - TimeDelta::hours(3));
    let head = put(&PageShelf::open(dir.path(), ROOM).expect("opened"), "widgets", page, then);
    let shelf = PageShelf::open(dir.path(), ROOM).expect("opened");
    assert_eq!(shelf.head(&address("widgets")), Some((head.clone(), then)));
    assert_eq!(shelf.page(&address("widgets"), &print(page), LIMIT).as_deref(), Some(page));
    assert_eq!(head.print(), Some(print(page)));
    let now = at();
    shelf.confirm(&address("widgets"), now).expect("noted");
    assert_eq!(shelf.head(&address("widgets")), Some((head, now)));
    assert_eq!(shelf.page(&address("widgets"), &print(page), LIMIT).as_deref(), Some(page), "and is the same");
    shelf.remove(&address("widgets")).expect("removed");
    shelf.remove(&address("widgets")).expect("gone is gone");
    assert!(shelf.head(&address("widgets")).is_none() && shelf.confirm(&address("widgets"), now).is_err());
}

#[test]
fn what_is_cut_off_altered_or_of_another_page_is_none() {
    let dir = tempfile::tempdir().expect("a directory");
    let shelf = PageShelf::open(dir.path(), ROOM).expect("opened");
    let page = b"{\"files\": [1, 2, 3]}".repeat(50);
    put(&shelf, "widgets", &page, at());
    let file = shelf.path(&address("widgets"));
    let whole = std::fs::read(&file).expect("there");
    for length in 0..whole.len() {
        std::fs::write(&file, &whole[..length]).expect("written");
        assert!(shelf.page(&address("widgets"), &print(&page), LIMIT).is_none(), "{length} bytes");
    }
    for place in 0..whole.len() {
        let mut altered = whole.clone();
        altered[place] ^= 1;
        std::fs::write(&file, &altered).expect("written");
        let read = shelf.page(&address("widgets"), &print(&page), LIMIT);
        assert!(read.is_none_or(|read| read == page), "at byte {place}");
    }
    std::fs::write(shelf.path(&address("gadgets")), &whole).expect("written");
    assert!(shelf.head(&address("gadgets")).is_none(), "it says of what it is");
    std::fs::write(&file, &whole).expect("written");
    assert!(shelf.page(&address("widgets"), &print(b"another"), LIMIT).is_none());
    assert!(shelf.page(&address("widgets"), &print(&page), 20).is_none(), "larger than a page may be");
    assert_eq!(shelf.page(&address("widgets"), &print(&page), page.len() as u64), Some(page));
}

#[test]
fn a_first_line_without_an_end_is_not_read_to_its_end() {
    let dir = tempfile::tempdir().expect("a directory");
    let shelf = PageShelf::open(dir.path(), ROOM).expect("opened");
    std::fs::write(shelf.path(&address("widgets")), vec![b' '; 4 << 20]).expect("written");
    assert!(shelf.head(&address("widgets")).is_none());
}

#[test]
fn what_has_no_room_goes_and_the_oldest_first() {
    let dir = tempfile::tempdir().expect("a directory");
    let shelf = PageShelf::open(dir.path(), 4000).expect("opened");
    let began = at() - TimeDelta::days(1);
    for number in 0..100 {
        put(&shelf, &format!("p{number}"), b"{}", began + TimeDelta::seconds(number));
    }
    let there = |number: i64| shelf.head(&address(&format!("p{number}"))).is_some();
    assert!(there(99) && !there(0));
    let first = (0..100).find(|number| there(*number)).expect("some are there");
    assert!((first..100).all(there), "none older than one that went");
    let size = |name: &String| std::fs::metadata(dir.path().join(name)).expect("there").len();
    let taken: u64 = names(dir.path()).iter().map(size).sum();
    assert!(taken <= 4000 + 4000 / 8 + 400, "{taken}");
    std::fs::write(dir.path().join("0.7.part"), "half").expect("written");
    PageShelf::open(dir.path(), 1000).expect("opened");
    let taken: u64 = names(dir.path()).iter().map(size).sum();
    assert!(taken <= 1000 && names(dir.path()).iter().all(|name| !name.contains('.')), "{taken}");
}
