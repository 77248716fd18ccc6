//! Reports at their schedule: made once, over changes of the clock, after a month without a daemon, for whoever is there;
//! and nothing in them says that all is well beside what is open.

use chrono::TimeDelta;
use namewarden::cases;
use namewarden::cases::Ruling;
use namewarden::config::{Calendar, ReportSettings};
use namewarden::model::exposure::KnownBy;
use namewarden::model::report::{Errand, Occasion, Order, Report};
use namewarden::model::timeline::Person;
use namewarden::model::{Actor, CaseRef, Channel, Event, Exposure, Feed, OwnerId, ProjectName, Tier, Time, WatchId};
use namewarden::reports::{self, Extent, Settled};
use namewarden::store::{Grade, NoticeBody, NoticeRow, NoticeState, Span};
use namewarden::watchlist::routes::Routes;

use crate::bench::Bench;

const TWO: &str = r#"
[owners.security]
name = "Security"
email = ["security@acme.example"]
names = ["corp-vault"]
[owners.payments]
name = "Payments"
email = ["payments@acme.example"]
slack = ["pay"]
names = ["acme-billing==4.12.0", "acme-ledger"]
[owners.quiet]
name = "No channel of its own"
slack = ["gone"]
names = ["corp-search"]
"#;

async fn bench() -> Bench {
    let channels = [Channel::Email, Channel::Slack("pay".into()), Channel::Console].into();
    let routes = Routes { default_owner: OwnerId("security".into()), channels };
    Bench::with(TWO, routes, &[]).await
}

/// Mondays at eight, in Berlin.
fn mondays() -> ReportSettings {
    ReportSettings { cron: Calendar::read("0 8 * * 1").ok(), zone: "Europe/Berlin".parse().expect("a zone") }
}

async fn round(bench: &Bench, settings: &ReportSettings) -> usize {
    let (watchlist, settings, now) = (bench.watchlist.clone(), settings.clone(), bench.now);
    bench.store.write(move |tx| reports::round(tx, &watchlist, &settings, now)).await.expect("a round")
}

/// Goes to this time, looking every half hour as the daemon does, and gives when reports were made.
async fn live(bench: &mut Bench, until: &str, settings: &ReportSettings) -> Vec<String> {
    let until: Time = until.parse().expect("a time");
    let mut made = Vec::new();
    while bench.now < until {
        bench.pass(TimeDelta::minutes(30));
        if round(bench, settings).await > 0 {
            made.push(bench.now.format("%F %R").to_string());
        }
    }
    made
}

async fn waiting(bench: &Bench) -> Vec<(NoticeRow, Order)> {
    let mut found = Vec::new();
    for (row, _) in bench.notices().await {
        if let NoticeBody::Report { order } = &row.body {
            found.push((row.clone(), order.clone()));
        }
    }
    found
}

async fn report(bench: &Bench, order: &Order) -> Option<Report> {
    let (watchlist, order, now) = (bench.watchlist.clone(), order.clone(), bench.now);
    let make = move |tx: &namewarden::store::Tx<'_>| {
        let by = Settled {
            inventory: &watchlist.inventory,
            default_owner: &watchlist.routes.default_owner,
            answer_within: TimeDelta::hours(4),
        };
        reports::make(tx, by, &order, Extent::Whole, now)
    };
    bench.store.read(make).await.expect("reads")
}

fn asked(bench: &Bench, owner: Option<&str>, days: i64) -> Order {
    let owner = owner.map(|owner| OwnerId(owner.into()));
    Order { owner, since: bench.now - TimeDelta::days(days), until: bench.now, occasion: Occasion::Asked, before: None }
}

/// The changelog answered all the time, every hour.
async fn covered(bench: &Bench, since: Time) {
    let (serial, now) = (bench.serial(), bench.now);
    let write = move |tx: &namewarden::store::Tx<'_>| {
        let serials = Some((namewarden::model::Serial(1000), serial));
        tx.coverage().extend(&Span {
            feed: Feed::Changelog,
            grade: Grade::EveryEvent,
            serials,
            from: since,
            to: now,
        })?;
        let mut at = since;
        while at <= now {
            tx.sightings().count(Feed::Changelog, "created", 100, at)?;
            at += TimeDelta::hours(1);
        }
        Ok(())
    };
    bench.store.write(write).await.expect("written");
}

#[tokio::test]
async fn it_is_made_once_for_each_who_can_read_it() {
    let mut bench = bench().await;
    assert_eq!(round(&bench, &mondays()).await, 0, "the first look remembers when it was");
    let made = live(&mut bench, "2026-12-03T00:00:00Z", &mondays()).await;
    assert_eq!(made.len(), waiting(&bench).await.len() / 4, "four messages each time: {made:?}");
    let last: Vec<String> = waiting(&bench)
        .await
        .iter()
        .rev()
        .take(4)
        .map(|(row, order)| {
            let of = order.owner.as_ref().map_or("all", |owner| owner.0.as_str());
            format!("{of} to {} by {}", row.owner, row.channel)
        })
        .collect();
    assert_eq!(
        last,
        [
            "security to security by email",
            "payments to payments by slack:pay",
            "payments to payments by email",
            "all to security by email",
        ],
        "not by the console, and not to who has no channel: that stands in the report of all"
    );
}

#[tokio::test]
async fn weeks_with_a_change_of_the_clock_are_as_long_as_they_are() {
    for (start, until, hours) in [
        ("2026-03-16T00:00:00Z", "2026-04-07T00:00:00Z", [168, 167, 168]),
        ("2026-10-12T00:00:00Z", "2026-11-03T00:00:00Z", [168, 169, 168]),
    ] {
        let mut bench = bench().await;
        bench.now = start.parse().expect("a time");
        round(&bench, &mondays()).await;
        let made = live(&mut bench, until, &mondays()).await;
        assert_eq!(made.len(), 4, "{made:?}");
        let all = waiting(&bench).await;
        let whole = all.iter().filter(|(_, order)| order.owner.is_none());
        let lengths: Vec<i64> = whole.map(|(_, order)| (order.until - order.since).num_hours()).collect();
        assert_eq!(lengths[1..], hours, "{made:?}");
    }
}

#[tokio::test]
async fn a_month_without_a_daemon_is_made_up_once_and_says_so() {
    let mut bench = bench().await;
    round(&bench, &mondays()).await;
    live(&mut bench, "2026-12-01T00:00:00Z", &mondays()).await;
    let (before, down) = (waiting(&bench).await.len(), bench.now);
    covered(&bench, bench.now - TimeDelta::days(7)).await;
    bench.pass(TimeDelta::days(31));
    assert!(round(&bench, &mondays()).await > 0);
    assert_eq!(round(&bench, &mondays()).await, 0);
    let made = waiting(&bench).await.split_off(before);
    assert_eq!(made.len(), 4, "one each");
    let (_, order) = &made[0];
    let Occasion::Scheduled { due, missed } = order.occasion else { panic!("a schedule") };
    assert_eq!((due.format("%F %R").to_string(), missed), ("2026-12-28 07:00".to_owned(), 3));
    assert!(order.since < down && order.until == bench.now, "none of the time is left out");
    let report = report(&bench, order).await.expect("a report");
    let silent = report.coverage.blind.iter().find(|blind| blind.what == "nothing seen").expect("nobody looked");
    assert!(silent.to - silent.from > TimeDelta::days(29), "{silent:?}");
    assert!(report.coverage.stale.is_some() && !report.is_quiet());
}

#[tokio::test]
async fn a_clock_that_is_set_back_repeats_no_report_and_loses_none() {
    let mut bench = bench().await;
    round(&bench, &mondays()).await;
    let made = live(&mut bench, "2026-12-01T00:00:00Z", &mondays()).await.len();
    let back = TimeDelta::hours(-20);
    bench.now += back;
    let now = bench.now;
    bench.store.write(move |tx| tx.clock().shift(back, now).map(drop)).await.expect("shifted");
    let again = live(&mut bench, "2026-12-01T12:00:00Z", &mondays()).await;
    assert!(again.is_empty(), "{again:?}");
    let next = live(&mut bench, "2026-12-07T08:00:00Z", &mondays()).await;
    assert_eq!(next, ["2026-12-07 07:00"], "after {made}");
    let all = waiting(&bench).await;
    let (_, last) = all.iter().rev().find(|(_, order)| order.owner.is_none()).expect("of all");
    assert!(last.since < last.until);
    let none = report(&bench, &Order { since: bench.now, until: bench.now + TimeDelta::days(2), ..last.clone() }).await;
    assert!(none.is_some_and(|report| report.until == bench.now), "no time that is still to come is reported");
}

#[tokio::test]
async fn what_was_made_is_sent_once_whatever_is_killed_between() {
    let mut bench = bench().await;
    round(&bench, &mondays()).await;
    let Some(at) = live(&mut bench, "2026-11-30T08:00:00Z", &mondays()).await.pop() else { panic!("one is due") };
    let keys = |rows: &[(NoticeRow, Order)]| rows.iter().map(|(row, _)| row.key.clone()).collect::<Vec<_>>();
    let made = keys(&waiting(&bench).await);
    // Leased by a process that is gone.
    assert!(!bench.take(&Channel::Email).await.is_empty());
    bench.store.write(|tx| tx.notices().free_leases().map(drop)).await.expect("a new process");
    assert_eq!(round(&bench, &mondays()).await, 0, "made at {at}");
    let mut sent = Vec::new();
    for _ in 0..10 {
        for row in bench.take(&Channel::Email).await {
            bench.settle(&row, NoticeState::Delivered).await;
            sent.extend((row.event.as_str() == "report").then_some(row.key));
        }
    }
    let by_mail = waiting(&bench).await.iter().filter(|(row, _)| row.channel == Channel::Email).count();
    assert_eq!(sent.len(), by_mail);
    assert_eq!(keys(&waiting(&bench).await), made);
}

#[tokio::test]
async fn whoever_has_left_gets_none_and_what_they_had_stands_in_that_of_all() {
    let mut bench = bench().await;
    bench.pass(TimeDelta::days(1));
    let created = vec![bench.told("acme-billing", Event::Created)];
    bench.apply(created).await;
    bench.pass(TimeDelta::hours(1));
    let order = asked(&bench, Some("payments"), 7);
    assert_eq!(report(&bench, &order).await.expect("they are there").findings.cases.len(), 1);
    bench.follow(&TWO.replace("[owners.payments]\nname = \"Payments\"", "[owners.others]\nname = \"Others\"")).await;
    assert_eq!(report(&bench, &order).await, None);
    let all = report(&bench, &asked(&bench, None, 7)).await.expect("of all");
    let (case, waits) = (&all.findings.cases[0], &all.waits[0]);
    assert_eq!((case.project.as_str(), case.owner.0.as_str()), ("acme-billing", "others"));
    assert_eq!((waits.what, waits.whom.owner().map(|id| id.0.as_str())), (Errand::Pages, Some("others")));
}

#[tokio::test]
async fn an_owner_without_findings_reads_of_names_and_of_nobody_elses_cases() {
    let mut bench = bench().await;
    bench.pass(TimeDelta::days(1));
    let created = vec![bench.told("acme-billing", Event::Created)];
    bench.apply(created).await;
    bench.pass(TimeDelta::hours(1));
    let report = report(&bench, &asked(&bench, Some("quiet"), 7)).await.expect("a report");
    assert_eq!((report.findings.cases.len(), report.exposure.watches.len()), (0, 1));
    assert!(report.findings.tiers.iter().all(|of| of.open + of.new + of.settled == 0));
    assert!(report.waits.iter().all(|waits| waits.whom.owner().is_none_or(|owner| owner.0 == "quiet")), "{report:?}");
    assert_eq!(report.noise.alerts, 0);
}

/// Each thing that keeps a report from saying that all is well, alone.
#[tokio::test]
async fn all_is_well_only_where_nothing_is_open_and_everything_was_seen() {
    let mut bench = bench().await;
    let start = bench.now;
    let hold = |tx: &namewarden::store::Tx<'_>| {
        for watched in tx.watches().all()? {
            tx.watches().set_exposure(&watched.id, &Exposure::Ours, &KnownBy::default(), watched.added_at)?;
        }
        Ok(())
    };
    bench.store.write(hold).await.expect("held");
    bench.pass(TimeDelta::days(1));
    let blank = report(&bench, &asked(&bench, None, 1)).await.expect("a report");
    assert!(!blank.is_quiet() && blank.coverage.stale.is_some(), "nobody has looked");
    covered(&bench, start).await;
    let unsent = report(&bench, &asked(&bench, None, 1)).await.expect("a report");
    assert!(!unsent.is_quiet() && !unsent.coverage.waiting.is_empty(), "the greeting has reached nobody");
    for channel in &bench.watchlist.routes.channels {
        bench.deliver_by(channel).await;
    }
    let well = report(&bench, &asked(&bench, None, 1)).await.expect("a report");
    assert!(well.is_quiet(), "{:?} {:?}", well.waits, well.coverage);
    assert!(!report(&bench, &asked(&bench, None, 3)).await.expect("a report").is_quiet(), "nobody looked before");

    let vault = WatchId::name(&ProjectName::parse("corp-vault").expect("valid"));
    let now = bench.now;
    let free = move |tx: &namewarden::store::Tx<'_>| {
        tx.watches().set_exposure(&vault, &Exposure::Exposed, &KnownBy::default(), now)
    };
    bench.store.write(free).await.expect("free");
    let exposed = report(&bench, &asked(&bench, None, 1)).await.expect("a report");
    assert!(!exposed.is_quiet() && exposed.exposure.changes.len() == 1, "{:?}", exposed.exposure.changes);
    let theirs = report(&bench, &asked(&bench, Some("payments"), 1)).await.expect("a report");
    assert!(theirs.is_quiet(), "another's name is not theirs: {:?}", theirs.waits);

    let created = vec![bench.told("acme-billing", Event::Created)];
    bench.apply(created).await;
    assert!(!report(&bench, &asked(&bench, Some("payments"), 1)).await.expect("a report").is_quiet(), "a page is open");
}

#[tokio::test]
async fn how_long_an_answer_took_is_from_the_first_sight_to_the_first_word_of_a_person() {
    let mut bench = bench().await;
    bench.pass(TimeDelta::days(1));
    for name in ["acme-billing", "acme-ledger"] {
        let created = vec![bench.told(name, Event::Created)];
        bench.apply(created).await;
    }
    bench.pass(TimeDelta::minutes(90));
    let now = bench.now;
    let acknowledge = move |tx: &namewarden::store::Tx<'_>| {
        let who = Person { actor: Actor::default(), declared: "ada".to_owned() };
        let ruling = Ruling { decision: namewarden::model::command::Decision::Acknowledge, who, note: None };
        cases::judge_each(tx, &[CaseRef("acme-billing".to_owned())], &ruling, now).map(drop)
    };
    bench.store.write(acknowledge).await.expect("acknowledged");
    bench.pass(TimeDelta::hours(5));
    let report = report(&bench, &asked(&bench, None, 7)).await.expect("a report");
    let answers = &report.findings.answers;
    assert_eq!((answers.seconds.as_slice(), answers.waiting), (&[5400][..], 1));
    let pages = report.findings.tiers.iter().find(|of| of.tier == Tier::Page).expect("pages");
    assert_eq!((pages.new, pages.open, pages.unanswered, pages.settled), (2, 2, 1, 0));
    assert_eq!(report.findings.histogram.bars.iter().map(|bar| bar.pages).sum::<usize>(), 2);
}

/// A new schedule is not held against the days before it.
#[tokio::test]
async fn another_calendar_begins_when_it_is_in_force() {
    let mut bench = bench().await;
    round(&bench, &mondays()).await;
    live(&mut bench, "2026-12-02T12:00:00Z", &mondays()).await;
    let before = waiting(&bench).await.len();
    let tuesdays = ReportSettings { cron: Calendar::read("0 8 * * 2").ok(), ..mondays() };
    assert_eq!(live(&mut bench, "2026-12-03T12:00:00Z", &tuesdays).await, Vec::<String>::new());
    let never = ReportSettings { cron: None, ..mondays() };
    assert_eq!(live(&mut bench, "2026-12-09T12:00:00Z", &never).await, Vec::<String>::new());
    assert_eq!(live(&mut bench, "2026-12-16T12:00:00Z", &tuesdays).await, ["2026-12-15 07:00"]);
    let made = waiting(&bench).await.split_off(before);
    assert!(made.iter().all(|(_, order)| order.until - order.since > TimeDelta::days(14)), "the period has no hole");
}
