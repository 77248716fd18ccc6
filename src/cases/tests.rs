//! One name at two registries is two projects, and nothing that is told of the one moves the other.

use std::path::Path;

use chrono::TimeDelta;

use super::{Batch, Learned, apply, apply_facts};
use crate::config::source::Source;
use crate::model::{
    Channel, Event, Exposure, Facts, Feed, Finding, FindingState, OwnerId, ProjectName, Registry, Serial, Sighting,
    Time, WatchId,
};
use crate::store::{Grade, Span, Store};
use crate::watchlist::routes::Routes;
use crate::watchlist::{Watchlist, from_source};

const BOTH: [Registry; 2] = [Registry::Pypi, Registry::Npm];
/// The name is watched at both, and so is another; the account is ours at PyPI alone.
const INVENTORY: &str = "[owners.payments]\nemail = [\"payments@acme.example\"]\n\
    names = [\"acme-billing\", \"npm:acme-billing\", \"acme-tax\", \"npm:acme-tax\"]\n\
    [registrants]\nusers = [\"acme-bot\"]\n";

struct Bench {
    _dir: tempfile::TempDir,
    store: Store,
    watchlist: Watchlist,
    now: Time,
}

fn feed(registry: Registry) -> Feed {
    match registry {
        Registry::Pypi => Feed::Changelog,
        Registry::Npm => Feed::Changes,
    }
}

fn name(registry: Registry, text: &str) -> ProjectName {
    ProjectName::at(registry, text).expect("valid")
}

impl Bench {
    async fn new(inventory: &str) -> Self {
        let dir = tempfile::tempdir().expect("a directory");
        let store = Store::open(dir.path()).expect("opens");
        let source = Source::new(Path::new("inventory.toml"), inventory.to_owned());
        let inventory = from_source(source, &OwnerId("payments".into())).expect("a good inventory");
        let routes = Routes { default_owner: OwnerId("payments".into()), channels: [Channel::Email].into() };
        let (watchlist, now) = (Watchlist::new(inventory, routes), "2026-11-20T12:00:00Z".parse().expect("a time"));
        let ids: Vec<WatchId> = watchlist.inventory.watches.keys().cloned().collect();
        store.write(move |tx| ids.iter().try_for_each(|id| tx.watches().add(id, now).map(drop))).await.expect("added");
        Self { _dir: dir, store, watchlist, now }
    }

    /// A registry's own feed tells this of a project, at a serial, now.
    async fn told(&self, registry: Registry, project: &str, event: Event, serial: u64) {
        let (name, serial) = (name(registry, project), Serial(serial));
        let sighting = Sighting {
            display: name.as_str().to_owned(),
            name,
            event,
            feed: feed(registry),
            serial: Some(serial),
            at: Some(self.now),
            summary: None,
            unreadable: None,
        };
        let (grade, serials) = (Grade::EveryEvent, Some((Serial(serial.0 - 1), serial)));
        let batch = Batch {
            registry,
            sightings: vec![sighting],
            spans: vec![Span { feed: feed(registry), grade, serials, from: self.now, to: self.now }],
            cursors: vec![("changelog".to_owned(), serde_json::json!(serial))],
        };
        let (watchlist, now) = (self.watchlist.clone(), self.now);
        self.store.write(move |tx| apply(tx, &watchlist, &batch, now)).await.expect("applied");
    }

    /// Its page, as new as what was told, says that this user holds it.
    async fn held_by(&self, registry: Registry, project: &str, user: &str) {
        let key = self.case(registry, project).await.key;
        let facts = Box::new(Facts { users: vec![user.to_owned()], ..Facts::default() });
        let (watchlist, now) = (self.watchlist.clone(), self.now);
        let learn = move |tx: &crate::store::Tx<'_>| {
            let serial = tx.facts().asked(&key)?.and_then(|asked| asked.wanted);
            apply_facts(tx, &watchlist, &key, &Learned::Facts { facts: facts.clone(), serial }, now)
        };
        self.store.write(learn).await.expect("learned");
    }

    async fn case(&self, registry: Registry, project: &str) -> Finding {
        let name = name(registry, project);
        let mut found = self.store.read(move |tx| tx.findings().of_project(&name)).await.expect("reads");
        assert_eq!(found.len(), 1, "one case of {project} at {registry}");
        found.remove(0)
    }

    async fn exposure(&self, registry: Registry, watched: &str) -> Option<Exposure> {
        let id = WatchId::name(&name(registry, watched));
        self.store.read(move |tx| tx.watches().exposure(&id)).await.expect("reads")
    }
}

#[tokio::test]
async fn the_same_name_at_two_registries_is_two_projects_two_cases_two_cursors_and_two_ledgers() {
    let bench = Bench::new(INVENTORY).await;
    for (registry, serial) in BOTH.into_iter().zip([100, 7]) {
        bench.told(registry, "acme-billing", Event::Created, serial).await;
    }
    let (here, there) = (bench.case(BOTH[0], "acme-billing").await, bench.case(BOTH[1], "acme-billing").await);
    let second = bench.now.timestamp();
    let keys = (here.key.0.as_str(), there.key.0.as_str());
    assert_eq!(keys, (format!("acme-billing@{second}").as_str(), format!("npm:acme-billing@{second}").as_str()));
    for (case, registry) in [(&here, BOTH[0]), (&there, BOTH[1])] {
        let watches: Vec<&WatchId> = case.threats.iter().map(|threat| &threat.watch).collect();
        assert_eq!(watches, [&WatchId::name(&name(registry, "acme-billing"))]);
        assert_eq!(bench.exposure(registry, "acme-billing").await, Some(Exposure::Taken));
        assert_eq!(bench.exposure(registry, "acme-tax").await, None, "nothing was told of it");
        let read = bench.store.read(move |tx| {
            let cursor: Option<Serial> = tx.cursors_of(registry).get("changelog")?;
            let row = tx.projects().get(&name(registry, "acme-billing"))?.expect("a project");
            let ends = tx.coverage().all(registry)?.into_iter().filter_map(|span| span.serials).map(|(_, end)| end);
            Ok((cursor, row.serial, ends.collect::<Vec<_>>()))
        });
        let serial = if registry == Registry::Pypi { Serial(100) } else { Serial(7) };
        assert_eq!(read.await.expect("reads"), (Some(serial), serial, vec![serial]), "{registry}");
    }
    assert_eq!(bench.store.read(|tx| tx.cursors().get::<Serial>("changelog")).await.expect("reads"), None);
    assert_eq!(bench.store.read(|tx| tx.projects().count()).await.expect("counts"), 2);
}

#[tokio::test]
async fn neither_closes_nor_opens_the_other() {
    for (one, other) in [(BOTH[0], BOTH[1]), (BOTH[1], BOTH[0])] {
        let mut bench = Bench::new(INVENTORY).await;
        for registry in BOTH {
            bench.told(registry, "acme-billing", Event::Created, 100).await;
        }
        bench.now += TimeDelta::hours(2);
        bench.told(one, "acme-billing", Event::Removed, 200).await;
        assert_eq!(bench.case(one, "acme-billing").await.state, FindingState::Removed);
        assert_eq!(bench.case(other, "acme-billing").await.state, FindingState::Open);
        assert_eq!(bench.exposure(one, "acme-billing").await, Some(Exposure::Removed));
        assert_eq!(bench.exposure(other, "acme-billing").await, Some(Exposure::Taken));
        bench.now += TimeDelta::hours(2);
        bench.told(one, "acme-tax", Event::Created, 300).await;
        let elsewhere = name(other, "acme-tax");
        let none = bench.store.read(move |tx| tx.findings().of_project(&elsewhere)).await.expect("reads");
        assert_eq!(none, [], "registered at {one} alone");
    }
}

#[tokio::test]
async fn an_account_that_is_ours_at_one_registry_is_anybodys_at_the_other() {
    let bench = Bench::new(INVENTORY).await;
    for registry in BOTH {
        bench.told(registry, "acme-billing", Event::Created, 100).await;
        bench.held_by(registry, "acme-billing", "acme-bot").await;
    }
    assert_eq!(bench.case(Registry::Pypi, "acme-billing").await.state, FindingState::Ours);
    assert_eq!(bench.case(Registry::Npm, "acme-billing").await.state, FindingState::Open);
    assert_eq!(bench.exposure(Registry::Npm, "acme-billing").await, Some(Exposure::Taken));
}

#[tokio::test]
async fn a_suppression_declares_the_project_of_one_registry_harmless() {
    let suppressed = "[[suppress]]\nproject = \"npm:acme-billing\"\nreason = \"a mirror of ours\"\n";
    let mut bench = Bench::new(INVENTORY).await;
    for registry in BOTH {
        bench.told(registry, "acme-billing", Event::Created, 100).await;
    }
    let old = bench.watchlist.clone();
    bench.watchlist = Bench::new(&format!("{INVENTORY}{suppressed}")).await.watchlist;
    let (watchlist, now) = (bench.watchlist.clone(), bench.now);
    let admit = move |tx: &crate::store::Tx<'_>| {
        let survey = super::survey(tx, &watchlist, &old.inventory)?;
        super::admit(tx, &watchlist, &old.inventory, &survey, now)
    };
    bench.store.write(admit).await.expect("admitted");
    assert_eq!(bench.case(Registry::Npm, "acme-billing").await.state, FindingState::Suppressed);
    assert_eq!(bench.case(Registry::Pypi, "acme-billing").await.state, FindingState::Open);
}

#[tokio::test]
async fn look_alikes_and_hands_of_two_registries_are_not_seen_beside_each_other() {
    let bench = Bench::new(INVENTORY).await;
    for (registry, project) in BOTH.into_iter().zip(["acme-biling", "acme-bililng"]) {
        bench.told(registry, project, Event::Created, 100).await;
        bench.held_by(registry, project, "mallory").await;
    }
    for (registry, project) in BOTH.into_iter().zip(["acme-biling", "acme-bililng"]) {
        assert_eq!(bench.case(registry, project).await.context, [], "{registry}");
    }
    bench.told(Registry::Npm, "acme-bliling", Event::Created, 200).await;
    assert_eq!(bench.case(Registry::Npm, "acme-bliling").await.context.len(), 1, "beside one of its own registry");
}

#[tokio::test]
async fn a_watch_that_joins_is_checked_against_the_names_of_its_registry() {
    let mut bench =
        Bench::new("[owners.payments]\nemail = [\"payments@acme.example\"]\nnames = [\"acme-tax\"]\n").await;
    for registry in BOTH {
        bench.told(registry, "acme-billing", Event::Created, 100).await;
    }
    let old = bench.watchlist.clone();
    bench.watchlist = Bench::new(INVENTORY).await.watchlist;
    let (watchlist, now) = (bench.watchlist.clone(), bench.now);
    let survey = bench.store.read(move |tx| super::survey(tx, &watchlist, &old.inventory)).await.expect("surveys");
    let (watchlist, old) = (bench.watchlist.clone(), Bench::new("names = [\"acme-tax\"]\n").await.watchlist);
    bench.store.write(move |tx| super::admit(tx, &watchlist, &old.inventory, &survey, now)).await.expect("admitted");
    for registry in BOTH {
        let case = bench.case(registry, "acme-billing").await;
        assert_eq!((case.state, case.threats.len()), (FindingState::PreExisting, 1), "{registry}");
    }
}

#[tokio::test]
async fn how_a_watch_stood_is_kept_with_what_it_is_known_by() {
    let mut bench = Bench::new(INVENTORY).await;
    bench.told(Registry::Npm, "acme-billing", Event::Created, 50).await;
    let registered = bench.now;
    bench.told(Registry::Pypi, "acme-billing", Event::Created, 100).await;
    bench.now += TimeDelta::hours(1);
    bench.told(Registry::Pypi, "acme-billing", Event::Released { version: "1.0".into() }, 110).await;
    bench.held_by(Registry::Pypi, "acme-billing", "acme-bot").await;
    let claimed = bench.now;
    bench.now += TimeDelta::hours(1);
    bench.told(Registry::Pypi, "acme-billing", Event::Removed, 120).await;
    let id = WatchId::name(&name(Registry::Pypi, "acme-billing"));
    let changes = bench.store.read(move |tx| tx.watches().changes(&id, 10)).await.expect("reads");
    let seen: Vec<_> = changes.iter().map(|change| (change.at, change.is.clone(), change.evidence.serial)).collect();
    let serial = |number| Some(Serial(number));
    assert_eq!(
        seen,
        [
            (registered, Exposure::Taken, serial(100)),
            (claimed, Exposure::Ours, serial(110)),
            (bench.now, Exposure::Removed, serial(120))
        ]
    );
    let was: Vec<Option<Exposure>> = changes.iter().map(|change| change.was.clone()).collect();
    assert_eq!(was, [None, Some(Exposure::Taken), Some(Exposure::Ours)]);
    let key = bench.case(Registry::Pypi, "acme-billing").await.key.to_string();
    let by = |change: &crate::model::exposure::ExposureChange| {
        change.evidence.registration.as_ref().map(ToString::to_string)
    };
    assert!(changes.iter().all(|change| by(change).as_deref() == Some(key.as_str())), "{changes:?}");
    let all = bench.store.read(|tx| tx.watches().all()).await.expect("reads");
    let since: Vec<_> = all.into_iter().filter_map(|watched| watched.known).collect();
    assert_eq!(since, [(Exposure::Removed, bench.now), (Exposure::Taken, registered)], "of those that were ever seen");
}
