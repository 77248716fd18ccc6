//! What people do about it: who has an account, and who said what of which case.

use chrono::TimeDelta;

use crate::access::AccessRefusal;
use crate::access::accounts::{self, Amendment};
use crate::cases::{self, Ruling};
use crate::claims::Desk;
use crate::config::Settings;
use crate::daemon::Engine;
use crate::model::claim::Party;
use crate::model::command::Decision;
use crate::model::timeline::Person;
use crate::model::{Actor, CaseRef, Machine, Role, Through, Time, UserName};
use crate::store::{StoreError, Tx};
use crate::watchlist::Watchlist;

/// Who answers.
const ADA: &str = "ada";
/// Her user of the machine, which a claim takes: a person is known by one.
const UID: u32 = 4_242;

/// An answer: minutes after the step in the past that it belongs to, by the hour of that step.
struct Answer {
    hour: f64,
    minutes: i64,
    project: &'static str,
    decision: Decision,
    note: &'static str,
}

const ANSWERS: [Answer; 7] = [
    Answer {
        hour: 71.3,
        minutes: 42,
        project: "acme-biling",
        decision: Decision::Suppress,
        note: "an exercise; its author answered our mail",
    },
    Answer {
        hour: 166.6,
        minutes: 95,
        project: "acme-ledgers",
        decision: Decision::Acknowledge,
        note: "empty so far; blocked in the proxy",
    },
    Answer { hour: 259.8, minutes: 13, project: "acme-tax", decision: Decision::Acknowledge, note: "reported to PyPI" },
    Answer {
        hour: 402.5,
        minutes: 6,
        project: "acme-invoices",
        decision: Decision::Acknowledge,
        note: "index pinned everywhere; PyPI is asked to remove it",
    },
    Answer {
        hour: 455.1,
        minutes: 9,
        project: "acme-vault",
        decision: Decision::Acknowledge,
        note: "reported as malware",
    },
    Answer {
        hour: 566.9,
        minutes: 31,
        project: "acme-internal-auth",
        decision: Decision::Acknowledge,
        note: "nobody of ours; blocked in the proxy",
    },
    Answer {
        hour: 640.2,
        minutes: 220,
        project: "torchtritons",
        decision: Decision::Resolve,
        note: "looked through it: harmless",
    },
];

/// When the claim of this name was asked for, in hours.
const CLAIM: (f64, &str) = (734.5, "acme-ledger");

/// The account that answers.
///
/// # Errors
/// Of the store.
pub(super) async fn arrive(engine: &Engine) -> Result<(), StoreError> {
    let now = engine.clock.now();
    let arrived = engine.store.write(move |tx| {
        let Ok(name) = ADA.parse::<UserName>() else { return Ok(()) };
        let add = Amendment::Add { role: Role::Approver, uid: Some(UID), password: None };
        match accounts::change(tx, &name, (&add, &Actor::default()), now) {
            Err(AccessRefusal::Store(error)) => Err(error),
            // Without an account she answers all the same.
            _ => Ok(()),
        }
    });
    arrived.await
}

/// Says what is to be said after the first time, up to the second.
pub(super) fn answer(tx: &Tx<'_>, begins: Time, (since, now): (Time, Time)) -> Result<(), StoreError> {
    for answer in &ANSWERS {
        let at = hour(begins, answer.hour) + TimeDelta::minutes(answer.minutes);
        if at > since && at <= now {
            say(tx, answer, at)?;
        }
    }
    Ok(())
}

/// Asks for the claim, if it is the time for it.
pub(super) fn claim(
    tx: &Tx<'_>,
    (watchlist, settings): (&Watchlist, &Settings),
    begins: Time,
    (since, now): (Time, Time),
) -> Result<(), StoreError> {
    let (at, name) = (hour(begins, CLAIM.0), CLAIM.1);
    if at <= since || at > now {
        return Ok(());
    }
    let desk = Desk::new(watchlist.clone(), &settings.claim, Machine::default(), at);
    let by = Party::User { uid: Some(UID), user: Some(ADA.to_owned()) };
    desk.propose(tx, &[name.to_owned()], &by).map(drop)
}

fn say(tx: &Tx<'_>, answer: &Answer, at: Time) -> Result<(), StoreError> {
    let case = CaseRef(answer.project.to_owned());
    let actor = Actor { user: Some(ADA.to_owned()), through: Through::Session, ..Actor::default() };
    let who = Person { actor, declared: String::new() };
    let ruling = Ruling { decision: answer.decision, who, note: Some(answer.note.to_owned()) };
    cases::judge_each(tx, &[case], &ruling, at).map(drop)
}

fn hour(begins: Time, hour: f64) -> Time {
    begins + TimeDelta::milliseconds((hour * 3_600_000.0) as i64)
}
