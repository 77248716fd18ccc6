//! The canary and the test alert.

use super::super::canary;
use super::*;

#[test]
fn the_daily_proof_is_no_all_clear() {
    let mail = mail(&canary(much()));
    assert_snapshot!(format!("{}\n\n{}", mail.subject, mail.text), @"
    [digest] namewarden canary: this channel works; 2 pages open, 1 overdue, 1 channel behind, 1 health case

    DIGEST: daily proof, for ML platform

        This channel works
        And how the watch stands: 2 pages open, 1 overdue, 1 channel behind,
        1 health case

    This is the daily proof that an alert reaches you: it went through the
    same matcher, store and channel as a real one. If it stops coming, the
    watch is broken.

    It is no all-clear. Below is how the whole watch stands, for all owners.

    See it with
        namewarden status
      On watch-1.acme.example (production). The cases:
      namewarden findings list.

    How the watch stands
      Pages              2 open, 1 of them unacknowledged; the oldest is
                         torchtriton, for 3 days
      Overdue            1 page that nobody acknowledged in time
      Alerts             none open
      Weak               12 open
      Undelivered        3 messages on email, the oldest for 67 min
      Unwell             feed-blind:changelog since 2022-12-25 21:53:31 UTC
      Blind lately       feed-blind:rss from 2022-12-25 19:35:11 UTC to
                         2022-12-25 19:51:51 UTC

    -- 
    Seen so far: every event to serial 16282410, 14 s ago.
    From watch-1.acme.example (production) to ML platform at 2022-12-25
    22:05:31 UTC; notice 0123456789abcdef0123456789abcdef.
    ");
}

/// One page is one, however late it is.
#[test]
fn an_overdue_page_is_counted_once() {
    let open = |cases| Open { cases, unacknowledged: cases, oldest: None };
    let said = |cases, unanswered, untold| {
        canary::brief(&Overview { pages: open(cases), unanswered, untold, ..Overview::default() })
    };
    assert_eq!(said(1, 0, 0), "1 page open");
    assert_eq!(said(1, 1, 0), "1 page open and overdue");
    assert_eq!(said(3, 1, 1), "3 pages open, 2 overdue");
    assert_eq!(said(0, 0, 1), "1 page overdue", "the news that it is over did not get through");
}

#[test]
fn the_daily_proof() {
    let mail = mail(&canary(Overview::default()));
    assert_snapshot!(format!("{}\n\n{}", mail.subject, mail.text), @"
    [digest] namewarden canary: this channel works; nothing is open

    DIGEST: daily proof, for ML platform

        This channel works
        And how the watch stands: nothing is open

    This is the daily proof that an alert reaches you: it went through the
    same matcher, store and channel as a real one. If it stops coming, the
    watch is broken.

    Nothing is open, nothing waits, and no feed was blind in the last week.

    -- 
    Seen so far: every event to serial 16282410, 14 s ago.
    From watch-1.acme.example (production) to ML platform at 2022-12-25
    22:05:31 UTC; notice 0123456789abcdef0123456789abcdef.
    ");
}

/// Whatever one thing is open, waits or is unwell, nothing says that nothing is.
#[test]
fn nothing_is_said_to_be_well_beside_what_is_not() {
    let much = much();
    let each = [
        Overview { pages: much.pages.clone(), ..Overview::default() },
        Overview { alerts: Open { cases: 1, ..Open::default() }, ..Overview::default() },
        Overview { weak: 1, ..Overview::default() },
        Overview { untold: 1, ..Overview::default() },
        Overview { waiting: much.waiting.clone(), ..Overview::default() },
        Overview { issues: much.issues.clone(), ..Overview::default() },
        Overview { blind: much.blind.clone(), ..Overview::default() },
    ];
    for overview in each {
        let mail = mail(&canary(overview.clone()));
        assert!(mail.text.contains("no all-clear"), "{overview:?}: {}", mail.text);
        assert!(!mail.text.contains("Nothing is") && !mail.subject.contains("nothing is open"), "{}", mail.subject);
    }
    let test = mail(&briefing(NoticeEvent::Test, Tier::Digest, Content::Proof { overview: None }));
    assert!(!test.text.contains("Nothing is") && test.text.contains("says nothing about your names"), "{}", test.text);
}
