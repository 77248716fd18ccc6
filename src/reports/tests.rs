//! The forms of reports: what each says, hostile text in each, and charts that say what their words do.

mod calendar;
mod charts;
mod rounds;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use chrono::TimeDelta;

use super::held::HeldLists;
use super::mail::Parts;
use super::{csv, document, held, mail, plain};
use crate::model::claim::ClaimState;
use crate::model::finding::WouldPipTake;
use crate::model::gate_report::{GatePart, GateReport, OpenReview, ReviewCounts, StandingRecall, StandingRecalls};
use crate::model::health::{HealthCase, HealthIssue};
use crate::model::overview::{Blind, Waiting};
use crate::model::recall::RecallCause;
use crate::model::report::*;
use crate::model::{CaseId, Channel, Exposure, Feed, FindingState, OwnerId, ProjectName, Serial, Tier, Time, WatchId};

fn at(days: i64) -> Time {
    "2026-11-16T07:00:00Z".parse::<Time>().expect("a time") + TimeDelta::days(days)
}

fn name(text: &str) -> ProjectName {
    ProjectName::parse(text).expect("valid")
}

fn watch(text: &str, exposure: Option<Exposure>, open: usize) -> WatchLine {
    WatchLine {
        id: WatchId::name(&name(text)),
        owner: OwnerId("payments".into()),
        since: exposure.as_ref().map(|_| at(2)),
        exposure,
        latest_version: Some("4.12.0".into()),
        open,
        claim: (text == "acme-ledger").then_some(ClaimState::Planned),
    }
}

fn exposures(watches: Vec<WatchLine>) -> Exposures {
    let mut standing = BTreeMap::new();
    for word in watches.iter().filter_map(|watch| watch.exposure.as_ref()).map(Exposure::as_str) {
        *standing.entry(word.to_owned()).or_insert(0) += 1;
    }
    Exposures { watches, standing, ..Exposures::default() }
}

fn case(number: u64, project: &str, tier: Tier, state: FindingState) -> CaseLine {
    CaseLine {
        id: Some(CaseId(number)),
        project: name(project),
        tier,
        state,
        seen_at: at(2),
        worsened_at: at(2),
        answered_at: (state != FindingState::Open).then(|| at(2) + TimeDelta::minutes(42)),
        watch: "acme-billing".into(),
        owner: OwnerId("payments".into()),
        rule: "exact".into(),
        more: 1,
        would_pip_take: WouldPipTake::Yes,
    }
}

/// Every event of that week.
fn whole() -> CoverageProof {
    CoverageProof {
        stretches: vec![Accounted {
            feed: Feed::Changelog,
            grade: "every event".into(),
            serials: Some((Serial(41_234_567), Serial(41_299_999))),
            earlier: false,
            from: at(0),
            to: at(7),
        }],
        line: "every event to serial 41299999, 14 s ago".into(),
        ..CoverageProof::default()
    }
}

/// A week in which something happened.
fn lively() -> Report {
    let bar = |day: i64, pages, alerts, digests| Bar { from: at(day), pages, alerts, digests };
    let tier = |tier, new, open, unanswered, settled| TierCount { tier, new, open, unanswered, settled };
    Report {
        audience: Audience::Owner { id: OwnerId("payments".into()), name: "Payments platform".into() },
        occasion: Occasion::Scheduled { due: at(7), missed: 0 },
        since: at(0),
        until: at(7),
        at: at(7),
        exposure: Exposures {
            changes: vec![Changed {
                id: WatchId::name(&name("acme-billing")),
                at: at(2),
                was: Exposure::Exposed,
                is: Exposure::Taken,
            }],
            added: 1,
            before: Some(2),
            ..exposures(vec![
                watch("acme-billing", Some(Exposure::Taken), 1),
                watch("acme-ledger", Some(Exposure::Exposed), 0),
                watch("acme-tax-tables", Some(Exposure::Ours), 0),
            ])
        },
        findings: Caseload {
            cases: vec![
                case(417, "acme-billing", Tier::Page, FindingState::Open),
                case(418, "acme-biling", Tier::Alert, FindingState::Resolved),
            ],
            omitted: 0,
            tiers: vec![tier(Tier::Page, 1, 1, 1, 0), tier(Tier::Alert, 1, 0, 0, 1), tier(Tier::Digest, 4, 4, 4, 0)],
            histogram: Histogram {
                bars: (0..7).map(|day| bar(day, usize::from(day == 2), usize::from(day == 2), 1)).collect(),
            },
            answers: Answers { seconds: vec![2520], waiting: 1, since: Some(at(2)) },
        },
        claims: vec![ClaimStanding {
            name: name("acme-ledger"),
            owner: OwnerId("payments".into()),
            state: ClaimState::Planned,
            changed_at: at(3),
        }],
        waits: vec![
            Waits { whom: Whom::Owner(OwnerId("payments".into())), what: Errand::Pages, count: 1, since: Some(at(2)) },
            Waits { whom: Whom::Reviewer, what: Errand::Reviews, count: 1, since: Some(at(4)) },
        ],
        noise: Noise { registrations: 2_500, alerts: 2, weak: 4 },
        coverage: whole(),
        gate: Some(gated()),
    }
}

fn open_review(review: i64, project: &str, days: i64) -> OpenReview {
    OpenReview {
        review,
        project: project.to_owned(),
        version: "1.4.0".to_owned(),
        since: at(days),
        asked: 6,
        clients: 3,
        more_clients: false,
        until: Some(at(days + 7)),
        given_out: false,
    }
}

/// What the gate says of look-alikes of theirs.
fn gated() -> GatePart {
    let malware = RecallCause::Malware { record: "MAL-2026-417".to_owned() };
    let recall =
        StandingRecall { project: "acme-biling".to_owned(), cause: malware, files: 1, clients: 2, since: at(5) };
    GatePart::Says(Box::new(GateReport {
        counts: ReviewCounts { began: 3, approved: 1, rejected: 1, matured: 0, open: 1 },
        median_seconds: Some(7_500),
        open: vec![open_review(17, "acme-bilings", 4)],
        recalls: Some(StandingRecalls {
            recalls: vec![recall],
            omitted: 0,
            bad_files: 1,
            clients: None,
            gone_files: 0,
        }),
        ..GateReport::default()
    }))
}

fn saying(change: impl FnOnce(&mut GateReport)) -> Option<GatePart> {
    let mut of = GateReport { recalls: Some(StandingRecalls::default()), ..GateReport::default() };
    change(&mut of);
    Some(GatePart::Says(Box::new(of)))
}

/// Nothing open, nothing waiting, everything seen.
fn quiet() -> Report {
    let lively = lively();
    Report {
        exposure: exposures(vec![watch("acme-billing", Some(Exposure::Ours), 0)]),
        findings: Caseload::default(),
        claims: Vec::new(),
        waits: Vec::new(),
        gate: None,
        ..lively
    }
}

/// The example of `docs/reports.md` is what is said of this week. Written anew by `DOCS=write cargo test --lib reports`.
#[test]
fn the_text_says_it_all_in_eighty_columns() {
    let text = plain(&lively());
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
    let block: String =
        text.trim_end().lines().map(|line| format!("    {line}").trim_end().to_owned() + "\n").collect();
    let path = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../..")).join("docs/reports.md");
    let page = fs::read_to_string(&path).expect("readable");
    let (before, rest) = page.split_once("    Report for ").expect("an example");
    let (_, after) = rest.split_once("All times are UTC.\n").expect("its end");
    let written = format!("{before}{block}{after}");
    if is_to_be_written() {
        fs::write(&path, written).expect("writable");
    } else {
        assert_eq!(page, written, "the example of docs/reports.md");
    }
}

#[expect(clippy::disallowed_methods, reason = "asked by whoever runs the test")]
fn is_to_be_written() -> bool {
    std::env::var_os("DOCS").is_some()
}

/// Each of what keeps all from being well, said by every form and in the first lines.
#[test]
fn no_form_says_that_all_is_well_beside_what_is_open() {
    const WELL: &str = "Nothing is open, and everything was seen";
    let says = |report: &Report| {
        let mail = mail(report, None);
        [plain(report), document(report), mail.text, mail.html].map(|form| form.contains(WELL))
    };
    assert_eq!(says(&quiet()), [true; 4]);
    let proof = |change: fn(&mut CoverageProof)| {
        let mut report = quiet();
        change(&mut report.coverage);
        report
    };
    let unwell = [
        lively(),
        Report { waits: lively().waits, ..quiet() },
        proof(|proof| proof.blind = vec![Blind { what: "feed-blind:rss".into(), from: at(1), to: at(2) }]),
        proof(|proof| proof.holes = vec![Unaccounted { serials: None, from: at(1), to: at(2) }]),
        proof(|proof| proof.stretches.clear()),
        proof(|proof| proof.stale = Some("stale: the last complete look was 3 d ago".into())),
        proof(|proof| {
            let issue = HealthIssue::CanaryLost;
            proof.unwell = vec![HealthCase { issue, since: at(1), until: None, detail: "lost".into() }];
        }),
        proof(|proof| {
            proof.waiting = vec![Waiting { channel: Channel::Email, messages: 2, since: at(6), last_error: None }];
        }),
        Report { gate: Some(GatePart::Silent("the gate at /run/x does not answer: no".into())), ..quiet() },
        Report { gate: saying(|of| of.open = vec![open_review(17, "leftpad", 1)]), ..quiet() },
        Report { gate: saying(|of| of.recalls = None), ..quiet() },
        Report { gate: saying(|of| of.troubles = [("drift".to_owned(), "names".to_owned())].into()), ..quiet() },
        Report {
            gate: saying(|of| of.recalls = Some(StandingRecalls { bad_files: 1, ..StandingRecalls::default() })),
            ..quiet()
        },
    ];
    for report in unwell {
        assert_eq!(says(&report), [false; 4], "{:?} {:?}", report.coverage, report.gate);
    }
    assert_eq!(says(&Report { gate: saying(|_| {}), ..quiet() }), [true; 4], "a gate that has nothing is well");
}

#[test]
fn the_mail_leads_to_its_page_where_that_can_be_reached() {
    let page = "https://watch.acme.example/reports?since=2026-11-16T07%3A00%3A00Z&show=yes";
    let Parts { text, html, .. } = mail(&lively(), Some(page));
    assert!(text.contains(&format!("On the dashboard, for whoever has an account there:\n    {page}\n")), "{text}");
    let href = page.replace('&', "&#38;");
    assert!(html.contains(&format!("href=\"{href}\"")) && html.contains("for whoever has an account there"), "{html}");
    for form in [mail(&lively(), None).text, mail(&lively(), None).html, document(&lively()), plain(&lively())] {
        assert!(!form.contains("dashboard"), "{form}");
    }
}

#[test]
fn what_was_missed_is_said_first() {
    let missed = Report { occasion: Occasion::Scheduled { due: at(7), missed: 3 }, ..lively() };
    let late = Report { occasion: Occasion::Scheduled { due: at(6), missed: 0 }, ..lively() };
    let one = "It was due at 2026-11-23 07:00:00 UTC. 3 reports before it were missed";
    for form in [plain(&missed), document(&missed), mail(&missed, None).text, mail(&missed, None).html] {
        assert!(form.replace('\n', " ").contains(one), "{form}");
    }
    assert!(plain(&late).contains("when nobody could make it"), "{}", plain(&late));
    assert!(!plain(&lively()).contains("due at"), "in time, there is nothing to say");
}

const EVIL: &str = "<script>alert(1)</script>\u{202e}\u{1b}[2J\r\n`=cmd|'/c calc'!A0` \"><img src=x onerror=alert(1)> https://evil.example";

/// Hostile wherever a stranger, a server or the inventory can put text.
fn hostile() -> Report {
    let mut report = lively();
    report.audience = Audience::Owner { id: OwnerId(EVIL.into()), name: EVIL.into() };
    for watch in &mut report.exposure.watches {
        (watch.owner, watch.latest_version) = (OwnerId(EVIL.into()), Some(EVIL.into()));
    }
    report.exposure.watches[0].id.text = EVIL.into();
    for case in &mut report.findings.cases {
        (case.watch, case.rule, case.owner) = (EVIL.into(), EVIL.into(), OwnerId(EVIL.into()));
    }
    report.waits[0].whom = Whom::Owner(OwnerId(EVIL.into()));
    report.claims[0].owner = OwnerId(EVIL.into());
    let proof = &mut report.coverage;
    (proof.line, proof.stale) = (EVIL.into(), Some(EVIL.into()));
    proof.blind = vec![Blind { what: EVIL.into(), from: at(1), to: at(2) }];
    proof.unwell = vec![HealthCase { issue: HealthIssue::CanaryLost, since: at(1), until: None, detail: EVIL.into() }];
    let channel = Channel::Slack(EVIL.into());
    proof.waiting = vec![Waiting { channel, messages: 1, since: at(1), last_error: Some(EVIL.into()) }];
    let cause = RecallCause::Rejected { review: 3, reason: EVIL.into(), by: Some(EVIL.into()) };
    let recall = StandingRecall { project: EVIL.into(), cause, files: 1, clients: 2, since: at(1) };
    report.gate = saying(|of| {
        of.open = vec![OpenReview { version: EVIL.into(), ..open_review(17, EVIL, 1) }];
        of.recalls = Some(StandingRecalls { recalls: vec![recall], bad_files: 1, ..StandingRecalls::default() });
        of.troubles = [(EVIL.to_owned(), EVIL.to_owned())].into();
    });
    report
}

#[test]
fn hostile_text_is_harmless_in_every_form() {
    let report = hostile();
    let Parts { text, html, pictures, tables } = mail(&report, None);
    for page in [document(&report), html] {
        assert!(
            !page.contains("<script") && !page.contains("<img src=x") && !page.contains("onerror=alert(1)>"),
            "{page}"
        );
        assert!(page.matches("<h1").count() == 1 && !page.contains('\u{202e}') && !page.contains('\u{1b}'));
        assert!(!page.contains("href="), "nothing leads anywhere");
    }
    for text in [text, plain(&report)] {
        assert!(!text.contains(|c: char| c != '\n' && c.is_control()) && !text.contains('\u{202e}'), "{text}");
        assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
    }
    let watches = held::text(|out| csv::watches(&HeldLists::of(&report), out));
    let others = [held::text(|out| csv::cases(&report, out)), held::text(|out| csv::reviews(&report, out))];
    for table in [watches].into_iter().chain(others) {
        let mut read = ::csv::Reader::from_reader(table.as_bytes());
        let columns = read.headers().expect("a head").len();
        for row in read.records() {
            let row = row.expect("as wide as its head");
            assert_eq!(row.len(), columns);
            assert!(row.iter().all(|cell| !cell.starts_with(['=', '+', '-', '@', '\t', '\r'])), "{row:?}");
        }
    }
    assert!(pictures.iter().all(|(name, _)| name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'@')));
    let silent = Report { gate: Some(GatePart::Silent(EVIL.into())), ..hostile() };
    for form in [document(&silent), mail(&silent, None).html, plain(&silent)] {
        assert!(!form.contains("<img src=x") || form == plain(&silent), "{form}");
        assert!(!form.contains('\u{202e}') && !form.contains('\u{1b}'), "{form}");
    }
    assert!(tables.iter().all(|table| table.name.bytes().all(|b| b.is_ascii_lowercase() || b == b'.')));
}

#[test]
fn every_chart_is_a_picture_with_its_words_beside_it() {
    let mail = mail(&lively(), None);
    assert_eq!(mail.pictures.len(), 3);
    for (name, png) in &mail.pictures {
        let reader = png::Decoder::new(std::io::Cursor::new(png)).read_info().expect("a picture");
        assert_eq!(reader.info().width, 800, "{name}");
        assert!(png.len() > 1_500 && png.len() < 60_000, "{name}: {} bytes, drawn and small", png.len());
        let shown = format!("<img src=\"cid:{name}\" alt=\"");
        let alt = mail.html.split(&shown).nth(1).and_then(|rest| rest.split('"').next()).expect("it is shown");
        assert!(alt.len() > 20, "{name}: {alt}");
    }
    let page = document(&lively());
    assert_eq!((page.matches("<svg").count(), page.matches("aria-label=\"").count()), (3, 3));
    assert!(page.contains("currentColor") && !page.contains("#1C1C1A"), "ink is that of the text around it");
    assert!(page.contains(">page<") || page.contains("page\n"), "words are drawn, so there is a font");
    assert!(!page.contains("src=\"http") && !page.contains("<script"), "one file, no request");
}

/// A small mail has its tables as they are, a large one compressed, and either is small enough.
#[test]
fn many_watches_make_no_large_mail() {
    let mut report = Report { gate: None, ..lively() };
    let states = [Exposure::Exposed, Exposure::Ours, Exposure::Taken];
    let named = |n: usize| watch(&format!("acme-some-longer-name-of-a-service-{n:05}"), Some(states[n % 3].clone()), 0);
    report.exposure = exposures((0..20_000).map(named).collect());
    let Parts { text, html, pictures, tables } = mail(&report, None);
    let tables_size: usize = tables.iter().map(|table| table.body.len()).sum();
    let all = text.len() + html.len() + pictures.iter().map(|(_, png)| png.len()).sum::<usize>() + tables_size;
    assert!(all * 4 / 3 < 1_000_000, "{all}");
    assert_eq!(tables.iter().map(|table| table.name).collect::<Vec<_>>(), ["watches.csv.gz", "cases.csv"]);
    assert!(html.contains("19960 rows more are in the attached tables."), "what is left out is said");
    assert!(document(&report).matches("<tr>").count() > 20_000, "whoever asks gets all");
}

fn flat(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn the_part_of_the_gate_says_who_waits_how_long_and_what_was_received() {
    let all = Report { audience: Audience::Platform, ..lively() };
    let text = flat(&plain(&all));
    for words in [
        "Gate ==== In the period 3 reviews began; 1 was approved, 1 rejected, and 0 closed by themselves.",
        "Now 1 review is open, the oldest for 3 days.",
        "Half of the decisions came within 2 h of the first request.",
        "REVIEW RELEASE FOR CLIENTS ASKED HELD UNTIL",
        "17 acme-bilings==1.4.0 3 days 3 6 2026-11-27",
        "Somebody received 1 file that turned out to be bad.",
        "acme-biling the record MAL-2026-417 names it as 1 2 2026-11-21 malware",
        "1 review of what the gate holds, for 3 days a reviewer of the gate",
    ] {
        assert!(text.contains(words), "{words}: {text}");
    }
    let verdict = "1 page open; 1 of 3 names free for anyone; 1 bad file was received; 1 review waits";
    assert!(text.contains(verdict), "{text}");
    for form in [plain(&quiet()), document(&quiet()), mail(&quiet(), None).text, mail(&quiet(), None).html] {
        assert!(!form.contains("Gate"), "where there is none nothing is said of it: {form}");
    }
}

#[test]
fn many_reviews_are_counted_and_the_oldest_listed_and_the_table_has_all() {
    let gate = |of_all: bool| {
        saying(|of| {
            of.open = (1..=400).map(|id| open_review(id, &format!("widgets-{id}"), 1)).collect();
            of.counts.open = 400;
            of.made_room = Some(at(3));
            of.more_ended = 9;
            of.recalls = Some(StandingRecalls { clients: of_all.then_some(0), ..StandingRecalls::default() });
            of.troubles = [("records-old".to_owned(), "the newest is of 1999".to_owned())].into();
        })
    };
    let report = Report { audience: Audience::Platform, gate: gate(true), ..quiet() };
    let text = flat(&plain(&report));
    for words in [
        "20 widgets-20==1.4.0",
        "And 380 more: namewarden gate reviews.",
        "Reviews had to make room for others, last at 2026-11-19 07:00",
        "records-old the newest is of 1999",
        "Nothing that was received is known to be bad.",
    ] {
        assert!(text.contains(words), "{words}: {text}");
    }
    assert!(!text.contains("widgets-21") && !text.contains("looked through"), "{text}");
    let Parts { tables, html, .. } = mail(&report, None);
    let reviews = tables.iter().find(|table| table.name == "reviews.csv").expect("it is attached");
    assert_eq!(String::from_utf8_lossy(&reviews.body).lines().count(), 401);
    assert!(html.contains("380 more") && html.len() < 100_000, "{}", html.len());
    let owner = lively().audience;
    let theirs = flat(&plain(&Report { audience: owner, gate: gate(false), ..report }));
    assert!(theirs.contains("9 reviews more of the period are over, too many to be looked through"), "{theirs}");
    assert!(
        !theirs.contains("known to be bad") && !theirs.contains("nothing bad"),
        "nobody counts all for them: {theirs}"
    );
}

#[test]
fn a_gate_that_does_not_answer_is_said_in_its_place_and_is_in_no_table() {
    let why = "the gate at /run/gate.sock does not answer: it says nothing for 3000 ms".to_owned();
    let report = Report { gate: Some(GatePart::Silent(why)), ..quiet() };
    let said = "The gate at /run/gate.sock does not answer: it says nothing for 3000 ms. What it holds, and who received what, is in no number";
    for form in [plain(&report), document(&report), mail(&report, None).text, mail(&report, None).html] {
        assert!(flat(&form).contains(said), "{form}");
    }
    assert!(
        mail(&report, None).tables.iter().all(|table| table.name != "reviews.csv"),
        "none would say that none is open"
    );
}
