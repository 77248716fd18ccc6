//! The world of these tests: a store, a clock, an uploader without a network, and a PyPI of a few lines.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex};

use chrono::TimeDelta;

use crate::cases::{self, Acknowledged, Batch, Learned, Looked};
use crate::claims::plan::{Planned, plan};
use crate::claims::{
    Applied, Applying, ClaimFile, ClaimRuling, Desk, KeptGround, Lot, Outlook, RuledClaim, Unbuildable,
};
use crate::config::{ClaimSettings, Endpoint, Proof, TokenPlace, UploadSettings};
use crate::model::claim::{
    Claim, ClaimDecision, ClaimEvent, ClaimKey, ClaimPolicy, ClaimState, Kind, Name, Party, Seal, SealedFile, Setback,
    Site, Terms, Work,
};
use crate::model::exposure::KnownBy;
use crate::model::health::HealthIssue;
use crate::model::notice::{NoticeEvent, NoticeRef};
use crate::model::{
    Channel, Event, Exposure, Facts, Feed, Inventory, Machine, Owner, OwnerId, ProjectName, Serial, Sighting, Time,
    Watch, WatchId,
};
use crate::registry::pypi::upload::look::{Sight, Stand};
use crate::registry::pypi::upload::{Refused, Sent, UploadReply};
use crate::store::{Agreement, ClaimLine, NoticeState, Store, StoreError, Tx};
use crate::watchlist::Watchlist;
use crate::watchlist::routes::Routes;

pub(super) const SERVICE: u32 = 998;

/// The machine of these tests: a service that has a person's number, and numbers that ada may take at will.
const USERS: &str =
    "ada:x:1001:1001::/:/bin/sh\nuploader:x:1500:1500::/:/bin/sh\ngate:x:1501:1501::/:/usr/sbin/nologin\n";
const LENT: &str = "ada:231072:65536\n";

pub(super) fn name(text: &str) -> ProjectName {
    ProjectName::parse(text).expect("a name")
}

pub(super) fn user(uid: u32, user: &str) -> Party {
    Party::User { uid: Some(uid), user: Some(user.to_owned()) }
}

pub(super) fn ada() -> Party {
    user(1001, "ada")
}

pub(super) fn bob() -> Party {
    user(1002, "bob")
}

/// What PyPI is to answer next, instead of what it would.
#[derive(Clone, Debug)]
pub(super) enum Answer {
    RateLimited {
        seconds: u32,
    },
    Refused(Setback),
    Strange,
    /// The connection breaks; has PyPI stored the file by then?
    Lost {
        stored: bool,
    },
    /// Nobody is there to answer.
    Unsent,
}

/// PyPI: projects with their files, and when each was made.
#[derive(Default)]
pub(super) struct Pypi {
    pub(super) projects: BTreeMap<ProjectName, BTreeMap<String, String>>,
    made: Vec<Time>,
    pub(super) most_in_a_day: usize,
    /// Uploads that reached it.
    pub(super) asked: usize,
    pub(super) answers: VecDeque<Answer>,
    /// What reached it, by name.
    pub(super) asked_for: Vec<ProjectName>,
    /// Names that somebody else holds.
    pub(super) strangers: std::collections::BTreeSet<ProjectName>,
    /// Does it say that it takes what it throws away?
    pub(super) forgets: bool,
    /// Does it say of no project whose it is?
    pub(super) names_nobody: bool,
    /// Files that came again with other content.
    pub(super) conflicts: usize,
}

impl Pypi {
    fn store(&mut self, project: &ProjectName, file: &SealedFile, now: Time) {
        if !self.projects.contains_key(project) {
            self.made.push(now);
            let today = self.made.iter().filter(|at| now - **at < TimeDelta::hours(24)).count();
            self.most_in_a_day = self.most_in_a_day.max(today);
        }
        let files = self.projects.entry(project.clone()).or_default();
        let before = files.insert(file.filename.clone(), file.sha256.clone());
        self.conflicts += usize::from(before.is_some_and(|before| before != file.sha256));
    }

    /// What a look shows.
    fn stand(&self, claim: &Claim) -> Stand {
        use crate::registry::pypi::upload::look::Difference;
        let missing = || claim.missing().into_iter().map(str::to_owned).collect();
        if self.names_nobody && self.strangers.contains(&claim.key.name) {
            return Stand::HeldByUnknown(Difference { missing: missing(), ..Difference::default() });
        }
        match self.stand_by_name(claim) {
            Stand::OursWithTheseFiles if self.names_nobody => Stand::HeldByUnknown(Difference::default()),
            Stand::OursWithOtherFiles(files) if self.names_nobody => Stand::HeldByUnknown(files),
            stand => stand,
        }
    }

    fn stand_by_name(&self, claim: &Claim) -> Stand {
        if self.strangers.contains(&claim.key.name) {
            return Stand::SomebodyElses { holders: vec!["mallory".to_owned()] };
        }
        let Some(files) = self.projects.get(&claim.key.name) else { return Stand::Nothing };
        let sealed = claim.seal.iter().flat_map(|seal| &seal.files);
        let missing = sealed.filter(|file| files.get(&file.filename) != Some(&file.sha256));
        let missing: std::collections::BTreeSet<String> = missing.map(|file| file.filename.clone()).collect();
        match (files.is_empty(), missing.is_empty()) {
            (true, _) => Stand::OursWithoutFile,
            (false, true) => Stand::OursWithTheseFiles,
            (false, false) => Stand::OursWithOtherFiles(crate::registry::pypi::upload::look::Difference {
                missing,
                ..Default::default()
            }),
        }
    }
}

pub(super) struct World {
    _dir: tempfile::TempDir,
    pub(super) store: Store,
    pub(super) now: Time,
    /// How far somebody has set that clock back; PyPI has its own.
    pub(super) behind: TimeDelta,
    pub(super) settings: ClaimSettings,
    pub(super) watchlist: Watchlist,
    pub(super) pypi: Pypi,
    /// Does the test index answer?
    pub(super) tries: bool,
    /// How often it was asked.
    pub(super) tried: usize,
    /// Ends the uploader after so many of its acts.
    pub(super) kill_after: Option<usize>,
    /// What `claim status` kept of the last time that it was asked.
    outlook: Mutex<Option<Arc<Outlook>>>,
}

fn settings() -> ClaimSettings {
    let to = Endpoint {
        address: "https://upload.example/legacy".to_owned(),
        proof: Proof::Token(TokenPlace::Credential("t".to_owned())),
    };
    let test = Endpoint { address: "https://test.example/legacy".to_owned(), ..to.clone() };
    ClaimSettings {
        enabled: true,
        company: Some("Acme Corp".to_owned()),
        contact: Some("python@acme.example".to_owned()),
        upload: UploadSettings { to: Some(to), test: Some(test), user: "uploader".to_owned(), per_day: 3 },
        ..ClaimSettings::default()
    }
}

fn watch(text: &str) -> Watch {
    Watch {
        id: WatchId::name(&name(text)),
        display: text.to_owned(),
        owner: OwnerId("security".to_owned()),
        exclusive: false,
        latest_version: Some("1.0".to_owned()),
        first_use: "2020-01-01".parse().ok(),
        index: None,
    }
}

impl World {
    pub(super) async fn new(names: &[String], terms: Terms) -> Self {
        let watches: Vec<Watch> = names.iter().map(|name| watch(name)).collect();
        let security = OwnerId("security".to_owned());
        let owner =
            Owner { name: "Security".to_owned(), emails: vec!["a@acme.example".to_owned()], ..Owner::default() };
        let mut inventory = Inventory { owners: [(security.clone(), owner)].into(), ..Inventory::default() };
        inventory.registrants.users.insert("acme-bot".to_owned());
        inventory.terms = watches.iter().map(|watch| (watch.id.clone(), terms)).collect();
        inventory.watches = watches.into_iter().map(|watch| (watch.id.clone(), watch)).collect();
        let routes = Routes { default_owner: security, channels: [Channel::Email].into() };
        let dir = tempfile::tempdir().expect("a directory");
        let world = Self {
            store: Store::open(dir.path()).expect("opens"),
            _dir: dir,
            now: "2026-11-20T12:00:00Z".parse().expect("a time"),
            behind: TimeDelta::zero(),
            settings: settings(),
            watchlist: Watchlist::new(inventory, routes),
            pypi: Pypi::default(),
            tries: true,
            tried: 0,
            kill_after: None,
            outlook: Mutex::default(),
        };
        for name in names {
            let (id, now) = (WatchId::name(&self::name(name)), world.now);
            world.write(move |_, tx| tx.watches().add(&id, now)).await;
            world.expose(name, Exposure::Exposed).await;
        }
        world
    }

    fn desk(&self) -> Desk {
        Desk {
            watchlist: self.watchlist.clone(),
            settings: Arc::new(self.settings.clone()),
            policy: ClaimPolicy {
                machine: Machine::read(Some(SERVICE), USERS, LENT, &["uploader"]),
                one_person: self.settings.one_person,
            },
            now: self.now,
        }
    }

    pub(super) async fn write<T: Send + 'static>(
        &self,
        work: impl Fn(&Desk, &Tx<'_>) -> Result<T, StoreError> + Send + Sync + 'static,
    ) -> T {
        let desk = self.desk();
        self.store.write(move |tx| work(&desk, tx)).await.expect("writes")
    }

    pub(super) async fn pass(&mut self, time: TimeDelta) {
        self.now += time;
    }

    /// What the inventory says of every name from now on.
    pub(super) fn set_terms(&mut self, terms: Terms) {
        let mut inventory = Inventory::clone(&self.watchlist.inventory);
        inventory.terms = inventory.watches.keys().map(|id| (id.clone(), terms)).collect();
        self.watchlist = Watchlist::new(inventory, (*self.watchlist.routes).clone());
    }

    /// Every name is taken out of the inventory.
    pub(super) fn forget(&mut self) {
        let inventory = Inventory { watches: BTreeMap::new(), ..Inventory::clone(&self.watchlist.inventory) };
        self.watchlist = Watchlist::new(inventory, (*self.watchlist.routes).clone());
    }

    /// Nobody has a channel but the log; somebody else is the default owner.
    pub(super) fn by_console(&mut self) {
        let mut inventory = Inventory::clone(&self.watchlist.inventory);
        inventory.owners.values_mut().for_each(|owner| owner.emails.clear());
        let standby = OwnerId("standby".to_owned());
        inventory.owners.insert(standby.clone(), Owner { name: "Standby".to_owned(), ..Owner::default() });
        let routes = Routes { default_owner: standby, channels: [Channel::Console].into() };
        self.watchlist = Watchlist::new(inventory, routes);
    }

    /// Somebody else is the default owner, and hears by another channel.
    pub(super) fn with_standby(&mut self, channel: &Channel) {
        let mut inventory = Inventory::clone(&self.watchlist.inventory);
        let standby = OwnerId("standby".to_owned());
        let owner = Owner { name: "Standby".to_owned(), channels: vec![channel.clone()], ..Owner::default() };
        inventory.owners.insert(standby.clone(), owner);
        let routes = Routes { default_owner: standby, channels: [Channel::Email, channel.clone()].into() };
        self.watchlist = Watchlist::new(inventory, routes);
    }

    /// The changelog tells of something.
    pub(super) async fn happens(&self, project: &str, event: Event) {
        let sighting = Sighting {
            name: name(project),
            display: project.to_owned(),
            event,
            feed: Feed::Changelog,
            serial: Some(Serial(100)),
            at: Some(self.now),
            summary: None,
            unreadable: None,
        };
        let batch = Batch { sightings: vec![sighting], ..Batch::default() };
        self.write(move |desk, tx| cases::apply(tx, &desk.watchlist, &batch, desk.now).map(drop)).await;
    }

    /// Somebody registers a name, and a look-up shows who, or nobody.
    pub(super) async fn register(&self, project: &str, holder: Option<&str>) {
        self.happens(project, Event::Created).await;
        let Some(holder) = holder else { return };
        let facts = Facts { users: vec![holder.to_owned()], first_upload: Some(self.now), ..Facts::default() };
        let learned = Learned::Facts { facts: Box::new(facts), serial: Some(Serial(100)) };
        let project = name(project);
        self.write(move |desk, tx| {
            for finding in tx.findings().of_project(&project)? {
                cases::apply_facts(tx, &desk.watchlist, &finding.key, &learned, desk.now)?;
            }
            Ok(())
        })
        .await;
    }

    /// The uploader asks for work, and does none.
    pub(super) async fn withdraw(&self) {
        self.write(|desk, tx| desk.work(tx).map(drop)).await;
    }

    /// So long a daemon runs that minds what goes by itself.
    pub(super) async fn mind(&mut self, time: TimeDelta) {
        let end = self.now + time;
        while self.now < end {
            self.now = (self.now + TimeDelta::minutes(10)).min(end);
            self.automatic().await;
        }
    }

    /// Somebody sets the clock, and the daemon moves with it what waits.
    pub(super) async fn set_clock(&mut self, by: TimeDelta) {
        self.now += by;
        self.behind -= by;
        self.write(move |desk, tx| tx.clock().shift(by, desk.now).map(drop)).await;
    }

    pub(super) async fn expose(&self, of: &str, exposure: Exposure) {
        let (id, now) = (WatchId::name(&name(of)), self.now);
        self.write(move |_, tx| tx.watches().set_exposure(&id, &exposure, &KnownBy::default(), now)).await;
    }

    pub(super) async fn exposure(&self, of: &str) -> Option<Exposure> {
        let id = WatchId::name(&name(of));
        self.write(move |_, tx| tx.watches().exposure(&id)).await
    }

    pub(super) async fn try_propose(&self, names: &[String], by: &Party) -> Vec<RuledClaim> {
        let (names, by) = (names.to_vec(), by.clone());
        self.write(move |desk, tx| desk.propose(tx, &names, &by)).await
    }

    pub(super) async fn propose(&self, names: &[String], by: &Party) {
        no_refusals(&self.try_propose(names, by).await);
    }

    pub(super) async fn decide(&self, names: &[String], decision: ClaimDecision, by: &Party) -> Vec<RuledClaim> {
        let (names, by) = (names.to_vec(), by.clone());
        let ruling = ClaimRuling { decision, note: None, unbuildable: Unbuildable::new() };
        self.write(move |desk, tx| desk.decide(tx, &names, &ruling, &by)).await
    }

    pub(super) async fn approve(&self, names: &[String], by: &Party) {
        no_refusals(&self.decide(names, ClaimDecision::Approve, by).await);
    }

    pub(super) async fn reject(&self, name: &str, by: &Party) {
        no_refusals(&self.decide(&[name.to_owned()], ClaimDecision::Reject, by).await);
    }

    pub(super) async fn retry(&mut self, name: &str, by: &Party) {
        no_refusals(&self.decide(&[name.to_owned()], ClaimDecision::Retry, by).await);
    }

    pub(super) async fn try_apply(&self, by: &Party) -> Applied {
        let by = by.clone();
        self.write(move |desk, tx| desk.apply(tx, &all(Unbuildable::new()), &by)).await.0
    }

    pub(super) async fn apply(&self, by: &Party) {
        let applied = self.try_apply(by).await;
        assert!(applied.done, "{applied:?}");
    }

    /// `health ack`.
    pub(super) async fn acknowledge(&self, issue: HealthIssue, by: &Party) -> Acknowledged {
        let by = by.clone();
        self.write(move |desk, tx| {
            let looked = Looked { who: by.to_string(), by: by.clone(), policy: desk.policy.clone(), note: None };
            cases::acknowledge(tx, &desk.watchlist, &issue, &looked, desk.now)
        })
        .await
    }

    pub(super) async fn agreement(&self, reference: &str) {
        let agreement = Agreement { at: self.now, by: ada(), reference: reference.to_owned() };
        self.write(move |_, tx| tx.claims().agree(&agreement)).await;
    }

    pub(super) async fn automatic(&self) -> usize {
        self.write(|desk, tx| desk.automatic(tx)).await
    }

    /// Lets the uploader and the looks do all that is due now.
    pub(super) async fn work_off(&mut self) {
        for _ in 0..200 {
            let asked = self.pypi.asked;
            let work = self.write(|desk, tx| desk.work(tx)).await;
            let rests = matches!(work, Work::Rest { .. });
            if !self.do_it(work).await {
                return;
            }
            let looked = self.look().await;
            if rests && !looked && asked == self.pypi.asked {
                return;
            }
        }
        panic!("there is no end to it: {:?}", self.states().await);
    }

    /// One piece of work, as the uploader does it. False when it was killed.
    async fn do_it(&mut self, work: Work) -> bool {
        match work {
            Work::Rest { .. } => true,
            Work::Rehearse { key, .. } => {
                self.tried += 1;
                let (site, why, wait) = (Site::TestIndex, "connection refused".to_owned(), None);
                if !self.tries {
                    return self.tell(&key, ClaimEvent::Hindered { site, why, wait }).await;
                }
                let seal = seal(&key);
                self.act() && self.tell(&key, ClaimEvent::Rehearsed { seal }).await
            }
            Work::Upload { key, seal, missing, .. } => self.upload(&key, &seal, &missing).await,
        }
    }

    async fn upload(&mut self, key: &ClaimKey, seal: &Seal, missing: &[String]) -> bool {
        if !(self.act() && self.tell(key, ClaimEvent::Begin { seal: seal.clone() }).await) {
            return self.kill_after != Some(0);
        }
        for file in seal.files.iter().filter(|file| missing.contains(&file.filename)) {
            if !self.act() {
                return false;
            }
            let told = self.send(key, file);
            let is_taken = matches!(told, ClaimEvent::Accepted { .. });
            if !(self.act() && self.tell(key, told).await) {
                return self.kill_after != Some(0);
            }
            if !is_taken {
                return true;
            }
        }
        true
    }

    /// Is it still alive to do the next thing?
    fn act(&mut self) -> bool {
        match &mut self.kill_after {
            Some(0) => false,
            Some(left) => {
                *left -= 1;
                true
            }
            None => true,
        }
    }

    fn send(&mut self, key: &ClaimKey, file: &SealedFile) -> ClaimEvent {
        self.pypi.asked += 1;
        self.pypi.asked_for.push(key.name.clone());
        let setback = |code: &str, kind| Setback {
            code: code.to_owned(),
            kind,
            name: Name::Open,
            meaning: "PyPI said no".to_owned(),
            remedy: "look".to_owned(),
            said: None,
        };
        match self.pypi.answers.pop_front() {
            Some(Answer::RateLimited { seconds }) => {
                ClaimEvent::SetBack { setback: setback(Setback::RATE_LIMITED, Kind::Passing), wait: Some(seconds) }
            }
            Some(Answer::Refused(setback)) => ClaimEvent::SetBack { setback, wait: None },
            Some(Answer::Strange) => {
                ClaimEvent::SetBack { setback: setback("not-understood", Kind::Unknown), wait: None }
            }
            Some(Answer::Lost { stored }) => {
                if stored {
                    self.pypi.store(&key.name, file, self.now + self.behind);
                }
                ClaimEvent::Unanswered { why: "reset".to_owned() }
            }
            Some(Answer::Unsent) => {
                let reply = UploadReply::NoAnswer { sent: Sent::Nothing, why: "connection refused".to_owned() };
                let setback = crate::claims::setback(&reply).expect("nothing was sent");
                ClaimEvent::SetBack { setback, wait: Some(0) }
            }
            None if self.pypi.strangers.contains(&key.name) => {
                let reply = UploadReply::Refused { why: Refused::NotOurs, said: "403 no".to_owned() };
                ClaimEvent::SetBack { setback: crate::claims::setback(&reply).expect("a refusal"), wait: None }
            }
            None if self.pypi.forgets => ClaimEvent::Accepted { filename: file.filename.clone() },
            None => {
                self.pypi.store(&key.name, file, self.now + self.behind);
                ClaimEvent::Accepted { filename: file.filename.clone() }
            }
        }
    }

    /// False when the desk refused it.
    async fn tell(&self, key: &ClaimKey, told: ClaimEvent) -> bool {
        let key = key.clone();
        self.write(move |desk, tx| desk.report(tx, &key, &told)).await.is_ok()
    }

    /// One look at everything that needs one. True when something moved.
    pub(super) async fn look(&mut self) -> bool {
        let mut moved = false;
        for claim in self.write(|desk, tx| desk.to_look_at(tx)).await {
            let sight = Sight { stand: self.pypi.stand(&claim), described: None };
            moved |= self.write(move |desk, tx| desk.looked(tx, &claim, &sight)).await;
        }
        moved
    }

    /// One look at this claim, which shows that.
    pub(super) async fn looks_like(&self, of: &str, stand: Stand) {
        let (name, sight) = (name(of), Sight { stand, described: None });
        self.write(move |desk, tx| match tx.claims().last_of(&name)? {
            Some(claim) => desk.looked(tx, &claim, &sight).map(drop),
            None => Ok(()),
        })
        .await;
    }

    /// Marks every waiting announcement as delivered.
    pub(super) async fn deliver(&self) {
        self.deliver_by(&Channel::Email).await;
    }

    pub(super) async fn deliver_by(&self, channel: &Channel) {
        self.settle_by(channel, NoticeState::Delivered).await;
    }

    /// Marks all that waits on a channel.
    pub(super) async fn settle_by(&self, channel: &Channel, state: NoticeState) {
        let channel = channel.clone();
        self.write(move |desk, tx| {
            let until = desk.now + TimeDelta::minutes(1);
            while let Some(notice) = tx.notices().lease_to_try(&channel, desk.now, until)? {
                tx.notices().settle(notice.id, state, None, desk.now)?;
            }
            Ok(())
        })
        .await;
    }

    /// To whom announcements went or go, and by what.
    pub(super) async fn announced(&self, of: &str) -> Vec<String> {
        let key = cases::notice_key(NoticeEvent::Claim, of);
        let ways = ["security", "standby"].map(|owner| (OwnerId(owner.to_owned()), Channel::Console));
        self.write(move |desk, tx| {
            let mut told = Vec::new();
            for (owner, channel) in &ways {
                let notice = NoticeRef { key: key.clone(), owner: owner.clone(), channel: channel.clone() };
                told.extend(tx.notices().outcome(&notice, desk.now)?.map(|_| owner.0.clone()));
            }
            Ok(told)
        })
        .await
    }

    /// The bodies of all waiting pages.
    pub(super) async fn pages(&self) -> Vec<String> {
        self.write(|desk, tx| {
            let waiting = tx.notices().waiting(desk.now)?.into_iter();
            let pages = waiting.filter(|notice| notice.tier == crate::model::Tier::Page);
            Ok(pages.map(|notice| serde_json::to_string(&notice.body).expect("JSON")).collect())
        })
        .await
    }

    pub(super) async fn state(&self, of: &str) -> ClaimState {
        let name = name(of);
        let last = self.write(move |_, tx| tx.claims().last_of(&name)).await;
        last.unwrap_or_else(|| panic!("no claim of {of}")).state
    }

    /// All of a name, oldest first.
    pub(super) async fn claims_of(&self, of: &ProjectName) -> Vec<Claim> {
        let name = of.clone();
        self.write(move |_, tx| {
            let keys = (1..).map(|number| ClaimKey { name: name.clone(), number });
            let claims = keys.map(|key| tx.claims().get(&key)).take_while(|claim| !matches!(claim, Ok(None)));
            claims.filter_map(Result::transpose).collect()
        })
        .await
    }

    /// As `claim status` shows it: the same by what was kept of the page before, or by what plans are made of alone, as by what is made
    /// anew; and what it plans for claims that go on is what the plan of all names has for them.
    pub(super) async fn file(&self, of: &ProjectName) -> ClaimFile {
        let (names, kept) = ([of.clone()].into(), self.outlook.lock().expect("no panic").clone());
        let (file, outlook) = self
            .write(move |desk, tx| {
                let claims = desk.newest(tx, &names, None, 1)?;
                let ground = KeptGround::default();
                let (files, outlook) = desk.files(tx, claims.clone(), (kept.clone(), ground.clone()))?;
                let (live, whole) = (tx.claims().live()?, desk.plan(tx)?);
                for kept in [(None, ground), (None, KeptGround::default())] {
                    let (again, anew) = desk.files(tx, claims.clone(), kept)?;
                    assert_eq!(files, again);
                    for claim in &live {
                        let of_whole = whole.iter().find(|planned| planned.name == claim.key.name);
                        assert_eq!(anew.as_ref().and_then(|anew| anew.planned(claim)), of_whole);
                    }
                }
                Ok((files.into_iter().next(), outlook))
            })
            .await;
        *self.outlook.lock().expect("no panic") = outlook;
        file.expect("a claim")
    }

    pub(super) async fn trail(&self, of: &str) -> Vec<ClaimLine> {
        self.trail_of(of, 1).await
    }

    pub(super) async fn trail_of(&self, of: &str, number: u32) -> Vec<ClaimLine> {
        let key = ClaimKey { name: name(of), number };
        self.write(move |_, tx| tx.claims().trail(&key)).await
    }

    pub(super) async fn states(&self) -> Vec<(String, &'static str)> {
        let newest = self.write(|_, tx| tx.claims().newest()).await;
        newest.iter().map(|claim| (claim.key.to_string(), claim.state.as_str())).collect()
    }

    pub(super) async fn slots_used(&self) -> usize {
        self.write(|_, tx| tx.claims().slots_since(Time::default())).await.len()
    }

    /// Projects with a whole package.
    pub(super) fn published(&self) -> usize {
        self.pypi.projects.values().filter(|files| files.len() == 2).count()
    }
}

fn no_refusals(ruled: &[RuledClaim]) {
    assert!(ruled.iter().all(|ruled| ruled.refused.is_none()), "{ruled:?}");
}

/// What the builder makes: the same for the same claim, in every process.
pub(super) fn seal(key: &ClaimKey) -> Seal {
    let file = |ending: &str| SealedFile {
        filename: format!("{}{ending}", key.name),
        sha256: format!("{:064x}", key.name.as_str().len() + ending.len()),
        size: 1000,
    };
    Seal { version: "0.0.1".to_owned(), files: vec![file(".whl"), file(".tar.gz")] }
}

/// All claims at once, to be let go.
pub(super) fn all(unbuildable: Unbuildable) -> Applying {
    let lot = Lot { names: Vec::new(), after: None, most: usize::MAX };
    Applying { lot, yes: true, unbuildable, kept: (None, KeptGround::default()) }
}

impl Desk {
    /// The plan of every watched name at once, which nobody but these tests has to have.
    pub(super) fn plan(&self, tx: &Tx<'_>) -> Result<Vec<Planned>, StoreError> {
        let world = self.world(tx)?;
        Ok(plan(&self.known(&world)))
    }
}
