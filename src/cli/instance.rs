//! How this watch is called: what is printed for people to run has to run as it is printed.
//!
//! systemd's unit has the configuration that every verb takes by itself, and `systemctl`. A watch with a configuration
//! elsewhere was started by somebody, and each verb has to be told of it.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use crate::config::{DEFAULT_PATH, quoted};
use crate::model::commands;

const NAME: &str = "namewarden";

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Instance {
    /// The program, as a shell finds it.
    program: String,
    /// As a shell takes it; `None` for the unit's.
    config: Option<String>,
}

static HERE: OnceLock<Instance> = OnceLock::new();

/// The watch that this process is about.
pub(super) fn here() -> Instance {
    HERE.get().cloned().unwrap_or_else(|| Instance::of(Path::new(DEFAULT_PATH)))
}

/// Settles it, once.
pub(super) fn set(config: &Path) {
    let _ = HERE.set(Instance::of(config));
}

/// The text, with commands for the watch that this process is about.
pub(super) fn fitted(text: &str) -> String {
    here().fitted(text)
}

impl Instance {
    /// The watch of this configuration, as this program is called.
    pub(super) fn of(config: &Path) -> Self {
        Self::called(std::env::args_os().next().map(PathBuf::from).as_deref(), config)
    }

    fn called(program: Option<&Path>, config: &Path) -> Self {
        let by_path = program.filter(|path| path.ends_with(NAME) && path.components().count() > 1);
        Self {
            program: by_path.map_or_else(|| NAME.to_owned(), quoted),
            config: (config != Path::new(DEFAULT_PATH)).then(|| quoted(config)),
        }
    }

    pub(super) fn is_of_unit(&self) -> bool {
        self.config.is_none()
    }

    /// What asks this watch: `namewarden status`, or the same with its configuration.
    pub(super) fn verb(&self, words: &str) -> String {
        match &self.config {
            Some(config) => format!("{} {words} --config {config}", self.program),
            None => format!("{} {words}", self.program),
        }
    }

    /// What starts its daemon.
    pub(super) fn start(&self) -> String {
        if self.is_of_unit() { "systemctl start namewarden".to_owned() } else { self.verb("run") }
    }

    /// What ends its daemon, where it has one, and starts it again: a phrase.
    pub(super) fn restart(&self, daemon: Option<i32>) -> String {
        match (self.is_of_unit(), daemon) {
            (true, _) => "`systemctl restart namewarden` starts it again".to_owned(),
            (false, Some(pid)) => format!("`kill {pid}` ends it, and `{}` starts it again", self.start()),
            (false, None) => format!("`{}` starts it again", self.start()),
        }
    }

    /// Commands between backticks are ours, and written as for the unit: here they become those of this watch.
    pub(super) fn fitted(&self, text: &str) -> String {
        commands::fitted(text, |words| self.verb(words))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(program: &str, config: &str) -> Instance {
        Instance::called(Some(Path::new(program)), Path::new(config))
    }

    #[test]
    fn the_unit_needs_no_path_and_any_other_watch_does() {
        let (unit, own) = (at("namewarden", DEFAULT_PATH), at("/opt/n w/namewarden", "/srv/it's/namewarden.toml"));
        assert_eq!(
            (unit.verb("status"), unit.start()),
            ("namewarden status".into(), "systemctl start namewarden".into())
        );
        insta::assert_snapshot!(own.verb("findings list"), @r"'/opt/n w/namewarden' findings list --config '/srv/it'\''s/namewarden.toml'");
        insta::assert_snapshot!(own.restart(Some(7)), @r"`kill 7` ends it, and `'/opt/n w/namewarden' run --config '/srv/it'\''s/namewarden.toml'` starts it again");
        assert_eq!(at("/x/namewarden-abc", "/c.toml").verb("run"), "namewarden run --config /c.toml");
    }

    #[test]
    fn commands_in_a_text_become_those_of_this_watch() {
        let own = at("namewarden", "/c.toml");
        let said = own.fitted("`namewarden findings list` shows them; `namewarden init` and namewarden status; `ls`");
        insta::assert_snapshot!(said, @"`namewarden findings list --config /c.toml` shows them; `namewarden init` and namewarden status; `ls`");
        let unit = at("namewarden", DEFAULT_PATH);
        assert_eq!(unit.fitted("`namewarden status` a ` b"), "`namewarden status` a ` b");
    }
}
