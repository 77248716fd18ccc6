//! What the gate goes by beside ages: the sections `[gate.malware]` and `[gate.consensus]`.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use toml::Spanned;

use super::fault::Fault;
use super::gate_mode::GateMode;
use super::loader::{Loader, open};
use super::shared::SharedSource;
use super::{check, file};

/// Where the records of malware are.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MalwareSettings {
    /// A directory of records, or OSV's archive of them; `None`: nothing is denied by a record.
    pub records: Option<PathBuf>,
    /// Records that are wrong here, by their ids.
    pub except: BTreeSet<String>,
}

/// What has to speak for a release beside its age.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConsensusSettings {
    /// So many kinds of evidence; 0: none, its age is enough.
    pub needs: usize,
    pub mode: GateMode,
    /// So many clients make prior use of a project,
    pub clients: usize,
    /// when they received it so long ago.
    pub used_for: Duration,
    /// A list of downloads by project; `None`: they do not speak.
    pub downloads: Option<PathBuf>,
    /// So many of them speak for a project.
    pub downloads_least: u64,
    /// A list of dependents by project; `None`: they do not speak.
    pub dependents: Option<PathBuf>,
    /// So many of them speak for a project.
    pub dependents_least: u64,
    /// The records of malware speak for a file when they reach so far beyond its upload; `None`: they do not.
    pub quiet_for: Option<Duration>,
    /// By whose word it is proven who published a file (`trusted_root.json`); `None`: attestations do not speak.
    pub trusted_root: Option<PathBuf>,
    /// Lists of other organisations; none: they do not speak.
    pub shared: Vec<SharedSource>,
    /// One that is older speaks for nothing.
    pub shared_for: Duration,
}

const CLIENTS: usize = 2;
/// Some eight thousand projects of PyPI have more in a month.
const DOWNLOADS: u64 = 100_000;
/// More than one person publishes on a day.
const DEPENDENTS: u64 = 100;

impl Default for ConsensusSettings {
    fn default() -> Self {
        Self {
            needs: 0,
            mode: GateMode::Enforce,
            clients: CLIENTS,
            used_for: Duration::from_hours(7 * 24),
            downloads: None,
            downloads_least: DOWNLOADS,
            dependents: None,
            dependents_least: DEPENDENTS,
            quiet_for: None,
            trusted_root: None,
            shared: Vec::new(),
            shared_for: Duration::from_hours(30 * 24),
        }
    }
}

impl ConsensusSettings {
    /// How many kinds of evidence there can be for one file: downloads and dependents are one.
    fn kinds(&self) -> usize {
        let is_popularity_asked = self.downloads.is_some() || self.dependents.is_some();
        1 + usize::from(is_popularity_asked) + self.kinds_of_the_file()
    }

    /// How many of these speak for the file, and not for its project.
    fn kinds_of_the_file(&self) -> usize {
        let may_speak = [self.quiet_for.is_some(), self.trusted_root.is_some(), !self.shared.is_empty()];
        may_speak.into_iter().filter(|may| *may).count()
    }
}

impl Loader<'_> {
    pub(super) fn malware(&mut self, malware: Option<Spanned<file::GateMalware>>) -> Option<MalwareSettings> {
        let (dir, (at, malware)) = (self.directory.clone(), open(malware));
        let has_exceptions = malware.except.is_some();
        let records = self.optional("gate.malware.records", malware.records, |text| check::path(&dir, &text));
        let except = self.or("gate.malware.except", malware.except, BTreeSet::new(), ids);
        let records = records?;
        if has_exceptions && records.is_none() {
            let without = Fault::new("excepts records, and none are read", "write gate.malware.records, too");
            return self.note(at.start, "gate.malware.except", without);
        }
        Some(MalwareSettings { records, except: except? })
    }

    /// `records`: are there records of malware? `file_age`: how old a file has to be anyway, where that can be read.
    pub(super) fn consensus(
        &mut self,
        consensus: Option<Spanned<file::GateConsensus>>,
        records: bool,
        file_age: Option<Duration>,
    ) -> Option<ConsensusSettings> {
        let is_there = consensus.is_some();
        let (dir, usual, (at, of)) = (self.directory.clone(), ConsensusSettings::default(), open(consensus));
        let needs = self.or("gate.consensus.needs", of.needs, usual.needs, kinds);
        let mode = of.mode.map_or(usual.mode, |mode| mode.into_inner().into());
        let clients = self.or("gate.consensus.clients", of.clients, usual.clients, clients);
        let used_for = self.period("gate.consensus.used_for", of.used_for, "7d", ("1h", "365d"));
        let downloads = self.optional("gate.consensus.downloads", of.downloads, |text| check::path(&dir, &text));
        let least =
            self.or("gate.consensus.downloads_least", of.downloads_least, usual.downloads_least, downloads_least);
        let dependents = self.optional("gate.consensus.dependents", of.dependents, |text| check::path(&dir, &text));
        let dependents_least =
            self.or("gate.consensus.dependents_least", of.dependents_least, usual.dependents_least, dependents_least);
        let quiet_for = self.optional("gate.consensus.quiet_for", of.quiet_for, |quiet| {
            check::within("1h", "365d")(quiet).and_then(|quiet| if records { Ok(quiet) } else { Err(no_records()) })
        });
        let trusted_root =
            self.optional("gate.consensus.trusted_root", of.trusted_root, |text| check::path(&dir, &text));
        let shared = self.shared(of.shared);
        let shared_for = self.period("gate.consensus.shared_for", of.shared_for, "30d", ("1h", "365d"));
        let (downloads, downloads_least, quiet_for) = (downloads?, least?, quiet_for?);
        let of = ConsensusSettings {
            needs: needs?,
            mode,
            clients: clients?,
            used_for: used_for?,
            downloads,
            downloads_least,
            dependents: dependents?,
            dependents_least: dependents_least?,
            quiet_for,
            trusted_root: trusted_root?,
            shared: shared?,
            shared_for: shared_for?,
        };
        match without_effect(&of, file_age.unwrap_or_default()).filter(|_| is_there) {
            Some(fault) => self.note(at.start, "gate.consensus.needs", fault),
            None => Some(of),
        }
    }
}

/// Rules that hold nothing, or everything, are not what anybody meant.
fn without_effect(of: &ConsensusSettings, file_age: Duration) -> Option<Fault> {
    let kinds = of.kinds();
    match of.needs {
        0 => Some(Fault::new(
            "asks for nothing",
            format!("write needs = 1, up to the {kinds} kinds that can speak, or take the section away"),
        )),
        needs if needs > kinds => {
            let what =
                format!("asks for {needs} kinds of evidence, and {kinds} can speak, so everything would be held");
            Some(Fault::new(
                what,
                "write a lower number, or downloads, dependents, quiet_for, trusted_root or shared beside it",
            ))
        }
        needs if needs > 1 && of.kinds_of_the_file() == 0 => Some(Fault::new(
            "asks for several kinds of evidence, of which one has to speak for the file, and none can, so everything would be held",
            "write quiet_for, trusted_root or shared beside it",
        )),
        // The records go on from day to day, and say nothing of nearly every file: then age alone would admit what nobody ever used.
        1 if of.quiet_for.is_some_and(|quiet_for| quiet_for <= file_age) => Some(Fault::new(
            "asks for one kind of evidence, and silence of quiet_for speaks for every file that is as old as file_age asks",
            "write needs = 2, or a quiet_for above file_age",
        )),
        _ => None,
    }
}

fn no_records() -> Fault {
    Fault::new("nothing tells what is malware", "write gate.malware.records, whose silence it counts")
}

fn kinds(number: i64) -> Result<usize, Fault> {
    usize::try_from(number).map_err(|_| Fault::new(format!("{number} is no number of kinds"), "write needs = 1"))
}

fn clients(number: i64) -> Result<usize, Fault> {
    let number = usize::try_from(number).ok().filter(|number| (1..=10).contains(number));
    number.ok_or_else(|| Fault::new("between one client and ten are counted".to_owned(), "write clients = 2"))
}

fn downloads_least(number: i64) -> Result<u64, Fault> {
    let number = u64::try_from(number).ok().filter(|number| *number > 0);
    number.ok_or_else(|| Fault::new("every project has as many downloads".to_owned(), "write downloads_least = 100000"))
}

fn dependents_least(number: i64) -> Result<u64, Fault> {
    let number = u64::try_from(number).ok().filter(|number| *number > 0);
    number.ok_or_else(|| Fault::new("every project has as many dependents".to_owned(), "write dependents_least = 100"))
}

fn ids(texts: Vec<String>) -> Result<BTreeSet<String>, Fault> {
    let id = |text: String| match text.starts_with("MAL-") {
        true => Ok(text),
        false => Err(Fault::new(format!("{text:?} is no record of malware"), "write its id, MAL-2026-1")),
    };
    texts.into_iter().map(id).collect()
}
