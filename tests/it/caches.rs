//! Strangers on a PyPI whose feeds die and come back, and whose caches are late, against an oracle that knows what stands:
//! in the end every owner has heard of what pip would take, and nobody was told that it is gone, or ours.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use namewarden::cases;
use namewarden::cases::Learned;
use namewarden::model::finding::WouldPipTake;
use namewarden::model::notice::NoticeEvent;
use namewarden::model::release::Files;
use namewarden::model::{Event, Facts, FindingKey, FindingState, ProjectName, Releases, Serial, Sighting, Time};
use namewarden::store::{NoticeBody, NoticeRow, Presence};
use proptest::prelude::*;

use crate::bench::{Bench, release};

/// A watched name that may be ours at first, another, and one under an exclusive prefix.
const NAMES: [&str; 3] = ["acme-billing", "acme-ledger", "zeta-internal-tool"];

/// An account that the inventory lists.
const OURS: &str = "acme-release-bot";

#[derive(Clone, Debug)]
enum Act {
    /// Registered by somebody new, empty or with a release.
    Create {
        name: usize,
        release: bool,
    },
    Upload {
        name: usize,
        low: bool,
    },
    Transfer {
        name: usize,
    },
    /// It comes to our account.
    Give {
        name: usize,
    },
    Remove {
        name: usize,
    },
    /// Removed, and registered by another with something that pip takes, within one second.
    Swap {
        name: usize,
    },
    Changelog {
        up: bool,
    },
    Rss {
        up: bool,
    },
    /// How old the index and the pages of projects are, in minutes; `None`: no page can be had.
    Lag {
        index: i64,
        pages: Option<i64>,
    },
    Pass {
        seconds: i64,
    },
}

fn act() -> impl Strategy<Value = Act> {
    let name = 0..NAMES.len();
    prop_oneof![
        4 => (name.clone(), any::<bool>()).prop_map(|(name, release)| Act::Create { name, release }),
        3 => (name.clone(), any::<bool>()).prop_map(|(name, low)| Act::Upload { name, low }),
        2 => name.clone().prop_map(|name| Act::Transfer { name }),
        2 => name.clone().prop_map(|name| Act::Give { name }),
        3 => name.clone().prop_map(|name| Act::Remove { name }),
        2 => name.prop_map(|name| Act::Swap { name }),
        1 => any::<bool>().prop_map(|up| Act::Changelog { up }),
        1 => any::<bool>().prop_map(|up| Act::Rss { up }),
        2 => (prop::sample::select(vec![0, 4, 30]), prop::sample::select(vec![Some(0), Some(3), Some(20), None]))
            .prop_map(|(index, pages)| Act::Lag { index, pages }),
        4 => prop::sample::select(vec![1, 40, 400, 3_000]).prop_map(|seconds| Act::Pass { seconds }),
    ]
}

/// A project as it stands.
#[derive(Clone)]
struct Life {
    created: Time,
    holder: String,
    /// Since when they hold it.
    held: Time,
    versions: Vec<Upload>,
    first_upload: Option<Time>,
    serial: Serial,
}

/// A release, and who held the project when it was made.
#[derive(Clone)]
struct Upload {
    version: String,
    by: String,
}

impl Life {
    fn is_ours(&self) -> bool {
        self.holder == OURS
    }

    /// Would pip take something here that is not ours? Of the first name the inventory declares 4.12.0, of the others none.
    fn is_taken(&self, name: &str) -> bool {
        let counts = |upload: &&Upload| name != NAMES[0] || !upload.version.starts_with("0.");
        self.versions.iter().filter(counts).any(|upload| !self.is_ours() || upload.by != OURS)
    }
}

/// PyPI at one moment.
#[derive(Clone, Default)]
struct Pypi {
    lives: BTreeMap<&'static str, Life>,
    head: Serial,
}

struct Play {
    bench: Bench,
    pypi: Pypi,
    /// How it was from each moment on.
    past: Vec<(Time, Pypi)>,
    journal: Vec<Sighting>,
    read: usize,
    changelog: bool,
    /// The index is passed over as often while there is a changelog.
    eager: bool,
    rss: bool,
    index_lag: i64,
    pages_lag: Option<i64>,
    applied: Serial,
    strangers: u32,
    /// Since when pip would take what a stranger holds.
    taken: BTreeMap<&'static str, Time>,
    delivered: Vec<(Time, FindingKey)>,
    messages: usize,
}

impl Play {
    async fn new(ours: bool, changelog: bool, eager: bool) -> Self {
        let bench = Bench::new(if ours { &["acme-billing"] } else { &[] }).await;
        let mut pypi = Pypi { head: bench.serial(), ..Pypi::default() };
        if ours {
            let old = bench.now - TimeDelta::days(400);
            let (holder, by) = (OURS.to_owned(), OURS.to_owned());
            let versions = vec![Upload { version: "4.12.0".to_owned(), by }];
            let life = Life { created: old, holder, held: old, versions, first_upload: Some(old), serial: Serial(500) };
            pypi.lives.insert(NAMES[0], life);
        }
        let past = vec![(bench.now - TimeDelta::days(1), pypi.clone())];
        Self {
            applied: bench.serial(),
            bench,
            pypi,
            past,
            journal: Vec::new(),
            read: 0,
            changelog,
            eager,
            rss: true,
            index_lag: 0,
            pages_lag: Some(0),
            strangers: 0,
            taken: BTreeMap::new(),
            delivered: Vec::new(),
            messages: 0,
        }
    }

    async fn act(&mut self, act: &Act) {
        match *act {
            Act::Create { name, release } => self.create(NAMES[name], release),
            Act::Upload { name, low } => self.upload(NAMES[name], low),
            Act::Transfer { name } => {
                let stranger = self.stranger();
                self.transfer(NAMES[name], &stranger);
            }
            Act::Give { name } => self.give(NAMES[name]),
            Act::Remove { name } => self.remove(NAMES[name]),
            Act::Swap { name } => {
                self.remove(NAMES[name]);
                self.create(NAMES[name], true);
            }
            Act::Changelog { up } => self.changelog = up,
            Act::Rss { up } => self.rss = up,
            Act::Lag { index, pages } => (self.index_lag, self.pages_lag) = (index, pages),
            Act::Pass { seconds } => self.pass(seconds).await,
        }
        self.pass(1).await;
    }

    fn happens(&mut self, name: &'static str, event: Event) {
        self.journal.push(self.bench.told(name, event));
        self.pypi.head = self.bench.serial();
        if let Some(life) = self.pypi.lives.get_mut(name) {
            life.serial = self.bench.serial();
        }
        self.past.push((self.bench.now, self.pypi.clone()));
    }

    fn stranger(&mut self) -> String {
        self.strangers += 1;
        format!("mallory{}", self.strangers)
    }

    fn create(&mut self, name: &'static str, release: bool) {
        if self.pypi.lives.contains_key(name) {
            return;
        }
        let (created, holder) = (self.bench.now, self.stranger());
        let life = Life { created, holder, held: created, versions: Vec::new(), first_upload: None, serial: Serial(0) };
        self.pypi.lives.insert(name, life);
        self.happens(name, Event::Created);
        let holder = self.pypi.lives[name].holder.clone();
        self.happens(name, Event::RolesChanged { action: format!("add Owner {holder}") });
        if release {
            self.upload(name, false);
        }
    }

    fn upload(&mut self, name: &'static str, low: bool) {
        self.strangers += 1;
        let (version, now) = (format!("{}.{}", if low { 0 } else { 99 }, self.strangers), self.bench.now);
        let Some(life) = self.pypi.lives.get_mut(name) else { return };
        life.versions.push(Upload { version: version.clone(), by: life.holder.clone() });
        life.first_upload = life.first_upload.or(Some(now));
        // Of the others the inventory declares no version: any may be taken, and soon after the registration that is no
        // news, however late the index has told of it.
        let news = name == NAMES[0] || now - life.created > TimeDelta::minutes(50);
        let since = if news { now } else { life.created };
        self.settle(name, since);
        self.happens(name, release(&version));
    }

    /// Is there something to be heard of, and since when?
    fn settle(&mut self, name: &'static str, since: Time) {
        match self.pypi.lives.get(name).is_some_and(|life| life.is_taken(name)) {
            true => drop(self.taken.entry(name).or_insert(since)),
            false => drop(self.taken.remove(name)),
        }
    }

    fn transfer(&mut self, name: &'static str, to: &str) {
        let Some(life) = self.pypi.lives.get_mut(name) else { return };
        let from = std::mem::replace(&mut life.holder, to.to_owned());
        life.held = self.bench.now;
        self.settle(name, self.bench.now);
        self.happens(name, Event::RolesChanged { action: format!("add Owner {to}") });
        self.happens(name, Event::RolesChanged { action: format!("remove Owner {from}") });
    }

    /// Nobody comes to hold a project without having accepted it. Whoever held ours for less than the index may be late is seen by
    /// nobody where no changelog tells of it, and what they published there is ours by all that can be known.
    fn give(&mut self, name: &'static str) {
        let now = self.bench.now;
        let seen = |life: &Life| life.created == life.held || now - life.held > TimeDelta::minutes(50);
        let old = |life: &Life| !life.is_ours() && now - life.created > TimeDelta::minutes(11) && seen(life);
        if self.pypi.lives.get(name).is_some_and(old) {
            self.transfer(name, OURS);
        }
    }

    fn remove(&mut self, name: &'static str) {
        self.taken.remove(name);
        if self.pypi.lives.remove(name).is_some() {
            self.happens(name, Event::Removed);
        }
    }

    fn at(&self, ago: i64) -> &Pypi {
        let then = self.bench.now - TimeDelta::minutes(ago);
        let (_, pypi) = self.past.iter().rev().find(|(from, _)| *from <= then).expect("it always was somehow");
        pypi
    }

    async fn pass(&mut self, seconds: i64) {
        let mut left = seconds;
        while left > 0 {
            let step = left.min(if seconds - left < 100 { 10 } else { 60 });
            let before = self.bench.now;
            self.bench.pass(TimeDelta::seconds(step));
            left -= step;
            let comes = |every: i64| self.bench.now.timestamp() / every != before.timestamp() / every;
            let (rss, changelog, index) = (comes(30), comes(60), comes(300));
            if self.rss && rss {
                self.look_at_rss().await;
            }
            if self.changelog && changelog {
                let page = self.journal[self.read..].to_vec();
                self.read = self.journal.len();
                self.bench.apply(page).await;
            }
            if index && (!self.changelog || self.eager) {
                self.look_at_index().await;
            }
            self.look_up().await;
            self.deliver().await;
        }
    }

    async fn look_at_rss(&mut self) {
        let released = self.pypi.lives.iter().filter(|(_, life)| !life.versions.is_empty());
        let items = released.map(|(name, life)| self.bench.rss(name, life.created)).collect();
        self.bench.apply(items).await;
    }

    /// As `registry::pypi::index::Comparison` compares a body with what is known.
    async fn look_at_index(&mut self) {
        let body = self.at(self.index_lag).clone();
        if body.head < self.applied {
            return;
        }
        self.applied = body.head;
        let mut all = Vec::new();
        for name in NAMES {
            let parsed = ProjectName::parse(name).expect("valid");
            let row = self.bench.store.read(move |tx| tx.projects().get(&parsed)).await.expect("reads");
            let told = row.as_ref().map(|row| row.serial).filter(|serial| serial.0 > 0);
            let stands = row.as_ref().map(|row| row.presence == Presence::Present);
            let listed = body.lives.get(name).map(|life| life.serial);
            let event = match (listed, stands) {
                (Some(_), None) => Event::Listed,
                (Some(_), Some(false)) if told.is_none_or(|told| told <= body.head) => Event::Relisted,
                (Some(serial), Some(true)) if told.is_none_or(|told| serial > told) => Event::Changed,
                (None, Some(true)) if told.is_some_and(|told| told <= body.head) => Event::Unlisted,
                _ => continue,
            };
            let at = matches!(event, Event::Listed | Event::Unlisted).then_some(self.bench.now);
            all.push(Sighting { serial: Some(listed.unwrap_or(body.head)), at, ..self.bench.index(name, event) });
        }
        self.bench.apply(all).await;
    }

    async fn look_up(&mut self) {
        let now = self.bench.now;
        let due = self.bench.store.read(move |tx| Ok((tx.facts().due(now, 10)?, tx.facts().due_look_alike(now)?)));
        let (due, other) = due.await.expect("reads");
        for look in due.into_iter().chain(other) {
            let learned = self.page(look.project.as_str());
            let watchlist = self.bench.watchlist.clone();
            let store = &self.bench.store;
            store.write(move |tx| cases::apply_facts(tx, &watchlist, &look.key, &learned, now)).await.expect("learnt");
        }
    }

    fn page(&self, name: &str) -> Learned {
        let trouble = |serial, wait| Learned::Trouble {
            reason: "there is no such page".into(),
            releases: Box::default(),
            uploaded: None,
            serial,
            wait,
        };
        let Some(life) = self.pages_lag.and_then(|lag| self.at(lag).lives.get(name)) else {
            return trouble(None, None);
        };
        if life.versions.is_empty() {
            return trouble(Some(life.serial), Some(TimeDelta::hours(1)));
        }
        let releases = life.versions.iter().map(|upload| (upload.version.clone(), Files::INSTALLABLE));
        let facts = Facts {
            users: vec![life.holder.clone()],
            releases: Releases::shown(releases, Some(life.serial)),
            first_upload: life.first_upload,
            ..Facts::default()
        };
        Learned::Facts { facts: Box::new(facts), serial: Some(life.serial) }
    }

    async fn deliver(&mut self) {
        for row in self.bench.deliver().await {
            self.messages += 1;
            self.arrive(row).await;
        }
    }

    /// Nobody is told that it is gone while it stands.
    async fn arrive(&mut self, row: NoticeRow) {
        let NoticeBody::Cases { events } = row.body else { return };
        let told = self.bench.store.read(move |tx| tx.tellings().events(&events)).await.expect("reads");
        for event in told {
            let key = event.event.finding;
            let stands = |(name, life): (&&str, &Life)| key.0 == format!("{name}@{}", life.created.timestamp());
            let ours = event.change.as_ref().is_some_and(|change| change.contains("lists as ours"));
            let gone = event.kind == NoticeEvent::Ended && !ours;
            assert!(!(gone && self.pypi.lives.iter().any(stands)), "{key} stands and was told to be gone");
            let taken = self.taken.keys().any(|name| key.0.starts_with(&format!("{name}@")));
            let owned = event.kind == NoticeEvent::Ended && ours && self.pypi.lives.iter().any(stands);
            // An older page may have shown us, who lost it since.
            let late = self.pages_lag != Some(0);
            assert!(!(owned && taken && !late), "{key} holds what pip would take of others and was told to be ours");
            self.delivered.push((self.bench.now, key));
        }
    }

    /// Everything works again, for long enough.
    async fn end(&mut self, changelog: bool) {
        (self.changelog, self.rss, self.index_lag, self.pages_lag) = (changelog, true, 0, Some(0));
        self.pass(2 * 3_600).await;
        for (name, since) in self.taken.clone() {
            let about = |key: &FindingKey| key.0.starts_with(&format!("{name}@"));
            let heard = self.delivered.iter().any(|(at, key)| *at >= since && about(key));
            let cases = self.bench.findings(name).await;
            let states: Vec<_> = cases.iter().map(|f| (f.state, f.facts.would_pip_take, f.key.to_string())).collect();
            assert!(heard, "{name} could be taken since {since} and nobody heard: {states:?}");
            assert!(states.iter().any(|(state, ..)| *state == FindingState::Open), "{name}: {states:?}");
            let takes = |take: WouldPipTake| take == WouldPipTake::Yes || name != NAMES[0];
            assert!(states.iter().any(|(state, take, _)| *state == FindingState::Open && takes(*take)), "{states:?}");
            assert!(states.iter().all(|(state, ..)| *state != FindingState::Ours), "{name}: {states:?}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 24,
        max_shrink_iters: 400,
        ..ProptestConfig::default()
    })]

    #[test]
    fn no_order_of_acts_and_late_caches_hides_what_pip_would_take(
        ours in any::<bool>(),
        changelog in any::<bool>(),
        eager in any::<bool>(),
        in_the_end in any::<bool>(),
        acts in prop::collection::vec(act(), 1..25),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let mut play = Play::new(ours, changelog, eager).await;
            // What stands at first is looked up, and the greeting has told it.
            play.pass(60).await;
            for act in &acts {
                play.act(act).await;
            }
            play.end(in_the_end).await;
            assert!(play.messages <= 4 * (acts.len() + 2), "{} messages for {} acts", play.messages, acts.len());
        });
    }
}
