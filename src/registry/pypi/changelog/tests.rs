//! The changelog as PyPI writes it, and as it must not be.

use super::reply::event;
use super::trouble::UNADVISED;
use super::*;
use crate::model::ProjectName;
use crate::model::{Event, Feed, Sighting};
use crate::registry::Unreadable;

/// One entry as PyPI's renderer writes it.
fn entry(name: &str, version: Option<&str>, at: i64, action: &str, serial: u64) -> String {
    let version = version.map_or("<nil/>".to_owned(), |v| format!("<string>{v}</string>"));
    format!(
        "<value><array><data>\n<value><string>{name}</string></value>\n<value>{version}</value>\n\
         <value><int>{at}</int></value>\n<value><string>{action}</string></value>\n\
         <value><int>{serial}</int></value>\n</data></array></value>\n"
    )
}

fn response(entries: &[String]) -> Vec<u8> {
    format!(
        "<?xml version='1.0'?>\n<methodResponse>\n<params>\n<param>\n<value><array><data>\n{}</data></array></value>\n\
         </param>\n</params>\n</methodResponse>\n",
        entries.concat()
    )
    .into_bytes()
}

fn fault(code: i64, text: &str) -> Vec<u8> {
    format!(
        "<?xml version='1.0'?>\n<methodResponse>\n<fault>\n<value><struct>\n<member>\n<name>faultCode</name>\n\
         <value><int>{code}</int></value>\n</member>\n<member>\n<name>faultString</name>\n\
         <value><string>{text}</string></value>\n</member>\n</struct></value>\n</fault>\n</methodResponse>\n"
    )
    .into_bytes()
}

fn error(body: &[u8]) -> ChangelogError {
    read_reply(body, Serial(100)).expect_err("an error")
}

#[test]
fn the_first_upload_of_a_project_is_four_sightings_however_many_files() {
    let body = response(&[
        entry("Acme_Billing", None, 1_787_331_457, "create", 41),
        entry("Acme_Billing", None, 1_787_331_457, "add Owner eve", 42),
        entry("Acme_Billing", Some("3.0.0"), 1_787_331_457, "new release", 44),
        entry("Acme_Billing", Some("3.0.0"), 1_787_331_457, "add source file acme_billing-3.0.0.tar.gz", 45),
        entry("Acme_Billing", Some("3.0.0"), 1_787_331_458, "add py3 file acme_billing-3.0.0-py3-none-any.whl", 46),
    ]);
    let reply = read_reply(&body, Serial(40)).expect("a reply");
    assert_eq!((reply.events, reply.last, reply.full), (5, Some(Serial(46)), false));
    assert_eq!(reply.unreadable, Unreadable::default());
    let words: Vec<&str> = reply.sightings.iter().map(|s| s.event.as_str()).collect();
    assert_eq!(words, ["created", "roles-changed", "released", "changed"]);
    assert_eq!(reply.sightings[3].serial, Some(Serial(46)), "the reply must show the last of them");
    let created = Sighting {
        name: ProjectName::parse("acme-billing").expect("valid"),
        display: "Acme_Billing".to_owned(),
        event: Event::Created,
        feed: Feed::Changelog,
        serial: Some(Serial(41)),
        at: Some("2026-08-21T16:57:37Z".parse().expect("a time")),
        summary: None,
        unreadable: None,
    };
    assert_eq!(reply.sightings[0], created);
}

#[test]
fn every_action_of_warehouse_is_sorted() {
    let word = |action| event(action, "1.0").map(|event| event.as_str());
    for (action, expected) in [
        ("create", Some("created")),
        ("new release", Some("released")),
        ("unyank release", Some("released")),
        ("release quarantine cleared", Some("released")),
        ("remove release", Some("withdrawn")),
        ("yank release", Some("withdrawn")),
        ("release quarantined", Some("withdrawn")),
        ("remove project", Some("removed")),
        ("project quarantined", Some("quarantined")),
        ("project quarantine cleared", Some("quarantine-cleared")),
        ("add Owner alice", Some("roles-changed")),
        ("remove Maintainer alice", Some("roles-changed")),
        ("change Owner alice to Maintainer", Some("roles-changed")),
        ("accepted Owner alice", Some("roles-changed")),
        ("invite Owner alice", None),
        ("revoke_invite Owner alice", None),
        ("add py3 file a-1.0-py3-none-any.whl", Some("changed")),
        ("remove file a-1.0.tar.gz", Some("changed")),
        ("remove file ", None),
        ("docupdate", None),
        ("", None),
    ] {
        assert_eq!(word(action), expected, "{action}");
    }
}

#[test]
fn nothing_new_is_a_reply_without_entries() {
    let reply = read_reply(&response(&[]), Serial(40)).expect("a reply");
    assert_eq!(reply, ChangelogReply::default());
}

#[test]
fn serials_that_do_not_rise_stop_the_feed() {
    let at = |serial| entry("a", None, 1, "create", serial);
    for (serials, after, got) in [(vec![100], 100, 100), (vec![99], 100, 99), (vec![95, 93, 98], 100, 98)] {
        let body = response(&serials.into_iter().map(at).collect::<Vec<_>>());
        let ChangelogError::WentBack { after: a, got: g } = error(&body) else { panic!("it went back") };
        assert_eq!((a, g), (Serial(after), Serial(got)));
    }
    let odd = read_reply(&response(&[at(101), at(101), at(109)]), Serial(100)).expect("a reply");
    assert_eq!(odd.last, Some(Serial(109)));
}

#[test]
fn a_short_reply_out_of_order_is_sorted_and_a_long_one_refused() {
    let at = |serial: u64| entry("a", None, 1, "create", serial);
    let reply = read_reply(&response(&[at(109), at(98), at(103)]), Serial(100)).expect("a reply");
    let order: Vec<u64> = reply.sightings.iter().filter_map(|s| s.serial).map(|s| s.0).collect();
    assert_eq!((order, reply.last, reply.disordered), (vec![98, 103, 109], Some(Serial(109)), true));
    let many: Vec<String> = (101..1_201).rev().map(at).collect();
    assert!(matches!(error(&response(&many)), ChangelogError::Unsorted { events: 1_100, .. }));
}

#[test]
fn a_serial_out_of_this_world_moves_nothing() {
    let at = |serial: u64| entry("a", None, 1, "create", serial);
    for (serials, after) in [(vec![101, 9_000_000_000_000_000_000], 101), (vec![1_000_101], 100)] {
        let body = response(&serials.iter().copied().map(at).collect::<Vec<_>>());
        let ChangelogError::Leap { after: a, .. } = error(&body) else { panic!("it leaps") };
        assert_eq!(a, Serial(after));
    }
    assert!(read_reply(&response(&[at(1_000_100)]), Serial(100)).is_ok(), "a gap is none");
}

#[test]
fn what_cannot_be_read_is_reported_and_the_rest_counts() {
    let odd = "<value><array><data><value><int>1</int></value></data></array></value>".to_owned();
    let body = response(&[
        entry("\u{202e}acme", None, 1, "create", 101),
        entry("中", None, 1, "create", 102),
        odd,
        entry("good", None, i64::MAX, "create", 104),
    ]);
    let reply = read_reply(&body, Serial(100)).expect("a reply");
    assert_eq!(reply.sightings[0].name.as_str(), "acme");
    assert_eq!(reply.sightings[0].unreadable.as_deref(), Some("\u{202e}acme"));
    assert_eq!(reply.sightings[1].at, None, "an impossible time is no time");
    assert_eq!((reply.unreadable.names.len(), reply.events, reply.last), (4, 4, Some(Serial(104))));
    assert_eq!(reply.unreadable.names[3].text, "good: no date");
}

#[test]
fn a_long_reply_asks_for_the_next() {
    let entries: Vec<String> = (101..1_101).map(|serial| entry("a", None, 1, "create", serial)).collect();
    assert!(read_reply(&response(&entries), Serial(100)).expect("a reply").full);
    assert!(!read_reply(&response(&entries[1..]), Serial(100)).expect("a reply").full);
}

#[test]
fn illegal_characters_do_not_lose_the_reply() {
    let reply = read_reply(&response(&[entry("a\u{1}b&#0;c", None, 1, "create", 101)]), Serial(100)).expect("a reply");
    assert_eq!((reply.sightings[0].name.as_str(), reply.illegal_characters), ("abc", 2));
}

#[test]
fn faults_are_sorted_into_gone_throttled_and_down() {
    for text in [
        "ValueError: The changelog method has been deprecated, use changelog_since_serial instead.",
        "RuntimeError: PyPI no longer supports the XMLRPC package_releases method. Use JSON or Simple API instead.",
        "RuntimeError: this API has been removed.",
    ] {
        assert!(matches!(error(&fault(-32500, text)), ChangelogError::Gone(GoneSign::Fault { .. })), "{text}");
    }
    let missing = error(&fault(-32601, "server error; requested method not found"));
    assert!(matches!(missing, ChangelogError::Gone(_)), "{missing}");
    for text in [
        "application error",
        "RuntimeError: PyPI's XMLRPC API is currently disabled due to unmanageable load and will be deprecated.",
        "OperationalError: the database is temporarily removed from service",
    ] {
        assert!(matches!(error(&fault(-32500, text)), ChangelogError::Down(_)), "{text}");
    }
    assert!(matches!(error(&fault(-32403, "server error; service unavailable")), ChangelogError::Down(_)));
}

#[test]
fn a_throttling_fault_says_how_long() {
    let text = "HTTPTooManyRequests: The action could not be performed because there were too many requests by \
                the client.";
    let after = |body: &[u8]| match error(body) {
        ChangelogError::Throttled { after } => after.as_secs(),
        other => panic!("not throttled: {other}"),
    };
    assert_eq!(after(&fault(-32500, &format!("{text} Limit may reset in 17 seconds."))), 17);
    assert_eq!(after(&fault(-32500, text)), UNADVISED.as_secs());
}

#[test]
fn a_page_of_html_is_down_not_gone() {
    let error = error(b"<html><body>503 backend read error</body></html>");
    insta::assert_snapshot!(error, @"the changelog is down: not XML-RPC at byte 6: <html> is no tag of it");
}

#[test]
fn the_last_serial_is_a_number() {
    let body = |inner: &str| {
        format!("<methodResponse><params><param><value>{inner}</value></param></params></methodResponse>").into_bytes()
    };
    assert_eq!(read_serial(&body("<int>41234567</int>")).expect("a serial"), Serial(41_234_567));
    assert!(read_serial(&body("<int>-1</int>")).is_err());
    assert!(read_serial(&body("<string>7</string>")).is_err());
}
