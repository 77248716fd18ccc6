//! What can fail, how it is made to, and what `status` has to say of it.

use std::path::Path;
use std::time::Duration;

use namewarden::model::Serial;
use namewarden::sim::Fault;
use namewarden::sim::sink::{HttpMood, SmtpMood};
use rusqlite::Connection;
use tokio::time::Instant;

use super::trial::Trial;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trouble {
    Pypi(Fault),
    Mail(SmtpMood),
    Slack(HttpMood),
    Hook(HttpMood),
    /// Another program holds the write lock of the store.
    Locked,
    /// The disk is full.
    Full,
}

/// The trouble that an hour ends with, one after the other.
pub(super) const HEADLINES: [Trouble; 7] = [
    Trouble::Pypi(Fault::Refused),
    Trouble::Mail(SmtpMood::Down),
    Trouble::Locked,
    Trouble::Pypi(Fault::XmlrpcDown),
    Trouble::Full,
    Trouble::Slack(HttpMood::Throttle(120)),
    Trouble::Hook(HttpMood::Fail(503)),
];

/// Those that come and go.
const PASSING: [Trouble; 20] = [
    Trouble::Pypi(Fault::Refused),
    Trouble::Pypi(Fault::Refused),
    Trouble::Pypi(Fault::XmlrpcDown),
    Trouble::Pypi(Fault::RssDown),
    Trouble::Pypi(Fault::RssStale),
    Trouble::Pypi(Fault::RssBackwards),
    Trouble::Pypi(Fault::IndexError),
    Trouble::Pypi(Fault::JsonError),
    Trouble::Pypi(Fault::JsonNotFound),
    Trouble::Pypi(Fault::JsonSlow),
    Trouble::Pypi(Fault::Latency),
    Trouble::Mail(SmtpMood::Down),
    Trouble::Mail(SmtpMood::Defer),
    Trouble::Mail(SmtpMood::DieAfterAccept),
    Trouble::Slack(HttpMood::Throttle(60)),
    Trouble::Slack(HttpMood::Fail(500)),
    Trouble::Hook(HttpMood::Fail(503)),
    Trouble::Hook(HttpMood::Throttle(30)),
    Trouble::Locked,
    Trouble::Full,
];

impl Trouble {
    /// Two of one kind cannot be there at once.
    fn kind(self) -> u8 {
        match self {
            Self::Pypi(Fault::Refused | Fault::XmlrpcDown) => 0,
            Self::Pypi(Fault::RssDown | Fault::RssStale | Fault::RssBackwards) => 1,
            Self::Pypi(Fault::JsonError | Fault::JsonNotFound | Fault::JsonSlow) => 2,
            Self::Pypi(_) => 3,
            Self::Mail(_) => 4,
            Self::Slack(_) => 5,
            Self::Hook(_) => 6,
            Self::Locked | Self::Full => 7,
        }
    }

    pub(super) fn is_dark(self) -> bool {
        self.kind() == 0
    }

    pub(super) fn is_of_the_store(self) -> bool {
        self.kind() == 7
    }
}

/// A trouble that is there.
pub(super) struct On {
    pub(super) trouble: Trouble,
    /// Minutes that it still lasts.
    left: u64,
    pub(super) since: Duration,
    pub(super) really_since: Instant,
    /// PyPI's last serial when it began.
    pub(super) serial: Serial,
    lock: Option<Connection>,
    /// `status` has named it: it must, until it ends.
    pub(super) named: bool,
}

impl Trial {
    /// A minute of troubles: some end, and perhaps one begins.
    pub(super) async fn troubles(&mut self) {
        self.on.iter_mut().for_each(|on| on.left = on.left.saturating_sub(1));
        while let Some(at) = self.on.iter().position(|on| on.left == 0) {
            self.lift(at).await;
        }
        if self.chance.one_in(5) {
            let (trouble, minutes) = (self.chance.of(&PASSING), 3 + self.chance.below(15));
            self.bring(trouble, minutes).await;
        }
    }

    pub(super) async fn bring(&mut self, trouble: Trouble, minutes: u64) {
        if self.on.iter().any(|on| on.trouble.kind() == trouble.kind()) {
            return;
        }
        let mut lock = None;
        match trouble {
            Trouble::Pypi(fault) => self.world.start(fault),
            Trouble::Mail(mood) => {
                self.excuse.mail_died |= mood == SmtpMood::DieAfterAccept;
                self.world.mail.set_mood(mood);
            }
            Trouble::Slack(mood) => self.world.slack.set_mood(mood),
            Trouble::Hook(mood) => self.world.hook.set_mood(mood),
            Trouble::Locked => lock = Some(lock_of(&self.world.dir().join("state/namewarden.db"))),
            Trouble::Full => {
                // Less than it has: not one page more.
                self.world.engine().store.confine(1).await.expect("the store works");
                self.noise(400);
            }
        }
        let (since, really_since) = (self.world.clock.mono(), Instant::now());
        let serial = self.world.sim.world().last_serial();
        self.on.push(On { trouble, left: minutes, since, really_since, serial, lock, named: false });
        println!("{} begins: {trouble:?}", self.stamp());
    }

    pub(super) async fn lift(&mut self, at: usize) {
        let On { trouble, lock, .. } = self.on.swap_remove(at);
        match trouble {
            Trouble::Pypi(fault) => self.world.end(fault),
            Trouble::Mail(_) => self.world.mail.set_mood(SmtpMood::Accept),
            Trouble::Slack(_) => self.world.slack.set_mood(HttpMood::Accept),
            Trouble::Hook(_) => self.world.hook.set_mood(HttpMood::Accept),
            Trouble::Locked => drop(lock),
            Trouble::Full => self.world.engine().store.confine(1_000_000).await.expect("the store works"),
        }
        if trouble.is_dark() || trouble.is_of_the_store() {
            self.clear = Instant::now();
        }
        println!("{} ends: {trouble:?}", self.stamp());
    }
}

/// The lock goes with the connection.
fn lock_of(path: &Path) -> Connection {
    let theirs = Connection::open(path).expect("opens");
    theirs.busy_timeout(Duration::from_secs(10)).expect("sets");
    theirs.execute_batch("BEGIN IMMEDIATE").expect("locks");
    theirs
}
