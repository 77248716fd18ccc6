//! The best protection of each name, and nothing told that may not be.

use std::collections::BTreeMap;

use super::*;
use crate::claims::request::{Asker, Request, request};
use crate::claims::turns::Quota;
use crate::model::claim::{Origin, Party, Terms};
use crate::model::version::Pep440;
use crate::model::{Inventory, Registry, Standings, Watch, WatchId, WatchKind};

fn now() -> Time {
    "2026-11-20T12:00:00Z".parse().expect("a time")
}

fn name(text: &str) -> ProjectName {
    ProjectName::parse(text).expect("a name")
}

/// What a test knows, whole.
struct World {
    inventory: Inventory,
    exposures: Standings,
    ours: BTreeSet<ProjectName>,
    claims: BTreeMap<ProjectName, Claim>,
    stopped: BTreeSet<ProjectName>,
    quota: Quota,
    namespaces: bool,
    organization: Option<&'static str>,
    publishers: bool,
    version: Pep440,
}

impl World {
    fn new() -> Self {
        Self {
            inventory: Inventory::default(),
            exposures: Standings::default(),
            ours: BTreeSet::new(),
            claims: BTreeMap::new(),
            stopped: BTreeSet::new(),
            quota: Quota { used: Vec::new(), per_day: 3, closed_until: None },
            namespaces: false,
            organization: None,
            publishers: false,
            version: Pep440::read("0.0.1").expect("a version"),
        }
    }

    fn watch(&mut self, text: &str, exposure: Exposure, terms: Terms) -> &mut Watch {
        let id = WatchId::name(&name(text));
        let mut all: BTreeMap<_, _> = self.exposures.iter().collect();
        all.insert(&id.text, &exposure);
        self.exposures = all.into_iter().collect();
        self.inventory.terms.insert(id.clone(), terms);
        let watch = Watch {
            id: id.clone(),
            display: text.to_owned(),
            owner: OwnerId("security".to_owned()),
            exclusive: false,
            latest_version: Some("1.0".to_owned()),
            first_use: None,
            index: None,
        };
        self.inventory.watches.entry(id).or_insert(watch)
    }

    fn prefix(&mut self, text: &str, publicity: Publicity) {
        let id = WatchId { registry: Registry::Pypi, kind: WatchKind::Prefix, text: text.to_owned() };
        let like = self.watch("like-this", Exposure::Ours, Terms::default()).clone();
        self.inventory.terms.insert(id.clone(), Terms { publicity, auto: false });
        self.inventory.watches.insert(id.clone(), Watch { id, exclusive: true, ..like });
    }

    fn request(&self, asker: &Asker<'_>) -> Option<Request> {
        let known = self.known();
        request(Lineup::of(&known).open(), &self.inventory, asker)
    }

    fn plan(&self) -> Vec<Planned> {
        let known = self.known();
        let all = plan(&known);
        self.is_the_same_in_pages(&known, &all);
        all
    }

    /// Whatever is planned at once is planned page by page, with the same turns.
    fn is_the_same_in_pages(&self, known: &Known<'_>, all: &[Planned]) {
        let lineup = Lineup::of(known);
        let order = lineup.order(&BTreeSet::new());
        let (mut paged, mut waited) = (Vec::new(), 0);
        for names in order.names.chunks(2) {
            let page = lineup.page(known, names, waited);
            waited += page.iter().filter(|planned| planned.turn.is_some()).count();
            paged.extend(page);
        }
        assert_eq!(paged, all);
    }

    fn known(&self) -> Known<'_> {
        Known {
            inventory: &self.inventory,
            exposures: &self.exposures,
            ours: &self.ours,
            claims: &self.claims,
            stopped: &self.stopped,
            quota: &self.quota,
            namespaces: self.namespaces,
            organization: self.organization,
            publishers: self.publishers,
            version: &self.version,
            customers: &[],
            now: now(),
        }
    }

    fn best(&self, of: &str) -> (Protection, String) {
        let planned = self.plan().into_iter().find(|planned| planned.name == name(of)).expect("planned");
        (planned.protection, planned.why)
    }
}

const PUBLIC: Terms = Terms { publicity: Publicity::Public, auto: false };
const SECRET: Terms = Terms { publicity: Publicity::Confidential, auto: false };

#[test]
fn what_nobody_can_take_needs_nothing() {
    let mut world = World::new();
    let shielded = |sibling: &str| Exposure::Shielded { sibling: sibling.to_owned() };
    world.watch("acme-a", Exposure::Ours, PUBLIC);
    world.watch("acme-b", Exposure::Refused, PUBLIC);
    world.watch("acme-c", shielded("acmec"), PUBLIC);
    world.watch("acme-d", shielded("acmed"), PUBLIC);
    world.watch("acme-e", Exposure::Taken, PUBLIC);
    world.ours.insert(name("acmec"));
    assert_eq!(world.best("acme-a").0, Protection::None);
    assert_eq!(world.best("acme-b").0, Protection::None);
    assert!(world.best("acme-c").1.starts_with("our acmec stands"));
    assert!(world.best("acme-d").1.contains("of somebody else"), "a stranger's can go");
    assert_eq!(world.best("acme-e").0, Protection::Case);
}

#[test]
fn each_open_name_gets_the_mildest_means_that_may_be_used() {
    let mut world = World::new();
    world.watch("acme-public", Exposure::Exposed, PUBLIC);
    world.watch("acme-silent", Exposure::Exposed, Terms::default());
    world.watch("acme-secret", Exposure::Exposed, SECRET);
    world.watch("acme-auto", Exposure::Exposed, Terms { auto: true, ..Terms::default() });
    assert_eq!(world.best("acme-public").0, Protection::Request);
    assert_eq!(world.best("acme-silent").0, Protection::Publish);
    assert_eq!(world.best("acme-secret").0, Protection::Secret);
    assert!(world.best("acme-auto").1.contains("comes by itself"));
    world.stopped.insert(name("acme-auto"));
    assert_eq!(world.best("acme-auto"), world.best("acme-silent"), "a person stopped it");
    world.organization = Some("acme");
    assert_eq!(world.best("acme-silent").0, Protection::ByHand);
    world.namespaces = true;
    assert_eq!(world.best("acme-silent").0, Protection::ByHand, "no prefix is ours alone");
    world.prefix("acme-", Publicity::Unsaid);
    assert_eq!(world.best("acme-public").0, Protection::Namespace);
    assert_eq!(world.best("acme-secret").0, Protection::Secret);
}

#[test]
fn one_name_stands_for_its_class_and_a_secret_one_for_nobody() {
    let mut world = World::new();
    world.watch("acme-billing", Exposure::Exposed, SECRET);
    world.watch("acmebilling", Exposure::Exposed, Terms::default());
    world.watch("acme-b1lling", Exposure::Exposed, Terms::default());
    assert_eq!(world.best("acme-b1lling").0, Protection::Publish, "the first by name of those that may be told");
    assert_eq!(world.best("acmebilling").0, Protection::Covered);
    assert_eq!(world.best("acme-billing").0, Protection::Covered);
    let started = Claim::planned(
        ClaimKey { name: name("acmebilling"), number: 1 },
        Origin::Person,
        chrono::TimeDelta::zero(),
        Party::Daemon,
        now(),
    );
    world.claims.insert(name("acmebilling"), started);
    assert_eq!(world.best("acmebilling").0, Protection::Publish, "what people have begun");
    assert_eq!(world.best("acme-b1lling").0, Protection::Covered);
}

#[test]
fn turns_go_by_risk_and_by_the_quota() {
    let mut world = World::new();
    let day = |text: &str| Some(text.parse().expect("a day"));
    world.watch("acme-young", Exposure::Exposed, Terms::default()).first_use = day("2024-01-01");
    world.watch("acme-old", Exposure::Exposed, Terms::default()).first_use = day("2015-01-01");
    world.watch("acme-x", Exposure::Exposed, Terms::default());
    world.watch("acme-y", Exposure::Exposed, Terms::default());
    world.watch("acme-bare", Exposure::Exposed, Terms::default()).latest_version = None;
    let plan = world.plan();
    let turns: Vec<(&str, Option<i64>)> =
        plan.iter().map(|p| (p.name.as_str(), p.turn.map(|turn| (turn - now()).num_hours()))).collect();
    let expected = [
        ("acme-old", Some(0)),
        ("acme-young", Some(0)),
        ("acme-x", Some(0)),
        ("acme-y", Some(24)),
        ("acme-bare", None),
    ];
    assert_eq!(turns, expected);
    let bare = plan[4].unfit.as_deref().expect("unfit");
    assert!(bare.contains("no internal version is known") && bare.contains("latest_version"), "{bare}");
}

#[test]
fn a_package_is_never_at_or_above_the_internal_version() {
    let mut world = World::new();
    for (at, version) in ["0.0.1", "0.0.1.dev3", "0", "0.0.1rc1", "nightly"].into_iter().enumerate() {
        world.watch(&format!("acme-{at}"), Exposure::Exposed, Terms::default()).latest_version =
            Some(version.to_owned());
    }
    world.watch("acme-fine", Exposure::Exposed, Terms::default()).latest_version = Some("0.0.2".to_owned());
    for planned in world.plan() {
        assert_eq!(planned.unfit.is_none(), planned.name == name("acme-fine"), "{planned:?}");
        assert_eq!(planned.turn.is_none(), planned.unfit.is_some());
    }
}

#[test]
fn a_request_tells_public_names_by_their_prefix_and_no_other() {
    let mut world = World::new();
    world.watch("acme-billing", Exposure::Exposed, PUBLIC);
    world.watch("acme-ledger", Exposure::Removed, PUBLIC);
    world.watch("taxtables", Exposure::Exposed, PUBLIC);
    world.watch("acme-silent", Exposure::Exposed, Terms::default());
    world.watch("acme-secret", Exposure::Exposed, SECRET);
    world.watch("acme-held", Exposure::Ours, PUBLIC);
    world.prefix("acme-", Publicity::Public);
    world.prefix("acme-l", Publicity::Unsaid);
    let asker = Asker {
        company: "Acme Corp",
        customers: &["Globex".to_owned()],
        contact: "python@acme.example",
        homepage: Some("https://acme.example"),
        policy: None,
        organization: None,
    };
    let mail = world.request(&asker).expect("a mail");
    for kept in ["silent", "secret", "held", "acme-l\n", "acme-l (", "like-this"] {
        assert!(!mail.body.contains(kept) && !mail.subject.contains(kept), "{kept} in {}", mail.body);
    }
    assert_eq!((mail.names.len(), mail.withheld), (3, 2));
    insta::assert_snapshot!(mail.body, @r"
    Hello,

    Acme Corp has internal Python packages whose names are not registered on PyPI. Whoever registers one can have their code installed in place of ours, by dependency confusion. Rather than publish empty projects, we ask you to prohibit the registration of:

    Every name that begins with acme- (our own prefix), and at least:
      acme-billing
      acme-ledger

    By name:
      taxtables

    These are names of packages that we develop and use ourselves. We know that you cannot tell us whether a name is prohibited, that it is then closed to us too until you release it, and that a name without our prefix may be given to somebody with a legitimate use.

    Contact: python@acme.example
    Company: https://acme.example

    Thank you,
    Acme Corp
    ");
    world.inventory.terms.clear();
    assert_eq!(world.request(&asker), None, "nothing may be told");
}

#[test]
fn what_begins_with_a_confidential_prefix_is_confidential_unless_it_says_otherwise() {
    let mut world = World::new();
    world.watch("acme-secret-sync", Exposure::Exposed, Terms::default());
    world.watch("acme-secret-site", Exposure::Exposed, PUBLIC);
    world.watch("acme-secretary", Exposure::Exposed, Terms::default());
    world.prefix("acme-secret-", Publicity::Confidential);
    assert_eq!(world.best("acme-secret-sync").0, Protection::Secret);
    assert_eq!(world.best("acme-secret-site").0, Protection::Request, "somebody decided on this very name");
    assert_eq!(world.best("acme-secretary").0, Protection::Publish);
    world.prefix("acme-", Publicity::Public);
    assert_eq!(world.best("acme-secretary").0, Protection::Publish, "a prefix that may be told tells no name");
}

#[test]
fn what_closes_one_spelling_alone_covers_no_other() {
    let mut world = World::new();
    world.watch("acme-billing", Exposure::Exposed, PUBLIC);
    world.watch("acmebilling", Exposure::Exposed, Terms::default());
    assert_eq!(world.best("acme-billing").0, Protection::Request);
    assert!(world.best("acme-billing").1.contains("closes this spelling alone"));
    assert_eq!(world.best("acmebilling").0, Protection::Publish, "what PyPI prohibits is one spelling");
    let mut world = World::new();
    world.watch("acme-billing", Exposure::Exposed, Terms::default()).latest_version = None;
    world.watch("acmebilling", Exposure::Exposed, Terms::default()).first_use = None;
    assert_eq!(world.best("acmebilling").0, Protection::Publish, "no package can be made for the other");
    assert_eq!(world.best("acme-billing").0, Protection::Covered);
    let lonely = world.inventory.watches.values_mut();
    lonely.for_each(|watch| watch.latest_version = None);
    assert_eq!(world.best("acme-billing").0, Protection::Publish, "neither has a package, and neither is covered");
    assert_eq!(world.best("acmebilling").0, Protection::Publish);
}

mod covered {
    use proptest::prelude::*;

    use super::*;

    fn exposure() -> impl Strategy<Value = Exposure> {
        prop_oneof![
            5 => Just(Exposure::Exposed),
            1 => Just(Exposure::Removed),
            1 => Just(Exposure::Ours),
            1 => Just(Exposure::Taken),
            1 => Just(Exposure::Refused),
        ]
    }

    fn terms() -> impl Strategy<Value = Terms> {
        prop_oneof![Just(PUBLIC), Just(SECRET), Just(Terms::default()), Just(Terms { auto: true, ..Terms::default() })]
    }

    proptest! {
        /// Whatever is said to be covered has a name of its class that is held, or whose project the plan is to make.
        #[test]
        fn is_covered_by_what_will_stand(
            names in prop::collection::btree_map("ac[-]?[il1][o0]", (exposure(), terms(), any::<bool>()), 1..7),
            (namespaces, organization, prefix) in (any::<bool>(), any::<bool>(), any::<bool>()),
        ) {
            let mut world = World::new();
            for (text, (exposure, terms, versioned)) in &names {
                let watch = world.watch(text, exposure.clone(), *terms);
                watch.latest_version = versioned.then(|| "1.0".to_owned());
            }
            if prefix {
                world.prefix("ac-", Publicity::Public);
            }
            world.namespaces = namespaces;
            world.organization = organization.then_some("acme");
            let plan = world.plan();
            let stands = |planned: &Planned| match planned.protection {
                Protection::Publish | Protection::ByHand => planned.unfit.is_none(),
                _ => planned.exposure == Some(Exposure::Ours),
            };
            for planned in plan.iter().filter(|planned| planned.protection == Protection::Covered) {
                let class = planned.name.ultranormal();
                let twins = plan.iter().filter(|twin| twin.name.ultranormal() == class && twin.name != planned.name);
                prop_assert!(twins.clone().any(stands), "{planned:?}: {:?}", twins.collect::<Vec<_>>());
            }
        }
    }
}

/// What is no single name is in no plan of turns, and still says why nothing of it is claimed.
#[test]
fn a_prefix_and_a_word_say_why_nothing_can_hold_them() {
    let mut world = World::new();
    world.prefix("acme-", Publicity::Unsaid);
    world.prefix("hush-", Publicity::Confidential);
    let word = WatchId { registry: Registry::Pypi, kind: WatchKind::Brand, text: "acme".to_owned() };
    let like = world.watch("acme-a", Exposure::Exposed, PUBLIC).clone();
    world.inventory.watches.insert(word.clone(), Watch { id: word, ..like });
    let lines = |namespaces| {
        let lines = beside(&world.inventory, namespaces).into_iter();
        lines.map(|line| (line.label, line.protection)).collect::<BTreeMap<_, _>>()
    };
    let of = |acme| {
        let lines = [("acme-*", acme), ("brand:acme", Protection::Watched), ("hush-*", Protection::Secret)];
        lines.map(|(label, protection)| (label.to_owned(), protection)).into()
    };
    assert_eq!(lines(false), of(Protection::Watched));
    assert_eq!(lines(true), of(Protection::Namespace));
    assert!(world.plan().iter().all(|planned| planned.name == name("acme-a") || planned.name == name("like-this")));
}
