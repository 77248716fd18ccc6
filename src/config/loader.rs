//! `Loader`: checks the values of the configuration one by one, and collects what is wrong.

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::time::Duration;

use toml::Spanned;

use super::check;
use super::credential::CredentialStore;
use super::environment::Environment;
use super::key::Key;
use super::layers::Layers;
use super::period::Period;
use super::source::{Fault, Problem};

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
    /// Names of credentials that are copies of systemd's.
    pub(super) loaded: Vec<String>,
    pub(super) problems: Vec<Problem>,
}

impl<'s> Loader<'s> {
    pub(super) fn new(layers: &'s Layers, environment: &Environment) -> Self {
        // Whole, since a program of a channel starts in another directory than we do.
        let beside = layers.main().parent().unwrap_or(Path::new(""));
        let directory = std::path::absolute(beside).unwrap_or_else(|_| beside.to_owned());
        let credentials =
            CredentialStore { systemd: environment.credentials.clone(), beside: directory.join("credentials") };
        let (closed, loaded, problems) = (Vec::new(), Vec::new(), Vec::new());
        Self { layers, directory, credentials, opening: Opening::Every, closed, loaded, problems }
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
