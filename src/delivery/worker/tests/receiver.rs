//! A worker, its store and a receiver that takes, fails, throttles, breaks off and dies as it likes, with crashes in between:
//! nothing is lost, and nothing comes again where the receiver said that it has it.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Mutex;

use proptest::prelude::*;
use tokio::sync::mpsc;

use super::*;
use crate::config::channels::{ChannelSettings, webhook};
use crate::config::{AlertSettings, Secret};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mood {
    Takes,
    Fails,
    Gone,
    /// And asks for a minute.
    Throttles,
    /// It has the message, and says nothing.
    BreaksOff,
    /// The same, and so does the daemon.
    Crash,
}

#[derive(Clone, Copy, Debug)]
enum Step {
    Add(Lane),
    Is(Mood),
    Seconds(i64),
}

struct Hook {
    port: u16,
    state: Arc<Mutex<Heard>>,
    /// Says that a request is there which will have no answer.
    hangs: mpsc::UnboundedReceiver<()>,
}

struct Heard {
    mood: Mood,
    clock: Clock,
    /// Nobody may ask before.
    closed_until: Time,
    /// The key of each request, and what the receiver did with it.
    requests: Vec<(String, Mood)>,
    early: Vec<String>,
}

impl Hook {
    fn start(clock: &Clock) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let (hang, hangs) = mpsc::unbounded_channel();
        let heard = Heard {
            mood: Mood::Takes,
            clock: clock.clone(),
            closed_until: Time::UNIX_EPOCH,
            requests: Vec::new(),
            early: Vec::new(),
        };
        let state = Arc::new(Mutex::new(heard));
        let serving = state.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                // Whoever is cut off has gone.
                let _ = answer(stream, &serving, &hang);
            }
        });
        Self { port, state, hangs }
    }

    fn heard(&self) -> std::sync::MutexGuard<'_, Heard> {
        self.state.lock().expect("a lock")
    }
}

fn answer(stream: TcpStream, state: &Mutex<Heard>, hang: &mpsc::UnboundedSender<()>) -> std::io::Result<()> {
    let mut lines = BufReader::new(stream.try_clone()?);
    let (mut key, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        lines.read_line(&mut line)?;
        match line.trim_end().split_once(": ") {
            Some((name, value)) if name.eq_ignore_ascii_case("webhook-id") => value.clone_into(&mut key),
            Some((name, value)) if name.eq_ignore_ascii_case("content-length") => length = value.parse().unwrap_or(0),
            _ if line.trim_end().is_empty() => break,
            _ => {}
        }
    }
    lines.read_exact(&mut vec![0; length])?;
    let mood = state.lock().expect("a lock").takes(key);
    let said = match mood {
        Mood::Takes => "200 OK\r\n",
        Mood::Fails => "500 Internal Server Error\r\n",
        Mood::Gone => "410 Gone\r\n",
        Mood::Throttles => "429 Too Many Requests\r\nretry-after: 60\r\n",
        Mood::BreaksOff => return Ok(()),
        Mood::Crash => {
            let _ = hang.send(());
            return lines.read(&mut [0]).map(drop);
        }
    };
    (&stream).write_all(format!("HTTP/1.1 {said}content-length: 0\r\nconnection: close\r\n\r\n").as_bytes())
}

impl Heard {
    fn takes(&mut self, key: String) -> Mood {
        let now = self.clock.now();
        if now < self.closed_until {
            self.early.push(key.clone());
        }
        if self.mood == Mood::Throttles {
            self.closed_until = now + TimeDelta::seconds(60);
        }
        self.requests.push((key, self.mood));
        self.mood
    }
}

fn soc() -> Channel {
    Channel::Webhook("soc".to_owned())
}

fn channels(port: u16) -> Channels {
    let hook = webhook::Settings {
        url: Secret::new(&format!("http://127.0.0.1:{port}/hook")),
        signing: Secret::new("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"),
    };
    let alert = AlertSettings {
        default_owner: OwnerId("security".to_owned()),
        escalate_after: None,
        undelivered_after: Duration::from_secs(300),
        daily_at_hour: 8,
        canary: false,
        channels: [(soc(), ChannelSettings::Webhook(hook))].into(),
    };
    Channels::build(&alert, &client()).expect("good settings")
}

#[expect(clippy::disallowed_methods, reason = "towards this machine alone")]
fn client() -> reqwest::Client {
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::new()
}

struct World {
    worker: DeliveryWorker,
    hook: Hook,
    added: BTreeSet<String>,
}

impl World {
    async fn add(&mut self, lane: Lane) {
        let key = format!("{:032x}", 0xbeef_0000_u64 + self.added.len() as u64 * 7919);
        let now = self.worker.clock.now();
        let notice = NewNotice {
            key: NoticeKey(key.clone()),
            owner: OwnerId(format!("team-{}", self.added.len() % 3)),
            channel: soc(),
            event: NoticeEvent::Test,
            lane,
            tier: if lane.is_of_pages() { Tier::Page } else { Tier::Alert },
            due: now,
            body: NoticeBody::Proof,
        };
        self.worker.store.write(move |tx| tx.notices().add(&notice, now)).await.expect("stored");
        self.added.insert(key);
    }

    /// Delivers as long as something may be sent now. A crash ends it, and frees what was under way.
    async fn run(&mut self) {
        for _ in 0..40 {
            let Some(row) = self.worker.take().await.expect("takes").pop() else { return };
            let (list, stop) = (watchlist(), CancellationToken::new());
            let delivered = self.worker.deliver(&list, &row, &stop);
            tokio::select! {
                delivered = delivered => drop(delivered.expect("stored")),
                _ = self.hook.hangs.recv() => {
                    self.worker.store.write(|tx| tx.notices().free_leases()).await.expect("freed");
                    return;
                }
            }
        }
        panic!("it never rests");
    }

    async fn step(&mut self, step: Step) {
        match step {
            Step::Add(lane) => self.add(lane).await,
            Step::Is(mood) => self.hook.heard().mood = mood,
            Step::Seconds(seconds) => self.worker.clock.advance(TimeDelta::seconds(seconds)),
        }
        self.run().await;
    }

    async fn is_idle(&self) -> bool {
        self.worker.next().await.expect("reads").is_none()
    }
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    use Mood::{BreaksOff, Crash, Fails, Gone, Takes, Throttles};
    let step = prop_oneof![
        3 => prop::sample::select(vec![Lane::Own, Lane::Page, Lane::Alert, Lane::Digest]).prop_map(Step::Add),
        3 => prop::sample::select(vec![Takes, Fails, Gone, Throttles, BreaksOff, Crash]).prop_map(Step::Is),
        3 => prop_oneof![1..40_i64, 60..400_i64].prop_map(Step::Seconds),
    ];
    prop::collection::vec(step, 4..24)
}

async fn play(steps: &[Step]) {
    let dir = tempfile::tempdir().expect("a directory");
    let store = Store::open(dir.path()).expect("opens");
    let clock = Clock::manual("2026-11-20T12:00:00Z".parse().expect("a time"));
    let hook = Hook::start(&clock);
    let (worker, (in_force, settings)) = worker(&store, &clock);
    in_force.send_replace(InForce::at_start(channels(hook.port), vec![soc()]));
    let worker = DeliveryWorker { channel: soc(), ..worker };
    let mut world = World { worker, hook, added: BTreeSet::new() };
    for step in steps {
        world.step(*step).await;
    }
    for _ in 0..30 {
        world.step(Step::Is(Mood::Takes)).await;
        world.step(Step::Seconds(301)).await;
        if world.is_idle().await {
            break;
        }
    }
    assert!(world.is_idle().await, "a receiver that is well has everything in the end");
    drop(settings);
    let heard = world.hook.heard();
    assert_eq!(heard.early, [""; 0], "who asks for a minute has it");
    let mut by_key: BTreeMap<&str, Vec<Mood>> = BTreeMap::new();
    for (key, mood) in &heard.requests {
        by_key.entry(key).or_default().push(*mood);
    }
    assert_eq!(
        by_key.keys().copied().collect::<Vec<_>>(),
        world.added.iter().collect::<Vec<_>>(),
        "all, under their keys"
    );
    for (key, moods) in by_key {
        let taken = moods.iter().position(|mood| *mood == Mood::Takes);
        assert_eq!(taken, Some(moods.len() - 1), "{key} was taken once, and that was the end of it: {moods:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 6, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_is_lost_and_nothing_comes_again_that_the_receiver_said_it_has(steps in steps()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(play(&steps));
    }
}
