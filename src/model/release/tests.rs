//! Releases as they are told and shown, beyond what is kept of them.

use super::*;
use crate::model::finding::WouldPipTake;
use crate::model::resolve::{Installer, would_take};

const YANKED: Files = Files { fresh: Reaches::all(Reach::Nowhere), yanked: Reaches::all(Reach::Everywhere) };

fn page(releases: &[(&str, Files)], as_of: u64) -> Releases {
    Releases::shown(releases.iter().map(|(version, files)| ((*version).to_owned(), *files)), Some(Serial(as_of)))
}

fn versions(releases: &Releases) -> Vec<&str> {
    releases.versions().collect()
}

#[test]
fn what_was_withdrawn_stays_so_until_something_younger_says_otherwise() {
    let mut releases = page(&[("1.0", Files::INSTALLABLE), ("99.0", Files::INSTALLABLE)], 10);
    assert!(releases.withdraw("99.0", Some(Serial(12))));
    assert!(!releases.tell("99.0", None), "RSS repeats old items");
    releases.learn(page(&[("1.0", Files::INSTALLABLE), ("99.0", Files::INSTALLABLE)], 11));
    assert_eq!(versions(&releases), ["1.0"], "an older page");
    releases.learn(page(&[("1.0", Files::INSTALLABLE), ("99.0", YANKED)], 12));
    assert_eq!(versions(&releases), ["1.0"], "the page says it too");
    releases.learn(page(&[("1.0", Files::INSTALLABLE), ("99.0", Files::INSTALLABLE)], 13));
    assert_eq!(versions(&releases), ["99.0", "1.0"], "yanked no longer");
}

#[test]
fn a_page_has_the_last_word_on_what_came_before_it() {
    let mut releases = Releases::default();
    assert!(releases.tell("1.0", Some(Serial(5))) && releases.tell("2.0", Some(Serial(9))));
    releases.learn(page(&[], 7));
    assert_eq!(versions(&releases), ["2.0"], "1.0 is gone by then, 2.0 is younger");
    assert!(releases.looked());
    releases.learn(page(&[("0.1", Files::INSTALLABLE)], 6));
    assert_eq!(versions(&releases), ["2.0"], "an older page says nothing");
}

/// Hundreds of releases of one kind push none of another out: the answers are those of the whole list.
#[test]
fn no_number_of_releases_hides_the_one_that_decides() {
    let some = Files { fresh: Reaches::all(Reach::Somewhere), yanked: Reaches::all(Reach::Nowhere) };
    let flood = |form: fn(u32) -> String, files: Files| (0..1_000).map(move |n| (form(n), files));
    let finals: fn(u32) -> String = |n| format!("{}.0", 100 + n);
    let alphas: fn(u32) -> String = |n| format!("{}.0a1", 100 + n);
    let lower: fn(u32) -> String = |n| format!("0.{n}");
    let words: fn(u32) -> String = |n| format!("word{n}");
    let one = [("5.0".to_owned(), Files::INSTALLABLE)];
    for (form, files) in
        [(finals, YANKED), (alphas, Files::INSTALLABLE), (finals, some), (words, some), (lower, YANKED)]
    {
        let releases = Releases::shown(flood(form, files).chain(one.clone()), None);
        assert_eq!((releases.list.len(), releases.left_out()), (KEPT, 1_001 - KEPT));
        assert!(releases.contains("5.0"));
    }
    let hidden = Releases::shown(flood(lower, Files::INSTALLABLE).chain([("5.0".to_owned(), some)]), None);
    assert_eq!(would_take(Installer::Pip, Some("1.0"), &hidden).take, WouldPipTake::Unknown);
}

#[test]
fn a_version_that_cannot_be_kept_is_unknown() {
    let long = format!("1{}", ".0".repeat(LONGEST));
    let releases = page(&[(&long, Files::INSTALLABLE)], 1);
    assert_eq!((releases.is_empty(), releases.unread()), (true, 1));
    assert_eq!(would_take(Installer::Pip, Some("2.0"), &releases).take, WouldPipTake::Unknown);
}
