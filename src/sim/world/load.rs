//! Loading a list of real names. The list knows neither spellings nor serials nor empty projects: they are added by
//! a fixed rule, so that every run has the same world and no client can rely on PyPI being tidier than it is.

use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use flate2::read::MultiGzDecoder;

use super::journal::Journal;
use super::order::{Key, Order, hash};
use super::{Project, Refusal, World};
use crate::model::{NameError, ProjectName, Serial, Time};

/// A list of names on its way to a world.
#[derive(Debug, Default)]
pub struct Loader {
    rows: Vec<NameRow>,
}

/// A line of a list: a name, and what else the list knows.
#[derive(Clone, Debug)]
pub struct NameRow {
    pub name: ProjectName,
    pub version: Option<Box<str>>,
    /// Unix second of the last release; the month's start plus a fixed offset.
    second: i64,
}

/// Why a list of names could not be read.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    #[error("cannot read the list of names {path}; give a readable file, plain or gzipped")]
    Read { path: PathBuf, source: io::Error },
    #[error(
        "{path} line {line} is no project name; give one name a line, or tab-separated columns with the name first"
    )]
    Line { path: PathBuf, line: usize, source: NameError },
}

/// Mean distance of serials of loaded projects: 886,323 projects come to a journal of some 38 million entries.
const STRIDE: u64 = 43;
/// Loaded names without a month count as released then.
const DEFAULT_MONTH: &str = "2022-06";

impl Loader {
    /// Reads a list: a name a line, or tab-separated (name, version, month, rank) under a header; `#` starts a
    /// comment; gzip is recognised.
    pub fn read(path: &Path) -> Result<Self, LoadError> {
        let failed = |source| LoadError::Read { path: path.to_owned(), source };
        Self::lines(open(path).map_err(failed)?, path)
    }

    /// The same from text.
    pub fn parse(text: &str) -> Result<Self, LoadError> {
        Self::lines(text.as_bytes(), Path::new("(text)"))
    }

    /// About 2,000 real names, for machines without the whole list.
    pub fn sample() -> Self {
        Self::parse(include_str!("../../../tests/fixtures/names.txt")).expect("a test reads it")
    }

    fn lines(list: impl BufRead, path: &Path) -> Result<Self, LoadError> {
        let mut rows = Vec::new();
        for (index, line) in list.lines().enumerate() {
            let line = line.map_err(|source| LoadError::Read { path: path.to_owned(), source })?;
            if line.is_empty() || line.starts_with('#') || line.starts_with("name\t") {
                continue;
            }
            let row = NameRow::parse(&line);
            rows.push(row.map_err(|source| LoadError::Line { path: path.to_owned(), line: index + 1, source })?);
        }
        Ok(Self { rows })
    }

    /// Takes names with a release out of the list, to be uploaded later: always the same ones, in a mixed order.
    pub fn withhold(&mut self, count: usize) -> Vec<NameRow> {
        let rank = |row: &NameRow| row.version.is_some().then(|| hash(row.name.as_str()));
        let mut ranks: Vec<u64> = self.rows.iter().filter_map(rank).collect();
        ranks.sort_unstable();
        let Some(last) = count.min(ranks.len()).checked_sub(1).map(|last| ranks[last]) else { return Vec::new() };
        let mut withheld: Vec<NameRow> = self.rows.extract_if(.., |row| rank(row).is_some_and(|r| r <= last)).collect();
        withheld.sort_by_cached_key(|row| hash(row.name.as_str()));
        withheld
    }

    /// Takes names out of the list, so that a scenario can register them.
    pub fn leave_out<'a>(&mut self, names: impl IntoIterator<Item = &'a str>) {
        let names: HashSet<ProjectName> = names.into_iter().filter_map(|name| ProjectName::parse(name).ok()).collect();
        self.rows.retain(|row| !names.contains(&row.name));
    }

    pub fn rows(&self) -> &[NameRow] {
        &self.rows
    }

    /// The world of these names, listed in `order`.
    pub fn world(self, order: Order) -> World {
        let serials = self.serials();
        let floor = serials.iter().copied().max().unwrap_or_default();
        let mut ultranormals = HashMap::with_capacity(self.rows.len());
        let mut projects = Vec::with_capacity(self.rows.len());
        for (row, serial) in self.rows.into_iter().zip(serials) {
            *ultranormals.entry(hash(&row.name.ultranormal())).or_default() += 1;
            projects.push((Key::new(order, row.name.clone()), row.project(serial)));
        }
        World {
            order,
            projects: projects.into_iter().collect(),
            journal: Journal { floor, ..Journal::default() },
            ultranormals,
            ..World::default()
        }
    }

    /// A serial for each row. They rise with the last release, as they would; within a second by the hash. The rows
    /// themselves stay as they are listed: nearly in the order of the index, which makes sorting them cheap.
    fn serials(&self) -> Vec<Serial> {
        let key = |(index, row): (usize, &NameRow)| (row.second, hash(row.name.as_str()), index);
        let mut ranked: Vec<(i64, u64, usize)> = self.rows.iter().enumerate().map(key).collect();
        ranked.sort_unstable();
        let mut serials = vec![Serial::default(); self.rows.len()];
        for (rank, (_, hash, index)) in (1_u64..).zip(ranked) {
            serials[index] = Serial(STRIDE * rank + hash % STRIDE);
        }
        serials
    }
}

impl NameRow {
    fn parse(line: &str) -> Result<Self, NameError> {
        let mut fields = line.split('\t').map(str::trim);
        let name = ProjectName::parse(fields.next().unwrap_or_default())?;
        let version = fields.next().filter(|version| !version.is_empty()).unwrap_or("1.0.0");
        let month = fields.next().filter(|month| !month.is_empty()).unwrap_or(DEFAULT_MONTH);
        let ranked = fields.next().is_some_and(|rank| !rank.is_empty());
        let empty = !ranked && hash(name.as_str()) % 100 < 3;
        let second = month_start(month) + offset(&name);
        Ok(Self { version: (!empty).then(|| version.into()), name, second })
    }

    /// Uploads it as a first release.
    pub fn upload(&self, world: &mut World, at: Time) -> Result<Serial, Refusal> {
        let display = spelling(&self.name);
        let version = self.version.as_deref().unwrap_or("0.0.1");
        let user = format!("user{}", hash(&display) % 100_000);
        world.upload(&display, version, &format!("The {display} project"), &user, at)
    }

    fn project(self, serial: Serial) -> Project {
        Project::loaded(spelling(&self.name).into_boxed_str(), serial, self.second, self.version)
    }
}

/// One project in six is spelled otherwise than normalized.
fn spelling(name: &ProjectName) -> String {
    let text = name.as_str();
    match hash(text) / 100 % 24 {
        0 => text.replace('-', "_"),
        1 => text.replace('-', "."),
        2 => text.split('-').map(capital).collect::<Vec<_>>().join("."),
        3 => text.split('-').map(capital).collect::<Vec<_>>().join("-"),
        _ => text.to_owned(),
    }
}

fn capital(word: &str) -> String {
    let (first, rest) = word.split_at(word.len().min(1));
    first.to_ascii_uppercase() + rest
}

/// Somewhere in the first 27 days of a month.
fn offset(name: &ProjectName) -> i64 {
    (hash(name.as_str()) % (27 * 86_400)).cast_signed()
}

/// Unix second at which `YYYY-MM` begins; the epoch for what is no month.
fn month_start(month: &str) -> i64 {
    let (year, month) = month.split_once('-').unwrap_or_default();
    let day = NaiveDate::from_ymd_opt(year.parse().unwrap_or(1970), month.parse().unwrap_or(1), 1);
    day.unwrap_or_default().and_time(chrono::NaiveTime::MIN).and_utc().timestamp()
}

fn open(path: &Path) -> io::Result<Box<dyn BufRead>> {
    let mut file = BufReader::new(File::open(path)?);
    let gzipped = file.fill_buf()?.starts_with(&[0x1f, 0x8b]);
    let plain: Box<dyn Read> = if gzipped { Box::new(MultiGzDecoder::new(file)) } else { Box::new(file) };
    Ok(Box::new(BufReader::with_capacity(1 << 16, plain)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(text: &str) -> Result<World, LoadError> {
        Ok(Loader::parse(text)?.world(Order::default()))
    }

    #[test]
    fn a_file_may_be_gzipped() {
        let dir = tempfile::tempdir().expect("a directory");
        let path = dir.path().join("names.tsv.gz");
        let mut gzip = flate2::write::GzEncoder::new(File::create(&path).expect("made"), flate2::Compression::fast());
        io::Write::write_all(&mut gzip, b"one\ntwo\n").expect("written");
        gzip.finish().expect("written");
        assert_eq!(Loader::read(&path).expect("a list").rows().len(), 2);
        let missing = Loader::read(&dir.path().join("missing")).expect_err("no file").to_string();
        assert!(missing.starts_with("cannot read the list of names") && missing.contains("missing"), "{missing}");
    }

    #[test]
    fn the_sample_is_a_world() {
        let mut loader = Loader::sample();
        let all = loader.rows().len();
        loader.leave_out(["Torch", "triton"]);
        let withheld = loader.withhold(10);
        let mut world = loader.world(Order::default());
        assert_eq!((withheld.len(), world.len()), (10, all - 12));
        let replayed = withheld.iter().filter(|row| row.upload(&mut world, Time::default()).is_ok()).count();
        assert_eq!(replayed, 10);
    }

    #[test]
    fn a_list_may_know_only_names() {
        let world = load("# from somewhere\nrequests\n\ntorch\n").expect("a list");
        assert_eq!(world.projects().map(|(name, _)| name.to_string()).collect::<Vec<_>>(), ["requests", "torch"]);
    }

    #[test]
    fn serials_have_gaps_and_rise_with_the_last_release() {
        let world = load("name\tversion\tmonth\trank\nnew\t2.0\t2026-09\t1\nold\t1.0\t2016-01\t2\n").expect("a list");
        let serial = |name| world.project(&ProjectName::parse(name).expect("valid")).expect("there").last_serial;
        assert!(serial("new").0 > serial("old").0 + 1);
        assert_eq!(world.last_serial(), serial("new"));
    }

    #[test]
    fn a_share_has_another_spelling_and_a_share_no_release() {
        let names: String = (0..5000).map(|i| format!("name-{i}\n")).collect();
        let world = load(&names).expect("a list");
        let odd = world.projects().filter(|(name, project)| name.as_str() != &*project.display).count();
        let empty = world.projects().filter(|(_, project)| project.released_second().is_none()).count();
        assert!((600..1100).contains(&odd), "{odd} of 5000 are spelled otherwise");
        assert!((100..200).contains(&empty), "{empty} of 5000 are empty");
        assert!(world.projects().all(|(name, p)| ProjectName::parse(&p.display).as_ref() == Ok(name)));
    }

    #[test]
    fn a_bad_line_is_named() {
        let error = load("fine\nnot a name\n").expect_err("a space");
        assert!(error.to_string().contains("line 2 is no project name"), "{error}");
    }

    #[test]
    fn the_changelog_reaches_back_into_what_was_loaded() {
        let world = load("a\nb\nc\nd\n").expect("a list");
        let page = world.since(Serial(0), 3);
        assert_eq!(page.len(), 3);
        assert!(page.windows(2).all(|pair| pair[0].serial < pair[1].serial));
        assert_eq!(world.since(page[2].serial, 3).len(), 1);
    }
}
