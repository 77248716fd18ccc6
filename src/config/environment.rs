//! The only reader of the environment: the directories systemd hands over.

use std::path::{Path, PathBuf, absolute};

/// Where the configuration is when nobody says.
pub const DEFAULT_PATH: &str = "/etc/namewarden/namewarden.toml";

/// Directories from systemd; all empty elsewhere.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Environment {
    pub state: Option<PathBuf>,
    pub configuration: Option<PathBuf>,
    pub runtime: Option<PathBuf>,
    pub credentials: Option<PathBuf>,
    /// Standard error goes to systemd's journal.
    pub journal: bool,
    /// `NO_COLOR` is set, and not empty (no-color.org).
    pub no_color: bool,
    /// Who the shell says is asking; only ever recorded as declared.
    pub user: Option<String>,
    /// Where programs keep what their user has set (XDG Base Directory Specification).
    pub user_settings: Option<PathBuf>,
}

impl Environment {
    #[expect(clippy::disallowed_methods, reason = "the one reader of the environment")]
    pub fn of_process() -> Self {
        Self::from_variables(|name| std::env::var(name).ok(), std::process::id())
    }

    /// `STATE_DIRECTORY` and its like are believed only when systemd started this very process (`SYSTEMD_EXEC_PID`):
    /// a child of another unit inherits that unit's. `CREDENTIALS_DIRECTORY` only ever adds a place to look.
    fn from_variables(variable: impl Fn(&str) -> Option<String>, pid: u32) -> Self {
        let ours = variable("SYSTEMD_EXEC_PID").is_some_and(|text| text == pid.to_string());
        let directory = |name: &str| variable(name).and_then(|text| first_absolute(&text));
        let own = |name: &str| ours.then(|| directory(name)).flatten();
        Self {
            state: own("STATE_DIRECTORY"),
            configuration: own("CONFIGURATION_DIRECTORY"),
            runtime: own("RUNTIME_DIRECTORY"),
            credentials: directory("CREDENTIALS_DIRECTORY"),
            journal: variable("JOURNAL_STREAM").is_some_and(|stream| is_standard_error(&stream)),
            no_color: variable("NO_COLOR").is_some_and(|text| !text.is_empty()),
            user_settings: directory("XDG_CONFIG_HOME").or_else(|| Some(directory("HOME")?.join(".config"))),
            user: variable("SUDO_USER").or_else(|| variable("USER")).or_else(|| variable("LOGNAME")),
        }
    }

    /// Where the daemon listens when nobody says.
    pub(super) fn socket(&self) -> PathBuf {
        self.runtime.as_deref().unwrap_or(Path::new("/run/namewarden")).join("control.sock")
    }

    /// What a process that we start is handed on of it: where and how it writes its log, and no directory of systemd's.
    pub fn handed_on(&self) -> Vec<(&'static str, String)> {
        let own = rustix::fs::fstat(std::io::stderr()).ok().filter(|_| self.journal);
        let journal = own.map(|own| ("JOURNAL_STREAM", format!("{}:{}", own.st_dev, own.st_ino)));
        let no_color = self.no_color.then(|| ("NO_COLOR", "1".to_owned()));
        journal.into_iter().chain(no_color).chain([("LANG", "C.UTF-8".to_owned())]).collect()
    }

    /// The configuration file: the one asked for, else systemd's, else `/etc/namewarden/namewarden.toml`.
    pub fn config_path(&self, asked: Option<&Path>) -> PathBuf {
        let of_unit = || self.configuration.as_ref().map(|dir| dir.join("namewarden.toml"));
        asked.map(Path::to_owned).or_else(of_unit).unwrap_or_else(|| PathBuf::from(DEFAULT_PATH))
    }
}

/// This machine's name; empty where it is none that could stand in a message.
pub(super) fn machine() -> String {
    let system = rustix::system::uname();
    let name = system.nodename().to_string_lossy();
    let plain = |b: u8| b.is_ascii_alphanumeric() || b".-_".contains(&b);
    if name.bytes().all(plain) { name.trim_end_matches('.').to_owned() } else { String::new() }
}

/// `JOURNAL_STREAM` is the device and the inode of the journal's stream (systemd.exec(5)). A shell hands it on to programs
/// that write elsewhere, such as to a terminal.
fn is_standard_error(stream: &str) -> bool {
    let numbers = stream.split_once(':').and_then(|(dev, ino)| Some((dev.parse().ok()?, ino.parse().ok()?)));
    let own = rustix::fs::fstat(std::io::stderr()).map(|own| (own.st_dev, own.st_ino));
    own.is_ok_and(|own| numbers == Some(own))
}

/// systemd separates several directories by colons; the first is the unit's main one.
fn first_absolute(text: &str) -> Option<PathBuf> {
    text.split(':').next().map(PathBuf::from).filter(|path| path.is_absolute())
}

/// A path from the root, for a shell.
pub fn quoted(path: &Path) -> String {
    bare(&absolute(path).unwrap_or_else(|_| path.to_owned()).to_string_lossy())
}

/// A word for a shell, in quotes where it needs them.
pub fn bare(word: &str) -> String {
    let is_bare = |b: u8| b.is_ascii_alphanumeric() || b"@%+=:,./_-".contains(&b);
    let plain = !word.is_empty() && word.bytes().all(is_bare);
    if plain { word.to_owned() } else { format!("'{}'", word.replace('\'', r"'\''")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variables(exec_pid: &'static str) -> impl Fn(&str) -> Option<String> {
        move |name| {
            let value = match name {
                "SYSTEMD_EXEC_PID" => exec_pid,
                "STATE_DIRECTORY" => "/var/lib/namewarden:/var/lib/other",
                "CONFIGURATION_DIRECTORY" => "/etc/namewarden",
                "RUNTIME_DIRECTORY" => "run/relative",
                "CREDENTIALS_DIRECTORY" => "/run/credentials/namewarden.service",
                _ => return None,
            };
            Some(value.to_owned())
        }
    }

    #[test]
    fn believes_systemd_about_its_own_process() {
        let environment = Environment::from_variables(variables("42"), 42);
        assert_eq!(environment.state, Some("/var/lib/namewarden".into()));
        assert_eq!(environment.runtime, None, "a relative path is none of systemd's");
        assert_eq!(environment.config_path(None), Path::new("/etc/namewarden/namewarden.toml"));
        assert_eq!(environment.config_path(Some(Path::new("here.toml"))), Path::new("here.toml"));
    }

    #[test]
    fn the_journal_is_only_there_where_standard_error_goes_to_it() {
        let own = rustix::fs::fstat(std::io::stderr()).expect("is open");
        assert!(is_standard_error(&format!("{}:{}", own.st_dev, own.st_ino)));
        for other in [format!("{}:{}", own.st_dev, own.st_ino + 1), "8:".to_owned(), String::new()] {
            assert!(!is_standard_error(&other), "{other:?}");
        }
    }

    #[test]
    fn a_process_of_ours_hears_of_the_log_and_of_nothing_else() {
        let environment =
            Environment { journal: true, no_color: true, ..Environment::from_variables(variables("42"), 42) };
        let handed_on = environment.handed_on();
        let own = rustix::fs::fstat(std::io::stderr()).expect("is open");
        let journal = format!("{}:{}", own.st_dev, own.st_ino);
        assert_eq!(handed_on, [("JOURNAL_STREAM", journal), ("NO_COLOR", "1".into()), ("LANG", "C.UTF-8".into())]);
        assert_eq!(Environment::default().handed_on(), [("LANG", "C.UTF-8".to_owned())]);
    }

    #[test]
    fn what_another_unit_left_behind_is_ignored() {
        let environment = Environment::from_variables(variables("41"), 42);
        assert_eq!((environment.state, environment.configuration), (None, None));
        assert_eq!(environment.credentials, Some("/run/credentials/namewarden.service".into()));
    }
}
