//! What a project is called that a list names by its folder alone: `-e .`, as `uv export` and `pip freeze` write it.

use std::path::Path;

use serde::Deserialize;

use crate::config::source::Source;
use crate::lists::{Package, ResolvedFrom};
use crate::model::ProjectName;

/// As much of `pyproject.toml` as says that (PEP 621, and Poetry's own table).
#[derive(Deserialize)]
struct Pyproject {
    project: Option<NamedTable>,
    tool: Option<ToolTables>,
}

#[derive(Deserialize)]
struct ToolTables {
    poetry: Option<NamedTable>,
}

#[derive(Deserialize)]
struct NamedTable {
    name: Option<String>,
}

/// The project in a folder, which is one's own; `None` when it does not say its name, or nobody may read it. `beside`: where
/// the list stands that names the folder.
pub(super) fn project(beside: &Path, path: &str) -> Option<Package> {
    let path = path.strip_prefix("file://").or(path.strip_prefix("file:")).unwrap_or(path);
    let folder = beside.join(path.split(['[', '#']).next().unwrap_or(path));
    let source = Source::read(&folder.join("pyproject.toml")).ok()?;
    let read: Pyproject = toml::from_str(source.text()).ok()?;
    let poetry = read.tool.and_then(|tool| tool.poetry).and_then(|poetry| poetry.name);
    let name = read.project.and_then(|project| project.name).or(poetry)?;
    ProjectName::is_valid(&name).then_some(Package { name, version: None, origin: ResolvedFrom::Direct, at: 0 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_called_as_its_project_says() {
        let beside = tempfile::tempdir().expect("a directory");
        let write = |folder: &str, text: &str| {
            let folder = beside.path().join(folder);
            std::fs::create_dir_all(&folder).and_then(|()| std::fs::write(folder.join("pyproject.toml"), text))
        };
        write(".", "[project]\nname = \"acme-service\"\nversion = \"1.0\"\n").expect("written");
        write("libs/tax", "[tool.poetry]\nname = \"acme-tax\"\n").expect("written");
        write("libs/bad", "[project]\nname = \"no name\"\n").expect("written");
        let named = |path: &str| project(beside.path(), path).map(|package| package.name);
        assert_eq!(named(".").as_deref(), Some("acme-service"));
        assert_eq!(named(".[dev]").as_deref(), Some("acme-service"));
        assert_eq!(named(&format!("file://{}/libs/tax", beside.path().display())).as_deref(), Some("acme-tax"));
        assert_eq!([named("libs/bad"), named("libs/none")], [None, None]);
    }
}
