//! Our own upload never alarms its owner, and a stranger who takes the name between always does: in every order of what the
//! uploader tells, the feeds tell, pages show late, and a stranger does.

use chrono::TimeDelta;
use proptest::prelude::*;

use super::world::{World, ada, bob, name};
use crate::cases::{self, Batch, Learned};
use crate::claims::setback;
use crate::model::claim::{ClaimEvent, ClaimKey, ClaimState, Seal, Terms, Work};
use crate::model::{Channel, Event, Exposure, Facts, Feed, FindingState, Releases, Serial, Sighting, Time};
use crate::registry::pypi::upload::look::{Sight, Stand};
use crate::registry::pypi::upload::{Refused, UploadReply};

const NAME: &str = "acme-billing";

/// Something that happens, where it can.
#[derive(Clone, Copy, Debug)]
enum Act {
    Begin,
    /// Our form reaches PyPI, and its answer the uploader.
    Lands,
    /// The uploader tells the daemon.
    Tells,
    /// It dies before it does, and another asks for work.
    Dies,
    Stranger,
    Changelog,
    Rss,
    /// A look-up, and whether PyPI shows the page by now.
    LookUp {
        late: bool,
    },
    Look {
        late: bool,
    },
    Seconds(i64),
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        3 => Just(Act::Begin),
        4 => Just(Act::Lands),
        3 => Just(Act::Tells),
        1 => Just(Act::Dies),
        1 => Just(Act::Stranger),
        4 => Just(Act::Changelog),
        2 => Just(Act::Rss),
        4 => any::<bool>().prop_map(|late| Act::LookUp { late }),
        2 => any::<bool>().prop_map(|late| Act::Look { late }),
        3 => (1..200_i64).prop_map(Act::Seconds),
    ]
}

/// What is true of the name at PyPI.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Held {
    ours: bool,
    at: Time,
}

struct Trial {
    world: World,
    held: Option<Held>,
    key: ClaimKey,
    seal: Option<Seal>,
    /// Sent, and not told.
    answer: Option<Vec<ClaimEvent>>,
    serial: u64,
    /// What the changelog has told of; it tells everything once.
    journal: Option<Held>,
}

impl Trial {
    async fn new() -> Self {
        let names = [NAME.to_owned()];
        let world = World::new(&names, Terms::default()).await;
        world.propose(&names, &ada()).await;
        world.approve(&names, &bob()).await;
        world.apply(&ada()).await;
        let key = ClaimKey { name: name(NAME), number: 1 };
        Self { world, held: None, key, seal: None, answer: None, serial: 100, journal: None }
    }

    async fn state(&self) -> ClaimState {
        self.world.state(NAME).await
    }

    async fn tell(&self, told: ClaimEvent) -> bool {
        let key = self.key.clone();
        self.world.write(move |desk, tx| desk.report(tx, &key, &told)).await.is_ok()
    }

    /// The uploader asks, and begins what it is given.
    async fn begin(&mut self) {
        if self.state().await == ClaimState::Uploading {
            return;
        }
        for _ in 0..2 {
            match self.world.write(|desk, tx| desk.work(tx)).await {
                Work::Rehearse { key, .. } => {
                    self.tell(ClaimEvent::Rehearsed { seal: super::world::seal(&key) }).await;
                }
                Work::Upload { seal, .. } => {
                    if self.tell(ClaimEvent::Begin { seal: seal.clone() }).await {
                        self.seal = Some(seal);
                    }
                    return;
                }
                Work::Rest { .. } => return,
            }
        }
    }

    async fn lands(&mut self) {
        let (Some(seal), ClaimState::Uploading) = (self.seal.take(), self.state().await) else { return };
        let ours = self.held.get_or_insert(Held { ours: true, at: self.world.now }).ours;
        let refused = UploadReply::Refused { why: Refused::NotOurs, said: "403 no".to_owned() };
        self.answer = Some(match ours {
            true => seal.files.into_iter().map(|file| ClaimEvent::Accepted { filename: file.filename }).collect(),
            false => vec![ClaimEvent::SetBack { setback: setback(&refused).expect("a refusal"), wait: None }],
        });
    }

    fn sighting(&mut self, feed: Feed, event: Event) -> Sighting {
        self.serial += 1;
        Sighting {
            name: name(NAME),
            display: NAME.to_owned(),
            event,
            feed,
            serial: (feed == Feed::Changelog).then_some(Serial(self.serial)),
            at: self.held.map(|held| held.at),
            summary: None,
            unreadable: None,
        }
    }

    async fn feed(&mut self, feed: Feed) {
        let Some(held) = self.held else { return };
        let holder = if held.ours { "acme-bot" } else { "mallory" };
        let mut events = vec![Event::Created];
        if feed == Feed::Changelog {
            if self.journal.replace(held) == Some(held) {
                return;
            }
            events.push(Event::RolesChanged { action: format!("add Owner {holder}") });
            events.push(Event::Released { version: "0.0.1".to_owned() });
        }
        let sightings = events.into_iter().map(|event| self.sighting(feed, event)).collect();
        let batch = Batch { sightings, ..Batch::default() };
        self.world.write(move |desk, tx| cases::apply(tx, &desk.watchlist, &batch, desk.now)).await;
    }

    async fn look_up(&self, late: bool) {
        let held = self.held.filter(|_| !late);
        let learned = match held {
            None => Learned::Trouble {
                reason: "PyPI says it does not exist".to_owned(),
                releases: Box::new(Releases::default()),
                uploaded: None,
                serial: None,
                wait: None,
            },
            Some(held) => {
                let user = if held.ours { "acme-bot" } else { "mallory" };
                let facts = Facts { users: vec![user.to_owned()], first_upload: Some(held.at), ..Facts::default() };
                Learned::Facts { facts: Box::new(facts), serial: Some(Serial(self.serial)) }
            }
        };
        let project = name(NAME);
        self.world
            .write(move |desk, tx| {
                for finding in tx.findings().of_project(&project)? {
                    cases::apply_facts(tx, &desk.watchlist, &finding.key, &learned, desk.now)?;
                }
                Ok(())
            })
            .await;
    }

    async fn look(&self, late: bool) {
        let stand = match self.held.filter(|_| !late) {
            None => Stand::Nothing,
            Some(Held { ours: true, .. }) => Stand::OursWithTheseFiles,
            Some(_) => Stand::SomebodyElses { holders: vec!["mallory".to_owned()] },
        };
        let sight = Sight { stand, described: None };
        self.world
            .write(move |desk, tx| {
                for claim in desk.to_look_at(tx)? {
                    desk.looked(tx, &claim, &sight)?;
                }
                Ok(())
            })
            .await;
    }

    async fn does(&mut self, act: Act) {
        match act {
            Act::Begin => self.begin().await,
            Act::Lands => self.lands().await,
            Act::Tells => {
                for told in self.answer.take().unwrap_or_default() {
                    self.tell(told).await;
                }
            }
            Act::Dies => {
                (self.seal, self.answer) = (None, None);
                self.world.write(|desk, tx| desk.work(tx)).await;
            }
            Act::Stranger => {
                self.held.get_or_insert(Held { ours: false, at: self.world.now });
            }
            Act::Changelog => self.feed(Feed::Changelog).await,
            Act::Rss => self.feed(Feed::Rss).await,
            Act::LookUp { late } => self.look_up(late).await,
            Act::Look { late } => self.look(late).await,
            Act::Seconds(seconds) => self.world.pass(TimeDelta::seconds(seconds)).await,
        }
    }

    /// Is something about it due to be told, or was it?
    async fn alarms(&self) -> bool {
        self.world
            .write(|desk, tx| Ok(tx.tellings().next_due(&Channel::Email)?.is_some_and(|due| due <= desk.now)))
            .await
    }

    /// Is it known to be ours, or may it still become so? Of what nobody learns anything in a quarter of an hour people hear.
    async fn is_fresh(&self) -> bool {
        let claim = self.world.claims_of(&name(NAME)).await.remove(0);
        let sent = claim.sent_at.is_none_or(|sent| self.world.now - sent < TimeDelta::minutes(15));
        claim.exists || (sent && claim.state.is_open_at_pypi()) || self.held.is_none()
    }

    async fn exposure(&self) -> Option<Exposure> {
        self.world.exposure(NAME).await
    }
}

fn run(test: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(test);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

    #[test]
    fn in_no_order_does_our_own_upload_alarm_or_a_stranger_go_untold(acts in prop::collection::vec(act(), 1..40)) {
        run(async {
            let mut trial = Trial::new().await;
            for act in acts {
                trial.does(act).await;
                let ours = trial.held.is_none_or(|held| held.ours) && trial.is_fresh().await;
                assert!(!(ours && trial.alarms().await), "our own upload is told as a stranger's after {act:?}");
            }
            // However it ends: the uploader lives on, PyPI shows what it has, and time passes.
            let stranger = trial.held.is_some_and(|held| !held.ours);
            if stranger {
                trial.does(Act::Changelog).await;
                trial.does(Act::LookUp { late: true }).await;
                trial.does(Act::Seconds(10)).await;
                assert!(trial.alarms().await, "nobody hears of the stranger: {:?}", trial.state().await);
                assert_ne!(trial.exposure().await, Some(Exposure::Ours));
            }
        });
    }
}

/// Nobody waits for the quarter of an hour: an answer, and a page that shows the stranger, end it at once.
#[test]
fn a_stranger_who_was_first_is_told_as_soon_as_anybody_knows() {
    for known in [vec![Act::Lands, Act::Tells], vec![Act::LookUp { late: false }], vec![Act::Changelog]] {
        run(async {
            let mut trial = Trial::new().await;
            for act in [Act::Begin, Act::Stranger, Act::Rss, Act::Seconds(6), Act::LookUp { late: true }] {
                trial.does(act).await;
            }
            assert!(!trial.alarms().await, "it may be our own");
            for act in &known {
                trial.does(*act).await;
            }
            trial.does(Act::Seconds(1)).await;
            assert!(trial.alarms().await, "{known:?}");
        });
    }
}

/// As long as nothing was begun, a stranger's registration is told like any other.
#[test]
fn before_anything_is_sent_nothing_waits() {
    run(async {
        let mut trial = Trial::new().await;
        for act in [Act::Stranger, Act::Rss, Act::LookUp { late: true }, Act::Seconds(6)] {
            trial.does(act).await;
        }
        assert!(trial.alarms().await);
    });
}

/// Taken out of our hands again, and registered by somebody else a moment later: our upload does not speak for that.
#[test]
fn a_later_registration_of_the_name_is_not_ours() {
    run(async {
        let mut trial = Trial::new().await;
        for act in [Act::Begin, Act::Lands, Act::Tells, Act::Changelog, Act::Seconds(30)] {
            trial.does(act).await;
        }
        assert_eq!(trial.exposure().await, Some(Exposure::Ours));
        trial.held = None;
        trial.does(Act::Stranger).await;
        for act in [Act::Changelog, Act::LookUp { late: true }, Act::Seconds(6)] {
            trial.does(act).await;
        }
        assert!(trial.alarms().await);
    });
}

/// PyPI's pages are behind for an hour: what we published stays ours, and the roles that came with it raise no doubt.
#[test]
fn late_pages_raise_no_doubt() {
    run(async {
        let mut trial = Trial::new().await;
        for act in [Act::Begin, Act::Lands, Act::Changelog, Act::Tells] {
            trial.does(act).await;
        }
        for _ in 0..12 {
            trial.does(Act::LookUp { late: true }).await;
            trial.does(Act::Seconds(300)).await;
            assert!(!trial.alarms().await);
        }
        let project = name(NAME);
        let findings = trial.world.write(move |_, tx| tx.findings().of_project(&project)).await;
        assert!(findings.iter().all(|finding| finding.state == FindingState::Ours), "{findings:#?}");
        assert_eq!(trial.exposure().await, Some(Exposure::Ours));
    });
}
