//! A stranger at PyPI who knows the rules, and a bad day at the mail server, against an oracle that knows what every
//! owner must have been told and by when.
//!
//! The oracle does not look into the store: it follows the acts, and what arrived. A message counts for what it carries.

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;
use namewarden::cases;
use namewarden::cases::FailedAttempt;
use namewarden::model::command::Decision;
use namewarden::model::notice::{EventRef, NoticeEvent, NoticeKey};
use namewarden::model::timeline::Person;
use namewarden::model::{Actor, CaseRef, Channel, Event, FindingKey, Inventory, OwnerId, Reached, Time};
use namewarden::store::{NoticeBody, NoticeRow, NoticeState};
use namewarden::watchlist::Watchlist;
use namewarden::watchlist::routes::Routes;
use proptest::prelude::*;

use crate::bench::{Bench, held_by, neighbours, release};

const INVENTORY: &str = r#"
[owners.payments]
email = ["payments@acme.example"]
slack = ["pay"]
names = ["acme-billing==4.12.0"]

[owners.ledger]
slack = ["pay"]
names = ["quux-ledger==1.8.3"]

[owners.security]
email = ["security@acme.example"]
names = ["orchid-gateway==2.0"]

[[prefix]]
text = "acme-*"
owner = "security"
exclusive = true
"#;

/// The names that owners must hear of as a page: who, and on which channels while all of them exist.
const OWN: [&str; 3] = ["acme-billing", "quux-ledger", "orchid-gateway"];
/// Internal versions are below the first of these and above the second.
const VERSIONS: [&str; 3] = ["99.0", "0.1", "100.0"];
const REMIND: TimeDelta = TimeDelta::hours(4);
/// The promise: a page goes out within 10 s, a look-up included.
const PROMPT: TimeDelta = TimeDelta::seconds(10);
/// The longest pause between two attempts with what was tried in vain, and a round.
const RECOVERY: TimeDelta = TimeDelta::seconds(310);
/// The longest that a page waits for a channel that failed before it was posted and works by then; and a round.
const POSTED: TimeDelta = TimeDelta::seconds(50);
/// So much longer where the first that is tried makes the receiver fail.
const SECOND: TimeDelta = TimeDelta::seconds(30);
/// The same with what was tried in vain before, beside a message that fails whenever it is sent: both have their turn.
const CHOKED: TimeDelta = TimeDelta::seconds(900);
/// Only of a registration, before which nothing of its case waits.
const REGISTERED: &str = "its registration";

#[derive(Clone, Debug)]
enum Act {
    Register {
        name: usize,
        release: Option<usize>,
    },
    Release {
        name: usize,
        version: usize,
    },
    Transfer {
        name: usize,
        user: u8,
    },
    Remove {
        name: usize,
    },
    /// Names under the exclusive prefix, or look-alikes, in one page of the changelog.
    Burst {
        look_alikes: bool,
        count: u8,
    },
    /// The same, one a poll.
    Drip {
        look_alikes: bool,
        count: u8,
    },
    Pass {
        seconds: u16,
    },
    /// Nobody does anything for hours.
    Rest {
        minutes: u16,
    },
    /// The name is freed and registered again, a few seconds each time.
    Churn {
        name: usize,
        count: u8,
    },
    Mood {
        slack: bool,
        mood: Mood,
    },
    Acknowledge {
        name: usize,
    },
    /// The operator takes Slack out of the configuration, or puts it back, and restarts.
    Slack {
        there: bool,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mood {
    Up,
    Down,
    /// Every message is put off by itself.
    Defers,
    /// The first that is tried makes the receiver fail, whenever it is sent; all others arrive.
    Chokes,
}

fn act() -> impl Strategy<Value = Act> {
    let name = 0..OWN.len();
    prop_oneof![
        4 => (name.clone(), prop::option::of(0..VERSIONS.len())).prop_map(|(name, release)| Act::Register { name, release }),
        3 => (name.clone(), 0..VERSIONS.len()).prop_map(|(name, version)| Act::Release { name, version }),
        2 => (name.clone(), 0_u8..3).prop_map(|(name, user)| Act::Transfer { name, user }),
        1 => name.clone().prop_map(|name| Act::Remove { name }),
        2 => (any::<bool>(), 1_u8..40).prop_map(|(look_alikes, count)| Act::Burst { look_alikes, count }),
        2 => (any::<bool>(), 1_u8..25).prop_map(|(look_alikes, count)| Act::Drip { look_alikes, count }),
        4 => (1_u16..900).prop_map(|seconds| Act::Pass { seconds }),
        3 => (60_u16..260).prop_map(|minutes| Act::Rest { minutes }),
        1 => (name.clone(), 1_u8..25).prop_map(|(name, count)| Act::Churn { name, count }),
        2 => (any::<bool>(), prop_oneof![Just(Mood::Up), Just(Mood::Down), Just(Mood::Defers), Just(Mood::Chokes)])
            .prop_map(|(slack, mood)| Act::Mood { slack, mood }),
        1 => name.prop_map(|name| Act::Acknowledge { name }),
        1 => any::<bool>().prop_map(|there| Act::Slack { there }),
    ]
}

/// One message that arrived.
struct Arrived {
    at: Time,
    made: Time,
    owner: OwnerId,
    channel: Channel,
    kind: NoticeEvent,
    key: NoticeKey,
    events: Vec<EventRef>,
}

impl Arrived {
    fn tells(&self, due: &Due) -> bool {
        self.events.iter().any(|event| event.finding == due.case && event.number >= due.number)
    }
}

/// Somebody must hear of a case: a message that names it, made of what is known at `since` or later.
#[derive(Clone, Debug)]
struct Due {
    case: FindingKey,
    owner: OwnerId,
    channel: Channel,
    since: Time,
    /// The time of grace begins.
    from: Time,
    /// Number of the case's event that has to arrive, or a later one with it.
    number: u32,
    what: &'static str,
}

struct Play {
    bench: Bench,
    inventory: Inventory,
    moods: BTreeMap<Channel, (Mood, Time)>,
    /// Channels whose last attempt found no connection, with how often and when.
    failing: BTreeMap<Channel, (u32, Time)>,
    /// On which message a channel chokes.
    poison: BTreeMap<Channel, NoticeRow>,
    slack: bool,
    arrived: Vec<Arrived>,
    due: Vec<Due>,
    /// The registration that stands, whether pip would take it, and how often it was told of.
    standing: BTreeMap<usize, Standing>,
    counter: u32,
}

#[derive(Clone, Debug)]
struct Standing {
    case: FindingKey,
    taken: bool,
    worsened: Time,
    open: bool,
}

fn slack() -> Channel {
    Channel::Slack("pay".to_owned())
}

fn failed<'a>(notice: &'a NoticeRow, reached: Reached, reason: &'a str) -> FailedAttempt<'a> {
    FailedAttempt { notice, wait: None, reached, reason, spread: 1.0 }
}

fn routes(with_slack: bool) -> Routes {
    let channels = [Channel::Email].into_iter().chain(with_slack.then(slack)).collect();
    Routes { default_owner: OwnerId("security".into()), channels }
}

impl Play {
    async fn new() -> Self {
        let bench = Bench::with(INVENTORY, routes(true), &[]).await;
        let moods = [Channel::Email, slack()].map(|channel| (channel, (Mood::Up, bench.now)));
        let inventory = Inventory::clone(&bench.watchlist.inventory);
        Self {
            bench,
            inventory,
            moods: moods.into(),
            failing: BTreeMap::new(),
            poison: BTreeMap::new(),
            slack: true,
            arrived: Vec::new(),
            due: Vec::new(),
            standing: BTreeMap::new(),
            counter: 0,
        }
    }

    /// Owners of a watched name or of a prefix above it, with their channels now.
    fn audience(&self, name: usize) -> Vec<(OwnerId, Channel)> {
        let mut owners = vec![["payments", "ledger", "security"][name]];
        if OWN[name].starts_with("acme-") {
            owners.push("security");
        }
        owners.into_iter().flat_map(|o| self.channels(o).into_iter().map(move |c| (OwnerId(o.into()), c))).collect()
    }

    /// Who has Slack alone is reached by the mail of who stands in while there is none.
    fn channels(&self, owner: &str) -> Vec<Channel> {
        match (owner, self.slack) {
            ("payments", true) => vec![Channel::Email, slack()],
            ("ledger", true) => vec![slack()],
            _ => vec![Channel::Email],
        }
    }

    fn expect(&mut self, name: usize, number: u32, what: &'static str) {
        let Some(case) = self.standing.get(&name).map(|standing| standing.case.clone()) else { return };
        for (owner, channel) in self.audience(name) {
            self.must_hear(case.clone(), owner, channel, number, what);
        }
    }

    fn must_hear(&mut self, case: FindingKey, owner: OwnerId, channel: Channel, number: u32, what: &'static str) {
        let (since, from) = (self.bench.now, self.bench.now);
        self.due.push(Due { case, owner, channel, since, from, number, what });
    }

    /// Has the owner heard of it on this channel, or is about to? Who came later hears nothing of its end.
    fn is_heard(&self, case: &FindingKey, owner: &OwnerId, channel: &Channel) -> bool {
        let arrived = self.arrived.iter().filter(|a| a.owner == *owner && a.channel == *channel);
        let mut due = self.due.iter().filter(|due| due.owner == *owner && due.channel == *channel);
        arrived.flat_map(|a| &a.events).any(|event| event.finding == *case) || due.any(|due| due.case == *case)
    }

    /// A name under the exclusive prefix: a page too, which may share its message.
    fn expect_under_prefix(&mut self, names: &[String]) {
        for name in names.iter().filter(|name| name.starts_with("acme-")) {
            let case = FindingKey(format!("{name}@{}", self.bench.now.timestamp()));
            self.must_hear(case, OwnerId("security".into()), Channel::Email, 1, "a name under the prefix");
        }
    }

    /// How many events the case has: the one that has just happened is the last.
    async fn events(&self, case: &FindingKey) -> u32 {
        let key = case.clone();
        let fates = self.bench.store.read(move |tx| tx.tellings().fates(&key)).await.expect("reads");
        fates.iter().map(|fate| fate.number).max().unwrap_or(0)
    }

    async fn act(&mut self, act: &Act) {
        match act {
            Act::Register { name, release } => self.register(*name, *release).await,
            Act::Release { name, version } => self.release(*name, *version).await,
            Act::Transfer { name, user } => self.transfer(*name, *user).await,
            Act::Remove { name } => self.remove(*name).await,
            Act::Churn { name, count } => {
                for _ in 0..*count {
                    self.remove(*name).await;
                    self.pass(1).await;
                    self.register(*name, None).await;
                    self.pass(2).await;
                }
            }
            Act::Burst { look_alikes, count } => {
                let names = self.fresh_names(*look_alikes, *count);
                let page = names.iter().map(|name| self.bench.told(name, Event::Created)).collect();
                self.bench.apply(page).await;
                self.expect_under_prefix(&names);
            }
            Act::Drip { look_alikes, count } => {
                for name in self.fresh_names(*look_alikes, *count) {
                    let created = vec![self.bench.told(&name, Event::Created)];
                    self.bench.apply(created).await;
                    self.expect_under_prefix(&[name]);
                    self.pass(1).await;
                }
            }
            Act::Rest { minutes } => self.pass(i64::from(*minutes) * 60).await,
            Act::Pass { seconds } => self.pass(i64::from(*seconds)).await,
            Act::Mood { slack: of_slack, mood } => {
                let channel = if *of_slack { slack() } else { Channel::Email };
                self.poison.remove(&channel);
                self.moods.insert(channel, (*mood, self.bench.now));
            }
            Act::Acknowledge { name } => self.acknowledge(*name).await,
            Act::Slack { there } => self.configure(*there).await,
        }
        self.pass(1).await;
    }

    fn fresh_names(&mut self, look_alikes: bool, count: u8) -> Vec<String> {
        let all = neighbours("orchid-gateway");
        let names = (0..count).map(|_| {
            self.counter += 1;
            match look_alikes {
                true => all[self.counter as usize % all.len()].clone(),
                false => format!("acme-tool{}", self.counter),
            }
        });
        names.collect()
    }

    async fn register(&mut self, name: usize, version: Option<usize>) {
        if self.standing.contains_key(&name) {
            return;
        }
        let mut batch = vec![self.bench.told(OWN[name], Event::Created)];
        batch.extend(version.map(|version| self.bench.told(OWN[name], release(VERSIONS[version]))));
        self.bench.apply(batch).await;
        let case = FindingKey(format!("{}@{}", OWN[name], self.bench.now.timestamp()));
        let taken = version.is_some_and(|version| version != 1);
        let worsened = self.bench.now;
        self.standing.insert(name, Standing { case, taken, worsened, open: true });
        self.expect(name, 1, REGISTERED);
    }

    async fn remove(&mut self, name: usize) {
        let Some(standing) = self.standing.get(&name).cloned() else { return };
        let gone = vec![self.bench.told(OWN[name], Event::Removed)];
        self.bench.apply(gone).await;
        let number = self.events(&standing.case).await;
        for (owner, channel) in self.audience(name) {
            if self.is_heard(&standing.case, &owner, &channel) {
                self.must_hear(standing.case.clone(), owner, channel, number, "its end");
            }
        }
        self.standing.remove(&name);
    }

    async fn release(&mut self, name: usize, version: usize) {
        let Some(standing) = self.standing.get(&name).cloned() else { return };
        let event = vec![self.bench.told(OWN[name], release(VERSIONS[version]))];
        self.bench.apply(event).await;
        if version != 1 && !standing.taken {
            let number = self.events(&standing.case).await;
            let now = self.bench.now;
            self.standing.insert(name, Standing { taken: true, worsened: now, open: true, ..standing });
            self.expect(name, number, "a release that pip would take");
        }
    }

    /// Another stranger holds it, and PyPI's page says so.
    async fn transfer(&mut self, name: usize, user: u8) {
        if !self.standing.contains_key(&name) {
            return;
        }
        let roles = vec![self.bench.told(OWN[name], Event::RolesChanged { action: "add Owner".into() })];
        self.bench.apply(roles).await;
        let learned = held_by(&format!("mallory{user}"), self.bench.serial());
        if self.bench.learn(OWN[name], learned).await > 0
            && let Some(standing) = self.standing.get_mut(&name)
        {
            (standing.worsened, standing.open) = (self.bench.now, true);
        }
    }

    async fn acknowledge(&mut self, name: usize) {
        let Some(standing) = self.standing.get_mut(&name) else { return };
        standing.open = false;
        let (key, now) = (standing.case.clone(), self.bench.now);
        let ruling = cases::Ruling {
            decision: Decision::Acknowledge,
            who: Person { actor: Actor::default(), declared: "ann".to_owned() },
            note: None,
        };
        let judged = self.bench.store.write(move |tx| {
            let ruled = cases::judge_each(tx, &[CaseRef(key.0.clone())], &ruling, now)?;
            Ok(ruled.iter().all(|ruled| ruled.case.is_some()))
        });
        assert!(judged.await.expect("the store works"), "there is a case");
    }

    async fn configure(&mut self, with_slack: bool) {
        self.slack = with_slack;
        self.bench.watchlist = Watchlist::new(self.inventory.clone(), routes(with_slack));
        let (watchlist, now) = (self.bench.watchlist.clone(), self.bench.now);
        let moved = self.bench.store.write(move |tx| {
            tx.notices().free_leases()?;
            cases::rerouted(tx, &watchlist, &[], now)
        });
        moved.await.expect("the store works");
        // What waited for a channel that is none of the owner's now is owed by the first that is, from now on.
        let now = self.bench.now;
        let mut due = std::mem::take(&mut self.due);
        // And what the owner has by no channel is owed by each that came, too.
        let missed = |due: &&Due| due.channel != slack() && self.channels(&due.owner.0).contains(&slack());
        let heard = |due: &Due| self.arrived.iter().any(|a| a.owner == due.owner && a.tells(due));
        let owed = due.iter().filter(missed).filter(|due| !heard(due));
        let owed: Vec<Due> = owed.map(|due| Due { channel: slack(), from: now, ..due.clone() }).collect();
        due.extend(owed);
        for due in &mut due {
            let channels = self.channels(&due.owner.0);
            if !channels.contains(&due.channel) {
                (due.channel, due.from) = (channels[0].clone(), now);
            }
        }
        self.due = due;
    }

    /// Time goes by in steps of a worker's rounds: short ones while something may be due, long ones after.
    async fn pass(&mut self, seconds: i64) {
        let mut left = seconds;
        while left > 0 {
            let step = match seconds - left {
                0..15 => 1,
                15..700 => left.min(20),
                _ => left.min(100),
            };
            self.bench.pass(TimeDelta::seconds(step));
            left -= step;
            self.round().await;
            self.check();
        }
    }

    async fn round(&mut self) {
        let (watchlist, now) = (self.bench.watchlist.clone(), self.bench.now);
        let reminded = self.bench.store.write(move |tx| cases::escalate(tx, &watchlist, REMIND, now));
        reminded.await.expect("the store works");
        for channel in [Some(Channel::Email), self.slack.then(slack)].into_iter().flatten() {
            self.deliver(&channel).await;
        }
    }

    /// What a worker does in one round: it takes, tries, and records what became of it.
    async fn deliver(&mut self, channel: &Channel) {
        let mood = self.moods[channel].0;
        loop {
            let taken = self.bench.take(channel).await;
            let (failing, now) = (self.failing.get(channel).copied(), self.bench.now);
            if let Some((times, last)) = failing {
                assert!(taken.len() <= 1, "a channel that failed is tried with one message, not {}", taken.len());
                let least = TimeDelta::seconds((1 << (times - 1).min(8)).min(30));
                assert!(taken.is_empty() || now >= last + least, "{channel} is tried after {}", now - last);
            }
            if taken.is_empty() {
                return;
            }
            for row in taken {
                self.attempt(row, mood).await;
            }
            if !matches!(mood, Mood::Up | Mood::Chokes) {
                return;
            }
        }
    }

    async fn attempt(&mut self, row: NoticeRow, mood: Mood) {
        let now = self.bench.now;
        let mood = if mood == Mood::Chokes && !self.is_poison(&row) { Mood::Up } else { mood };
        if mood == Mood::Up {
            self.failing.remove(&row.channel);
            self.bench.settle(&row, NoticeState::Delivered).await;
            self.arrive(row);
            return;
        }
        if matches!(mood, Mood::Down | Mood::Chokes) {
            let (times, last) = self.failing.entry(row.channel.clone()).or_insert((0, now));
            *times += u32::from(*times == 0 || *last < now);
            *last = now;
        }
        let failed = self.bench.store.write(move |tx| match mood {
            Mood::Down => cases::channel_failed(tx, failed(&row, Reached::Nobody, "no connection"), now),
            Mood::Chokes => cases::channel_failed(tx, failed(&row, Reached::Perhaps, "answered 502"), now),
            _ => cases::postponed(tx, failed(&row, Reached::Perhaps, "no word of the message"), now),
        });
        failed.await.expect("the store works");
    }

    fn is_poison(&mut self, row: &NoticeRow) -> bool {
        let about_cases = matches!(row.body, NoticeBody::Cases { .. });
        let poison = self.poison.entry(row.channel.clone());
        about_cases && poison.or_insert_with(|| row.clone()).id == row.id
    }

    /// Is it carried by what the channel chokes on, or does it follow that?
    fn is_choked(&self, due: &Due) -> bool {
        self.poison.get(&due.channel).is_some_and(|row| match &row.body {
            NoticeBody::Cases { events } => {
                row.owner == due.owner && events.iter().any(|event| event.finding == due.case)
            }
            _ => false,
        })
    }

    /// Within a thread an owner hears each thing once, in the order in which it happened, reminders last.
    fn arrive(&mut self, row: NoticeRow) {
        let NoticeBody::Cases { events } = &row.body else { return };
        for event in events {
            let before = self.arrived.iter().filter(|a| a.owner == row.owner && a.channel == row.channel);
            for earlier in before.flat_map(|a| &a.events).filter(|earlier| earlier.finding == event.finding) {
                assert!(earlier.number < event.number, "{event} after {earlier} to {} by {}", row.owner, row.channel);
            }
        }
        let known = self.arrived.iter().filter(|a| a.owner == row.owner && a.channel == row.channel);
        assert!(known.clone().all(|a| a.key != row.key), "two messages with one key: {:?}", row.body);
        self.arrived.push(Arrived {
            at: self.bench.now,
            made: row.created_at,
            owner: row.owner,
            channel: row.channel,
            kind: row.event,
            key: row.key,
            events: events.clone(),
        });
    }

    /// Is everything told that must have been?
    fn check(&mut self) {
        let now = self.bench.now;
        let told = |due: &Due| {
            let to = self.arrived.iter().filter(|a| a.owner == due.owner && a.at >= due.since - TimeDelta::seconds(1));
            let by = |a: &&Arrived| a.channel == due.channel;
            to.filter(by).any(|a| a.tells(due))
        };
        let (moods, arrived) = (&self.moods, self.arrived.len());
        let open: Vec<Due> = self.due.iter().filter(|due| !told(due)).cloned().collect();
        for due in &open {
            let (mood, since) = moods[&due.channel];
            let posted = due.what == REGISTERED && since <= due.from;
            let recovered = match mood {
                Mood::Chokes if posted => due.from + POSTED + SECOND,
                _ if posted => due.from + POSTED,
                Mood::Chokes => since.max(due.from) + CHOKED,
                _ => since + RECOVERY,
            };
            let works = mood == Mood::Up || mood == Mood::Chokes && !self.is_choked(due);
            let late = works && now > (due.from + PROMPT).max(recovered);
            let spared = mood == Mood::Up && since > due.from - RECOVERY && now <= recovered;
            assert!(!late || spared, "{} not told: {due:?} at {now}; {arrived} messages arrived", due.what);
        }
        self.due = open;
        for reminder in self.arrived.iter().filter(|a| a.kind == NoticeEvent::Escalated) {
            for standing in self.standing.values() {
                let about = reminder.events.iter().any(|event| event.finding == standing.case);
                // One that was made before may arrive after, when its channel was down; and what gets worse before the
                // first message is a part of that, which counts from the registration.
                let counts = standing.worsened - PROMPT + REMIND;
                let soon = reminder.made >= standing.worsened && reminder.made < counts;
                assert!(!(about && soon), "reminded {standing:?} at {}", reminder.at);
            }
        }
    }

    /// Everything works again: nothing may be left, and what nobody answered is told again, and again.
    async fn end(&mut self) {
        for channel in [Channel::Email, slack()] {
            self.moods.insert(channel, (Mood::Up, self.bench.now));
        }
        self.pass(1_300).await;
        assert!(self.due.is_empty(), "never told: {:?}", self.due);
        for _ in 0..2 {
            let before = self.arrived.len();
            self.bench.pass(REMIND);
            self.pass(2).await;
            let reminded: BTreeSet<&FindingKey> =
                self.arrived[before..].iter().flat_map(|a| &a.events).map(|event| &event.finding).collect();
            for standing in self.standing.values().filter(|standing| standing.open) {
                assert!(reminded.contains(&standing.case), "nobody was reminded of {standing:?}");
            }
        }
    }
}

async fn played(acts: &[Act]) {
    let mut play = Play::new().await;
    for act in acts {
        play.act(act).await;
    }
    play.end().await;
}

/// Found by the sequences below, and kept.
#[tokio::test]
async fn a_channel_that_is_put_beside_a_dead_one_tells_what_waits_there() {
    let acts = [
        Act::Slack { there: false },
        Act::Mood { slack: false, mood: Mood::Down },
        Act::Register { name: 0, release: None },
        Act::Slack { there: true },
        Act::Release { name: 0, version: 0 },
        Act::Pass { seconds: 400 },
    ];
    played(&acts).await;
}

/// The same: each registration was a message of its own, and each waited for its turn.
#[tokio::test]
async fn a_name_that_is_freed_again_and_again_is_one_message() {
    let acts = [
        Act::Mood { slack: true, mood: Mood::Down },
        Act::Pass { seconds: 30 },
        Act::Mood { slack: true, mood: Mood::Chokes },
        Act::Churn { name: 0, count: 13 },
        Act::Pass { seconds: 400 },
    ];
    played(&acts).await;
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, max_shrink_iters: 200, ..ProptestConfig::default() })]

    #[test]
    fn no_order_of_acts_keeps_an_owner_from_hearing(acts in prop::collection::vec(act(), 1..25)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(played(&acts));
    }
}
