//! What was resolved or installed, and which part of it is one's own: lock files, requirements, `pip freeze` and
//! `pip list` name what is from PyPI beside what is not. Pure.

use std::collections::{BTreeMap, BTreeSet};

use super::draft::{Draft, Entry};
use super::load::{InventoryError, from_draft};
use crate::config::source::{Problem, Source};
use crate::lists::{Form, List, Origin, Package, Said, is_version, no_name, packages};
use crate::model::{Inventory, OwnerId, ProjectName, WatchKind};

/// A file to import.
#[derive(Clone, Debug)]
pub enum Given {
    /// An inventory, or a list of names that somebody made for this.
    Inventory(Source),
    /// Packages of which most may be anybody's.
    Packages(Harvest),
}

/// Packages, and what else has to be read for them.
#[derive(Clone, Debug, Default)]
pub struct Harvest {
    pub packages: Vec<Package>,
    /// Files that `-r` names, and the fault of not reading them.
    pub others: Vec<(String, Problem)>,
}

/// Takes a text for what it is.
///
/// # Errors
/// `Invalid` when it is not of its form, or a package of it has no name.
pub fn given(source: Source) -> Result<Given, InventoryError> {
    let invalid = |problem| InventoryError::Invalid { problems: vec![problem] };
    let list = List::of(source).map_err(invalid)?;
    if let Form::Lock(lock) = list.form {
        let packages = packages(&list.source, lock).map_err(invalid)?;
        check(&list.source, &packages)?;
        return Ok(Given::Packages(Harvest { packages, others: Vec::new() }));
    }
    match list.is_resolved().then(|| installed(&list)).flatten() {
        Some(harvest) => Ok(Given::Packages(harvest)),
        // What is wrong with it is told as of any list.
        None => Ok(Given::Inventory(list.source)),
    }
}

fn check(source: &Source, packages: &[Package]) -> Result<(), InventoryError> {
    let wrong = packages.iter().filter(|package| !ProjectName::is_valid(&package.name));
    let problems: Vec<Problem> = wrong.map(|it| source.problem(it.at, "", no_name(&it.name))).collect();
    if problems.is_empty() { Ok(()) } else { Err(InventoryError::Invalid { problems }) }
}

/// `None` when something of it is doubtful.
fn installed(list: &List) -> Option<Harvest> {
    let (mut harvest, mut sound) = (Harvest::default(), true);
    let read = list.read(&mut |said| match said {
        Said::Project { name, version, at } => harvest.packages.push(Package {
            name: name.into_owned(),
            version: version.map(std::borrow::Cow::into_owned),
            origin: Origin::Unsaid,
            at,
        }),
        Said::Other { path, at, fault } => harvest.others.push((path.to_owned(), list.source.problem(at, "", fault))),
        Said::Label { .. } | Said::Doubtful { .. } => sound = false,
    });
    (sound && read.is_ok()).then_some(harvest)
}

/// Packages by why they are watched or not; each name once, with its highest version.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sifted {
    pub kept: Vec<Package>,
    /// Resolved from PyPI.
    pub from_pypi: Vec<Package>,
    /// On PyPI, and nothing says that they are resolved from elsewhere.
    pub standing: Vec<Package>,
    /// Resolved from elsewhere, and on PyPI too: that index is a mirror, or somebody has taken the name.
    pub twice: Vec<Package>,
}

/// `standing` are those of the names that are on PyPI; `None` when nobody knows.
pub fn sift(packages: Vec<Package>, standing: Option<&BTreeSet<ProjectName>>) -> Sifted {
    let mut sifted = Sifted::default();
    for (name, package) in merged(packages) {
        let stands = standing.is_some_and(|standing| standing.contains(&name));
        let heap = match (&package.origin, stands) {
            (Origin::Pypi, _) => &mut sifted.from_pypi,
            (Origin::Unsaid, true) => &mut sifted.standing,
            (Origin::Index(_) | Origin::Direct, true) => &mut sifted.twice,
            (_, false) => &mut sifted.kept,
        };
        heap.push(package);
    }
    sifted
}

/// Of one name that is resolved differently on two platforms, the origin that is one's own counts.
fn merged(packages: Vec<Package>) -> BTreeMap<ProjectName, Package> {
    let mut merged = BTreeMap::<ProjectName, Package>::new();
    for package in packages {
        let Ok(name) = ProjectName::parse(&package.name) else { continue };
        let Some(known) = merged.get_mut(&name) else {
            merged.insert(name, package);
            continue;
        };
        if known.version.as_deref().and_then(version) < package.version.as_deref().and_then(version) {
            known.version = package.version;
        }
        if matches!(known.origin, Origin::Pypi | Origin::Unsaid) && package.origin != Origin::Unsaid {
            known.origin = package.origin;
        }
    }
    merged
}

fn version(text: &str) -> Option<pep440_rs::Version> {
    text.parse().ok()
}

/// Watches of these packages: a version that cannot be compared is left out, and the index is where they are from.
///
/// # Errors
/// `Invalid` when there is none.
pub fn of_packages(source: Source, packages: &[Package], default_owner: &OwnerId) -> Result<Inventory, InventoryError> {
    let mut draft = Draft::new(source);
    draft.entries = packages.iter().map(entry).collect();
    from_draft(&draft, default_owner)
}

fn entry(package: &Package) -> Entry {
    let index = match &package.origin {
        Origin::Index(index) => Some(index.clone()),
        Origin::Unsaid | Origin::Pypi | Origin::Direct => None,
    };
    let version = package.version.clone().filter(|version| is_version(version));
    Entry { latest_version: version, index, ..Entry::new(WatchKind::Name, &package.name, 0) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn package(name: &str, version: &str, origin: Origin) -> Package {
        Package { name: name.to_owned(), version: Some(version.to_owned()), origin, at: 0 }
    }

    #[test]
    fn what_is_anybodys_is_put_aside_and_kept_in_sight() {
        let own = || Origin::Index("https://i.example/simple".to_owned());
        let packages = vec![
            package("Acme_Billing", "1.9", own()),
            package("acme-billing", "1.10", Origin::Pypi),
            package("acme-tax", "2", Origin::Direct),
            package("acme-mirror", "1", own()),
            package("numpy", "2.1", Origin::Pypi),
            package("flask", "3", Origin::Unsaid),
            package("acme-new", "3", Origin::Unsaid),
        ];
        let standing = ["acme-mirror", "flask", "numpy"].map(|name| ProjectName::parse(name).expect("valid")).into();
        let names = |packages: &[Package]| packages.iter().map(|p| p.name.clone()).collect::<Vec<_>>().join(" ");
        let sifted = sift(packages.clone(), Some(&standing));
        assert_eq!(names(&sifted.kept), "Acme_Billing acme-new acme-tax");
        assert_eq!(sifted.kept[0], package("Acme_Billing", "1.10", own()));
        assert_eq!(names(&sifted.from_pypi), "numpy");
        assert_eq!((names(&sifted.standing), names(&sifted.twice)), ("flask".to_owned(), "acme-mirror".to_owned()));
        assert_eq!(names(&sift(packages, None).kept), "Acme_Billing acme-mirror acme-new acme-tax flask");
    }
}
