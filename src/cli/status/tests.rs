//! The screen, cell by cell: what is printed in `docs/json.md`, seen at the time that stands in it.

use chrono::{TimeDelta, TimeZone as _, Utc};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use serde::de::DeserializeOwned;

use super::screen::{Screen, Seen};
use crate::api::v1::{Finding, Glance, Status, Untold, Waits};
use crate::model::Time;

/// The objects that the page shows below this command.
fn printed<T: DeserializeOwned>(command: &str) -> Vec<T> {
    let page = include_str!("../../../docs/json.md");
    let (_, below) = page.split_once(&format!("    {command}\n\n")).expect("on the page");
    let json: String = below.lines().take_while(|line| line.is_empty() || line.starts_with("    ")).collect();
    serde_json::Deserializer::from_str(&json).into_iter().map_while(Result::ok).collect()
}

fn status() -> Status {
    printed("namewarden status --format json").remove(0)
}

fn cases() -> Vec<Finding> {
    printed("namewarden findings list --format json")
}

/// What the dashboard's first page is made of, too.
fn glance(status: Status) -> Glance {
    let since = noon() - TimeDelta::days(30);
    let mut glance = Glance { status, since, seen: vec![], blind: vec![], days: vec![], hours: vec![], waits: vec![] };
    let wait = |what: &str, owner: Option<&str>| Waits {
        whom: if owner.is_some() { "owner" } else { "approver" }.to_owned(),
        owner: owner.map(str::to_owned),
        what: what.to_owned(),
        count: 2,
        since: Some(noon() - TimeDelta::hours(3)),
    };
    glance.waits = vec![wait("pages", Some("payments\u{1b}[2J")), wait("approval", None)];
    glance
}

fn noon() -> Time {
    Utc.with_ymd_and_hms(2026, 11, 23, 12, 0, 30).single().expect("a time")
}

fn drawn(screen: &Screen, (width, height): (u16, u16)) -> String {
    let mut terminal = Terminal::new(TestBackend::new(width, height)).expect("no I/O");
    terminal.draw(|frame| screen.draw(frame, noon())).expect("no I/O");
    let buffer = terminal.backend().buffer();
    let row = |y| (0..width).map(|x| buffer[(x, y)].symbol()).collect::<String>().trim_end().to_owned();
    (0..height).map(row).collect::<Vec<_>>().join("\n")
}

fn seen(status: Status, cases: Vec<Finding>) -> Screen {
    let mut screen = Screen::default();
    screen.take(Seen { glance: Ok(glance(status)), cases: Ok(cases) });
    screen
}

#[test]
fn the_verdict_comes_first_then_what_is_wrong_how_things_stand_and_the_cases() {
    let drawn = drawn(&seen(status(), cases()), (110, 24));
    let order = [
        " NAMEWARDEN WARNING - inventory-held since",
        " ! inventory-held since",
        " covered        every event to serial",
        " watches        5 exposed, 2 pattern, 1 taken",
        " email          4 delivered, 0 due",
        " waits          ",
        " case     tier   state        project ",
        " nw-3     alert  open         acme-ledgers ",
        " nw-2     page   open         acme-billing ",
        " q quit   r look now   j k scroll   12:00:30 UTC",
    ];
    let at: Vec<_> = order.iter().map(|begins| drawn.lines().position(|line| line.starts_with(begins))).collect();
    assert!(at.iter().all(Option::is_some) && at.is_sorted(), "{at:?}\n{drawn}");
    assert!(drawn.lines().any(|line| line.contains("acme-billing") && line.ends_with("takes it 30 s ago")), "{drawn}");
}

#[test]
fn what_waits_for_whom_is_said_as_on_the_first_page() {
    let drawn = drawn(&seen(status(), cases()), (110, 20));
    for said in [
        r" waits          payments\u{1b}[2J: 2 pages to answer, since 3 h ago",
        "                An approver: 2 claims to approve, since 3 h ago",
    ] {
        assert!(drawn.lines().any(|line| line == said), "{said}\n{drawn}");
    }
}

#[test]
fn what_has_no_room_on_a_line_goes_on_below_and_is_not_cut_off_without_a_mark() {
    let worry = "feed-blind:rss since noon: ".to_owned() + &"RSS has given nothing ".repeat(20);
    let status = Status { worries: vec![worry], ..status() };
    let (low, high) = (drawn(&seen(status.clone(), cases()), (80, 24)), drawn(&seen(status, cases()), (80, 40)));
    for (drawn, lines) in [(&low, 2), (&high, 4)] {
        let of: Vec<&str> = drawn.lines().skip_while(|line| !line.starts_with(" ! feed-blind:rss")).collect();
        let below = of.iter().skip(1).take_while(|line| line.starts_with("   ")).count();
        assert!(below + 1 == lines && of[below].ends_with('…'), "{drawn}");
    }
    assert!(low.contains(" nw-2 ") && low.contains(" waits "), "{low}");
}

#[test]
fn a_narrow_screen_keeps_the_names_and_the_tier() {
    let drawn = drawn(&seen(status(), cases()), (40, 20));
    let row = drawn.lines().find(|line| line.contains("nw-2")).expect("the case");
    assert!(row.contains("page") && row.contains("acme-billing"), "{drawn}");
}

#[test]
fn no_size_is_too_small() {
    let screen = seen(status(), cases());
    for size in [(1, 1), (3, 2), (20, 3), (400, 100)] {
        drawn(&screen, size);
    }
}

#[test]
fn what_a_stranger_wrote_moves_nothing_on_the_screen() {
    let mut case = cases().remove(0);
    case.project = "acme\u{1b}[2Jbilling\u{202e}gnp\r\n".to_owned() + &"a\u{301}\u{301}".repeat(400);
    let drawn = drawn(&seen(status(), vec![case]), (160, 16));
    assert!(!drawn.contains(['\u{1b}', '\u{202e}', '\r']), "{drawn}");
    assert!(drawn.contains(r"acme\u{1b}[2Jbilling\u{202e}gnp"), "{drawn}");
}

#[test]
fn a_daemon_that_is_gone_is_said_and_what_was_seen_before_has_its_age() {
    let mut screen = seen(Status { now: noon() - TimeDelta::minutes(3), ..status() }, cases());
    screen.take(Seen { glance: Err((Untold::Critical, "no daemon is running".to_owned())), cases: Ok(Vec::new()) });
    let drawn = drawn(&screen, (110, 16));
    assert!(drawn.starts_with(" NAMEWARDEN CRITICAL - nobody says how it stands"), "{drawn}");
    for said in ["no daemon is running", "what follows was seen 3 min ago", "acme-billing"] {
        assert!(drawn.contains(said), "{said}:\n{drawn}");
    }
}

#[test]
fn cases_that_cannot_be_read_are_not_none() {
    let mut screen = Screen::default();
    screen.take(Seen { glance: Ok(glance(status())), cases: Err("it timed out".to_owned()) });
    assert!(drawn(&screen, (110, 16)).contains("the cases cannot be read: it timed out"));
}

#[test]
fn who_scrolls_never_leaves_the_list() {
    let mut screen = seen(status(), cases());
    screen.scroll(500);
    assert!(drawn(&screen, (110, 16)).contains(" nw-2 "));
    screen.take(Seen { glance: Ok(glance(status())), cases: Ok(cases().split_off(1)) });
    assert!(drawn(&screen, (110, 16)).contains(" nw-2 "), "the list is shorter now");
    screen.scroll(isize::MIN);
    screen.top();
    assert!(drawn(&screen, (110, 16)).contains(" nw-2 "));
}
