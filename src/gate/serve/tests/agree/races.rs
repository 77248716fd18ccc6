//! Decisions among requests that are under way: each answer is one of some moment between its request and itself, and no request that begins once a
//! decision is answered goes by the state before. What is under way stands where the test has it stand: before a page of the index comes, before
//! a file does, before a page is written.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use proptest::prelude::*;
use serde_json::Value;
use tokio::sync::OwnedSemaphorePermit;
use tokio::task::JoinHandle;

use super::asked::{ACCEPTS, CODINGS, Came, ask};
use super::oracle::{Fate, Found, Looked};
use super::rules::{BoundBy, Evidence, Records, Rules};
use super::stage::{Model, Stage};
use super::there::{FILES, LARGE, Listed, NAME, Place, Project, Said, Side, WIDTH, WORDS, held};
use super::{Act, DAY};
use crate::gate::policy::Mode;
use crate::gate::review::ReviewAct;

/// The file that all of it is about: it is too young.
const ABOUT: usize = 4;

/// How something is asked for.
#[derive(Clone, Copy, Debug)]
enum Way {
    /// In which form.
    Page(usize),
    /// With what was had at the beginning.
    PageAgain(usize),
    File,
    Head,
    Part,
    FileAgain,
    Metadata,
    MetadataAgain,
}

/// What is decided, or is so from now on.
#[derive(Clone, Copy, Debug)]
enum Event {
    Decide(ReviewAct),
    Reject,
    Record(bool),
    Freeze(bool),
    Observe(bool),
    Bind(bool),
}

#[derive(Clone, Copy, Debug)]
enum Step {
    Begin(Way),
    Happen(Event),
    /// Pages of the index, files of it, or the writing of pages stands still, or goes on.
    Stand(usize, bool),
    /// What the index said is to be asked for anew.
    Expire,
    /// What comes is another's.
    Tamper(bool),
}

fn way() -> impl Strategy<Value = Way> {
    prop_oneof![
        3 => (0_usize..3).prop_map(Way::Page),
        2 => (0_usize..3).prop_map(Way::PageAgain),
        3 => Just(Way::File),
        1 => Just(Way::Head),
        2 => Just(Way::Part),
        2 => Just(Way::FileAgain),
        1 => Just(Way::Metadata),
        1 => Just(Way::MetadataAgain),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    let event = prop_oneof![
        6 => prop::sample::select(ReviewAct::ALL.to_vec()).prop_map(Event::Decide),
        1 => Just(Event::Reject),
        1 => any::<bool>().prop_map(Event::Record),
        1 => any::<bool>().prop_map(Event::Freeze),
        1 => any::<bool>().prop_map(Event::Observe),
        1 => any::<bool>().prop_map(Event::Bind),
    ];
    prop_oneof![
        6 => way().prop_map(Step::Begin),
        5 => event.prop_map(Step::Happen),
        5 => (0_usize..3, prop::bool::weighted(0.6)).prop_map(|(which, stands)| Step::Stand(which, stands)),
        2 => Just(Step::Expire),
        1 => prop::bool::weighted(0.3).prop_map(Step::Tamper),
    ]
}

fn project() -> Project {
    let file = |name, days: i64| Listed {
        name,
        content: if name == ABOUT { LARGE } else { 0 },
        uploaded: Said::At(-days * DAY),
        yanked: None,
        has_metadata: true,
        place: Place::Near,
    };
    Project { quarantined: false, is_reserved: false, files: vec![file(0, 100), file(2, 20), file(ABOUT, 2)] }
}

fn rules() -> Rules {
    Rules {
        modes: [Mode::Enforce; 4],
        ages: [7 * DAY, 30 * DAY],
        freeze: None,
        bound: BoundBy::Nothing,
        copies: false,
        finding: false,
        records: Records { awaited: false, names: None, changed: [None; 2] },
        evidence: Evidence {
            needs: 0,
            quiet_for: None,
            used: None,
            counted: [None; 2],
            root: false,
            received: [None; 2],
            shared: None,
        },
    }
}

/// What was asked for, after how many events, and what came, before how many of them had begun.
struct Asked {
    way: Way,
    after: usize,
    came: JoinHandle<(Came, usize)>,
}

/// A page that somebody has.
struct Had {
    etag: String,
    decisions: usize,
}

struct Race {
    stage: Stage,
    /// What was so after each event.
    states: Vec<Model>,
    begun: Arc<AtomicUsize>,
    had: Vec<Had>,
    digests: [String; 2],
    asked: Vec<Asked>,
    stands: [Option<OwnedSemaphorePermit>; 3],
}

fn page(form: usize) -> [(&'static str, &'static str); 2] {
    [("accept", ACCEPTS[0]), ("accept-encoding", CODINGS[form])]
}

/// What becomes of the file where this is so.
fn fate(state: &Model) -> Fate {
    let found = Found::of(false, project(), &Looked::default());
    match state.rules.bound.is_ours() {
        true => Fate::Held(["internal"].into()),
        false => state.ruled().file(&found, ABOUT, state.now()),
    }
}

/// Is the file listed as held?
fn is_held(came: &Came) -> bool {
    let page: Value = serde_json::from_str(&came.unpacked()).expect("JSON");
    let files = page["files"].as_array().expect("files");
    let about = files.iter().find(|file| file["filename"] == FILES[ABOUT].0).expect("listed");
    about["yanked"].is_string()
}

/// Whatever can go on does.
async fn goes_on() {
    for _ in 0..200 {
        tokio::task::yield_now().await;
    }
}

/// With a race of its own.
fn run(is_cached: bool, test: impl AsyncFnOnce(Race)) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let dir = tempfile::tempdir().expect("a directory");
    runtime.block_on(async { test(Race::new(dir.path(), is_cached).await).await });
}

impl Race {
    async fn new(dir: &std::path::Path, is_cached: bool) -> Self {
        let pypi = Side { project: Some(project()), down: false };
        let stage = Stage::new(dir, Model::new(rules(), 1, (pypi, None))).await;
        let about = project().files[2];
        let digests = [about.digest(), super::super::world::sha256(WORDS.as_bytes())];
        let stands = [const { None }; 3];
        let begun = Arc::default();
        let mut race = Self { stage, states: Vec::new(), begun, had: Vec::new(), digests, asked: Vec::new(), stands };
        for form in 0..3 {
            let came = ask(&race.stage.gate, "GET", &format!("/simple/{NAME}/"), &page(form)).await;
            assert!(is_held(&came));
            race.had.push(Had { etag: came.etag(), decisions: 0 });
        }
        if is_cached {
            race.happen(Event::Observe(true)).await;
            assert_eq!(race.ask(Way::File).await.status, 200);
            race.happen(Event::Observe(false)).await;
        }
        // Nobody has made a page by what is in force.
        race.stage.gate.rendered.invalidate_all();
        // Its review.
        assert_eq!(race.ask(Way::File).await.status, 451);
        race.states = vec![race.stage.model.clone()];
        race.begun.store(0, Ordering::SeqCst);
        race
    }

    fn ask(&self, way: Way) -> impl Future<Output = Came> + Send + use<> {
        let gate = Arc::clone(&self.stage.gate);
        let (file, page_at) = (format!("/files/{NAME}/{}", FILES[ABOUT].0), format!("/simple/{NAME}/"));
        let [bytes, words] = self.digests.clone().map(|digest| format!("\"{digest}\""));
        let tags: Vec<String> = self.had.iter().map(|had| had.etag.clone()).collect();
        async move {
            let metadata = format!("{file}.metadata");
            match way {
                Way::Page(form) => ask(&gate, "GET", &page_at, &page(form)).await,
                Way::PageAgain(form) => {
                    let with = [&page(form)[..], &[("if-none-match", tags[form].as_str())]].concat();
                    ask(&gate, "GET", &page_at, &with).await
                }
                Way::File => ask(&gate, "GET", &file, &[]).await,
                Way::Head => ask(&gate, "HEAD", &file, &[]).await,
                Way::Part => ask(&gate, "GET", &file, &[("range", "bytes=1-5")]).await,
                Way::FileAgain => ask(&gate, "GET", &file, &[("if-none-match", &bytes)]).await,
                Way::Metadata => ask(&gate, "GET", &metadata, &[]).await,
                Way::MetadataAgain => ask(&gate, "GET", &metadata, &[("if-none-match", &words)]).await,
            }
        }
    }

    #[expect(clippy::disallowed_methods, reason = "a request that is on its way, awaited at the end")]
    fn begin(&mut self, way: Way) {
        let (asked, begun) = (self.ask(way), Arc::clone(&self.begun));
        let came = tokio::spawn(async move {
            let came = asked.await;
            (came, begun.load(Ordering::SeqCst))
        });
        self.asked.push(Asked { way, after: self.states.len().saturating_sub(1), came });
    }

    /// Answered when this returns.
    async fn happen(&mut self, event: Event) {
        self.begun.fetch_add(1, Ordering::SeqCst);
        let rules = &mut self.stage.model.rules;
        match event {
            Event::Decide(act) => self.stage.happens(Act::Decide(0, 1001, act, None)).await,
            Event::Reject => self.stage.happens(Act::Reject("3")).await,
            Event::Record(named) => rules.records.names = named.then_some(3),
            Event::Freeze(freeze) => rules.freeze = freeze.then_some(-3 * DAY),
            Event::Observe(observe) => rules.modes = [if observe { Mode::Observe } else { Mode::Enforce }; 4],
            Event::Bind(bound) => rules.bound = if bound { BoundBy::Name } else { BoundBy::Nothing },
        }
        if !matches!(event, Event::Decide(_) | Event::Reject) {
            self.stage.tell_rules();
        }
        self.states.push(self.stage.model.clone());
    }

    async fn stand(&mut self, which: usize, stands: bool) {
        self.stands[which] = None;
        if stands {
            self.stands[which] = match which {
                2 => self.stage.gate.workers.held().await,
                which => {
                    let way = Arc::clone(&held(&self.stage.there).ways[which]);
                    // What is on its way comes.
                    way.try_acquire_many_owned(WIDTH).ok()
                }
            };
        }
    }

    async fn step(&mut self, step: Step) {
        match step {
            Step::Begin(way) => self.begin(way),
            Step::Happen(event) => self.happen(event).await,
            Step::Stand(which, stands) => self.stand(which, stands).await,
            Step::Expire => self.stage.pass(60),
            Step::Tamper(tampers) => {
                self.stage.model.tampers = tampers;
                self.stage.tell_there();
            }
        }
        goes_on().await;
    }

    async fn ends(mut self, may_tamper: bool) {
        self.stands = [const { None }; 3];
        for asked in std::mem::take(&mut self.asked) {
            let (came, until) = asked.came.await.expect("an answer");
            if came.status == 503 && may_tamper {
                continue;
            }
            let states = &self.states[asked.after..=until.min(self.states.len() - 1)];
            let fits = states.iter().any(|state| self.fits(asked.way, &came, state));
            assert!(
                fits,
                "{:?} after {} events, and {until} had begun: {} {}",
                asked.way,
                asked.after,
                came.status,
                came.text()
            );
        }
    }

    /// Is it the answer where this is so?
    fn fits(&self, way: Way, came: &Came, state: &Model) -> bool {
        let (is_internal, fate) = (state.rules.bound.is_ours(), fate(state));
        let is_given = fate == Fate::Given;
        let bytes = project().files[2].bytes();
        let of_file = |status: u16, body: &[u8]| match &fate {
            Fate::Given => came.status == status && came.body == body,
            Fate::Held(kinds) => came.status == 451 && kinds.contains(&*came.problem().0),
            Fate::Missing | Fate::NotNow => false,
        };
        match way {
            Way::Page(_) | Way::PageAgain(_) if is_internal => came.status == 451,
            Way::Page(_) => came.status == 200 && is_held(came) != is_given,
            Way::PageAgain(form) => {
                let had = &self.had[form];
                let is_same = fate == self::fate(&self.states[0]) && had.decisions == state.decisions;
                match came.status {
                    304 => is_same,
                    status => status == 200 && is_held(came) != is_given,
                }
            }
            Way::File | Way::Head => of_file(200, bytes.as_bytes()),
            Way::Part => of_file(206, &bytes.as_bytes()[1..6]),
            Way::FileAgain | Way::MetadataAgain => of_file(304, b""),
            Way::Metadata => of_file(200, WORDS.as_bytes()),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(80))]

    #[test]
    fn every_answer_is_of_a_moment_since_it_was_asked_for_and_no_later_one_of_the_state_before_a_decision(
        is_cached in any::<bool>(), steps in prop::collection::vec(step(), 4..20),
    ) {
        run(is_cached, async |mut race| {
            for step in &steps {
                race.step(*step).await;
            }
            let may_tamper = steps.iter().any(|step| matches!(step, Step::Tamper(true)));
            race.ends(may_tamper).await;
        });
    }
}

/// While a page of the index is on its way, and while a file is.
#[test]
fn what_is_decided_while_something_is_on_its_way_is_gone_by_once_it_comes() {
    let of_pages = [Way::Page(0), Way::Page(1), Way::PageAgain(0), Way::FileAgain, Way::MetadataAgain];
    let of_files = [Way::File, Way::Head, Way::Part, Way::Metadata];
    for (which, way) in of_pages.into_iter().chain(of_files).map(|way| (0, way)).chain(of_files.map(|way| (1, way))) {
        run(false, async |mut race| {
            race.happen(Event::Decide(ReviewAct::Approve)).await;
            race.stage.pass(60);
            race.stand(which, true).await;
            race.begin(way);
            let stands = async {
                while held(&race.stage.there).waiting[which] == 0 {
                    tokio::task::yield_now().await;
                }
            };
            tokio::time::timeout(std::time::Duration::from_secs(60), stands).await.expect("it stands");
            race.happen(Event::Reject).await;
            race.stand(which, false).await;
            let (came, _) = race.asked.remove(0).came.await.expect("an answer");
            let is_rejected = match way {
                Way::Page(_) | Way::PageAgain(_) => came.status == 200 && is_held(&came),
                _ => came.status == 451 && came.problem().0 == "rejected",
            };
            assert!(is_rejected, "{way:?} at {which}: {} {}", came.status, came.text());
        });
    }
}

/// Whoever asks after a decision waits for the same page, and does not get what was begun before.
#[test]
fn a_page_that_is_being_written_by_what_was_in_force_is_for_nobody_who_asks_later() {
    for (first, second) in [(0, 0), (1, 1), (2, 2)] {
        run(false, async |mut race| {
            race.stand(2, true).await;
            race.begin(Way::Page(first));
            goes_on().await;
            race.happen(Event::Reject).await;
            race.begin(Way::Page(second));
            goes_on().await;
            race.stand(2, false).await;
            let (before, _) = race.asked.remove(0).came.await.expect("an answer");
            let (after, _) = race.asked.remove(0).came.await.expect("an answer");
            assert!(before.status == 200 && after.status == 200);
            assert!(after.unpacked().contains("rejected by"), "{}", after.text());
        });
    }
}
