//! Requests under keys against a model of them: which was done, and what was answered, over days, restarts and actors.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use chrono::TimeDelta;
use proptest::prelude::*;
use tokio::sync::{mpsc, watch};

use super::*;
use crate::api::bells::Bells;
use crate::api::gate_part::GateSilence;
use crate::api::listings::Listings;
use crate::api::taking::Takers;
use crate::api::under_way::UnderWay;
use crate::api::v1::Decision;
use crate::clock::Clock;
use crate::config::sample::least;
use crate::config::source::Source;
use crate::model::{Channel, OwnerId, Time};
use crate::store::Store;
use crate::watchlist::routes::Routes;
use crate::watchlist::{Watchlist, from_source};

#[derive(Clone, Copy, Debug)]
enum Act {
    Ask {
        actor: usize,
        key: usize,
        command: usize,
    },
    Hours(i64),
    /// Another process, over the same store.
    Restart,
}

const ACTORS: [&str; 2] = ["ada", "bob"];
const KEYS: [&str; 2] = ["k", "K"];
const COMMANDS: usize = 5;

/// What is answered, what is refused, and what only reads.
fn command(which: usize) -> Command {
    let judge = |case: &str, note: Option<&str>| Command::Judge {
        cases: vec![case.to_owned()],
        decision: Decision::Acknowledge,
        who: String::new(),
        note: note.map(str::to_owned),
    };
    match which {
        0 => judge("nw-9", None),
        1 => judge("nw-9", Some("another")),
        2 => Command::SetCursor { serial: 7, who: String::new() },
        3 => Command::TokenRevoke { id: 7 },
        _ => Command::Rules,
    }
}

fn act() -> impl Strategy<Value = Act> {
    let ask = (0..ACTORS.len(), 0..KEYS.len(), 0..COMMANDS);
    prop_oneof![
        6 => ask.prop_map(|(actor, key, command)| Act::Ask { actor, key, command }),
        1 => (1..30_i64).prop_map(Act::Hours),
        1 => Just(Act::Restart),
    ]
}

fn watchlist() -> Watchlist {
    let text = "[owners.security]\nemail = [\"s@acme.example\"]\nnames = [\"acme-billing==1.0\"]\n".to_owned();
    let security = OwnerId("security".to_owned());
    let inventory = from_source(Source::new(Path::new("inventory.toml"), text), &security).expect("an inventory");
    Watchlist::new(inventory, Routes { default_owner: security, channels: [Channel::Email].into() })
}

fn service(store: &Store, clock: &Clock) -> CommandService {
    CommandService {
        store: store.clone(),
        clock: clock.clone(),
        watchlist: watch::channel(watchlist()).1,
        requests: mpsc::channel(1).0,
        bells: Bells::default(),
        settings: watch::channel(Arc::new(least())).1,
        restart: watch::channel(Vec::new()).1,
        undertakings: mpsc::channel(1).0,
        under_way: UnderWay::default(),
        listings: Listings::default(),
        silence: GateSilence::default(),
        takers: Takers::default(),
        running: true,
    }
}

/// One that was answered: when, to which command, and with what.
type Answered = (Time, usize, (u16, String));

struct Play {
    _dir: tempfile::TempDir,
    store: Store,
    clock: Clock,
    service: CommandService,
    kept: BTreeMap<(usize, usize), Answered>,
    /// How often something was done that leaves a line in the trail.
    done: usize,
}

impl Play {
    fn new() -> Self {
        let dir = tempfile::tempdir().expect("a directory");
        let store = Store::open(dir.path()).expect("opens");
        let clock = Clock::manual("2026-11-27T12:00:00Z".parse().expect("a time"));
        let service = service(&store, &clock);
        Self { _dir: dir, store, clock, service, kept: BTreeMap::new(), done: 0 }
    }

    async fn act(&mut self, act: Act) {
        match act {
            Act::Hours(hours) => self.clock.advance(TimeDelta::hours(hours)),
            Act::Restart => self.service = service(&self.store, &self.clock),
            Act::Ask { actor, key, command } => self.ask(actor, key, command).await,
        }
    }

    async fn ask(&mut self, actor: usize, key: usize, which: usize) {
        let by = Actor { user: Some(ACTORS[actor].to_owned()), ..Actor::default() };
        let said = self.service.done_once(by, KEYS[key].to_owned(), command(which)).await;
        let now = self.clock.now();
        let before = self.kept.get(&(actor, key)).filter(|(at, ..)| now - *at <= TimeDelta::days(1));
        let what = format!("{} with {} asks for {which}", ACTORS[actor], KEYS[key]);
        match before {
            _ if !command(which).changes() => {
                let said = said.unwrap_or_else(|problem| panic!("{what}: {problem}"));
                assert_eq!((said.status, said.again), (200, false), "{what}");
            }
            Some((_, of, _)) if *of != which => {
                let problem = said.expect_err(&what);
                assert_eq!(problem.of(), ProblemType::KeyReused, "{what}: {problem}");
            }
            Some((_, _, answer)) => {
                let said = said.unwrap_or_else(|problem| panic!("{what}: {problem}"));
                assert_eq!((said.again, &(said.status, said.body)), (true, answer), "{what}");
            }
            None => {
                let said = said.unwrap_or_else(|problem| panic!("{what}: {problem}"));
                assert!(!said.again, "{what}");
                self.done += 1;
                self.kept.insert((actor, key), (now, which, (said.status, said.body)));
            }
        }
        let lines = self.store.read(|tx| tx.audit().since(Time::UNIX_EPOCH, 0, 1000)).await.expect("reads").len();
        assert_eq!(lines, self.done, "{what}: so often something was done");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    #[test]
    fn under_a_key_one_thing_is_done_once_a_day_whatever_comes_between(acts in prop::collection::vec(act(), 1..30)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let mut play = Play::new();
            for act in acts {
                play.act(act).await;
            }
        });
    }
}

/// What failed by our fault is tried again under the same key: a daemon that is stopping, say.
#[tokio::test]
async fn what_failed_by_our_fault_is_not_kept() {
    let play = Play::new();
    let reload = || Command::Reload { dry_run: false };
    for _ in 0..2 {
        let said = play.service.done_once(Actor::default(), "k".to_owned(), reload()).await.expect("said");
        assert!(said.status >= 500 && !said.again, "{said:?}");
    }
    let said = play.service.done_once(Actor::default(), "k".to_owned(), command(0)).await.expect("nothing was kept");
    assert_eq!((said.status, said.again), (200, false));
}
