//! Facts stand once, in columns: what goes in comes out, whatever was published, and takes no more room than it may.

use super::aging::settled;
use super::*;
use crate::model::finding::WouldPipTake;
use crate::model::release::{Files, Reach, Reaches};
use crate::model::resolve::{Installer, would_take};
use crate::model::{Facts, Finding, Releases, Timeline, timeline::TimelineEvent};

const MIXED: Files = Files {
    fresh: Reaches { pip: Reach::Somewhere, uv: Reach::Everywhere, poetry: Reach::Nowhere },
    yanked: Reaches { pip: Reach::Nowhere, uv: Reach::Nowhere, poetry: Reach::Somewhere },
};

/// Everything that a registration can be known by.
fn facts() -> Facts {
    let mut releases =
        Releases::shown([("1.0".to_owned(), Files::INSTALLABLE), ("0.9".to_owned(), MIXED)], Some(Serial(40)));
    releases.tell("99.0", Some(Serial(41)));
    releases.tell("2.0rc1", None);
    releases.withdraw("1.0", Some(Serial(43)));
    Facts {
        users: vec!["zoe".to_owned(), "eve \u{202e}'; DROP".to_owned()],
        organization: Some("acme".to_owned()),
        ours: Some(false),
        releases,
        summary: Some(String::new()),
        author: Some("Eve".to_owned()),
        home_page: Some("https://acme.example".to_owned()),
        first_upload: Some(noon()),
        taken_at: Some(noon()),
        would_pip_take: WouldPipTake::Yes,
        preferred: true,
        trouble: Some("PyPI did not answer".to_owned()),
        released: true,
        provisional: true,
    }
}

async fn kept(store: &Store, facts: Facts) -> Finding {
    let finding = settled("acme-biling", 1);
    let key = finding.key.clone();
    let work = move |tx: &Tx<'_>| {
        let line = Timeline::seen(noon(), TimelineEvent::Counted);
        tx.findings().insert(&finding)?;
        tx.findings().update(&Finding { facts: facts.clone(), ..finding.clone() }, &line)
    };
    store.write(work).await.expect("stored");
    store.read(move |tx| tx.findings().get(&key)).await.expect("reads").expect("a case")
}

#[tokio::test]
async fn facts_come_back_as_they_went_in_and_later_ones_replace_them() {
    let (_dir, store) = open();
    assert_eq!(kept(&store, facts()).await.facts, facts());
    let fewer = Facts { users: vec!["zoe".to_owned()], releases: Releases::told(["1.0"]), ..facts() };
    assert_eq!(kept(&store, fewer.clone()).await.facts, fewer);
    assert_eq!(kept(&store, Facts::default()).await.facts, Facts::default());
}

/// The hundreds that are kept of ten thousand answer what all of them would, and one more costs no more room.
#[tokio::test]
async fn ten_thousand_releases_take_the_room_of_those_that_decide() {
    let (dir, store) = open();
    let flood = (0..10_000).map(|n| (format!("0.{n}"), Files::INSTALLABLE)).chain([("5.0".to_owned(), MIXED)]);
    let releases = Releases::shown(flood, Some(Serial(7)));
    let take = |facts: &Facts| would_take(Installer::Pip, Some("1.0"), &facts.releases).take;
    let facts = Facts { releases, ..Facts::default() };
    let found = kept(&store, facts.clone()).await;
    assert_eq!((take(&found.facts), found.facts.releases.left_out()), (take(&facts), 10_001 - 200));
    drop(store);
    let theirs = rusqlite::Connection::open(dir.path().join("namewarden.db")).expect("opens");
    let count = |query| theirs.query_row(query, [], |row| row.get::<_, i64>(0)).expect("counts");
    assert_eq!(count("SELECT count(*) FROM fact_releases"), 200);
    assert_eq!(
        count("SELECT count(*) FROM findings WHERE body LIKE '%5.0%' OR body LIKE '%facts%'"),
        0,
        "no copy in the case"
    );
}

#[tokio::test]
async fn facts_are_forgotten_with_their_case() {
    let (dir, store) = open();
    kept(&store, facts()).await;
    let after = noon() + TimeDelta::days(731);
    while store.write(move |tx| tx.retire(after)).await.expect("retired") > 0 {}
    drop(store);
    let theirs = rusqlite::Connection::open(dir.path().join("namewarden.db")).expect("opens");
    let count =
        |table: &str| theirs.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get::<_, i64>(0));
    let left = ["findings", "facts", "fact_users", "fact_releases"].map(|table| count(table).expect("counts"));
    assert_eq!(left, [0; 4]);
}
