//! A private index that publishes, takes back, hides, dies and is taken for another, beside a PyPI on which a stranger has every name.

mod there;

use std::collections::BTreeSet;
use std::path::PathBuf;

use proptest::prelude::*;
use there::{Shared, There, of_ours, of_pypi_too};

use super::*;
use crate::gate::binding::Binding;
use crate::gate::refusal::Refusal;
use crate::model::{ProjectName, Registry, WatchId, WatchKind};

/// What may be published, and what may be asked for: some are spellings that PyPI takes for one.
const NAMES: [&str; 7] = ["acme-billing", "acme-bi11ing", "acme-int-x", "tools", "too1s", "widgets", "acme-open"];
/// Ours, and resolved from PyPI on purpose.
const PUBLIC: &str = "acme-open";
/// What an inventory may have, the last as a prefix.
const WATCHES: [&str; 4] = ["acme-billing", "acme-open", "planned", "acme-int-"];

#[derive(Clone, Debug)]
enum Act {
    Publish(usize),
    TakeBack(usize),
    Down(bool),
    Hide(bool),
    Mirror(bool),
    /// An inventory has exactly these.
    Inventory(Vec<usize>),
    Restart,
    Ask(usize),
}

fn act() -> impl Strategy<Value = Act> {
    let name = || 0..NAMES.len();
    prop_oneof![
        3 => name().prop_map(Act::Publish),
        2 => name().prop_map(Act::TakeBack),
        1 => any::<bool>().prop_map(Act::Down),
        1 => prop::bool::weighted(0.4).prop_map(Act::Hide),
        1 => prop::bool::weighted(0.3).prop_map(Act::Mirror),
        1 => prop::sample::subsequence((0..WATCHES.len()).collect::<Vec<_>>(), 0..=2).prop_map(Act::Inventory),
        1 => Just(Act::Restart),
        8 => name().prop_map(Act::Ask),
    ]
}

/// From where a name came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Came {
    Ours,
    Pypi,
    /// It is ours, and nobody has it.
    Internal,
    /// Nobody can tell now.
    NotNow,
}

fn name(text: &str) -> ProjectName {
    text.parse().expect("valid")
}

/// What ought to be known.
#[derive(Debug, Default)]
struct Ought {
    /// Whatever an inventory had.
    bound: BTreeSet<&'static str>,
    /// Whatever the private index had, and the inventory lacked then.
    had: BTreeSet<&'static str>,
    /// What it had since the start.
    recent: BTreeSet<String>,
    /// Was it a copy of PyPI when it was first asked since the start?
    mirror: Option<bool>,
    /// By what it said last of the names that tell.
    said_mirror: bool,
}

impl Ought {
    fn is_bound(&self, asked: &str) -> bool {
        let is_alike = |of: &&str| !of.ends_with('-') && name(of).ultranormal() == name(asked).ultranormal();
        let is_under = self.bound.contains("acme-int-") && asked.starts_with("acme-int-");
        asked != PUBLIC && (self.bound.iter().chain(&self.had).any(is_alike) || is_under)
    }

    fn is_mirror(&mut self, there: &There) -> bool {
        self.said_mirror = there.mirrors && !there.hides;
        self.said_mirror
    }

    /// What it had within a day it has while it does not answer.
    fn came_while_down(&mut self, asked: &str, came: Came) {
        match self.mirror {
            None if self.said_mirror => self.mirror = Some(true),
            Some(false) if came == Came::Ours => drop(self.recent.insert(asked.to_owned())),
            _ => {}
        }
    }

    /// From where it has to come while the private index answers.
    fn comes(&mut self, asked: &'static str, there: &There) -> Came {
        let is_bound = self.is_bound(asked);
        if self.mirror.is_none() {
            self.mirror = Some(self.is_mirror(there));
        }
        if self.mirror == Some(true) {
            return Came::NotNow;
        }
        if there.has(asked) {
            if !is_bound && asked != PUBLIC {
                if self.is_mirror(there) {
                    return Came::NotNow;
                }
                self.had.insert(asked);
            }
            self.recent.insert(asked.to_owned());
            return Came::Ours;
        }
        if is_bound {
            return Came::Internal;
        }
        let listed = self.bound.iter().copied().filter(|of| !of.ends_with('-'));
        let known: BTreeSet<&str> = self.recent.iter().map(String::as_str).chain(self.had.iter().copied()).collect();
        let had_any = !known.is_empty();
        let witness = known.into_iter().chain(listed).find(|of| there.has(of)).map(str::to_owned);
        self.recent.extend(witness.clone());
        if had_any && witness.is_none() { Came::NotNow } else { Came::Pypi }
    }
}

struct Stage {
    there: Shared,
    dir: PathBuf,
    base: String,
    clock: Clock,
    /// Of the inventory as it is.
    inventory: Binding,
    binding: Binding,
    memory: Option<Arc<Memory>>,
    sources: Option<Sources>,
}

impl Stage {
    fn start(&mut self) {
        (self.sources, self.memory) = (None, None);
        let memory = Arc::new(Memory::open(&self.dir).expect("opened"));
        self.memory = Some(Arc::clone(&memory));
        self.inventory(self.inventory.clone());
        let egress =
            Egress { contact: "sec@acme.example", proxy: None, ca_file: None, timeout: Duration::from_secs(20) };
        let client = HttpClient::new(&egress).expect("a client");
        let shelf = Arc::new(PageShelf::open(&self.dir.join("pages"), 1 << 20).expect("opened"));
        let index = |place: &str| {
            let root = format!("{}/{place}/simple/", self.base).parse().expect("an address");
            GateIndex::new(root, (client.clone(), client.clone()), None)
        };
        let pages = |index| Pages::new(index, Arc::clone(&shelf), self.clock.clone());
        let (pypi, private) = (pages(index("pypi")), pages(index("private").taking_html()));
        self.sources = Some(Sources::new(pypi, Some(private), memory, GateTroubles::default()));
    }

    /// As the gate takes it in, at a start and later.
    fn inventory(&mut self, new: Binding) {
        let memory = self.memory.as_ref().expect("started");
        self.binding = memory.binding().and(&new);
        memory.bind(&self.binding).expect("written");
        self.inventory = new;
    }

    async fn ask(&self, asked: &str) -> Result<Came, Refusal> {
        // What was said of it before is said again.
        self.clock.advance(TimeDelta::seconds(61));
        let policy = Policy { binding: self.binding.clone(), ..policy(Consensus::default()) };
        let found = self.sources.as_ref().expect("started").find(&policy, &name(asked), None).await?;
        Ok(if found.origin == Origin::Private { Came::Ours } else { Came::Pypi })
    }

    async fn happens(&mut self, act: &Act, ought: &mut Ought) {
        let lock = |there: &Shared, change: &dyn Fn(&mut There)| change(&mut there.lock().expect("whole"));
        match act {
            Act::Publish(of) => lock(&self.there, &|there| there.published.extend([NAMES[*of].to_owned()])),
            Act::TakeBack(of) => lock(&self.there, &|there| there.published.retain(|name| name != NAMES[*of])),
            Act::Down(down) => lock(&self.there, &|there| there.down = *down),
            Act::Hide(hides) => lock(&self.there, &|there| there.hides = *hides),
            Act::Mirror(mirrors) => lock(&self.there, &|there| there.mirrors = *mirrors),
            Act::Inventory(of) => {
                let watch = |at: &usize| match WATCHES[*at] {
                    prefix if prefix.ends_with('-') => WatchId::new(Registry::Pypi, WatchKind::Prefix, prefix),
                    text => WatchId::name(&name(text)),
                };
                let public = BTreeSet::from([name(PUBLIC)]);
                self.inventory(Binding::of_watches(of.iter().map(watch), public));
                ought.bound.extend(of.iter().map(|at| WATCHES[*at]));
            }
            Act::Restart => {
                self.start();
                (ought.recent, ought.mirror) = (BTreeSet::new(), None);
            }
            Act::Ask(of) => self.asks(NAMES[*of], ought).await,
        }
    }

    async fn asks(&self, asked: &'static str, ought: &mut Ought) {
        self.there.lock().expect("whole").asked_of_pypi.clear();
        let (was_bound, down) = (ought.is_bound(asked), self.there.lock().expect("whole").down);
        let came = self.ask(asked).await;
        let came = came.unwrap_or_else(|why| if why.status == 451 { Came::Internal } else { Came::NotNow });
        let there = self.there.lock().expect("whole");
        if down {
            assert!(matches!(came, Came::Ours | Came::NotNow), "{asked} while it is down: {came:?}");
            assert!(came != Came::Ours || was_bound || asked == PUBLIC, "{asked} is of nobody");
            ought.came_while_down(asked, came);
        } else {
            assert_eq!(came, ought.comes(asked, &there), "{asked}: {there:?} {ought:?}");
        }
        let wanted: &[&str] = if came == Came::Pypi { &[asked] } else { &[] };
        assert_eq!(there.asked_of_pypi, wanted, "{asked}, of which PyPI hears: {ought:?}");
        assert!(!was_bound || came != Came::Pypi, "{asked} is ours");
    }
}

fn plays(acts: &[Act]) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let dir = tempfile::tempdir().expect("a directory");
    runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let there = Shared::default();
        let routes = Router::new()
            .route("/pypi/simple/{name}/", get(of_pypi_too))
            .route("/private/simple/{name}/", get(of_ours))
            .with_state(Arc::clone(&there));
        let mut stage = Stage {
            there,
            dir: dir.path().to_owned(),
            base: format!("http://{}", listener.local_addr().expect("an address")),
            clock: Clock::manual("2026-11-27T12:00:00Z".parse().expect("a time")),
            inventory: Binding::of_watches(std::iter::empty(), BTreeSet::from([name(PUBLIC)])),
            binding: Binding::default(),
            memory: None,
            sources: None,
        };
        stage.start();
        let mut ought = Ought::default();
        let play = async {
            for act in acts {
                stage.happens(act, &mut ought).await;
            }
        };
        tokio::select! {
            _ = axum::serve(listener, routes) => panic!("the indexes have ended"),
            () = play => {}
        }
    });
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]

    /// However the private index fares, what is ours by any inventory or by itself never comes from PyPI, which does not even hear its name.
    #[test]
    fn nothing_of_pypi_comes_under_a_name_of_ours(acts in prop::collection::vec(act(), 4..40)) {
        plays(&acts);
    }
}

/// Each name of ours in turn, in the hour in which the private index is worst off.
#[test]
fn a_name_that_the_private_index_had_once_is_ours_when_it_hides_dies_and_starts_again() {
    let (tools, alike) = (3, 4);
    let before = [Act::Publish(tools), Act::Ask(tools)];
    let worst = [Act::TakeBack(tools), Act::Hide(true), Act::Down(true), Act::Mirror(true)];
    for one in worst {
        let then = [one, Act::Ask(tools), Act::Ask(alike), Act::Restart, Act::Ask(tools), Act::Ask(alike), Act::Ask(5)];
        plays(&[&before[..], &then].concat());
    }
    let half =
        [Act::Inventory(vec![0, 3]), Act::Restart, Act::Inventory(vec![]), Act::Restart, Act::Ask(0), Act::Ask(2)];
    plays(&half);
}
