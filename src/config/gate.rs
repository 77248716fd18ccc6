//! The section `[gate]`: an index in front of PyPI and of the private one, and what it lets through.

use std::collections::BTreeSet;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use toml::Spanned;

use super::evidence::{ConsensusSettings, MalwareSettings};
use super::fault::Fault;
use super::gate_mode::{GateMode, GateModes};
use super::loader::{Loader, open};
use super::uploads::TokenPlace;
use super::{check, file};
use crate::model::{OwnerId, ProjectName, Time};

/// What the gate is, and what it asks of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GateSettings {
    pub listen: SocketAddr,
    /// How clients reach it, without a slash at its end; `None`: by `listen`.
    pub public_url: Option<String>,
    /// Directory of verified files.
    pub cache: PathBuf,
    /// Bytes of them.
    pub cache_size: u64,
    /// Directory of what was ever ours.
    pub state: PathBuf,
    pub modes: GateModes,
    /// Of a file.
    pub file_age: Duration,
    /// Of a project's first file.
    pub project_age: Duration,
    /// Nothing that was uploaded later.
    pub freeze: Option<Time>,
    /// Watched names that are installed from PyPI on purpose.
    pub public: BTreeSet<ProjectName>,
    pub private: Option<PrivateIndex>,
    pub malware: MalwareSettings,
    pub consensus: ConsensusSettings,
    /// Where the users are who may ask; `None`: anybody may.
    pub logins: Option<TokenPlace>,
    /// A proxy in front of it says for whom it asks.
    pub behind_proxy: bool,
    /// `run` starts it, as a process that is handed no credential.
    pub with_run: bool,
    /// Where its verbs reach it.
    pub socket: PathBuf,
    /// So many persons have to agree to what is held.
    pub approvals: usize,
    /// Owners who are told what is held; none: the default owner is.
    pub reviewers: BTreeSet<OwnerId>,
    /// Where reviews are looked at, without a slash at its end.
    pub dashboard_url: Option<String>,
    /// Who may say for whom they decide: the user of the daemon.
    pub dashboard_user: Option<String>,
    /// How long who received what is kept.
    pub log_age: Duration,
    /// Bytes of it.
    pub log_size: u64,
}

/// The company's own index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PrivateIndex {
    /// Of the simple API, with a slash at its end.
    pub root: String,
    /// Where `user:password` is.
    pub login: Option<TokenPlace>,
    /// It has copies of public packages that somebody chose.
    pub copies: bool,
}

const LISTEN: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 8480);
const MEGABYTE: u64 = 1_000_000;
const CACHE: u64 = 20_000;
const LOG: u64 = 2000;
const YEAR: u64 = 365;

impl Default for GateSettings {
    fn default() -> Self {
        Self {
            listen: LISTEN,
            public_url: None,
            cache: PathBuf::from("/var/cache/namewarden"),
            cache_size: CACHE * MEGABYTE,
            state: PathBuf::from("/var/lib/namewarden-gate"),
            modes: GateModes::all(GateMode::Enforce),
            file_age: Duration::from_hours(7 * 24),
            project_age: Duration::from_hours(30 * 24),
            freeze: None,
            public: BTreeSet::new(),
            private: None,
            malware: MalwareSettings::default(),
            consensus: ConsensusSettings::default(),
            logins: None,
            behind_proxy: false,
            with_run: false,
            socket: PathBuf::from("/run/namewarden-gate/control.sock"),
            approvals: 1,
            reviewers: BTreeSet::new(),
            dashboard_url: None,
            dashboard_user: None,
            log_age: Duration::from_hours(3 * YEAR * 24),
            log_size: LOG * MEGABYTE,
        }
    }
}

impl GateSettings {
    /// How clients reach it.
    pub fn address(&self) -> String {
        self.public_url.clone().unwrap_or_else(|| format!("http://{}", self.listen))
    }
}

impl Loader<'_> {
    pub(super) fn gate(&mut self, gate: file::Gate, web: Option<SocketAddr>) -> Option<GateSettings> {
        let (dir, usual) = (self.directory.clone(), GateSettings::default());
        let listen = self.or("gate.listen", gate.listen, usual.listen, |text| {
            let listen = address(&text)?;
            web.map_or(Ok(()), |web| apart(web, listen))?;
            Ok(listen)
        });
        let public_url = self.optional("gate.public_url", gate.public_url, |text| base(&text));
        let cache = self.or("gate.cache", gate.cache, usual.cache, |text| check::directory(&dir, &text));
        let cache_size = self.or("gate.cache_megabytes", gate.cache_megabytes, usual.cache_size, megabytes);
        let state = self.or("gate.state", gate.state, usual.state, |text| check::directory(&dir, &text));
        let modes = self.modes(gate.mode, gate.modes);
        let file_age = self.period("gate.file_age", gate.file_age, "7d", ("0s", "365d"));
        let project_age = self.period("gate.project_age", gate.project_age, "30d", ("0s", "365d"));
        let freeze = self.optional("gate.freeze", gate.freeze, |text| moment(&text));
        let public = self.or("gate.public", gate.public, BTreeSet::new(), names);
        let private = self.private(gate.private);
        let logins = self.logins(gate.clients);
        let malware = self.malware(gate.malware);
        let records = malware.as_ref().is_some_and(|malware| malware.records.is_some());
        let consensus = self.consensus(gate.consensus, records, file_age);
        let socket =
            self.or("gate.control_socket", gate.control_socket, usual.socket, |text| check::socket(&dir, &text));
        let approvals = self.or("gate.approvals", gate.approvals, usual.approvals, persons);
        let reviewers = self.or("gate.reviewers", gate.reviewers, BTreeSet::new(), owners);
        let dashboard_url = self.optional("gate.dashboard_url", gate.dashboard_url, |text| base(&text));
        let dashboard_user = self.optional("gate.dashboard_user", gate.dashboard_user, |text| user(&text));
        let log_age = self.period("gate.log_age", gate.log_age, "1095d", ("1d", "36500d"));
        let log_size = self.or("gate.log_megabytes", gate.log_megabytes, usual.log_size, log_megabytes);
        let behind_proxy = gate.behind_proxy.unwrap_or_default();
        let with_run = gate.with_run.unwrap_or_default();
        Some(GateSettings {
            listen: listen?,
            public_url: public_url?,
            cache: cache?,
            cache_size: cache_size?,
            state: state?,
            modes,
            file_age: file_age?,
            project_age: project_age?,
            freeze: freeze?,
            public: public?,
            private: private?,
            logins: logins?,
            malware: malware?,
            consensus: consensus?,
            behind_proxy,
            with_run,
            socket: socket?,
            approvals: approvals?,
            reviewers: reviewers?,
            dashboard_url: dashboard_url?,
            dashboard_user: dashboard_user?,
            log_age: log_age?,
            log_size: log_size?,
        })
    }

    fn private(&mut self, private: Option<Spanned<file::GatePrivate>>) -> Option<Option<PrivateIndex>> {
        if private.is_none() {
            return Some(None);
        }
        let (at, private) = open(private);
        let login = self.place("gate.private", "login", private.login_file, private.login_credential);
        let instead = "write the address of its simple API, https://HOST/simple/";
        let root = self.required("gate.private.index", at.start, private.index, instead, |text| simple(&text));
        let copies = private.copies.unwrap_or_default();
        Some(Some(PrivateIndex { root: root?, login: login?, copies }))
    }
}

fn address(text: &str) -> Result<SocketAddr, Fault> {
    text.parse().map_err(|_| {
        let what = format!("{text:?} is no address with a port");
        Fault::new(what, "write a numeric address, listen = \"127.0.0.1:8480\"")
    })
}

fn base(text: &str) -> Result<String, Fault> {
    let write = "write how clients reach it, public_url = \"https://gate.your.example\"";
    let url = check::web(text).map_err(|what| Fault::new(format!("this address {what}"), write))?;
    match url.query().is_none() && url.fragment().is_none() {
        true => Ok(text.trim_end_matches('/').to_owned()),
        false => Err(Fault::new(format!("{text:?} goes on after the path"), write)),
    }
}

/// Whoever speaks for others must be nobody in particular.
fn user(text: &str) -> Result<String, Fault> {
    let fits = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    match !text.is_empty() && text.len() <= 32 && text.chars().all(fits) {
        true => Ok(text.to_owned()),
        false => {
            let write = "write the user that `namewarden run` has, dashboard_user = \"namewarden\"";
            Err(Fault::new(format!("{text:?} is no user of this machine"), write))
        }
    }
}

/// It may hold an account, so it is not repeated.
fn simple(text: &str) -> Result<String, Fault> {
    let write = "write the address of its simple API, https://HOST/simple/; a login stands in login_credential";
    let url = check::web(text).map_err(|what| Fault::new(format!("this address {what}"), write))?;
    let bare = url.query().is_none() && url.fragment().is_none();
    match bare && (url.scheme() == "https" || check::is_loopback_base(text)) {
        true => Ok(format!("{}/", text.trim_end_matches('/'))),
        false => Err(Fault::new("this address is clear text, or goes on after the path", write)),
    }
}

fn megabytes(number: i64) -> Result<u64, Fault> {
    let size = u64::try_from(number).ok().filter(|size| (100..=100_000_000).contains(size));
    size.map(|size| size * MEGABYTE)
        .ok_or_else(|| Fault::new(format!("{number} is no size of a cache"), "write 100 to 100000000, in megabytes"))
}

fn log_megabytes(number: i64) -> Result<u64, Fault> {
    let size = u64::try_from(number).ok().filter(|size| (10..=1_000_000).contains(size));
    size.map(|size| size * MEGABYTE)
        .ok_or_else(|| Fault::new(format!("{number} is no size of a log"), "write 10 to 1000000, in megabytes"))
}

fn persons(number: i64) -> Result<usize, Fault> {
    let number = usize::try_from(number).ok().filter(|number| (1..=2).contains(number));
    number.ok_or_else(|| Fault::new("one person or two agree".to_owned(), "write approvals = 1, or approvals = 2"))
}

fn owners(texts: Vec<String>) -> Result<BTreeSet<OwnerId>, Fault> {
    let owner = |text: String| match text.trim().is_empty() {
        true => Err(Fault::new(
            "an owner without a name".to_owned(),
            "write owners of the inventory, reviewers = [\"security\"]",
        )),
        false => Ok(OwnerId(text)),
    };
    texts.into_iter().map(owner).collect()
}

fn moment(text: &str) -> Result<Time, Fault> {
    chrono::DateTime::parse_from_rfc3339(text)
        .map(|time| time.to_utc())
        .map_err(|_| Fault::new(format!("{text:?} is no time"), "write freeze = \"2026-11-27T00:00:00Z\""))
}

fn names(texts: Vec<String>) -> Result<BTreeSet<ProjectName>, Fault> {
    let name = |text: &String| {
        ProjectName::parse(text).map_err(|error| Fault::new(format!("{text:?}: {error}"), "write names of projects"))
    };
    texts.iter().map(name).collect()
}

/// Whoever comes second to an address has none.
pub(super) fn apart(web: SocketAddr, gate: SocketAddr) -> Result<(), Fault> {
    let everywhere = web.ip().is_unspecified() || gate.ip().is_unspecified();
    if gate.port() == 0 || web.port() != gate.port() || !(everywhere || web.ip() == gate.ip()) {
        return Ok(());
    }
    let what = format!("[web] listens at {web}, and the gate cannot listen at {gate} then");
    Err(Fault::new(what, format!("write another port, listen = \"{}:{}\"", gate.ip(), other_port(gate.port()))))
}

fn other_port(of: u16) -> u16 {
    of.checked_add(1).unwrap_or(LISTEN.port())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_web_and_the_gate_do_not_listen_at_one_address() {
        let apart = |web: &str, gate: &str| {
            let [web, gate] = [web, gate].map(|text| text.parse().expect("an address"));
            said(apart(web, gate))
        };
        for same in [("127.0.0.1:1", "127.0.0.1:1"), ("0.0.0.0:1", "127.0.0.1:1"), ("[::1]:1", "[::]:1")] {
            assert!(apart(same.0, same.1).contains("write another port"), "{same:?}");
        }
        for other in [("127.0.0.1:1", "127.0.0.1:2"), ("127.0.0.1:1", "127.0.0.2:1"), ("127.0.0.1:0", "127.0.0.1:0")] {
            assert_eq!(apart(other.0, other.1), "()");
        }
    }

    fn said<T: std::fmt::Debug>(of: Result<T, Fault>) -> String {
        of.map_or_else(|fault| format!("{}; {}", fault.what, fault.instead), |good| format!("{good:?}"))
    }

    #[test]
    fn the_private_index_is_asked_over_tls_or_within_this_machine() {
        assert_eq!(said(simple("https://pypi.acme.example/simple")), "\"https://pypi.acme.example/simple/\"");
        assert_eq!(
            said(simple("http://127.0.0.1:3141/root/dev/+simple/")),
            "\"http://127.0.0.1:3141/root/dev/+simple/\""
        );
        assert!(said(simple("http://pypi.acme.example/simple/")).contains("clear text"));
        let with_password = said(simple("https://ada:hunter2@pypi.acme.example/simple/"));
        assert!(!with_password.contains("hunter2") && with_password.contains("login_credential"), "{with_password}");
    }

    #[test]
    fn what_is_no_size_time_or_name_is_said() {
        assert_eq!(said(megabytes(100)), "100000000");
        assert!(said(megabytes(99)).contains("100 to"));
        assert!(said(moment("tomorrow")).contains("is no time"));
        assert!(said(names(vec!["acme".to_owned(), "é".to_owned()])).contains("\"é\""));
        assert!(said(address("localhost:1")).contains("numeric address"));
    }
}
