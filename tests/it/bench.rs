//! The pipeline alone, on a store and a clock: sharper than a whole daemon where order and time decide.

use chrono::TimeDelta;
use namewarden::cases;
use namewarden::cases::{Batch, Head, Ingested, Learned, Room};
use namewarden::config::source::Source;
use namewarden::model::notice::NoticeEvent;
use namewarden::model::{
    Channel, Event, Facts, Feed, Finding, FindingState, OwnerId, ProjectName, Registration, Serial, Sighting, Tier,
    Time,
};
use namewarden::store::{Home, Listed, NoticeBody, NoticeRow, NoticeState, Store};
use namewarden::watchlist;
use namewarden::watchlist::Watchlist;
use namewarden::watchlist::routes::Routes;

use crate::world::INVENTORY;

/// A store with a baseline of a few projects, an inventory, and a time that stands still.
pub(crate) struct Bench {
    dir: tempfile::TempDir,
    pub(crate) store: Store,
    pub(crate) watchlist: Watchlist,
    pub(crate) now: Time,
    serial: u64,
}

/// The head of the baseline.
const HEAD: u64 = 1000;

impl Bench {
    /// `standing` are on PyPI already.
    pub(crate) async fn new(standing: &[&'static str]) -> Self {
        let routes = Routes { default_owner: OwnerId("security".into()), channels: [Channel::Email].into() };
        Self::with(INVENTORY, routes, standing).await
    }

    pub(crate) async fn with(inventory: &str, routes: Routes, standing: &[&'static str]) -> Self {
        let dir = tempfile::tempdir().expect("a directory");
        let store = Store::open(dir.path()).expect("opens");
        let source = Source::new(std::path::Path::new("inventory.toml"), inventory.to_owned());
        let inventory = watchlist::from_source(source, &OwnerId("security".into())).expect("a good inventory");
        let watchlist = Watchlist::new(inventory, routes);
        let now: Time = "2026-11-20T12:00:00Z".parse().expect("a time");
        let (seen, names) = (watchlist.clone(), standing.to_vec());
        store
            .write(move |tx| {
                let projects = names.iter().map(|name| Listed { name, display: None, serial: Serial(HEAD - 500) });
                cases::baseline(tx, &seen, projects, &Head { serial: Serial(HEAD), served: now }, now).map(drop)
            })
            .await
            .expect("a baseline");
        Self { dir, store, watchlist, now, serial: HEAD }
    }

    /// Another inventory is put in force, as a reload does.
    pub(crate) async fn follow(&mut self, inventory: &str) {
        let source = Source::new(std::path::Path::new("inventory.toml"), inventory.to_owned());
        let new = watchlist::from_source(source, &OwnerId("security".into())).expect("a good inventory");
        let old = self.watchlist.inventory.clone();
        self.watchlist = Watchlist::new(new, (*self.watchlist.routes).clone());
        let (watchlist, now) = (self.watchlist.clone(), self.now);
        let admit = move |tx: &namewarden::store::Tx<'_>| {
            let survey = cases::survey(tx, &watchlist, &old)?;
            cases::admit(tx, &watchlist, &old, &survey, now).map(drop)
        };
        self.store.write(admit).await.expect("admitted");
    }

    /// A copy of the store, as of now.
    pub(crate) async fn back_up(&self) -> tempfile::TempDir {
        let copy = tempfile::tempdir().expect("a directory");
        self.store.backup(copy.path().to_owned(), "copy.db".to_owned()).await.expect("backed up");
        copy
    }

    /// The copy is put in the place of the store, and what came after it is given up.
    pub(crate) async fn restore(&mut self, copy: &tempfile::TempDir) {
        let elsewhere = tempfile::tempdir().expect("a directory");
        drop(std::mem::replace(&mut self.store, Store::open(elsewhere.path()).expect("opens")));
        let (from, to) = (copy.path().join("copy.db"), self.dir.path().join("namewarden.db"));
        std::fs::copy(from, to).expect("copied");
        Store::accept_loss(&Home::from(self.dir.path())).expect("accepts").expect("something is lost");
        self.store = Store::open(self.dir.path()).expect("opens");
    }

    /// Bytes of the store's files.
    pub(crate) fn bytes(&self) -> u64 {
        let files = std::fs::read_dir(self.dir.path()).expect("a directory");
        files.map(|file| file.and_then(|file| file.metadata()).expect("a file").len()).sum()
    }

    pub(crate) fn pass(&mut self, by: TimeDelta) {
        self.now += by;
    }

    /// The changelog's word about a project, with the next serial, now.
    pub(crate) fn told(&mut self, name: &str, event: Event) -> Sighting {
        self.serial += 7;
        let serial = Some(Serial(self.serial));
        Sighting { feed: Feed::Changelog, serial, at: Some(self.now), ..sighting(name, event) }
    }

    /// An RSS item: a registration at `at`.
    pub(crate) fn rss(&self, name: &str, at: Time) -> Sighting {
        Sighting { feed: Feed::Rss, at: Some(at), ..sighting(name, Event::Created) }
    }

    /// The index's word, at the serial that was reached.
    pub(crate) fn index(&self, name: &str, event: Event) -> Sighting {
        Sighting { serial: Some(Serial(self.serial)), ..sighting(name, event) }
    }

    /// The last serial that the changelog told.
    pub(crate) fn serial(&self) -> Serial {
        Serial(self.serial)
    }

    pub(crate) async fn apply(&self, sightings: Vec<Sighting>) -> Ingested {
        let (watchlist, now) = (self.watchlist.clone(), self.now);
        let batch = Batch { sightings, ..Batch::default() };
        self.store.write(move |tx| cases::apply(tx, &watchlist, &batch, now)).await.expect("applied")
    }

    /// The same, one sighting a batch.
    pub(crate) async fn apply_each(&self, sightings: Vec<Sighting>) {
        for sighting in sightings {
            self.apply(vec![sighting]).await;
        }
    }

    /// The look-up of every case of this project gave this.
    pub(crate) async fn learn(&self, name: &str, learned: Learned) -> usize {
        let mut made = 0;
        for finding in self.findings(name).await {
            let (watchlist, now, learned) = (self.watchlist.clone(), self.now, learned.clone());
            let key = finding.key;
            made += self
                .store
                .write(move |tx| cases::apply_facts(tx, &watchlist, &key, &learned, now))
                .await
                .expect("learnt");
        }
        made
    }

    /// Cases of a project, oldest registration first.
    pub(crate) async fn findings(&self, name: &str) -> Vec<Finding> {
        let name = ProjectName::parse(name).expect("valid");
        let mut found = self.store.read(move |tx| tx.findings().of_project(&name)).await.expect("reads");
        found.sort_by_key(|f| f.registered_at);
        found
    }

    pub(crate) async fn states(&self, name: &str) -> Vec<FindingState> {
        self.findings(name).await.iter().map(|finding| finding.state).collect()
    }

    /// Every notice so far, oldest first, with its state.
    pub(crate) async fn notices(&self) -> Vec<(NoticeRow, String)> {
        let mut all = self.store.read(|tx| tx.notices().recent(Time::UNIX_EPOCH)).await.expect("reads");
        all.reverse();
        all.retain(|(row, _)| row.event != NoticeEvent::Startup);
        all
    }

    /// What was queued to be told, oldest first; digests that wait aside.
    pub(crate) async fn events(&self) -> Vec<NoticeEvent> {
        let queued = self.store.read(|tx| tx.tellings().queued_since(Time::UNIX_EPOCH)).await.expect("reads");
        queued.into_iter().map(|event| event.kind).collect()
    }

    /// All mail due by now is delivered; gives what went.
    pub(crate) async fn deliver(&self) -> Vec<NoticeRow> {
        self.deliver_by(&Channel::Email).await
    }

    /// Everything due by now on a channel is delivered; gives what went.
    pub(crate) async fn deliver_by(&self, channel: &Channel) -> Vec<NoticeRow> {
        let mut rows = Vec::new();
        loop {
            let taken = self.take(channel).await;
            if taken.is_empty() {
                break;
            }
            for row in taken {
                self.settle(&row, NoticeState::Delivered).await;
                rows.push(row);
            }
        }
        rows.retain(|row| row.event != NoticeEvent::Startup);
        rows
    }

    /// What a worker would send now on a channel.
    pub(crate) async fn take(&self, channel: &Channel) -> Vec<NoticeRow> {
        let (now, channel) = (self.now, channel.clone());
        let room = Room { width: 100, until: now + TimeDelta::minutes(3) };
        self.store.write(move |tx| cases::take_notices(tx, &channel, room, now)).await.expect("takes")
    }

    pub(crate) async fn settle(&self, row: &NoticeRow, state: NoticeState) {
        let (row, now) = (row.clone(), self.now);
        self.store.write(move |tx| cases::settled(tx, &row, state, None, now)).await.expect("settles");
    }
}

/// How many cases a notice lists.
pub(crate) fn cases(row: &NoticeRow) -> usize {
    match &row.body {
        NoticeBody::Cases { events } => {
            events.iter().map(|event| &event.finding).collect::<std::collections::BTreeSet<_>>().len()
        }
        _ => 0,
    }
}

/// Names one letter from `base`, changed behind its first word.
pub(crate) fn neighbours(base: &str) -> Vec<String> {
    let start = base.find('-').map_or(1, |at| at + 2);
    let letters = |at: usize| {
        let kept = base.as_bytes()[at];
        ('a'..='z').filter(move |letter| *letter as u8 != kept && kept != b'-')
    };
    let changed = |at: usize, letter: char| format!("{}{letter}{}", &base[..at], &base[at + 1..]);
    (start..base.len()).flat_map(|at| letters(at).map(move |letter| changed(at, letter))).collect()
}

pub(crate) fn sighting(name: &str, event: Event) -> Sighting {
    Sighting {
        name: ProjectName::parse(name).expect("valid"),
        display: name.to_owned(),
        event,
        feed: Feed::Index,
        serial: None,
        at: None,
        summary: None,
        unreadable: None,
    }
}

/// PyPI's page says that this user holds the project, and nothing of releases.
pub(crate) fn held_by(user: &str, serial: Serial) -> Learned {
    let facts = Facts { users: vec![user.to_owned()], ..Facts::default() };
    Learned::Facts { facts: Box::new(facts), serial: Some(serial) }
}

pub(crate) fn release(version: &str) -> Event {
    Event::Released { version: version.to_owned() }
}

#[tokio::test]
async fn a_batch_is_all_or_nothing_and_the_same_again_is_nothing() {
    let mut bench = Bench::new(&[]).await;
    let batch = vec![bench.told("acme-billing", Event::Created), bench.told("acme-billing", release("0.1"))];
    let first = bench.apply(batch.clone()).await;
    assert_eq!((first.registrations, first.findings, first.queued), (1, 1, 1));
    let again = bench.apply(batch).await;
    assert_eq!((again.registrations, again.findings, again.queued), (0, 0, 0));
    let finding = &bench.findings("acme-billing").await[0];
    let registration = Registration { name: finding.project().clone(), ..finding.registration().clone() };
    assert_eq!(finding.key.0, registration.to_string());
    assert_eq!(finding.tier, Tier::Page);
}
