//! Whatever happens to what an answer is made of: the page in each of its forms, the file, its metadata, HEAD, a range and 304 are of one mind, and
//! it is that of a plain list of the rules; a page that is kept is the one that would be made; nobody keeps one for longer than it is so.

mod acts;
mod asked;
mod oracle;
mod races;
mod rules;
mod stage;
mod there;

use proptest::prelude::*;

use acts::{Act, Aged, Change, act, put};
use asked::{FORMS, Kept};
use rules::{DAY, Rules, rules};
use stage::{Model, Stage};
use there::Side;

/// How it begins.
#[derive(Clone, Debug)]
struct Start {
    rules: Rules,
    persons: usize,
    has_private: bool,
    /// What PyPI has then, and the private index.
    pypi: Vec<Change>,
    private: Vec<Change>,
}

/// What happens next, how long after, and which pages are asked for then.
#[derive(Clone, Debug)]
struct Turn {
    act: Act,
    /// What was asked for is asked for anew.
    is_later: bool,
    forms: u16,
    /// By which of the ways each file is asked for, beside the first two.
    ways: u16,
}

fn start() -> impl Strategy<Value = Start> {
    let files = |is_private, most| prop::collection::vec(put(is_private), 0..most);
    let private = prop::option::weighted(0.3, files(true, 4));
    (rules(), 1_usize..3, prop::bool::weighted(0.6), (0_u8..3, files(false, 5)), private).prop_map(
        |(rules, persons, has_private, (content, pypi), private)| {
            let (rules, private) = (since_noon(rules), private.map(with_project).unwrap_or_default());
            Start { rules, persons, has_private, pypi: with_project([vec![old(content)], pypi].concat()), private }
        },
    )
}

/// One that is old enough, so that its project is.
fn old(content: u8) -> Change {
    Change::Put(0, content, Aged::Old(60 * DAY), None, true, there::Place::Near)
}

fn with_project(files: Vec<Change>) -> Vec<Change> {
    std::iter::once(Change::There(true)).chain(files).collect()
}

fn since_noon(rules: Rules) -> Rules {
    Rules { freeze: rules.freeze, records: rules.records.since(0), evidence: rules.evidence.since(0), ..rules }
}

fn turn() -> impl Strategy<Value = Turn> {
    // Some forms are asked for seldom, so that what is kept of them is old.
    let forms = prop::collection::vec(prop::bool::weighted(0.3), FORMS);
    let ways = prop::collection::vec(prop::bool::weighted(0.4), 11);
    let mask = |of: Vec<bool>| of.iter().enumerate().map(|(at, is_asked)| u16::from(*is_asked) << at).sum();
    (act(), prop::bool::weighted(0.7), forms, ways).prop_map(move |(act, is_later, forms, ways)| Turn {
        act,
        is_later,
        forms: mask(forms),
        ways: mask(ways) | 3,
    })
}

async fn staged(dir: &std::path::Path, start: Start) -> Stage {
    let private = start.has_private.then(Side::default);
    let mut model = Model::new(start.rules, start.persons, (Side::default(), private));
    for (is_private, changes) in [(false, start.pypi), (true, start.private)] {
        changes.into_iter().for_each(|change| model.changes(is_private, change));
    }
    Stage::new(dir, model).await
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(80))]

    #[test]
    fn whatever_happens_every_way_to_a_file_is_open_or_none(
        start in start(), turns in prop::collection::vec(turn(), 1..14),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let dir = tempfile::tempdir().expect("a directory");
        runtime.block_on(async {
            let (mut stage, mut kept) = (staged(dir.path(), start).await, Kept::new());
            stage.agrees((1 << FORMS) - 1, u16::MAX, &mut kept).await;
            for turn in turns {
                stage.happens(turn.act).await;
                if turn.is_later {
                    stage.pass(60);
                }
                stage.agrees(turn.forms, turn.ways, &mut kept).await;
            }
        });
    }
}
