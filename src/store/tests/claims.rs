//! Claims as they are kept: each once, its trail for ever, the day's quota by the hour.

use chrono::TimeDelta;

use super::{noon, open};
use crate::model::claim::{Claim, ClaimKey, ClaimState, Origin, Party};
use crate::model::exposure::KnownBy;
use crate::model::{Exposure, ProjectName, WatchId};
use crate::store::{Agreement, ClaimLine, StoreError, Tx};

fn name() -> ProjectName {
    ProjectName::parse("acme-billing").expect("a name")
}

fn claim(number: u32) -> Claim {
    let key = ClaimKey { name: name(), number };
    Claim::planned(key, Origin::Person, TimeDelta::hours(24), Party::User { uid: Some(1001), user: None }, noon())
}

fn line(event: &str) -> ClaimLine {
    let by = Party::User { uid: Some(1001), user: Some("ada".to_owned()) };
    ClaimLine { at: noon(), by, event: event.to_owned(), state: "planned".to_owned(), detail: String::new() }
}

/// Every statement about claims, once.
pub(super) fn of_one(tx: &Tx<'_>) -> Result<(), StoreError> {
    let claims = tx.claims();
    let key = claims.next_key(&name())?;
    claims.put(&claim(key.number), &line("plan"))?;
    claims.get(&key)?;
    claims.last_of(&name())?;
    claims.newest()?;
    claims.live()?;
    claims.trail(&key)?;
    claims.held()?;
    claims.stir(&name(), noon())?;
    claims.look_again(&key, noon())?;
    claims.use_slot(&key, noon())?;
    claims.free_slot(&key, noon())?;
    claims.slots_since(noon())?;
    claims.sent()?;
    claims.agreement()?;
    let by = Party::User { uid: Some(1001), user: None };
    claims.agree(&Agreement { at: noon(), by, reference: "ticket 7".to_owned() })
}

/// A plan that was made is good for as long as nothing of it is another, and for no longer.
#[tokio::test]
async fn whatever_a_plan_is_made_of_counts_and_nothing_else() {
    let (_dir, store) = open();
    let told = store.write(|tx| {
        let (id, by, mut seen) = (WatchId::name(&name()), KnownBy::default(), vec![tx.plans()?]);
        let mut after = |done: Result<(), StoreError>| {
            done?;
            seen.push(tx.plans()?);
            Ok::<_, StoreError>(())
        };
        after(tx.watches().add(&id, noon()).map(drop))?;
        after(tx.watches().set_exposure(&id, &Exposure::Exposed, &by, noon()))?;
        after(tx.watches().set_exposure(&id, &Exposure::Exposed, &by, noon()))?;
        after(tx.claims().put(&claim(1), &line("plan")))?;
        after(tx.claims().keep(&Claim { state: ClaimState::Abandoned, ..claim(1) }))?;
        after(tx.cursors().set("changelog", &7))?;
        after(tx.watches().remove(&id))?;
        Ok(seen.windows(2).map(|pair| pair[0] != pair[1]).collect::<Vec<_>>())
    });
    assert_eq!(told.await.expect("written"), [true, true, false, true, true, false, true]);
}

#[tokio::test]
async fn a_claim_is_kept_with_its_trail_and_the_next_has_the_next_number() {
    let (_dir, store) = open();
    let seen = store.write(|tx| {
        let claims = tx.claims();
        let planned = Claim { announced: Some(noon()), ..claim(1) };
        claims.put(&planned, &line("plan"))?;
        assert_eq!(claims.get(&planned.key)?, Some(planned.clone()));
        let over = Claim { state: ClaimState::Abandoned, ..planned };
        claims.put(&over, &line("abandon"))?;
        assert!(claims.live()?.is_empty());
        let key = claims.next_key(&name())?;
        claims.put(&claim(key.number), &line("plan"))?;
        let events = claims.trail(&over.key)?.into_iter().map(|line| line.event).collect::<Vec<_>>();
        Ok((key.to_string(), events, claims.newest()?.len(), claims.live()?.len()))
    });
    let (key, events, newest, live) = seen.await.expect("writes");
    assert_eq!((key.as_str(), newest, live), ("acme-billing#2", 1, 1));
    assert_eq!(events, ["plan", "abandon"]);
}

#[tokio::test]
async fn of_a_name_one_claim_at_most_is_under_way() {
    let (_dir, store) = open();
    store.write(|tx| tx.claims().put(&claim(1), &line("plan"))).await.expect("the first");
    store.write(|tx| tx.claims().put(&claim(2), &line("plan"))).await.expect_err("a second beside it");
}

#[tokio::test]
async fn a_slot_counts_for_as_long_as_it_is_asked_about() {
    let (_dir, store) = open();
    let counted = store.write(|tx| {
        let key = ClaimKey { name: name(), number: 1 };
        tx.claims().use_slot(&key, noon())?;
        tx.claims().use_slot(&key, noon() + TimeDelta::hours(2))?;
        let since = |hours| tx.claims().slots_since(noon() + TimeDelta::hours(hours)).map(|slots| slots.len());
        Ok((since(-1)?, since(1)?, since(2)?, tx.claims().sent()?.len()))
    });
    assert_eq!(counted.await.expect("writes"), (2, 1, 0, 1));
    let freed = store.write(|tx| {
        tx.claims().free_slot(&ClaimKey { name: name(), number: 1 }, noon())?;
        Ok((tx.claims().slots_since(noon() - TimeDelta::hours(1))?.len(), tx.claims().sent()?.len()))
    });
    assert_eq!(freed.await.expect("writes"), (1, 1), "what cost nothing was sent all the same");
}

#[test]
fn the_trail_can_be_neither_changed_nor_shortened() {
    let mut conn = rusqlite::Connection::open_in_memory().expect("memory");
    super::super::sqlite::schema::build(&mut conn).expect("builds");
    Tx::over(&conn).claims().put(&claim(1), &line("plan")).expect("writes");
    for forgery in [
        "DELETE FROM claim_events",
        "UPDATE claim_events SET who = 'mallory'",
        "UPDATE claim_events SET event = 'approve'",
        "UPDATE claim_events SET state = 'approved'",
        "INSERT OR REPLACE INTO claim_events SELECT id, name, number, at, 'mallory', event, state, detail FROM claim_events",
    ] {
        let refused = conn.execute_batch(&format!("PRAGMA recursive_triggers = ON; {forgery}"));
        assert!(refused.is_err_and(|error| error.to_string().contains("the trail of claims")), "{forgery}");
    }
}
