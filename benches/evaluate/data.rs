//! The data of a directory, and matchers over parts of it.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::io::Read;
use std::path::Path;

use namewarden::matcher::Matcher;
use namewarden::model::{Inventory, Match, OwnerId, ProjectName, Tier, Watch, WatchId};

/// A project is new when its last release is at or after this month and it is not among the most downloaded.
const NEW_FROM: &str = "2026-08";

/// An impostor, the project that it imitates, and how that is known.
pub(crate) struct Pair {
    pub(crate) name: ProjectName,
    pub(crate) target: ProjectName,
    pub(crate) label: Label,
    pub(crate) part: Part,
}

/// Whose word it is that the one imitates the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Label {
    /// The pair itself was published.
    Published,
    /// A name of the campaigns of 2024, with one of their targets.
    Campaign,
    /// Of 2024 to 2026: the pair was published.
    RecentPublished,
    /// Of 2024 to 2026: the nearest project, read by a person.
    RecentRead,
    /// Of 2024 to 2026: made by a machine by the hundred; the nearest project.
    RecentMachine,
}

impl Label {
    pub(crate) const ALL: [(Self, &'static str); 5] = [
        (Self::Published, "published"),
        (Self::Campaign, "campaign"),
        (Self::RecentPublished, "2024-26 published"),
        (Self::RecentRead, "2024-26 read by hand"),
        (Self::RecentMachine, "2024-26 machine"),
    ];

    fn of(method: &str, recent: bool) -> Self {
        match (method.split(['-', ' ', ',']).next(), recent) {
            (Some("published"), false) => Self::Published,
            (_, false) => Self::Campaign,
            (Some("published"), true) => Self::RecentPublished,
            (Some("machine"), true) => Self::RecentMachine,
            (_, true) => Self::RecentRead,
        }
    }
}

/// Pairs that rules and numbers may be made with, and those kept aside. No target is in both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    Shown,
    Aside,
}

impl Part {
    pub(crate) fn of(target: &str) -> Self {
        let hash = target
            .bytes()
            .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
        if hash >> 32 & 1 == 0 { Self::Shown } else { Self::Aside }
    }
}

pub(crate) struct World {
    pub(crate) pairs: Vec<Pair>,
    /// Names registered or released lately that nobody imitates much.
    pub(crate) new: Vec<ProjectName>,
    /// The most downloaded first.
    pub(crate) ranked: Vec<ProjectName>,
    pub(crate) inventories: BTreeMap<String, Vec<ProjectName>>,
}

impl World {
    pub(crate) fn read(dir: &Path) -> Result<Self, Box<dyn Error>> {
        let mut pairs = pairs(&dir.join("impostor-pairs.csv"), false)?;
        pairs.extend(self::pairs(&dir.join("impostor-pairs-2026.csv"), true)?);
        let (new, ranked) = projects(&dir.join("pypi-projects.tsv.gz"))?;
        Ok(Self { pairs, new, ranked, inventories: inventories(&dir.join("inventories"))? })
    }

    pub(crate) fn targets(&self) -> BTreeSet<&str> {
        self.pairs.iter().map(|pair| pair.target.as_str()).collect()
    }
}

fn pairs(path: &Path, recent: bool) -> Result<Vec<Pair>, Box<dyn Error>> {
    let text = std::fs::read_to_string(path)?;
    let row = |line: &str| -> Result<Pair, Box<dyn Error>> {
        let mut cells = line.splitn(3, ',');
        let mut cell = || cells.next().ok_or("a row of pairs is too short");
        let (name, target) = (ProjectName::parse(cell()?)?, ProjectName::parse(cell()?)?);
        let label = Label::of(cell()?.trim_start_matches('"'), recent);
        let part = Part::of(target.as_str());
        Ok(Pair { name, target, label, part })
    };
    text.lines().skip(1).map(row).collect()
}

fn projects(path: &Path) -> Result<(Vec<ProjectName>, Vec<ProjectName>), Box<dyn Error>> {
    let mut text = String::new();
    flate2::read::MultiGzDecoder::new(std::fs::File::open(path)?).read_to_string(&mut text)?;
    let (mut new, mut ranked) = (Vec::new(), Vec::new());
    for line in text.lines().skip(1) {
        let cells: Vec<&str> = line.split('\t').collect();
        match cells[..] {
            [name, _, month, ""] if month >= NEW_FROM => new.push(ProjectName::parse(name)?),
            [_, _, _, ""] => {}
            [name, _, _, rank] => ranked.push((rank.parse::<u32>()?, ProjectName::parse(name)?)),
            _ => return Err("a row of projects has other columns".into()),
        }
    }
    ranked.sort_unstable();
    Ok((new, ranked.into_iter().map(|(_, name)| name).collect()))
}

fn inventories(dir: &Path) -> Result<BTreeMap<String, Vec<ProjectName>>, Box<dyn Error>> {
    let mut inventories = BTreeMap::new();
    for entry in std::fs::read_dir(dir)? {
        let path = entry?.path();
        let names = std::fs::read_to_string(&path)?.lines().map(ProjectName::parse).collect::<Result<_, _>>()?;
        inventories.insert(path.file_stem().unwrap_or_default().to_string_lossy().into_owned(), names);
    }
    Ok(inventories)
}

pub(crate) fn matcher<'a>(names: impl IntoIterator<Item = &'a ProjectName>) -> Matcher {
    let watch = |name: &ProjectName| Watch {
        id: WatchId::name(name),
        display: name.as_str().to_owned(),
        owner: OwnerId("team".to_owned()),
        exclusive: false,
        latest_version: None,
        first_use: None,
        index: None,
    };
    let watches = names.into_iter().map(|name| (WatchId::name(name), watch(name))).collect();
    Matcher::build(&Inventory { watches, ..Inventory::default() })
}

/// The strongest match of `name` on `target`.
pub(crate) fn found(matcher: &Matcher, name: &ProjectName, target: &ProjectName) -> Option<Match> {
    let id = WatchId::name(target);
    matcher.judge(name).matches.into_iter().find(|m| m.watch == id)
}

/// How many of some names were told at all, and how many at `alert` or above.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Share {
    pub(crate) of: usize,
    pub(crate) any: usize,
    pub(crate) alert: usize,
}

impl Share {
    pub(crate) fn add(&mut self, tier: Option<Tier>) {
        self.of += 1;
        self.any += usize::from(tier.is_some());
        self.alert += usize::from(tier >= Some(Tier::Alert));
    }

    /// `alert any (of)`, as shares.
    pub(crate) fn cell(self) -> String {
        if self.of == 0 {
            return format!("{:>20}", "");
        }
        let share = |n: usize| n as f64 / self.of as f64;
        format!("{:>8.3} {:.3} ({:>3})", share(self.alert), share(self.any), self.of)
    }
}
