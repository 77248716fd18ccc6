//! Every rule, as plain values that are drawn, and as the policy that has them.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, LazyLock};

use chrono::TimeDelta;
use proptest::prelude::*;
use serde_json::json;

use super::there::{FILES, Listed, NAME, OURS, at};
use crate::gate::Attested;
use crate::gate::attest::kit::{AttestWish, Sigstore};
use crate::gate::attest::{AttestedFile, ProvenPublisher, TrustRoot, proven};
use crate::gate::consensus::Consensus;
use crate::gate::counts::{CountedUse, Counts};
use crate::gate::exemption::Exemptions;
use crate::gate::malware::MalwareRecords;
use crate::gate::policy::{AgeRules, Binding, Mode, Modes, Policy};
use crate::gate::prior::{PriorUse, ProjectUse};
use crate::gate::share::{SharedList, SharedLists, SharedRelease, written};
use crate::gate::suspects::Suspects;
use crate::model::{CaseId, ProjectName, Registry, Suspect, WatchId, WatchKind};

pub(super) const DAY: i64 = 86_400;
/// So long a list of others is young enough.
pub(super) const SHARED_FOR: i64 = 3 * DAY;
/// So long ago has a client to have received a project.
pub(super) const USED_FOR: i64 = 2 * DAY;
/// So many of them.
pub(super) const CLIENTS: usize = 2;

/// By what the name is ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BoundBy {
    Nothing,
    Name,
    /// A name that PyPI takes for the same.
    Alike,
    Prefix,
    /// A name, which is resolved from PyPI on purpose.
    Public,
}

/// What the records of malware say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Records {
    pub(super) awaited: bool,
    /// This version, or, as 0, whatever there is of the project.
    pub(super) names: Option<u8>,
    /// When the newest of OSV's was changed; they never say anything of this project.
    pub(super) changed: [Option<i64>; 2],
}

/// Which evidence there is, of what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Evidence {
    pub(super) needs: usize,
    pub(super) quiet_for: Option<i64>,
    /// When each client first received it, and when anybody last did.
    pub(super) used: Option<([i64; 2], i64)>,
    /// Of downloads and of dependents: of when a list is, and whether the project has enough.
    pub(super) counted: [Option<(i64, bool)>; 2],
    /// A trust root is there, and when files of two publishers were received.
    pub(super) root: bool,
    pub(super) received: [Option<i64>; 2],
    /// When a list of others was made.
    pub(super) shared: Option<i64>,
}

/// All of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Rules {
    /// Of ages of files and of projects, of findings, of evidence.
    pub(super) modes: [Mode; 4],
    /// How old a file and its project have to be.
    pub(super) ages: [i64; 2],
    pub(super) freeze: Option<i64>,
    pub(super) bound: BoundBy,
    pub(super) copies: bool,
    pub(super) finding: bool,
    pub(super) records: Records,
    pub(super) evidence: Evidence,
}

pub(super) fn name(text: &str) -> ProjectName {
    ProjectName::parse(text).expect("valid")
}

/// Who is proven to have published a file.
pub(super) fn publisher(file: &Listed) -> Option<usize> {
    (file.content < 2).then_some(usize::from(file.content))
}

/// Do others list it?
pub(super) fn is_shared(file: &Listed) -> bool {
    file.content != 1
}

/// One trust root, and two publishers.
fn attested() -> &'static (Arc<TrustRoot>, [ProvenPublisher; 2]) {
    static OF: LazyLock<(Arc<TrustRoot>, [ProvenPublisher; 2])> = LazyLock::new(|| {
        let sigstore = Sigstore::new();
        let root = TrustRoot::read(&sigstore.trusted_root().to_string()).expect("a trust root");
        let file = || AttestedFile {
            filename: "widgets-1.tar.gz",
            sha256: "abababababababababababababababababababababababababababababababab",
        };
        let one = |wish: AttestWish| {
            proven(sigstore.provenance(&wish).to_string().as_bytes(), file(), &root).expect("proven")
        };
        let both = [one(AttestWish::of(file())), one(AttestWish::of(file()).saying(15, "2002"))];
        (Arc::new(root), both)
    });
    &OF
}

/// Every file that there may be.
fn all_files() -> impl Iterator<Item = Listed> {
    let of = |name| {
        move |content| Listed {
            name,
            content,
            uploaded: super::there::Said::Nothing,
            yanked: None,
            has_metadata: false,
            place: super::there::Place::Near,
        }
    };
    (0..FILES.len()).flat_map(move |name| (0..3).map(of(name)))
}

impl Rules {
    /// The policy that has them, with what persons decided.
    pub(super) fn policy(&self, exemptions: Arc<Exemptions>, persons: usize) -> Policy {
        let [file_age, project_age, findings, evidence] = self.modes;
        let [file, project] = self.ages.map(TimeDelta::seconds);
        let modes = Modes { file_age, project_age, findings };
        let age = AgeRules { modes, file, project, freeze: self.freeze.map(at) };
        let suspect = Suspect { finding: CaseId(7), is_page: false };
        let suspects = Suspects::new(self.finding.then(|| (name(NAME), suspect)).into_iter().collect());
        Policy {
            binding: self.binding(),
            age,
            consensus: Consensus { mode: evidence, ..self.evidence.consensus(persons) },
            malware: Arc::new(self.records.read()),
            exemptions,
            suspects: Arc::new(suspects),
        }
    }

    fn binding(&self) -> Binding {
        let watch = match self.bound {
            BoundBy::Nothing => None,
            BoundBy::Name | BoundBy::Public => Some(WatchId::name(&name(NAME))),
            BoundBy::Alike => Some(WatchId::name(&name("wld-gets"))),
            BoundBy::Prefix => Some(WatchId::new(Registry::Pypi, WatchKind::Prefix, "widgets-")),
        };
        let public = if self.bound == BoundBy::Public { BTreeSet::from([name(NAME)]) } else { BTreeSet::new() };
        let watches = [Some(WatchId::name(&name(OURS))), watch].into_iter().flatten();
        Binding::of_watches(watches, public).with_copies(self.copies)
    }
}

impl Records {
    fn read(&self) -> MalwareRecords {
        let mut records = if self.awaited { MalwareRecords::awaited() } else { MalwareRecords::default() };
        let mut add = |id: &str, project: &str, changed: Option<i64>, versions: serde_json::Value| {
            let mut affected = json!({"package": {"ecosystem": "PyPI", "name": project}});
            match versions.is_null() {
                true => affected["ranges"] = json!([{"type": "ECOSYSTEM", "events": [{"introduced": "0"}]}]),
                false => affected["versions"] = versions,
            }
            let mut record = json!({"id": id, "affected": [affected]});
            if let Some(changed) = changed {
                record["modified"] = json!(at(changed));
            }
            records.add(record.to_string().as_bytes(), &BTreeSet::new()).expect("a record");
        };
        if let Some(version) = self.names {
            let versions = if version == 0 { serde_json::Value::Null } else { json!([format!("{version}.0")]) };
            add("MAL-ACME-1", NAME, None, versions);
        }
        for (number, changed) in self.changed.into_iter().enumerate() {
            if changed.is_some() {
                add(&format!("MAL-2026-{}", number + 1), "gadgets", changed, serde_json::Value::Null);
            }
        }
        records
    }
}

impl Evidence {
    fn consensus(&self, persons: usize) -> Consensus {
        let used = self
            .used
            .map(|(firsts, last)| (name(NAME), ProjectUse { firsts: firsts.map(at).to_vec(), last: at(last) }));
        let of: HashMap<_, _> = used.into_iter().collect();
        let prior = PriorUse { clients: CLIENTS, used_for: TimeDelta::seconds(USED_FOR), persons, of: Arc::new(of) };
        let quiet_for = self.quiet_for.map(TimeDelta::seconds);
        let mut consensus = Consensus { needs: self.needs, prior, quiet_for, ..Consensus::default() };
        for (what, counted) in [CountedUse::Downloads, CountedUse::Dependents].into_iter().zip(self.counted) {
            let Some((as_of, has_enough)) = counted else { continue };
            let mut counts = Counts::made(what, std::iter::once((name(NAME), if has_enough { 100 } else { 99 })));
            counts.as_of = at(as_of);
            consensus.popularity.set(Arc::new(counts), 100);
        }
        consensus.attested = Arc::new(self.attested());
        if let Some(made) = self.shared {
            let mut lists = SharedLists::within(TimeDelta::seconds(SHARED_FOR));
            lists.set("globex".to_owned(), list(made));
            consensus.shared = lists;
        }
        consensus
    }

    fn attested(&self) -> Attested {
        let (root, publishers) = attested();
        let mut all = Attested::default();
        for file in all_files() {
            if let Some(by) = publisher(&file) {
                all.prove(&file.digest(), publishers[by].clone());
            }
        }
        for (by, received) in self.received.into_iter().enumerate() {
            if let Some(received) = received {
                all.receive(name(NAME), publishers[by].clone(), at(received));
            }
        }
        if self.root { all.by(Arc::clone(root)) } else { all }
    }
}

fn list(made: i64) -> SharedList {
    let releases: Vec<SharedRelease> = all_files()
        .filter(is_shared)
        .map(|file| SharedRelease {
            project: name(NAME),
            version: "1".to_owned(),
            sha256: BTreeSet::from([file.digest()]),
        })
        .collect();
    SharedList::unsigned(&written("globex", at(made), &releases).expect("JSON"))
}

fn minutes(range: std::ops::Range<i64>) -> impl Strategy<Value = i64> {
    range.prop_map(|minutes| minutes * 60)
}

pub(super) fn mode() -> impl Strategy<Value = Mode> {
    prop::sample::select(vec![Mode::Observe, Mode::Advise, Mode::Enforce, Mode::Enforce, Mode::Enforce])
}

/// Some minutes, hours or days, in seconds.
pub(super) fn a_while() -> impl Strategy<Value = i64> {
    prop_oneof![3 => minutes(1..20), 1 => minutes(20..48 * 60), 1 => (1_i64..40).prop_map(|days| days * DAY)]
}

/// Before and after now, in seconds.
pub(super) fn around() -> impl Strategy<Value = i64> {
    (a_while(), prop::bool::weighted(0.7)).prop_map(|(a_while, is_before)| if is_before { -a_while } else { a_while })
}

pub(super) fn bound_by() -> impl Strategy<Value = BoundBy> {
    use BoundBy::{Alike, Name, Nothing, Prefix, Public};
    prop_oneof![10 => Just(Nothing), 1 => Just(Name), 1 => Just(Alike), 1 => Just(Prefix), 2 => Just(Public)]
}

/// Of a moment: what is drawn is before or after it.
pub(super) fn records() -> impl Strategy<Value = Records> {
    let names = prop::option::weighted(0.2, prop::sample::select(vec![0_u8, 1, 2, 3]));
    let changed = || prop::option::weighted(0.7, around());
    (prop::bool::weighted(0.05), names, [changed(), changed()]).prop_map(|(awaited, names, changed)| Records {
        awaited,
        names,
        changed,
    })
}

/// Mostly of one kind, so that it is what decides.
pub(super) fn evidence() -> impl Strategy<Value = Evidence> {
    let needs = prop_oneof![3 => Just(0_usize), 6 => Just(1_usize), 2 => Just(2_usize)];
    let quiet_for = prop_oneof![minutes(0..60), (1_i64..30).prop_map(|days| days * DAY)];
    // So that they have used it for long enough soon, or have for long.
    let first = || prop_oneof![minutes(-20..5).prop_map(|of| of - USED_FOR), (-100_i64..0).prop_map(|days| days * DAY)];
    let used = ([first(), first()], (-50_i64..1).prop_map(|days| days * DAY));
    let counted = || prop::option::weighted(0.7, ((-30_i64..1).prop_map(|days| days * DAY), prop::bool::weighted(0.7)));
    let received = || prop::option::weighted(0.7, around());
    let shared = prop_oneof![3 => minutes(-15..15).prop_map(|of| of - SHARED_FOR), 1 => minutes(-4000..0)];
    let of_each =
        (quiet_for, used, [counted(), counted()], (prop::bool::weighted(0.8), [received(), received()]), shared);
    let is_there = (0_usize..5, prop::collection::vec(prop::bool::weighted(0.15), 5));
    (needs, of_each, is_there).prop_map(
        |(needs, (quiet_for, used, counted, (root, received), shared), (kind, others))| {
            let has = |of: usize| of == kind || others[of];
            Evidence {
                needs,
                quiet_for: has(0).then_some(quiet_for),
                used: has(1).then_some(used),
                counted: if has(2) { counted } else { [None; 2] },
                root,
                received: if has(3) { received } else { [None; 2] },
                shared: has(4).then_some(shared),
            }
        },
    )
}

impl Records {
    /// As drawn, of that moment.
    pub(super) fn since(self, now: i64) -> Self {
        Self { changed: self.changed.map(|at| at.map(|at| at + now)), ..self }
    }
}

impl Evidence {
    /// As drawn, of that moment.
    pub(super) fn since(self, now: i64) -> Self {
        let used = self.used.map(|(firsts, last)| (firsts.map(|at| at + now), last + now));
        let counted = self.counted.map(|of| of.map(|(as_of, enough)| (as_of + now, enough)));
        let received = self.received.map(|at| at.map(|at| at + now));
        Self { used, counted, received, shared: self.shared.map(|at| at + now), ..self }
    }
}

pub(super) fn rules() -> impl Strategy<Value = Rules> {
    let ages = (prop::sample::select(vec![DAY, 7 * DAY]), prop::sample::select(vec![0, 2 * DAY, 30 * DAY]));
    let freeze = prop::option::weighted(0.1, around());
    let flags = (prop::bool::weighted(0.3), prop::bool::weighted(0.1));
    (([mode(), mode(), mode(), mode()], ages), freeze, bound_by(), flags, records(), evidence()).prop_map(
        |((modes, (file, project)), freeze, bound, (copies, finding), records, evidence)| Rules {
            modes,
            ages: [file, project],
            freeze,
            bound,
            copies,
            finding,
            records,
            evidence,
        },
    )
}
