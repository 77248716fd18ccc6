//! What strangers do at PyPI, and who has to hear of it.

use chrono::TimeDelta;
use namewarden::model::{Serial, Time};
use namewarden::sim::{Refusal, World};
use tokio::time::Instant;

use super::oracle::{Due, Registration, SECURITY, Seat};
use super::trial::Trial;

/// Two owners; the second is reached by mail alone. The internal versions are below every release that pip would take.
pub(super) const INVENTORY: &str = r#"
[owners.security]
name = "Security"
email = ["security@acme.example"]
names = ["acme-billing==4.12.0", "acme-ledger", "corp-mail", "corp-vault"]

[owners.payments]
name = "Payments"
email = ["payments@acme.example"]
names = ["quux-ledger==1.8.3", "zeta-internal-cart==1.0"]

[[prefix]]
text = "zeta-internal-*"
owner = "security"
exclusive = true

[registrants]
users = ["acme-release-bot"]
"#;

/// Watched names that strangers want, and who hears of each.
pub(super) const WATCHED: [&str; 3] = ["acme-billing", "quux-ledger", "zeta-internal-cart"];
const LOOK_ALIKES: [&str; 3] = ["acme-1edger", "corp-mial", "corp-valt"];

pub(super) fn audience(name: &str) -> Vec<Seat> {
    match name {
        "quux-ledger" => vec![Seat::PaymentsMail],
        "zeta-internal-cart" => [&SECURITY[..], &[Seat::PaymentsMail]].concat(),
        _ => SECURITY.to_vec(),
    }
}

/// A registration of a watched name that stands.
#[derive(Clone, Copy)]
pub(super) struct Standing {
    registration: Registration,
    /// pip would take what it has.
    taken: bool,
}

impl Trial {
    /// A minute of strangers.
    pub(super) fn strangers(&mut self) {
        if self.chance.one_in(2) {
            self.noise(1);
        }
        let name = self.chance.of(&WATCHED);
        match (self.chance.below(12), self.standing.contains_key(name)) {
            (0..=2, false) => self.register(name),
            (0..=2, true) => self.release(name),
            (3, true) => drop(self.pypi(|pypi, at| pypi.change_owner(name, &format!("eve{}", at.timestamp()), at))),
            (4, true) => self.remove(name),
            (5, _) => self.prefixed(1),
            (6, _) if self.chance.one_in(4) => self.prefixed(30),
            (7, _) if self.chance.one_in(3) => self.look_alike(),
            _ => {}
        }
    }

    /// PyPI's clock is right, whatever ours says.
    pub(super) fn pypi_now(&self) -> Time {
        let passed = TimeDelta::from_std(self.world.clock.mono() - self.began.0).unwrap_or_default();
        self.began.1 + TimeDelta::seconds(passed.num_seconds())
    }

    fn pypi(&self, act: impl FnOnce(&mut World, Time) -> Result<Serial, Refusal>) -> Serial {
        let at = self.pypi_now();
        self.world.act(|pypi, _| act(pypi, at))
    }

    fn fresh(&mut self) -> u32 {
        self.counter += 1;
        self.counter
    }

    /// Projects that concern nobody; long names, so that they need room in the store. Gives the last.
    pub(super) fn noise(&mut self, count: u32) -> String {
        let names: Vec<String> = (0..count).map(|_| format!("plain-{:05}-{}", self.fresh(), "x".repeat(80))).collect();
        for name in &names {
            self.pypi(|pypi, at| pypi.upload(name, "1.0", "a helper", "somebody", at));
        }
        names.last().cloned().unwrap_or_default()
    }

    fn register(&mut self, name: &'static str) {
        let (at, before) = (self.pypi_now(), self.world.sim.world().last_serial());
        self.oracle.reached(before);
        self.pypi(|pypi, at| pypi.create(name, "mallory", at));
        let registration = self.oracle.born(name, at, Serial(before.0 + 1));
        self.expect(registration, name, None, &audience(name), true);
        self.standing.insert(name, Standing { registration, taken: false });
        if self.chance.one_in(2) {
            self.release(name);
        }
    }

    /// Every third release is one that pip would not take.
    fn release(&mut self, name: &'static str) {
        let (number, low) = (1000 + self.fresh(), self.chance.one_in(3));
        let version = format!("{}.{number}", if low { "0" } else { "99" });
        self.pypi(|pypi, at| pypi.release(name, &version, "a helper", at));
        let Some(standing) = self.standing.get_mut(name) else { return };
        if !low && !standing.taken {
            standing.taken = true;
            let registration = standing.registration;
            self.expect(registration, name, Some(version), &audience(name), true);
        }
    }

    fn remove(&mut self, name: &'static str) {
        self.pypi(|pypi, at| pypi.remove(name, at));
        if let Some(standing) = self.standing.remove(name) {
            self.oracle.gone(standing.registration);
        }
    }

    /// Names under the exclusive prefix. Of many in one message Slack shows the first.
    pub(super) fn prefixed(&mut self, count: u32) {
        let seats = if count > 1 { [Seat::SecurityMail, Seat::SecurityHook].to_vec() } else { SECURITY.to_vec() };
        for _ in 0..count {
            let name = format!("zeta-internal-t{:05}", self.fresh());
            self.pypi(|pypi, at| pypi.upload(&name, "0.1", "a helper", "mallory", at));
            let registration = self.oracle.registered();
            self.expect(registration, &name, None, &seats, true);
        }
    }

    fn look_alike(&mut self) {
        let Some(name) = LOOK_ALIKES.get(self.look_alikes) else { return };
        self.look_alikes += 1;
        self.pypi(|pypi, at| pypi.upload(name, "0.1", "a helper", "mallory", at));
        let registration = self.oracle.registered();
        self.expect(registration, name, None, &SECURITY, false);
    }

    fn expect(&mut self, registration: Registration, name: &str, version: Option<String>, seats: &[Seat], page: bool) {
        let (since, really_since) = (self.world.clock.mono(), Instant::now());
        let due = |seat: &Seat| Due {
            registration,
            name: name.to_owned(),
            version: version.clone(),
            seat: *seat,
            again: WATCHED.contains(&name),
            page,
            since,
            really_since,
        };
        self.oracle.due.extend(seats.iter().map(due));
    }
}
