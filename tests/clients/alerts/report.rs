//! A report as Python's mail client reads it: text, a page whose pictures are parts of the mail, tables that can be saved.

use chrono::TimeDelta;
use namewarden::model::exposure::Exposure;
use namewarden::model::notice::{Briefing, Content, NoticeEvent};
use namewarden::model::report::{
    Audience, Bar, Caseload, CoverageProof, Exposures, Histogram, Noise, Occasion, Report, WatchLine,
};
use namewarden::model::{Channel, OwnerId, ProjectName, Tier, WatchId};
use serde_json::{Value, json};

use super::mail::{Sink, header};
use super::world::{attempt, briefing, fate, mail_settings, now, owner, with_email};

/// A name of the inventory that a spreadsheet would run, were it let.
const FORMULA: &str = "=HYPERLINK(\"https://evil.example\")";

fn report() -> Report {
    let (since, until) = (now() - TimeDelta::days(7), now());
    let watch = |n: usize| WatchLine {
        id: WatchId::name(&ProjectName::parse(&format!("acme-service-{n:04}")).expect("valid")),
        owner: OwnerId(FORMULA.to_owned()),
        exposure: Some(Exposure::Exposed),
        since: Some(since),
        latest_version: None,
        open: 0,
        claim: None,
    };
    let bars = (0..7).map(|day| Bar { from: since + TimeDelta::days(day), pages: 1, alerts: 2, digests: 3 }).collect();
    Report {
        audience: Audience::Owner { id: OwnerId("ml".into()), name: "Müller & <b>Söhne</b>".into() },
        occasion: Occasion::Scheduled { due: until, missed: 2 },
        since,
        until,
        at: until,
        exposure: Exposures {
            watches: (0..500).map(watch).collect(),
            standing: [("exposed".to_owned(), 500)].into(),
            ..Exposures::default()
        },
        findings: Caseload { histogram: Histogram { bars }, ..Caseload::default() },
        claims: Vec::new(),
        waits: Vec::new(),
        noise: Noise::default(),
        coverage: CoverageProof { line: "every event to serial 16282410, 14 s ago".into(), ..CoverageProof::default() },
        gate: None,
    }
}

fn told() -> Briefing {
    Briefing {
        event: NoticeEvent::Report,
        tier: Tier::Digest,
        thread: "report:ml".into(),
        content: Content::Report { report: Box::new(report()) },
        ..briefing("0123456789abcdef0123456789abcdef")
    }
}

fn parts<'a>(mail: &'a Value, kind: &str) -> Vec<&'a Value> {
    mail["parts"].as_array().expect("parts").iter().filter(|part| part["type"] == kind).collect()
}

#[tokio::test]
#[ignore = "needs the client venv; tests/run provides it"]
async fn a_report_arrives_whole() {
    let sink = Sink::start(&[]);
    let channels = with_email(mail_settings(sink.port));
    let sent = attempt(&channels, &Channel::Email, &owner(&["anna@acme.example"]), &told(), now()).await;
    assert_eq!(fate(sent), Ok(None));
    let mail = sink.mail();
    assert_eq!(mail["defects"], json!([]), "the structure is sound");
    assert!(mail["longest_line"].as_u64().is_some_and(|length| length < 999), "{}", mail["longest_line"]);
    let subject = header(&mail, "Subject")[0];
    assert!(subject.starts_with("[digest] Report for Müller & <b>Söhne</b>: "), "{subject}");
    let (text, html) = (mail["text"].as_str().expect("text"), mail["html"].as_str().expect("a page"));
    for form in [text, html] {
        assert!(form.contains("2 reports before it were missed"), "{form}");
        assert!(form.contains("460 rows more are in the attached tables."), "{form}");
    }
    assert!(html.contains("Müller &#38; &#60;b&#62;Söhne") && !html.contains("<b>Söhne"), "{html}");
    let pictures = parts(&mail, "image/png");
    assert_eq!(pictures.len(), 3);
    for picture in pictures {
        let id = picture["cid"].as_str().expect("an id").trim_matches(['<', '>']);
        assert!(html.contains(&format!("<img src=\"cid:{id}\" alt=\"")), "the page shows {id}");
        assert!(picture["begins"].as_str().is_some_and(|begins| begins.contains("PNG")), "{picture}");
        assert_eq!(picture["disposition"], "inline");
    }
    let tables = parts(&mail, "text/csv");
    let files: Vec<&str> = tables.iter().filter_map(|table| table["file"].as_str()).collect();
    assert_eq!(files, ["watches.csv", "cases.csv"]);
    assert!(tables.iter().all(|table| table["disposition"] == "attachment"));
    sink.end();
}

/// The same report twice has the same Message-ID, so that a repeat is known.
#[tokio::test]
#[ignore = "needs the client venv; tests/run provides it"]
async fn a_repeat_is_known_by_its_id() {
    let sink = Sink::start(&[]);
    let channels = with_email(mail_settings(sink.port));
    let mut ids = Vec::new();
    for _ in 0..2 {
        let sent = attempt(&channels, &Channel::Email, &owner(&["anna@acme.example"]), &told(), now()).await;
        assert_eq!(fate(sent), Ok(None));
        let mail = sink.mail();
        ids.push(header(&mail, "Message-ID")[0].to_owned());
        assert_eq!(header(&mail, "X-Namewarden-Event"), ["report"]);
    }
    assert_eq!(ids[0], ids[1]);
    sink.end();
}
