//! Whoever a server breaks off at, so that it costs nobody else: they are asked in another session.
//!
//! A server may leave (421) or close the line at one recipient: an address that its filter dislikes, or one too many. Asked
//! in the same order for ever, the others would never hear of anything: so whoever a session broke off at is asked last, also
//! in later messages, until the server takes one for them.

use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::session::Asked;
use crate::model::{Owner, Recipient};

/// Sessions for one message; all of them share its time.
const SESSIONS: usize = 10;

/// Whom sessions broke off at since the start, or since the channel has its settings. Addresses of the inventory: they are
/// few.
#[derive(Debug, Default)]
pub(super) struct Late(Mutex<BTreeSet<String>>);

impl Late {
    pub(super) fn known(&self) -> BTreeSet<String> {
        self.lock().clone()
    }

    pub(super) fn add(&self, at: Option<&String>) {
        self.lock().extend(at.cloned());
    }

    pub(super) fn forget(&self, welcome: &[String]) {
        let mut late = self.lock();
        for who in welcome {
            late.remove(who);
        }
    }

    fn lock(&self) -> MutexGuard<'_, BTreeSet<String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[derive(Debug, Default)]
pub(super) struct Aside {
    /// Not asked in the next session. Not their fate.
    known: Vec<Recipient>,
    put_off: Vec<(String, String)>,
    /// Some are aside only because others were welcome before them.
    more: bool,
}

impl Aside {
    /// Those not to be asked: everybody whose fate is settled, and whoever is aside.
    pub(super) fn known(&self, settled: &[Recipient]) -> Vec<Recipient> {
        settled.iter().chain(&self.known).cloned().collect()
    }

    /// Takes whom a session broke off at aside; says whether another session has anybody to ask. Where somebody was welcome
    /// before, that one asks for them alone: the trouble may be the number.
    pub(super) fn take(&mut self, asked: &Asked, owner: &Owner, settled: &[Recipient], why: String) -> bool {
        let Some(at) = &asked.asking else { return false };
        self.put_off.push((at.clone(), why));
        self.known.push(Recipient::accepted(at));
        if !asked.accepted.is_empty() {
            let others: Vec<_> =
                left(owner, &self.known(settled)).filter(|who| !asked.accepted.contains(who)).collect();
            self.more |= !others.is_empty();
            self.known.extend(others.into_iter().map(Recipient::accepted));
        }
        self.put_off.len() < SESSIONS && left(owner, &self.known(settled)).next().is_some()
    }

    /// What the last session leaves out.
    pub(super) fn leave(self, asked: &mut Asked) {
        asked.put_off = self.put_off;
        asked.more |= self.more;
    }
}

fn left<'o>(owner: &'o Owner, known: &[Recipient]) -> impl Iterator<Item = &'o String> {
    let known: BTreeSet<String> = known.iter().map(|recipient| recipient.address.clone()).collect();
    owner.emails.iter().filter(move |email| !known.contains(*email))
}
