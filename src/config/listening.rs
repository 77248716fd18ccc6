//! Where the daemon listens, by a configuration that is broken: what was written last is no reason not to reach it.

use std::fs;
use std::path::{Path, PathBuf};

use toml::de::DeTable;

use super::environment::Environment;
use super::{check, drop_ins};

/// The control socket, as the files and drop-ins say that can be read, as far as they can be read; else the default, where it
/// is the default configuration. `None` where another file does not say it, or cannot be read: a daemon that was not
/// meant must not answer. Fit for verbs that speak of the configuration itself: nothing else of it is believed.
pub fn listening_at(configuration: &Path, environment: &Environment) -> Option<PathBuf> {
    fs::read(configuration).ok()?;
    let drop_ins = drop_ins::list(&drop_ins::directory(configuration)).unwrap_or_default();
    let strongest = drop_ins.iter().rev().map(PathBuf::as_path).chain([configuration]);
    let mut texts = strongest.filter_map(|file| fs::read_to_string(file).ok());
    let said = texts.find_map(|text| socket(&text));
    let directory = std::path::absolute(configuration).unwrap_or_else(|_| configuration.to_owned());
    let beside = directory.parent().unwrap_or(Path::new("/"));
    match said {
        Some(text) => check::socket(beside, &text).ok(),
        None => (configuration == environment.config_path(None)).then(|| environment.socket()),
    }
}

/// `[control] socket` of a text that may be no TOML elsewhere.
fn socket(text: &str) -> Option<String> {
    let (table, _faults) = DeTable::parse_recoverable(text);
    let control = table.get_ref().get("control")?.get_ref().as_table()?;
    control.get("socket")?.get_ref().as_str().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_socket_is_found_in_what_is_left_of_a_broken_file() {
        let dir = tempfile::tempdir().expect("a directory");
        let file = dir.path().join("namewarden.toml");
        let at = |text: &str| {
            fs::write(&file, text).expect("written");
            listening_at(&file, &Environment::default())
        };
        assert_eq!(at("[control]\nsocket = \"own.sock\"\n[alert\nx = ["), Some(dir.path().join("own.sock")));
        assert_eq!(at("nonsense = [\n"), None, "another instance may be at the default");
        let unit = Environment { configuration: Some(dir.path().to_owned()), ..Environment::default() };
        assert_eq!(listening_at(&file, &unit).as_deref(), Some(Path::new("/run/namewarden/control.sock")));
        fs::remove_file(&file).expect("removed");
        assert_eq!(listening_at(&file, &unit), None);
    }

    #[test]
    fn a_drop_in_is_stronger_whichever_of_them_is_broken() {
        let dir = tempfile::tempdir().expect("a directory");
        let (file, over) = (dir.path().join("namewarden.toml"), dir.path().join("namewarden.d"));
        fs::create_dir(&over).expect("made");
        fs::write(&file, "[control]\nsocket = \"main.sock\"\n").expect("written");
        fs::write(over.join("10-socket.toml"), "[control]\nsocket = \"over.sock\"\n").expect("written");
        fs::write(over.join("20-broken.toml"), "nonsense = [").expect("written");
        assert_eq!(listening_at(&file, &Environment::default()), Some(dir.path().join("over.sock")));
    }
}
