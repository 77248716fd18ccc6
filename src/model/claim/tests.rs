//! The life of a claim, held against every order of events.

use chrono::TimeDelta;
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;

use super::*;
use crate::model::{Actor, Machine, ProjectName, Time};

const SERVICE: u32 = 998;

fn now() -> Time {
    "2026-11-20T12:00:00Z".parse().expect("a time")
}

fn user(uid: u32) -> Party {
    Party::User { uid: Some(uid), user: Some("somebody".to_owned()) }
}

/// Who uploads has the number of a person, and ada may be whom she likes in a user namespace.
const UPLOADER: u32 = 1500;
const LENT: u32 = 231_077;
fn machine() -> Machine {
    Machine::read(
        Some(SERVICE),
        "ada:x:1001:1001::/:/bin/sh\nup:x:1500:1500::/:/bin/sh\n",
        "ada:231072:65536\n",
        &["up"],
    )
}

fn nameless(uid: u32) -> Party {
    Party::User { uid: Some(uid), user: None }
}

fn strict() -> ClaimPolicy {
    ClaimPolicy { machine: machine(), one_person: false }
}

fn claim(origin: Origin, by: Party) -> Claim {
    let key = ClaimKey { name: ProjectName::parse("acme-billing").expect("a name"), number: 1 };
    Claim::planned(key, origin, TimeDelta::hours(24), by, now())
}

fn seal(content: u8) -> Seal {
    let file =
        |filename: &str| SealedFile { filename: filename.to_owned(), sha256: format!("{content:064x}"), size: 9 };
    Seal { version: "0.0.1".to_owned(), files: vec![file("a.whl"), file("a.tar.gz")] }
}

const KINDS: [Kind; 4] = [Kind::Final, Kind::Passing, Kind::Account, Kind::Unknown];

fn setback(kind: Kind) -> Setback {
    Setback {
        code: "rate-limited".to_owned(),
        kind,
        name: Name::Open,
        meaning: "no more today".to_owned(),
        ..Setback::held()
    }
}

fn event() -> impl Strategy<Value = ClaimEvent> {
    let why = || "because".to_owned();
    let setbacks = KINDS.map(setback).to_vec();
    let seen = vec![
        Seen::Whole,
        Seen::Part { missing: vec!["a.tar.gz".to_owned()] },
        Seen::Empty,
        Seen::Unnamed,
        Seen::Nothing,
        Seen::Removed,
        Seen::Foreign { holder: "mallory".to_owned() },
        Seen::Altered { what: "b.whl".to_owned() },
        Seen::Quarantined,
    ];
    prop_oneof![
        1 => Just(ClaimEvent::Announced),
        3 => Just(ClaimEvent::Approve),
        1 => Just(ClaimEvent::Reject { why: why() }),
        1 => Just(ClaimEvent::Abandon { why: why() }),
        3 => Just(ClaimEvent::Release),
        1 => Just(ClaimEvent::Retry),
        3 => (0..2_u8).prop_map(|content| ClaimEvent::Rehearsed { seal: seal(content) }),
        1 => Just(ClaimEvent::Unfit { why: why() }),
        1 => Just(ClaimEvent::Hindered { site: Site::Index, why: why(), wait: None }),
        6 => (0..2_u8).prop_map(|content| ClaimEvent::Begin { seal: seal(content) }),
        3 => prop::sample::select(vec!["a.whl", "a.tar.gz", "b.whl"])
            .prop_map(|file| ClaimEvent::Accepted { filename: file.to_owned() }),
        2 => prop::sample::select(setbacks).prop_map(|setback| ClaimEvent::SetBack { setback, wait: None }),
        2 => Just(ClaimEvent::Unanswered { why: why() }),
        1 => Just(ClaimEvent::Created),
        1 => Just(ClaimEvent::Found { seal: seal(1), missing: vec![], since: now() }),
        4 => prop::sample::select(seen).prop_map(|seen| ClaimEvent::Looked { seen }),
    ]
}

fn party() -> impl Strategy<Value = Party> {
    let known = [user(0), user(SERVICE), user(1001), user(1002), user(Actor::UNMAPPED)];
    let known = [known.as_slice(), &[user(UPLOADER), user(LENT), nameless(4242), nameless(1002)]].concat();
    let others = [Party::Configuration, Party::Daemon, Party::Uploader, Party::User { uid: None, user: None }];
    prop::sample::select([known, others.to_vec()].concat())
}

/// Mostly the party whose event it is, so that sequences get somewhere.
fn told() -> impl Strategy<Value = (ClaimEvent, Party, i64)> {
    (event(), party(), any::<bool>(), 0..200_i64).prop_map(|(event, any, own, minutes)| {
        let by = match &event {
            _ if !own => any,
            ClaimEvent::Announced | ClaimEvent::Looked { .. } | ClaimEvent::Found { .. } => Party::Daemon,
            ClaimEvent::Approve => {
                if minutes % 2 == 0 {
                    user(1002)
                } else {
                    Party::Configuration
                }
            }
            ClaimEvent::Reject { .. } | ClaimEvent::Abandon { .. } | ClaimEvent::Release | ClaimEvent::Retry => {
                user(1001)
            }
            _ => Party::Uploader,
        };
        (event, by, minutes)
    })
}

fn origins() -> impl Strategy<Value = (Origin, Party)> {
    prop::sample::select(vec![
        (Origin::Person, user(1001)),
        (Origin::Automatic, Party::Daemon),
        (Origin::Back, Party::Daemon),
        (Origin::Found, Party::Daemon),
    ])
}

fn is_decided_by_another(claim: &Claim) -> bool {
    match claim.approved.as_ref().map(|decision| &decision.by) {
        Some(Party::Configuration) => matches!(claim.origin, Origin::Automatic | Origin::Back),
        Some(Party::User { uid: Some(uid), user: Some(_) }) => {
            ![0, SERVICE, UPLOADER, LENT, Actor::UNMAPPED].contains(uid) && claim.planned.by != user(*uid)
        }
        _ => false,
    }
}

/// What nobody planned goes by its window, or by two persons.
fn is_let_go_by_another(claim: &Claim) -> bool {
    let by = |decision: &Option<Decision>| decision.as_ref().map(|decision| decision.by.clone());
    let (approved, released) = (by(&claim.approved), by(&claim.released));
    let by_a_person = matches!(claim.origin, Origin::Person | Origin::Found);
    by_a_person || approved == Some(Party::Configuration) || approved != released
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]
    #[test]
    fn no_order_of_events_gets_around_the_rules((origin, by) in origins(), told in prop::collection::vec(told(), 0..60)) {
        let (mut claim, mut at) = (claim(origin, by), now());
        let (mut sealed, mut looked_since_sent) = (None, true);
        for (event, by, minutes) in told {
            at += TimeDelta::minutes(minutes);
            let next = match step(&claim, &event, &by, at, &strict()) {
                Ok(next) => next,
                Err(refusal) => {
                    let text = refusal.to_string();
                    prop_assert!(text.contains(':') || text.contains("looked at"), "no remedy: {text}");
                    continue;
                }
            };
            prop_assert!(!claim.state.is_over(), "{event:?} after {:?}", claim.state);
            if next.state == ClaimState::Uploading && claim.state != ClaimState::Uploading {
                prop_assert!(is_decided_by_another(&next), "uploads what nobody approved: {next:?}");
                prop_assert!(next.released.is_some() && by == Party::Uploader);
                prop_assert!(is_let_go_by_another(&next), "one person alone: {next:?}");
                prop_assert!(looked_since_sent, "a blind retry after {:?}", claim.state);
                let same = sealed.get_or_insert_with(|| next.seal.clone());
                prop_assert_eq!(&*same, &next.seal);
                let ClaimEvent::Begin { seal } = &event else { panic!("{event:?} began an upload") };
                prop_assert_eq!(Some(seal), next.seal.as_ref());
                looked_since_sent = false;
            }
            if matches!(claim.state, ClaimState::Partial | ClaimState::Uncertain) && next.state != claim.state {
                let looked = matches!(event, ClaimEvent::Looked { .. });
                // What cannot be made any more is not tried again, and what PyPI showed is there.
                let given_up = claim.state == ClaimState::Partial && matches!(event, ClaimEvent::Unfit { .. });
                let ended = given_up && next.state.is_over();
                // A look showed that nothing is there, and a person has looked as well.
                let ended = ended || (event == ClaimEvent::Retry && claim.seen == Some(Seen::Nothing));
                prop_assert!(looked || ended || next.state == ClaimState::Uploading, "{event:?} left {:?}", claim.state);
            }
            if event.as_str() == "found" {
                prop_assert!(by == Party::Daemon && !claim.state.is_open_at_pypi());
                prop_assert!(next.state == ClaimState::Ours && next.missing().is_empty() && next.held.is_some());
            }
            // No byte of it has left: another package is made, and sealed anew.
            if event.as_str() == "unfit" && next.state == ClaimState::Approved {
                prop_assert!(sealed.is_none() && next.seal.is_none());
            }
            // What PyPI answered with certainty needs no look.
            let is_known = next.state == ClaimState::Rehearsed || next.seen == Some(Seen::Unnamed);
            let certain = matches!(event, ClaimEvent::SetBack { .. }) && is_known;
            looked_since_sent |= certain || matches!(event, ClaimEvent::Looked { .. });
            claim = next;
        }
    }
}

fn after(start: Claim, told: &[(ClaimEvent, Party)]) -> Claim {
    told.iter().fold(start, |claim, (event, by)| {
        step(&claim, event, by, now() + TimeDelta::days(2), &strict())
            .unwrap_or_else(|refusal| panic!("{event:?}: {refusal}"))
    })
}

fn sent(origin: Origin) -> Claim {
    let start = claim(origin, if origin == Origin::Person { user(1001) } else { Party::Daemon });
    let mut told = vec![(ClaimEvent::Approve, user(1002)), (ClaimEvent::Release, user(1001))];
    told.push((ClaimEvent::Rehearsed { seal: seal(1) }, Party::Uploader));
    told.push((ClaimEvent::Begin { seal: seal(1) }, Party::Uploader));
    after(start, &told)
}

#[test]
fn a_claim_goes_its_whole_way() {
    let file = |name: &str| (ClaimEvent::Accepted { filename: name.to_owned() }, Party::Uploader);
    let looked = (ClaimEvent::Looked { seen: Seen::Whole }, Party::Daemon);
    let ours = after(sent(Origin::Person), &[file("a.whl"), file("a.tar.gz"), looked]);
    assert_eq!((ours.state, ours.missing().len()), (ClaimState::Ours, 0));
}

#[test]
fn half_a_package_goes_on_with_the_other_half_after_a_look() {
    let wheel = (ClaimEvent::Accepted { filename: "a.whl".to_owned() }, Party::Uploader);
    let killed = (ClaimEvent::Unanswered { why: "the uploader has gone".to_owned() }, Party::Daemon);
    let half = after(sent(Origin::Person), &[wheel, killed]);
    assert_eq!(half.state, ClaimState::Partial);
    let begin = ClaimEvent::Begin { seal: seal(1) };
    let blind = step(&half, &begin, &Party::Uploader, now(), &strict());
    assert!(matches!(blind, Err(ClaimRefusal::LookFirst { .. })), "{blind:?}");
    let part = Seen::Part { missing: vec!["a.tar.gz".to_owned()] };
    let on = after(half, &[(ClaimEvent::Looked { seen: part }, Party::Daemon), (begin, Party::Uploader)]);
    assert_eq!((on.state, on.missing()), (ClaimState::Uploading, vec!["a.tar.gz"]));
}

#[test]
fn every_kind_of_setback_leaves_what_a_person_can_act_on() {
    for kind in KINDS {
        let event = ClaimEvent::SetBack { setback: setback(kind), wait: Some(3 * 3600) };
        let left = after(sent(Origin::Person), &[(event, Party::Uploader)]);
        let expected = match kind {
            Kind::Final => ClaimState::Refused,
            Kind::Passing | Kind::Account => ClaimState::Rehearsed,
            Kind::Unknown => ClaimState::Uncertain,
        };
        assert_eq!((left.state, left.setback), (expected, Some(setback(kind))), "{kind:?}");
        assert_eq!(left.not_before.is_some(), matches!(kind, Kind::Passing | Kind::Account), "{kind:?}");
        assert_eq!(left.note.as_deref(), Some("no more today"), "{kind:?}");
    }
}

#[test]
fn a_refusal_after_the_first_file_is_settled_by_looking() {
    let wheel = (ClaimEvent::Accepted { filename: "a.whl".to_owned() }, Party::Uploader);
    let refused = (ClaimEvent::SetBack { setback: setback(Kind::Final), wait: None }, Party::Uploader);
    let half = after(sent(Origin::Person), &[wheel, refused]);
    assert_eq!(half.state, ClaimState::Partial);
    let part = Seen::Part { missing: vec!["a.tar.gz".to_owned()] };
    let held = after(half.clone(), &[(ClaimEvent::Looked { seen: part }, Party::Daemon)]);
    assert_eq!(held.state, ClaimState::Ours, "the wheel holds the name, and nothing is sent again");
    let empty = after(half, &[(ClaimEvent::Looked { seen: Seen::Empty }, Party::Daemon)]);
    assert_eq!(empty.state, ClaimState::Failed, "PyPI may remove what is empty");
}

/// The property below is worth what it reaches.
#[test]
fn orders_of_events_reach_every_state() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let mut reached = std::collections::BTreeSet::new();
    for _ in 0..3_000 {
        let tree = (origins(), prop::collection::vec(told(), 0..60)).new_tree(&mut runner).expect("a sequence");
        let ((origin, by), told) = tree.current();
        let (mut claim, mut at) = (claim(origin, by), now());
        reached.insert(claim.state);
        for (event, by, minutes) in told {
            at += TimeDelta::minutes(minutes);
            claim = step(&claim, &event, &by, at, &strict()).unwrap_or(claim);
            reached.insert(claim.state);
        }
    }
    assert_eq!(reached.into_iter().collect::<Vec<_>>(), ClaimState::ALL);
}

#[test]
fn one_human_is_one_whatever_they_are_called() {
    let planned = claim(Origin::Person, Party::User { uid: Some(1001), user: Some("ada".to_owned()) });
    let again = Party::User { uid: Some(1001), user: Some("ada-admin".to_owned()) };
    let refused = step(&planned, &ClaimEvent::Approve, &again, now(), &strict()).expect_err("the same human");
    assert!(refused.to_string().contains("another person has to approve it"), "{refused}");
    let alone = ClaimPolicy { one_person: true, ..strict() };
    assert!(step(&planned, &ClaimEvent::Approve, &again, now(), &alone).is_ok());
    let nobodies = [user(0), user(SERVICE), user(Actor::UNMAPPED), Party::User { uid: None, user: None }];
    for nobody in nobodies.into_iter().chain([user(UPLOADER), user(LENT), nameless(1003), user(997)]) {
        step(&planned, &ClaimEvent::Approve, &nobody, now(), &alone).expect_err("stands for anybody");
    }
}

#[test]
fn a_window_counts_from_the_announcement_and_a_name_claimed_back_has_none() {
    let approve = |claim: &Claim, hours| {
        step(claim, &ClaimEvent::Approve, &Party::Configuration, now() + TimeDelta::hours(hours), &strict())
    };
    let silent = claim(Origin::Automatic, Party::Daemon);
    assert!(matches!(approve(&silent, 1_000), Err(ClaimRefusal::Window { ends: None, .. })), "nobody was told");
    let told = after(silent, &[(ClaimEvent::Announced, Party::Daemon)]);
    assert!(matches!(approve(&told, 71), Err(ClaimRefusal::Window { ends: Some(_), .. })));
    assert!(approve(&told, 72).is_ok_and(|claim| claim.released.is_some()));
    assert!(approve(&claim(Origin::Back, Party::Daemon), 0).is_ok());
    let by_hand = claim(Origin::Person, user(1001));
    assert!(matches!(approve(&by_hand, 1_000), Err(ClaimRefusal::NotAutomatic(_))));
}

#[test]
fn one_person_does_not_end_a_window_and_two_do() {
    let approved = after(claim(Origin::Automatic, Party::Daemon), &[(ClaimEvent::Approve, user(1001))]);
    assert_eq!((approved.state, &approved.released), (ClaimState::Approved, &None));
    let release = |claim: &Claim, by: Party, hours| {
        step(claim, &ClaimEvent::Release, &by, now() + TimeDelta::hours(hours), &strict())
    };
    let alone = release(&approved, user(1001), 1).expect_err("one person");
    assert!(alone.to_string().contains("another person has to let it go"), "{alone}");
    assert!(release(&approved, user(1002), 1).is_ok_and(|claim| claim.released.is_some()));
    assert!(matches!(release(&approved, Party::Configuration, 1_000), Err(ClaimRefusal::Window { ends: None, .. })));
    let told = after(approved, &[(ClaimEvent::Announced, Party::Daemon)]);
    assert!(matches!(release(&told, Party::Configuration, 71), Err(ClaimRefusal::Window { ends: Some(_), .. })));
    assert!(release(&told, Party::Configuration, 72).is_ok(), "the configuration is the second");
}

#[test]
fn what_pypi_said_to_have_taken_and_is_not_there_waits_for_a_person_and_what_was_removed_is_over() {
    let file = |name: &str| (ClaimEvent::Accepted { filename: name.to_owned() }, Party::Uploader);
    let seen = |seen: Seen| (ClaimEvent::Looked { seen }, Party::Daemon);
    let taken = after(sent(Origin::Person), &[file("a.whl"), file("a.tar.gz")]);
    let gone = after(taken.clone(), &[seen(Seen::Nothing)]);
    assert_eq!((gone.state, gone.exists), (ClaimState::Uncertain, false));
    let begin = ClaimEvent::Begin { seal: seal(1) };
    step(&gone, &begin, &Party::Uploader, now(), &strict()).expect_err("nothing is sent again");
    let on = after(gone, &[(ClaimEvent::Retry, user(1001)), (begin, Party::Uploader)]);
    assert_eq!(on.state, ClaimState::Uploading, "a person has looked");
    assert_eq!(after(taken, &[seen(Seen::Removed)]).state, ClaimState::Failed);
}

#[test]
fn whatever_the_index_asks_for_a_full_quota_is_left_alone_for_an_hour_and_nothing_for_years() {
    let rest =
        |code: &str, asked| Setback { code: code.to_owned(), ..setback(Kind::Passing) }.rest(asked).num_minutes();
    let asked = [None, Some(0), Some(60), Some(7_200), Some(u32::MAX)];
    assert_eq!(asked.map(|asked| rest(Setback::RATE_LIMITED, asked)), [24 * 60, 60, 60, 120, 48 * 60]);
    assert_eq!(asked.map(|asked| rest("read-only", asked)), [5, 0, 1, 120, 48 * 60]);
}

#[test]
fn another_package_costs_no_approval_as_long_as_no_byte_of_the_first_has_left() {
    let limited = (ClaimEvent::SetBack { setback: setback(Kind::Passing), wait: None }, Party::Uploader);
    let other = (ClaimEvent::Unfit { why: "another text".to_owned() }, Party::Uploader);
    assert_eq!(after(sent(Origin::Person), &[limited, other.clone()]).state, ClaimState::Failed);
    let rehearsed = Claim { state: ClaimState::Rehearsed, begun: None, ..sent(Origin::Person) };
    let approved = after(rehearsed, &[other]);
    assert_eq!((approved.state, &approved.seal), (ClaimState::Approved, &None));
    assert!(approved.approved.is_some() && approved.released.is_some());
    let unmade = ClaimEvent::Hindered { site: Site::Package, why: "no TOML".to_owned(), wait: None };
    let waits = after(approved, &[(unmade, Party::Uploader)]);
    assert!(waits.state == ClaimState::Approved && waits.not_before.is_some());
}

#[test]
fn what_pypi_names_nobody_for_is_settled_by_its_answer_to_the_same_package() {
    let lost = (ClaimEvent::Unanswered { why: "reset".to_owned() }, Party::Uploader);
    let unnamed = (ClaimEvent::Looked { seen: Seen::Unnamed }, Party::Daemon);
    let begin = (ClaimEvent::Begin { seal: seal(1) }, Party::Uploader);
    let told = |event| (event, Party::Uploader);
    let there = after(sent(Origin::Person), &[lost.clone(), unnamed.clone(), begin.clone()]);
    assert!(there.state == ClaimState::Uploading && !there.exists && there.held.is_none());
    let theirs = after(there.clone(), &[told(ClaimEvent::SetBack { setback: Setback::held(), wait: None })]);
    assert_eq!(theirs.state, ClaimState::Refused);
    let wheel = told(ClaimEvent::Accepted { filename: "a.whl".to_owned() });
    assert!(after(there.clone(), std::slice::from_ref(&wheel)).exists);
    let busy = told(ClaimEvent::SetBack { setback: setback(Kind::Passing), wait: None });
    let waits = after(there.clone(), std::slice::from_ref(&busy));
    assert_eq!((waits.state, &waits.seen), (ClaimState::Partial, &Some(Seen::Unnamed)), "it goes on from there");
    let half = after(there.clone(), &[wheel, busy]);
    assert_eq!((half.state, &half.seen), (ClaimState::Partial, &None), "it is looked at first");
    let again = after(there, &[lost, unnamed, begin]);
    assert_eq!(again.state, ClaimState::Uploading, "as often as nobody answers");
}

#[test]
fn a_key_reads_back() {
    let key: ClaimKey = "Acme_Billing#12".parse().expect("a key");
    assert_eq!((key.to_string().as_str(), key.number), ("acme-billing#12", 12));
    for other in ["acme", "acme#", "acme#0", "#1", "acme#x", "acme#-1"] {
        other.parse::<ClaimKey>().expect_err(other);
    }
}

#[test]
fn half_a_package_whose_rest_cannot_be_made_holds_the_name_and_an_empty_project_does_not() {
    for (taken, end) in [(vec!["a.whl"], ClaimState::Ours), (vec![], ClaimState::Failed)] {
        let half = Claim {
            state: ClaimState::Partial,
            seal: Some(seal(0)),
            exists: true,
            taken: taken.into_iter().map(str::to_owned).collect(),
            ..claim(Origin::Person, user(1001))
        };
        let told = ClaimEvent::Unfit { why: "the texts changed".to_owned() };
        let next = step(&half, &told, &Party::Uploader, now(), &strict()).expect("settled");
        assert_eq!((next.state, next.note.as_deref()), (end, Some("the texts changed")));
    }
}
