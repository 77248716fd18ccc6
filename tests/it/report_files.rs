//! Reports to take along: written as they are read, each the same as of a report that is held whole; and whoever takes one slowly holds
//! nothing but that file.

use std::fs;
use std::io::Read as _;
use std::path::PathBuf;

use chrono::TimeDelta;
use futures_util::FutureExt as _;
use namewarden::api::service::CommandService;
use namewarden::api::v1::{self, Command, ReportForm};
use namewarden::cases;
use namewarden::clock::Clock;
use namewarden::model::claim::{Claim, ClaimKey, Origin, Party};
use namewarden::model::exposure::KnownBy;
use namewarden::model::report::{Report, WatchLine};
use namewarden::model::{Actor, Channel, Event, Exposure, OwnerId, ProjectName};
use namewarden::reports::{self, Extent, Settled};
use namewarden::store::{ClaimLine, StoreError, Tx};
use namewarden::watchlist::routes::Routes;

use crate::bench::Bench;
use crate::known::service;
use crate::world::INVENTORY;

/// Answers for nothing.
const IDLE: &str = "[owners.idle]\nname = \"Idle\"\nemail = [\"idle@acme.example\"]\n";
const ONE: &str =
    "[owners.security]\nname = \"Security\"\nemail = [\"security@acme.example\"]\nnames = [\"acme-billing==4.12.0\"]\n";
const FORMS: [ReportForm; 6] =
    [ReportForm::Json, ReportForm::Text, ReportForm::Html, ReportForm::Watches, ReportForm::Cases, ReportForm::Reviews];

/// More names than are read at once, of two owners.
fn many() -> String {
    let names = |owner: &str, from: usize| {
        let names: Vec<String> = (from..from + 530).map(|n| format!("\"acme-{owner}-{n:04}==1.0\"")).collect();
        format!("[owners.{owner}]\nemail = [\"{owner}@acme.example\"]\nnames = [{}]\n", names.join(", "))
    };
    names("security", 0) + &names("payments", 200) + "[[brand]]\nword = \"acmecorp\"\nowner = \"payments\"\n"
}

/// A week in which every third watch stood otherwise, some of them twice, a stranger came, and a name is claimed.
async fn lived(inventory: &str) -> (Bench, CommandService) {
    let routes = Routes { default_owner: OwnerId("security".into()), channels: [Channel::Email].into() };
    let mut bench = Bench::with(inventory, routes, &[]).await;
    bench.pass(TimeDelta::days(1));
    let now = bench.now;
    bench.store.write(move |tx| stand_otherwise(tx, now)).await.expect("stored");
    let created = vec![bench.told("acme-billing", Event::Created), bench.told("acme-security-0007", Event::Created)];
    bench.apply(created).await;
    bench.pass(TimeDelta::hours(1));
    let service = CommandService { clock: Clock::manual(bench.now), ..service(&bench) };
    (bench, service)
}

fn stand_otherwise(tx: &Tx<'_>, now: namewarden::model::Time) -> Result<(), StoreError> {
    let known = KnownBy::default();
    for (at, watched) in tx.watches().all()?.into_iter().enumerate() {
        let ways = [&[Exposure::Exposed][..], &[Exposure::Ours, Exposure::Exposed], &[Exposure::Taken, Exposure::Ours]];
        for (later, exposure) in ways[at % 3].iter().enumerate() {
            tx.watches().set_exposure(&watched.id, exposure, &known, now + TimeDelta::minutes(later as i64))?;
        }
    }
    for name in ["acme-ledger", "acme-payments-0201"] {
        let key = ClaimKey { name: ProjectName::parse(name).expect("valid"), number: 1 };
        let claim = Claim::planned(key, Origin::Person, TimeDelta::hours(24), Party::Daemon, now);
        let (event, state, detail) = ("plan".to_owned(), "planned".to_owned(), String::new());
        tx.claims().put(&claim, &ClaimLine { at: now, by: Party::Daemon, event, state, detail })?;
    }
    Ok(())
}

fn account(user: &str) -> Actor {
    Actor { user: Some(user.to_owned()), ..Actor::default() }
}

async fn taken(service: &CommandService, owner: Option<&str>, form: ReportForm) -> (u64, String) {
    let command = Command::ReportFile { owner: owner.map(str::to_owned), since: None, form };
    let file = service.file(&Actor::default(), &command).await.expect("laid down").expect("a file");
    let mut text = String::new();
    file.reader().expect("there").read_to_string(&mut text).expect("text");
    (file.length, text)
}

/// The same report, held whole.
async fn held(bench: &Bench, owner: Option<&str>) -> Report {
    let (watchlist, now, owner) = (bench.watchlist.clone(), bench.now, owner.map(|owner| OwnerId(owner.to_owned())));
    let answer_within = cases::answer_within(service(bench).settings.borrow().alert.escalate_after);
    let make = move |tx: &Tx<'_>| {
        let order = reports::asked(tx, owner.clone(), None, now)?;
        let (inventory, default_owner) = (&*watchlist.inventory, &watchlist.routes.default_owner);
        reports::make(tx, Settled { inventory, default_owner, answer_within }, &order, Extent::Whole, now)
    };
    bench.store.read(make).await.expect("reads").expect("a report")
}

/// What the whole report is in each form, in the order of `FORMS`.
fn forms_of(report: &Report) -> [String; 6] {
    let tables = reports::mail(report, None).tables;
    let table = |at: usize| String::from_utf8(tables[at].body.clone()).expect("text");
    let json = serde_json::to_string(&v1::Report::new(report, Extent::Whole)).expect("JSON");
    // There is no gate.
    let reviews = "review,project,version,first_asked,times_asked,clients,more_clients,given_out,ends_at\r\n";
    [json, reports::plain(report), reports::document(report), table(0), table(1), reviews.to_owned()]
}

#[tokio::test]
async fn a_file_is_what_the_whole_report_would_be_in_every_form() {
    const OWNERS: [Option<&str>; 3] = [None, Some("security"), Some("idle")];
    for (inventory, watches) in
        [(ONE.to_owned(), &[1_usize, 1, 0][..]), (INVENTORY.to_owned(), &[8]), (many(), &[1_061, 530])]
    {
        let (bench, service) = lived(&(inventory + IDLE)).await;
        for (owner, watches) in OWNERS.into_iter().zip(watches) {
            let report = held(&bench, owner).await;
            assert_eq!(report.exposure.all(), *watches);
            assert!(report.exposure.changes.len() >= watches / 3, "there is what changed");
            for (form, whole) in FORMS.into_iter().zip(forms_of(&report)) {
                let (length, text) = taken(&service, owner, form).await;
                // Shown whole they would fill the screen many times.
                let differs = text.lines().zip(whole.lines()).find(|(line, whole)| line != whole);
                assert_eq!(differs, None, "{form:?} of {owner:?} among {watches}");
                assert!(text == whole && length == text.len() as u64, "{form:?} of {owner:?} among {watches}");
            }
        }
    }
}

/// Those that stand alike come by kind and then by name, as the inventory has them.
#[tokio::test]
async fn the_lines_of_watches_are_in_the_order_of_the_inventory() {
    let (bench, _) = lived(&many()).await;
    let watches = held(&bench, None).await.exposure.watches;
    let stands = |exposure: Option<&Exposure>| exposure.map_or("", Exposure::as_str);
    let alike = watches.chunk_by(|a, b| stands(a.exposure.as_ref()) == stands(b.exposure.as_ref()));
    let alike: Vec<_> = alike.collect();
    let words: Vec<&str> = alike.iter().map(|of| stands(of[0].exposure.as_ref())).collect();
    assert_eq!(words, ["taken", "exposed", "ours"], "what a stranger has stands first");
    assert!(alike.iter().all(|of| of.is_sorted_by(|a, b| a.id < b.id)));
    assert_eq!((watches.len(), watches.iter().filter(|watch| watch.claim.is_some()).count()), (1_061, 1));
    assert!(watches.iter().any(|watch| watch.open > 0));
    let one_by_one = bench.store.read(move |tx| {
        let looked_up = |watch: &WatchLine| {
            let (open, claim) = (tx.reported().open_of(&watch.id)?, tx.claims().state_of(&watch.id.text)?);
            Ok::<_, StoreError>((watch.open, watch.claim) == (open, claim))
        };
        watches.iter().map(looked_up).collect::<Result<Vec<bool>, _>>()
    });
    assert!(one_by_one.await.expect("reads").into_iter().all(|same| same), "a page says of each what a look says");
}

#[tokio::test]
async fn whoever_does_not_read_holds_no_reader_and_nobody_elses_turn() {
    let (bench, service) = lived(INVENTORY).await;
    let mut unread = Vec::new();
    for (user, form) in [("ann", ReportForm::Html), ("ann", ReportForm::Json), ("ben", ReportForm::Text)] {
        let (actor, command) = (account(user), Command::ReportFile { owner: None, since: None, form });
        unread.push(service.file(&actor, &command).await.expect("laid down").expect("a file"));
    }
    let people = bench.store.for_people();
    let (one, other) = tokio::join!(people.read(|tx| tx.commits()), taken(&service, None, ReportForm::Html));
    let mut first = String::new();
    unread[0].reader().expect("there").read_to_string(&mut first).expect("text");
    assert!(one.is_ok() && other.1 == first, "two at once are two, and the first waited unchanged");
    let (ann, command) = (account("ann"), Command::ReportFile { owner: None, since: None, form: ReportForm::Cases });
    assert!(service.file(&ann, &command).now_or_never().is_none(), "two of hers are on their way");
    unread.remove(0);
    assert!(service.file(&ann, &command).await.expect("laid down").is_some(), "whoever ends one may have another");
}

#[tokio::test]
async fn what_was_laid_down_has_no_name_and_nothing_of_what_was_before() {
    let bench = Bench::new(&[]).await;
    let files = || fs::read_dir(bench.store.state_dir()).expect("a directory").count();
    let before = files();
    let spool = bench.store.spool(5).expect("a file");
    let broken = spool.fill(|out| out.write_all(&[b'x'; 100_000]).and(Err(std::io::Error::other("it cannot be made"))));
    broken.expect_err("it failed");
    assert_eq!((spool.fill(|out| out.write_all(b"short")).expect("written"), files()), (5, before));
    let mut text = String::new();
    spool.reader().expect("there").read_to_string(&mut text).expect("text");
    assert_eq!(text, "short");
}

#[tokio::test]
async fn what_would_leave_the_daemon_no_room_is_not_begun() {
    let bench = Bench::new(&[]).await;
    let why = bench.store.spool(u64::MAX / 4).expect_err("no disk has as much").to_string();
    assert!(why.contains(&*bench.store.state_dir().display().to_string()), "{why}");
    assert!(
        why.contains(" MiB are free, and it takes some 4398046511104, with as much again to stay free for the daemon"),
        "{why}"
    );
}

/// As when an account of ours changes, and with it how thousands of names stand: each page goes on where the last one ended.
#[tokio::test]
async fn changes_of_one_moment_come_once_each_whatever_the_page() {
    let bench =
        Bench::with(&many(), Routes { default_owner: OwnerId("security".into()), channels: [].into() }, &[]).await;
    let (first, then) = (bench.now, bench.now + TimeDelta::minutes(1));
    let change = move |tx: &Tx<'_>| {
        for (at, exposure) in [(first, Exposure::Exposed), (then, Exposure::Ours), (then, Exposure::Exposed)] {
            for watched in tx.watches().all()? {
                tx.watches().set_exposure(&watched.id, &exposure, &KnownBy::default(), at)?;
            }
        }
        Ok(())
    };
    bench.store.write(change).await.expect("stored");
    let paged = move |tx: &Tx<'_>, most: usize| -> Result<Vec<i64>, StoreError> {
        let (mut all, mut after) = (Vec::new(), None);
        loop {
            let page = tx.reported().exposure_changes((first, then), after, most)?;
            let Some((id, _, change)) = page.last() else { return Ok(all) };
            after = Some((change.at, *id));
            all.extend(page.into_iter().map(|(id, ..)| id));
        }
    };
    let (whole, some) = bench.store.read(move |tx| Ok((paged(tx, 10_000)?, paged(tx, 97)?))).await.expect("read");
    assert_eq!(whole, some);
    assert!(whole.len() >= 2 * 1_060 && whole.is_sorted_by(|a, b| a < b), "{}", whole.len());
}

#[tokio::test]
async fn where_nothing_can_be_laid_down_is_said_with_what_to_do() {
    let (bench, service) = lived(INVENTORY).await;
    let (dir, elsewhere) = (bench.store.state_dir().to_owned(), tempfile::tempdir().expect("a directory"));
    let away: PathBuf = elsewhere.path().join("away");
    fs::rename(&dir, &away).expect("moved");
    let command = Command::ReportFile { owner: None, since: None, form: ReportForm::Html };
    let refused = service.file(&Actor::default(), &command).await.map(drop);
    fs::rename(&away, &dir).expect("moved back");
    let problem = refused.expect_err("there is no such directory").problem();
    assert_eq!((problem.of().status(), problem.kind.as_str()), (500, "urn:namewarden:problem:store"));
    assert!(problem.detail.contains(&*dir.display().to_string()), "{problem}");
    assert!(problem.remedy.is_some_and(|remedy| remedy.starts_with("free some space there")));
}
