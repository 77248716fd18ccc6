//! From the file to `Settings`: every fault of the values at once, each with line, key and remedy.

use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::time::Duration;

use toml::Spanned;

use super::credential::Vault;
use super::environment::Environment;
use super::file::{self, Key};
use super::period::Period;
use super::source::{Fault, Problem, Source, lines};
use super::{Settings, check};

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

/// The same for verbs that only ask: no credential is opened, and every secret is blank. Whoever may use the control
/// socket need not be able to read what the daemon alone reads.
///
/// # Errors
/// As `load`, but for what the credential files hold.
pub fn load_sealed(path: &Path, environment: &Environment) -> Result<Settings, ConfigError> {
    let source = Source::read(path).map_err(|source| ConfigError::Read { path: path.to_owned(), source })?;
    let loader = Loader { sealed: true, ..Loader::new(&source, environment) };
    build(&source, environment, loader).map_err(|problems| ConfigError::Invalid { problems })
}

fn from_source(source: &Source, environment: &Environment) -> Result<Settings, Vec<Problem>> {
    build(source, environment, Loader::new(source, environment))
}

fn build(source: &Source, environment: &Environment, mut loader: Loader<'_>) -> Result<Settings, Vec<Problem>> {
    let file: file::File = source.parse_toml().map_err(|problem| vec![problem])?;
    match loader.settings(file, environment) {
        Some(settings) if loader.problems.is_empty() => Ok(settings),
        _ => {
            loader.problems.sort_by(|a, b| a.place.cmp(&b.place));
            Err(loader.problems)
        }
    }
}

/// Checks values and collects what is wrong. A method gives `None` only after it has noted a problem.
pub(super) struct Loader<'s> {
    source: &'s Source,
    /// Directory of the configuration file.
    pub(super) directory: PathBuf,
    pub(super) vault: Vault,
    /// Credentials are not opened.
    pub(super) sealed: bool,
    problems: Vec<Problem>,
}

impl<'s> Loader<'s> {
    fn new(source: &'s Source, environment: &Environment) -> Self {
        let directory = source.path().parent().unwrap_or(Path::new("")).to_owned();
        let vault = Vault { systemd: environment.credentials.clone(), beside: directory.join("credentials") };
        Self { source, directory, vault, sealed: false, problems: Vec::new() }
    }

    pub(super) fn note<T>(&mut self, at: usize, key: &str, fault: Fault) -> Option<T> {
        self.problems.push(self.source.problem(at, key, fault));
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
