//! A bench for claims: the desk over a store of its own, the uploader with the packages that it makes itself, and a simulated
//! PyPI behind a proxy; all by a clock that is moved.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use chrono::TimeDelta;
use namewarden::cases::facts::look_up;
use namewarden::cases::{self, Batch};
use namewarden::claims::uploader::{Daemon, Done, Opener, Publisher, Untold, UploadIndex, made};
use namewarden::claims::{
    Applied, Applying, ClaimFile, ClaimRuling, Desk, KeptGround, Lot, RuledClaim, Unbuildable, expected,
};
use namewarden::clock::Clock;
use namewarden::config::{
    Endpoint as Door, Environment, Proof, Secret, Settings, TokenPlace, load_sealed, upload_token,
};
use namewarden::model::Machine;
use namewarden::model::claim::{Claim, ClaimDecision, ClaimEvent, ClaimKey, Party, Work};
use namewarden::model::exposure::KnownBy;
use namewarden::model::health::HealthIssue;
use namewarden::model::{Channel, Exposure, Inventory, ProjectName, Serial, Tier, Time, WatchId};
use namewarden::registry::pypi::upload::{Distribution, look};
use namewarden::registry::pypi::{Pypi, changelog};
use namewarden::registry::{http_client, upload_client};
use namewarden::sim::world::{Fields, StoredFile, Upload};
use namewarden::sim::{Endpoint, Fault, Options, Order, Sim, World};
use namewarden::store::{ClaimLine, Store, StoreError, Tx};
use namewarden::upstream::HttpClient;
use namewarden::watchlist::Watchlist;
use namewarden::watchlist::routes::Routes;

use super::proxy::Proxy;
use super::stage::{NAME, TOKEN, name};

const SERVICE: u32 = 998;

pub(super) fn person(uid: u32) -> Party {
    Party::User { uid: Some(uid), user: Some("somebody".to_owned()) }
}

/// What is done to the files of a package after they were made.
pub(super) type Spoil = fn(Vec<Distribution>) -> Vec<Distribution>;

pub(super) struct Bench {
    pub(super) sim: Sim,
    pub(super) proxy: Proxy,
    pub(super) now: Time,
    /// By how much that is not PyPI's.
    wrong: TimeDelta,
    pub(super) spoil: Spoil,
    /// By whom PyPI knows us, where it is an identity and no token: trusted publishing.
    pub(super) subject: Option<&'static str>,
    dir: tempfile::TempDir,
    store: Store,
    settings: Settings,
    watchlist: Watchlist,
    clients: (HttpClient, HttpClient),
    /// How far the changelog was read.
    read: Serial,
    /// The uploader dies at so many of its words, before or after the daemon has stored the last.
    pub(super) dies: Mutex<Option<(usize, bool)>>,
    /// Names of which a first byte was about to leave, in their order.
    pub(super) begun: Mutex<Vec<String>>,
    /// What happens at the next moment that fits, between the uploader's word and PyPI's answer.
    pub(super) moment: Mutex<Option<Moment>>,
    /// Is a race of a moment on?
    raced: AtomicBool,
    /// How often a word of the uploader's met a full disk.
    pub(super) full: Mutex<usize>,
}

/// What happens while a file is on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Moment {
    /// A stranger registers the name: 409.
    Race,
    /// The disk of the daemon is full, until somebody makes room.
    DiskFull,
    /// A colleague has uploaded the second file of that name with another content, after the first was taken: 400.
    OtherContent,
}

impl Bench {
    /// A PyPI where nobody has the name and our account has a token; nothing is planned.
    pub(super) async fn new() -> Self {
        Self::of(&[(NAME.to_owned(), "2020-01-01".to_owned())]).await
    }

    /// The same of these names, with when each was first used.
    pub(super) async fn of(names: &[(String, String)]) -> Self {
        let mut world = World::empty(Order::default(), Serial(41_000_000));
        world.accounts.give_token(TOKEN, "acme-bot");
        let sim =
            Sim::start(world, Options { xmlrpc_quota: 1_000_000, ..Options::default() }).await.expect("a free port");
        let proxy = Proxy::start(sim.base_url());
        let dir = tempfile::tempdir().expect("a directory");
        configure(&dir, sim.base_url(), &proxy.base, names);
        let settings = load_sealed(&dir.path().join("namewarden.toml"), &Environment::default()).expect("settings");
        let clients = (http_client(&settings).expect("a client"), upload_client(&settings).expect("a client"));
        let routes = Routes::configured(&settings.alert);
        let inventory = namewarden::watchlist::load(&dir.path().join("inventory.toml"), &routes.default_owner);
        let watchlist = Watchlist::new(inventory.expect("an inventory").inventory, routes);
        let now = "2026-11-20T12:00:00Z".parse().expect("a time");
        sim.hold_clock(now);
        let store = Store::open(dir.path().join("state").as_path()).expect("opens");
        let bench = Self {
            sim,
            proxy,
            now,
            wrong: TimeDelta::zero(),
            spoil: |files| files,
            subject: None,
            dir,
            store,
            settings,
            watchlist,
            clients,
            read: Serial(41_000_000),
            dies: Mutex::default(),
            begun: Mutex::default(),
            moment: Mutex::default(),
            raced: AtomicBool::new(false),
            full: Mutex::default(),
        };
        let ids: Vec<WatchId> = names.iter().map(|(text, _)| WatchId::name(&name(text))).collect();
        let exposed = move |_: &Desk, tx: &Tx<'_>| {
            ids.iter().try_for_each(|id| {
                tx.watches().add(id, now)?;
                tx.watches().set_exposure(id, &Exposure::Exposed, &KnownBy::default(), now)
            })
        };
        bench.write(exposed).await;
        bench
    }

    /// Planned, approved by another person, and let go.
    pub(super) async fn let_go(&self) {
        self.let_all_go(&[NAME.to_owned()]).await;
    }

    pub(super) async fn let_all_go(&self, names: &[String]) {
        self.agreed(names).await;
        let applied = self.apply().await;
        assert!(applied.done, "{applied:?}");
    }

    /// Planned, and approved by another person.
    pub(super) async fn agreed(&self, names: &[String]) {
        let planned = names.to_vec();
        let mut ruled = self.write(move |desk, tx| desk.propose(tx, &planned, &person(1001))).await;
        ruled.extend(self.decide(names, ClaimDecision::Approve).await);
        assert!(ruled.iter().all(|ruled| ruled.refused.is_none()), "{ruled:?}");
    }

    pub(super) async fn decides(&self, decision: ClaimDecision) -> RuledClaim {
        self.decide(&[NAME.to_owned()], decision).await.remove(0)
    }

    pub(super) async fn retries(&self, name: &str) -> RuledClaim {
        self.decide(&[name.to_owned()], ClaimDecision::Retry).await.remove(0)
    }

    async fn decide(&self, names: &[String], decision: ClaimDecision) -> Vec<RuledClaim> {
        let ruling = ClaimRuling { decision, note: None, unbuildable: Unbuildable::new() };
        let names = names.to_vec();
        self.write(move |desk, tx| desk.decide(tx, &names, &ruling, &person(1002))).await
    }

    /// Somebody has asked PyPI.
    pub(super) async fn agreement(&self) {
        let agreed = self.write(|desk, tx| desk.agree(tx, "pypi/support#1", &person(1001))).await;
        agreed.expect("recorded");
    }

    pub(super) async fn apply(&self) -> Applied {
        self.write(|desk, tx| desk.apply(tx, &all(), &person(1001))).await.0
    }

    fn desk(&self) -> Desk {
        Desk::new(self.watchlist.clone(), &self.settings.claim, Machine::run_by(SERVICE), self.now)
    }

    pub(super) async fn write<T: Send + 'static>(
        &self,
        work: impl Fn(&Desk, &Tx<'_>) -> Result<T, StoreError> + Send + Sync + 'static,
    ) -> T {
        let work = Arc::new(work);
        let again = Arc::clone(&work);
        match self.try_write(move |desk, tx| work(desk, tx)).await {
            // What the daemon does of itself waits until somebody makes room.
            Err(StoreError::DiskFull { .. }) => {
                self.make_room().await;
                self.try_write(move |desk, tx| again(desk, tx)).await.expect("writes")
            }
            done => done.expect("writes"),
        }
    }

    /// The same where the disk is full to the last page.
    pub(super) async fn apply_on_a_full_disk(&self) -> Result<Applied, StoreError> {
        self.fill().await;
        self.try_write(|desk, tx| desk.apply(tx, &all(), &person(1001))).await.map(|applied| applied.0)
    }

    async fn try_write<T: Send + 'static>(
        &self,
        work: impl Fn(&Desk, &Tx<'_>) -> Result<T, StoreError> + Send + Sync + 'static,
    ) -> Result<T, StoreError> {
        let desk = self.desk();
        self.store.write(move |tx| work(&desk, tx)).await
    }

    /// Somebody makes room on the disk.
    pub(super) async fn make_room(&self) {
        self.store.confine(1_000_000).await.expect("set");
    }

    /// The disk is full to the last page, also of those that the store had free.
    async fn fill(&self) {
        self.store.confine(1).await.expect("set");
        for (size, n) in [3_000, 100].into_iter().flat_map(|size| (0..400).map(move |n| (size, n))) {
            let (key, text) = (format!("filler-{}-{size}-{n}", self.now.timestamp()), "x".repeat(size));
            // What does not fit is not there; a smaller one may fit.
            let _ = self.try_write(move |_, tx| tx.cursors().set(&key, &text)).await;
        }
    }

    /// What a moment does, at this word of the uploader's.
    async fn meanwhile(&self, key: &ClaimKey, told: &ClaimEvent) {
        if self.raced.swap(false, Ordering::SeqCst) {
            self.sim.faults().stop(Fault::UploadRace);
        }
        let moment = *self.moment.lock().expect("no panic");
        match (moment, told) {
            (Some(Moment::Race), ClaimEvent::Begin { .. }) => {
                self.raced.store(true, Ordering::SeqCst);
                self.sim.faults().start(Fault::UploadRace);
            }
            (Some(Moment::DiskFull), ClaimEvent::Begin { .. }) => self.fill().await,
            (Some(Moment::OtherContent), ClaimEvent::Accepted { filename }) if filename.ends_with(".whl") => {
                self.other_content(key).await;
            }
            _ => return,
        }
        *self.moment.lock().expect("no panic") = None;
    }

    async fn other_content(&self, key: &ClaimKey) {
        let of = key.clone();
        let seal = self.write(move |_, tx| tx.claims().get(&of)).await.and_then(|claim| claim.seal).expect("sealed");
        let file = StoredFile {
            filename: seal.files[1].filename.clone(),
            bytes: "something else".into(),
            metadata: None,
            python: "source".into(),
            uploaded: self.now,
        };
        let (display, version) = (key.name.to_string(), seal.version);
        let upload = Upload { display, version, fields: Fields::new(), file };
        self.sim.world().store_upload(upload).expect("there");
    }

    /// The inventory says otherwise of a name.
    pub(super) fn amend(&mut self, with: impl Fn(&mut Inventory)) {
        let mut inventory = Inventory::clone(&self.watchlist.inventory);
        with(&mut inventory);
        self.watchlist = Watchlist::new(inventory, (*self.watchlist.routes).clone());
    }

    pub(super) fn pass(&mut self, time: TimeDelta) {
        self.now += time;
        self.sim.hold_clock(self.now - self.wrong);
    }

    /// Somebody sets our clock, and PyPI's goes on as before.
    pub(super) fn set_clock(&mut self, by: TimeDelta) {
        self.now += by;
        self.wrong += by;
    }

    /// So many hours, in each of which the uploader works and PyPI is looked at.
    pub(super) async fn hours(&mut self, hours: usize) {
        for _ in 0..hours {
            self.work_off().await;
            self.pass(TimeDelta::hours(1));
        }
    }

    /// Lets the uploader and the looks do all that is due now. Gives what was left undone.
    pub(super) async fn work_off(&self) -> Vec<String> {
        let mut undone = Vec::new();
        for _ in 0..200 {
            let work = self.write(|desk, tx| desk.work(tx)).await;
            match self.piece(&work).await {
                Ok(done) => undone.extend(done.failed.then_some(done.said)),
                Err(Untold::Gone(why)) => {
                    let full = why.contains("is full");
                    undone.push(why);
                    if full {
                        return undone;
                    }
                }
                Err(refused) => panic!("{refused}"),
            }
            self.look().await;
            if matches!(work, Work::Rest { .. }) {
                return undone;
            }
        }
        panic!("there is no end to it: {undone:?}");
    }

    async fn piece(&self, work: &Work) -> Result<Done, Untold> {
        let endpoint = self.settings.claim.upload.to.as_ref().expect("an address");
        let proof = match self.subject {
            Some(_) => Proof::Identity(TokenPlace::Credential("pypi-identity".to_owned())),
            None => endpoint.proof.clone(),
        };
        let endpoint = &Door { proof, ..endpoint.clone() };
        let to = UploadIndex::new(endpoint, self.sim.base_url(), self.clients.clone(), &Clock::System, self.opener());
        let (to, spoil) = (to.expect("loopback"), self.spoil);
        let maker = |name: &ProjectName, used: &[String]| {
            made(&self.settings, &self.watchlist.inventory, name, used).map(spoil)
        };
        Publisher { maker: &maker, to: &to, test: None }.work(&Line(self), work).await
    }

    /// The files of the package, as they are made.
    pub(super) fn package(&self) -> Vec<Distribution> {
        made(&self.settings, &self.watchlist.inventory, &name(NAME), &[]).expect("a package")
    }

    fn opener(&self) -> Opener {
        if let Some(subject) = self.subject {
            let identity = self.sim.identity_token(subject);
            return Box::new(move || Ok(Secret::new(&identity)));
        }
        let (config, endpoint) = (self.config(), self.settings.claim.upload.to.clone().expect("an address"));
        Box::new(move || upload_token(&config, &Environment::default(), &endpoint))
    }

    fn config(&self) -> PathBuf {
        self.dir.path().join("namewarden.toml")
    }

    async fn look(&self) {
        let pages = Pypi::new(self.sim.base_url(), self.clients.0.clone(), Clock::System);
        let pages = pages.expect("loopback");
        for claim in self.write(|desk, tx| desk.to_look_at(tx)).await {
            let registrants = &self.watchlist.inventory.registrants;
            let sight = look::sight(&pages, &claim.key.name, &expected(&claim), registrants).await;
            self.write(move |desk, tx| desk.looked(tx, &claim, &sight)).await;
        }
    }

    /// How near its death the uploader is, which comes nearer by this.
    fn dies(&self) -> Option<(usize, bool)> {
        let mut dies = self.dies.lock().expect("no panic");
        let now = dies.take();
        *dies = now.and_then(|(left, stored)| Some((left.checked_sub(1)?, stored)));
        now
    }

    /// What the changelog tells next, and what PyPI shows of the projects in it.
    pub(super) async fn feed(&mut self) {
        let pages = Pypi::new(self.sim.base_url(), self.clients.0.clone(), Clock::System).expect("loopback");
        let reply = changelog::after(&pages, self.read).await.expect("an answer");
        self.read = reply.last.unwrap_or(self.read);
        let batch = Batch { sightings: reply.sightings, ..Batch::default() };
        self.write(move |desk, tx| cases::apply(tx, &desk.watchlist, &batch, desk.now)).await;
        let clock = Clock::manual(self.now);
        while look_up::round(&self.store, &pages, &self.watchlist, &clock).await.expect("the store").projects > 0 {}
    }

    /// The projects of which somebody is told at this moment that they were registered.
    pub(super) async fn alarms(&self) -> BTreeSet<String> {
        let due = self.write(|desk, tx| tx.tellings().due(&Channel::Email, desk.now, 1_000)).await;
        due.iter().map(|telling| telling.event.finding.0.split('@').next().unwrap_or_default().to_owned()).collect()
    }

    /// What goes on without a person.
    pub(super) async fn automatic(&self) {
        self.write(Desk::automatic).await;
    }

    /// The newest claim of each name.
    pub(super) async fn claims(&self) -> Vec<Claim> {
        self.write(|_, tx| tx.claims().newest()).await
    }

    pub(super) async fn trail(&self, of: &ClaimKey) -> Vec<ClaimLine> {
        let key = of.clone();
        self.write(move |_, tx| tx.claims().trail(&key)).await
    }

    /// The claim as `claim status` shows it.
    pub(super) async fn file(&self) -> ClaimFile {
        self.file_of(&name(NAME)).await
    }

    async fn file_of(&self, of: &ProjectName) -> ClaimFile {
        let names = [of.clone()].into();
        let files = self
            .write(move |desk, tx| desk.files(tx, desk.newest(tx, &names, None, 1)?, (None, KeptGround::default())))
            .await;
        files.0.into_iter().next().expect("a claim")
    }

    /// What `claim status` says comes next.
    pub(super) async fn next_of(&self, of: &ProjectName) -> String {
        self.file_of(of).await.next
    }

    pub(super) async fn exposure(&self) -> Option<Exposure> {
        let id = WatchId::name(&name(NAME));
        self.write(move |_, tx| tx.watches().exposure(&id)).await
    }

    /// The bodies of all pages that wait to be sent.
    pub(super) async fn pages(&self) -> Vec<String> {
        self.write(|desk, tx| {
            let pages = tx.notices().waiting(desk.now)?.into_iter().filter(|notice| notice.tier == Tier::Page);
            Ok(pages.map(|notice| serde_json::to_string(&notice.body).expect("JSON")).collect())
        })
        .await
    }

    /// What is said of this trouble to whoever is told.
    pub(super) async fn detail(&self, issue: HealthIssue) -> Option<String> {
        self.write(move |_, tx| tx.health().open(&issue)).await.map(|case| case.detail)
    }

    /// New projects of the day, as we count them.
    pub(super) async fn slots(&self) -> usize {
        self.write(|desk, tx| tx.claims().slots_since(desk.now - TimeDelta::hours(24))).await.len()
    }

    /// And as PyPI does.
    pub(super) fn counted(&self) -> usize {
        let world = self.sim.world();
        let quota = world.policy.new_projects_a_day;
        quota - world.quotas.standing(("ip", "127.0.0.1"), quota, self.now - self.wrong).left
    }

    /// Uploads that reached PyPI.
    pub(super) fn uploads(&self) -> usize {
        self.sim.log().count(Endpoint::Upload)
    }
}

/// All claims at once, to be let go.
fn all() -> Applying {
    let lot = Lot { names: Vec::new(), after: None, most: usize::MAX };
    Applying { lot, yes: true, unbuildable: Unbuildable::new(), kept: (None, KeptGround::default()) }
}

struct Line<'b>(&'b Bench);

impl Daemon for Line<'_> {
    async fn tell(&self, key: &ClaimKey, told: ClaimEvent) -> Result<(), Untold> {
        let gone = || Err(Untold::Gone("the uploader is dead".to_owned()));
        let dies = self.0.dies();
        if dies == Some((0, false)) {
            return gone();
        }
        if matches!(told, ClaimEvent::Begin { .. }) {
            self.0.begun.lock().expect("no panic").push(key.name.to_string());
        }
        let (of, event) = (key.clone(), told.clone());
        let done = match self.0.try_write(move |desk, tx| desk.report(tx, &of, &event)).await {
            Ok(done) => done,
            Err(error @ StoreError::DiskFull { .. }) => {
                *self.0.full.lock().expect("no panic") += 1;
                return Err(Untold::Gone(error.to_string()));
            }
            Err(error) => panic!("{error}"),
        };
        if done.is_ok() {
            self.0.meanwhile(key, &told).await;
        }
        if dies == Some((0, true)) { gone() } else { done.map(drop).map_err(Untold::Refused) }
    }
}

fn written(dir: &tempfile::TempDir, file: &str, text: &str) {
    let path = dir.path().join(file);
    fs::write(&path, text).expect("written");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).expect("a mode");
}

fn configure(dir: &tempfile::TempDir, pypi: &str, door: &str, names: &[(String, String)]) {
    fs::create_dir(dir.path().join("state")).expect("made");
    written(dir, "pypi-token", TOKEN);
    let owner = "[owners.security]\nemail = [\"a@acme.example\"]\n[registrants]\nusers = [\"acme-bot\"]\norganizations = [\"acme\"]\n";
    let watch = |(name, first_use): &(String, String)| {
        format!(
            "[[name]]\nname = \"{name}\"\nowner = \"security\"\nlatest_version = \"4.12.0\"\nfirst_use = {first_use}\n"
        )
    };
    let watches: String = names.iter().map(watch).collect();
    written(dir, "inventory.toml", &(owner.to_owned() + &watches));
    written(
        dir,
        "namewarden.toml",
        &format!(
            "contact = \"claims@example.org\"\nstate_dir = \"state\"\n[pypi]\nbase = \"{pypi}\"\n[alert]\n\
             default_owner = \"security\"\n[alert.email]\nhost = \"localhost\"\ntls = \"none\"\nfrom = \"nw@acme.example\"\n\
             [claim]\nenabled = true\ncompany = \"Acme Corp\"\ncontact = \"python@acme.example\"\n\
             [claim.upload]\naddress = \"{door}/legacy/\"\ntoken_file = \"pypi-token\"\n"
        ),
    );
}
