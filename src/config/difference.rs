//! The configuration read again while another is in force: what differs, what of it changes at once, and what asks for a
//! restart. Pure.

use super::check::is_loopback_base;
use super::settings::{AlertSettings, Settings};
use crate::model::Channel;

/// A key that stays as it was at the start, whatever the file says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Restart {
    pub key: String,
    /// What it would break while the daemon runs.
    pub why: String,
}

/// A key of the configuration, those of the channels aside.
struct Key {
    name: &'static str,
    is_same: fn(&Settings, &Settings) -> bool,
    nature: Nature,
}

/// May the key change while the daemon runs?
enum Nature {
    Live,
    /// Where `run` starts the gate, it starts it anew; one that is a process of its own goes by what it read at its start.
    OfGate,
    /// `keep` gives the first what the second has.
    Pinned {
        keep: fn(&mut Settings, &Settings),
        why: &'static str,
    },
    /// It may, but not where only a pinned key that stays as it was would allow for what is new: the first of the settings are in
    /// force, the second are asked for.
    Judged {
        more_loosely: fn(&Settings, &Settings) -> bool,
        keep: fn(&mut Settings, &Settings),
        why: &'static str,
    },
}

macro_rules! live {
    ($name:literal, $($field:ident).+) => {
        Key { name: $name, is_same: |a, b| a.$($field).+ == b.$($field).+, nature: Nature::Live }
    };
}

macro_rules! gate {
    ($name:literal, $($field:ident).+) => {
        Key { nature: Nature::OfGate, ..live!($name, $($field).+) }
    };
}

macro_rules! pinned {
    ($name:literal, $($field:ident).+, $why:expr) => {
        Key {
            name: $name,
            is_same: |a, b| a.$($field).+ == b.$($field).+,
            nature: Nature::Pinned { keep: |new, now| new.$($field).+.clone_from(&now.$($field).+), why: $why },
        }
    };
}

macro_rules! judged {
    ($name:literal, $($field:ident).+, $by:expr) => {
        Key {
            nature: Nature::Judged {
                more_loosely: $by.0,
                keep: |new, now| new.$($field).+.clone_from(&now.$($field).+),
                why: $by.1,
            },
            ..live!($name, $($field).+)
        }
    };
}

/// By which pinned key others are judged: whether it is more loosely than by what is in force, and why they wait then.
type Judge = (fn(&Settings, &Settings) -> bool, &'static str);

const BY_INDEX: Judge = (
    |now, new| is_loopback_base(&new.pypi.base) && !is_loopback_base(&now.pypi.base),
    "it is for the index of pypi.base, and the one of the start may not be asked as often",
);
const BY_ADDRESS: Judge = (
    |now, new| is_of_network(now) && !is_of_network(new),
    "it is for the address of web.listen, and at the one of the start others would come in clear text",
);

fn is_of_network(settings: &Settings) -> bool {
    settings.web.listen.is_some_and(|listen| !listen.ip().is_loopback())
}

const WAY_OUT: &str = "connections, and how long PyPI asked to be left alone, belong to the client made at the start";

/// Why a key of the gate is not in force by a reload of the daemon alone.
const OF_ITS_OWN: &str = "the gate is a process of its own, and goes by what it read at its start";
/// Of other sections, and the gate goes by them as well.
const OF_GATE_TOO: [&str; 7] =
    ["contact", "pypi.base", "http.proxy", "http.ca_file", "http.timeout", "claim.upload.user", "web.public_url"];

/// Each with the reason for which it is pinned, where it is.
const KEYS: &[Key] = &[
    pinned!("contact", contact, WAY_OUT),
    live!("instance", instance),
    pinned!("state_dir", state_dir, "the store in it is open and locked"),
    pinned!("witness", witness, "it is compared with the store at a start, and only then"),
    live!("backups", backups),
    live!("inventory", inventory),
    pinned!("pypi.base", pypi.base, "serials, cursors and coverage are those of the index that is followed"),
    pinned!("http.proxy", http.proxy, WAY_OUT),
    pinned!("http.ca_file", http.ca_file, WAY_OUT),
    pinned!("http.timeout", http.timeout, "systemd's watchdog counts with it from the start"),
    live!("feeds.changelog", feeds.changelog),
    judged!("feeds.changelog_every", feeds.changelog_every, BY_INDEX),
    judged!("feeds.rss_every", feeds.rss_every, BY_INDEX),
    judged!("feeds.index_every", feeds.index_every, BY_INDEX),
    judged!("feeds.reconcile_every", feeds.reconcile_every, BY_INDEX),
    live!("alert.default_owner", alert.default_owner),
    live!("alert.escalate_after", alert.escalate_after),
    live!("alert.undelivered_after", alert.undelivered_after),
    live!("alert.daily_at_hour", alert.daily_at_hour),
    live!("alert.canary", alert.canary),
    live!("claim.enabled", claim.enabled),
    live!("claim.company", claim.company),
    live!("claim.contact", claim.contact),
    live!("claim.index", claim.index),
    live!("claim.homepage", claim.homepage),
    live!("claim.policy", claim.policy),
    live!("claim.templates", claim.templates),
    live!("claim.version", claim.version),
    live!("claim.license", claim.license),
    live!("claim.public_hosts", claim.public_hosts),
    live!("claim.customers", claim.customers),
    live!("claim.organization", claim.organization),
    live!("claim.window", claim.window),
    live!("claim.one_person", claim.one_person),
    live!("claim.upload.address", claim.upload.to),
    live!("claim.upload.test_address", claim.upload.test),
    live!("claim.upload.user", claim.upload.user),
    live!("claim.upload.per_day", claim.upload.per_day),
    live!("reports.cron", reports.cron),
    live!("reports.zone", reports.zone),
    pinned!("web.listen", web.listen, "the web is listened for at the address of the start"),
    judged!("web.behind_proxy", web.behind_proxy, BY_ADDRESS),
    judged!("web.public_url", web.public_url, BY_ADDRESS),
    judged!("web.tls.certificate_file", web.tls, BY_ADDRESS),
    live!("web.proxy_user.header", web.proxy_user),
    live!("web.oidc.issuer", web.oidc),
    live!("web.slack.users", web.slack),
    live!("web.session_idle", web.session_idle),
    live!("web.session_length", web.session_length),
    live!("web.link_file", web.link_key),
    live!("web.link_lifetime", web.link_lifetime),
    gate!("gate.listen", gate.listen),
    gate!("gate.public_url", gate.public_url),
    gate!("gate.cache", gate.cache),
    gate!("gate.cache_megabytes", gate.cache_size),
    gate!("gate.state", gate.state),
    gate!("gate.mode", gate.modes),
    gate!("gate.file_age", gate.file_age),
    gate!("gate.project_age", gate.project_age),
    gate!("gate.freeze", gate.freeze),
    gate!("gate.public", gate.public),
    gate!("gate.private.index", gate.private),
    gate!("gate.clients.logins_file", gate.logins),
    gate!("gate.malware.records", gate.malware.records),
    gate!("gate.malware.except", gate.malware.except),
    gate!("gate.consensus.needs", gate.consensus.needs),
    gate!("gate.consensus.mode", gate.consensus.mode),
    gate!("gate.consensus.clients", gate.consensus.clients),
    gate!("gate.consensus.used_for", gate.consensus.used_for),
    gate!("gate.consensus.downloads", gate.consensus.downloads),
    gate!("gate.consensus.downloads_least", gate.consensus.downloads_least),
    gate!("gate.consensus.dependents", gate.consensus.dependents),
    gate!("gate.consensus.dependents_least", gate.consensus.dependents_least),
    gate!("gate.consensus.quiet_for", gate.consensus.quiet_for),
    gate!("gate.consensus.trusted_root", gate.consensus.trusted_root),
    gate!("gate.consensus.shared", gate.consensus.shared),
    gate!("gate.consensus.shared_for", gate.consensus.shared_for),
    gate!("gate.behind_proxy", gate.behind_proxy),
    live!("gate.with_run", gate.with_run),
    gate!("gate.control_socket", gate.socket),
    gate!("gate.approvals", gate.approvals),
    live!("gate.reviewers", gate.reviewers),
    gate!("gate.dashboard_url", gate.dashboard_url),
    gate!("gate.dashboard_user", gate.dashboard_user),
    gate!("gate.log_age", gate.log_age),
    gate!("gate.log_megabytes", gate.log_size),
    pinned!("control.socket", control.socket, "verbs are listened to at the path of the start"),
];

/// The keys that differ and change at once.
pub fn changed_keys(now: &Settings, new: &Settings) -> Vec<&'static str> {
    let is_live = |key: &&Key| match key.nature {
        Nature::Live | Nature::Judged { .. } => true,
        Nature::OfGate => new.gate.with_run,
        Nature::Pinned { .. } => false,
    };
    KEYS.iter().filter(is_live).filter(|key| !(key.is_same)(now, new)).map(|key| key.name).collect()
}

/// The keys that differ and that a gate goes by, whoever started it.
pub fn changed_of_gate(now: &Settings, new: &Settings) -> Vec<&'static str> {
    let is_of_gate = |key: &&Key| matches!(key.nature, Nature::OfGate) || OF_GATE_TOO.contains(&key.name);
    KEYS.iter().filter(is_of_gate).filter(|key| !(key.is_same)(now, new)).map(|key| key.name).collect()
}

/// What can be in force while the daemon runs: `new`, but for the pinned keys and what those alone would allow for, which are
/// as they are now. Says which of these differ, and which are those of a gate that has to be started again.
pub fn adopt(now: &Settings, mut new: Settings) -> (Settings, Vec<Restart>) {
    let (asked, mut restart) = (new.clone(), Vec::new());
    for key in KEYS.iter().filter(|key| !(key.is_same)(now, &asked)) {
        let why = match key.nature {
            Nature::Pinned { keep, why } => {
                keep(&mut new, now);
                why
            }
            Nature::Judged { more_loosely, keep, why } if more_loosely(now, &asked) => {
                keep(&mut new, now);
                why
            }
            Nature::OfGate if !asked.gate.with_run => OF_ITS_OWN,
            Nature::OfGate | Nature::Live | Nature::Judged { .. } => continue,
        };
        restart.push(Restart { key: key.name.to_owned(), why: why.to_owned() });
    }
    (new, restart)
}

impl Restart {
    /// Is it another process that has to be started again?
    pub fn is_of_gate(&self) -> bool {
        self.why == OF_ITS_OWN
    }
}

/// Channels that differ.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChangedChannels {
    pub started: Vec<Channel>,
    pub ended: Vec<Channel>,
    /// Those that are in both, with another setting or another secret.
    pub changed: Vec<Channel>,
}

/// The channels of two configurations, side by side.
pub fn changed_channels(now: &AlertSettings, new: &AlertSettings) -> ChangedChannels {
    let mut differ = ChangedChannels::default();
    for (channel, settings) in &new.channels {
        match now.channels.get(channel) {
            None => differ.started.push(channel.clone()),
            Some(before) if before != settings => differ.changed.push(channel.clone()),
            Some(_) => {}
        }
    }
    differ.ended = now.channels.keys().filter(|channel| !new.channels.contains_key(*channel)).cloned().collect();
    differ
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::config::{ClaimSettings, ConfigError, Environment, UploadSettings, load};

    pub(in crate::config) const TEXT: &str = r#"
contact = "ops@acme.example"
instance = "one"
state_dir = "state"
witness = "memory"
backups = "copies"
inventory = "names.toml"
[pypi]
base = "https://pypi.acme.example"
[http]
proxy = "http://proxy.acme.example:3128"
ca_file = "a.pem"
timeout = "20s"
[feeds]
changelog = "on"
changelog_every = "70s"
rss_every = "40s"
index_every = "6m"
reconcile_every = "12h"
[alert]
default_owner = "security"
escalate_after = "2h"
undelivered_after = "30m"
daily_at_hour = 6
canary = false
console = false
[alert.email]
host = "mail.acme.example"
from = "watch@acme.example"
[alert.slack.team]
url_file = "hook"
[claim]
enabled = false
company = "Acme Corp"
contact = "packages@acme.example"
index = "https://pypi.acme.example/simple"
homepage = "https://acme.example"
policy = "https://acme.example/names"
templates = "texts"
version = "0.0.1"
license = "MIT"
public_hosts = []
customers = []
organization = "acme"
window = "24h"
one_person = false
[claim.upload]
address = "https://upload.acme.example/legacy"
token_credential = "pypi-token"
test_address = "https://test.acme.example/legacy"
test_token_credential = "testpypi-token"
user = "namewarden-claim"
per_day = 3
[reports]
cron = "0 8 * * 1"
zone = "UTC"
[gate]
listen = "127.0.0.1:8480"
public_url = "https://gate.acme.example"
cache = "cache"
cache_megabytes = 500
state = "gate"
mode = "enforce"
file_age = "7d"
project_age = "30d"
freeze = "2026-01-01T00:00:00Z"
public = ["acme-open"]
behind_proxy = false
with_run = false
control_socket = "gate.sock"
approvals = 1
reviewers = ["security"]
dashboard_url = "https://watch.acme.example"
dashboard_user = "namewarden"
log_age = "365d"
log_megabytes = 100
[gate.private]
index = "https://index.acme.example/simple/"
[gate.clients]
logins_file = "gate-logins"
[gate.malware]
records = "osv.zip"
except = ["MAL-2026-1"]
[gate.consensus]
needs = 2
mode = "enforce"
clients = 2
used_for = "7d"
downloads = "downloads.json"
downloads_least = 100000
dependents = "dependents.json"
dependents_least = 100
quiet_for = "3d"
trusted_root = "trusted_root.json"
shared = [{ name = "globex", list = "globex.json", key = "RWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3" }]
shared_for = "30d"
[web]
listen = "127.0.0.1:8470"
behind_proxy = true
public_url = "https://watch.acme.example"
session_idle = "8h"
session_length = "7d"
link_file = "key"
link_lifetime = "3d"
[web.tls]
certificate_file = "chain.pem"
key_file = "tls-key"
[web.proxy_user]
header = "X-Forwarded-User"
secret_file = "proxy-secret"
[web.oidc]
issuer = "https://login.acme.example"
client_id = "namewarden"
client_secret_file = "proxy-secret"
[web.slack]
signing_secret_file = "slack-secret"
channels = ["team"]
users = { U012AB3CD = "ada" }
[control]
socket = "control.sock"
"#;

    pub(in crate::config) fn settings(text: &str, hook: &str) -> Settings {
        read(text, hook).unwrap_or_else(|error| panic!("{error}"))
    }

    /// With all that it names beside it.
    pub(in crate::config) fn read(text: &str, hook: &str) -> Result<Settings, ConfigError> {
        use std::io::Write as _;
        use std::os::unix::fs::OpenOptionsExt as _;
        // The same path for all: it is part of the settings.
        static DIR: std::sync::LazyLock<tempfile::TempDir> =
            std::sync::LazyLock::new(|| tempfile::tempdir().expect("a directory"));
        static ALONE: std::sync::Mutex<()> = std::sync::Mutex::new(());
        let _alone = ALONE.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let file = DIR.path().join("namewarden.toml");
        for (name, key) in [
            ("key", "one of many random letters, 0123456789"),
            ("other-key", "9876543210, other letters of another key"),
            ("slack-secret", "8f742231b10e8888abcd99yyyzzz85a5"),
            ("proxy-secret", "WHAT-ONLY-THE-PROXY-KNOWS-0123456789"),
            ("tls-key", include_str!("../../tests/fixtures/tls/self-signed.key")),
            ("chain.pem", OWN),
            ("other-chain.pem", &format!("{OWN}{}", include_str!("../../tests/fixtures/tls/stranger.pem"))),
        ] {
            let _ = std::fs::remove_file(DIR.path().join(name));
            let made = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(DIR.path().join(name));
            made.and_then(|mut made| made.write_all(key.as_bytes())).expect("written");
        }
        std::fs::write(&file, text).expect("written");
        let _ = std::fs::remove_file(DIR.path().join("hook"));
        let secret = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(DIR.path().join("hook"));
        secret.and_then(|mut secret| secret.write_all(hook.as_bytes())).expect("written");
        load(&file, &Environment::default())
    }

    const OWN: &str = include_str!("../../tests/fixtures/tls/self-signed.pem");
    pub(in crate::config) const HOOK: &str = "https://hooks.acme.example/services/T0/B0/x";

    /// Another value of this key, good as well.
    pub(in crate::config) fn other(key: &str) -> &'static str {
        match key {
            // "1h" is too much for a request.
            "http.timeout" => "\"1m\"",
            "contact" | "claim.contact" => "\"other@acme.example\"",
            "claim.enabled" | "claim.one_person" | "gate.behind_proxy" | "gate.with_run" => "true",
            "web.behind_proxy" => "false",
            "gate.approvals" | "claim.upload.per_day" => "2",
            "gate.reviewers" => "[\"another\"]",
            "gate.log_age" => "\"30d\"",
            "gate.log_megabytes" => "200",
            "gate.listen" => "\"127.0.0.1:8481\"",
            "gate.cache_megabytes" => "600",
            "gate.mode" | "gate.consensus.mode" => "\"observe\"",
            "gate.malware.except" => "[\"MAL-2026-2\"]",
            "gate.consensus.needs" | "gate.consensus.clients" => "3",
            key if key.starts_with("gate.consensus") && key.ends_with("least") => "3",
            "gate.consensus.shared" => "[]",
            "gate.freeze" => "\"2026-02-01T00:00:00Z\"",
            "gate.public" => "[\"another\"]",
            "claim.window" => "\"1h\"",
            "reports.cron" => "\"never\"",
            "reports.zone" => "\"Europe/Berlin\"",
            "claim.index" | "claim.homepage" | "claim.policy" => "\"https://other.acme.example\"",
            "claim.upload.address" | "claim.upload.test_address" => "\"https://other.acme.example\"",
            "web.listen" => "\"127.0.0.1:8471\"",
            "web.public_url" | "web.oidc.issuer" | "gate.public_url" | "gate.private.index" | "gate.dashboard_url" => {
                "\"https://other.acme.example\""
            }
            "web.session_idle" | "web.session_length" | "web.link_lifetime" => "\"1h\"",
            "web.slack.users" => "{ U012AB3CD = \"bob\" }",
            "web.link_file" => "\"other-key\"",
            "web.tls.certificate_file" => "\"other-chain.pem\"",
            "claim.version" => "\"0.0.2\"",
            "claim.license" => "\"Apache-2.0\"",
            "claim.public_hosts" | "claim.customers" => "[\"other.acme.example\"]",
            "pypi.base" => "\"https://other.acme.example\"",
            "http.proxy" => "\"http://other.acme.example:3128\"",
            "feeds.changelog" => "\"auto\"",
            "alert.daily_at_hour" => "5",
            "alert.canary" => "true",
            key if ["every", "after", "timeout", "_for", "_age"].iter().any(|end| key.ends_with(end)) => "\"1h\"",
            _ => "\"another\"",
        }
    }

    /// The text with another value of this key.
    pub(in crate::config) fn with_other(text: &str, key: &str) -> String {
        let (section, name) = key.rsplit_once('.').unwrap_or(("", key));
        let start = if section.is_empty() { 0 } else { text.find(&format!("[{section}]\n")).expect("a section") };
        let at = start + text[start..].find(&format!("\n{name} = ")).expect("a key") + 1;
        let end = at + text[at..].find('\n').expect("a line");
        format!("{}{name} = {}{}", &text[..at], other(key), &text[end..])
    }

    /// Every key, and what becomes of it when it changes.
    pub(in crate::config) fn keys() -> Vec<(&'static str, Becomes)> {
        let becomes = |nature: &Nature| match nature {
            Nature::Pinned { .. } => Becomes::Kept,
            Nature::OfGate => Becomes::OfGate,
            Nature::Live | Nature::Judged { .. } => Becomes::New,
        };
        KEYS.iter().map(|key| (key.name, becomes(&key.nature))).collect()
    }

    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub(in crate::config) enum Becomes {
        Kept,
        OfGate,
        New,
    }

    /// Every value of the file, changed alone, is named, and by its own name.
    #[test]
    fn every_key_is_live_or_pinned() {
        let now = settings(TEXT, HOOK);
        for key in KEYS {
            let (text, value) = (with_other(TEXT, key.name), other(key.name));
            let new = settings(&text, HOOK);
            let (adopted, restart) = adopt(&now, new.clone());
            let restart: Vec<&str> = restart.iter().map(|restart| restart.key.as_str()).collect();
            let named = [changed_keys(&now, &adopted), restart.clone()].concat();
            assert_eq!(named, [key.name], "{value}");
            let is_kept = matches!(key.nature, Nature::Pinned { .. });
            assert_eq!(adopted == now, is_kept, "{}: what is pinned stays, what is not changes", key.name);
            assert_eq!(!restart.is_empty(), is_kept || matches!(key.nature, Nature::OfGate), "{}", key.name);
        }
        assert_eq!(changed_channels(&now.alert, &now.alert), ChangedChannels::default());
    }

    /// A reload of the daemon freezes nothing in a gate that is a process of its own.
    #[test]
    fn keys_of_a_gate_of_its_own_wait_for_its_restart_and_those_of_a_gate_of_ours_do_not() {
        let with = |text: &str| settings(&text.replace("with_run = false", "with_run = true"), HOOK);
        let frozen = TEXT.replace("2026-01-01T00", "2026-02-01T00");
        let (new, restart) = adopt(&settings(TEXT, HOOK), settings(&frozen, HOOK));
        assert!(restart.len() == 1 && restart[0].key == "gate.freeze" && restart[0].is_of_gate());
        assert_eq!(changed_keys(&settings(TEXT, HOOK), &new), [""; 0]);
        let (new, restart) = adopt(&with(TEXT), with(&frozen));
        assert!(restart.is_empty() && changed_keys(&with(TEXT), &new) == ["gate.freeze"]);
        let of_gate = |text: &str| changed_of_gate(&settings(TEXT, HOOK), &settings(text, HOOK));
        assert_eq!(of_gate(&frozen), ["gate.freeze"]);
        assert_eq!(
            of_gate(&TEXT.replace("https://pypi.acme.example\"\n[http]", "https://other.example\"\n[http]")),
            ["pypi.base"]
        );
        assert_eq!(
            of_gate(
                &TEXT.replace("[\"security\"]", "[\"another\"]").replace("rss_every = \"40s\"", "rss_every = \"50s\"")
            ),
            [""; 0]
        );
    }

    /// Whoever adds a setting is asked here what a reload does with it.
    #[test]
    fn no_setting_is_forgotten() {
        let now = settings(TEXT, HOOK);
        let Settings {
            file: _,
            drop_ins: _,
            environment: _,
            loaded: _,
            contact: _,
            instance: _,
            state_dir: _,
            witness: _,
            backups: _,
            inventory: _,
            pypi: super::super::settings::PypiSettings { base: _ },
            http: super::super::settings::HttpSettings { proxy: _, ca_file: _, timeout: _ },
            feeds:
                super::super::settings::FeedSettings {
                    changelog: _,
                    changelog_every: _,
                    rss_every: _,
                    index_every: _,
                    reconcile_every: _,
                },
            alert:
                AlertSettings {
                    default_owner: _,
                    escalate_after: _,
                    undelivered_after: _,
                    daily_at_hour: _,
                    canary: _,
                    channels: _,
                },
            claim:
                ClaimSettings {
                    enabled: _,
                    company: _,
                    contact: _,
                    index: _,
                    homepage: _,
                    policy: _,
                    templates: _,
                    version: _,
                    license: _,
                    public_hosts: _,
                    customers: _,
                    organization: _,
                    window: _,
                    one_person: _,
                    upload: UploadSettings { to: _, test: _, user: _, per_day: _ },
                },
            reports: crate::config::ReportSettings { cron: _, zone: _ },
            gate: _,
            web: _,
            control: super::super::settings::ControlSettings { socket: _ },
        } = now;
        assert_eq!(KEYS.len(), 87, "those above without the three first, what systemd loaded, and the channels");
    }

    #[test]
    fn no_setting_of_the_web_is_forgotten() {
        let web = settings(TEXT, HOOK).web;
        let crate::config::WebSettings {
            listen: _,
            behind_proxy: _,
            public_url: _,
            tls: _,
            proxy_user: _,
            oidc: _,
            slack: _,
            session_idle: _,
            session_length: _,
            link_key: _,
            link_lifetime: _,
        } = web;
        assert_eq!(KEYS.iter().filter(|key| key.name.starts_with("web.")).count(), 11);
    }

    #[test]
    fn no_setting_of_the_gate_is_forgotten() {
        let gate = settings(TEXT, HOOK).gate;
        let crate::config::GateSettings {
            listen: _,
            public_url: _,
            cache: _,
            cache_size: _,
            state: _,
            modes: crate::config::GateModes { file_age: _, project_age: _, findings: _ },
            file_age: _,
            project_age: _,
            freeze: _,
            public: _,
            private: _,
            logins: _,
            malware: crate::config::MalwareSettings { records: _, except: _ },
            consensus:
                crate::config::ConsensusSettings {
                    needs: _,
                    mode: _,
                    clients: _,
                    used_for: _,
                    downloads: _,
                    downloads_least: _,
                    dependents: _,
                    dependents_least: _,
                    quiet_for: _,
                    trusted_root: _,
                    shared: _,
                    shared_for: _,
                },
            behind_proxy: _,
            with_run: _,
            socket: _,
            approvals: _,
            reviewers: _,
            dashboard_url: _,
            dashboard_user: _,
            log_age: _,
            log_size: _,
        } = gate;
        assert_eq!(KEYS.iter().filter(|key| key.name.starts_with("gate.")).count(), 35);
    }

    #[test]
    fn channels_start_end_and_change_also_by_their_secret() {
        let channels = |differ: &ChangedChannels| {
            let names = |list: &[Channel]| list.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
            format!("{}|{}|{}", names(&differ.started), names(&differ.ended), names(&differ.changed))
        };
        let now = settings(TEXT, HOOK);
        let secret = settings(TEXT, "https://hooks.acme.example/services/T0/B0/y");
        assert_eq!(channels(&changed_channels(&now.alert, &secret.alert)), "||slack:team");
        let text = TEXT
            .replace("slack.team", "slack.other")
            .replace("[\"team\"]", "[\"other\"]")
            .replace("console = false", "console = true");
        let new = settings(&text.replace("mail.acme", "smtp.acme"), HOOK);
        assert_eq!(channels(&changed_channels(&now.alert, &new.alert)), "slack:other console|slack:team|email");
    }
}
