//! What `namewarden.toml` can say, before anything is believed: every key optional, unknown keys refused.
//!
//! The doc comment of a key gives its unit and its default; `config/namewarden.toml` shows the same to operators.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

use super::channels;
use super::key::Key;
use super::period::Period;
use super::shared::SharedKeys;
use super::slack_app::SlackAppKeys;
use crate::model::every_channel;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    /// E-mail address or web page of who runs this; sent to PyPI in every User-Agent. Required.
    pub contact: Key<String>,
    /// What operators call this watch, beside the machine's name in every message. Default: none.
    pub instance: Key<String>,
    /// Directory of the store. Default: `$STATE_DIRECTORY` under systemd, else `/var/lib/namewarden`.
    pub state_dir: Key<String>,
    /// Directory, outside of the state directory, that remembers that there is a store. Default: `/var/log/NAME` for
    /// a `state_dir` of `/var/lib/NAME`, else none.
    pub witness: Key<String>,
    /// Directory in which `store backup` makes its copies. Default: `backups` in the state directory.
    pub backups: Key<String>,
    /// File of watches and owners. Default: `inventory.toml` beside the configuration.
    pub inventory: Key<String>,
    pub pypi: Key<Pypi>,
    pub http: Option<Http>,
    pub feeds: Option<Feeds>,
    pub alert: Key<Alert>,
    pub control: Option<Control>,
    pub claim: Option<Claim>,
    pub reports: Option<Reports>,
    pub web: Option<Web>,
    pub gate: Option<Gate>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a table, [pypi]")]
pub(super) struct Pypi {
    /// Base address of the index. Required; `namewarden init` writes that of PyPI.
    pub base: Key<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a table, [http]")]
pub(super) struct Http {
    /// Address of an egress proxy. Default: none; the environment's is ignored.
    pub proxy: Key<String>,
    /// PEM file of certificates trusted besides the system's. Default: none.
    pub ca_file: Key<String>,
    /// Limit of one request. Default: 30s.
    pub timeout: Key<Period>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a table, [feeds]")]
pub(super) struct Feeds {
    /// `auto`, `on` or `off`. Default: auto.
    pub changelog: Key<Changelog>,
    /// Time between changelog polls. Default: 60s.
    pub changelog_every: Key<Period>,
    /// Time between RSS polls. Default: 30s.
    pub rss_every: Key<Period>,
    /// Time between index passes while the index carries completeness. Default: 5m.
    pub index_every: Key<Period>,
    /// Time between index passes while the changelog does. Default: 24h.
    pub reconcile_every: Key<Period>,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "lowercase", expecting = "\"auto\", \"on\" or \"off\"")]
pub(super) enum Changelog {
    Auto,
    On,
    Off,
}

macro_rules! alert {
    ($($(#[$doc:meta])* $kind:ident($word:ident $(, $_about:ident)*),)*) => {
        #[derive(Debug, Default, Deserialize)]
        #[serde(deny_unknown_fields, expecting = "a table, [alert]")]
        pub(super) struct Alert {
            /// Id of the owner (in the inventory) who answers for everything nobody else does. Required.
            pub default_owner: Key<String>,
            /// Time after which an unacknowledged `page` is told again, or "never". Default: 4h.
            pub escalate_after: Key<PeriodOrNever>,
            /// Time after which an undelivered notice is reported through the other channels. Default: 1h.
            pub undelivered_after: Key<Period>,
            /// Hour of the day, UTC, 0 to 23, of the digest and the canary. Default: 7.
            pub daily_at_hour: Key<i64>,
            /// Send one message a day through every channel, as proof that it rings. Default: true.
            pub canary: Option<bool>,
            /// Print every message to standard output too. Default: false.
            pub console: Option<bool>,
            pub email: Key<channels::email::Section>,
            $(#[serde(default)] pub $word: BTreeMap<Spanned<String>, Spanned<channels::$word::Section>>,)*
        }
    };
}

every_channel!(alert);

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a table, [control]")]
pub(super) struct Control {
    /// Path of the Unix socket. Default: `control.sock` in `$RUNTIME_DIRECTORY` under systemd, else in `/run/namewarden`.
    pub socket: Key<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a table, [reports]")]
pub(super) struct Reports {
    /// When reports go out, as five fields of crontab(5), or "never". Default: 0 8 * * 1.
    pub cron: Key<String>,
    /// In which time zone. Default: UTC.
    pub zone: Key<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a table, [web]")]
pub(super) struct Web {
    /// Address and port of the pages and the API. Default: none, and there is no web.
    pub listen: Key<String>,
    /// A proxy in front of it ends TLS. Default: false.
    pub behind_proxy: Option<bool>,
    /// How people reach it, without a path. Needed behind a proxy. Default: by `listen`.
    pub public_url: Key<String>,
    pub tls: Key<Tls>,
    pub proxy_user: Key<ProxyUser>,
    pub oidc: Key<Oidc>,
    pub slack: Key<SlackAppKeys>,
    /// A session that is not used for so long is over. Default: 8h.
    pub session_idle: Key<Period>,
    /// And after so long, however it is used. Default: 7d.
    pub session_length: Key<Period>,
    /// Path of a file that holds what signs the links in messages.
    pub link_file: Key<String>,
    /// Name of a credential that holds it. Default: none, and messages have no links.
    pub link_credential: Key<String>,
    /// A link of a message is good for so long. Default: 3d.
    pub link_lifetime: Key<Period>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a table, [web.tls]")]
pub(super) struct Tls {
    /// PEM file of the certificate and those that lead to its root. Required.
    pub certificate_file: Key<String>,
    /// Path of a file that holds its key in PEM.
    pub key_file: Key<String>,
    /// Name of a credential that holds it. Required, or `key_file`.
    pub key_credential: Key<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a table, [web.proxy_user]")]
pub(super) struct ProxyUser {
    /// Header in which the proxy names who asks. Required.
    pub header: Key<String>,
    /// Path of a file that holds what the proxy sends as `X-Namewarden-Proxy`.
    pub secret_file: Key<String>,
    /// Name of a credential that holds it. Required, or `secret_file`.
    pub secret_credential: Key<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a table, [web.oidc]")]
pub(super) struct Oidc {
    /// Address of the provider, as it writes it itself. Required.
    pub issuer: Key<String>,
    /// The name by which it knows this service. Required.
    pub client_id: Key<String>,
    /// Path of a file that holds the secret that belongs to it.
    pub client_secret_file: Key<String>,
    /// Name of a credential that holds it. Required, or `client_secret_file`.
    pub client_secret_credential: Key<String>,
    /// Which of its words is the name of an account: `email`, `preferred_username` or `sub`. Default: email.
    pub account: Key<String>,
    /// What the button says. Default: the host of the issuer.
    pub name: Key<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a table, [gate]")]
pub(super) struct Gate {
    /// Address and port. Default: 127.0.0.1:8480.
    pub listen: Key<String>,
    /// How clients reach it. Default: by `listen`.
    pub public_url: Key<String>,
    /// Directory of verified files. Default: /var/cache/namewarden.
    pub cache: Key<String>,
    /// Megabytes of them. Default: 20000.
    pub cache_megabytes: Key<i64>,
    /// Directory of what was ever ours. Default: /var/lib/namewarden-gate.
    pub state: Key<String>,
    /// `observe`, `advise` or `enforce`: the rules about age and open findings. Default: enforce.
    pub mode: Key<GateMode>,
    /// The same of one of them.
    pub modes: Option<Spanned<GateModes>>,
    /// A file that was uploaded more recently is held. Default: 7d.
    pub file_age: Key<Period>,
    /// So is every file of a project whose first is younger. Default: 30d.
    pub project_age: Key<Period>,
    /// Nothing that was uploaded later is given out. Default: none.
    pub freeze: Key<String>,
    /// Watched names that are installed from PyPI on purpose. Default: none.
    pub public: Key<Vec<String>>,
    pub private: Option<Spanned<GatePrivate>>,
    pub clients: Option<Spanned<GateClients>>,
    pub malware: Option<Spanned<GateMalware>>,
    pub consensus: Option<Spanned<GateConsensus>>,
    /// A proxy in front of it says in `X-Forwarded-For` for whom it asks. Default: false.
    pub behind_proxy: Option<bool>,
    /// `run` starts the gate, too. Default: false.
    pub with_run: Option<bool>,
    /// Where its verbs reach it. Default: /run/namewarden-gate/control.sock.
    pub control_socket: Key<String>,
    /// So many persons have to agree to what is held: 1 or 2. Default: 1.
    pub approvals: Key<i64>,
    /// Owners who are told what is held. Default: the default owner.
    pub reviewers: Key<Vec<String>>,
    /// Where the dashboard is, for refusals and messages: its public address. Default: `public_url` of `[web]`.
    pub dashboard_url: Key<String>,
    /// The user that the daemon runs as: who signed in there may decide about reviews. Default: nobody, and reviews are decided at the
    /// gate's socket alone.
    pub dashboard_user: Key<String>,
    /// Who received what is kept for so long. Default: 1095d.
    pub log_age: Key<Period>,
    /// Megabytes of it; beyond them the oldest goes first. Default: 2000.
    pub log_megabytes: Key<i64>,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "lowercase", expecting = "\"observe\", \"advise\" or \"enforce\"")]
pub(super) enum GateMode {
    Observe,
    Advise,
    Enforce,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a table, [gate.modes]")]
pub(super) struct GateModes {
    /// Of each, as `mode` above. Default: that.
    pub file_age: Key<GateMode>,
    pub project_age: Key<GateMode>,
    pub findings: Key<GateMode>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a table, [gate.private]")]
pub(super) struct GatePrivate {
    /// Address of its simple API. Required.
    pub index: Key<String>,
    /// Who asks there, `user:password`: a file, or the name of a credential. Default: nobody in particular.
    pub login_file: Key<String>,
    pub login_credential: Key<String>,
    /// It has copies of public packages that somebody here chose, pip, requests and urllib3 among them. Default: false.
    pub copies: Option<bool>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a table, [gate.clients]")]
pub(super) struct GateClients {
    /// Who may ask, a name and a digest a line: a file, or the name of a credential. Required in this section.
    pub logins_file: Key<String>,
    pub logins_credential: Key<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a table, [gate.malware]")]
pub(super) struct GateMalware {
    /// A directory of records in the form of OSV, or OSV's archive of them. Default: none are read.
    pub records: Key<String>,
    /// Records that are wrong here, by their ids. Default: none.
    pub except: Key<Vec<String>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a table, [gate.consensus]")]
pub(super) struct GateConsensus {
    /// So many kinds of evidence have to speak for a release beside its age. Required in this section.
    pub needs: Key<i64>,
    /// `observe`, `advise` or `enforce`. Default: enforce.
    pub mode: Key<GateMode>,
    /// So many clients make prior use of a project. Default: 2.
    pub clients: Key<i64>,
    /// It counts once they received it so long ago. Default: 7d.
    pub used_for: Key<Period>,
    /// A list of downloads by project. Default: none.
    pub downloads: Key<String>,
    /// So many of them speak for a project. Default: 100000.
    pub downloads_least: Key<i64>,
    /// A list of how many projects depend on each. Default: none.
    pub dependents: Key<String>,
    /// So many of them speak for a project. Default: 100.
    pub dependents_least: Key<i64>,
    /// Records of malware speak for a file when they reach so far beyond its upload. Default: they do not.
    pub quiet_for: Key<Period>,
    /// Sigstore's `trusted_root.json`, by which attestations of publishers are verified. Default: they do not speak.
    pub trusted_root: Key<String>,
    /// Lists of other organisations. Default: none.
    pub shared: Key<Vec<Spanned<SharedKeys>>>,
    /// One that is older speaks for nothing. Default: 30d.
    pub shared_for: Key<Period>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a table, [claim]")]
pub(super) struct Claim {
    /// Publish what was approved. Default: false.
    pub enabled: Option<bool>,
    /// Who publishes, as people know it. Needed to build a package.
    pub company: Key<String>,
    /// Mail address for questions. Default: the `contact` above, where that is one.
    pub contact: Key<String>,
    /// The private index, as the public may know it. Default: none is named.
    pub index: Key<String>,
    /// The company's page. Default: none.
    pub homepage: Key<String>,
    /// A page on why the company holds names. Default: none.
    pub policy: Key<String>,
    /// Directory of the team's own texts. Default: those that are compiled in.
    pub templates: Key<String>,
    /// Version of the packages, below every internal one. Default: 0.0.1.
    pub version: Key<String>,
    /// SPDX expression of their license. Default: MIT.
    pub license: Key<String>,
    /// Hosts of the company that texts may name. Default: none.
    pub public_hosts: Key<Vec<String>>,
    /// Customers, whose names nothing published may hold. Default: none.
    pub customers: Key<Vec<String>>,
    /// Our organization on PyPI. Default: none.
    pub organization: Key<String>,
    /// How long a claim that the configuration makes waits for somebody to stop it. Default: 24h.
    pub window: Key<Period>,
    /// May one person plan and approve? Default: false.
    pub one_person: Option<bool>,
    pub upload: Key<ClaimUpload>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a table, [claim.upload]")]
pub(super) struct ClaimUpload {
    /// Address that takes the packages. Needed to publish.
    pub address: Key<String>,
    /// Path of a file that holds the token.
    pub token_file: Key<String>,
    /// Name of a credential that holds it.
    pub token_credential: Key<String>,
    /// Path of a file that holds an identity token (OIDC) instead, for trusted publishing.
    pub identity_file: Key<String>,
    /// Name of a credential that holds it.
    pub identity_credential: Key<String>,
    /// Address of an index on which every package is tried first. Default: none.
    pub test_address: Key<String>,
    pub test_token_file: Key<String>,
    pub test_token_credential: Key<String>,
    /// User that runs the uploader. Default: namewarden-claim.
    pub user: Key<String>,
    /// New projects in 24 hours. Default: 3.
    pub per_day: Key<i64>,
}

/// A length of time, or the word "never".
#[derive(Clone, Copy, Debug)]
pub(super) struct PeriodOrNever(pub Option<Period>);

impl<'de> Deserialize<'de> for PeriodOrNever {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        match text.as_str() {
            "never" => Ok(Self(None)),
            _ => text.parse().map(|period| Self(Some(period))).map_err(serde::de::Error::custom),
        }
    }
}
