//! A file that is old enough, of which nothing speaks but that its publisher is who published what was received here before.

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use reqwest::StatusCode;
use serde_json::{Value, json};

use super::world::{World, noon, sha256};
use crate::gate::attest::kit::{AttestWish, Sigstore};
use crate::gate::attest::{AttestedFile, TrustRoot};
use crate::gate::{Attested, AttestedBook};
use crate::model::ProjectName;
use crate::sim::Sim;
use crate::sim::world::files_of;

/// Where a page says that a provenance is, and what is there.
type Served = (String, StatusCode, String);

const REFUSED: StatusCode = StatusCode::UNAVAILABLE_FOR_LEGAL_REASONS;

fn name(version: usize) -> String {
    format!("widgets-{version}-py3-none-any.whl")
}

fn path(version: usize) -> String {
    format!("/files/widgets/{}", name(version))
}

/// What attests that this version was published.
fn wish(version: usize) -> AttestWish {
    let name = name(version);
    AttestWish::of(AttestedFile { filename: &name, sha256: &sha256(name.as_bytes()) })
}

impl World {
    /// Prior use is none, and what else speaks is this Sigstore's word.
    fn asks(&self, of: &Sigstore) {
        let root = Arc::new(TrustRoot::read(&of.trusted_root().to_string()).expect("a trust root"));
        self.rule(|rules| {
            rules.consensus.needs = 1;
            rules.consensus.prior.clients = 5;
            rules.consensus.attested = Arc::new(rules.consensus.attested.by(root));
        });
    }

    fn attest(&self, version: usize, provenance: &Value) {
        let address = format!("{}/integrity/{}", self.index, name(version));
        let there = (address, StatusCode::OK, provenance.to_string());
        self.index().provenance.insert(name(version), there);
    }

    /// Version 1 is received as every rule admits it, with its attestation; then evidence is asked for.
    async fn received_before(&self, of: &Sigstore) {
        self.attest(1, &of.provenance(&wish(1)));
        self.receives_first(of).await;
    }

    async fn receives_first(&self, of: &Sigstore) {
        self.asks(of);
        self.rule(|rules| rules.consensus.needs = 0);
        assert_eq!(self.ask("GET", &path(1), &[]).await.status, StatusCode::OK);
        for _ in 0..200 {
            if self
                .rules()
                .consensus
                .attested
                .may_speak(&widgets(), crate::gate::page::Uploaded::At(self.clock.now() + TimeDelta::days(1)))
            {
                break;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        self.asks(of);
    }

    /// A version that comes a day later, as old as the rules ask.
    async fn later(&mut self, version: usize) {
        self.upload(noon() + TimeDelta::days(1));
        assert_eq!(self.index().files.last().map(super::world::Listed::version), Some(version));
        self.clock.advance(TimeDelta::days(9));
    }

    /// Is it given out, once whoever verifies has had the time?
    async fn is_given(&self, version: usize) -> bool {
        for _ in 0..30 {
            if self.ask("GET", &path(version), &[]).await.status == StatusCode::OK {
                return true;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        false
    }
}

fn widgets() -> ProjectName {
    ProjectName::parse("widgets").expect("valid")
}

#[test]
fn what_the_publisher_of_what_was_received_publishes_later_has_a_voice_and_keeps_it() {
    World::run(async |mut world| {
        let of = Sigstore::new();
        world.received_before(&of).await;
        world.attest(4, &of.provenance(&wish(4)));
        world.later(4).await;
        assert_eq!(world.ask("GET", &path(4), &[]).await.status, REFUSED, "nobody has verified it yet");
        assert!(world.is_given(4).await);
        assert!(!world.is_given(2).await, "it was there before anything was received");
        // A restart knows it; a trust root of others does not count it.
        let mut book = AttestedBook::open(&world.dir).expect("opened");
        let known = book.all().expect("read");
        let root = |of: &Sigstore| Arc::new(TrustRoot::read(&of.trusted_root().to_string()).expect("a trust root"));
        assert!(known.by(root(&of)).is_proven(&sha256(name(4).as_bytes())));
        assert!(!known.by(root(&Sigstore::new())).is_proven(&sha256(name(4).as_bytes())));
        world.rule(|rules| rules.consensus.attested = Arc::new(known.by(root(&Sigstore::new()))));
        assert_eq!(world.ask("GET", &path(4), &[]).await.status, REFUSED);
        let digest = sha256(name(4).as_bytes());
        let publishers =
            |world: &World| world.rules().consensus.attested.publishers(&widgets(), [digest.as_str()].into_iter());
        assert_eq!(publishers(&world), None, "of neither is it proven");
        world.asks(&of);
        let said = publishers(&world).expect("proven");
        assert!(said.before.len() == 1 && said.before == said.now && said.now[0].contains(" by "), "{said:?}");
        // Nothing that stops a release is passed.
        world.index().quarantined = true;
        world.clock.advance(TimeDelta::seconds(61));
        assert_eq!(world.ask("GET", &path(4), &[]).await.status, REFUSED);
    });
}

/// Has the simulated PyPI serve that this version was published.
fn attested(pypi: &Sim, version: usize, of: &Sigstore) {
    let (filename, mut world) = (name(version), pypi.world());
    let sha256 = {
        let life = world.project(&widgets()).expect("there").life();
        files_of(&widgets(), life.release(&version.to_string()).expect("there"))[0].sha256()
    };
    let provenance = of.provenance(&AttestWish::of(AttestedFile { filename: &filename, sha256: &sha256 }));
    world.attest("widgets", &filename, &provenance.to_string()).expect("there");
}

/// From the page and the integrity API to the file.
#[test]
fn an_attestation_at_the_simulated_pypi_has_a_voice_and_a_release_without_one_has_none() {
    World::before_pypi(async |world, pypi| {
        let of = Sigstore::new();
        attested(&pypi, 1, &of);
        world.receives_first(&of).await;
        let day = noon() + TimeDelta::days(1);
        for version in ["4", "5"] {
            pypi.world().release("widgets", version, "of use", day).expect("there");
        }
        attested(&pypi, 4, &of);
        world.clock.advance(TimeDelta::days(9));
        pypi.date_ahead(TimeDelta::days(9));
        assert!(world.is_given(4).await);
        assert!(!world.is_given(5).await, "nobody attests that it was published by the same");
        let is_asked = |version| pypi.log().mentions(&format!("/integrity/widgets/{version}/"));
        assert_eq!([1, 2, 4, 5].map(is_asked), [true, false, true, false], "those that their page says to have one");
    });
}

/// A resolver asks for a page alone, and takes an older version.
#[test]
fn a_page_that_is_asked_for_is_enough_to_have_its_youngest_file_verified() {
    World::run(async |mut world| {
        let of = Sigstore::new();
        world.received_before(&of).await;
        world.attest(4, &of.provenance(&wish(4)));
        world.later(4).await;
        let mut is_listed = false;
        for _ in 0..200 {
            let page = world.page(&[]).await;
            let page: Value = serde_json::from_slice(&page.body).expect("JSON");
            let files = page["files"].as_array().expect("files");
            is_listed = files.iter().any(|file| file["filename"] == json!(name(4)) && file["yanked"] == json!(false));
            if is_listed {
                break;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        assert!(is_listed);
    });
}

#[test]
fn a_first_attestation_and_a_strangers_and_another_repository_of_that_name_have_none() {
    World::run(async |mut world| {
        let of = Sigstore::new();
        world.asks(&of);
        world.attest(4, &of.provenance(&wish(4)));
        world.later(4).await;
        assert!(!world.is_given(4).await);
        assert_eq!(world.index().provenance_asked, 0, "nobody is asked what could not speak");
    });
    World::run(async |mut world| {
        let of = Sigstore::new();
        world.received_before(&of).await;
        // The name of the repository was given up, and taken by another.
        world.attest(4, &of.provenance(&wish(4).saying(15, "2002")));
        world.later(4).await;
        assert!(!world.is_given(4).await);
        assert_eq!(world.index().provenance_asked, 2);
    });
    World::run(async |mut world| {
        let of = Sigstore::new();
        world.received_before(&of).await;
        // Of another file, by the right one.
        world.attest(4, &of.provenance(&wish(1)));
        world.later(4).await;
        assert!(!world.is_given(4).await);
    });
}

/// The address is a stranger's text.
#[test]
fn nobody_but_the_index_is_asked_and_no_more_is_taken_than_a_provenance_has() {
    let other = |change: fn(&World, Served) -> Served| {
        World::run(async |mut world| {
            let of = Sigstore::new();
            world.received_before(&of).await;
            world.attest(4, &of.provenance(&wish(4)));
            let right = world.index().provenance.remove(&name(4)).expect("there");
            let changed = change(&world, right);
            world.index().provenance.insert(name(4), changed);
            world.later(4).await;
            assert!(!world.is_given(4).await);
        });
    };
    // The same machine by another name, and so another origin.
    other(|_, (address, status, text)| (address.replace("127.0.0.1", "localhost"), status, text));
    other(|_, (address, status, text)| (address.replace("http://", "http://ada:secret@"), status, text));
    other(|world, (address, _, _)| {
        let to = address.replace("127.0.0.1", "localhost").replace("widgets-4", "widgets-9");
        let right = world.index().provenance.get(&name(1)).cloned().expect("there");
        world.index().provenance.insert("widgets-9-py3-none-any.whl".to_owned(), right);
        (address, StatusCode::FOUND, to)
    });
    other(|_, (address, status, text)| (address, status, text + &" ".repeat(600_000)));
    other(|_, (address, _, text)| (address, StatusCode::NOT_FOUND, text));
    other(|_, (address, status, _)| (address, status, "[]".to_owned()));
}

/// Every page is decided anew by each policy.
#[test]
fn what_is_proven_within_ten_seconds_is_in_force_together() {
    World::run(async |mut world| {
        let of = Sigstore::new();
        world.received_before(&of).await;
        for version in 4..12 {
            world.attest(version, &of.provenance(&wish(version)));
            world.upload(noon() + TimeDelta::days(1));
        }
        world.clock.advance(TimeDelta::days(9));
        for version in 4..7 {
            assert_eq!(world.ask("GET", &path(version), &[]).await.status, REFUSED, "{version}");
        }
        assert!(world.is_given(4).await, "the first at once");
        let is_proven = |of: &Attested, version: usize| of.is_proven(&sha256(name(version).as_bytes()));
        let root = Arc::new(TrustRoot::read(&of.trusted_root().to_string()).expect("a trust root"));
        let mut are_written = false;
        for _ in 0..200 {
            let kept = AttestedBook::open(&world.dir).and_then(|mut book| book.all()).expect("read");
            are_written = (4..7).all(|version| is_proven(&kept.by(Arc::clone(&root)), version));
            if are_written {
                break;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        assert!(are_written);
        let in_force =
            |world: &World| (4..12).filter(|version| is_proven(&world.rules().consensus.attested, *version)).count();
        assert_eq!(in_force(&world), 1, "the others wait");
        // Whoever verifies may see the new time before they rest: then the next one is told with the one after.
        let mut are_together = false;
        for version in 7..12 {
            world.clock.advance(TimeDelta::seconds(10));
            are_together = world.is_given(version).await && in_force(&world) >= 4;
            if are_together {
                break;
            }
        }
        assert!(are_together, "with the next");
    });
}
