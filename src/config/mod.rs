//! Settings: what the operator wrote, checked, as the only type others see.
//!
//! Three stages: `file` is what the TOML can say, in one file or in several that `layers` lays over each other; `load` resolves paths, reads credentials and checks every value,
//! `Settings` is what the program uses. `routes` checks it against the inventory.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::model::{Mention, Origin, OwnerId};

pub mod access;
mod accounts;
mod channels;
mod check;
mod credential;
mod drop_ins;
mod environment;
mod explain;
mod fault;
mod file;
mod layers;
mod load;
mod period;
mod redact;
mod routes;
mod secret;
mod sections;
pub mod source;

pub use check::contact;
pub use environment::{DEFAULT_PATH, Environment, quoted};
pub use load::{ConfigError, Permitted, load, load_permitted, load_sealed};
pub use period::{Period, PeriodError};
pub use redact::Redactor;
pub use routes::{PlacedRouteError, RouteError, RouteProblem, check_routes};
pub use secret::Secret;

/// The whole configuration, valid. Built by `load`; paths of the file are resolved against its directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// The main file that it was read from.
    pub file: PathBuf,
    /// The files laid over it, each stronger than those before.
    pub drop_ins: Vec<PathBuf>,
    /// Under which it was read, and will be read again.
    pub environment: Environment,
    /// Who PyPI's administrators may write to; part of every User-Agent.
    pub contact: String,
    /// What operators call this watch, in every message.
    pub instance: Option<String>,
    pub state_dir: PathBuf,
    /// Where it is remembered that there is a store; nothing makes it.
    pub witness: Option<PathBuf>,
    /// Where `store backup` makes its copies, and nowhere else.
    pub backups: PathBuf,
    pub inventory: PathBuf,
    pub pypi: PypiSettings,
    pub http: HttpSettings,
    pub feeds: FeedSettings,
    pub alert: AlertSettings,
    pub control: ControlSettings,
}

impl Settings {
    /// Every file that was read, the strongest last.
    pub fn files(&self) -> Vec<PathBuf> {
        std::iter::once(&self.file).chain(&self.drop_ins).cloned().collect()
    }

    /// Where messages come from.
    pub fn origin(&self) -> Origin {
        let config = (self.file != Path::new(DEFAULT_PATH)).then(|| quoted(&self.file));
        Origin { machine: environment::machine(), instance: self.instance.clone(), config }
    }
}

/// Where PyPI is. Requests go nowhere else but to the alert channels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PypiSettings {
    /// Base address of the index, without a trailing slash: `/rss/…`, `/pypi`, `/simple/` hang below it.
    pub base: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpSettings {
    /// Egress proxy for PyPI and the HTTP channels.
    pub proxy: Option<String>,
    /// Certificates (PEM) trusted besides the system's.
    pub ca_file: Option<PathBuf>,
    /// Limit for one whole request, body included; the index has ten times as long.
    pub timeout: Duration,
}

/// Is the changelog used? `Auto` survives its retirement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChangelogMode {
    Auto,
    On,
    Off,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeedSettings {
    pub changelog: ChangelogMode,
    pub changelog_every: Duration,
    pub rss_every: Duration,
    /// While the index is the source of completeness.
    pub index_every: Duration,
    /// While the changelog is.
    pub reconcile_every: Duration,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlertSettings {
    /// Answers for every watch without an owner, and for the health of the watch itself.
    pub default_owner: OwnerId,
    /// Unacknowledged `page` findings are told again after this long; `None`: never.
    pub escalate_after: Option<Duration>,
    /// A notice undelivered for this long is itself a finding, told through the other channels.
    pub undelivered_after: Duration,
    /// Hour of the day (UTC) at which the digest and the canary go out.
    pub daily_at_hour: u8,
    pub canary: bool,
    pub email: Option<EmailSettings>,
    pub slack: BTreeMap<String, SlackSettings>,
    pub webhook: BTreeMap<String, WebhookSettings>,
    /// Print every message to standard output too.
    pub console: bool,
}

/// How the connection to the mail server is protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MailTls {
    /// STARTTLS, and no mail without it.
    Starttls,
    /// TLS from the first byte.
    Implicit,
    /// Clear text; only to a loopback address.
    None,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EmailSettings {
    pub host: String,
    pub port: u16,
    pub tls: MailTls,
    /// PEM certificates trusted besides the system's, for this server.
    pub ca_file: Option<PathBuf>,
    pub from: String,
    /// How we introduce ourselves: a full name or an address literal. `None`: this machine's name, else its address.
    pub helo_name: Option<String>,
    pub username: Option<String>,
    pub password: Option<Secret>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SlackSettings {
    /// The incoming webhook's address; whoever has it can post, so it is a secret.
    pub url: Secret,
    /// Whom a page calls.
    pub mention: Option<Mention>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebhookSettings {
    pub url: Secret,
    /// Standard Webhooks signing secret, `whsec_` and base64.
    pub signing: Secret,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ControlSettings {
    pub socket: PathBuf,
}
