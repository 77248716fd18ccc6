//! A failpoint at every durable step: the process dies there, another one takes over, and nothing is lost.

use std::collections::BTreeSet;
use std::time::Duration;

use namewarden::daemon::index::{CURSOR, LastApplied};
use namewarden::failpoint::Crash;
use namewarden::model::notice::NoticeEvent;
use namewarden::model::{Finding, FindingState, Registry, Serial, Time};
use namewarden::sim::sink::{HttpSink, SmtpSink};
use namewarden::sim::{Loader, Options, Order, Sim};
use namewarden::store::{NoticeRow, Store};

use super::letter::{Letter, Ring};
use super::place::{Place, Plan, findings_of};
use super::program::Program;
use super::wait_for;

/// The internal name that a stranger registers.
pub(crate) const TARGET: &str = "acme-billing";
/// An internal name that stands on PyPI before the watch begins, below our version of it.
const STANDS: &str = "requests";
const PATIENCE: Duration = Duration::from_secs(40);

/// Which channels the owner has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reach {
    Mail,
    Hook,
    Both,
}

/// Where the daemon learns of the registration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Source {
    AnyFeed,
    /// A project without a release, and no changelog: only the index has it.
    Index,
}

/// A small PyPI, the servers the alerts go to, and a place for the daemon.
pub(crate) struct Stage {
    pub(crate) sim: Sim,
    mail: SmtpSink,
    hook: HttpSink,
    pub(crate) place: Place,
    reach: Reach,
}

impl Stage {
    /// `smtp_port` stands between the daemon and the mail server, where a test puts something there.
    pub(crate) async fn set(reach: Reach, feeds: &str, relay: Option<u16>, mail: SmtpSink) -> Self {
        let mut loader = Loader::sample();
        loader.leave_out([TARGET]);
        let options = Options { xmlrpc_quota: 1_000_000, ..Options::default() };
        let sim = Sim::start(loader.world(Order::default()), options).await.expect("a free port");
        let hook = HttpSink::start(0).await.expect("a free port");
        let smtp_port = relay.unwrap_or(mail.address().port());
        let inventory = inventory(reach);
        let plan = Plan { pypi: sim.base_url(), smtp_port, hook: &hook.base_url(), feeds, inventory: &inventory };
        let place = Place::new(&plan);
        Self { sim, mail, hook, place, reach }
    }

    pub(crate) fn start(&self, crash_at: Option<&str>) -> Program {
        Program::start(&self.place.config(), crash_at)
    }

    pub(crate) fn mails(&self) -> Vec<Letter> {
        self.mail.mails().iter().map(Letter::of).collect()
    }

    pub(crate) fn rings(&self) -> Vec<Ring> {
        self.hook.posts().iter().map(Ring::of).collect()
    }

    /// The keys under which the target was told, one for each time; mails first.
    fn told(&self) -> (Vec<String>, Vec<String>) {
        let mails = self.mails().into_iter().filter(|mail| mail.names(TARGET)).map(|mail| mail.message_id);
        let rings = self.rings().into_iter().filter(|ring| ring.names(TARGET)).map(|ring| ring.id);
        (mails.collect(), rings.collect())
    }

    /// Runs a daemon until the greeting has arrived, so that what comes later is about what happens later.
    pub(crate) async fn baseline(&self) {
        let daemon = self.start(None);
        self.greeted().await;
        daemon.stop().await;
    }

    async fn greeted(&self) {
        wait_for("the greeting", PATIENCE, || {
            let mailed = self.mails().iter().any(|mail| mail.event == "startup") || self.reach == Reach::Hook;
            let rung = self.rings().iter().any(|ring| ring.kind == "watch.startup") || self.reach == Reach::Mail;
            (mailed && rung).then_some(())
        })
        .await;
    }

    /// Waits until PyPI was asked so many times more: by then whatever was due at the start has been sent.
    async fn polled(&self, times: usize) {
        let before = self.sim.log().requests().len();
        wait_for("a poll", PATIENCE, || (self.sim.log().requests().len() >= before + times).then_some(())).await;
    }

    /// The target's alert on every channel of its owner.
    pub(crate) async fn alerted(&self) {
        wait_for("the alert", PATIENCE, || {
            let (mails, rings) = self.told();
            let mailed = !mails.is_empty() || self.reach == Reach::Hook;
            (mailed && (!rings.is_empty() || self.reach == Reach::Mail)).then_some(())
        })
        .await;
    }
}

/// The target and a name that stands already, both of one owner.
fn inventory(reach: Reach) -> String {
    let mail = if reach == Reach::Hook { "" } else { "email = [\"payments@example.org\"]\n" };
    let hook = if reach == Reach::Mail { "" } else { "webhook = [\"soc\"]\n" };
    format!(
        "[owners.security]\n{mail}{hook}names = [\"{TARGET}==4.12.0\", \"{STANDS}==9999.0\", \"acme-ledger==1.8.3\"]\n"
    )
}

/// What a dead process left behind.
struct Remains {
    finding: Option<Finding>,
    /// Notices about the target, with their states.
    notices: Vec<(NoticeRow, String)>,
    /// What is to be told of it, and is carried by no notice yet.
    queued: usize,
    index: Option<LastApplied>,
}

async fn remains(store: &Store) -> Remains {
    let finding = findings_of(store, TARGET).await.pop();
    let read = store.read(|tx| {
        Ok((tx.notices().recent(Time::default())?, tx.cursors_of(Registry::Pypi).get::<LastApplied>(CURSOR)?))
    });
    let (notices, index) = read.await.expect("reads");
    let about = notices.into_iter().filter(|(notice, _)| notice.event == NoticeEvent::Registered).collect();
    let queued = match &finding {
        Some(Finding { key, .. }) => {
            let key = key.clone();
            store.read(move |tx| tx.tellings().waiting_of(&key)).await.expect("reads").len()
        }
        None => 0,
    };
    Remains { finding, notices: about, queued, index }
}

/// Baseline, registration, death at `step`, a look at what is left, resurrection, and a look at the end.
async fn dies_at(step: &str, reach: Reach, source: Source, left: impl Fn(&Stage, &Remains)) -> Stage {
    let feeds = match source {
        Source::AnyFeed => "changelog_every = \"300ms\"\nrss_every = \"300ms\"",
        Source::Index => "changelog = \"off\"\nrss_every = \"1h\"\nindex_every = \"1s\"",
    };
    let stage = Stage::set(reach, feeds, None, SmtpSink::start(0).await.expect("a free port")).await;
    stage.baseline().await;
    match source {
        Source::AnyFeed => stage.sim.world().upload(TARGET, "9.0.0", "", "mallory", Sim::now()),
        Source::Index => stage.sim.world().create(TARGET, "mallory", Sim::now()),
    }
    .expect("the name is free");
    stage.start(Some(step)).aborts(step).await;
    let store = stage.place.store();
    left(&stage, &remains(&store).await);
    drop(store);
    let daemon = stage.start(None);
    stage.polled(6).await;
    stage.alerted().await;
    daemon.stop().await;
    nothing_is_lost(&stage).await;
    stage
}

/// One finding, opened once; every notice delivered; one key per message, however often it came.
async fn nothing_is_lost(stage: &Stage) {
    let store = stage.place.store();
    let findings = findings_of(&store, TARGET).await;
    assert_eq!(findings.len(), 1, "one registration, one finding: {findings:?}");
    assert_eq!(findings[0].state, FindingState::Open);
    let key = findings[0].key.clone();
    let timeline = store.read(move |tx| tx.findings().timeline(&key, 1000)).await.expect("reads");
    assert_eq!(timeline.iter().filter(|line| line.event.kind() == "opened").count(), 1, "{timeline:?}");
    let notices = remains(&store).await.notices;
    assert!(notices.iter().all(|(_, state)| state == "delivered"), "{notices:?}");
    let (mails, rings) = stage.told();
    for ids in [mails, rings] {
        let keys: BTreeSet<String> = ids.iter().cloned().collect();
        assert!(keys.len() <= 1, "a repeat carries the key of what it repeats: {ids:?}");
    }
}

/// The program itself lists its steps when it is given none of them.
#[test]
fn no_step_is_left_out() {
    let listed = "?".parse::<Crash>().expect_err("no step");
    let (_, steps) = listed.split_once("one of ").expect("a list");
    assert!(steps.contains(", "), "{steps}");
    for step in steps.split(", ") {
        let killed = [format!("dies_at(\"{step}\", "), format!("start(Some(\"{step}\"))")];
        let here = include_str!("steps.rs");
        // Those of claims and of the gate, of which some come several times: `"claim-told:2"`.
        let claimed = [format!("\"{step}\""), format!("\"{step}:1\""), format!("\"{step}:2\"")];
        let there = concat!(
            include_str!("../claims/kills.rs"),
            include_str!("../gate/kills.rs"),
            include_str!("../../program/verbs/claims.rs")
        );
        let dies = killed.iter().any(|call| here.contains(call)) || claimed.iter().any(|named| there.contains(named));
        assert!(dies, "no test kills the daemon, the gate or the uploader at {step}");
    }
}

fn untold(stage: &Stage) {
    assert_eq!(stage.told(), (Vec::new(), Vec::new()), "nothing was sent before the process died");
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_after_a_body_was_fetched() {
    let stage = dies_at("fetched", Reach::Both, Source::AnyFeed, |stage, remains| {
        assert!(remains.finding.is_none() && remains.notices.is_empty(), "nothing of it was stored");
        untold(stage);
    });
    let (mails, rings) = stage.await.told();
    assert_eq!((mails.len(), rings.len()), (1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_after_the_batch_was_committed() {
    let stage = dies_at("committed", Reach::Both, Source::AnyFeed, |stage, remains| {
        assert!(remains.finding.is_some(), "the case is durable before anybody acts on it");
        assert_eq!(remains.queued, 2, "and with it what is to be told, for each channel");
        untold(stage);
    });
    let (mails, rings) = stage.await.told();
    assert_eq!((mails.len(), rings.len()), (1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_after_a_look_up_was_stored() {
    let stage = dies_at("learned", Reach::Both, Source::AnyFeed, |_, remains| {
        let users = remains.finding.as_ref().map(|finding| finding.facts.users.clone());
        assert_eq!(users, Some(vec!["mallory".to_owned()]));
    });
    stage.await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_after_an_index_pass_and_its_etag_were_stored() {
    let stage = dies_at("etag-stored", Reach::Both, Source::Index, |stage, remains| {
        assert!(remains.finding.is_some());
        let applied = remains.index.as_ref().expect("a pass");
        assert_eq!(applied.serial, stage.sim.world().last_serial());
        assert!(applied.etag.is_some(), "the next look is conditional, so only the store still knows the news");
    });
    stage.await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_with_a_mail_leased() {
    leased(Reach::Mail).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_with_a_post_leased() {
    leased(Reach::Hook).await;
}

async fn leased(reach: Reach) {
    let stage = dies_at("leased", reach, Source::AnyFeed, |stage, remains| {
        let attempts: Vec<u32> = remains.notices.iter().map(|(notice, _)| notice.attempts).collect();
        assert_eq!(attempts, [1], "it was leased, and nothing more");
        untold(stage);
    });
    let (mails, rings) = stage.await.told();
    assert_eq!(mails.len() + rings.len(), 1, "a lease of a dead process ends with it");
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_after_smtp_accepted_the_repeat_carries_the_same_message_id() {
    let stage = accepted(Reach::Mail).await;
    let (mails, _) = stage.told();
    assert_eq!(mails.len(), 2, "the first was accepted and not marked, so there is a repeat: {mails:?}");
    assert_eq!(mails[0], mails[1], "the receiver can drop it");
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_after_the_webhook_accepted_the_repeat_carries_the_same_id() {
    let stage = accepted(Reach::Hook).await;
    let (_, rings) = stage.told();
    assert_eq!(rings.len(), 2, "the first was accepted and not marked, so there is a repeat: {rings:?}");
    assert_eq!(rings[0], rings[1], "the receiver can drop it");
}

async fn accepted(reach: Reach) -> Stage {
    dies_at("accepted", reach, Source::AnyFeed, |stage, remains| {
        assert!(remains.notices.iter().all(|(_, state)| state == "due"), "{:?}", remains.notices);
        let (mails, rings) = stage.told();
        assert_eq!(mails.len() + rings.len(), 1, "the receiver has it");
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_after_the_mark_there_is_no_repeat() {
    for reach in [Reach::Mail, Reach::Hook] {
        let stage = dies_at("marked", reach, Source::AnyFeed, |_, remains| {
            assert!(remains.notices.iter().all(|(_, state)| state == "delivered"), "{:?}", remains.notices);
        });
        let (mails, rings) = stage.await.told();
        assert_eq!(mails.len() + rings.len(), 1, "what was marked is not sent again");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_baseline_killed_half_way_restarts_whole_and_alerts_nothing() {
    let feeds = "changelog_every = \"300ms\"\nrss_every = \"300ms\"";
    let mail = SmtpSink::start(0).await.expect("a free port");
    let stage = Stage::set(Reach::Both, feeds, None, mail).await;
    stage.start(Some("baseline-half")).aborts("baseline-half").await;
    let store = stage.place.store();
    let left = store.read(|tx| Ok((tx.projects().count()?, tx.findings().list(&Default::default())?.len())));
    assert_eq!(left.await.expect("reads"), (0, 0), "half a baseline is none");
    assert!(remains(&store).await.index.is_none());
    drop(store);
    let daemon = stage.start(None);
    stage.greeted().await;
    stage.polled(6).await;
    daemon.stop().await;
    whole_and_quiet(&stage).await;
}

/// Every project is known, what stood is recorded as such, and the greeting is all that was sent.
async fn whole_and_quiet(stage: &Stage) {
    let store = stage.place.store();
    let known = store.read(|tx| tx.projects().count()).await.expect("reads");
    assert_eq!(known, stage.sim.world().len() as u64);
    assert_eq!(findings_of(&store, STANDS).await[0].state, FindingState::PreExisting);
    let floor: Option<Serial> = store.read(|tx| tx.cursors_of(Registry::Pypi).get("changelog")).await.expect("reads");
    assert_eq!(floor, Some(stage.sim.world().last_serial()));
    let mails: Vec<String> = stage.mails().into_iter().map(|mail| mail.event).collect();
    let rings: Vec<String> = stage.rings().into_iter().map(|ring| ring.kind).collect();
    assert_eq!((mails, rings), (vec!["startup".to_owned()], vec!["watch.startup".to_owned()]));
}
