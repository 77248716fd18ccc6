//! Bad days, one after the other, as dice fall: a stranger who is quicker by a moment, a disk that is full between the first byte
//! and the answer, a colleague who uploads something else under our file name, answers that are lost, clocks that are set, names
//! that become confidential, deaths. Whatever comes, nothing goes to PyPI twice under two contents, nothing that nobody approved,
//! and how every claim ends is what is so at PyPI.

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;
use namewarden::model::claim::{Claim, ClaimState, Publicity};
use namewarden::model::{Inventory, WatchId};
use namewarden::sim::Fault;
use namewarden::sim::world::files_of;
use sha2::{Digest as _, Sha256};

use super::bench::{Bench, Moment};
use super::stage::name;

const NAMES: usize = 8;

/// A die that falls the same whenever it is thrown in the same order.
struct Dice(u64);

impl Dice {
    fn below(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }
}

/// What happens in an hour, beside the work.
#[derive(Clone, Copy, Debug)]
enum Woe {
    None,
    At(Moment),
    Answers(Fault),
    Dies(usize, bool),
    /// Our clock is set by so many hours; PyPI's is not.
    Clock(i64),
    Stranger,
    Confidential,
    Unwatched,
    /// The internal version comes down to ours.
    Version,
}

struct Days {
    bench: Bench,
    dice: Dice,
    names: Vec<String>,
    /// Names of which nothing may be sent any more, and how many uploads of each there had been.
    closed: BTreeMap<String, usize>,
}

impl Days {
    async fn new(seed: u64) -> Self {
        let names: Vec<String> = (0..NAMES).map(|n| format!("acme-part-{n}")).collect();
        let used: Vec<(String, String)> = names.iter().map(|name| (name.clone(), "2020-01-01".to_owned())).collect();
        let bench = Bench::of(&used).await;
        // The last is proposed by nobody.
        bench.let_all_go(&names[..NAMES - 1]).await;
        Self { bench, dice: Dice(seed), names, closed: BTreeMap::new() }
    }

    fn woe(&mut self) -> Woe {
        let faults = [Fault::UploadCutBefore, Fault::UploadCutAfter, Fault::UploadErrorAfter, Fault::UploadEdge];
        match self.dice.below(16) {
            0 | 1 => Woe::At(Moment::Race),
            2 | 3 => Woe::At(Moment::DiskFull),
            4 | 5 => Woe::At(Moment::OtherContent),
            6 | 7 => Woe::Answers(faults[self.dice.below(4) as usize]),
            8 => Woe::Dies(self.dice.below(5) as usize, self.dice.below(2) == 0),
            9 => Woe::Clock([-30, -1, 1, 30][self.dice.below(4) as usize]),
            10 if self.dice.below(3) == 0 => Woe::Stranger,
            11 if self.dice.below(3) == 0 => Woe::Confidential,
            12 if self.dice.below(3) == 0 => Woe::Unwatched,
            13 if self.dice.below(3) == 0 => Woe::Version,
            _ => Woe::None,
        }
    }

    fn any(&mut self) -> String {
        self.names[self.dice.below(NAMES as u64) as usize].clone()
    }

    /// From now on nothing of it may leave.
    fn close(&mut self, with: impl Fn(&mut Inventory, &WatchId)) {
        let text = self.any();
        let id = WatchId::name(&name(&text));
        self.bench.amend(|inventory| with(inventory, &id));
        let sent = self.sent(&text);
        self.closed.entry(text).or_insert(sent);
    }

    fn befall(&mut self, woe: Woe) {
        match woe {
            Woe::None => {}
            Woe::At(moment) => *self.bench.moment.lock().expect("no panic") = Some(moment),
            Woe::Answers(fault) => self.bench.sim.faults().start(fault),
            Woe::Dies(words, stored) => *self.bench.dies.lock().expect("no panic") = Some((words, stored)),
            Woe::Clock(hours) => self.bench.set_clock(TimeDelta::hours(hours)),
            Woe::Stranger => {
                let (text, now) = (self.any(), self.bench.now);
                let _ = self.bench.sim.world().create(&text, "mallory", now);
            }
            Woe::Confidential => self.close(|inventory, id| {
                inventory.terms.entry(id.clone()).or_default().publicity = Publicity::Confidential;
            }),
            Woe::Unwatched => self.close(|inventory, id| drop(inventory.watches.remove(id))),
            Woe::Version => self.close(|inventory, id| {
                if let Some(watch) = inventory.watches.get_mut(id) {
                    watch.latest_version = Some("0.0.1".to_owned());
                }
            }),
        }
    }

    async fn hour(&mut self, woe: Woe) {
        self.befall(woe);
        if self.dice.below(3) > 0 {
            self.bench.feed().await;
        }
        self.bench.work_off().await;
        self.bench.make_room().await;
        self.bench.sim.faults().clear();
        self.bench.pass(TimeDelta::minutes(60));
    }

    /// Words of the uploader that bytes of this name are about to leave.
    fn sent(&self, text: &str) -> usize {
        self.bench.begun.lock().expect("no panic").iter().filter(|name| *name == text).count()
    }

    /// Who owns it at PyPI, and SHA-256 in hex of its files.
    fn at_pypi(&self, text: &str) -> Option<(BTreeSet<String>, BTreeMap<String, String>)> {
        let world = self.bench.sim.world();
        let (name, life) = (name(text), world.project(&name(text))?.life().clone());
        let files = life.releases.iter().flat_map(|release| files_of(&name, release));
        let hex = |bytes: &[u8]| Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        let files = files.map(|file| (file.filename.clone(), hex(&file.bytes))).collect();
        Some((life.owners().into_iter().collect(), files))
    }

    /// What holds at every moment.
    async fn holds(&self, seed: u64, woe: Woe) {
        let claims = self.bench.claims().await;
        for claim in &claims {
            let trail = self.bench.trail(&claim.key).await;
            let begun: Vec<&str> = trail.iter().filter(|l| l.event == "begin").map(|l| l.detail.as_str()).collect();
            assert!(begun.windows(2).all(|two| two[0] == two[1]), "seed {seed} {woe:?}: {trail:#?}");
            let words = |event: &str| trail.iter().position(|line| line.event == event);
            assert!(begun.is_empty() || words("approve") < words("begin"), "seed {seed} {woe:?}: {trail:#?}");
        }
        let claimed: BTreeSet<String> = claims.iter().map(|claim| claim.key.name.to_string()).collect();
        for text in &self.names {
            let ours = self.at_pypi(text).is_some_and(|(owners, _)| owners.contains("acme-bot"));
            assert!(!ours || claimed.contains(text), "seed {seed} {woe:?}: nobody approved {text}");
            if let Some(sent) = self.closed.get(text) {
                assert_eq!(self.sent(text), *sent, "seed {seed} {woe:?}: {text} was sent although it is closed");
            }
        }
    }

    /// What a claim that is over says is so.
    async fn is_true(&self, claim: &Claim) -> Result<(), String> {
        let text = claim.key.name.to_string();
        let files = claim.seal.iter().flat_map(|seal| &seal.files);
        let sealed: BTreeMap<String, String> = files.map(|file| (file.filename.clone(), file.sha256.clone())).collect();
        let held = self.at_pypi(&text);
        let owned = held.as_ref().is_some_and(|(owners, _)| owners.iter().all(|owner| owner == "acme-bot"));
        let true_so = match claim.state {
            ClaimState::Ours => {
                let part = |files: &BTreeMap<String, String>| {
                    let same = files.iter().all(|(file, sha256)| sealed.get(file) == Some(sha256));
                    same && !files.is_empty()
                };
                claim.astray().is_some() || (owned && held.as_ref().is_some_and(|(_, files)| part(files)))
            }
            // Ours with another content, or nothing was sent.
            ClaimState::Failed => held.as_ref().is_none_or(|(_, files)| *files != sealed),
            ClaimState::Refused => !owned,
            ClaimState::Abandoned => !owned,
            other => return Err(format!("{text} has not ended: {other:?}")),
        };
        let told = claim.note.is_some() || claim.state == ClaimState::Ours;
        match true_so && told {
            true => Ok(()),
            false => Err(format!("{text} ended untrue, PyPI has {held:?}: {claim:#?}")),
        }
    }
}

/// How lives ended.
#[derive(Debug, Default)]
struct Tally {
    /// How often the disk was full in the middle of an upload.
    full: usize,
    ends: BTreeMap<&'static str, usize>,
    /// Claims that PyPI's answer itself ended: by 409, and by 400 for another's content.
    answers: BTreeMap<String, usize>,
}

async fn live(seed: u64, tally: &mut Tally) {
    let mut days = Days::new(seed).await;
    for _ in 0..60 {
        let woe = days.woe();
        days.hour(woe).await;
        days.holds(seed, woe).await;
    }
    // Everything is mended, and time passes.
    *days.bench.moment.lock().expect("no panic") = None;
    *days.bench.dies.lock().expect("no panic") = None;
    for _ in 0..24 * 6 {
        days.hour(Woe::None).await;
    }
    days.holds(seed, Woe::None).await;
    for claim in days.bench.claims().await {
        if let Err(why) = days.is_true(&claim).await {
            panic!("seed {seed}: {why}\n{:#?}", days.bench.trail(&claim.key).await);
        }
        let next = days.bench.next_of(&claim.key.name).await;
        assert!(!next.is_empty(), "seed {seed}: {claim:#?}");
        *tally.ends.entry(claim.state.as_str()).or_default() += 1;
        for line in days.bench.trail(&claim.key).await.iter().filter(|line| line.event == "set-back") {
            let code = line.detail.split(':').next().unwrap_or_default().to_owned();
            *tally.answers.entry(code).or_default() += 1;
        }
    }
    tally.full += *days.bench.full.lock().expect("no panic");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_bad_day_sends_two_contents_or_what_nobody_approved_and_every_end_is_true() {
    let mut tally = Tally::default();
    for seed in 0..12 {
        live(seed, &mut tally).await;
    }
    // Else the dice were kind, and this shows nothing.
    let all = |kinds: &[&str], seen: &dyn Fn(&str) -> usize| kinds.iter().all(|kind| seen(kind) > 0);
    assert!(tally.full > 2, "{tally:?}");
    let ended = |state: &str| tally.ends.get(state).copied().unwrap_or_default();
    assert!(all(&["ours", "refused", "failed", "abandoned"], &ended), "{tally:?}");
    let answered = |code: &str| tally.answers.get(code).copied().unwrap_or_default();
    assert!(all(&["name-taken", "file-exists"], &answered), "{tally:?}");
}
