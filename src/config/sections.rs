//! The sections of the configuration other than `[alert]`, each from its raw form to its settings.

use std::path::{Path, PathBuf};

use toml::Spanned;

use super::ca_file::CaFile;
use super::environment::Environment;
use super::loader::{Loader, open};
use super::settings::{ChangelogMode, ControlSettings, FeedSettings, HttpSettings, PypiSettings, Settings};
use super::{check, file};

/// What systemd's `StateDirectory=` and `LogsDirectory=` make of one name (systemd.exec(5)); of other directories nobody knows
/// a place that lasts as long.
fn witness_of(state_dir: &Path) -> Option<PathBuf> {
    state_dir
        .strip_prefix("/var/lib")
        .ok()
        .filter(|name| name.components().count() == 1)
        .map(|name| Path::new("/var/log").join(name))
}

impl Loader<'_> {
    pub(super) fn settings(&mut self, file: file::File, environment: &Environment) -> Option<Settings> {
        let dir = self.directory.clone();
        let state = environment.state.clone().unwrap_or_else(|| PathBuf::from("/var/lib/namewarden"));
        let instead = "write who PyPI's administrators may ask: contact = \"security@your.example\"";
        let contact = self.required("contact", 0, file.contact, instead, |text| check::contact(&text));
        let instance = self.optional("instance", file.instance, |text| check::instance(&text));
        let state_dir = self.or("state_dir", file.state_dir, state, |text| check::directory(&dir, &text));
        let below = state_dir.as_ref().map(|dir: &PathBuf| dir.join("backups")).unwrap_or_default();
        let backups = self.or("backups", file.backups, below, |text| check::directory(&dir, &text));
        let apart = state_dir.as_deref().and_then(witness_of);
        let witness = self.or("witness", file.witness, apart, |text| {
            check::apart(&dir, &text, state_dir.as_deref().unwrap_or(&dir)).map(Some)
        });
        let beside = dir.join("inventory.toml");
        let inventory = self.or("inventory", file.inventory, beside, |text| check::path(&dir, &text));
        let pypi = self.pypi(file.pypi);
        let local = pypi.as_ref().is_none_or(|pypi| check::is_loopback_base(&pypi.base));
        let http = self.http(file.http.unwrap_or_default());
        let feeds = self.feeds(file.feeds.unwrap_or_default(), local);
        let alert = self.alert(file.alert);
        let control = self.control(file.control.unwrap_or_default(), environment);
        let reports = self.reports(file.reports.unwrap_or_default());
        let channels = alert.as_ref().map(|alert| alert.channels.keys().cloned().collect()).unwrap_or_default();
        let web = self.web(file.web.unwrap_or_default(), &channels);
        let listens = web.as_ref().and_then(|web| web.listen);
        let gate = self.gate(file.gate.unwrap_or_default(), listens);
        let claim = self.claim(file.claim.unwrap_or_default(), contact.as_deref());
        Some(Settings {
            file: self.layers.main().to_owned(),
            drop_ins: self.layers.drop_ins(),
            environment: environment.clone(),
            loaded: std::mem::take(&mut self.loaded),
            contact: contact?,
            instance: instance?,
            state_dir: state_dir?,
            witness: witness?,
            backups: backups?,
            inventory: inventory?,
            pypi: pypi?,
            http: http?,
            feeds: feeds?,
            alert: alert?,
            control: control?,
            claim: claim?,
            reports: reports?,
            web: web?,
            gate: gate?,
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
        let ca_file = self.optional("http.ca_file", http.ca_file, |text| check::path(&dir, &text).map(CaFile::read));
        let timeout = self.period("http.timeout", http.timeout, "30s", ("1s", "10m"));
        Some(HttpSettings { proxy: proxy?, ca_file: ca_file?, timeout: timeout? })
    }

    /// The lower bounds spare PyPI; an index on this machine needs no sparing, and of one that is not known yet nothing is said.
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

    fn control(&mut self, control: file::Control, environment: &Environment) -> Option<ControlSettings> {
        let dir = self.directory.clone();
        let socket =
            self.or("control.socket", control.socket, environment.socket(), |text| check::socket(&dir, &text))?;
        Some(ControlSettings { socket })
    }
}
