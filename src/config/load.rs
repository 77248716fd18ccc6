//! From the file to `Settings`: every fault of the values at once, each with line, key and remedy.

use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::time::Duration;

use toml::Spanned;

use super::credential::CredentialStore;
use super::drop_ins;
use super::environment::Environment;
use super::file::Key;
use super::layers::Layers;
use super::period::Period;
use super::source::{Fault, Problem, Source, lines};
use super::{Settings, access, check};

/// Why there are no settings. The program ends with `EXIT_STATUS` before anything starts.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("the configuration {} cannot be read; name another with --config FILE, or write one: namewarden init", path.display())]
    Read { path: PathBuf, source: io::Error },
    #[error("the configuration {} is closed to this user; {remedy}", path.display())]
    Closed { path: PathBuf, remedy: String },
    #[error("the drop-in {} cannot be read; mend it, or take it out of the way", path.display())]
    DropIn { path: PathBuf, source: io::Error },
    /// One problem a line.
    #[error("{}", lines(problems))]
    Invalid { problems: Vec<Problem> },
}

impl ConfigError {
    /// `EX_CONFIG` of `sysexits.h`; the unit does not restart after it.
    pub const EXIT_STATUS: u8 = 78;
}

/// Reads, resolves and checks the configuration with its drop-ins, its credentials included.
///
/// # Errors
/// `Read` when there is no file, `Invalid` with every problem found (only the first of each file, if one is no TOML of our
/// shape).
pub fn load(path: &Path, environment: &Environment) -> Result<Settings, ConfigError> {
    let layers = read(path)?;
    build(&layers, environment, &mut Loader::new(&layers, environment))
}

/// Settings of which some secrets may be blank.
#[derive(Debug)]
pub struct Permitted {
    pub settings: Settings,
    /// The credential files that this process may not read.
    pub closed: Vec<PathBuf>,
}

/// The same for whoever may not be allowed to read the credentials, and is to check all else: those that are closed to
/// this process are blank, and named.
///
/// # Errors
/// As `load`, but for what the closed files hold.
pub fn load_permitted(path: &Path, environment: &Environment) -> Result<Permitted, ConfigError> {
    let layers = read(path)?;
    let mut loader = Loader { opening: Opening::Permitted, ..Loader::new(&layers, environment) };
    let settings = build(&layers, environment, &mut loader)?;
    Ok(Permitted { settings, closed: loader.closed })
}

/// The same for verbs that only ask: no credential is opened, and every secret is blank. Whoever may use the control
/// socket need not be able to read what the daemon alone reads.
///
/// # Errors
/// As `load`, but for what the credential files hold.
pub fn load_sealed(path: &Path, environment: &Environment) -> Result<Settings, ConfigError> {
    let layers = read(path)?;
    build(&layers, environment, &mut Loader { opening: Opening::Sealed, ..Loader::new(&layers, environment) })
}

fn read(path: &Path) -> Result<Layers, ConfigError> {
    let main = Source::read(path)
        .map_err(|source| refused(path, source, |path, source| ConfigError::Read { path, source }))?;
    let drop_in = |path: &Path, source| refused(path, source, |path, source| ConfigError::DropIn { path, source });
    let directory = drop_ins::directory(path);
    let paths = drop_ins::list(&directory).map_err(|error| drop_in(&directory, error))?;
    let sources = paths.iter().map(|path| Source::read(path).map_err(|error| drop_in(path, error)));
    Ok(Layers::new(main, sources.collect::<Result<_, _>>()?))
}

/// What is closed to this process has another remedy than what is not there.
fn refused(path: &Path, error: io::Error, other: impl FnOnce(PathBuf, io::Error) -> ConfigError) -> ConfigError {
    match error.kind() {
        io::ErrorKind::PermissionDenied => ConfigError::Closed { path: path.to_owned(), remedy: access::remedy(path) },
        _ => other(path.to_owned(), error),
    }
}

fn build(layers: &Layers, environment: &Environment, loader: &mut Loader<'_>) -> Result<Settings, ConfigError> {
    let file = layers.merged().map_err(|problems| ConfigError::Invalid { problems })?;
    match loader.settings(file, environment) {
        Some(settings) if loader.problems.is_empty() => Ok(settings),
        _ => {
            loader.problems.sort_by(|a, b| a.place.cmp(&b.place));
            Err(ConfigError::Invalid { problems: std::mem::take(&mut loader.problems) })
        }
    }
}

/// Which credentials are opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Opening {
    Every,
    /// Those that this process may read; the others are blank.
    Permitted,
    Sealed,
}

/// Checks values and collects what is wrong. A method gives `None` only after it has noted a problem.
pub(super) struct Loader<'s> {
    pub(super) layers: &'s Layers,
    /// Directory of the configuration file.
    pub(super) directory: PathBuf,
    pub(super) credentials: CredentialStore,
    pub(super) opening: Opening,
    /// Credential files that were to be opened, and are closed to this process.
    pub(super) closed: Vec<PathBuf>,
    problems: Vec<Problem>,
}

impl<'s> Loader<'s> {
    fn new(layers: &'s Layers, environment: &Environment) -> Self {
        let directory = layers.main().parent().unwrap_or(Path::new("")).to_owned();
        let credentials =
            CredentialStore { systemd: environment.credentials.clone(), beside: directory.join("credentials") };
        Self { layers, directory, credentials, opening: Opening::Every, closed: Vec::new(), problems: Vec::new() }
    }

    pub(super) fn note<T>(&mut self, at: usize, key: &str, fault: Fault) -> Option<T> {
        self.problems.push(self.layers.problem(at, key, fault));
        None
    }

    pub(super) fn check<T, U>(
        &mut self,
        key: &str,
        value: Spanned<T>,
        check: impl FnOnce(T) -> Result<U, Fault>,
    ) -> Option<U> {
        let at = value.span().start;
        match check(value.into_inner()) {
            Ok(good) => Some(good),
            Err(fault) => self.note(at, key, fault),
        }
    }

    /// A key with a default.
    pub(super) fn or<T, U>(
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
    pub(super) fn optional<T, U>(
        &mut self,
        key: &str,
        value: Key<T>,
        check: impl FnOnce(T) -> Result<U, Fault>,
    ) -> Option<Option<U>> {
        self.or(key, value, None, |value| check(value).map(Some))
    }

    pub(super) fn required<T, U>(
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

    pub(super) fn period(
        &mut self,
        key: &str,
        value: Key<Period>,
        default: &str,
        range: (&str, &str),
    ) -> Option<Duration> {
        let default = default.parse().map_or(Duration::ZERO, |period: Period| period.0);
        self.or(key, value, default, check::within(range.0, range.1))
    }
}

/// A table that may be missing: where it begins, and its keys.
pub(super) fn open<T: Default>(table: Option<Spanned<T>>) -> (Range<usize>, T) {
    table.map_or_else(|| (0..0, T::default()), |table| (table.span(), table.into_inner()))
}
