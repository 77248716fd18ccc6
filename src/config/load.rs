//! From the file to `Settings`: every fault of the values at once, each with line, key and remedy.

use std::collections::BTreeMap;
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::time::Duration;

use toml::Spanned;

use super::check;
use super::credential::{self, Found, Vault};
use super::environment::Environment;
use super::file::{self, Key};
use super::period::Period;
use super::source::{Fault, Problem, Source, lines};
use super::{
    AlertSettings, ChangelogMode, ControlSettings, EmailSettings, FeedSettings, HttpSettings, MailTls, PypiSettings,
    Secret, Settings, SlackSettings, WebhookSettings,
};
use crate::model::OwnerId;

/// Why there are no settings. The program ends with `EXIT_STATUS` before anything starts.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("the configuration {} cannot be read; name another with --config FILE, or write one: namewarden init", path.display())]
    Read { path: PathBuf, source: io::Error },
    /// One problem a line.
    #[error("{}", lines(problems))]
    Invalid { problems: Vec<Problem> },
}

impl ConfigError {
    /// `EX_CONFIG` of `sysexits.h`; the unit does not restart after it.
    pub const EXIT_STATUS: u8 = 78;
}

/// Reads, resolves and checks the configuration, its credentials included.
///
/// # Errors
/// `Read` when there is no file, `Invalid` with every problem found (only the first, if it is no TOML of our shape).
pub fn load(path: &Path, environment: &Environment) -> Result<Settings, ConfigError> {
    let source = Source::read(path).map_err(|source| ConfigError::Read { path: path.to_owned(), source })?;
    from_source(&source, environment).map_err(|problems| ConfigError::Invalid { problems })
}

fn from_source(source: &Source, environment: &Environment) -> Result<Settings, Vec<Problem>> {
    let file: file::File = source.parse_toml().map_err(|problem| vec![problem])?;
    let mut loader = Loader::new(source, environment);
    match loader.settings(file, environment) {
        Some(settings) if loader.problems.is_empty() => Ok(settings),
        _ => {
            loader.problems.sort_by(|a, b| a.place.cmp(&b.place));
            Err(loader.problems)
        }
    }
}

/// Checks values and collects what is wrong. A method gives `None` only after it has noted a problem.
struct Loader<'s> {
    source: &'s Source,
    /// Directory of the configuration file.
    directory: PathBuf,
    vault: Vault,
    problems: Vec<Problem>,
}

impl<'s> Loader<'s> {
    fn new(source: &'s Source, environment: &Environment) -> Self {
        let directory = source.path().parent().unwrap_or(Path::new("")).to_owned();
        let vault = Vault { systemd: environment.credentials.clone(), beside: directory.join("credentials") };
        Self { source, directory, vault, problems: Vec::new() }
    }

    fn note<T>(&mut self, at: usize, key: &str, fault: Fault) -> Option<T> {
        self.problems.push(self.source.problem(at, key, fault));
        None
    }

    fn check<T, U>(&mut self, key: &str, value: Spanned<T>, check: impl FnOnce(T) -> Result<U, Fault>) -> Option<U> {
        let at = value.span().start;
        match check(value.into_inner()) {
            Ok(good) => Some(good),
            Err(fault) => self.note(at, key, fault),
        }
    }

    /// A key with a default.
    fn or<T, U>(
        &mut self,
        key: &str,
        value: Key<T>,
        default: U,
        check: impl FnOnce(T) -> Result<U, Fault>,
    ) -> Option<U> {
        match value {
            Some(value) => self.check(key, value, check),
            None => Some(default),
        }
    }

    /// A key that has no default and may be left out.
    fn optional<T, U>(
        &mut self,
        key: &str,
        value: Key<T>,
        check: impl FnOnce(T) -> Result<U, Fault>,
    ) -> Option<Option<U>> {
        self.or(key, value, None, |value| check(value).map(Some))
    }

    fn required<T, U>(
        &mut self,
        key: &str,
        at: usize,
        value: Key<T>,
        instead: &str,
        check: impl FnOnce(T) -> Result<U, Fault>,
    ) -> Option<U> {
        match value {
            Some(value) => self.check(key, value, check),
            None => self.note(at, key, Fault::new("is missing", instead)),
        }
    }

    fn settings(&mut self, file: file::File, environment: &Environment) -> Option<Settings> {
        let dir = self.directory.clone();
        let state = environment.state.clone().unwrap_or_else(|| PathBuf::from("/var/lib/namewarden"));
        let instead = "write who PyPI's administrators may ask: contact = \"security@your.example\"";
        let contact = self.required("contact", 0, file.contact, instead, |text| check::contact(&text));
        let state_dir = self.or("state_dir", file.state_dir, state, |text| check::path(&dir, &text));
        let beside = dir.join("inventory.toml");
        let inventory = self.or("inventory", file.inventory, beside, |text| check::path(&dir, &text));
        let pypi = self.pypi(file.pypi);
        let local = pypi.as_ref().is_some_and(|pypi| check::is_loopback_base(&pypi.base));
        let http = self.http(file.http.unwrap_or_default());
        let feeds = self.feeds(file.feeds.unwrap_or_default(), local);
        let alert = self.alert(file.alert);
        let control = self.control(file.control.unwrap_or_default(), environment);
        Some(Settings {
            contact: contact?,
            state_dir: state_dir?,
            inventory: inventory?,
            pypi: pypi?,
            http: http?,
            feeds: feeds?,
            alert: alert?,
            control: control?,
        })
    }

    fn pypi(&mut self, pypi: Option<Spanned<file::Pypi>>) -> Option<PypiSettings> {
        let (at, pypi) = open(pypi);
        let instead = "write the base address of the index under [pypi]; namewarden init writes that of PyPI";
        let base = self.required("pypi.base", at.start, pypi.base, instead, |text| check::base(&text))?;
        Some(PypiSettings { base })
    }

    fn http(&mut self, http: file::Http) -> Option<HttpSettings> {
        let dir = self.directory.clone();
        let proxy = self.optional("http.proxy", http.proxy, |text| check::proxy(&text));
        let ca_file = self.optional("http.ca_file", http.ca_file, |text| check::path(&dir, &text));
        let timeout = self.period("http.timeout", http.timeout, "30s", ("1s", "10m"));
        Some(HttpSettings { proxy: proxy?, ca_file: ca_file?, timeout: timeout? })
    }

    /// The lower bounds spare PyPI; an index on this machine needs no sparing.
    fn feeds(&mut self, feeds: file::Feeds, local: bool) -> Option<FeedSettings> {
        let least = |bound| if local { "100ms" } else { bound };
        let changelog = match feeds.changelog.map(Spanned::into_inner) {
            None | Some(file::Changelog::Auto) => ChangelogMode::Auto,
            Some(file::Changelog::On) => ChangelogMode::On,
            Some(file::Changelog::Off) => ChangelogMode::Off,
        };
        let changelog_every = self.period("feeds.changelog_every", feeds.changelog_every, "60s", (least("10s"), "1h"));
        let rss_every = self.period("feeds.rss_every", feeds.rss_every, "30s", (least("5s"), "1h"));
        let index_every = self.period("feeds.index_every", feeds.index_every, "5m", (least("1m"), "1d"));
        let reconcile_every = self.period("feeds.reconcile_every", feeds.reconcile_every, "24h", (least("10m"), "7d"));
        Some(FeedSettings {
            changelog,
            changelog_every: changelog_every?,
            rss_every: rss_every?,
            index_every: index_every?,
            reconcile_every: reconcile_every?,
        })
    }

    fn period(&mut self, key: &str, value: Key<Period>, default: &str, range: (&str, &str)) -> Option<Duration> {
        let default = default.parse().map_or(Duration::ZERO, |period: Period| period.0);
        self.or(key, value, default, check::within(range.0, range.1))
    }

    fn alert(&mut self, alert: Option<Spanned<file::Alert>>) -> Option<AlertSettings> {
        let (at, alert) = open(alert);
        if alert.email.is_none() && alert.slack.is_empty() && alert.webhook.is_empty() {
            self.note::<()>(at.start, "alert", no_alert_path());
        }
        let instead = "write the id of an owner in the inventory who answers for whatever nobody else does";
        let default_owner = self.required("alert.default_owner", at.start, alert.default_owner, instead, owner);
        let escalate_after = self.escalation(alert.escalate_after);
        let undelivered_after = self.period("alert.undelivered_after", alert.undelivered_after, "1h", ("1s", "7d"));
        let daily_at_hour = self.or("alert.daily_at_hour", alert.daily_at_hour, 7, check::hour);
        let email = alert.email.map(|email| self.email(email));
        let slack = self.named("alert.slack", alert.slack, Self::slack);
        let webhook = self.named("alert.webhook", alert.webhook, Self::webhook);
        Some(AlertSettings {
            default_owner: default_owner?,
            escalate_after: escalate_after?,
            undelivered_after: undelivered_after?,
            daily_at_hour: daily_at_hour?,
            canary: alert.canary.unwrap_or(true),
            email: match email {
                Some(email) => Some(email?),
                None => None,
            },
            slack,
            webhook,
            console: alert.console.unwrap_or(false),
        })
    }

    fn escalation(&mut self, value: Key<file::PeriodOrNever>) -> Option<Option<Duration>> {
        let default = Some(Duration::from_hours(4));
        self.or("alert.escalate_after", value, default, |value| match value.0 {
            None => Ok(None),
            Some(period) => check::within("1s", "30d")(period).map(Some),
        })
    }

    fn email(&mut self, email: Spanned<file::Email>) -> Option<EmailSettings> {
        let (at, dir, email) = (email.span().start, self.directory.clone(), email.into_inner());
        let tls = self.tls(email.tls, email.host.as_ref());
        let write_host = "write the name of your mail server: host = \"smtp.your.example\"";
        let host = self.required("alert.email.host", at, email.host, write_host, |text| check::host(&text));
        let default_port = match tls {
            Some(MailTls::Implicit) => 465,
            Some(MailTls::None) => 25,
            Some(MailTls::Starttls) | None => 587,
        };
        let port = self.or("alert.email.port", email.port, default_port, check::port);
        let ca_file = self.optional("alert.email.ca_file", email.ca_file, |text| check::path(&dir, &text));
        let write_from = "write the sender: from = \"namewarden@your.example\"";
        let from = self.required("alert.email.from", at, email.from, write_from, |text| check::mailbox(&text));
        let has_username = email.username.is_some();
        let username = self.optional("alert.email.username", email.username, Ok);
        let password = self.secret("alert.email.password", email.password_file, email.password_credential);
        self.account(at, has_username, password.as_ref().is_none_or(Option::is_some));
        Some(EmailSettings {
            host: host?,
            port: port?,
            tls: tls?,
            ca_file: ca_file?,
            from: from?,
            username: username?,
            password: password?.map(|found| found.secret),
        })
    }

    fn tls(&mut self, tls: Key<file::Tls>, host: Option<&Spanned<String>>) -> Option<MailTls> {
        let local = host.is_some_and(|host| check::is_loopback_host(host.get_ref()));
        self.or("alert.email.tls", tls, MailTls::Starttls, |tls| match tls {
            file::Tls::Starttls => Ok(MailTls::Starttls),
            file::Tls::Implicit => Ok(MailTls::Implicit),
            file::Tls::None if local => Ok(MailTls::None),
            file::Tls::None => Err(Fault::new(
                "clear text may not leave this machine",
                "write \"starttls\" or \"implicit\"; \"none\" is for a mail server on localhost",
            )),
        })
    }

    /// A username without a password, or the reverse, is half a configuration.
    fn account(&mut self, at: usize, username: bool, password: bool) {
        if username != password {
            let instead = "write both username and password_credential, or neither for a server that wants none";
            self.note::<()>(at, "alert.email", Fault::new("has half an account", instead));
        }
    }

    fn slack(&mut self, key: &str, at: usize, slack: file::Slack) -> Option<SlackSettings> {
        let url = self.receiver(key, at, slack.url_file, slack.url_credential);
        Some(SlackSettings { url: url? })
    }

    fn webhook(&mut self, key: &str, at: usize, webhook: file::Webhook) -> Option<WebhookSettings> {
        let url = self.receiver(key, at, webhook.url_file, webhook.url_credential);
        let signing = self.needed(&format!("{key}.secret"), at, webhook.secret_file, webhook.secret_credential);
        let signing = signing.and_then(|found| {
            let instead = "write whsec_ and 24 to 64 random bytes in base64, as your receiver shows it";
            self.verify(&format!("{key}.secret"), at, found, check::is_signing_secret, "no signing secret", instead)
        });
        Some(WebhookSettings { url: url?, signing: signing? })
    }

    fn receiver(&mut self, key: &str, at: usize, file: Key<String>, credential: Key<String>) -> Option<Secret> {
        let key = format!("{key}.url");
        let found = self.needed(&key, at, file, credential)?;
        let instead = "write an https:// address into it; http:// is for this machine only";
        self.verify(&key, at, found, check::is_receiver, "no address to post to", instead)
    }

    /// Tests what a credential file holds, without ever showing it.
    fn verify(
        &mut self,
        key: &str,
        at: usize,
        found: Found,
        is_good: fn(&str) -> bool,
        what: &str,
        instead: &str,
    ) -> Option<Secret> {
        if is_good(found.secret.expose()) {
            return Some(found.secret);
        }
        self.note(at, key, Fault::new(format!("the credential file {} holds {what}", found.file.display()), instead))
    }

    fn needed(&mut self, key: &str, at: usize, file: Key<String>, credential: Key<String>) -> Option<Found> {
        let name = key.rsplit('.').next().unwrap_or(key);
        let instead = format!("write {name}_credential = \"NAME\" or {name}_file = \"PATH\"");
        match self.secret(key, file, credential)? {
            Some(found) => Some(found),
            None => self.note(at, key, Fault::new("is missing", instead)),
        }
    }

    /// `KEY_file` or `KEY_credential`.
    fn secret(&mut self, key: &str, file: Key<String>, credential: Key<String>) -> Option<Option<Found>> {
        let dir = self.directory.clone();
        match (file, credential) {
            (None, None) => Some(None),
            (Some(path), None) => {
                self.check(&format!("{key}_file"), path, |path| credential::read(&check::path(&dir, &path)?)).map(Some)
            }
            (None, Some(name)) => {
                let found = self.vault.named(name.get_ref());
                self.check(&format!("{key}_credential"), name, |_| found).map(Some)
            }
            (Some(path), Some(_)) => {
                let at = path.span().start;
                self.note(at, key, Fault::new("is given as a file and as a credential", "keep one of them"))
            }
        }
    }

    /// The sections `[PREFIX.NAME]`; those with problems are left out, which the caller never sees.
    fn named<R, S>(
        &mut self,
        prefix: &str,
        sections: BTreeMap<Spanned<String>, Spanned<R>>,
        build: impl Fn(&mut Self, &str, usize, R) -> Option<S>,
    ) -> BTreeMap<String, S> {
        let mut built = BTreeMap::new();
        for (name, section) in sections {
            let at = name.span().start;
            let key = format!("{prefix}.{}", name.get_ref());
            let name = self.check(&key, name, |name| check::channel_name(&name));
            let section = build(self, &key, at, section.into_inner());
            built.extend(name.zip(section));
        }
        built
    }

    fn control(&mut self, control: file::Control, environment: &Environment) -> Option<ControlSettings> {
        let dir = self.directory.clone();
        let runtime = environment.runtime.clone().unwrap_or_else(|| PathBuf::from("/run/namewarden"));
        let default = runtime.join("control.sock");
        let socket = self.or("control.socket", control.socket, default, |text| check::socket(&dir, &text))?;
        Some(ControlSettings { socket })
    }
}

/// A table that may be missing: where it begins, and its keys.
fn open<T: Default>(table: Option<Spanned<T>>) -> (Range<usize>, T) {
    table.map_or_else(|| (0..0, T::default()), |table| (table.span(), table.into_inner()))
}

fn owner(text: String) -> Result<OwnerId, Fault> {
    match text.trim() {
        "" => Err(Fault::new("is empty", "write the id of an owner in the inventory")),
        id => Ok(OwnerId(id.to_owned())),
    }
}

fn no_alert_path() -> Fault {
    Fault::new(
        "no alert path is configured, so nobody would hear an alarm",
        "add at least one of: [alert.email] with host and from; [alert.slack.NAME] with url_credential; \
         [alert.webhook.NAME] with url_credential and secret_credential",
    )
}
