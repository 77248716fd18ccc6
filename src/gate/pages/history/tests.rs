//! Pages of a project, one after the other, and what each says against those before.

mod remembered;

use serde_json::json;

use super::*;
use crate::model::ProjectName;

fn at(hours: i64) -> Time {
    "2026-11-27T12:00:00Z".parse::<Time>().expect("a time") + TimeDelta::hours(hours)
}

/// In the place of hours, where nobody says.
const UNDATED: i64 = i64::MIN;

/// Files by number, with the digit that their digests are made of and how many hours after noon they were uploaded.
fn page(files: &[(usize, char, i64)]) -> ProjectPage {
    let name = ProjectName::parse("widgets").expect("valid");
    let base = url::Url::parse("https://index.example/simple/widgets/").expect("an address");
    let file = |(number, digit, hours): &(usize, char, i64)| {
        json!({"filename": format!("widgets-{number}.tar.gz"), "url": format!("{number}"), "upload-time": (*hours != UNDATED).then(|| at(*hours)),
               "hashes": {"sha256": digit.to_string().repeat(64)}})
    };
    let files: Vec<_> = files.iter().map(file).collect();
    ProjectPage::read(&name, &base, json!({"name": "widgets", "files": files}).to_string().as_bytes()).expect("read")
}

type Files<'f> = &'f [(usize, char, i64)];

/// What is said of the last of these pages, each said so many hours after noon.
fn of(pages: &[(i64, Files<'_>)]) -> (PageHistory, Vec<(usize, Altered)>) {
    let (mut history, mut before) = (PageHistory::default(), None::<(ProjectPage, Time)>);
    for (hours, files) in pages {
        let new = page(files);
        if let Some((last, said)) = &before {
            history = history.after(Some(&SeenFile::all(last)), *said, &new).expect("few");
        }
        before = Some((new, at(*hours)));
    }
    let (mut last, _) = before.expect("a page");
    history.mark(&mut last);
    let number = |file: &PageFile| file.version.as_deref().and_then(|version| version.parse().ok());
    let marked = last.files.iter().filter_map(|file| number(file).zip(file.altered)).collect();
    (history, marked)
}

const NONE: [(usize, Altered); 0] = [];
const FIRST: Files<'_> = &[(1, 'a', -900), (2, 'b', -400)];

#[test]
fn other_bytes_under_a_name_are_told_until_the_first_are_back() {
    let other = &[(1, 'c', -2), (2, 'b', -400)][..];
    let third = &[(1, 'd', -900), (2, 'b', -400)][..];
    assert_eq!(of(&[(0, FIRST), (1, FIRST)]).1, NONE);
    assert_eq!(of(&[(0, FIRST), (1, other)]).1, [(1, Altered::Replaced)]);
    assert_eq!(of(&[(0, FIRST), (1, other), (2, other), (3, other)]).1, [(1, Altered::Replaced)], "and stays so");
    assert_eq!(of(&[(0, FIRST), (1, other), (2, third)]).1, [(1, Altered::Replaced)]);
    assert_eq!(of(&[(0, FIRST), (1, other), (2, FIRST)]).1, NONE, "what was there first");
    let without = &FIRST[1..];
    assert_eq!(of(&[(0, FIRST), (1, without), (2, other)]).1, [(1, Altered::Replaced)], "gone in between");
    assert_eq!(of(&[(0, FIRST), (1, other), (2, without), (3, other)]).1, [(1, Altered::Replaced)]);
    assert_eq!(of(&[(0, FIRST), (1, other), (2, without)]).0.contradictions().count(), 0, "it is not there");
}

#[test]
fn a_date_from_before_a_file_was_there_is_told_and_one_of_a_slow_index_is_none() {
    let with = |hours: i64| [FIRST, &[(3, 'e', hours)]].concat();
    for (uploaded, marked) in [(1, vec![]), (-1, vec![]), (-26, vec![]), (-27, vec![(3, Altered::Backdated)])] {
        assert_eq!(of(&[(0, FIRST), (2, &with(uploaded))]).1, marked, "uploaded {uploaded} hours after");
    }
    assert_eq!(of(&[(0, FIRST), (2, &with(-500)), (3, &with(-500))]).1, [(3, Altered::Backdated)], "and stays so");
    let again = [(0, FIRST), (2, &with(-500)[..]), (3, FIRST), (4, &with(-500)[..])];
    assert_eq!(of(&again).1, [(3, Altered::Backdated)], "and where it was away");
    let older = &[(1, 'a', -900), (2, 'b', -500)][..];
    assert_eq!(of(&[(0, FIRST), (1, older)]).1, [(2, Altered::Backdated)], "the same bytes, dated anew");
    assert_eq!(of(&[(0, older), (1, FIRST)]).1, NONE, "younger than it was");
    assert_eq!(of(&[(0, FIRST), (1, &[(1, 'a', -901), (2, 'b', -400)])]).1, NONE, "as good as the same");
}

#[test]
fn what_was_in_quarantine_comes_back_as_it_was() {
    assert_eq!(of(&[(0, FIRST), (1, &[]), (500, &[]), (501, FIRST)]).1, NONE);
    assert_eq!(of(&[(0, FIRST), (1, &[]), (2, &[(1, 'c', -900)])]).1, [(1, Altered::Replaced)]);
}

#[test]
fn a_file_that_is_dated_back_makes_its_project_no_older() {
    let young = page(&[(1, 'a', -20)]);
    let mut with = page(&[(1, 'a', -20), (2, 'b', -20_000)]);
    let history = PageHistory::default().after(Some(&SeenFile::all(&young)), at(0), &with).expect("few");
    history.mark(&mut with);
    assert_eq!(with.first_upload, Some(at(-20)));
}

#[test]
fn of_a_page_that_is_lost_nothing_is_held_against_the_next() {
    let history = PageHistory::default().after(None, at(0), &page(FIRST)).expect("few");
    assert_eq!(history, PageHistory::default());
}

#[test]
fn what_is_kept_is_bounded_and_a_page_that_contradicts_itself_throughout_is_none() {
    let many = |digit| (0..=MOST).map(|number| (number, digit, -900)).collect::<Vec<_>>();
    let (before, said) = (SeenFile::all(&page(&many('a'))), at(0));
    let other = PageHistory::default().after(Some(&before), said, &page(&many('b')));
    assert!(matches!(other, Err(FetchError::Garbled(_))));
    let none = PageHistory::default().after(Some(&before), said, &page(&[])).expect("nothing is there");
    assert_eq!((none.gone.len(), none.forgot), (MOST, true));
    let back = none.after(Some(&[]), said, &page(&many('a'))).expect("as they were");
    assert_eq!(back.contradictions().count(), 0, "which of them are new is not known any more");
}
