//! What a test states before the daemon starts: who is on PyPI, what is watched, and how fast everything goes.

use std::fmt::Write as _;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;

use namewarden::sim::{Fault, Loader};

use super::World;

/// Ordinary projects that always stand on PyPI: enough that a halved index is noticed.
const ORDINARY: usize = 150;

/// The stage, with a default for everything.
pub(crate) struct Setup {
    /// The inventory file.
    pub(crate) inventory: String,
    /// Names that stand on PyPI beside the ordinary ones, each with a release 1.0.0.
    pub(crate) standing: Vec<String>,
    pub(crate) changelog_every: &'static str,
    pub(crate) rss_every: &'static str,
    pub(crate) index_every: &'static str,
    pub(crate) reconcile_every: &'static str,
    /// `auto`, `on` or `off`.
    pub(crate) changelog: &'static str,
    pub(crate) undelivered_after: &'static str,
    pub(crate) canary: bool,
    /// The mail server is configured.
    pub(crate) email: bool,
    /// `[alert.slack.team]` exists.
    pub(crate) slack: bool,
    /// `[alert.webhook.siem]` exists.
    pub(crate) webhook: bool,
    /// The web listens at a free port of loopback.
    pub(crate) web: bool,
    /// Messages have links to it, as if people came by `http://localhost:8470`.
    pub(crate) links: bool,
    /// What is wrong from the start.
    pub(crate) faults: Vec<Fault>,
}

/// One owner who watches two names, one of them with a version, an exclusive prefix and a brand word.
pub(crate) const INVENTORY: &str = r#"
[owners.security]
name = "Security"
email = ["security@acme.example"]
names = ["acme-billing==4.12.0", "acme-ledger", "corp-vault", "corp-mail", "corp-search", "corp-print"]

[[prefix]]
text = "zeta-internal-*"
owner = "security"
exclusive = true

[[brand]]
word = "acmecorp"
owner = "security"

[registrants]
users = ["acme-release-bot"]
organizations = ["acme"]
"#;

impl Default for Setup {
    fn default() -> Self {
        Self {
            inventory: INVENTORY.to_owned(),
            standing: Vec::new(),
            changelog_every: "200ms",
            rss_every: "300ms",
            index_every: "1s",
            reconcile_every: "1d",
            changelog: "auto",
            undelivered_after: "1h",
            canary: false,
            email: true,
            slack: false,
            webhook: false,
            web: false,
            links: false,
            faults: Vec::new(),
        }
    }
}

impl Setup {
    /// The stage, and on it a daemon that has its baseline and has greeted every owner.
    pub(crate) async fn start(&self) -> World {
        let mut world = self.set().await;
        world.boot().await.unwrap_or_else(|error| panic!("{error}"));
        world.expect_greetings().await;
        world
    }

    /// The stage alone.
    pub(crate) async fn set(&self) -> World {
        let world = World::stage(self).await;
        self.faults.iter().for_each(|fault| world.sim.faults().start(*fault));
        world
    }

    pub(super) fn projects(&self) -> Loader {
        let ordinary = (0..ORDINARY).map(|n| format!("ordinary-{n}"));
        let rows = ordinary.chain(self.standing.iter().cloned()).map(|name| format!("{name}\t1.0.0\t2026-01\t\n"));
        Loader::parse(&rows.collect::<String>()).expect("valid names")
    }

    /// Writes configuration, inventory and credentials as an operator would. Without reports: clocks move by years here.
    pub(super) fn write(&self, world: &World) {
        let mut inventory = self.inventory.clone();
        let mut text = format!(
            "contact = \"ops@acme.example\"\nstate_dir = \"state\"\ninventory = \"inventory.toml\"\n\
             [pypi]\nbase = \"{}\"\n[feeds]\nchangelog = \"{}\"\nchangelog_every = \"{}\"\nrss_every = \"{}\"\n\
             index_every = \"{}\"\nreconcile_every = \"{}\"\n[control]\nsocket = \"control.sock\"\n\
             [reports]\ncron = \"never\"\n\
             [alert]\ndefault_owner = \"security\"\ncanary = {}\nundelivered_after = \"{}\"\n",
            world.sim.base_url(),
            self.changelog,
            self.changelog_every,
            self.rss_every,
            self.index_every,
            self.reconcile_every,
            self.canary,
            self.undelivered_after,
        );
        if self.email {
            let port = world.mail.address().port();
            let _ = write!(
                text,
                "[alert.email]\nhost = \"127.0.0.1\"\nport = {port}\ntls = \"none\"\nfrom = \"watch@acme.example\"\n"
            );
        } else {
            inventory = inventory.replace("email = [\"security@acme.example\"]\n", "");
        }
        let mut channels = String::new();
        if self.slack {
            text.push_str("[alert.slack.team]\nurl_file = \"slack-url\"\n");
            channels.push_str("slack = [\"team\"]\n");
            world.write("slack-url", &format!("{}/services/t", world.slack.base_url()));
        }
        if self.webhook {
            text.push_str("[alert.webhook.siem]\nurl_file = \"hook-url\"\nsecret_file = \"hook-secret\"\n");
            channels.push_str("webhook = [\"siem\"]\n");
            world.write("hook-url", &format!("{}/hook", world.hook.base_url()));
            world.write("hook-secret", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
        }
        if self.web {
            text.push_str("[web]\nlisten = \"127.0.0.1:0\"\n");
        }
        if self.links {
            text.push_str("public_url = \"http://localhost:8470\"\nlink_file = \"link-key\"\n");
            world.write("link-key", "c2lnbnMgdGhlIGxpbmtzIG9mIHRlc3RzIGFsb25l");
        }
        let inventory = inventory.replace("name = \"Security\"\n", &format!("name = \"Security\"\n{channels}"));
        world.write("inventory.toml", &inventory);
        world.write("namewarden.toml", &text);
    }
}

impl World {
    /// Writes a file only we may read, as credentials have to be; the old one is replaced whole.
    pub(crate) fn write(&self, name: &str, text: &str) {
        let partial = self.dir().join(format!("{name}.partial"));
        let mut file = std::fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&partial);
        file.as_mut().expect("opened").write_all(text.as_bytes()).expect("written");
        std::fs::rename(partial, self.dir().join(name)).expect("renamed");
    }
}
