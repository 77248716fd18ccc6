//! 100,000 cases and 50,000 watches behind the web as the daemon serves it, and what changes in them.

use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use chrono::TimeDelta;
use namewarden::api::bells::Bells;
use namewarden::api::gate_part::GateSilence;
use namewarden::api::listings::Listings;
use namewarden::api::service::CommandService;
use namewarden::api::taking::Takers;
use namewarden::api::under_way::UnderWay;
use namewarden::api::v1::resource::INVENTORY_ROOM;
use namewarden::api::web::{Site, bind, router, serve};
use namewarden::cases::{self, Batch, Head, Ruling};
use namewarden::clock::Clock;
use namewarden::config::{Environment, Settings, load};
use namewarden::model::claim::{Claim, ClaimKey, Origin, Party};
use namewarden::model::command::Decision;
use namewarden::model::exposure::KnownBy;
use namewarden::model::timeline::Person;
use namewarden::model::{
    Actor, CaseRef, Event, Exposure, Feed, OwnerId, ProjectName, Role, Serial, Sighting, Time, WatchId,
};
use namewarden::store::{Store, Tx};
use namewarden::watchlist::Watchlist;
use namewarden::watchlist::routes::Routes;
use tokio::sync::{mpsc, watch};

use super::Failure;
use super::paths::Posted;
use super::people::{people, signed_in};

const WATCHES: usize = 50_000;
pub(crate) const CASES: usize = 100_000;
/// Registrations of one transaction.
const BATCH: usize = 1_000;
/// Names that are to be held, and those of which PyPI may be told.
const CLAIMS: usize = 30;
const PUBLIC: usize = 1_000;
const OWNERS: [&str; 10] =
    ["billing", "ledger", "vault", "search", "mail", "print", "tax", "feature", "train", "deploy"];

/// Where it is, and by what it is asked.
pub(crate) struct World {
    store: Store,
    settings: Arc<Settings>,
    listings: Listings,
    changes: AtomicUsize,
    pub(crate) base: String,
    pub(crate) cookie: String,
    /// That of whoever runs the watch.
    pub(crate) admin: String,
    pub(crate) token: String,
}

impl World {
    /// Each case is an alert, an hour to a month old; people are on one in ten and are done with one in ten, and want thirty names.
    pub(crate) async fn new(dir: &Path) -> Result<Self, Failure> {
        std::fs::create_dir_all(dir)?;
        let (is_new, now) = (!dir.join("namewarden.db").exists(), Clock::System.now());
        std::fs::write(dir.join("inventory.toml"), inventory()?)?;
        let (settings, listings) = (Arc::new(settings(dir)?), Listings::default());
        let watchlist = watched(&settings, &listings)?;
        let (store, started) = (Store::open(dir)?, Instant::now());
        if is_new {
            fill(&store, &watchlist, now).await?;
            decide(&store, now).await?;
            want(&store, now).await?;
            people(&store, now).await?;
            eprintln!("filled in {:.0} s, {} MB", started.elapsed().as_secs_f64(), store.size() / 1_000_000);
        }
        let site = Site::new(service(&store, watchlist, &settings, &listings));
        let (cookie, token) = signed_in(&store, &site, ("ada", Role::Viewer), now).await?;
        let (admin, _) = signed_in(&store, &site, ("grace", Role::Admin), now).await?;
        let listening = bind(([127, 0, 0, 1], 0).into()).await?;
        let base = format!("http://{}", listening.address);
        let router = router(&site);
        spawn(serve(listening, (site, router), spawn));
        Ok(Self { store, settings, listings, changes: AtomicUsize::new(0), base, cookie, admin, token })
    }

    /// Something of all that pages are made of is another: a case, how a watch stands, and the text of the inventory, which is read at once,
    /// as the daemon does within seconds.
    pub(crate) async fn change(&self) -> Result<(), Failure> {
        let (round, now) = (self.changes.fetch_add(1, Ordering::Relaxed), Clock::System.now());
        let exposure = if round.is_multiple_of(2) { Exposure::Removed } else { Exposure::Exposed };
        let watch = WatchId::name(&ProjectName::parse(&name(0))?);
        let changed = move |tx: &Tx<'_>| {
            ruled(tx, &[CaseRef(format!("nw-{}", round * 10 + 1))], Decision::Acknowledge, now)?;
            tx.watches().set_exposure(&watch, &exposure, &KnownBy::default(), now)
        };
        self.store.write(changed).await?;
        std::fs::write(&self.settings.inventory, inventory()? + &format!("# {round}\n"))?;
        self.listings.read_inventory(&self.settings)?;
        Ok(())
    }

    /// A name that is to be held.
    pub(crate) fn claim(&self) -> String {
        name(1)
    }

    /// What is sent.
    pub(crate) fn form(&self, form: Posted) -> String {
        let names = |most: usize| {
            let lines = (WATCHES..).map(|n| format!("new-{}-{n}%0A", word(n))).take(most);
            lines.fold("form=names&text=".to_owned(), |form, line| {
                if form.len() + line.len() > INVENTORY_ROOM { form } else { form + &line }
            })
        };
        match form {
            Posted::TenNames => names(10),
            Posted::MostNames => names(INVENTORY_ROOM / 16),
            Posted::Claims => (1..=CLAIMS).map(|n| format!("name={}&", name(n))).collect(),
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "the bench stands for the daemon that owns the connections")]
fn spawn(task: impl Future<Output = ()> + Send + 'static) {
    drop(tokio::spawn(task));
}

/// Of sounds that repeat after far more than a million.
fn word(n: usize) -> String {
    let sounds = |of: &str, n: usize| of.as_bytes()[n % of.len()] as char;
    let mut seed = n.wrapping_mul(2_654_435_761) % 4_294_967_291;
    let mut text = String::new();
    for _ in 0..5 {
        text.push(sounds("bcdfghklmnprstvz", seed));
        text.push(sounds("aeiou", seed / 16));
        seed /= 80;
    }
    text
}

fn name(n: usize) -> String {
    format!("{}-{}{}", OWNERS[n % OWNERS.len()], word(n), n % 10)
}

/// The last owner's first names are those of which PyPI may be told.
fn inventory() -> Result<String, Failure> {
    let (mut toml, mut told) = (String::new(), String::new());
    for (owner, id) in OWNERS.iter().enumerate() {
        let is_told = |n: &usize| owner == OWNERS.len() - 1 && *n < PUBLIC;
        let (long, short): (Vec<usize>, Vec<usize>) = (0..WATCHES / OWNERS.len()).partition(is_told);
        let of = |n: &usize| name(n * OWNERS.len() + owner);
        let names: Vec<String> = short.iter().map(|n| format!("\"{}==1.0\"", of(n))).collect();
        let email = format!("{id}@acme.example");
        write!(toml, "[owners.{id}]\nname = \"{id}\"\nemail = [\"{email}\"]\nnames = [{}]\n", names.join(", "))?;
        for n in &long {
            let (name, terms) = (of(n), "latest_version = \"1.0\"\npublic_ok = true");
            write!(told, "[[name]]\nname = \"{name}\"\nowner = \"{id}\"\n{terms}\n")?;
        }
    }
    Ok(toml + &told)
}

fn watched(settings: &Arc<Settings>, listings: &Listings) -> Result<Watchlist, Failure> {
    let inventory = listings.read_inventory(settings)?;
    Ok(Watchlist::new(inventory, Routes { default_owner: OwnerId(OWNERS[0].to_owned()), ..Routes::default() }))
}

/// Every watch has two look-alikes, registered over a month.
async fn fill(store: &Store, watchlist: &Watchlist, now: Time) -> Result<(), Failure> {
    let start = now - TimeDelta::days(30);
    let (seen, head) = (watchlist.clone(), Head { serial: Serial(1000), served: start });
    store.write(move |tx| cases::baseline(tx, &seen, std::iter::empty(), &head, start).map(drop)).await?;
    for first in (0..CASES).step_by(BATCH) {
        let at = start + TimeDelta::seconds(20) * i32::try_from(first)?;
        let sightings = (first..first + BATCH).map(|n| sighting(n, at)).collect::<Result<Vec<_>, Failure>>()?;
        let (seen, batch) = (watchlist.clone(), Batch { sightings, ..Batch::default() });
        store.write(move |tx| cases::apply(tx, &seen, &batch, at).map(drop)).await?;
    }
    let cases = store.read(|tx| tx.findings().counts()).await?;
    eprintln!("{} cases, {WATCHES} watches", cases.iter().map(|(.., number)| number).sum::<u64>());
    Ok(())
}

/// People are on every fifth case, and are done with every tenth.
async fn decide(store: &Store, now: Time) -> Result<(), Failure> {
    for first in (1..=CASES).step_by(BATCH) {
        let decided = move |tx: &Tx<'_>| {
            for (every, decision) in [(5, Decision::Acknowledge), (10, Decision::Resolve)] {
                let cases: Vec<CaseRef> =
                    (first..first + BATCH).filter(|n| n % every == 0).map(|n| CaseRef(format!("nw-{n}"))).collect();
                ruled(tx, &cases, decision, now)?;
            }
            Ok(())
        };
        store.write(decided).await?;
    }
    Ok(())
}

/// Some of the names are to be held.
async fn want(store: &Store, now: Time) -> Result<(), Failure> {
    let claim = |n: usize| -> Result<Claim, Failure> {
        let key = ClaimKey { name: ProjectName::parse(&name(n))?, number: 1 };
        Ok(Claim::planned(key, Origin::Person, TimeDelta::days(1), Party::from(&Actor::default()), now))
    };
    let claims = (1..=CLAIMS).map(claim).collect::<Result<Vec<_>, _>>()?;
    Ok(store.write(move |tx| claims.iter().try_for_each(|claim| tx.claims().keep(claim))).await?)
}

fn ruled(tx: &Tx<'_>, cases: &[CaseRef], decision: Decision, now: Time) -> Result<(), namewarden::store::StoreError> {
    let who = Person { actor: Actor::default(), declared: "ada".to_owned() };
    cases::judge_each(tx, cases, &Ruling { decision, who, note: None }, now).map(drop)
}

fn sighting(n: usize, at: Time) -> Result<Sighting, Failure> {
    let of = name(n % WATCHES);
    let name = if n < WATCHES { format!("{of}s") } else { of.replacen('a', "aa", 1) + "x" };
    Ok(Sighting {
        name: ProjectName::parse(&name)?,
        display: name,
        event: Event::Created,
        feed: Feed::Changelog,
        serial: Some(Serial(1001 + n as u64)),
        at: Some(at),
        summary: None,
        unreadable: None,
    })
}

fn service(store: &Store, watchlist: Watchlist, settings: &Arc<Settings>, listings: &Listings) -> CommandService {
    CommandService {
        store: store.for_people(),
        clock: Clock::System,
        watchlist: watch::channel(watchlist).1,
        requests: mpsc::channel(1).0,
        bells: Bells::default(),
        settings: watch::channel(Arc::clone(settings)).1,
        restart: watch::channel(Vec::new()).1,
        undertakings: mpsc::channel(1).0,
        under_way: UnderWay::default(),
        listings: listings.clone(),
        silence: GateSilence::default(),
        takers: Takers::default(),
        running: true,
    }
}

fn settings(dir: &Path) -> Result<Settings, Failure> {
    let text = "contact = \"ops@acme.example\"\nstate_dir = \".\"\ninventory = \"inventory.toml\"\n[pypi]\nbase = \"https://pypi.example\"\n\
                [web]\nlisten = \"127.0.0.1:0\"\n[claim]\nenabled = true\ncompany = \"Acme Corp\"\ncontact = \"python@acme.example\"\n\
                [alert]\ndefault_owner = \"billing\"\n\
                [alert.email]\nhost = \"mail.acme.example\"\nfrom = \"watch@acme.example\"\n";
    let file = dir.join("namewarden.toml");
    std::fs::write(&file, text)?;
    Ok(load(&file, &Environment::default())?)
}
