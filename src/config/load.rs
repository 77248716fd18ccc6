//! From the file to `Settings`: every fault of the values at once, each with line, key and remedy.

use std::io;
use std::path::{Path, PathBuf};

use super::environment::Environment;
use super::file::File;
use super::layers::Layers;
use super::loader::{Loader, Opening};
use super::settings::Settings;
use super::source::{Problem, Source, lines};
use super::{access, drop_ins};

/// Why there are no settings. The program ends with `EXIT_STATUS` before anything starts.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("the configuration {} cannot be read; name another with --config FILE, or write one: namewarden init", path.display())]
    Read { path: PathBuf, source: io::Error },
    #[error("the configuration {} cannot be used", path.display())]
    NoText { path: PathBuf, source: io::Error },
    #[error("the configuration {} is closed to {}; {remedy}", path.display(), access::refused_user())]
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

pub(super) fn read(path: &Path) -> Result<Layers, ConfigError> {
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
        io::ErrorKind::PermissionDenied => {
            ConfigError::Closed { path: path.to_owned(), remedy: access::of_service(path) }
        }
        io::ErrorKind::InvalidData | io::ErrorKind::FileTooLarge => {
            ConfigError::NoText { path: path.to_owned(), source: error }
        }
        _ => other(path.to_owned(), error),
    }
}

pub(super) fn build(
    layers: &Layers,
    environment: &Environment,
    loader: &mut Loader<'_>,
) -> Result<Settings, ConfigError> {
    let file: File = layers.merged().map_err(|problems| ConfigError::Invalid { problems })?;
    match loader.settings(file, environment) {
        Some(settings) if loader.problems.is_empty() => Ok(settings),
        _ => {
            loader.problems.sort_by(|a, b| a.place.cmp(&b.place));
            Err(ConfigError::Invalid { problems: std::mem::take(&mut loader.problems) })
        }
    }
}
