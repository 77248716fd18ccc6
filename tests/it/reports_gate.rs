//! Reports beside a gate: who is told of which reviews, over months and clocks that are set back, and what is said where it does not answer.

use chrono::TimeDelta;
use namewarden::cases;
use namewarden::cases::Ruling;
use namewarden::model::command::Decision;
use namewarden::model::gate_report::{
    EndedReview, GatePart, GateReport, OpenReview, ReviewCounts, ReviewEnd, StandingRecall, StandingRecalls,
};
use namewarden::model::recall::RecallCause;
use namewarden::model::report::{Errand, Occasion, Order, Report, Whom};
use namewarden::model::timeline::Person;
use namewarden::model::{Actor, CaseRef, Channel, Event, OwnerId, Role, Time};
use namewarden::reports::{self, Extent, Settled};
use namewarden::store::REPORTS;
use namewarden::watchlist::routes::Routes;
use serde_json::Value;

use crate::bench::Bench;
use crate::dashboard::gate::FakeGate;
use crate::world::{Browser, Setup, World};

const TWO: &str = r#"
[owners.security]
email = ["security@acme.example"]
names = ["corp-vault"]
[owners.payments]
email = ["payments@acme.example"]
names = ["acme-billing==4.12.0", "acme-ledger"]
"#;

async fn bench() -> Bench {
    let routes = Routes { default_owner: OwnerId("security".into()), channels: [Channel::Email].into() };
    Bench::with(TWO, routes, &[]).await
}

/// Of so many days until now, with what the gate said of them.
async fn report(bench: &Bench, owner: Option<&str>, days: i64, said: Option<GatePart>) -> Report {
    let owner = owner.map(|owner| OwnerId(owner.into()));
    let since = bench.now - TimeDelta::days(days);
    let order = Order { owner, since, until: bench.now, occasion: Occasion::Asked, before: None };
    let (watchlist, now) = (bench.watchlist.clone(), bench.now);
    let make = move |tx: &namewarden::store::Tx<'_>| {
        let by = Settled {
            inventory: &watchlist.inventory,
            default_owner: &watchlist.routes.default_owner,
            answer_within: TimeDelta::hours(4),
        };
        let report = reports::make(tx, by, &order, Extent::Whole, now)?.expect("they are there");
        reports::with_gate(tx, &watchlist, report, said.clone())
    };
    bench.store.read(make).await.expect("reads")
}

fn open(review: i64, project: &str, since: Time) -> OpenReview {
    OpenReview {
        review,
        project: project.to_owned(),
        version: "1.0".to_owned(),
        since,
        asked: 2,
        clients: 1,
        more_clients: false,
        until: None,
        given_out: false,
    }
}

fn approved(project: &str, since: Time, closed: Time) -> EndedReview {
    EndedReview { project: project.to_owned(), since, asked: 1, closed, end: ReviewEnd::Approved }
}

fn recall(project: &str) -> StandingRecall {
    let cause = RecallCause::Malware { record: "MAL-2026-1".to_owned() };
    StandingRecall { project: project.to_owned(), cause, files: 2, clients: 1, since: Time::UNIX_EPOCH }
}

/// Look-alikes of one owner among what is nobody's.
fn said(now: Time) -> GateReport {
    let ago = |hours: i64| now - TimeDelta::hours(hours);
    GateReport {
        counts: ReviewCounts { began: 30, approved: 20, rejected: 2, matured: 5, open: 3 },
        median_seconds: Some(60),
        open: vec![open(3, "acme-biling", ago(50)), open(4, "leftpad", ago(40)), open(5, "not a name", ago(2))],
        ended: vec![approved("acme-bilings", ago(20), ago(17)), approved("leftpad", ago(20), ago(19))],
        recalls: Some(StandingRecalls {
            recalls: vec![recall("acme-biling"), recall("leftpad")],
            clients: Some(2),
            bad_files: 4,
            ..StandingRecalls::default()
        }),
        troubles: [("records-old".to_owned(), "old".to_owned())].into(),
        ..GateReport::default()
    }
}

fn part(of: GateReport) -> Option<GatePart> {
    Some(GatePart::Says(Box::new(of)))
}

fn of(report: &Report) -> &GateReport {
    let Some(GatePart::Says(of)) = &report.gate else { panic!("it says something: {:?}", report.gate) };
    of
}

#[tokio::test]
async fn the_platform_is_told_all_and_an_owner_what_resembles_their_names() {
    let mut bench = bench().await;
    bench.pass(TimeDelta::days(7));
    let all = report(&bench, None, 7, part(said(bench.now))).await;
    assert_eq!(of(&all), &said(bench.now));
    let waits = all.waits.iter().find(|waits| waits.what == Errand::Reviews).expect("somebody waits");
    assert_eq!((&waits.whom, waits.count), (&Whom::Reviewer, 3));

    let theirs = report(&bench, Some("payments"), 7, part(said(bench.now))).await;
    let counts = ReviewCounts { began: 2, approved: 1, rejected: 0, matured: 0, open: 1 };
    assert_eq!((of(&theirs).counts, of(&theirs).median_seconds), (counts, Some(3 * 3600)));
    assert_eq!(of(&theirs).open[0].project, "acme-biling");
    assert!(of(&theirs).troubles.is_empty());
    let recalled = of(&theirs).recalls.as_ref().expect("the log is read");
    assert_eq!(recalled.recalls.len(), 0, "what was received threatens them only by a case, as recalls are told");

    let nothing = report(&bench, Some("security"), 7, part(said(bench.now))).await;
    assert_eq!(nothing.gate, None, "nothing resembles corp-vault");
    assert!(nothing.waits.iter().all(|waits| waits.what != Errand::Reviews));
    assert_eq!(report(&bench, None, 7, None).await.gate, None, "there is none");
}

#[tokio::test]
async fn a_case_says_whose_it_is_and_what_was_declared_harmless_is_nobodys() {
    let mut bench = bench().await;
    bench.pass(TimeDelta::days(1));
    let created = vec![bench.told("acme-biling", Event::Created)];
    bench.apply(created).await;
    bench.pass(TimeDelta::days(1));
    let theirs = report(&bench, Some("payments"), 7, part(said(bench.now))).await;
    let recalled = of(&theirs).recalls.as_ref().expect("the log is read");
    assert_eq!((recalled.recalls[0].project.as_str(), recalled.bad_files, recalled.clients), ("acme-biling", 2, None));
    let now = bench.now;
    let resolve = move |tx: &namewarden::store::Tx<'_>| {
        let who = Person { actor: Actor::default(), declared: "ada".to_owned() };
        let ruling = Ruling { decision: Decision::Suppress, who, note: Some("a colleague's".to_owned()) };
        cases::judge_each(tx, &[CaseRef("acme-biling".to_owned())], &ruling, now).map(drop)
    };
    bench.store.write(resolve).await.expect("suppressed");
    let after = report(&bench, Some("payments"), 7, part(said(bench.now))).await;
    assert!(
        of(&after).open.is_empty() && of(&after).counts.approved == 1,
        "the other still resembles: {:?}",
        after.gate
    );
}

/// What was asked for a month ago is of a report that stands for a month, and a clock that is set back counts nothing twice.
#[tokio::test]
async fn a_month_and_a_clock_that_is_set_back_leave_the_numbers_what_they_are() {
    let mut bench = bench().await;
    bench.pass(TimeDelta::days(31));
    let ago = |days: i64| bench.now - TimeDelta::days(days);
    let long = GateReport {
        open: vec![open(1, "acme-biling", ago(30))],
        ended: vec![
            approved("acme-biling", ago(29), ago(28)),
            approved("acme-bilings", ago(2), bench.now + TimeDelta::days(1)),
        ],
        recalls: Some(StandingRecalls::default()),
        ..GateReport::default()
    };
    let month = report(&bench, Some("payments"), 31, part(long.clone())).await;
    assert_eq!(of(&month).counts, ReviewCounts { began: 3, approved: 1, rejected: 0, matured: 0, open: 1 });
    let week = report(&bench, Some("payments"), 7, part(long)).await;
    assert_eq!(of(&week).counts, ReviewCounts { began: 1, approved: 0, rejected: 0, matured: 0, open: 1 });
    assert_eq!(of(&week).median_seconds, None);
}

#[tokio::test]
async fn that_the_gate_is_silent_is_told_to_everybody_whom_it_might_concern() {
    let bench = bench().await;
    for owner in [None, Some("payments"), Some("security")] {
        let silent = report(&bench, owner, 7, Some(GatePart::Silent("no".to_owned()))).await;
        assert!(!silent.is_quiet() && silent.gate == Some(GatePart::Silent("no".to_owned())), "{owner:?}");
    }
}

async fn file(browser: &Browser, form: &str) -> (u16, String) {
    let answer = browser.get(&format!("/api/v1/report/{form}")).await;
    (answer.status().as_u16(), answer.text().await.expect("a body"))
}

async fn world() -> World {
    let mut world = Setup { web: true, ..Setup::default() }.start().await;
    world.register("acme-biling", "mallory");
    world.expect_mail("registered", "acme-biling").await;
    world
}

#[tokio::test]
async fn every_form_of_a_report_has_the_part_of_a_gate_that_answers_and_strangers_break_none() {
    let world = world().await;
    let gate = FakeGate::at(&world.dir().join("gate.sock"));
    world.reconfigure(&(world.config() + "[gate]\ncontrol_socket = \"gate.sock\"\n")).await;
    let viewer = world.signed_in(Role::Viewer).await;
    let all: Value = viewer.get("/api/v1/report").await.json().await.expect("JSON");
    let said = &all["gate"]["said"];
    assert_eq!((said["counts"]["open"].as_u64(), said["open"][0]["review"].as_i64()), (Some(2), Some(17)), "{all}");
    assert_eq!((said["recalls"]["clients"].as_u64(), all["gate"]["silent"].is_null()), (Some(2), true));
    assert_eq!(said["troubles"][0]["kind"], "records-old");
    for form in ["text", "html"] {
        let (status, text) = file(&viewer, form).await;
        assert!(status == 200 && text.contains("acme-biling==1.0") && text.contains("2 reviews are open"), "{text}");
        assert!(!text.contains('\u{202e}') && (form == "text" || !text.contains("<img src=x")), "{text}");
    }
    let (status, table) = file(&viewer, "reviews").await;
    assert!(status == 200 && table.lines().count() == 3 && !table.contains('\u{202e}'), "{table}");
    let page = viewer.get("/reports?show=yes").await.text().await.expect("a body");
    assert!(page.contains("<h2>Gate</h2>") && !page.contains("<img src=x"), "{page}");

    let case = viewer.get("/findings/acme-biling").await.text().await.expect("a body");
    assert!(
        case.contains("The gate holds it: review 120, asked for by 1 client; 59 reviews are of other versions."),
        "{case}"
    );
    assert!(case.contains("href=\"/gate/reviews/120\""));
    let shown = world.verb(&["findings", "show", "acme-biling"].map(str::to_owned)).await;
    let shown = String::from_utf8_lossy(&shown.stdout).into_owned();
    assert!(shown.contains("the gate       holds it: review 120, asked for by 1 client"), "{shown}");

    // It was killed, and left its socket.
    drop(gate);
    let all: Value = viewer.get("/api/v1/report").await.json().await.expect("JSON");
    let why = all["gate"]["silent"].as_str().expect("it says nothing");
    assert!(why.contains("does not answer") && all["gate"]["said"].is_null() && all["quiet"] == false, "{all}");
    let (status, text) = file(&viewer, "text").await;
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(status == 200 && text.contains("What it holds, and who received what, is in no number"), "{text}");
    assert_eq!(file(&viewer, "reviews").await.0, 503, "a table without rows would say that nobody waits");
    let case: Value = viewer.get("/api/v1/findings/acme-biling").await.json().await.expect("JSON");
    let why = case["gate_silent"].as_str().expect("it does not say");
    assert!(case["held"].is_null() && why.contains("does not answer"), "{case}");
    let case = viewer.get("/findings/acme-biling").await.text().await.expect("a body");
    assert!(case.contains("The gate does not say whether it has a review: "), "a case is shown all the same: {case}");
    assert!(!case.contains("See the review"), "{case}");
    let shown = world.verb(&["findings", "show", "acme-biling"].map(str::to_owned)).await;
    let shown = String::from_utf8_lossy(&shown.stdout).into_owned();
    assert!(shown.contains("the gate       does not say whether it has a review: "), "{shown}");
    world.finish().await;
}

#[tokio::test]
async fn where_there_is_no_gate_nothing_is_said_of_one() {
    let world = world().await;
    let viewer = world.signed_in(Role::Viewer).await;
    let all: Value = viewer.get("/api/v1/report").await.json().await.expect("JSON");
    assert!(all["gate"].is_null(), "{all}");
    let (status, text) = file(&viewer, "text").await;
    assert!(status == 200 && !text.contains("Gate"), "{text}");
    let (status, table) = file(&viewer, "reviews").await;
    assert_eq!((status, table.lines().count()), (200, 1));
    let case: Value = viewer.get("/api/v1/findings/acme-biling").await.json().await.expect("JSON");
    assert!(case["held"].is_null() && case["gate_silent"].is_null());
    world.finish().await;
}

/// By what calendar the next is due.
async fn calendar(world: &World) -> String {
    let mark: Option<Value> = world.engine().store.read(|tx| tx.cursors().get(REPORTS)).await.expect("reads");
    mark.and_then(|mark| mark["calendar"].as_str().map(str::to_owned)).unwrap_or_default()
}

#[tokio::test]
async fn a_report_of_the_schedule_leaves_with_what_the_gate_says_and_where_it_is_silent_all_the_same() {
    // As often as that whatever is due is looked for.
    let mut world = Setup { undelivered_after: "5s", ..Setup::default() }.start().await;
    let gate = FakeGate::at(&world.dir().join("gate.sock"));
    let config = world.config().replace("cron = \"never\"", "cron = \"30 * * * *\"");
    world.reconfigure(&(config + "[gate]\ncontrol_socket = \"gate.sock\"\n")).await;
    world.minutes_pass(1);
    world.until("the schedule is in force", async |w| calendar(w).await.starts_with("30 ")).await;
    world.hours_pass(1);
    let told = world.expect_mail("report", "Report for all owners").await;
    for words in [
        "1 bad file was received; 2 reviews wait",
        "Now 2 reviews are open",
        "17 acme-biling==1.0",
        "2 clients received 1 file that turned out to be bad",
        "records-old the newest is of 1999",
    ] {
        assert!(told.text.contains(words), "{words}: {}", told.text);
    }
    drop(gate);
    world.hours_pass(1);
    let told = world.expect_mail("report", "Report for all owners").await;
    for words in ["the gate does not answer", "What it holds, and who received what, is in no number here"] {
        assert!(told.text.contains(words), "{words}: {}", told.text);
    }
    world.stop().await;
}
