//! `uv.lock`.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

use super::package::{Package, ResolvedFrom, package};
use super::whole::{named, whole};
use crate::config::source::{Problem, Source};

#[derive(Deserialize)]
struct UvLock {
    #[serde(default)]
    package: Vec<UvPackage>,
    #[serde(default)]
    manifest: UvManifest,
}

#[derive(Default, Deserialize)]
struct UvManifest {
    /// The projects of a workspace.
    #[serde(default)]
    members: Vec<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct UvPackage {
    name: Spanned<String>,
    version: Option<String>,
    source: UvSource,
    #[serde(default)]
    dependencies: Vec<UvDependency>,
    #[serde(default)]
    optional_dependencies: BTreeMap<String, Vec<UvDependency>>,
    #[serde(default, alias = "dependency-groups")]
    dev_dependencies: BTreeMap<String, Vec<UvDependency>>,
}

/// Another package of the same lock.
#[derive(Deserialize)]
struct UvDependency {
    name: Spanned<String>,
}

/// Exactly one of its keys is given; those that are not listed name a place of the package's own.
#[derive(Deserialize)]
struct UvSource {
    registry: Option<String>,
}

/// Every package, and none is missing that another needs.
pub(super) fn packages(source: &Source) -> Result<Vec<Package>, Problem> {
    let lock: UvLock = source.parse_toml()?;
    let needed = lock.package.iter().flat_map(|package| {
        let groups = package.optional_dependencies.values().chain(package.dev_dependencies.values()).flatten();
        package.dependencies.iter().chain(groups).map(|dependency| &dependency.name)
    });
    let needed = needed.chain(&lock.manifest.members).map(named);
    whole(
        source,
        lock.package.iter().map(|package| package.name.get_ref().as_str()),
        needed,
        "make it again: uv lock",
    )?;
    Ok(lock.package.into_iter().map(of_uv).collect())
}

fn of_uv(entry: UvPackage) -> Package {
    let origin = entry.source.registry.map_or(ResolvedFrom::Direct, |registry| ResolvedFrom::index(&registry));
    package(entry.name, entry.version, origin)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn a_lock_of_uv_has_a_package_for_each_that_is_needed() {
        let head = "version = 1\nrequires-python = \">=3.11\"\n[manifest]\nmembers = [\"app\"]\n";
        let app = "[[package]]\nname = \"app\"\nversion = \"1\"\nsource = { virtual = \".\" }\n\
                   dependencies = [{ name = \"acme\", marker = \"python_version > '3'\" }]\n\
                   [package.dev-dependencies]\ndev = [{ name = \"lint\", extra = [\"x\"] }]\n";
        let of = |name: &str| {
            format!(
                "[[package]]\nname = \"{name}\"\nversion = \"1\"\nsource = {{ registry = \"https://i.example/simple\" }}\n"
            )
        };
        let read = |parts: &[&str]| packages(&Source::new(Path::new("uv.lock"), parts.concat()));
        let whole = read(&[head, app, &of("acme"), &of("lint")]).expect("a lock");
        assert_eq!(whole.iter().map(|it| it.name.as_str()).collect::<Vec<_>>(), ["app", "acme", "lint"]);
        let refused = [&[head, app, &of("acme")][..], &[head, app], &[head]]
            .map(|parts| read(parts).expect_err("a part").to_string());
        insta::assert_snapshot!(refused.join("\n"), @r#"
            uv.lock:11:17: "lint" is needed here and is none of its packages, so a part is missing; make it again: uv lock
            uv.lock:9:26: "acme" is needed here and is none of its packages, so a part is missing; make it again: uv lock
            uv.lock:4:12: "app" is needed here and is none of its packages, so a part is missing; make it again: uv lock
            "#);
    }
}
