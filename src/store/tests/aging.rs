//! What grows old: nothing of a case outlives it, and old errors are not told as new ones.

use super::*;
use crate::model::{Facts, Finding, FindingState, Registration, Standing, Subject, Threat, WatchId};

/// A settled case that threatens so many watches.
pub(super) fn settled(project: &str, threats: usize) -> Finding {
    let name = ProjectName::parse(project).expect("valid");
    let registration = Registration { name: name.clone(), registration_id: RegistrationId::Second(noon().timestamp()) };
    let threat = |n: usize| Threat {
        watch: WatchId::name(&ProjectName::parse(&format!("watch-{n}")).expect("valid")),
        owner: OwnerId("payments".into()),
        matches: Vec::new(),
        tier: Tier::Alert,
        standing: Standing::Live,
    };
    Finding {
        id: None,
        key: FindingKey::new(&registration),
        subject: Subject::Registration(registration),
        display: name.to_string(),
        threats: (0..threats).map(threat).collect(),
        more: Vec::new(),
        context: Vec::new(),
        tier: Tier::Alert,
        state: FindingState::Resolved,
        facts: Facts::default(),
        registered_at: None,
        seen_at: noon(),
        note: None,
        settled_with: std::collections::BTreeSet::new(),
        edition: 0,
        snoozed_until: None,
    }
}

/// More rows of one case than are forgotten in one step.
#[tokio::test]
async fn a_case_is_forgotten_with_everything_that_is_found_by_it() {
    let (dir, store) = open();
    store.write(|tx| tx.findings().insert(&settled("acme-biling", 1100))).await.expect("stored");
    let after = noon() + TimeDelta::days(731);
    while store.write(move |tx| tx.retire(after)).await.expect("retired") > 0 {}
    // Not as a statement of the product, whose plans are looked at.
    let theirs = rusqlite::Connection::open(dir.path().join("namewarden.db")).expect("opens");
    let count = |query| theirs.query_row(query, [], |row| row.get::<_, i64>(0)).expect("counts");
    let left = (count("SELECT count(*) FROM threats"), count("SELECT count(*) FROM findings"));
    assert_eq!(left, (0, 0));
}

/// Whatever happens to a project that stands is told by its case alone, however long nothing did.
#[tokio::test]
async fn a_case_is_kept_as_long_as_its_registration_stands_and_is_watched() {
    use FindingState::{Acknowledged, Open, Ours, PreExisting, Unwatched};
    let this = RegistrationId::Second(noon().timestamp());
    let (listed, other) = (RegistrationId::Listed(Serial(41)), RegistrationId::Second(noon().timestamp() + 9));
    let known = [
        None,
        Some((this, Presence::Present)),
        Some((other, Presence::Present)),
        Some((listed, Presence::Present)),
        Some((this, Presence::Gone)),
        Some((this, Presence::Quarantined)),
        Some((this, Presence::Unlisted)),
    ];
    for case_of in [this, listed] {
        for state in FindingState::ALL {
            for row in known {
                let (_dir, store) = open();
                let name = name("acme-biling");
                let registration = Registration { name: name.clone(), registration_id: case_of };
                let (key, subject) = (FindingKey::new(&registration), Subject::Registration(registration));
                let case = Finding { key, subject, state, ..settled("acme-biling", 1) };
                let row = row.map(|(registration_id, presence)| ProjectRow {
                    registration_id,
                    presence,
                    ..project("acme-biling")
                });
                let stands =
                    row.as_ref().is_some_and(|row| row.registration_id == case_of && row.presence == Presence::Present);
                let told = format!("{case_of:?} {state:?} {row:?}");
                let write = move |tx: &Tx<'_>| {
                    row.iter().try_for_each(|row| tx.projects().put(row))?;
                    tx.findings().insert(&case)
                };
                store.write(write).await.expect("stored");
                let after = noon() + TimeDelta::days(731);
                while store.write(move |tx| tx.retire(after)).await.expect("retired") > 0 {}
                let left = store.read(move |tx| tx.findings().of_project(&name)).await.expect("reads");
                let is_kept =
                    matches!(state, Open | Acknowledged | PreExisting | Ours) || (stands && state != Unwatched);
                assert_eq!(left.len(), usize::from(is_kept), "{told}");
                assert!(left.iter().all(|case| case.threats.len() == 1), "whole: {told}");
            }
        }
    }
}

#[tokio::test]
async fn an_error_of_last_week_is_not_the_last_error_of_today() {
    let (_dir, store) = open();
    store
        .write(|tx| {
            let old = tx.notices().add(&notice("old"), noon())?.expect("a row");
            tx.notices().settle(old, NoticeState::GivenUp, Some("zzz: no such mailbox"), noon())?;
            let new = tx.notices().add(&notice("new"), noon() + TimeDelta::days(7))?.expect("a row");
            tx.notices().postpone(new, noon() + TimeDelta::days(8), "451 later")
        })
        .await
        .expect("stored");
    let since = noon() + TimeDelta::days(6);
    let outboxes = store.read(move |tx| tx.notices().outboxes(since, since)).await.expect("reads");
    assert_eq!(outboxes[0].last_error.as_deref(), Some("451 later"));
}

/// Behind a mail server each owner has addresses of their own; a hook is one receiver for all.
#[tokio::test]
async fn a_message_that_is_taken_ends_a_refusal_and_nothing_else_does() {
    let (_dir, store) = open();
    let settled = |owner: &'static str, channel: &'static str, day: i64, state: NoticeState| {
        move |tx: &Tx<'_>| {
            let at = noon() + TimeDelta::days(day);
            let (owner, channel): (_, Channel) = (OwnerId(owner.into()), channel.parse().expect("a channel"));
            let row =
                tx.notices().add(&NewNotice { owner, channel, ..notice(&format!("of {day}")) }, at)?.expect("a row");
            tx.notices().settle(row, state, (state == NoticeState::GivenUp).then_some("550 no"), at)
        }
    };
    let standing = || async {
        let refusals = store.read(|tx| tx.notices().last_refusals()).await.expect("reads");
        refusals.iter().map(|of| format!("{} {} {:?}", of.owner, of.channel, of.reason)).collect::<Vec<_>>()
    };
    let (refused, taken) = (NoticeState::GivenUp, NoticeState::Delivered);
    for (owner, channel, day, state) in [
        ("ops", "email", 0, taken),
        ("ops", "email", 1, refused),
        ("ops", "slack:x", 1, refused),
        ("web", "email", 2, taken),
    ] {
        store.write(settled(owner, channel, day, state)).await.expect("stored");
    }
    assert_eq!(standing().await, [r#"ops email Some("550 no")"#, r#"ops slack:x Some("550 no")"#]);
    store.write(settled("web", "slack:x", 100, taken)).await.expect("stored");
    assert_eq!(standing().await, [r#"ops email Some("550 no")"#], "a hook that took another's takes all");
    store.write(settled("ops", "email", 101, taken)).await.expect("stored");
    assert_eq!(standing().await, [""; 0]);
    store.write(settled("ops", "email", 102, refused)).await.expect("stored");
    assert_eq!(standing().await.len(), 1);
}

/// A refusal that nobody mended is as true after a year, and takes no more room than it needs.
#[tokio::test]
async fn who_refused_last_hears_nothing_however_long_ago_that_is() {
    let (_dir, store) = open();
    let refused = |key: &'static str, day: i64| {
        move |tx: &Tx<'_>| {
            let (key, owner, at) = (NoticeKey(key.into()), OwnerId("ops".into()), noon() + TimeDelta::days(day));
            for who in [Recipient::accepted("bob@x.example"), Recipient::refused("anna@x.example", "no such mailbox")] {
                tx.recipients().settle(&key, &owner, &Channel::Email, &who, at)?;
            }
            Ok(())
        }
    };
    store.write(refused("first", 0)).await.expect("stored");
    store.write(refused("second", 1)).await.expect("stored");
    store.write(|tx| tx.retire(noon() + TimeDelta::days(400))).await.expect("retired");
    let left = |key: &'static str| {
        move |tx: &Tx<'_>| tx.recipients().of(&NoticeKey(key.into()), &OwnerId("ops".into()), &Channel::Email)
    };
    assert_eq!(store.read(left("first")).await.expect("reads"), [], "the second says the same");
    let unreached = store.read(|tx| tx.recipients().unreached()).await.expect("reads");
    assert_eq!(unreached.iter().map(|of| of.address.as_str()).collect::<Vec<_>>(), ["anna@x.example"]);

    let anna = |tx: &Tx<'_>| {
        let (key, owner) = (NoticeKey("third".into()), OwnerId("ops".into()));
        tx.recipients().settle(
            &key,
            &owner,
            &Channel::Email,
            &Recipient::accepted("anna@x.example"),
            noon() + TimeDelta::days(401),
        )
    };
    store.write(anna).await.expect("stored");
    store.write(|tx| tx.retire(noon() + TimeDelta::days(402))).await.expect("retired");
    assert_eq!(store.read(left("second")).await.expect("reads"), [], "it was mended");
}
