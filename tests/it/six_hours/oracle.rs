//! What must have been told, known from the acts alone, and what was, known from what arrived. It never looks into the
//! store.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use namewarden::model::{Serial, Time};
use sha2::{Digest as _, Sha256};
use tokio::time::Instant;

use super::strangers::audience;
use crate::world::{Told, Via};

/// An owner's place at one channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Seat {
    SecurityMail,
    SecuritySlack,
    SecurityHook,
    PaymentsMail,
}

pub(super) const SECURITY: [Seat; 3] = [Seat::SecurityMail, Seat::SecuritySlack, Seat::SecurityHook];

impl Seat {
    fn of(told: &Told) -> Self {
        match told.via {
            Via::Slack => Self::SecuritySlack,
            Via::Hook => Self::SecurityHook,
            Via::Mail if told.to.iter().any(|to| to.starts_with("payments@")) => Self::PaymentsMail,
            Via::Mail => Self::SecurityMail,
        }
    }
}

/// Which registration, in the order of the acts.
pub(super) type Registration = usize;

/// Somebody must hear of something.
#[derive(Clone, Debug)]
pub(super) struct Due {
    pub(super) registration: Registration,
    pub(super) name: String,
    /// A release that pip would take; `None` for the registration itself.
    pub(super) version: Option<String>,
    pub(super) seat: Seat,
    /// The name may be registered again, and then in another thread.
    pub(super) again: bool,
    /// It must go out at once.
    pub(super) page: bool,
    pub(super) since: Duration,
    pub(super) really_since: Instant,
}

#[derive(Default)]
pub(super) struct Oracle {
    pub(super) due: Vec<Due>,
    registrations: Registration,
    /// The registrations of watched names, by the threads in which they may be told.
    threads: BTreeMap<String, Registration>,
    /// Whose they are; others hear of them as who stands in.
    audience: BTreeMap<Registration, Vec<Seat>>,
    /// Those that are gone.
    over: BTreeSet<Registration>,
    /// The one that stands of each, and the next serial that may have made its key.
    newest: BTreeMap<String, (Registration, u64)>,
    /// Keys that arrived, and when.
    keys: BTreeMap<(Seat, String), Instant>,
    /// Threads whose beginning arrived.
    begun: BTreeSet<(Seat, String)>,
    /// Releases that were told as such.
    releases: BTreeSet<(Seat, String, String)>,
    pub(super) arrived: usize,
    pub(super) repeats: usize,
}

impl Oracle {
    pub(super) fn registered(&mut self) -> Registration {
        self.registrations += 1;
        self.registrations
    }

    /// A watched name was registered: its case has the second of that in its key, or, when the index told it first, the
    /// serial that the index gave.
    pub(super) fn born(&mut self, name: &str, at: Time, serial: Serial) -> Registration {
        let registration = self.registered();
        self.thread(&format!("{name}@{}", at.timestamp()), registration);
        self.audience.insert(registration, audience(name));
        self.newest.insert(name.to_owned(), (registration, serial.0));
        registration
    }

    /// PyPI has come so far.
    pub(super) fn reached(&mut self, last: Serial) {
        let newest: Vec<_> = self
            .newest
            .iter_mut()
            .map(|(name, (of, next))| {
                let from = std::mem::replace(next, last.0 + 1);
                (name.clone(), *of, from)
            })
            .collect();
        for (name, of, from) in newest {
            (from..=last.0).for_each(|serial| self.thread(&format!("{name}@s{serial}"), of));
        }
    }

    /// As webhooks have it, and as mail does.
    fn thread(&mut self, key: &str, registration: Registration) {
        let hash = Sha256::digest(key.as_bytes());
        let hex: String = hash.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
        self.threads.insert(key.to_owned(), registration);
        self.threads.insert(hex, registration);
    }

    fn whose(&self, told: &Told) -> Option<Registration> {
        let hash = told.thread.strip_prefix("<thread-").and_then(|rest| rest.split('@').next());
        self.threads.get(hash.unwrap_or(&told.thread)).copied()
    }

    /// A project that is gone has no release that pip would take; its registration is told all the same, be it in the message of
    /// a later one.
    pub(super) fn gone(&mut self, registration: Registration) {
        self.over.insert(registration);
        self.due.retain(|due| due.registration != registration || due.version.is_none());
    }

    /// Takes what arrived.
    pub(super) fn arrive(&mut self, told: &Told, excuse: &Excuse) {
        if !is_about_cases(told) {
            return;
        }
        let (seat, now) = (Seat::of(told), Instant::now());
        self.arrived += 1;
        let before = self.keys.insert((seat, told.key.clone()), now).filter(|_| !told.key.is_empty());
        if let Some(before) = before {
            assert!(excuse.holds(told.via, before), "it came twice without a reason: {told:?}");
            self.repeats += 1;
            return;
        }
        self.order(seat, told);
        self.settle(seat, told);
    }

    /// In a thread the registration comes once, and, where a watched name has the thread for itself, first; each release
    /// once. Whoever stands in hears of what reached nobody, which may be later than its beginning.
    fn order(&mut self, seat: Seat, told: &Told) {
        let thread = (seat, told.thread.clone());
        match told.event.as_str() {
            "" => {}
            "registered" => assert!(self.begun.insert(thread), "its beginning came twice: {told:?}"),
            _ if self.whose(told).is_none_or(|whose| !self.audience[&whose].contains(&seat)) => {}
            _ => assert!(self.begun.contains(&thread), "it came before its beginning: {told:?}"),
        }
        if told.event == "worsened"
            && let Some(change) = told.text.split("\"change\":").nth(1).and_then(|rest| rest.split('"').nth(1))
        {
            let release = (seat, told.thread.clone(), change.to_owned());
            assert!(self.releases.insert(release), "this was told before: {told:?}");
        }
    }

    /// Slack has no threads.
    fn settle(&mut self, seat: Seat, told: &Told) {
        if told.subject.starts_with("[ended]") {
            // It says nothing of a later registration of the name.
            return;
        }
        let whose = self.whose(told);
        self.due.retain(|due| {
            let here = due.seat == seat && told.text.contains(&due.name);
            let whole = due.version.as_ref().is_none_or(|version| told.text.contains(version));
            let heir = |of: Registration| of > due.registration && self.over.contains(&due.registration);
            let this =
                !due.again || told.via == Via::Slack || whose.is_some_and(|of| of == due.registration || heir(of));
            !(here && whole && this)
        });
    }
}

/// Why a message may come twice: its receiver, or the daemon, ended between taking it and saying so.
pub(super) struct Excuse {
    pub(super) mail_died: bool,
    pub(super) killed: Vec<Instant>,
}

impl Excuse {
    fn holds(&self, via: Via, before: Instant) -> bool {
        let just_then =
            |killed: &Instant| *killed + Duration::from_secs(1) > before && before + Duration::from_secs(2) > *killed;
        (self.mail_died && via == Via::Mail) || self.killed.iter().any(just_then)
    }
}

/// Health, greetings and proofs are not; Slack says it in words alone.
fn is_about_cases(told: &Told) -> bool {
    match told.via {
        Via::Slack => !["is unwell", "is well again", "is still unwell", "namewarden watches"]
            .iter()
            .any(|no| told.subject.contains(no)),
        Via::Mail | Via::Hook => {
            ["registered", "worsened", "escalated", "ended", "summary"].contains(&told.event.as_str())
        }
    }
}
