//! The log of deliveries and the book of uses beside plain lists of what happened: in batches, over kills, and by whatever clock.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use chrono::TimeDelta;
use proptest::prelude::*;

use super::{delivery, file, noon};
use crate::gate::delivered::{Delivered, Delivery};
use crate::gate::present::Present;
use crate::gate::records::{DeliveryBook, Receipts, UseBook, UsedFile, Uses};
use crate::model::{ProjectName, Requester, Time};

/// Two machines of one network of IPv6, two of IPv4, a user, and whom nobody knows.
const PEERS: [&str; 6] = ["2001:db8::1", "2001:db8::2", "10.0.0.1", "10.0.0.2", "ci-1", "unknown"];
/// Whom they count as.
const CLIENTS: [Option<usize>; 6] = [Some(0), Some(0), Some(1), Some(2), Some(3), None];
const VERSIONS: [&str; 3] = ["1.0", "1.1", "2.0"];

fn widgets() -> ProjectName {
    ProjectName::parse("widgets").expect("valid")
}

/// So many minutes after noon.
fn at(minutes: i64) -> Time {
    noon() + TimeDelta::minutes(minutes)
}

/// The version of that number; each is of other bytes.
fn of_version(number: usize) -> Delivered {
    Delivered { sha256: number.to_string().repeat(64), ..file(VERSIONS[number]) }
}

#[derive(Clone, Copy, Debug)]
enum Act {
    /// A file goes out, from the private index or from PyPI.
    Deliver {
        version: usize,
        peer: usize,
        minutes: i64,
        is_admitted: bool,
        is_private: bool,
    },
    /// All of it is there.
    Use {
        version: usize,
        peer: usize,
        minutes: i64,
    },
    Write,
    /// What was not written is lost.
    Kill,
    Forget,
}

fn act() -> impl Strategy<Value = Act> {
    // Some days, and a clock that goes back.
    let place = (0..VERSIONS.len(), 0..PEERS.len(), -4000_i64..4000);
    prop_oneof![
        6 => (place.clone(), any::<bool>(), prop::bool::weighted(0.3)).prop_map(
            |((version, peer, minutes), is_admitted, is_private)| Act::Deliver { version, peer, minutes, is_admitted, is_private }
        ),
        4 => place.prop_map(|(version, peer, minutes)| Act::Use { version, peer, minutes }),
        3 => Just(Act::Write),
        1 => Just(Act::Kill),
        1 => Just(Act::Forget),
    ]
}

/// What was written down, one thing after the other.
#[derive(Debug, Default)]
struct Happened {
    delivered: Vec<(usize, usize, Time, bool, bool)>,
    used: Vec<(usize, usize, Time)>,
}

impl Happened {
    /// First, last and how often, of each file and peer that has anything.
    fn who(&self, wanted: Option<usize>) -> BTreeMap<(usize, usize), (Time, Time, i64)> {
        let went_out = self.delivered.iter().map(|(version, peer, at, ..)| (*version, *peer, *at, 1));
        let all = went_out.chain(self.used.iter().map(|(version, peer, at)| (*version, *peer, *at, 0)));
        let mut who = BTreeMap::new();
        for (version, peer, at, times) in all.filter(|(version, ..)| wanted.is_none_or(|wanted| wanted == *version)) {
            let (first, last, number) = who.entry((version, peer)).or_insert((at, at, 0));
            (*first, *last, *number) = (at.min(*first), at.max(*last), *number + times);
        }
        who
    }

    /// Bytes that PyPI gave out once are a stranger's.
    fn is_of_pypi(&self, version: usize) -> bool {
        let of = |(of, .., is_private): &&(usize, usize, Time, bool, bool)| *of == version && !is_private;
        self.delivered.iter().any(|one| of(&one)) || self.used.iter().any(|(of, ..)| *of == version)
    }

    /// When each client first had all of a file.
    fn firsts(&self, version: usize) -> Vec<Time> {
        let mut first: BTreeMap<usize, Time> = BTreeMap::new();
        for (of, peer, at) in &self.used {
            let Some(client) = CLIENTS[*peer].filter(|_| *of == version) else { continue };
            let known = first.entry(client).or_insert(*at);
            *known = (*at).min(*known);
        }
        let mut firsts: Vec<Time> = first.into_values().collect();
        firsts.sort_unstable();
        firsts
    }
}

/// The book, what waits for it, and what ought to be in it.
struct Log<'d> {
    dir: &'d Path,
    book: DeliveryBook,
    waiting: Receipts,
    unwritten: Happened,
    written: Happened,
}

impl Log<'_> {
    fn happens(&mut self, act: Act) {
        match act {
            Act::Deliver { version, peer, minutes, is_admitted, is_private } => {
                let of = Delivery {
                    file: of_version(version),
                    is_admitted,
                    is_private,
                    ..delivery("", PEERS[peer], at(minutes))
                };
                self.waiting.add(of);
                self.unwritten.delivered.push((version, peer, at(minutes), is_admitted, is_private));
            }
            Act::Use { version, peer, minutes } => {
                // Whoever has all of it was given it, and nothing is a use that the private index gave out.
                self.happens(Act::Deliver { version, peer, minutes, is_admitted: true, is_private: false });
                self.waiting.add_use(of_version(version), Requester::of_word(PEERS[peer]), at(minutes));
                self.unwritten.used.push((version, peer, at(minutes)));
            }
            Act::Write => {
                self.book.keep(&std::mem::take(&mut self.waiting)).expect("written");
                let Happened { delivered, used } = std::mem::take(&mut self.unwritten);
                self.written.delivered.extend(delivered);
                self.written.used.extend(used);
            }
            Act::Kill => {
                (self.waiting, self.unwritten) = (Receipts::default(), Happened::default());
                self.book = DeliveryBook::open(self.dir).expect("a kill is no damage");
            }
            Act::Forget => {
                self.book.forget_uses(&widgets()).expect("written");
                self.written.used.clear();
            }
        }
    }

    fn is_as_it_ought_to_be(&mut self) {
        for (wanted, spelt) in [(None, None), (Some(0), Some("v1.0.0")), (Some(2), Some("2")), (Some(1), Some("1.1"))] {
            let who = self.book.who(&widgets(), spelt, 1000).expect("readable");
            let newest: Vec<Time> = who.iter().map(|line| line.last).collect();
            assert!(newest.is_sorted_by(|one, other| one >= other), "the newest first: {newest:?}");
            let place = |of: &str, all: &[&str]| all.iter().position(|one| *one == of).expect("known");
            let key = |line: &crate::gate::delivered::GateReceipt| {
                let version = place(line.version.as_deref().expect("one"), &VERSIONS);
                ((version, place(&line.who.word(), &PEERS)), (line.first, line.last, line.times))
            };
            assert_eq!(who.iter().map(key).collect::<BTreeMap<_, _>>(), self.written.who(wanted), "{spelt:?}");
        }
        let used = self.book.used_files("", 10).expect("readable").files;
        let firsts = |number: &usize| (VERSIONS[*number], self.written.firsts(*number));
        let is_used = |(_, firsts): &(&str, Vec<Time>)| !firsts.is_empty();
        let ought = (0..VERSIONS.len()).filter(|of| self.written.is_of_pypi(*of));
        let ought: BTreeMap<&str, Vec<Time>> = ought.map(|of| firsts(&of)).filter(is_used).collect();
        let told = |of: &UsedFile| (of.version.clone().expect("one"), of.firsts.clone());
        let used: BTreeMap<String, Vec<Time>> = used.iter().map(told).collect();
        assert!(
            used.iter()
                .map(|(version, firsts)| (version.as_str(), firsts))
                .eq(ought.iter().map(|(of, firsts)| (*of, firsts))),
            "{used:?} {ought:?}"
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn who_received_what_is_all_that_was_written_and_nothing_else(acts in prop::collection::vec(act(), 1..40)) {
        let dir = tempfile::tempdir().expect("a directory");
        let book = DeliveryBook::open(dir.path()).expect("opens");
        let (unwritten, written) = (Happened::default(), Happened::default());
        let mut log = Log { dir: dir.path(), book, waiting: Receipts::default(), unwritten, written };
        for act in acts {
            log.happens(act);
        }
        log.is_as_it_ought_to_be();
        log.happens(Act::Kill);
        log.is_as_it_ought_to_be();
    }

    /// However often, from however many addresses and by whatever clock somebody uses a project: each client is one, since the first time that the
    /// project was what it is.
    #[test]
    fn no_use_is_counted_twice_and_none_of_another_project(
        uses in prop::collection::vec((0..PEERS.len(), 0_i64..30, 0_i64..400, 0_i64..300, 0_u8..5), 1..40), at_once in any::<bool>(),
    ) {
        let dir = tempfile::tempdir().expect("a directory");
        let (mut book, mut waiting) = (UseBook::open(dir.path()).expect("opens"), Uses::default());
        let (mut now, mut born) = (0, 0);
        let (mut firsts, mut last) = (BTreeMap::<usize, Time>::new(), None::<Time>);
        for (peer, pause, ahead, younger, what) in uses {
            now += pause * 60;
            // Old files are taken away, or the name is another's: what is there now is younger.
            born = if what == 0 { now.min(born + younger * 60) } else { born };
            let moment = Present { reached: at(now), shown: at(now), passed: at(now + ahead) };
            waiting.add(widgets(), &Requester::of_word(PEERS[peer]), moment, at(born));
            if let Some(client) = CLIENTS[peer] {
                if last.is_some_and(|last| at(born) > last) {
                    firsts.clear();
                }
                last = last.max(Some(at(now)));
                let first = firsts.entry(client).or_insert(moment.passed);
                *first = moment.passed.min(*first);
            }
            if at_once || what == 1 {
                book.keep(&std::mem::take(&mut waiting)).expect("written");
                book = UseBook::open(dir.path()).expect("a restart");
            }
        }
        book.keep(&waiting).expect("written");
        let all = book.all().expect("readable");
        let (clients, ought): (usize, BTreeSet<Time>) = (firsts.len(), firsts.into_values().collect());
        let Some(of) = all.get(&widgets()) else {
            prop_assert!(last.is_none(), "somebody uses it");
            return Ok(());
        };
        let said: BTreeSet<Time> = of.firsts.iter().copied().collect();
        // What waits together with a use of younger files may be taken for another's, or for later: that holds, and lets nothing through.
        let is_no_earlier = said.iter().all(|first| ought.first().is_some_and(|earliest| first >= earliest));
        prop_assert!(is_no_earlier && (!at_once || said == ought), "{said:?} {ought:?}");
        prop_assert!(of.firsts.len() <= clients && (!at_once || of.firsts.len() == clients), "each client is one");
        let day = |time: Time| time.timestamp().div_euclid(86_400);
        prop_assert_eq!(day(of.last), day(last.expect("used")));
    }
}
