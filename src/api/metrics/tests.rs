//! One of everything that is measured, as it is written; rules, board and page name what there is.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use super::measures::Measures;
use super::text;
use crate::api::status::{Level, Status};
use crate::cases::coverage::{Account, CoveredTo};
use crate::model::health::{HealthCase, HealthIssue};
use crate::model::overview::{Open, Overview, Unacknowledged};
use crate::model::{Channel, Feed, FindingState, ProjectName, Serial, Tier, Time};
use crate::registry::pypi::mode::ChangelogHealth;
use crate::store::Outbox;

fn at(second: i64) -> Time {
    Time::from_timestamp(second, 0).expect("a time")
}

fn status() -> Status {
    let reach = |serial| Some(CoveredTo { serial: Serial(serial), since: at(1_000), at: at(2_000) });
    let project = ProjectName::parse("acme-billing").expect("a name");
    let oldest = Some(Unacknowledged { project, id: None, since: at(1_500) });
    let issue = HealthIssue::Undelivered { channel: "webhook:a\"b\\c\nd".to_owned() };
    let issue = HealthCase { issue, since: at(1_600), until: None, detail: "refused".to_owned() };
    let outbox = Outbox {
        channel: Channel::Email,
        due: 3,
        oldest: Some(at(1_700)),
        untried: None,
        last_error: None,
        last_refusal: None,
        delivered: 40,
        given_up: 1,
    };
    Status {
        namewarden: "0.1.0".to_owned(),
        level: Level::Critical,
        now: at(2_000),
        running: true,
        coverage: Account {
            every_event: reach(41_000_000),
            survivors: reach(40_999_000),
            rss: Some((at(1_000), at(1_990))),
            survivors_only: Vec::new(),
        },
        covered: String::new(),
        changelog: ChangelogHealth::default(),
        cursor: Some(Serial(41_000_000)),
        projects: 886_323,
        watches: vec![("exposed".to_owned(), 5)],
        findings: vec![(Tier::Page, FindingState::Open, 2)],
        overview: Overview {
            pages: Open { cases: 2, unacknowledged: 1, oldest },
            unanswered: 1,
            untold: 1,
            issues: vec![issue],
            ..Overview::default()
        },
        outboxes: vec![outbox],
        feeds_down: vec![Feed::Rss],
        worries: Vec::new(),
    }
}

/// One of everything.
fn whole() -> String {
    text(&Measures {
        status: status(),
        seen: vec![(Feed::Changelog, at(2_000))],
        sightings: vec![("rss".to_owned(), "created".to_owned(), 12)],
        rules: vec![("exact".to_owned(), Tier::Page, 2)],
        claims: vec![("ours".to_owned(), 1)],
        missed: 3,
        store_bytes: 51_000_000,
    })
}

fn names(text: &str) -> BTreeSet<String> {
    text.lines().filter_map(|line| line.strip_prefix("# HELP ")?.split(' ').next()).map(str::to_owned).collect()
}

#[test]
fn every_number_has_its_name_and_its_labels() {
    let text = whole();
    for line in [
        "namewarden_status 2.0",
        "namewarden_daemon_running 1.0",
        "namewarden_build{version=\"0.1.0\"} 1.0",
        "namewarden_feed_down{feed=\"rss\"} 1.0",
        "namewarden_feed_down{feed=\"index\"} 0.0",
        "namewarden_feed_seen_timestamp_seconds{feed=\"changelog\"} 2000.0",
        "namewarden_covered_serial{grade=\"every-event\"} 41000000.0",
        "namewarden_covered_timestamp_seconds{grade=\"survivors-only\"} 2000.0",
        "namewarden_missed_projects 3.0",
        "namewarden_findings{tier=\"page\",state=\"open\"} 2.0",
        "namewarden_oldest_unacknowledged_timestamp_seconds{tier=\"page\"} 1500.0",
        "namewarden_notices_due{channel=\"email\"} 3.0",
        "namewarden_notices_oldest_timestamp_seconds{channel=\"email\"} 1700.0",
        "namewarden_claims{state=\"ours\"} 1.0",
        "namewarden_sightings_last_day{feed=\"rss\",event=\"created\"} 12.0",
        "namewarden_store_bytes 51000000.0",
    ] {
        assert!(text.lines().any(|found| found == line), "{line}:\n{text}");
    }
    assert!(text.ends_with("# EOF\n"));
    let helps = text.lines().filter(|line| line.starts_with("# HELP "));
    helps.for_each(|help| assert!(help.ends_with('.') && !help.ends_with("?."), "{help}"));
}

/// OpenMetrics 1.0, "ABNF": in a value of a label, quote, backslash and line break are escaped.
#[test]
fn nothing_gets_out_of_its_quotes() {
    let text = whole();
    let line = text.lines().find(|line| line.starts_with("namewarden_health_issue_since")).expect("a line");
    assert!(line.contains(r#"webhook:a\"b\\c\nd"#) && line.ends_with("} 1600.0"), "{line}");
}

#[test]
fn rules_and_board_name_what_is_measured() {
    let (known, directory) =
        (names(&whole()), Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../config/monitoring")));
    for file in ["namewarden.rules.yml", "grafana.json"] {
        let content = fs::read_to_string(directory.join(file)).expect("readable");
        let words = content.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        let named: BTreeSet<String> = words.filter(|word| word.starts_with("namewarden_")).map(str::to_owned).collect();
        let strange: Vec<&String> = named.difference(&known).collect();
        assert!(!named.is_empty() && strange.is_empty(), "{file} names what is not measured: {strange:?}");
    }
}

/// But for what runs, which is no number, and whether it does, which the rules ask.
#[test]
fn the_board_shows_all_that_is_measured() {
    let board = include_str!("../../../config/monitoring/grafana.json");
    let board: serde_json::Value = serde_json::from_str(board).expect("JSON");
    let panels = board["panels"].as_array().expect("panels");
    let targets = panels.iter().flat_map(|panel| panel["targets"].as_array().expect("targets"));
    let words = |target: &serde_json::Value| {
        let asked = target["expr"].as_str().expect("a question").to_owned();
        asked.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').map(str::to_owned).collect::<Vec<_>>()
    };
    let shown: BTreeSet<String> = targets.flat_map(words).collect();
    let missing: Vec<String> = names(&whole()).difference(&shown).cloned().collect();
    assert_eq!(missing, ["namewarden_build", "namewarden_daemon_running"]);
}

#[test]
fn the_page_lists_what_is_measured() {
    let page = include_str!("../../../docs/metrics.md");
    let rows = page.lines().filter_map(|line| line.strip_prefix("| `")?.split(['`', '{']).next());
    let listed: BTreeSet<String> = rows.map(str::to_owned).collect();
    assert_eq!(listed, names(&whole()));
}
