//! A reviewer sees what is in a file that is held, beside the one that was received last; nobody else has a byte of it by that.

use reqwest::StatusCode;
use tokio::time::{Duration, Instant};

use super::world::{HELD, World};
use crate::gate::contents::tests::made::zipped;
use crate::gate::page::{PageFile, ProjectPage};
use crate::gate::{Dossier, NotableKind, Review, ReviewFile};
use crate::model::ProjectName;

const OLD: &str = "widgets-2-py3-none-any.whl";
const NEW: &str = "widgets-3-py3-none-any.whl";

fn wheel(version: usize, more: &[(&str, &[u8])], requires: &str) -> Vec<u8> {
    let folder = format!("widgets-{version}.dist-info/METADATA");
    let metadata = format!("Metadata-Version: 2.1\nName: widgets\nVersion: {version}\n{requires}");
    let own: [(&str, &[u8]); 2] = [("widgets/__init__.py", b"1"), (&folder, metadata.as_bytes())];
    zipped(&own.into_iter().chain(more.iter().copied()).collect::<Vec<_>>())
}

impl World {
    /// The second version is received, and the third one asked for.
    async fn asked_for(&self) -> i64 {
        self.index().bytes.insert(OLD.to_owned(), wheel(2, &[], ""));
        let evil: [(&str, &[u8]); 1] = [("\u{202e}zz.pth", b"import os")];
        self.index().bytes.insert(NEW.to_owned(), wheel(3, &evil, "Requires-Dist: evil-core>=1\n"));
        assert_eq!(self.ask("GET", &format!("/files/widgets/{OLD}"), &[]).await.status, StatusCode::OK);
        assert_eq!(self.ask("GET", HELD, &[]).await.status, StatusCode::UNAVAILABLE_FOR_LEGAL_REASONS);
        self.gate.desk.list(None, 1).await.expect("listed").reviews[0].id
    }

    /// Once the delivery before is written down.
    async fn dossier(&self, review: i64) -> Dossier {
        for _ in 0..1000 {
            let of = self.gate.dossier(review).await.expect("known");
            if of.against.is_some() && of.contents.iter().all(|of| !of.is_awaited) {
                return of;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("nothing was received, or nothing read");
    }

    /// What the gate goes by.
    async fn page_and(&self, review: i64) -> (ProjectPage, Review) {
        let name = ProjectName::parse("widgets").expect("valid");
        let (whole, _) = self.gate.whole(&name, None).await.expect("a page");
        (whole.read.page.clone(), self.gate.desk.show(review).await.expect("known"))
    }

    fn fetched(&self, file: &str) -> usize {
        self.index().files_asked.iter().filter(|asked| *asked == file).count()
    }
}

#[test]
fn a_reviewer_sees_what_a_held_file_has_new_and_it_stays_held() {
    World::run(async |world| {
        let review = world.asked_for().await;
        let of = world.dossier(review).await;
        let asked: Vec<(&str, bool)> = of.review.files.iter().map(|of| (of.filename.as_str(), of.asked_for)).collect();
        assert_eq!(asked, [(NEW, true)], "what is held and was asked for is known");
        let [one] = of.contents.as_slice() else { panic!("{of:?}") };
        assert_eq!((one.filename.as_str(), one.beside.as_deref(), one.is_like), (NEW, Some(OLD), true));
        assert!(one.unread.is_empty() && of.contents_left_out == 0, "{of:?}");
        let found = one.difference.as_ref().expect("read");
        assert_eq!(found.dependencies_added.first, ["evil-core>=1"]);
        assert!(found.notable.iter().any(|of| of.kind == NotableKind::PathFile && of.is_new), "{found:?}");
        assert_eq!((found.added.count, found.changed.count, found.removed.count), (1, 1, 0));
        for (method, path) in [("GET", HELD.to_owned()), ("HEAD", HELD.to_owned()), ("GET", format!("{HELD}.metadata"))]
        {
            let headers: &[(&str, &str)] = if method == "GET" { &[("range", "bytes=0-3")] } else { &[] };
            let answer = world.ask(method, &path, headers).await;
            assert_eq!(answer.status, StatusCode::UNAVAILABLE_FOR_LEGAL_REASONS, "{method} {path}");
            assert!(!answer.body.starts_with(b"PK"), "{method} {path}");
        }
        assert_eq!(world.dossier(review).await.contents, of.contents);
        assert_eq!([world.fetched(NEW), world.fetched(OLD)], [1, 1], "what is known is not fetched again");
    });
}

/// Nobody waits for longer than they have, and what is under way goes on.
#[test]
fn what_takes_long_is_awaited_and_there_for_whoever_asks_again() {
    World::run(async |world| {
        let review = world.asked_for().await;
        let stalled = world.stalled().await;
        let (page, review) = world.page_and(review).await;
        let (now, _) = world.gate.inspected(&page, &review, Some("2"), Instant::now()).await;
        assert!(now[0].is_awaited && now[0].difference.is_none(), "{now:?}");
        world.until(|index| index.files_asked.iter().any(|asked| asked == NEW)).await;
        drop(stalled);
        let later = Instant::now() + Duration::from_secs(60);
        let (then, left_out) = world.gate.inspected(&page, &review, Some("2"), later).await;
        assert!(then[0].difference.is_some() && left_out == 0, "{then:?}");
        assert_eq!(world.fetched(NEW), 1, "it was fetched once, for both");
    });
}

/// Whoever makes a version chooses what its files are called; by the record, which a restart reads again.
#[test]
fn what_the_review_says_was_asked_for_is_looked_into_first() {
    World::run(async |world| {
        let review = world.asked_for().await;
        let (mut page, mut review) = world.page_and(review).await;
        let file = page.file(NEW).expect("there").clone();
        let named = |number: usize| format!("widgets-3-{number}-py3-none-any.whl");
        // Of no size, so that none of them is fetched.
        page.files = (1..=6).map(|number| PageFile { filename: named(number), size: None, ..file.clone() }).collect();
        let of_review = review.files[0].clone();
        let of = |number: usize| ReviewFile { filename: named(number), asked_for: number == 2, ..of_review.clone() };
        review.files = (1..=6).map(of).collect();
        let ends = Instant::now() + Duration::from_secs(60);
        let (looked, left_out) = world.gate.inspected(&page, &review, None, ends).await;
        let names: Vec<String> = looked.into_iter().map(|of| of.filename).collect();
        assert_eq!((names, left_out), ([2, 6, 5, 4].map(named).into(), 2));
        // One of before 2016, or of an index that is no PyPI.
        page.files = vec![PageFile { filename: "widgets-3.tar.bz2".to_owned(), ..file }];
        review.files = vec![ReviewFile { filename: "widgets-3.tar.bz2".to_owned(), ..of_review }];
        let (looked, _) = world.gate.inspected(&page, &review, None, ends).await;
        let why = "widgets-3.tar.bz2 was not read: it is compressed by bzip2, and what is read here is zip or gzip";
        assert!(looked[0].difference.is_none() && looked[0].unread == [why], "{looked:?}");
    });
}

#[test]
fn what_cannot_be_read_is_said_and_what_the_index_has_otherwise_by_now_is_left_out() {
    World::run(async |world| {
        let review = world.asked_for().await;
        let (page, review) = world.page_and(review).await;
        let ends = || Instant::now() + Duration::from_secs(60);
        // The first version is no archive at all: its bytes are its name.
        let (beside, _) = world.gate.inspected(&page, &review, Some("1"), ends()).await;
        assert!(beside[0].unread[0].starts_with("widgets-1-py3-none-any.whl was not read: it is broken"), "{beside:?}");
        assert!(beside[0].difference.as_ref().is_some_and(|of| of.dependencies_added.count == 1));
        assert!(beside[0].old_unread && beside[0].beside.is_none() && !beside[0].is_like, "{beside:?}");
        let (first, _) = world.gate.inspected(&page, &review, None, ends()).await;
        assert!(first[0].beside.is_none() && first[0].difference.is_some(), "{first:?}");
        let mut other = page.clone();
        other.files.iter_mut().for_each(|file| file.size = Some(65 << 20));
        let (large, _) = world.gate.inspected(&other, &review, None, ends()).await;
        assert!(large[0].difference.is_some(), "it is known already: {large:?}");
        let (beside, _) = world.gate.inspected(&other, &review, Some("2"), ends()).await;
        assert!(
            beside[0].difference.is_none() && beside[0].unread[0].ends_with("it is larger than 64 MB"),
            "{beside:?}"
        );
        other.files.iter_mut().for_each(|file| file.sha256 = "ab".repeat(32));
        let (gone, left_out) = world.gate.inspected(&other, &review, None, ends()).await;
        assert!(gone.is_empty() && left_out == 1, "{gone:?}");
    });
}
