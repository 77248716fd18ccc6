//! How this watch is called: what is printed for people to run has to run as it is printed.
//!
//! systemd's unit has the configuration that every verb takes by itself, and `systemctl`. A watch with a configuration
//! elsewhere was started by somebody, and each verb has to be told of it.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use crate::config::{DEFAULT_PATH, access, bare, quoted};
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

    /// What starts its daemon as the user whose this directory is.
    pub(super) fn start_in(&self, dir: &Path) -> String {
        match access::other_owner(dir).filter(|_| !self.is_of_unit()) {
            Some(owner) => format!("sudo -u {owner} {}", self.start()),
            None => self.start(),
        }
    }

    /// The command of this process as the user whose this directory is; `None` where it runs as that.
    pub(super) fn again_in(&self, dir: &Path) -> Option<String> {
        let words: Vec<String> = std::env::args().skip(1).collect();
        access::other_owner(dir).map(|owner| format!("sudo -u {owner} {}", self.again(&words)))
    }

    /// With the configuration, which `sudo` does not take over from the environment.
    fn again(&self, words: &[String]) -> String {
        let named = words.iter().any(|word| word == "--config" || word.starts_with("--config="));
        let words: Vec<String> = words.iter().map(|word| bare(word)).collect();
        match &self.config {
            Some(config) if !named => format!("{} {} --config {config}", self.program, words.join(" ")),
            _ => format!("{} {}", self.program, words.join(" ")),
        }
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
    fn a_command_is_said_again_so_that_a_shell_takes_it_as_it_was_given() {
        let words = |line: &[&str]| line.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
        let own = at("namewarden", "/srv/it's/c.toml");
        let backup = words(&["store", "backup", "./a copy.db"]);
        insta::assert_snapshot!(own.again(&backup), @r"namewarden store backup './a copy.db' --config '/srv/it'\''s/c.toml'");
        let named = words(&["findings", "list", "--config", "c.toml"]);
        insta::assert_snapshot!(own.again(&named), @"namewarden findings list --config c.toml");
        let unit = at("/opt/namewarden", DEFAULT_PATH);
        insta::assert_snapshot!(unit.again(&words(&["check", "$(id)"])), @"/opt/namewarden check '$(id)'");
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
