//! Paths in archives, as installers take them apart.

use super::form::Form;

/// What a path names once it is unpacked: its parts, without those that lead nowhere.
pub(super) fn resolved(path: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    for part in path.split(['/', '\\']) {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts
}

/// A file that says what the release is, wherever an archive of either form has it.
pub(super) fn is_description(path: &str) -> bool {
    let parts = resolved(path);
    let mut last = parts.iter().rev();
    let (name, folder) = (last.next().copied().unwrap_or_default(), last.next().copied().unwrap_or_default());
    match name {
        "METADATA" => parts.len() == 2 && folder.ends_with(".dist-info"),
        "entry_points.txt" => folder.ends_with(".dist-info") || folder.ends_with(".egg-info"),
        "PKG-INFO" | "pyproject.toml" => parts.len() <= 2,
        _ => false,
    }
}

/// How a path is called whatever the version; `deep`: how many parts a path has at most that lies where a build begins.
pub(super) struct Placing {
    of: Place,
    pub(super) deep: usize,
}

enum Place {
    /// The name of the wheel.
    Wheel(String),
    /// The folder that all of a source is in; `None`: there is none.
    Source(Option<String>),
}

impl Placing {
    pub(super) fn of<'p>(form: Form, filename: &str, paths: impl Iterator<Item = &'p String>) -> Self {
        match form {
            Form::Wheel => Self { of: Place::Wheel(filename.to_owned()), deep: 1 },
            Form::Source => {
                let top = top(paths);
                // Where installers find no folder that all is in, they differ about where it begins.
                Self { deep: if top.is_some() { 1 } else { 2 }, of: Place::Source(top) }
            }
        }
    }

    pub(super) fn place(&self, path: &str) -> String {
        match &self.of {
            Place::Wheel(filename) => unversioned(path, filename),
            Place::Source(None) => path.to_owned(),
            Place::Source(Some(top)) => {
                let own = path.strip_prefix(top.as_str()).and_then(|rest| rest.strip_prefix('/'));
                // Taken for one in that folder, and written otherwise: that is seen.
                own.map_or_else(|| format!("/{}", led(path).1), str::to_owned)
            }
        }
    }
}

/// The first folder, and the rest, as pip splits them (`split_leading_dir`).
fn led(path: &str) -> (&str, &str) {
    let path = path.trim_start_matches('/').trim_start_matches('\\');
    path.split_once(['/', '\\']).unwrap_or((path, ""))
}

/// The folder that all of it is in, as pip sees it (`has_leading_dir`).
fn top<'p>(paths: impl Iterator<Item = &'p String>) -> Option<String> {
    let mut top = None;
    for (first, rest) in paths.map(|path| led(path)) {
        if first.is_empty() || rest.is_empty() || top.is_some_and(|top| top != first) {
            return None;
        }
        top = Some(first);
    }
    top.map(str::to_owned)
}

/// `NAME.dist-info/METADATA` for what is in `NAME-VERSION.dist-info`, by the name of the file; the same of `.data`.
fn unversioned(path: &str, filename: &str) -> String {
    let mut parts = filename.splitn(3, '-');
    let (Some(name), Some(version)) = (parts.next(), parts.next()) else { return path.to_owned() };
    let Some((folder, rest)) = path.split_once('/') else { return path.to_owned() };
    let own = alike(&format!("{name}-{version}"));
    let ending =
        [".dist-info", ".data"].into_iter().find(|end| folder.strip_suffix(end).is_some_and(|of| alike(of) == own));
    ending.map_or_else(|| path.to_owned(), |ending| format!("{}{ending}/{rest}", alike(name)))
}

/// In whichever spelling: installers take `Foo_Bar-1.0` and `foo.bar-1.0` for one.
fn alike(of: &str) -> String {
    let parts: Vec<&str> = of.split(['-', '_', '.']).filter(|part| !part.is_empty()).collect();
    parts.join("-").to_lowercase()
}
