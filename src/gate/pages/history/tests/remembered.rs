//! However long a file was away, and by however small steps its date moves: what was said of it first is held against it.

use proptest::prelude::*;
use sha2::{Digest as _, Sha256};

use super::*;
use crate::gate::pages::shelf::{Head, PageShelf, packed};

/// A file as a page has it: the digit of its digest, and how many hours after noon it was uploaded.
type Said = (char, i64);

/// All that was ever said of one file.
#[derive(Clone, Copy, Debug, Default)]
struct Recalled {
    /// With the latest time that was said of it, or since when it may be there.
    first: Option<(char, Option<i64>)>,
    altered: Option<(char, Altered)>,
}

impl Recalled {
    /// What is wrong with it now. `since`: when the page before was said; `None`: there was none.
    fn hears(&mut self, (digit, hours): Said, since: Option<i64>) -> Option<Altered> {
        const LAG: i64 = 26;
        let hours = (hours != UNDATED).then_some(hours);
        let is_before = |since: Option<i64>| since.zip(hours).is_some_and(|(since, hours)| hours + LAG < since);
        let how = match (self.altered, self.first) {
            (Some((altered, how)), _) if altered == digit => Some(how),
            (_, Some((first, _))) if first != digit => Some(Altered::Replaced),
            (_, Some((_, dated))) => is_before(dated).then_some(Altered::Backdated),
            (Some(_), None) => Some(Altered::Replaced),
            (None, None) => is_before(since).then_some(Altered::Backdated),
        };
        self.altered = how.map(|how| (digit, how));
        if how.is_none() {
            let dated = self.first.map_or(since.filter(|_| hours.is_none()), |(_, dated)| dated);
            self.first = Some((digit, dated.max(hours)));
        }
        how
    }
}

fn said() -> impl Strategy<Value = Option<Said>> {
    let digit = prop::sample::select(vec!['a', 'a', 'a', 'b']);
    prop::option::weighted(0.8, (digit, prop_oneof![4 => -80_i64..40, 4 => -900_i64..0, 1 => Just(UNDATED)]))
}

/// A page as it was said, so many hours after noon: by the number of each file.
type Page = (i64, Vec<(usize, char, i64)>);

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    #[test]
    fn what_is_wrong_with_a_file_is_told_by_all_that_was_ever_said_of_it(
        pages in prop::collection::vec((1_i64..40, prop::collection::vec(said(), 3)), 1..9),
    ) {
        let (mut now, mut all) = (0, [Recalled::default(); 3]);
        let (mut said, mut told) = (Vec::<Page>::new(), Vec::new());
        for (pause, files) in pages {
            now += pause;
            let since = said.last().map(|(at, _)| *at);
            let files = files.into_iter().enumerate();
            let files: Vec<_> =
                files.filter_map(|(number, of)| of.map(|(digit, hours)| (number, digit, hours))).collect();
            let wrong = |(number, digit, hours): &(usize, char, i64)| {
                Some((*number, all[*number].hears((*digit, *hours), since)?))
            };
            told = files.iter().filter_map(wrong).collect();
            said.push((now, files));
        }
        let pages: Vec<(i64, Files<'_>)> = said.iter().map(|(at, files)| (*at, files.as_slice())).collect();
        let (history, marked) = of(&pages);
        prop_assert_eq!(&marked, &told, "{:?}", &said);
        prop_assert_eq!(history.contradictions().count(), told.len(), "and persons are told of these");
        let written = serde_json::to_string(&history).expect("JSON");
        prop_assert_eq!(serde_json::from_str::<PageHistory>(&written).expect("read"), history, "over a restart");
    }
}

const YOUNG: Files<'_> = &[(1, 'a', -900), (2, 'b', -20)];
const OLD: Files<'_> = &[(1, 'a', -900), (2, 'b', -800)];

/// Taken away for one look, and there again as if it had been there for a month.
#[test]
fn a_file_that_was_away_comes_back_no_older_than_it_was() {
    let without = &YOUNG[..1];
    assert_eq!(of(&[(0, YOUNG), (1, without), (2, OLD)]).1, [(2, Altered::Backdated)]);
    assert_eq!(of(&[(0, YOUNG), (1, &[]), (300, &[]), (301, OLD)]).1, [(2, Altered::Backdated)]);
    assert_eq!(of(&[(0, YOUNG), (1, without), (2, YOUNG)]).1, NONE);
    assert_eq!(of(&[(0, YOUNG), (1, without), (2, YOUNG), (3, OLD)]).1, [(2, Altered::Backdated)]);
    let other = &[(1, 'a', -900), (2, 'c', -20)][..];
    assert_eq!(of(&[(0, YOUNG), (1, other), (2, OLD)]).1, [(2, Altered::Backdated)], "the first bytes, dated anew");
}

/// Its date taken away for one look, and there again as if it were of a month ago.
#[test]
fn a_file_whose_date_was_away_is_no_older_than_it_was_or_than_the_page_that_lacked_it() {
    let (undated, without) = ([YOUNG[0], (2, 'b', UNDATED)], &YOUNG[..1]);
    assert_eq!(of(&[(0, YOUNG), (1, &undated), (2, OLD)]).1, [(2, Altered::Backdated)]);
    assert_eq!(of(&[(0, YOUNG), (1, &undated), (9, &undated), (10, YOUNG)]).1, NONE);
    assert_eq!(of(&[(0, without), (1, &undated), (2, OLD)]).1, [(2, Altered::Backdated)], "it was not there");
    assert_eq!(of(&[(0, &undated), (1, OLD)]).1, NONE, "nobody knows since when it is");
}

#[test]
fn a_date_that_moves_by_small_steps_is_told_once_they_are_a_large_one() {
    let dated = |hours: i64| [YOUNG[0], (2, 'b', hours)];
    let steps: Vec<[(usize, char, i64); 2]> = (0..8).map(|step| dated(-20 - 20 * step)).collect();
    let pages: Vec<(i64, Files<'_>)> = (0..).zip(&steps).map(|(at, files)| (at, &files[..])).collect();
    assert_eq!(of(&pages[..2]).1, NONE, "as a slow repository may have it");
    for length in 3..=pages.len() {
        assert_eq!(of(&pages[..length]).1, [(2, Altered::Backdated)], "{length}");
    }
    let (back, gone) = (dated(-20), [YOUNG[0]]);
    assert_eq!(of(&[pages[0], pages[1], (2, &back), (3, &dated(-40))]).1, NONE, "to and fro is no step on");
    assert_eq!(of(&[pages[0], pages[1], (2, &gone), (3, &dated(-60))]).1, [(2, Altered::Backdated)], "nor is away");
}

/// As an earlier version kept it beside its page.
#[test]
fn what_was_written_without_dates_is_read_and_tells_by_digests() {
    let first = "b".repeat(64);
    let gone = format!(r#"{{"gone": {{"widgets-2.tar.gz": "{first}"}}}}"#);
    let other = "c".repeat(64);
    let altered = format!(
        r#"{{"altered": {{"widgets-2.tar.gz": {{"sha256": "{other}", "was": "{first}", "how": "replaced", "is_there": true}}}}}}"#
    );
    for written in [gone, altered] {
        let history: PageHistory = serde_json::from_str(&written).expect("read");
        let after = |files: Files<'_>| {
            let seen = SeenFile::all(&page(&YOUNG[..1]));
            let mut page = page(files);
            history.after(Some(&seen), at(1), &page).expect("few").mark(&mut page);
            page.files[1].altered
        };
        assert_eq!(after(OLD), None, "nobody knows its date any more: {written}");
        assert_eq!(after(&[YOUNG[0], (2, 'd', -20)]), Some(Altered::Replaced), "{written}");
    }
}

#[test]
fn what_cannot_be_remembered_is_told_at_once() {
    let many = |hours: i64| page(&(0..=MOST).map(|number| (number, 'a', hours)).collect::<Vec<_>>());
    let before = SeenFile::all(&many(-20));
    let moved = PageHistory::default().after(Some(&before), at(0), &many(-21)).expect("one too many");
    assert_eq!((moved.gone.len(), moved.contradictions().count()), (MOST, 1), "each has moved by an hour");
    let same = PageHistory::default().after(Some(&before), at(0), &many(-20)).expect("the same");
    assert_eq!(same, PageHistory::default());
}

/// Whoever calls files so that a line of JSON is long makes nobody forget what contradicts.
#[test]
fn the_most_that_is_kept_of_a_page_is_there_after_a_restart() {
    let uploaded = at(-900) + TimeDelta::microseconds(7);
    let address = url::Url::parse("https://index.example/simple/widgets/").expect("an address");
    let page = |numbers: std::ops::Range<usize>, digit: &str| {
        let file = |number: usize| {
            json!({"filename": format!("{number:05}{}", "\"".repeat(250)), "url": "x", "upload-time": uploaded,
                   "hashes": {"sha256": digit.repeat(64)}})
        };
        let page = json!({"name": "widgets", "files": numbers.map(file).collect::<Vec<_>>()}).to_string();
        ProjectPage::read(&ProjectName::parse("widgets").expect("valid"), &address, page.as_bytes()).expect("a page")
    };
    let before = SeenFile::all(&page(0..2 * MOST, "a"));
    let history = PageHistory::default().after(Some(&before), at(0), &page(0..MOST, "b")).expect("as many as may be");
    assert_eq!((history.contradictions().count(), history.gone.len()), (MOST, MOST));
    let dir = tempfile::tempdir().expect("a directory");
    let shelf = || PageShelf::open(dir.path(), 64 << 20).expect("opened");
    let head = Head::of(address.clone(), None, (&Sha256::digest(b"page").into(), false)).after(history);
    shelf().put(&head, &packed(b"page").expect("packed"), at(0)).expect("written");
    let kept = shelf().head(&address).map(|(kept, _)| kept);
    assert!(kept == Some(head), "what contradicts is known");
}
