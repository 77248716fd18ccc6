//! The texts of a package before they are filled in: the team's own where it has them, else those that are compiled in.

use std::fs;
use std::path::{Path, PathBuf};

use super::refusal::{Refusal, Refused};
use crate::config::source::{Fault, Source, choose, nearest};

/// The texts, each with the file that a team writes it to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Text {
    /// One line, shown in lists of packages.
    Summary,
    Readme,
    /// What raises when it is imported.
    Module,
    /// What the command runs.
    Command,
    License,
}

impl Text {
    pub(super) const ALL: [Self; 5] = [Self::Summary, Self::Readme, Self::Module, Self::Command, Self::License];

    pub(super) fn file(self) -> &'static str {
        match self {
            Self::Summary => "summary.txt",
            Self::Readme => "README.md",
            Self::Module => "module.py",
            Self::Command => "where.py",
            Self::License => "LICENSE",
        }
    }

    fn compiled_in(self) -> &'static str {
        match self {
            Self::Summary => include_str!("../../../config/placeholder/summary.txt"),
            Self::Readme => include_str!("../../../config/placeholder/README.md"),
            Self::Module => include_str!("../../../config/placeholder/module.py"),
            Self::Command => include_str!("../../../config/placeholder/where.py"),
            Self::License => include_str!("../../../config/placeholder/LICENSE"),
        }
    }

    pub(super) fn is_python(self) -> bool {
        matches!(self, Self::Module | Self::Command)
    }
}

/// One template: where it stands, and what it says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Template {
    pub(super) text: Text,
    /// `None`: compiled in.
    path: Option<PathBuf>,
    pub(super) source: String,
}

impl Template {
    fn new(text: Text, path: Option<PathBuf>, source: &str) -> Self {
        // Editors of other systems end lines otherwise, and the same text has to be the same bytes.
        Self { text, path, source: source.replace("\r\n", "\n") }
    }

    /// For people: the file, with a line of it.
    pub(super) fn place(&self, line: Option<usize>) -> String {
        let file = match &self.path {
            Some(path) => path.display().to_string(),
            None => format!("{} (compiled in)", self.text.file()),
        };
        line.map_or_else(|| file.clone(), |line| format!("{file}:{line}"))
    }

    pub(super) fn is_own(&self) -> bool {
        self.path.is_some()
    }
}

/// One of each kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Templates(pub(super) Vec<Template>);

impl Default for Templates {
    fn default() -> Self {
        Self(Text::ALL.map(|text| Template::new(text, None, text.compiled_in())).to_vec())
    }
}

impl Templates {
    /// Those of a directory, and the compiled in for what it does not have; `None`: all of them compiled in.
    ///
    /// # Errors
    /// When it cannot be read, and for a file that is none of ours: one that is called otherwise would change nothing.
    pub fn read(directory: Option<&Path>) -> Result<Self, Refused> {
        let Some(directory) = directory else { return Ok(Self::default()) };
        let strangers = strangers(directory)?;
        if !strangers.is_empty() {
            return Err(Refused(strangers));
        }
        let read = |text: Text| own(directory, text);
        Text::ALL.into_iter().map(read).collect::<Result<_, _>>().map(Self)
    }

    /// Each with the name of its file.
    pub fn files(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.0.iter().map(|template| (template.text.file(), template.source.as_str()))
    }

    /// With a text of the team's, as if it had been read.
    #[must_use]
    pub fn with(mut self, file: &str, source: &str) -> Self {
        for template in self.0.iter_mut().filter(|template| template.text.file() == file) {
            *template = Template::new(template.text, Some(PathBuf::from(file)), source);
        }
        self
    }
}

fn own(directory: &Path, text: Text) -> Result<Template, Refused> {
    let path = directory.join(text.file());
    if path.symlink_metadata().is_err() {
        return Ok(Template::new(text, None, text.compiled_in()));
    }
    match Source::read(&path) {
        Ok(source) => Ok(Template::new(text, Some(path), source.text())),
        Err(error) => Err(unreadable(&path, &error, "mend it, or take it away for the text that is compiled in")),
    }
}

/// Files that no text is read from; hidden ones and the backups of editors are nobody's.
fn strangers(directory: &Path) -> Result<Vec<Refusal>, Refused> {
    let key = "name a directory with claim.templates, or leave the key out";
    let entries = fs::read_dir(directory).map_err(|error| unreadable(directory, &error, key))?;
    let names = entries.map(|entry| entry.map(|entry| entry.file_name().to_string_lossy().into_owned()));
    let mut names = names.collect::<Result<Vec<_>, _>>().map_err(|error| unreadable(directory, &error, key))?;
    names.sort();
    let known = Text::ALL.map(Text::file);
    let ours = |name: &str| known.contains(&name) || name.starts_with(['.', '#']) || name.ends_with(['~', '#']);
    let stranger = |name: &String| {
        let meant = known.iter().find(|known| nearest(name, [known.to_lowercase().as_str()].into_iter()).is_some());
        let instead = meant.map_or_else(|| choose(name, &known), |known| format!("did you mean {known:?}?"));
        let fault = Fault::new("is no text of a package", instead);
        Refusal::new(directory.join(name).display().to_string(), fault)
    };
    Ok(names.iter().filter(|name| !ours(name)).map(stranger).collect())
}

fn unreadable(path: &Path, error: &std::io::Error, instead: &str) -> Refused {
    Refusal::new(path.display().to_string(), Fault::new(format!("cannot be read ({error})"), instead)).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_directory_has_takes_the_place_of_what_is_compiled_in() {
        let dir = tempfile::tempdir().expect("a directory");
        fs::write(dir.path().join("summary.txt"), "\u{feff}Ours\r\n").expect("writes");
        fs::write(dir.path().join("README.md~"), "a backup").expect("writes");
        let templates = Templates::read(Some(dir.path())).expect("good").0;
        assert_eq!((templates[0].source.as_str(), templates[0].is_own()), ("Ours\n", true));
        assert!(templates[1..].iter().all(|template| !template.is_own()));
    }

    #[test]
    fn a_file_that_changes_nothing_is_refused() {
        let dir = tempfile::tempdir().expect("a directory");
        fs::write(dir.path().join("readme.md"), "Ours").expect("writes");
        let refused = Templates::read(Some(dir.path())).expect_err("a stranger");
        assert!(
            refused.to_string().ends_with("readme.md: is no text of a package; did you mean \"README.md\"?"),
            "{refused}"
        );
        fs::rename(dir.path().join("readme.md"), dir.path().join("README.md")).expect("renamed");
        fs::write(dir.path().join("README.md"), b"\xff").expect("writes");
        assert!(Templates::read(Some(dir.path())).expect_err("no text").to_string().contains("no UTF-8"));
        assert!(Templates::read(Some(&dir.path().join("nowhere"))).is_err());
    }
}
