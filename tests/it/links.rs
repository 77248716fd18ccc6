//! Links by which owners answer: whatever is not exactly what was signed, for whom, and of the case as it stood, does nothing;
//! and none lowers what got worse after it was made.

use chrono::TimeDelta;
use namewarden::cases::{
    self, Addressee, AnsweredCase, Grant, LinkAct, LinkAnswer, LinkKey, LinkedCase, Links, Spent, answer_by_link,
    look_by_link, opened, sealed,
};
use namewarden::config::Secret;
use namewarden::model::command::Decision;
use namewarden::model::notice::NoticeEvent;
use namewarden::model::timeline::Person;
use namewarden::model::{Actor, CaseRef, Channel, Event, Finding, FindingState, OwnerId, Tier};
use namewarden::store::Tx;
use proptest::prelude::*;

use crate::bench::{Bench, release};
use crate::world::INVENTORY;

pub(crate) const SECRET: &str = "a secret of forty letters, made for tests";

fn key(secret: &str) -> LinkKey {
    LinkKey::of(&Secret::new(secret)).expect("a key")
}

fn links(secret: &str) -> Links {
    Links::new(key(secret), "https://watch.acme.example".to_owned(), TimeDelta::days(3))
}

fn security() -> Addressee {
    Addressee { owner: OwnerId("security".into()), channel: Channel::Email }
}

impl Bench {
    async fn one(&self, name: &str) -> Finding {
        self.findings(name).await.pop().expect("a case")
    }

    /// The token of a message that goes out now.
    async fn linked(&self, name: &str, to: &Addressee) -> Option<String> {
        let link = links(SECRET).link(&self.one(name).await, to, &self.watchlist, self.now)?;
        link.expose().strip_prefix("https://watch.acme.example/answer/").map(str::to_owned)
    }

    async fn look(&self, token: &str, secret: &str) -> Result<LinkedCase, Spent> {
        let (watchlist, now, token, key) = (self.watchlist.clone(), self.now, token.to_owned(), key(secret));
        self.store.read(move |tx| look_by_link(tx, &watchlist, (&key, &token), now)).await.expect("reads")
    }

    async fn answer(&self, token: &str, answer: LinkAnswer) -> Result<AnsweredCase, Spent> {
        let (watchlist, now, token, key) = (self.watchlist.clone(), self.now, token.to_owned(), key(SECRET));
        let write = move |tx: &Tx<'_>| answer_by_link(tx, &watchlist, (&key, &token), &answer, now);
        self.store.write(write).await.expect("writes")
    }

    async fn decide(&self, decision: Decision) {
        let who = Person { actor: Actor::default(), declared: "ada".to_owned() };
        let (ruling, now) = (cases::Ruling { decision, who, note: None }, self.now);
        let case = CaseRef("acme-billing".to_owned());
        let judge = move |tx: &Tx<'_>| cases::judge_each(tx, std::slice::from_ref(&case), &ruling, now).map(drop);
        self.store.write(judge).await.expect("judged");
    }

    async fn happens(&mut self, event: Event) {
        self.pass(TimeDelta::minutes(1));
        let seen = vec![self.told("acme-billing", event)];
        self.apply(seen).await;
        self.pass(TimeDelta::minutes(1));
    }
}

/// A page that was told, and the token of its mail.
pub(crate) async fn page() -> (Bench, String) {
    let mut bench = Bench::new(&[]).await;
    bench.deliver().await;
    bench.happens(Event::Created).await;
    assert_eq!(bench.deliver().await.len(), 1);
    let token = bench.linked("acme-billing", &security()).await.expect("a link");
    (bench, token)
}

/// The token of a button on its page.
pub(crate) async fn button(bench: &Bench, token: &str, act: LinkAct) -> String {
    bench.look(token, SECRET).await.expect("good").token(act, &key(SECRET))
}

fn harmless() -> LinkAnswer {
    LinkAnswer::Harmless("a fork of our own".to_owned())
}

fn nap() -> LinkAnswer {
    LinkAnswer::Snooze(TimeDelta::hours(8))
}

#[tokio::test]
async fn whatever_is_not_what_was_signed_is_none_of_ours() {
    let (bench, token) = page().await;
    assert!(token.len() < 100 && token.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b)));
    let seen = bench.look(&token, SECRET).await.expect("good");
    assert_eq!((seen.finding.project().as_str(), &seen.to), ("acme-billing", &security()));
    for at in 0..token.len() {
        for bit in 0..7 {
            let mut bytes = token.clone().into_bytes();
            bytes[at] ^= 1 << bit;
            let Ok(other) = String::from_utf8(bytes) else { continue };
            assert_eq!(bench.look(&other, SECRET).await.err(), Some(Spent::Forged), "bit {bit} of letter {at}");
        }
    }
    let pieces =
        ["", "A", &token[1..], &token[..token.len() - 1], &format!("{token}A"), &format!("{token}="), &token.repeat(2)];
    for piece in pieces {
        assert_eq!(bench.look(piece, SECRET).await.err(), Some(Spent::Forged), "{piece:?}");
    }
    let other = "the key was changed, and links of before end";
    assert_eq!(bench.look(&token, other).await.err(), Some(Spent::Forged), "another key");
    assert!(LinkKey::of(&Secret::new(" ")).is_none(), "nothing signs nothing");
    assert!(!format!("{:?}{:?}", key(SECRET), links(SECRET)).contains("forty"), "a key does not print");
}

#[tokio::test]
async fn a_token_is_good_for_its_own_act_alone() {
    let (bench, token) = page().await;
    let all = [LinkAnswer::Acknowledge, nap(), harmless()];
    for answer in all.clone() {
        assert_eq!(bench.answer(&token, answer).await.err(), Some(Spent::Forged), "that of a mail opens a page");
    }
    for (at, act) in [LinkAct::Acknowledge, LinkAct::Snooze, LinkAct::Harmless].into_iter().enumerate() {
        let button = button(&bench, &token, act).await;
        assert_eq!(bench.look(&button, SECRET).await.err(), Some(Spent::Forged));
        for (other, answer) in all.iter().enumerate().filter(|(other, _)| *other != at) {
            assert_eq!(bench.answer(&button, answer.clone()).await.err(), Some(Spent::Forged), "{act:?} as {other}");
        }
    }
    assert_eq!(bench.states("acme-billing").await, [FindingState::Open]);
}

/// What no stranger can make, since it takes the key: each field on its own.
#[tokio::test]
async fn a_link_is_bound_to_case_edition_addressee_and_time() {
    let (mut bench, token) = page().await;
    let created = vec![bench.told("acme-ledger", Event::Created)];
    bench.apply(created).await;
    let (grant, other) = (opened(&token, &key(SECRET)).expect("ours"), bench.one("acme-ledger").await);
    let changed = [
        (Grant { case: other.id.expect("a number"), ..grant }, Spent::Revoked),
        (Grant { case: namewarden::model::CaseId(7_000), ..grant }, Spent::Revoked),
        (Grant { edition: grant.edition + 1, ..grant }, Spent::Outdated),
        (Grant { edition: grant.edition - 1, ..grant }, Spent::Outdated),
        (Grant { addressee: [7; 16], ..grant }, Spent::Revoked),
        (Grant { ends: bench.now.timestamp(), ..grant }, Spent::Expired),
    ];
    for (grant, spent) in changed {
        assert_eq!(bench.look(&sealed(&grant, &key(SECRET)), SECRET).await.err(), Some(spent), "{grant:?}");
    }
    let strangers = [
        Addressee { owner: OwnerId("nobody".into()), channel: Channel::Email },
        Addressee { owner: OwnerId("security".into()), channel: Channel::Slack("other".into()) },
    ];
    for stranger in strangers {
        let theirs = bench.linked("acme-billing", &stranger).await.expect("a link");
        assert_eq!(bench.look(&theirs, SECRET).await.err(), Some(Spent::Revoked), "{stranger:?}");
    }
    let kept = Addressee { owner: OwnerId("security".into()), channel: Channel::Console };
    assert_eq!(bench.linked("acme-billing", &kept).await, None, "a log keeps what it is given");
    bench.pass(TimeDelta::days(3));
    assert_eq!(bench.look(&token, SECRET).await.err(), Some(Spent::Expired));
}

#[tokio::test]
async fn whoever_leaves_the_inventory_takes_no_link_along() {
    let (mut bench, token) = page().await;
    bench.follow(&INVENTORY.replace("security@acme.example", "others@acme.example")).await;
    assert_eq!(bench.look(&token, SECRET).await.err(), Some(Spent::Revoked), "another address");
    bench.follow(INVENTORY).await;
    assert!(bench.look(&token, SECRET).await.is_ok());
}

#[tokio::test]
async fn what_got_worse_was_opened_again_or_is_closed_is_answered_by_no_link_of_before() {
    let (mut bench, token) = page().await;
    let acknowledge = button(&bench, &token, LinkAct::Acknowledge).await;
    bench.answer(&acknowledge, LinkAnswer::Acknowledge).await.expect("answered");
    bench.happens(release("99.0")).await;
    assert_eq!(bench.states("acme-billing").await, [FindingState::Open], "at a higher tier, or to be taken");
    assert_eq!(bench.answer(&acknowledge, LinkAnswer::Acknowledge).await.err(), Some(Spent::Outdated));
    let token = bench.linked("acme-billing", &security()).await.expect("a link");
    let harmless_now = button(&bench, &token, LinkAct::Harmless).await;
    bench.decide(Decision::Acknowledge).await;
    bench.decide(Decision::Reopen).await;
    assert_eq!(bench.answer(&harmless_now, harmless()).await.err(), Some(Spent::Outdated), "a person opened it again");
    let token = bench.linked("acme-billing", &security()).await.expect("a link");
    let acknowledge = button(&bench, &token, LinkAct::Acknowledge).await;
    bench.decide(Decision::Suppress).await;
    let closed = Some(Spent::Closed(FindingState::Suppressed));
    assert_eq!(bench.look(&token, SECRET).await.err(), closed);
    assert_eq!(bench.answer(&acknowledge, LinkAnswer::Acknowledge).await.err(), closed);
    assert_eq!(bench.linked("acme-billing", &security()).await, None, "nobody has to answer");
}

#[tokio::test]
async fn each_answer_is_given_once_however_often_it_is_sent() {
    for (act, answer, state) in [
        (LinkAct::Acknowledge, LinkAnswer::Acknowledge, FindingState::Acknowledged),
        (LinkAct::Snooze, nap(), FindingState::Open),
        (LinkAct::Harmless, harmless(), FindingState::Resolved),
    ] {
        let (mut bench, token) = page().await;
        let button = button(&bench, &token, act).await;
        let first = bench.answer(&button, answer.clone()).await.expect("answered");
        assert!(first.case.changed && first.case.state == state);
        assert_eq!(first.actor.to_string(), "a link to security by email");
        let lines = bench.lines().await;
        bench.pass(TimeDelta::hours(1));
        let again = bench.answer(&button, answer).await.expect("the same");
        assert!(
            !again.case.changed && again.case.state == state && again.case.snoozed_until == first.case.snoozed_until
        );
        assert_eq!(bench.lines().await, lines, "{act:?}");
    }
}

impl Bench {
    async fn lines(&self) -> usize {
        let key = self.one("acme-billing").await.key;
        self.store.read(move |tx| tx.findings().timeline(&key, 1000)).await.expect("reads").len()
    }
}

#[tokio::test]
async fn what_is_called_harmless_is_told_to_everybody_and_lapses_when_it_gets_worse() {
    let (mut bench, token) = page().await;
    let button = button(&bench, &token, LinkAct::Harmless).await;
    bench.answer(&button, harmless()).await.expect("answered");
    let told: Vec<_> = bench.deliver().await.iter().map(|row| (row.event, row.tier)).collect();
    assert_eq!(told, [(NoticeEvent::Answered, Tier::Digest)]);
    assert_eq!(bench.one("acme-billing").await.note.as_deref(), Some("harmless: a fork of our own"));
    bench.happens(release("99.0")).await;
    assert_eq!(bench.states("acme-billing").await, [FindingState::Open]);
    let told: Vec<_> = bench.deliver().await.iter().map(|row| (row.event, row.tier)).collect();
    assert_eq!(told, [(NoticeEvent::Worsened, Tier::Page)]);
}

/// A first release makes no look-alike more urgent, and there was nothing to install when somebody called it harmless.
#[tokio::test]
async fn what_was_called_harmless_while_it_was_empty_is_open_with_its_first_release() {
    let mut bench = Bench::new(&[]).await;
    bench.deliver().await;
    let created = vec![bench.told("acme-biling", Event::Created)];
    bench.apply(created).await;
    bench.deliver().await;
    let token = bench.linked("acme-biling", &security()).await.expect("a link");
    let button = button(&bench, &token, LinkAct::Harmless).await;
    bench.answer(&button, harmless()).await.expect("answered");
    bench.deliver().await;
    bench.pass(TimeDelta::hours(1));
    let released = vec![bench.told("acme-biling", release("0.1"))];
    bench.apply(released).await;
    assert_eq!(bench.states("acme-biling").await, [FindingState::Open]);
    bench.pass(TimeDelta::minutes(20));
    let told: Vec<_> = bench.deliver().await.iter().map(|row| row.event).collect();
    assert_eq!(told, [NoticeEvent::Worsened]);
}

/// What may happen between a message and its answer.
#[derive(Clone, Debug)]
enum Act {
    Mail,
    Answer(usize, u8),
    Decide(u8),
    Release(u8),
    Gone,
    Back,
    Wait(u8),
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        3 => Just(Act::Mail),
        5 => (0..20_usize, 0..3_u8).prop_map(|(which, how)| Act::Answer(which, how)),
        2 => (0..4_u8).prop_map(Act::Decide),
        3 => (0..3_u8).prop_map(Act::Release),
        1 => Just(Act::Gone),
        1 => Just(Act::Back),
        1 => (1..40_u8).prop_map(Act::Wait),
    ]
}

/// Tokens of buttons, and for how much longer each may do anything, by what can be seen of the case alone.
#[derive(Default)]
struct Watched {
    buttons: Vec<(Vec<String>, bool)>,
}

impl Watched {
    /// It got worse or is open again: whatever was made before is dead.
    fn saw(&mut self, before: &Finding, after: &Finding) {
        let worse = after.severity() > before.severity();
        let reopened = after.state == FindingState::Open && before.state != FindingState::Open;
        if worse || reopened {
            self.buttons.iter_mut().for_each(|(_, alive)| *alive = false);
            assert_eq!(after.snoozed_until, None, "nobody sleeps over what got worse");
        }
    }
}

async fn played(acts: Vec<Act>) {
    let (mut bench, _) = page().await;
    let mut watched = Watched::default();
    for act in acts {
        let before = bench.one("acme-billing").await;
        match act {
            Act::Mail => mail(&bench, &mut watched).await,
            Act::Answer(which, how) => answer(&bench, &mut watched, which, how).await,
            Act::Decide(what) => {
                let all = [Decision::Acknowledge, Decision::Resolve, Decision::Suppress, Decision::Reopen];
                bench.decide(all[usize::from(what)]).await;
            }
            Act::Release(version) => bench.happens(release(["0.1", "5.0", "99.0"][usize::from(version)])).await,
            Act::Gone => bench.happens(Event::Removed).await,
            Act::Back => bench.happens(Event::Relisted).await,
            Act::Wait(hours) => bench.pass(TimeDelta::hours(i64::from(hours))),
        }
        let after = bench.one("acme-billing").await;
        watched.saw(&before, &after);
        bench.deliver().await;
    }
}

async fn mail(bench: &Bench, watched: &mut Watched) {
    let Some(token) = bench.linked("acme-billing", &security()).await else { return };
    let mut buttons = Vec::new();
    for act in [LinkAct::Acknowledge, LinkAct::Snooze, LinkAct::Harmless] {
        buttons.push(button(bench, &token, act).await);
    }
    watched.buttons.push((buttons, true));
}

async fn answer(bench: &Bench, watched: &mut Watched, which: usize, how: u8) {
    let count = watched.buttons.len();
    let Some((buttons, alive)) = watched.buttons.get(which % count.max(1)) else { return };
    let answer = [LinkAnswer::Acknowledge, nap(), harmless()][usize::from(how)].clone();
    let before = bench.one("acme-billing").await;
    let came = bench.answer(&buttons[usize::from(how)], answer).await;
    let after = bench.one("acme-billing").await;
    if !alive || came.is_err() {
        assert!(came.is_err(), "a link from before it got worse is good: {came:?}");
        assert_eq!(after, before, "and it changed something");
    }
    assert!(after.severity() == before.severity(), "no answer changes how bad it is");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_link_lowers_what_got_worse_after_it_was_made(acts in prop::collection::vec(act(), 1..14)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(played(acts));
    }
}
