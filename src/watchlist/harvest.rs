//! What was resolved or installed, and which part of it is one's own: lock files, requirements, `pip freeze` and
//! `pip list` name what is from PyPI beside what is not. Pure.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use super::draft::{Draft, DraftWatch};
use super::load::{InventoryError, from_draft};
use crate::config::source::{Problem, Source};
use crate::lists::{Form, List, Package, ResolvedFrom, Said, is_version, no_name, packages};
use crate::matcher::is_distinctive;
use crate::model::{Inventory, OwnerId, ProjectName, WatchKind};
use crate::registry::pypi::addresses::PYPI;

/// Fewer names on PyPI make no index a mirror of it: they may all have been taken.
const SEVERAL: usize = 5;

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
    /// Folders with projects that are not named.
    pub locals: Vec<String>,
    /// What may be a name, beside another or of no known language.
    pub aside: Vec<String>,
    /// Packages of other languages and of the system.
    pub foreign: Vec<String>,
}

/// What stands in a list where no name is read and is called as several of its names are, each with its place.
pub fn unread(source: &Source) -> Vec<String> {
    let Some(list) = List::of(source.clone()).ok().filter(|list| list.form != Form::Inventory) else {
        return Vec::new();
    };
    let kin = list.unread_kin().into_iter();
    kin.map(|(name, at)| format!("{name} (line {})", list.source.place(at).line)).collect()
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
        return Ok(Given::Packages(Harvest { packages, ..Harvest::default() }));
    }
    match list.is_resolved().then(|| installed(&list)) {
        Some(Ok(harvest)) => Ok(Given::Packages(harvest)),
        // What it names of other files is none of it: those are read.
        Some(Err(problems)) if !problems.is_empty() => Err(InventoryError::Invalid { problems }),
        Some(Err(_)) | None => Ok(Given::Inventory(list.source)),
    }
}

fn check(source: &Source, packages: &[Package]) -> Result<(), InventoryError> {
    let wrong = packages.iter().filter(|package| !ProjectName::is_valid(&package.name));
    let problems: Vec<Problem> = wrong.map(|it| source.problem(it.at, "", no_name(&it.name))).collect();
    if problems.is_empty() { Ok(()) } else { Err(InventoryError::Invalid { problems }) }
}

/// # Errors
/// What is doubtful, where that is little; nothing where it is much, or a list of another kind.
fn installed(list: &List) -> Result<Harvest, Vec<Problem>> {
    const LITTLE: usize = 5;
    let is_bom = list.is_bom();
    let (mut harvest, mut sound, mut problems) = (Harvest::default(), true, Vec::new());
    let package = |name: Cow<'_, str>, version: Option<Cow<'_, str>>, origin, at| Package {
        name: name.into_owned(),
        version: version.map(Cow::into_owned),
        origin,
        at,
    };
    let read = list.read(&mut |said| match said {
        Said::Project { name, version, at } => harvest.packages.push(package(name, version, ResolvedFrom::Unsaid, at)),
        Said::Conda { name, version, at } => harvest.packages.push(package(name, version, ResolvedFrom::Conda, at)),
        Said::Beside { text } => harvest.aside.push(text.into_owned()),
        Said::Joined { text } if is_bom => harvest.aside.push(text),
        Said::Foreign { name } => harvest.foreign.push(name.to_owned()),
        Said::Joined { .. } | Said::Title { .. } => {}
        Said::Local { path, .. } => harvest.locals.push(path.to_owned()),
        Said::Other { path, at, fault } => harvest.others.push((path.to_owned(), list.source.problem(at, "", fault))),
        Said::Doubtful { at, fault, .. } => problems.push(list.source.problem(at, "", fault)),
        Said::Label { .. } | Said::Rival { .. } => sound = false,
    });
    match sound && read.is_ok() {
        true if problems.is_empty() => Ok(harvest),
        true if problems.len() <= LITTLE => Err(problems),
        _ => Err(Vec::new()),
    }
}

/// Packages by why they are watched or not; each name once, with its highest version.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sifted {
    /// One's own, those on PyPI among them.
    pub kept: Vec<Package>,
    /// Of those: watched already, and on PyPI or resolved from there.
    pub watched: Vec<Package>,
    /// Of those: resolved from elsewhere, and on PyPI too, so somebody may have taken the name.
    pub shadowed: Vec<Package>,
    /// Of those: on PyPI, and called as one's own are.
    pub alike: Vec<Package>,
    /// Resolved from PyPI.
    pub from_pypi: Vec<Package>,
    /// On PyPI, and nothing says that they are resolved from elsewhere.
    pub standing: Vec<Package>,
    /// The same, from an index of which most stands on PyPI: it mirrors that.
    pub mirrored: Vec<Package>,
    /// Conda's, whose names are not PyPI's.
    pub of_conda: Vec<Package>,
}

/// `standing` are those of the names that are on PyPI, `None` when nobody knows; `watched` those in force: a name of
/// one's own that stands on PyPI is claimed or taken, and never anybody's.
pub fn sift(
    packages: Vec<Package>,
    standing: Option<&BTreeSet<ProjectName>>,
    watched: &dyn Fn(&ProjectName) -> bool,
) -> Sifted {
    let stands = |name: &ProjectName| standing.is_some_and(|standing| standing.contains(name));
    let packages = merged(packages);
    let mirrors = mirrors(&packages, &stands);
    let (mut sifted, mut doubtful) = (Sifted::default(), Vec::new());
    for (name, package) in packages {
        match (&package.origin, stands(&name)) {
            (ResolvedFrom::Conda, _) if !watched(&name) => sifted.of_conda.push(package),
            (ResolvedFrom::Pypi, _) if watched(&name) => sifted.watched.push(package.without_version()),
            (_, true) if watched(&name) => sifted.watched.push(package),
            (ResolvedFrom::Pypi, _) => doubtful.push(package),
            (ResolvedFrom::Index(index), true) if mirrors.contains(index) => doubtful.push(package),
            (ResolvedFrom::Index(_) | ResolvedFrom::Direct, true) => sifted.shadowed.push(package),
            (ResolvedFrom::Unsaid | ResolvedFrom::Conda, true) => doubtful.push(package),
            (_, false) => sifted.kept.push(package),
        }
    }
    sifted.kept.extend(sifted.watched.iter().chain(&sifted.shadowed).cloned());
    sifted.part(doubtful);
    sifted.kept.sort_by_key(|package| ProjectName::parse(&package.name).ok());
    sifted
}

impl Sifted {
    /// All of them. What is anybody's is said to come from PyPI, so that it is no threat that somebody holds it.
    pub fn everything(self) -> Vec<Package> {
        let of_pypi = ResolvedFrom::Index(format!("{PYPI}/simple"));
        let public = [self.from_pypi, self.standing, self.mirrored].concat().into_iter();
        let public = public.map(|package| Package { origin: of_pypi.clone(), ..package });
        self.kept.into_iter().chain(public).chain(self.of_conda).collect()
    }

    /// What is on PyPI and called as one's own is kept: to hear of too much is better. Of a word that more of what was resolved
    /// from there has than of one's own (`opentelemetry-acme` beside all of `opentelemetry-…`), that is anybody's.
    fn part(&mut self, doubtful: Vec<Package>) {
        let own = first_words(&mut self.kept.iter());
        let others = first_words(&mut doubtful.iter().filter(|package| package.origin == ResolvedFrom::Pypi));
        let is_own = |package: &Package| {
            let word = first_word(package)?;
            let ours = own.get(&word)?;
            Some(package.origin != ResolvedFrom::Pypi || ours >= others.get(&word)?)
        };
        for package in doubtful {
            match &package.origin {
                ResolvedFrom::Pypi if is_own(&package) == Some(true) => self.alike.push(package.without_version()),
                _ if is_own(&package) == Some(true) => self.alike.push(package),
                ResolvedFrom::Index(_) => self.mirrored.push(package),
                ResolvedFrom::Pypi => self.from_pypi.push(package),
                _ => self.standing.push(package),
            }
        }
        self.kept.extend(self.alike.iter().cloned());
    }
}

/// `acme` of `acme-billing`, where that is no word of everybody's.
fn first_word(package: &Package) -> Option<String> {
    let name = ProjectName::parse(&package.name).ok()?;
    let (word, _) = name.as_str().split_once('-')?;
    is_distinctive(word).then(|| word.to_owned())
}

fn first_words(of: &mut dyn Iterator<Item = &Package>) -> BTreeMap<String, usize> {
    of.filter_map(first_word).fold(BTreeMap::new(), |mut counts, word| {
        *counts.entry(word).or_default() += 1;
        counts
    })
}

/// Indexes that serve what is on PyPI: more than half of what is resolved from them, and several.
fn mirrors(packages: &BTreeMap<ProjectName, Package>, stands: &dyn Fn(&ProjectName) -> bool) -> BTreeSet<String> {
    let mut counts = BTreeMap::<&str, (usize, usize)>::new();
    for (name, package) in packages {
        if let ResolvedFrom::Index(index) = &package.origin {
            let (all, public) = counts.entry(index).or_default();
            *all += 1;
            *public += usize::from(stands(name));
        }
    }
    let mirrors = counts.into_iter().filter(|(_, (all, public))| *public >= SEVERAL && public * 2 > *all);
    mirrors.map(|(index, _)| index.to_owned()).collect()
}

/// Of one name that is resolved differently on two platforms, the origin that is one's own counts, and its version with it.
fn merged(packages: Vec<Package>) -> BTreeMap<ProjectName, Package> {
    let mut merged = BTreeMap::<ProjectName, Package>::new();
    for package in packages {
        let Ok(name) = ProjectName::parse(&package.name) else { continue };
        let Some(known) = merged.get_mut(&name) else {
            merged.insert(name, package);
            continue;
        };
        let (more, same) =
            (weight(&package.origin) > weight(&known.origin), weight(&package.origin) == weight(&known.origin));
        let higher = known.version.as_deref().and_then(version) < package.version.as_deref().and_then(version);
        if more || (same && higher) {
            known.version = package.version;
        }
        if more {
            known.origin = package.origin;
        }
    }
    merged
}

impl Package {
    /// What came from PyPI has no version of one's own: a stranger's below it would look harmless.
    fn without_version(self) -> Self {
        Self { version: None, ..self }
    }
}

/// How much an origin says for a name being one's own.
fn weight(origin: &ResolvedFrom) -> u8 {
    match origin {
        ResolvedFrom::Conda => 0,
        ResolvedFrom::Unsaid => 1,
        ResolvedFrom::Pypi => 2,
        ResolvedFrom::Index(_) | ResolvedFrom::Direct => 3,
    }
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

fn entry(package: &Package) -> DraftWatch {
    let index = match &package.origin {
        ResolvedFrom::Index(index) => Some(index.clone()),
        ResolvedFrom::Unsaid | ResolvedFrom::Pypi | ResolvedFrom::Direct | ResolvedFrom::Conda => None,
    };
    let version = package.version.clone().filter(|version| is_version(version));
    DraftWatch { latest_version: version, index, ..DraftWatch::new(WatchKind::Name, &package.name, 0) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn package(name: &str, version: &str, origin: ResolvedFrom) -> Package {
        Package { name: name.to_owned(), version: Some(version.to_owned()), origin, at: 0 }
    }

    fn own() -> ResolvedFrom {
        ResolvedFrom::Index("https://i.example/simple".to_owned())
    }

    fn set(names: &[&str]) -> BTreeSet<ProjectName> {
        names.iter().map(|name| ProjectName::parse(name).expect("valid")).collect()
    }

    fn names(packages: &[Package]) -> String {
        packages.iter().map(|package| package.name.as_str()).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn what_is_anybodys_is_put_aside_and_kept_in_sight() {
        let packages = vec![
            package("Zyx_Billing", "1.9", own()),
            package("zyx-billing", "1.10", ResolvedFrom::Pypi),
            package("zyx-tax", "2", ResolvedFrom::Direct),
            package("shadowed", "1", own()),
            package("forked", "1", ResolvedFrom::Direct),
            package("numpy", "2.1", ResolvedFrom::Pypi),
            package("flask", "3", ResolvedFrom::Unsaid),
            package("zyx-new", "3", ResolvedFrom::Unsaid),
            package("zyx-taken", "3", ResolvedFrom::Unsaid),
        ];
        let standing = set(&["shadowed", "forked", "flask", "numpy", "zyx-taken"]);
        let sifted = sift(packages.clone(), Some(&standing), &|_| false);
        assert_eq!(names(&sifted.kept), "forked shadowed Zyx_Billing zyx-new zyx-taken zyx-tax");
        assert_eq!(
            sifted.kept[2],
            package("Zyx_Billing", "1.9", own()),
            "what a stranger published is no version of ours"
        );
        assert_eq!(
            (names(&sifted.shadowed), names(&sifted.alike)),
            ("forked shadowed".to_owned(), "zyx-taken".to_owned())
        );
        assert_eq!((names(&sifted.from_pypi), names(&sifted.standing)), ("numpy".to_owned(), "flask".to_owned()));
        let unknown = sift(packages, None, &|_| false);
        assert_eq!(names(&unknown.kept), "flask forked shadowed Zyx_Billing zyx-new zyx-taken zyx-tax");
    }

    /// It is on PyPI because somebody has taken it, or because it was claimed.
    #[test]
    fn what_is_watched_is_never_anybodys() {
        let packages =
            |origin: ResolvedFrom| vec![package("shadowed", "1", origin), package("numpy", "2", ResolvedFrom::Pypi)];
        let (standing, watched) = (set(&["shadowed", "numpy"]), set(&["shadowed"]));
        for origin in [own(), ResolvedFrom::Direct, ResolvedFrom::Unsaid, ResolvedFrom::Pypi] {
            let sifted = sift(packages(origin.clone()), Some(&standing), &|name| watched.contains(name));
            assert_eq!(
                (names(&sifted.kept), names(&sifted.watched)),
                ("shadowed".to_owned(), "shadowed".to_owned()),
                "{origin:?}"
            );
        }
        let unknown = sift(packages(ResolvedFrom::Pypi), None, &|name| watched.contains(name));
        assert_eq!(names(&unknown.watched), "shadowed", "resolved from PyPI, whoever knows what stands there");
    }

    #[test]
    fn a_version_from_pypi_is_never_the_internal_one() {
        let watched = |packages: Vec<Package>| sift(packages, None, &|_| true).kept;
        assert_eq!(watched(vec![package("zyx-a", "99", ResolvedFrom::Pypi)])[0].version, None);
        let both = |first: ResolvedFrom, second: ResolvedFrom| {
            watched(vec![package("zyx-a", "1.8", first), package("zyx-a", "99", second)])[0].version.clone()
        };
        assert_eq!(both(own(), ResolvedFrom::Pypi).as_deref(), Some("1.8"));
        assert_eq!(both(own(), own()).as_deref(), Some("99"), "two platforms of one index");
    }

    /// Locked from there, it is what the team fears, or one of many of a family that is nobody's.
    #[test]
    fn what_came_from_pypi_and_is_called_as_ones_own_is_kept_unless_its_word_is_more_of_pypis() {
        let mut packages = vec![
            package("zyx-billing", "1.9", own()),
            package("zyx-taken", "99", ResolvedFrom::Pypi),
            package("quux-zyx", "1", own()),
        ];
        packages.extend(["quux-api", "quux-sdk"].map(|name| package(name, "2", ResolvedFrom::Pypi)));
        for standing in [Some(&set(&["zyx-taken", "quux-api", "quux-sdk"])), None, Some(&set(&[]))] {
            let sifted = sift(packages.clone(), standing, &|_| false);
            assert_eq!(names(&sifted.kept), "quux-zyx zyx-billing zyx-taken");
            assert_eq!((names(&sifted.alike), sifted.alike[0].version.as_deref()), ("zyx-taken".to_owned(), None));
            assert_eq!(names(&sifted.from_pypi), "quux-api quux-sdk");
        }
    }

    #[test]
    fn what_is_condas_is_put_aside_unless_it_is_watched_or_pips_too() {
        let conda = |name| package(name, "1", ResolvedFrom::Conda);
        let packages =
            vec![conda("python"), conda("zyx-a"), conda("zyx-b"), package("zyx-b", "1", ResolvedFrom::Unsaid)];
        let sifted = sift(packages, None, &|name| name.as_str() == "zyx-a");
        assert_eq!((names(&sifted.kept), names(&sifted.of_conda)), ("zyx-a zyx-b".to_owned(), "python".to_owned()));
    }

    #[test]
    fn what_is_taken_in_all_the_same_is_said_to_be_from_pypi() {
        let packages = vec![
            package("zyx-a", "1", own()),
            package("numpy", "2", ResolvedFrom::Pypi),
            package("flask", "3", ResolvedFrom::Unsaid),
            package("zyx-new", "3", ResolvedFrom::Unsaid),
        ];
        let all = sift(packages, Some(&set(&["numpy", "flask"])), &|_| false).everything();
        let index = |package: &Package| entry(package).index.unwrap_or_default();
        let said: Vec<String> = all.iter().map(|package| format!("{} {}", package.name, index(package))).collect();
        let pypi = format!("{PYPI}/simple");
        let wanted = ["zyx-a https://i.example/simple".to_owned(), "zyx-new ".to_owned()];
        assert_eq!(said, [&wanted[..], &[format!("numpy {pypi}"), format!("flask {pypi}")]].concat());
    }

    #[test]
    fn an_index_that_mirrors_pypi_makes_nothing_ones_own() {
        let public = ["attrs", "click", "flask", "idna", "numpy"];
        let mut packages: Vec<Package> = public.iter().map(|name| package(name, "1", own())).collect();
        packages.extend(["zyx-a", "zyx-taken"].map(|name| package(name, "1", own())));
        let standing = set(&[&public[..], &["zyx-taken"]].concat());
        let sifted = sift(packages, Some(&standing), &|_| false);
        assert_eq!((names(&sifted.kept), names(&sifted.alike)), ("zyx-a zyx-taken".to_owned(), "zyx-taken".to_owned()));
        assert_eq!(names(&sifted.mirrored), public.join(" "));
    }
}
