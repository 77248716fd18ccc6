//! Messages that were tried in vain: what nobody can have goes out once, with all that came since; what somebody may have is
//! repeated as it was and followed by what came since, since who has it drops the repeat.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::TimeDelta;
use namewarden::cases::{self, FailedAttempt};
use namewarden::model::notice::EventRef;
use namewarden::model::notice::NoticeEvent::{self, Ended, Registered, Worsened};
use namewarden::model::{Channel, Event, Facts, FindingKey, FindingState, OwnerId, Reached, Releases};
use namewarden::sim::sink::SmtpMood;
use namewarden::store::{NoticeBody, NoticeRow, NoticeState};
use namewarden::watchlist::routes::Routes;
use proptest::prelude::*;

use crate::bench::{Bench, held_by, neighbours, release};
use crate::world::World;

/// Ours is 4.12.0, and of the other nobody has said.
const OWN: [&str; 2] = ["acme-billing", "quux-ledger"];
const INVENTORY: &str = r#"
[owners.payments]
email = ["payments@acme.example"]
names = ["acme-billing==4.12.0", "quux-ledger"]

[registrants]
users = ["acme-release-bot"]
"#;

async fn bench() -> Bench {
    let routes = Routes { default_owner: OwnerId("payments".into()), channels: [Channel::Email].into() };
    let bench = Bench::with(INVENTORY, routes, &[]).await;
    bench.deliver().await;
    bench
}

async fn happens(bench: &mut Bench, name: &str, event: Event) {
    let sightings = vec![bench.told(name, event)];
    bench.apply(sightings).await;
}

async fn fails(bench: &Bench, row: &NoticeRow, reached: Reached, whole: bool) {
    let (row, now) = (row.clone(), bench.now);
    let failed = bench.store.write(move |tx| {
        let failed = FailedAttempt { notice: &row, wait: None, reached, reason: "in vain", spread: 0.5 };
        if whole { cases::channel_failed(tx, failed, now) } else { cases::postponed(tx, failed, now) }
    });
    failed.await.expect("stored");
}

/// The page was tried, and the mail server is dead.
async fn tried(reached: Reached) -> (Bench, NoticeRow) {
    let mut bench = bench().await;
    happens(&mut bench, "acme-billing", Event::Created).await;
    bench.pass(TimeDelta::seconds(6));
    let row = bench.take(&Channel::Email).await.pop().expect("a page");
    fails(&bench, &row, reached, true).await;
    (bench, row)
}

async fn heard(bench: &mut Bench) -> Vec<(NoticeEvent, usize)> {
    bench.pass(TimeDelta::minutes(6));
    let count = |row: &NoticeRow| match &row.body {
        NoticeBody::Cases { events } => events.len(),
        _ => 0,
    };
    bench.deliver().await.iter().map(|row| (row.event, count(row))).collect()
}

#[tokio::test]
async fn what_nobody_can_have_goes_out_with_what_came_since() {
    let (mut bench, _) = tried(Reached::Nobody).await;
    happens(&mut bench, "acme-billing", release("99.0")).await;
    assert_eq!(heard(&mut bench).await, [(Registered, 2)]);
    let (mut bench, _) = tried(Reached::Nobody).await;
    happens(&mut bench, "acme-billing", Event::Removed).await;
    assert_eq!(heard(&mut bench).await, [(Registered, 2)], "it was, and is gone");
    let (mut bench, _) = tried(Reached::Nobody).await;
    happens(&mut bench, "acme-billing", Event::Quarantined).await;
    happens(&mut bench, "acme-billing", Event::QuarantineCleared).await;
    assert_eq!(heard(&mut bench).await, [(Registered, 2)], "an end that is none is not told");
    let (mut bench, _) = tried(Reached::Nobody).await;
    bench.learn("acme-billing", held_by("acme-release-bot", bench.serial())).await;
    assert_eq!(heard(&mut bench).await, [], "ours, and nobody had heard");
    bench.pass(TimeDelta::days(1));
    assert_eq!(bench.deliver().await, []);
}

#[tokio::test]
async fn what_somebody_may_have_is_repeated_under_its_key_and_followed() {
    let (mut bench, first) = tried(Reached::Perhaps).await;
    happens(&mut bench, "acme-billing", release("99.0")).await;
    bench.pass(TimeDelta::minutes(6));
    let told = bench.deliver().await;
    assert_eq!(told.iter().map(|row| row.event).collect::<Vec<_>>(), [Registered, Worsened]);
    assert_eq!(told[0].key, first.key);
    let (mut bench, _) = tried(Reached::Perhaps).await;
    happens(&mut bench, "acme-billing", Event::Removed).await;
    assert_eq!(heard(&mut bench).await, [(Registered, 1), (Ended, 1)]);
}

#[tokio::test]
async fn that_it_is_ours_arrives_however_often_it_is_looked_up_meanwhile() {
    let (mut bench, _) = tried(Reached::Perhaps).await;
    for _ in 0..3 {
        bench.learn("acme-billing", held_by("acme-release-bot", bench.serial())).await;
        bench.pass(TimeDelta::seconds(31));
    }
    assert_eq!(heard(&mut bench).await, [(Registered, 1), (Ended, 1)]);
}

/// Of the registration that is over nobody has heard, or somebody has: then its end belongs to its own thread.
#[tokio::test]
async fn a_name_that_was_freed_and_registered_again_is_one_message_where_nobody_heard_of_the_first() {
    let again = async |bench: &mut Bench| {
        happens(bench, "acme-billing", Event::Removed).await;
        bench.pass(TimeDelta::seconds(2));
        happens(bench, "acme-billing", Event::Created).await;
        heard(bench).await
    };
    let (mut bench, _) = tried(Reached::Nobody).await;
    assert_eq!(again(&mut bench).await, [(Registered, 3)]);
    assert_eq!(again(&mut bench).await, [(Ended, 1), (Registered, 1)], "the next is told of what they heard of");
    let (mut bench, _) = tried(Reached::Perhaps).await;
    assert_eq!(again(&mut bench).await, [(Registered, 1), (Registered, 1), (Ended, 1)]);
    let mut bench = self::bench().await;
    happens(&mut bench, "acme-billing", Event::Created).await;
    assert_eq!(again(&mut bench).await, [(Registered, 3)], "nor was one of them tried");
}

/// A process that was killed at it says nothing of the attempt.
#[tokio::test]
async fn an_attempt_that_nobody_speaks_of_may_have_arrived() {
    let mut bench = bench().await;
    happens(&mut bench, "quux-ledger", Event::Created).await;
    bench.pass(TimeDelta::seconds(6));
    assert_eq!(bench.take(&Channel::Email).await.len(), 1);
    bench.store.write(|tx| tx.notices().free_leases()).await.expect("freed");
    happens(&mut bench, "quux-ledger", release("1.0")).await;
    assert_eq!(heard(&mut bench).await, [(Registered, 1), (Worsened, 1)], "who has the first drops the repeat");
}

/// It keeps its age, by which somebody else is told that mail is dead.
#[tokio::test]
async fn a_message_made_anew_is_as_old_as_it_was() {
    let (mut bench, first) = tried(Reached::Nobody).await;
    happens(&mut bench, "acme-billing", release("99.0")).await;
    bench.pass(TimeDelta::minutes(6));
    let row = bench.take(&Channel::Email).await.pop().expect("it is tried");
    assert_eq!((row.id, row.created_at, row.attempts), (first.id, first.created_at, 2));
    assert_ne!(row.key, first.key, "another set of events is another key");
}

fn about(rows: &[NoticeRow]) -> Vec<&str> {
    let first = |row: &NoticeRow| OWN.into_iter().find(|name| events(row)[0].finding.0.starts_with(name));
    rows.iter().filter_map(first).collect()
}

/// The page of the first was tried in vain until a failed channel is left alone for minutes.
async fn left_alone() -> Bench {
    let (mut bench, _) = tried(Reached::Nobody).await;
    for _ in 0..9 {
        bench.pass(TimeDelta::minutes(5));
        let row = bench.take(&Channel::Email).await.pop().expect("it is tried");
        fails(&bench, &row, Reached::Nobody, true).await;
    }
    bench.pass(TimeDelta::seconds(1));
    bench
}

/// However long the channel has failed: it may work again.
#[tokio::test]
async fn a_page_is_tried_soon_after_it_was_posted_and_no_sooner_for_others() {
    let mut bench = left_alone().await;
    happens(&mut bench, "quux-ledger", Event::Created).await;
    assert_eq!(bench.take(&Channel::Email).await, [], "the last attempt was a second ago");
    bench.pass(TimeDelta::seconds(30));
    let new = bench.take(&Channel::Email).await;
    assert_eq!(about(&new), ["quux-ledger"], "alone, and the one that nobody has tried");
    fails(&bench, &new[0], Reached::Nobody, true).await;
    bench.pass(TimeDelta::seconds(60));
    assert_eq!(bench.take(&Channel::Email).await, [], "a server that is dead is not asked without a reason");
    happens(&mut bench, "quux-ledger", Event::Removed).await;
    happens(&mut bench, "quux-ledger", Event::Created).await;
    assert_eq!(bench.take(&Channel::Email).await, []);
    bench.pass(TimeDelta::seconds(30));
    let told = bench.deliver().await;
    let all: Vec<&str> = about(&told);
    assert!(all.contains(&"acme-billing") && all.contains(&"quux-ledger"), "what waits goes out together: {told:?}");
}

fn is_about(row: &NoticeRow, name: &str) -> bool {
    events(row)[0].finding.0.starts_with(&format!("{name}@"))
}

/// What makes its receiver fail is answered as if the receiver were down: it waits, and what came later goes out.
#[tokio::test]
async fn a_message_that_fails_whenever_it_is_sent_keeps_no_page_from_being_tried() {
    let mut bench = left_alone().await;
    bench.pass(TimeDelta::seconds(205));
    happens(&mut bench, "quux-ledger", Event::Created).await;
    bench.pass(TimeDelta::seconds(25));
    let new = bench.take(&Channel::Email).await;
    assert_eq!(about(&new), ["quux-ledger"], "both are due, and the other had its turn");
    bench.settle(&new[0], NoticeState::Delivered).await;
    let again = bench.take(&Channel::Email).await;
    assert_eq!(about(&again), ["acme-billing"], "it is tried again once the channel is known to work");
}

/// Nor do several of the most urgent lane keep another lane from it.
#[tokio::test]
async fn two_pages_that_fail_whenever_they_are_sent_keep_no_alert_from_being_tried() {
    for tries in 1..8 {
        let mut bench = left_alone().await;
        happens(&mut bench, "quux-ledger", Event::Created).await;
        bench.pass(TimeDelta::minutes(5));
        for _ in 0..tries {
            let row = bench.take(&Channel::Email).await.pop().expect("one is tried");
            fails(&bench, &row, Reached::Nobody, true).await;
            bench.pass(TimeDelta::minutes(5));
        }
        let alert = &neighbours("quux-ledger")[0];
        happens(&mut bench, alert, Event::Created).await;
        let mut turns = 0;
        loop {
            let row = bench.take(&Channel::Email).await.pop().expect("one is tried");
            if is_about(&row, alert) {
                break;
            }
            turns += 1;
            assert!(turns < 2, "the alert waits for the {turns} that failed before, after {tries}");
            fails(&bench, &row, Reached::Nobody, true).await;
            bench.pass(TimeDelta::minutes(5));
        }
    }
}

/// A page was tried once, while the server was away, and then there is always an alert that nobody has tried.
#[tokio::test]
async fn no_stream_of_alerts_that_fail_keeps_a_page_from_being_tried_again() {
    let (mut bench, page) = tried(Reached::Perhaps).await;
    let mut turns = 0;
    for alert in &neighbours("quux-ledger")[..12] {
        happens(&mut bench, alert, Event::Created).await;
        bench.pass(TimeDelta::minutes(5));
        let row = bench.take(&Channel::Email).await.pop().expect("one is tried");
        turns += usize::from(row.id == page.id);
        fails(&bench, &row, Reached::Perhaps, true).await;
    }
    assert!(turns >= 4, "the page had {turns} of 12 turns");
}

/// Whoever asks for a time is left alone for it.
#[tokio::test]
async fn no_page_shortens_what_the_receiver_asked_for() {
    let mut bench = left_alone().await;
    bench.pass(TimeDelta::minutes(5));
    let (row, now) = (bench.take(&Channel::Email).await.pop().expect("it is tried"), bench.now);
    let ask = bench.store.write(move |tx| {
        let wait = Some(TimeDelta::minutes(10));
        let failed = FailedAttempt { notice: &row, wait, reached: Reached::Nobody, reason: "later", spread: 0.5 };
        cases::channel_failed(tx, failed, now)
    });
    ask.await.expect("stored");
    happens(&mut bench, "quux-ledger", Event::Created).await;
    for _ in 0..9 {
        bench.pass(TimeDelta::minutes(1));
        assert_eq!(bench.take(&Channel::Email).await, []);
    }
    bench.pass(TimeDelta::minutes(1));
    assert_eq!(bench.deliver().await.len(), 2);
}

/// Nor does a message that arrived end what the receiver asked for another.
#[tokio::test]
async fn what_the_receiver_asked_to_have_later_it_has_later() {
    let mut bench = bench().await;
    happens(&mut bench, "acme-billing", Event::Created).await;
    bench.pass(TimeDelta::seconds(6));
    let (row, now) = (bench.take(&Channel::Email).await.pop().expect("a page"), bench.now);
    let ask = bench.store.write(move |tx| {
        let (wait, reached) = (Some(TimeDelta::minutes(10)), Reached::Perhaps);
        cases::postponed(tx, FailedAttempt { notice: &row, wait, reached, reason: "later", spread: 0.5 }, now)
    });
    ask.await.expect("stored");
    happens(&mut bench, "quux-ledger", Event::Created).await;
    bench.pass(TimeDelta::seconds(6));
    assert_eq!(about(&bench.deliver().await), ["quux-ledger"]);
    bench.pass(TimeDelta::minutes(10));
    assert_eq!(about(&bench.deliver().await), ["acme-billing"]);
}

/// A message that waits by itself after the server broke off waits no longer than the server does not work; one that the server
/// put off does: that is about the message.
#[tokio::test]
async fn what_waits_for_its_own_next_attempt_goes_out_once_the_server_is_known_to_work() {
    for (reached, together) in [(Reached::Perhaps, true), (Reached::Nobody, false)] {
        let mut bench = bench().await;
        happens(&mut bench, "acme-billing", Event::Created).await;
        for _ in 0..9 {
            bench.pass(TimeDelta::minutes(6));
            let row = bench.take(&Channel::Email).await.pop().expect("it is tried");
            fails(&bench, &row, reached, false).await;
        }
        happens(&mut bench, "quux-ledger", Event::Created).await;
        bench.pass(TimeDelta::seconds(6));
        let told = bench.deliver().await;
        let wanted: &[&str] = if together { &["quux-ledger", "acme-billing"] } else { &["quux-ledger"] };
        assert_eq!(about(&told), wanted);
    }
}

#[tokio::test]
async fn a_mail_server_that_comes_back_is_given_one_message_of_one_name() {
    let mut world = World::new().await;
    world.mail.set_mood(SmtpMood::Down);
    world.register("acme-billing", "mallory");
    world.until("the page was tried", async |w| w.due().await.iter().any(|row| row.last_error.is_some())).await;
    world.upload("acme-billing", "99.0", "mallory");
    let known = async |w: &World| w.findings_of("acme-billing").await[0].facts.releases.contains("99.0");
    world.until("the release is known", known).await;
    world.mail.set_mood(SmtpMood::Accept);
    let mail = world.expect_mail("registered", "acme-billing").await;
    assert!(mail.text.contains("99") && mail.text.contains("YES"), "{}", mail.text);
    world.expect_silence(Duration::from_secs(3)).await;
    world.finish().await;
}

#[tokio::test]
async fn the_mail_of_a_name_that_was_registered_again_is_about_the_one_that_stands() {
    let mut world = World::new().await;
    world.mail.set_mood(SmtpMood::Down);
    world.upload("acme-billing", "99.0", "mallory");
    world.until("the page was tried", async |w| w.due().await.iter().any(|row| row.last_error.is_some())).await;
    world.remove("acme-billing");
    let gone = async |w: &World| w.findings_of("acme-billing").await[0].state == FindingState::Removed;
    world.until("it is gone", gone).await;
    world.real_time(Duration::from_millis(1_100)).await;
    world.upload("acme-billing", "99.1", "eve");
    let known = async |w: &World| w.findings_of("acme-billing").await.iter().any(|f| f.facts.users == ["eve"]);
    world.until("who holds it is known", known).await;
    // What is not due yet is in no message of another.
    let is_due = async |w: &World| {
        let next = w.engine().store.read(|tx| tx.tellings().next_due(&Channel::Email)).await.expect("reads");
        next.is_none_or(|due| due <= w.clock.now())
    };
    world.until("it is due", is_due).await;
    world.mail.set_mood(SmtpMood::Accept);
    let mail = world.expect_mail("registered", "acme-billing").await;
    assert!(mail.subject.contains("pip would take acme-billing"), "{}", mail.subject);
    assert!(mail.text.contains("eve") && mail.text.contains("over"), "{}", mail.text);
    world.expect_silence(Duration::from_secs(3)).await;
    world.finish().await;
}

#[derive(Clone, Debug)]
enum Act {
    Register(usize),
    Release(usize),
    LookUp(usize),
    Remove(usize),
    Hide(usize),
    Return(usize),
    Claim(usize),
    Remind,
    Pass(u16),
    Take,
    Arrives(usize),
    Fails { which: usize, had: Had, whole: bool },
    Kill(bool),
}

/// What became of a message whose delivery failed.
#[derive(Clone, Copy, Debug)]
enum Had {
    Nobody,
    Lost,
    Arrived,
}

fn act() -> impl Strategy<Value = Act> {
    let name = 0..OWN.len();
    let had = prop_oneof![4 => Just(Had::Nobody), 1 => Just(Had::Lost), 1 => Just(Had::Arrived)];
    prop_oneof![
        4 => name.clone().prop_map(Act::Register),
        3 => name.clone().prop_map(Act::Release),
        2 => name.clone().prop_map(Act::LookUp),
        1 => name.clone().prop_map(Act::Remove),
        1 => name.clone().prop_map(Act::Hide),
        1 => name.clone().prop_map(Act::Return),
        1 => name.prop_map(Act::Claim),
        1 => Just(Act::Remind),
        4 => (1_u16..900).prop_map(Act::Pass),
        6 => Just(Act::Take),
        2 => (0_usize..4).prop_map(Act::Arrives),
        5 => (0_usize..4, had, any::<bool>()).prop_map(|(which, had, whole)| Act::Fails { which, had, whole }),
        1 => any::<bool>().prop_map(Act::Kill),
    ]
}

/// How a case stands, as a message shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Shown {
    over: bool,
    severity: u8,
    published: bool,
    to_win: bool,
}

/// An attempt: what it shows of each case, and the last event of each that was queued by then.
#[derive(Clone, Debug)]
struct Attempt {
    row: NoticeRow,
    shows: BTreeMap<FindingKey, (Shown, u32)>,
    /// Nobody can have had it before.
    first: bool,
}

struct Play {
    bench: Bench,
    versions: u32,
    under_way: Vec<Attempt>,
    /// Notices of which an attempt may have arrived.
    open: Vec<i64>,
    /// What the owner has: of each key the first, as a receiver drops repeats.
    has: Vec<Attempt>,
}

impl Play {
    async fn new() -> Self {
        Self { bench: bench().await, versions: 0, under_way: Vec::new(), open: Vec::new(), has: Vec::new() }
    }

    async fn act(&mut self, act: &Act) {
        match act {
            Act::Register(name) => self.happens(*name, Event::Created).await,
            Act::Release(name) => {
                self.versions += 1;
                let version = ["0.1", "99.0"][self.versions as usize % 2];
                self.happens(*name, release(&format!("{version}.{}", self.versions))).await;
            }
            Act::LookUp(name) => self.look_up(*name).await,
            Act::Remove(name) => self.happens(*name, Event::Removed).await,
            Act::Hide(name) => self.happens(*name, Event::Quarantined).await,
            Act::Return(name) => self.happens(*name, Event::QuarantineCleared).await,
            Act::Claim(name) => {
                let ours = held_by("acme-release-bot", self.bench.serial());
                self.bench.learn(OWN[*name], ours).await;
            }
            Act::Remind => {
                let (watchlist, now) = (self.bench.watchlist.clone(), self.bench.now);
                let remind =
                    self.bench.store.write(move |tx| cases::escalate(tx, &watchlist, TimeDelta::minutes(15), now));
                remind.await.expect("reminded");
            }
            Act::Pass(seconds) => self.bench.pass(TimeDelta::seconds(i64::from(*seconds))),
            Act::Take => self.take().await,
            Act::Arrives(which) => self.arrives(*which).await,
            Act::Fails { which, had, whole } => self.fails(*which, *had, *whole).await,
            Act::Kill(arrived) => self.kill(*arrived).await,
        }
        self.bench.pass(TimeDelta::seconds(1));
    }

    async fn happens(&mut self, name: usize, event: Event) {
        let stands = self.bench.findings(OWN[name]).await.iter().any(|case| case.state != FindingState::Removed);
        if stands != (event == Event::Created) {
            happens(&mut self.bench, OWN[name], event).await;
        }
    }

    /// PyPI's page says who holds it, and shows what the feeds have told.
    async fn look_up(&mut self, name: usize) {
        let Some(case) = self.bench.findings(OWN[name]).await.pop() else { return };
        let releases: Releases = case.facts.releases.clone();
        let facts = Facts { users: vec!["mallory".to_owned()], releases, ..Facts::default() };
        let page = cases::Learned::Facts { facts: Box::new(facts), serial: Some(self.bench.serial()) };
        self.bench.learn(OWN[name], page).await;
    }

    async fn shown(&self, key: &FindingKey) -> (Shown, FindingState) {
        let key = key.clone();
        let case = self.bench.store.read(move |tx| tx.findings().get(&key)).await.expect("reads").expect("a case");
        let versions = || case.facts.releases.iter().map(|release| release.version.as_str());
        let shown = Shown {
            over: case.state.is_over(),
            severity: case.severity().rank(),
            published: versions().next().is_some(),
            to_win: versions().any(|version| version.starts_with("99")),
        };
        (shown, case.state)
    }

    async fn last(&self, key: &FindingKey) -> u32 {
        let key = key.clone();
        let fates = self.bench.store.read(move |tx| tx.tellings().fates(&key)).await.expect("reads");
        fates.iter().map(|fate| fate.number).max().unwrap_or(0)
    }

    async fn take(&mut self) {
        for row in self.bench.take(&Channel::Email).await {
            let mut shows = BTreeMap::new();
            for event in events(&row) {
                shows.insert(
                    event.finding.clone(),
                    (self.shown(&event.finding).await.0, self.last(&event.finding).await),
                );
            }
            let first = !self.open.contains(&row.id);
            // Until it is said that it reached nobody; also where its lease ran out meanwhile.
            self.open.push(row.id);
            self.under_way.push(Attempt { row, shows, first });
        }
    }

    fn one(&mut self, which: usize) -> Option<Attempt> {
        let count = self.under_way.len();
        (count > 0).then(|| self.under_way.remove(which % count))
    }

    async fn arrives(&mut self, which: usize) {
        let Some(attempt) = self.one(which) else { return };
        self.bench.settle(&attempt.row, NoticeState::Delivered).await;
        self.received(attempt);
    }

    async fn fails(&mut self, which: usize, had: Had, whole: bool) {
        let Some(attempt) = self.one(which) else { return };
        let reached = if matches!(had, Had::Nobody) { Reached::Nobody } else { Reached::Perhaps };
        fails(&self.bench, &attempt.row, reached, whole).await;
        if reached == Reached::Nobody
            && let Some(at) = self.open.iter().position(|id| *id == attempt.row.id)
        {
            self.open.remove(at);
        }
        if matches!(had, Had::Arrived) {
            self.received(attempt);
        }
    }

    /// The process ends at everything that is under way, and another goes on.
    async fn kill(&mut self, arrived: bool) {
        self.bench.store.write(|tx| tx.notices().free_leases()).await.expect("freed");
        for attempt in std::mem::take(&mut self.under_way) {
            if arrived {
                self.received(attempt);
            }
        }
    }

    /// Nothing is said twice where the first message was surely the first.
    fn received(&mut self, attempt: Attempt) {
        if self.has.iter().any(|before| before.row.key == attempt.row.key) {
            return;
        }
        let news = |before: &Attempt| {
            let known =
                |event: &EventRef| before.shows.get(&event.finding).is_some_and(|(_, last)| event.number <= *last);
            !events(&attempt.row).iter().all(known)
        };
        for before in self.has.iter().filter(|before| before.first) {
            assert!(
                news(before),
                "{:?} {:?} after {:?} {:?}",
                attempt.row.event,
                attempt.shows,
                before.row.event,
                before.shows
            );
        }
        self.has.push(attempt);
    }

    /// Everything works again: the owner has all that is true.
    async fn end(&mut self) {
        self.kill(false).await;
        for _ in 0..60 {
            self.bench.pass(TimeDelta::minutes(1));
            self.take().await;
            while !self.under_way.is_empty() {
                self.arrives(0).await;
            }
        }
        for name in OWN {
            for case in self.bench.findings(name).await {
                let (is, state) = self.shown(&case.key).await;
                let told = self
                    .has
                    .iter()
                    .filter_map(|attempt| attempt.shows.get(&case.key))
                    .next_back()
                    .map(|(shown, _)| *shown);
                match told {
                    None => assert_eq!(state, FindingState::Ours, "nobody heard of {}", case.key),
                    Some(told) if is.over => assert!(told.over, "{} is over, told was {told:?}", case.key),
                    Some(told) => assert!(covers(told, is, name), "{} is {is:?}, told was {told:?}", case.key),
                }
            }
        }
    }
}

/// Is what was told no less than what is?
fn covers(told: Shown, is: Shown, name: &str) -> bool {
    // Where pip surely takes it, a higher version is no news.
    let to_win = told.to_win || !is.to_win || name == OWN[0];
    !told.over && told.severity >= is.severity && (told.published || !is.published) && to_win
}

fn events(row: &NoticeRow) -> &[EventRef] {
    match &row.body {
        NoticeBody::Cases { events } => events,
        _ => &[],
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, max_shrink_iters: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_last_that_is_true_arrives_and_nothing_twice(acts in prop::collection::vec(act(), 1..40)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let mut play = Play::new().await;
            for act in &acts {
                play.act(act).await;
            }
            play.end().await;
        });
    }
}
