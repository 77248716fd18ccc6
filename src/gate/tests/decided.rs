//! What is decided of a file, beside a plain list of what objects to it: whatever rules, persons, records and evidence say together.

use super::*;
use crate::gate::altered::Altered;
use crate::gate::exemption::{Approved, Exemptions, Rejected};
use crate::gate::malware::MalwareRecords;
use crate::gate::present::Present;
use crate::gate::prior::{PriorUse, ProjectUse};
use crate::model::WatchId;

/// Everything that may be known of a file, and of its project.
#[derive(Clone, Debug)]
struct Known {
    /// How many hours ago each of the two files was uploaded; `None`: nobody says.
    hours: [Option<i64>; 2],
    yanked: [bool; 2],
    altered: Option<Altered>,
    is_bound: bool,
    is_quarantined: bool,
    /// A record names the second version.
    is_malware: bool,
    /// The second version is rejected, or its bytes are under another version.
    rejected: Option<bool>,
    /// Persons approved the bytes of the second version, until so many hours from now.
    approved: Option<Option<i64>>,
    is_finding: bool,
    freeze: Option<i64>,
    needs: usize,
    is_used: bool,
    modes: [Mode; 4],
}

fn known() -> impl Strategy<Value = Known> {
    let hours = || prop::option::weighted(0.9, prop_oneof![-9_i64..24 * 9, 24_i64 * 25..24 * 60]);
    let mode = || prop::sample::select(vec![Mode::Observe, Mode::Advise, Mode::Enforce, Mode::Enforce]);
    let seldom = || prop::bool::weighted(0.15);
    let of_file = (
        [hours(), hours()],
        [seldom(), seldom()],
        prop::option::weighted(0.15, prop::sample::select(Altered::ALL.to_vec())),
    );
    let standing = (seldom(), seldom(), seldom(), prop::option::weighted(0.2, any::<bool>()));
    let approved = prop::option::weighted(0.5, prop::option::of(-2_i64..3));
    let rules = (
        seldom(),
        prop::option::weighted(0.2, 0_i64..24 * 40),
        0_usize..2,
        any::<bool>(),
        [mode(), mode(), mode(), mode()],
    );
    (of_file, standing, approved, rules).prop_map(
        |((hours, yanked, altered), (bound, quarantined, malware, rejected), approved, rules)| {
            let (is_finding, freeze, needs, is_used, modes) = rules;
            Known {
                hours,
                yanked,
                altered,
                is_bound: bound,
                is_quarantined: quarantined,
                is_malware: malware,
                rejected,
                approved,
                is_finding,
                freeze,
                needs,
                is_used,
                modes,
            }
        },
    )
}

/// What becomes of a file, and by what: one of these words.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Fate {
    Admit,
    Approved,
    Noted(BTreeSet<&'static str>),
    Advised(BTreeSet<&'static str>),
    Refuse(BTreeSet<&'static str>),
}

impl Known {
    fn page(&self) -> ProjectPage {
        let files = [0, 1].map(|at| {
            let mut file = file(&format!("{}.0", at + 1), self.hours[at].unwrap_or_default());
            if self.hours[at].is_none() {
                file["upload-time"] = Value::Null;
            }
            (file["hashes"], file["yanked"]) = (json!({"sha256": digest(at)}), json!(self.yanked[at]));
            file
        });
        let mut page = page_of(files.to_vec());
        if self.is_quarantined {
            page["project-status"]["status"] = json!("quarantined");
        }
        let mut page = read(&page);
        page.mark(|file| self.altered.filter(|_| file.version.as_deref() == Some("2.0")));
        page
    }

    fn policy(&self) -> Policy {
        let widgets = name("widgets");
        let mut policy = policy(Mode::Enforce);
        let [file_age, project_age, findings, evidence] = self.modes;
        policy.age.modes = Modes { file_age, project_age, findings };
        policy.age.freeze = self.freeze.map(|hours| noon() - TimeDelta::hours(hours));
        if self.is_bound {
            policy.binding = Binding::of_watches(std::iter::once(WatchId::name(&widgets)), BTreeSet::new());
        }
        let mut records = MalwareRecords::default();
        if self.is_malware {
            let record = json!({"id": "MAL-2026-1", "modified": noon(), "affected": [{"package": {"ecosystem": "PyPI", "name": "widgets"}, "versions": ["2"]}]});
            records.add(record.to_string().as_bytes(), &BTreeSet::new()).expect("a record");
        }
        let mut exemptions = Exemptions::default();
        if let Some(is_of_bytes) = self.rejected {
            let (version, digest) = if is_of_bytes { ("7", digest(1)) } else { ("v2.0.0", String::new()) };
            let rejected = Rejected { review: 1, by: "ada".to_owned(), reason: "a worm".to_owned() };
            exemptions.reject(&widgets, version, std::iter::once(&*digest), &rejected);
        }
        if let Some(hours) = self.approved {
            let until = hours.map(|hours| noon() + TimeDelta::hours(hours));
            exemptions.approve(&widgets, digest(1), Approved { review: 2, until });
            // Of another project, and of bytes that nobody lists, says nothing here.
            exemptions.approve(&name("gadgets"), digest(0), Approved { review: 3, until: None });
        }
        if self.is_finding {
            let suspect = Suspect { finding: CaseId(7), is_page: false };
            policy.suspects = Arc::new(Suspects::new(BTreeMap::from([(widgets.clone(), suspect)])));
        }
        let firsts = [30, 20].map(|days| noon() - TimeDelta::days(days)).to_vec();
        let used = self.is_used.then(|| (widgets, ProjectUse { firsts, last: noon() }));
        let prior =
            PriorUse { clients: 2, used_for: TimeDelta::days(7), persons: 0, of: Arc::new(used.into_iter().collect()) };
        policy.consensus = Consensus { needs: self.needs, mode: evidence, prior, ..Consensus::default() };
        (policy.malware, policy.exemptions) = (Arc::new(records), Arc::new(exemptions));
        policy
    }

    /// Each that objects, and in which mode.
    fn objections(&self, at: usize) -> Vec<(&'static str, Mode)> {
        let [file_age, project_age, findings, evidence] = self.modes;
        let of_undated = if self.freeze.is_some() { Mode::Enforce } else { file_age.max(project_age) };
        let altered = self.altered.filter(|_| at == 1);
        // The project is as old as its oldest file that does not contradict itself, where all of those say when they came.
        let fine = self.hours.iter().take(if self.altered.is_some() { 1 } else { 2 });
        let born = fine.copied().collect::<Option<Vec<i64>>>().and_then(|hours| hours.into_iter().max());
        let mut all = Vec::new();
        match self.hours[at] {
            None => all.push(("undated", of_undated)),
            Some(hours) if self.freeze.is_some_and(|freeze| hours < freeze) => all.push(("frozen", Mode::Enforce)),
            Some(hours) => {
                let project = born.map_or(hours, |born| born.max(hours));
                let of_future = |word, mode| if hours < 0 { ("undated", of_undated) } else { (word, mode) };
                all.extend((project < 24 * 30).then(|| of_future("young-project", project_age)));
                all.extend((hours < 24 * 7).then(|| of_future("young-file", file_age)));
            }
        }
        all.extend(self.is_finding.then_some(("suspected", findings)));
        all.extend(altered.map(|_| ("altered", Mode::Enforce)));
        let is_vouched = self.needs == 0 || self.is_used && born.is_some_and(|born| born >= 0);
        all.extend((!is_vouched).then_some(("unvouched", evidence)));
        all
    }

    /// What a record or a person has against it.
    fn denied(&self, at: usize) -> Option<&'static str> {
        let malware = self.is_malware.then_some("malware");
        malware.or_else(|| self.rejected.map(|_| "rejected")).filter(|_| at == 1)
    }

    fn fate(&self, at: usize) -> Fate {
        let one = |word| Fate::Refuse(BTreeSet::from([word]));
        if self.is_bound {
            return one("internal");
        }
        if self.is_quarantined {
            return one("quarantined");
        }
        if let Some(word) = self.denied(at) {
            return one(word);
        }
        let all = self.objections(at);
        let Some(strictest) = all.iter().map(|(_, mode)| *mode).max() else { return Fate::Admit };
        if at == 1 && self.approved.is_some_and(|until| until.is_none_or(|hours| hours > 0)) {
            return Fate::Approved;
        }
        let words = all.iter().filter(|(_, mode)| *mode == strictest).map(|(word, _)| *word).collect();
        match strictest {
            Mode::Observe => Fate::Noted(words),
            Mode::Advise => Fate::Advised(words),
            Mode::Enforce => Fate::Refuse(words),
        }
    }
}

fn digest(at: usize) -> String {
    ["ab", "cd"][at].repeat(32)
}

/// Is this what ought to become of it, by one of the causes that it may have?
fn is_so(ruling: &Ruling, fate: &Fate) -> bool {
    let is_one = |hold: &Hold, words: &BTreeSet<&str>| words.contains(kind(&hold.cause).0);
    match (ruling, fate) {
        (Ruling::Admit, Fate::Admit) | (Ruling::Approved(_), Fate::Approved) => true,
        (Ruling::Noted(hold), Fate::Noted(words))
        | (Ruling::Advised(hold), Fate::Advised(words))
        | (Ruling::Refuse(hold), Fate::Refuse(words)) => is_one(hold, words),
        _ => false,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(384))]

    #[test]
    fn a_file_is_given_out_where_nothing_objects_that_holds_or_persons_agreed(
        known in known(), later in prop_oneof![-20_i64..20, -24_i64 * 60 * 9..24 * 60 * 9], behind in 0_i64..200,
    ) {
        let (page, policy) = (known.page(), known.policy());
        let rules = policy.on(&page, Origin::Pypi, noon());
        let rulings: Vec<Ruling> = page.files.iter().map(|file| rules.ruling(file)).collect();
        for (at, ruling) in rulings.iter().enumerate() {
            let fate = known.fate(at);
            prop_assert!(is_so(ruling, &fate), "{at}: {ruling:?}, and not {fate:?}");
            prop_assert!(known.needs == 0 || known.is_used || known.modes[3] != Mode::Enforce || !matches!(ruling, Ruling::Admit), "by age alone");
        }
        let listing = Listing::new(&page, &rules);
        let listed: Value = serde_json::from_str(&listing.body(Form::Json, "")).expect("JSON");
        let is_any = rulings.iter().zip(known.yanked).any(|(ruling, yanked)| ruling.is_admitted() && !yanked);
        for (at, ruling) in rulings.iter().enumerate() {
            let says_why = listed["files"][at]["yanked"].is_string();
            prop_assert_eq!(says_why, is_any && !ruling.is_admitted(), "{}", listed);
        }
        // A page is made anew before anything in it changes by itself, and after a clock was set back past that.
        let (then, passed) = (noon() + TimeDelta::minutes(later), noon() + TimeDelta::minutes(later + behind));
        let then = Present { reached: then, shown: then, passed };
        if listing.term.holds(then) {
            let again = Listing::new(&page, &policy.on(&page, Origin::Pypi, then)).body(Form::Json, "");
            prop_assert_eq!(again, listing.body(Form::Json, ""), "{:?}", then);
        }
    }

    /// What is ours by the private index is asked neither how old it is nor what speaks for it, and of a name that is bound nothing at all.
    #[test]
    fn what_the_private_index_has_is_held_by_records_and_persons_alone(known in known()) {
        let (page, policy) = (known.page(), known.policy());
        let rules = policy.on(&page, Origin::Private, noon());
        for (at, file) in page.files.iter().enumerate() {
            let denied = known.denied(at).filter(|_| !known.is_bound);
            let fate = denied.map_or(Fate::Admit, |word| Fate::Refuse(BTreeSet::from([word])));
            prop_assert!(is_so(&rules.ruling(file), &fate), "{at}: {:?}, and not {fate:?}", rules.ruling(file));
        }
    }
}
