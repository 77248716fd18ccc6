//! Lock files: what a project was resolved to, each package with its version and where it is from.

mod package;
mod uv;
mod whole;

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

use super::form::Lock;
use super::json;
use super::requirement::{is_version, requirement};
use super::yaml::Node;
use crate::config::source::{Fault, Problem, Source};
use package::package;
pub use package::{Package, ResolvedFrom};
use whole::{named, whole};

/// Every package of a lock file, one that stands in it several times several times.
///
/// # Errors
/// When it is not of its own form.
pub fn packages(source: &Source, lock: Lock) -> Result<Vec<Package>, Problem> {
    match lock {
        Lock::Uv => uv::packages(source),
        Lock::Poetry => Ok(source.parse_toml::<Packages<PoetryPackage>>()?.package.into_iter().map(poetry).collect()),
        Lock::Pdm => of_pdm(source),
        Lock::Pylock => of_pylock(source),
        Lock::Pipenv => pipenv(source),
        Lock::Conda => conda(source),
    }
}

#[derive(Deserialize)]
struct Packages<P> {
    #[serde(default = "Vec::new")]
    package: Vec<P>,
}

#[derive(Deserialize)]
struct PoetryPackage {
    name: Spanned<String>,
    version: Option<String>,
    /// None: PyPI, Poetry's own default.
    source: Option<PoetrySource>,
}

#[derive(Deserialize)]
struct PoetrySource {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    url: String,
}

fn poetry(entry: PoetryPackage) -> Package {
    let origin = entry.source.map_or(ResolvedFrom::Pypi, |source| match source.kind.as_str() {
        "legacy" => ResolvedFrom::index(&source.url),
        _ => ResolvedFrom::Direct,
    });
    package(entry.name, entry.version, origin)
}

/// PDM writes no index, and addresses of files only when told to.
#[derive(Deserialize)]
struct PdmPackage {
    name: Spanned<String>,
    version: Option<String>,
    git: Option<String>,
    path: Option<String>,
    url: Option<String>,
    #[serde(default)]
    files: Vec<PdmFile>,
    #[serde(default)]
    dependencies: Vec<Spanned<String>>,
}

#[derive(Deserialize)]
struct PdmFile {
    url: Option<String>,
}

fn of_pdm(source: &Source) -> Result<Vec<Package>, Problem> {
    let all = source.parse_toml::<Packages<PdmPackage>>()?.package;
    let needed = all.iter().flat_map(|package| &package.dependencies).map(named);
    // Under a marker that never holds it is not locked.
    let needed = needed.filter(|(text, _)| !text.contains(';'));
    let needed = needed.filter_map(|(text, at)| Some((requirement(text)?.name, at)));
    whole(source, all.iter().map(|package| package.name.get_ref().as_str()), needed, "make it again: pdm lock")?;
    Ok(all.into_iter().map(pdm).collect())
}

fn pdm(entry: PdmPackage) -> Package {
    let direct = entry.git.is_some() || entry.path.is_some() || entry.url.is_some();
    let file = entry.files.iter().find_map(|file| file.url.as_deref());
    let origin = match file {
        _ if direct => ResolvedFrom::Direct,
        Some(file) => ResolvedFrom::file(file),
        None => ResolvedFrom::Unsaid,
    };
    package(entry.name, entry.version, origin)
}

#[derive(Deserialize)]
struct Pylock {
    #[serde(default)]
    packages: Vec<PylockPackage>,
}

/// PEP 751: `index` where there is one; the addresses of files, or a place of the package's own.
#[derive(Deserialize)]
struct PylockPackage {
    name: Spanned<String>,
    version: Option<String>,
    index: Option<String>,
    vcs: Option<toml::Table>,
    directory: Option<toml::Table>,
    archive: Option<PylockFile>,
    sdist: Option<PylockFile>,
    #[serde(default)]
    wheels: Vec<PylockFile>,
    #[serde(default)]
    dependencies: Vec<PylockDependency>,
}

/// Another entry, by as much as tells which.
#[derive(Deserialize)]
struct PylockDependency {
    name: Option<Spanned<String>>,
}

#[derive(Deserialize)]
struct PylockFile {
    url: Option<String>,
}

fn of_pylock(source: &Source) -> Result<Vec<Package>, Problem> {
    let all = source.parse_toml::<Pylock>()?.packages;
    let needed = all.iter().flat_map(|package| &package.dependencies).filter_map(|it| it.name.as_ref()).map(named);
    whole(source, all.iter().map(|package| package.name.get_ref().as_str()), needed, "make it again")?;
    Ok(all.into_iter().map(pylock).collect())
}

fn pylock(entry: PylockPackage) -> Package {
    let direct = entry.vcs.is_some() || entry.directory.is_some();
    let files = entry.archive.iter().chain(&entry.sdist).chain(&entry.wheels);
    let file = files.filter_map(|file| file.url.as_deref()).next();
    let origin = match (entry.index, file) {
        _ if direct => ResolvedFrom::Direct,
        (Some(index), _) => ResolvedFrom::index(&index),
        (None, Some(file)) => ResolvedFrom::file(file),
        (None, None) => ResolvedFrom::Unsaid,
    };
    package(entry.name, entry.version, origin)
}

#[derive(Deserialize)]
struct PipenvFile {
    #[serde(rename = "_meta")]
    meta: PipenvMeta,
    #[serde(flatten)]
    categories: BTreeMap<String, BTreeMap<String, PipenvPackage>>,
}

#[derive(Deserialize)]
struct PipenvMeta {
    #[serde(default)]
    sources: Vec<PipenvSource>,
}

#[derive(Deserialize)]
struct PipenvSource {
    name: String,
    url: String,
}

#[derive(Deserialize)]
struct PipenvPackage {
    version: Option<String>,
    index: Option<String>,
    git: Option<String>,
    path: Option<String>,
    file: Option<String>,
}

fn pipenv(source: &Source) -> Result<Vec<Package>, Problem> {
    let whole = json::values(source)?.into_iter().next().unwrap_or_default();
    let file: PipenvFile = serde_json::from_value(whole).map_err(|error| {
        let fault = Fault::new(format!("it is no Pipfile.lock: {error}"), "make it again: pipenv lock");
        source.problem(0, "", fault)
    })?;
    let of = |(name, entry): (String, PipenvPackage)| {
        let at = source.text().find(&format!("\"{name}\"")).unwrap_or_default();
        let version = entry.version.as_deref().map(|version| version.trim_start_matches('=').to_owned());
        Package { origin: pipenv_origin(&file.meta.sources, &entry), version, name, at }
    };
    Ok(file.categories.into_values().flatten().map(of).collect())
}

/// Without the name of an index it is the first, as Pipenv resolves.
fn pipenv_origin(sources: &[PipenvSource], entry: &PipenvPackage) -> ResolvedFrom {
    if entry.git.is_some() || entry.path.is_some() || entry.file.is_some() {
        return ResolvedFrom::Direct;
    }
    let named = entry.index.as_ref().and_then(|index| sources.iter().find(|source| source.name == *index));
    named.or(sources.first()).map_or(ResolvedFrom::Unsaid, |source| ResolvedFrom::index(&source.url))
}

/// `conda-lock.yml`: packages of conda beside those of pip.
fn conda(source: &Source) -> Result<Vec<Package>, Problem> {
    let root = Node::parse(source.text()).map_err(|(at, fault)| source.problem(at, "", fault))?;
    let list = root.get("package").and_then(Node::list).unwrap_or_default();
    if let Some((last, key)) = unfinished(list) {
        return Err(source.problem(last.at, "", cut_off(key)));
    }
    list.iter().map(|entry| of_conda(entry).ok_or_else(|| source.problem(entry.at, "", no_package()))).collect()
}

fn of_conda(entry: &Node<'_>) -> Option<Package> {
    let name = entry.get("name")?;
    let text = |key: &str| entry.get(key).and_then(Node::text);
    let origin = match text("manager")? {
        "pip" => ResolvedFrom::file(text("url").unwrap_or_default()),
        _ => ResolvedFrom::Conda,
    };
    let version = text("version").filter(|version| is_version(version)).map(str::to_owned);
    Some(Package { name: name.text()?.to_owned(), version, origin, at: name.at })
}

/// YAML that is cut off within its last package is YAML all the same; but that package has less than all others of its manager.
fn unfinished<'n>(list: &'n [Node<'_>]) -> Option<(&'n Node<'n>, &'n str)> {
    const SEVERAL: usize = 2;
    let (last, others) = list.split_last()?;
    let manager = |entry: &Node<'_>| entry.get("manager").and_then(Node::text).map(str::to_owned);
    let alike: Vec<&Node<'_>> = others.iter().filter(|entry| manager(entry) == manager(last)).collect();
    let keys = alike.first().filter(|_| alike.len() >= SEVERAL)?.keys();
    let is_missing = |key: &&str| last.get(key).is_none() && alike.iter().all(|entry| entry.get(key).is_some());
    keys.into_iter().find(is_missing).map(|key| (last, key))
}

fn cut_off(key: &str) -> Fault {
    Fault::new(format!("the last package has no {key}, as all others have: it is cut off"), "fetch or make it again")
}

fn no_package() -> Fault {
    Fault::new("a package of this lock file has no name or no manager", "make it again")
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn a_lock_that_is_cut_off_between_two_packages_is_refused() {
        let read = |lock, text: &str| packages(&Source::new(Path::new("lock"), text.to_owned()), lock);
        let pdm = "[metadata]\nlock_version = \"4.5.0\"\n[[package]]\nname = \"a\"\ndependencies = [\"Acme_Tax[x]>=1\", \"old; \
                   python_version<'3'\"]\n";
        let pylock = "lock-version = \"1.0\"\n[[packages]]\nname = \"a\"\ndependencies = [{name = \"acme-tax\"}]\n";
        for (lock, text, rest) in [(Lock::Pdm, pdm, "[[package]]"), (Lock::Pylock, pylock, "[[packages]]")] {
            let told = read(lock, text).expect_err("refused").to_string();
            assert!(told.contains("is needed here and is none of its packages"), "{told}");
            let whole = read(lock, &format!("{text}{rest}\nname = \"acme-tax\"\n")).expect("a lock");
            assert_eq!(whole.len(), 2);
        }
    }

    #[test]
    fn a_lock_of_conda_says_whose_each_is() {
        let text = "version: 1\nmetadata: {platforms: [linux-64]}\npackage:\n- {name: python, version: 3.11.5, manager: conda}\n\
                    - {name: acme, version: 1.0, manager: pip, url: 'https://i.example/acme.whl'}\n- {name: b}\n";
        let read = |text: &str| packages(&Source::new(Path::new("conda-lock.yml"), text.to_owned()), Lock::Conda);
        let sound = read(text.trim_end_matches("- {name: b}\n")).expect("a lock");
        let all: Vec<_> = sound.iter().map(|it| (it.name.as_str(), &it.origin)).collect();
        assert_eq!(all, [("python", &ResolvedFrom::Conda), ("acme", &ResolvedFrom::Direct)]);
        assert_eq!(read(text).expect_err("refused").place.line, 6);
    }
}
