//! What the API gives of 100,000 cases and 50,000 watches: cases a second one by one, and each list.
//!
//!     cargo bench --bench api
//!
//!     cargo bench --bench api -- DIR [pages]        # keeps its store there, or takes the one that is there
//!
//! Prints figures and judges nothing: of five requests the quickest, how large the answer is, and by how much the process had to grow
//! at most while it was made, client and all. Cases a second need wrk (Debian's package of that name).

#![expect(clippy::print_stdout, reason = "its figures are what it is for")]

use std::error::Error;
use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::Instant;

use chrono::TimeDelta;
use namewarden::access::{random, session};
use namewarden::api::bells::Bells;
use namewarden::api::listings::Listings;
use namewarden::api::service::CommandService;
use namewarden::api::under_way::UnderWay;
use namewarden::api::web::{Site, bind, cookie_name, router, serve};
use namewarden::cases::{self, Batch, Head, Ruling};
use namewarden::clock::Clock;
use namewarden::config::source::Source;
use namewarden::config::{Environment, Settings, load};
use namewarden::model::command::Decision;
use namewarden::model::timeline::Person;
use namewarden::model::{Actor, CaseRef, Event, Feed, OwnerId, ProjectName, Role, Serial, Sighting, Time, UserName};
use namewarden::store::{Store, Tx, User};
use namewarden::watchlist::routes::Routes;
use namewarden::watchlist::{self, Watchlist};
use tokio::sync::{mpsc, watch};

const WATCHES: usize = 50_000;
const CASES: usize = 100_000;
/// Registrations of one transaction.
const BATCH: usize = 1_000;
const OWNERS: [&str; 10] =
    ["billing", "ledger", "vault", "search", "mail", "print", "tax", "feature", "train", "deploy"];

type Failure = Box<dyn Error>;

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let args: Vec<String> = std::env::args().skip(1).filter(|arg| arg != "--bench").collect();
    let (work, now) = (tempfile::tempdir()?, chrono_now());
    let dir = args.first().map_or(work.path(), |dir| Path::new(dir.as_str()));
    std::fs::create_dir_all(dir)?;
    let (is_new, watchlist) = (!dir.join("namewarden.db").exists(), watched(dir)?);
    let (store, started) = (Store::open(dir)?, Instant::now());
    if is_new {
        fill(&store, &watchlist, now).await?;
        println!("filled in {:.0} s, {} MB", started.elapsed().as_secs_f64(), store.size() / 1_000_000);
    }
    let site = Site::new(service(&store, watchlist, dir));
    let cookie = signed_in(&store, &site, now).await?;
    let listening = bind(([127, 0, 0, 1], 0).into()).await?;
    let base = format!("http://{}", listening.address);
    let router = router(&site);
    spawn(serve(listening, (site, router), spawn));
    pages(&base, &cookie).await?;
    if args.get(1).is_some_and(|only| only == "pages") {
        return Ok(());
    }
    decide(&store, now).await?;
    pages(&base, &cookie).await?;
    one_by_one(&base, &cookie, dir)
}

fn chrono_now() -> Time {
    Clock::System.now()
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

fn watched(dir: &Path) -> Result<Watchlist, Failure> {
    let mut toml = String::new();
    for (owner, id) in OWNERS.iter().enumerate() {
        let names: Vec<String> =
            (0..WATCHES / OWNERS.len()).map(|n| format!("\"{}==1.0\"", name(n * OWNERS.len() + owner))).collect();
        let email = format!("{id}@acme.example");
        write!(toml, "[owners.{id}]\nname = \"{id}\"\nemail = [\"{email}\"]\nnames = [{}]\n", names.join(", "))?;
    }
    let owner = OwnerId(OWNERS[0].to_owned());
    std::fs::write(dir.join("inventory.toml"), &toml)?;
    let source = Source::new(Path::new("inventory.toml"), toml);
    let inventory = watchlist::from_source(source, &owner).map_err(|error| error.to_string())?;
    Ok(Watchlist::new(inventory, Routes { default_owner: owner, ..Routes::default() }))
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
    println!("{} cases, {WATCHES} watches", cases.iter().map(|(.., number)| number).sum::<u64>());
    Ok(())
}

/// People are on every fifth case, and are done with every tenth.
async fn decide(store: &Store, now: Time) -> Result<(), Failure> {
    for first in (1..=CASES).step_by(BATCH) {
        let decided = move |tx: &Tx<'_>| {
            for (every, decision) in [(5, Decision::Acknowledge), (10, Decision::Resolve)] {
                let cases: Vec<CaseRef> =
                    (first..first + BATCH).filter(|n| n % every == 0).map(|n| CaseRef(format!("nw-{n}"))).collect();
                let who = Person { actor: Actor::default(), declared: "ada".to_owned() };
                cases::judge_each(tx, &cases, &Ruling { decision, who, note: None }, now)?;
            }
            Ok(())
        };
        store.write(decided).await?;
    }
    println!("\nof the cases one in ten is acknowledged, one in ten resolved");
    Ok(())
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

fn service(store: &Store, watchlist: Watchlist, dir: &Path) -> CommandService {
    CommandService {
        store: store.for_people(),
        clock: Clock::System,
        watchlist: watch::channel(watchlist).1,
        requests: mpsc::channel(1).0,
        bells: Bells::default(),
        settings: watch::channel(Arc::new(settings(dir))).1,
        restart: watch::channel(Vec::new()).1,
        undertakings: mpsc::channel(1).0,
        under_way: UnderWay::default(),
        listings: Listings::default(),
        running: true,
    }
}

fn settings(dir: &Path) -> Settings {
    let text = "contact = \"ops@acme.example\"\nstate_dir = \".\"\ninventory = \"inventory.toml\"\n[pypi]\nbase = \"https://pypi.example\"\n\
                [web]\nlisten = \"127.0.0.1:0\"\n[alert]\ndefault_owner = \"billing\"\n\
                [alert.email]\nhost = \"mail.acme.example\"\nfrom = \"watch@acme.example\"\n";
    let file = dir.join("namewarden.toml");
    std::fs::write(&file, text).expect("written");
    load(&file, &Environment::default()).unwrap_or_else(|error| panic!("{error}"))
}

async fn signed_in(store: &Store, site: &Site, now: Time) -> Result<String, Failure> {
    let (cookie, validity) = (random::random()?, site.validity());
    let (begun, name) = (cookie.clone(), "ada".parse::<UserName>()?);
    let begin = move |tx: &Tx<'_>| {
        let (role, uid, password) = (Role::Viewer, None, None);
        tx.users().put(&User { name: name.clone(), role, uid, password, added: now, confirmed: false })?;
        session::begin(tx, &begun, &name, validity, now)
    };
    store.write(begin).await?;
    Ok(format!("{}={cookie}", cookie_name(false)))
}

/// Each page, and of each list the one behind the first: the best of five, as the machine has others to serve.
async fn pages(base: &str, cookie: &str) -> Result<(), Failure> {
    let _ = rustls::crypto::ring::default_provider().install_default();
    #[expect(clippy::disallowed_methods, reason = "the client of a bench")]
    let client = reqwest::Client::builder().no_proxy().build()?;
    println!("{:<58} {:>8} {:>9} {:>8} {:>8}", "page", "ms", "bytes", "RSS MB", "grew MB");
    for path in PATHS {
        let mut path = (*path).to_owned();
        for _ in 0..2 {
            let Some(next) = page(&client, base, &path, cookie).await? else { break };
            let glue = if path.contains('?') { '&' } else { '?' };
            path = format!("{path}{glue}after={next}");
        }
    }
    Ok(())
}

const PATHS: &[&str] = &[
    "/",
    "/findings",
    "/findings?owner=ledger",
    "/findings?search=deploy-",
    "/findings?search=zzzz",
    "/findings?tier=page&state=open",
    "/findings?state=closed&owner=vault&sort=newest",
    "/findings/nw-777",
    "/inventory",
    "/inventory?exposure=exposed&owner=vault",
    "/inventory/lint",
    "/claims",
    "/claims/plan",
    "/reports?show=yes",
    "/reports?show=yes&owner=ledger",
    "/reports?show=yes&since=2020-01-01",
    "/health",
    "/rules",
    "/metrics",
    "/api/v1/status",
    "/api/v1/glance",
    "/api/v1/coverage",
    "/api/v1/findings",
    "/api/v1/findings?order=urgent",
    "/api/v1/findings?owner=ledger",
    "/api/v1/findings?owner=ledger&states=resolved",
    "/api/v1/findings?search=zzzz",
    "/api/v1/findings?states=open&at_least=page",
    "/api/v1/findings/nw-777",
    "/api/v1/watches",
    "/api/v1/watches?exposure=exposed&owner=vault",
    "/api/v1/watches?exposure=taken",
    "/api/v1/watches?search=zzzz",
    "/api/v1/inventory/lint",
    "/api/v1/projects",
    "/api/v1/health",
    "/api/v1/claims",
    "/api/v1/claims/plan",
    "/api/v1/report",
    "/api/v1/report?owner=ledger",
    // To take along: all of it.
    "/api/v1/report/watches",
    "/api/v1/report/json",
    "/api/v1/report/html",
];

async fn page(client: &reqwest::Client, base: &str, path: &str, cookie: &str) -> Result<Option<String>, Failure> {
    let (mut best, mut body, mut status) = (f64::MAX, String::new(), 0);
    let before = forget_peak();
    for _ in 0..5 {
        let started = Instant::now();
        let response = client.get(format!("{base}{path}")).header("cookie", cookie).send().await?;
        status = response.status().as_u16();
        body = response.text().await?;
        best = best.min(started.elapsed().as_secs_f64() * 1_000.0);
    }
    let shown: String = path.chars().take(54).collect();
    let grew = peak().saturating_sub(before);
    println!(
        "{status} {shown:<54} {best:>8.1} {:>9} {:>8} {grew:>8.1}",
        body.len(),
        resident(),
        grew = grew as f64 / 1_000.0
    );
    let value: serde_json::Value = serde_json::from_str(&body).unwrap_or_default();
    Ok(value["next"].as_str().map(str::to_owned))
}

/// The most that this process has had since it was last forgotten, in kilobytes (proc_pid_status(5), `VmHWM`).
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or_default();
    line.trim().trim_end_matches(" kB").parse().unwrap_or_default()
}

/// From here on the peak counts anew (proc_pid_clear_refs(5)); gives what there is now.
fn forget_peak() -> u64 {
    // Where it cannot be reset the column says less than it might.
    let _ = std::fs::write("/proc/self/clear_refs", "5");
    peak()
}

/// Of this process, in megabytes (proc_pid_statm(5)).
fn resident() -> u64 {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    statm.split(' ').nth(1).and_then(|pages| pages.parse::<u64>().ok()).unwrap_or_default() * 4_096 / 1_000_000
}

/// wrk asks for cases at random, each by its short name, over connections that stay.
fn one_by_one(base: &str, cookie: &str, dir: &Path) -> Result<(), Failure> {
    let script = dir.join("wrk.lua");
    let line =
        format!("request = function() return wrk.format('GET', '/api/v1/findings/nw-' .. math.random({CASES})) end\n");
    std::fs::write(&script, line)?;
    let cookie = format!("cookie: {cookie}");
    let ran = Command::new("wrk")
        .args(["-t1", "-c16", "-d15s", "--latency", "-H", &cookie, "-s"])
        .arg(&script)
        .arg(base)
        .output();
    match ran {
        Ok(ran) => println!("{}{}", String::from_utf8_lossy(&ran.stdout), String::from_utf8_lossy(&ran.stderr)),
        Err(error) => println!("wrk cannot be run: {error}"),
    }
    println!("RSS {} MB", resident());
    Ok(())
}
