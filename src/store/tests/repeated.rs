//! What is said of one project, and of its case, again and again takes no more room than what is said once.

use super::aging::settled;
use super::*;
use crate::model::timeline::{Move, Person, TimelineEvent};
use crate::model::{Actor, Event, Sighting, Timeline};

fn said(event: Event, serial: u64) -> Sighting {
    Sighting {
        name: name("acme-biling"),
        display: "acme-biling".to_owned(),
        event,
        feed: Feed::Changelog,
        serial: Some(Serial(serial)),
        at: Some(noon()),
        summary: None,
        unreadable: None,
    }
}

/// A script that yanks each of three releases and takes it back, for an hour; roles change once a minute.
fn script() -> Vec<Event> {
    let each = |second: u64| {
        let version = format!("{}.0", second / 2 % 3);
        let of_release =
            if second.is_multiple_of(2) { Event::Withdrawn { version } } else { Event::Released { version } };
        let roles = Event::RolesChanged { action: format!("add Maintainer {}", second / 60 % 2) };
        [Some(of_release), Some(Event::Changed), second.is_multiple_of(60).then_some(roles)]
    };
    (0..3600).flat_map(each).flatten().collect()
}

#[tokio::test]
async fn an_hour_of_yanks_is_kept_as_they_were_first_and_last() {
    let (_dir, store) = open();
    let script: Vec<Sighting> = script().into_iter().zip(1..).map(|(event, serial)| said(event, serial)).collect();
    let (all, case) = (script.clone(), settled("acme-biling", 1));
    let key = case.key.clone();
    let write = move |tx: &Tx<'_>| {
        tx.findings().insert(&case)?;
        for said in &all {
            tx.sightings().add(said, noon())?;
            let what = Move::Roles { action: said.event.as_str().to_owned() };
            tx.findings()
                .note(&case.key, &Timeline::seen(noon(), TimelineEvent::Moved { seen: said.event.clone(), what }))?;
        }
        let by = Some(Person { actor: Actor::default(), declared: "ada".to_owned() });
        let noted = Timeline { at: noon(), by, event: TimelineEvent::Noted { note: "still".to_owned() } };
        (0..9).try_for_each(|_| tx.findings().note(&case.key, &noted))
    };
    store.write(write).await.expect("stored");
    let kept = store.read(|tx| tx.sightings().of(&name("acme-biling"))).await.expect("reads");
    let of = |events: &[Sighting], event: &Event| -> Vec<Option<Serial>> {
        events.iter().filter(|said| said.event == *event).map(|said| said.serial).collect()
    };
    assert!(kept.len() < 400, "{} of {}", kept.len(), script.len());
    assert!(kept.is_sorted_by_key(|said| said.serial), "in the order of telling");
    for event in script.iter().map(|said| &said.event) {
        let (was, is) = (of(&script, event), of(&kept, event));
        assert_eq!((is.first(), is.last()), (was.first(), was.last()), "{event:?}");
        assert!(!matches!(event, Event::RolesChanged { .. }) || is == was, "all roles, each in its place: {event:?}");
    }
    let lines = store.read(move |tx| tx.findings().timeline(&key, 10_000)).await.expect("reads");
    assert!(lines.len() < 400, "{} lines", lines.len());
    assert_eq!(lines.iter().filter(|line| line.by.is_some()).count(), 9, "what people said");
    assert!(script.iter().all(|said| lines.iter().any(|line| line.event.kind() == said.event.as_str())));
}
