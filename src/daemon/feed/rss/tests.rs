//! What polls of RSS claim to have covered, beside a server that is modelled: its caches are late, it has ETags or none, and it shows
//! nothing at times.

use chrono::TimeDelta;
use proptest::prelude::*;

use super::*;
use crate::model::{Event, ProjectName, Sighting};

/// How many projects PyPI shows.
const SLOTS: usize = 40;

#[derive(Clone, Copy, Debug)]
enum Act {
    /// So many projects are registered, one a second.
    Register(usize),
    Poll,
    /// A cache shows how it was so many polls ago.
    Late(usize),
    /// A feed without items.
    Empty,
    /// An answer in which no item has a date.
    Undated,
    /// No answer.
    Fails,
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        6 => (1..60_usize).prop_map(Act::Register),
        8 => Just(Act::Poll),
        2 => (1..4_usize).prop_map(Act::Late),
        1 => Just(Act::Empty),
        1 => Just(Act::Undated),
        1 => Just(Act::Fails),
    ]
}

struct Server {
    now: Time,
    /// Each with its second.
    registered: Vec<(String, Time)>,
    /// How many there were at each poll.
    past: Vec<usize>,
    has_etags: bool,
}

impl Server {
    fn window(&self, until: usize) -> Vec<Sighting> {
        let shown = &self.registered[until.saturating_sub(SLOTS)..until];
        shown.iter().map(|(name, at)| item(name, Some(*at))).collect()
    }

    /// The newest at this many registrations; `None`: that is what was shown before under this ETag.
    fn answers(&self, until: usize, etag: Option<&str>) -> Option<RssNews> {
        let now = self.has_etags.then(|| format!("\"{until}\""));
        if now.is_some() && now.as_deref() == etag {
            return None;
        }
        Some(RssNews { sightings: self.window(until), etag: now, ..RssNews::default() })
    }
}

fn item(name: &str, at: Option<Time>) -> Sighting {
    Sighting {
        name: ProjectName::parse(name).expect("valid"),
        display: name.to_owned(),
        event: Event::Created,
        feed: Feed::Rss,
        serial: None,
        at,
        summary: None,
        unreadable: None,
    }
}

struct Play {
    server: Server,
    cursor: Cursor,
    /// How many there were at the last poll that no cache was late for.
    shown: usize,
    seen: std::collections::BTreeSet<String>,
    claimed: Vec<(Time, Time)>,
}

impl Play {
    fn new(has_etags: bool) -> Self {
        let now = "2026-11-27T12:00:00Z".parse().expect("a time");
        let server = Server { now, registered: Vec::new(), past: vec![0], has_etags };
        Self { server, cursor: Cursor::default(), shown: 0, seen: [].into(), claimed: Vec::new() }
    }

    fn act(&mut self, act: Act) {
        let until = self.server.registered.len();
        match act {
            Act::Register(count) => {
                for n in until..until + count {
                    self.server.now += TimeDelta::seconds(1);
                    self.server.registered.push((format!("p{n}"), self.server.now));
                }
                return;
            }
            Act::Poll => {
                self.polls(self.server.answers(until, self.cursor.etag.as_deref()));
                self.shown = until;
            }
            Act::Late(ago) => {
                let then = self.server.past[self.server.past.len().saturating_sub(ago + 1)];
                // A cache that repeats the newest window cannot be told from a registry where nothing happens.
                if then < self.shown {
                    self.polls(self.server.answers(then, self.cursor.etag.as_deref()));
                }
            }
            Act::Empty => self.polls(Some(RssNews::default())),
            Act::Undated => {
                let undated = |seen: Sighting| Sighting { at: None, ..seen };
                let sightings = self.server.window(until).into_iter().map(undated).collect();
                self.polls(Some(RssNews { sightings, ..RssNews::default() }));
            }
            Act::Fails => {}
        }
        self.server.past.push(until);
        self.server.now += TimeDelta::seconds(1);
    }

    fn polls(&mut self, news: Option<RssNews>) {
        let now = self.server.now;
        let polled = match news {
            None => unchanged(&self.cursor, now),
            Some(news) => answer(news, &self.cursor, now),
        };
        let batch = polled.batch.expect("something to store");
        self.seen.extend(batch.sightings.iter().map(|seen| seen.name.to_string()));
        self.claimed.extend(batch.spans.iter().map(|span| (span.from, span.to)));
        let [(_, cursor)] = &batch.cursors[..] else { panic!("{:?}", batch.cursors) };
        self.cursor = serde_json::from_value(cursor.clone()).expect("reads back");
    }

    /// All that was registered within a stretch that is claimed was shown by a poll.
    fn claims_what_it_saw(&self, act: Act) {
        for (name, at) in self.server.registered.iter().filter(|(name, _)| !self.seen.contains(name)) {
            let by = self.claimed.iter().find(|(from, to)| at > from && at <= to);
            assert!(by.is_none(), "{act:?}: {name} of {at} was never shown, and {by:?} is claimed");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

    #[test]
    fn no_stretch_is_claimed_in_which_something_was_never_shown(
        has_etags in any::<bool>(),
        acts in prop::collection::vec(act(), 1..30),
    ) {
        // PyPI has shown something ever since there is a feed.
        let mut play = Play::new(has_etags);
        for act in [Act::Register(3), Act::Poll].into_iter().chain(acts) {
            play.act(act);
            play.claims_what_it_saw(act);
        }
    }
}

/// A mirror has no ETags, and its cache gives a feed without items once.
#[test]
fn an_empty_answer_is_not_taken_for_one_that_says_unchanged() {
    let mut play = Play::new(false);
    for act in [Act::Register(5), Act::Poll, Act::Register(60)] {
        play.act(act);
    }
    let before = play.claimed.len();
    play.act(Act::Empty);
    assert_eq!(play.claimed.len(), before, "60 projects were registered, and none was shown");
    play.act(Act::Poll);
    play.claims_what_it_saw(Act::Poll);
    assert!(play.cursor.behind.is_none() && play.cursor.at.is_some());
}

/// Whoever polls a server that has nothing new goes on claiming.
#[test]
fn what_is_unchanged_is_covered_until_now() {
    let mut play = Play::new(true);
    for act in [Act::Register(5), Act::Poll, Act::Poll, Act::Poll] {
        play.act(act);
    }
    let [.., (from, to)] = play.claimed[..] else { panic!("{:?}", play.claimed) };
    assert_eq!((play.claimed.len(), to - from), (3, TimeDelta::seconds(1)));
}
