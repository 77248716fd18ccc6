//! What the operator wrote, checked: the only form in which it travels.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::ca_file::CaFile;
use super::channels::{ChannelSettings, email::EmailSettings};
use super::claim::ClaimSettings;
use super::environment::{self, DEFAULT_PATH, Environment, quoted};
use super::gate::GateSettings;
use super::report_section::ReportSettings;
use super::web::WebSettings;
use crate::model::{Channel, Origin, OwnerId};

/// The whole configuration, valid. Built by `load`; paths of the file are resolved against its directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// The main file that it was read from.
    pub file: PathBuf,
    /// The files laid over it, each stronger than those before.
    pub drop_ins: Vec<PathBuf>,
    /// Under which it was read, and will be read again.
    pub environment: Environment,
    /// Credentials read from the copies that systemd made at the start, by name.
    pub loaded: Vec<String>,
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
    pub claim: ClaimSettings,
    pub reports: ReportSettings,
    pub web: WebSettings,
    pub gate: GateSettings,
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
    pub ca_file: Option<CaFile>,
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
    /// A notice undelivered for this long is itself a health issue, told through the other channels.
    pub undelivered_after: Duration,
    /// Hour of the day (UTC) at which the digest and the canary go out.
    pub daily_at_hour: u8,
    pub canary: bool,
    pub channels: BTreeMap<Channel, ChannelSettings>,
}

impl AlertSettings {
    /// The mail server, where there is one.
    pub fn email(&self) -> Option<&EmailSettings> {
        match self.channels.get(&Channel::Email) {
            Some(ChannelSettings::Email(email)) => Some(email),
            _ => None,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ControlSettings {
    pub socket: PathBuf,
}
