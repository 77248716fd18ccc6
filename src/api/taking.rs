//! Whose turn it is to take a report along: so many at one time, so many of one account, and one that is made. A long text that
//! somebody proposes is looked at in the same turn.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::refusal::Refusal;
use crate::model::Actor;

/// Reports on their way at one time: each takes room on the disk until its last byte has left, some 500 bytes a watch.
const OF_ALL: usize = 8;
/// Of one account. Whoever takes them slowly holds up nobody else so.
const OF_ONE: usize = 2;
/// To look at a longer text, in bytes, takes as long as to make a report, and tens of megabytes.
const LONG: usize = 64 * 1024;
/// For so long a turn is waited for.
const PATIENCE: Duration = if cfg!(test) { Duration::from_millis(50) } else { Duration::from_secs(5) };

/// Who takes reports along. Cloning shares it.
#[derive(Clone, Debug)]
pub struct Takers {
    all: Arc<Semaphore>,
    of_one: Arc<Mutex<HashMap<Taker, Arc<Semaphore>>>>,
    /// The store has few readers for people, and who looks at a page needs one.
    making: Arc<Semaphore>,
}

/// An account, or a user of this machine.
type Taker = (Option<u32>, Option<String>);

/// Held until the report has been taken, or given up.
#[derive(Debug)]
pub(super) struct Turn(#[expect(dead_code, reason = "they are held")] [OwnedSemaphorePermit; 2]);

impl Default for Takers {
    fn default() -> Self {
        let [all, making] = [OF_ALL, 1].map(|most| Arc::new(Semaphore::new(most)));
        Self { all, of_one: Arc::default(), making }
    }
}

impl Takers {
    /// # Errors
    /// Others have theirs, and none came to its end in time.
    pub(super) async fn turn(&self, actor: &Actor) -> Result<Turn, Refusal> {
        let own = self.of(actor);
        let turn = async {
            let own = own.acquire_owned().await.ok()?;
            Some(Turn([own, Arc::clone(&self.all).acquire_owned().await.ok()?]))
        };
        // The semaphores are never closed.
        tokio::time::timeout(PATIENCE, turn).await.ok().flatten().ok_or(Refusal::Taken)
    }

    /// Held while a report is made.
    pub(super) async fn making(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.making).acquire_owned().await.ok()
    }

    /// Held while it is looked at what this text would change: `None` of a short one, for which nobody waits.
    pub(super) async fn looking_at(&self, text: &str) -> Option<OwnedSemaphorePermit> {
        if text.len() > LONG { self.making().await } else { None }
    }

    fn of(&self, actor: &Actor) -> Arc<Semaphore> {
        let mut of_one = self.of_one.lock().unwrap_or_else(PoisonError::into_inner);
        // Nobody holds a turn of these, or waits for one.
        of_one.retain(|_, turns| Arc::strong_count(turns) > 1);
        let taker = (actor.uid, actor.user.clone());
        Arc::clone(of_one.entry(taker).or_insert_with(|| Arc::new(Semaphore::new(OF_ONE))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account(name: &str) -> Actor {
        Actor { user: Some(name.to_owned()), ..Actor::default() }
    }

    #[tokio::test]
    async fn one_account_holds_up_no_other_and_a_turn_that_ends_is_the_next_ones() {
        let takers = Takers::default();
        let (slow, other) = (account("slow"), account("other"));
        let mut held = Vec::new();
        for _ in 0..OF_ONE {
            held.push(takers.turn(&slow).await.expect("a turn"));
        }
        let why = takers.turn(&slow).await.expect_err("it has its share");
        assert!(matches!(why, Refusal::Taken), "{why}");
        let theirs = takers.turn(&other).await.expect("whoever else has turns left");
        held.pop();
        held.push(takers.turn(&slow).await.expect("one ended"));
        drop((held, theirs));
        assert!(takers.turn(&other).await.is_ok());
        assert_eq!(takers.of_one.lock().expect("unharmed").len(), 1, "nobody is remembered who takes nothing");
    }

    #[tokio::test]
    async fn of_all_there_are_so_many_and_whoever_waited_in_vain_holds_nothing() {
        let takers = Takers::default();
        let mut held = Vec::new();
        for number in 0..OF_ALL {
            held.push(takers.turn(&account(&format!("user-{}", number / OF_ONE))).await.expect("a turn"));
        }
        for _ in 0..OF_ONE {
            assert!(takers.turn(&account("late")).await.is_err());
        }
        held.pop();
        let _late = takers.turn(&account("late")).await.expect("its waiting took none of its own");
    }

    #[tokio::test]
    async fn one_report_is_made_at_a_time() {
        let takers = Takers::default();
        let first = takers.making().await;
        let second = tokio::time::timeout(PATIENCE, takers.making());
        assert!(second.await.is_err());
        drop(first);
        assert!(takers.making().await.is_some());
    }

    #[tokio::test]
    async fn a_long_text_waits_for_the_report_that_is_made_and_a_short_one_for_nobody() {
        let (takers, long) = (Takers::default(), "acme-billing\n".repeat(LONG / 10));
        let report = takers.making().await;
        assert!(takers.looking_at("acme-billing\n").await.is_none());
        assert!(tokio::time::timeout(PATIENCE, takers.looking_at(&long)).await.is_err());
        drop(report);
        let first = takers.looking_at(&long).await;
        assert!(first.is_some());
        assert!(tokio::time::timeout(PATIENCE, takers.looking_at(&long)).await.is_err(), "one at a time");
    }
}
