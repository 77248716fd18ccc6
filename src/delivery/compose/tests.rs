//! The briefing of an outbox row: of which moment it speaks, and what changed.

mod stored;

use super::*;
use crate::messages::samples::{at, torchtriton};

fn row(event: NoticeEvent, body: NoticeBody) -> NoticeRow {
    NoticeRow {
        id: 1,
        key: crate::model::notice::NoticeKey("0".repeat(32)),
        owner: OwnerId("ml".into()),
        channel: crate::model::Channel::Email,
        event,
        tier: Tier::Digest,
        created_at: at(0),
        due_at: at(0),
        attempts: 3,
        last_error: None,
        body,
    }
}

/// An outage between them makes them of one moment all the same.
#[test]
fn what_is_asked_when_it_is_sent_is_dated_by_that() {
    let cases = || NoticeBody::Cases { events: Vec::new() };
    assert_eq!(as_of(&row(NoticeEvent::Canary, NoticeBody::Proof), None, at(3600)), at(3600));
    assert_eq!(as_of(&row(NoticeEvent::Escalated, cases()), None, at(3600)), at(3600));
    assert_eq!(as_of(&row(NoticeEvent::Registered, cases()), None, at(3600)), at(0));
    assert_eq!(as_of(&row(NoticeEvent::Registered, cases()), Some(at(9)), at(3600)), at(9), "what came to it");
}

#[test]
fn what_changed_is_said_of_what_lives_and_never_that_a_name_is_free_which_is_taken() {
    let of = |second: i64, state, again| {
        let mut case = torchtriton();
        (case.finding.key, case.finding.state) = (FindingKey(format!("torchtriton@{second}")), state);
        case.again = again;
        case
    };
    let event = |case: &Case, kind, change: &str| {
        let event = EventRef { finding: case.finding.key.clone(), number: 1 };
        CaseEvent { event, at: at(0), kind, change: (!change.is_empty()).then(|| change.to_owned()), rise: 0 }
    };
    let [gone, over] = [of(1, FindingState::Removed, false), of(2, FindingState::Removed, true)];
    let (new, free) = (of(3, FindingState::Open, false), "removed from PyPI; the name may be free again");
    let ends = [event(&gone, NoticeEvent::Ended, free), event(&over, NoticeEvent::Ended, free)];
    let said = |events: &[CaseEvent], cases: &[&Case]| {
        change(events, &cases.iter().map(|case| (*case).clone()).collect::<Vec<_>>())
    };
    assert_eq!(said(&ends[..1], &[&gone]).as_deref(), Some(free));
    assert_eq!(said(&ends[1..], &[&over]), None, "it is not free");
    let born = event(&new, NoticeEvent::Registered, "");
    assert_eq!(said(&[ends[0].clone(), ends[1].clone(), born], &[&new, &gone, &over]), None);
    let worse = event(&new, NoticeEvent::Worsened, "first release: 2.0");
    let reminded = event(&new, NoticeEvent::Escalated, "nobody has acknowledged it");
    assert_eq!(said(&[worse.clone(), reminded.clone()], &[&new]).as_deref(), Some("first release: 2.0"));
    assert_eq!(said(&[reminded], &[&new]).as_deref(), Some("nobody has acknowledged it"));
    assert_eq!(said(&[ends[0].clone(), worse], &[&new, &gone]).as_deref(), Some("first release: 2.0"));
}
