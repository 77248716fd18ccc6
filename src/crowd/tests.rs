//! Who gives way to whom, and whose patience ends when.

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use proptest::prelude::*;

use super::*;

const MANNERS: Manners =
    Manners { request: Duration::from_secs(30), turn: Duration::from_hours(1), stall: Duration::from_mins(1) };

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

#[test]
fn a_request_is_waited_for_a_slow_reader_is_not_cut_and_one_that_takes_nothing_is() {
    let begin = Instant::now();
    let (silent, mut slow) = (Conduct::new(begin), Conduct::new(begin));
    assert_eq!(silent.ends(&MANNERS), begin + seconds(30));
    slow.heard(begin);
    assert_eq!(slow.ends(&MANNERS), begin + seconds(3600), "its file is being fetched, and nothing is written yet");
    let mut stuck = slow;
    stuck.blocked(begin + seconds(5));
    stuck.blocked(begin + seconds(50));
    assert_eq!(stuck.ends(&MANNERS), begin + seconds(65), "since it took the last byte");
    let mut now = begin;
    for _ in 0..50 {
        slow.blocked(now);
        now += seconds(59);
        assert!(slow.ends(&MANNERS) > now, "it takes a little, and goes on");
        slow.took(now);
    }
    // The body has been handed over whole, and part of it waits in our buffers.
    slow.blocked(now);
    slow.answered(now);
    assert_eq!(slow.ends(&MANNERS), now + seconds(60));
    slow.took(now + seconds(50));
    assert_eq!(slow.ends(&MANNERS), now + seconds(80), "it took the last of it just now, and owes a request");
    slow.heard(now + seconds(70));
    slow.blocked(now + seconds(3660));
    assert_eq!(slow.ends(&MANNERS), now + seconds(3670), "no answer lasts for ever");
}

/// What a peer does, so many seconds after what it did before.
#[derive(Clone, Copy, Debug)]
enum Deed {
    Asks,
    IsAnswered,
    Takes,
    Blocks,
}

impl Deed {
    const ALL: [Self; 4] = [Self::Asks, Self::IsAnswered, Self::Takes, Self::Blocks];

    fn is_done(self, conduct: &mut Conduct, at: Instant) {
        match self {
            Self::Asks => conduct.heard(at),
            Self::IsAnswered => conduct.answered(at),
            Self::Takes => conduct.took(at),
            Self::Blocks => conduct.blocked(at),
        }
    }
}

proptest! {
    /// Nobody wakes whoever waits, and still the seat is lost when patience ends, and no moment later.
    #[test]
    fn a_seat_is_lost_when_patience_ends_whatever_was_done(
        deeds in prop::collection::vec((0_u64..70, prop::sample::select(Deed::ALL.to_vec())), 0..30)
    ) {
        let (mut now, mut conduct) = (Instant::now(), Conduct::new(Instant::now()));
        let mut looks = conduct.look(&MANNERS, now);
        for (pause, deed) in deeds {
            let at = now + seconds(pause);
            while let Some(look) = looks.filter(|look| *look <= at) {
                (now, looks) = (look, conduct.look(&MANNERS, look));
            }
            if looks.is_none() {
                break;
            }
            now = at;
            deed.is_done(&mut conduct, now);
        }
        while let Some(look) = looks {
            (now, looks) = (look, conduct.look(&MANNERS, look));
        }
        prop_assert_eq!(now, conduct.ends(&MANNERS));
    }
}

/// A crowd whose seats are all taken: by whom, and how each behaved.
struct Full {
    crowd: Crowd,
    seats: Vec<Seat>,
    now: Instant,
}

/// A peer, what it does, and since how many seconds.
type Behaves = (u8, fn(Duration) -> Standing, u64);

impl Full {
    async fn of(standing: &[Behaves]) -> Self {
        let now = Instant::now() + seconds(1000);
        let mut full = Self { crowd: Crowd::new(standing.len(), MANNERS), seats: Vec::new(), now };
        for (peer, standing, long) in standing {
            let seat = full.crowd.seat(address(*peer)).await;
            seat.patience.behaves(conduct(standing(seconds(*long)), now));
            full.seats.push(seat);
        }
        full
    }

    /// Which of them gives way to this peer.
    fn gives_way(&self, newcomer: u8) -> Option<usize> {
        let least = self.crowd.least_needed(address(newcomer), self.now)?;
        self.seats.iter().position(|seat| Arc::ptr_eq(&seat.patience, least))
    }
}

fn address(number: u8) -> Option<IpAddr> {
    Some(IpAddr::V4(Ipv4Addr::new(192, 0, 2, number)))
}

fn conduct(standing: Standing, now: Instant) -> Conduct {
    let (Standing::Silent(long) | Standing::Stuck(long) | Standing::Busy(long)) = standing;
    let mut conduct = Conduct::new(now - long);
    match standing {
        Standing::Silent(_) => {}
        Standing::Busy(_) => conduct.heard(now - long),
        Standing::Stuck(_) => conduct.blocked(now - long),
    }
    assert_eq!(conduct.standing(now), standing);
    conduct
}

#[tokio::test]
async fn who_has_the_most_seats_gives_way_first_with_one_that_does_nothing() {
    use Standing::{Busy, Silent, Stuck};
    let full = Full::of(&[(1, Silent, 90), (2, Busy, 9), (3, Busy, 80), (3, Stuck, 70), (3, Silent, 5)]).await;
    assert_eq!(full.gives_way(4), Some(4), "silent, of the one with three");
    let full = Full::of(&[(1, Silent, 90), (3, Stuck, 5), (3, Stuck, 70), (3, Busy, 80)]).await;
    assert_eq!(full.gives_way(4), Some(2), "stuck for the longest");
    let full = Full::of(&[(1, Silent, 5), (2, Silent, 9), (3, Stuck, 70)]).await;
    assert_eq!(full.gives_way(4), Some(1), "all have one: who has been silent for longest");
    let full = Full::of(&[(1, Silent, 7), (2, Silent, 7)]).await;
    assert_eq!(full.gives_way(4), Some(0), "who came first");
}

#[tokio::test]
async fn who_is_busy_on_most_seats_gives_one_to_another_and_none_to_itself() {
    use Standing::{Busy, Silent};
    let full = Full::of(&[(1, Busy, 5), (1, Busy, 9), (2, Busy, 70)]).await;
    assert_eq!((full.gives_way(4), full.gives_way(1)), (Some(1), None));
    let full = Full::of(&[(1, Busy, 5), (2, Busy, 9)]).await;
    assert_eq!(full.gives_way(4), None, "nobody has more than half");
    let full = Full::of(&[(1, Busy, 5), (1, Busy, 9), (2, Silent, 1)]).await;
    assert_eq!(full.gives_way(4), Some(2), "no answer is broken off while somebody does nothing");
}

#[tokio::test]
async fn a_seat_that_is_given_up_is_the_next_ones() {
    let mut crowd = Crowd::new(1, MANNERS);
    let first = crowd.seat(address(1)).await;
    let leaves = async {
        first.patience.lost().await;
        drop(first);
    };
    let came = async { tokio::join!(crowd.seat(address(2)), leaves).0 };
    tokio::time::timeout(seconds(20), came).await.expect("at once");
}

fn behaves() -> impl Strategy<Value = Behaves> {
    let standing: Vec<fn(Duration) -> Standing> = vec![Standing::Silent, Standing::Stuck, Standing::Busy];
    (1_u8..5, prop::sample::select(standing), 1_u64..90)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    /// Whoever gives way does nothing, and none of those does that has more seats; no answer is broken off before, and then only of whoever keeps more
    /// than half of the seats busy, for another.
    #[test]
    fn who_gives_way_needs_it_least_of_whoever_has_the_most(seated in prop::collection::vec(behaves(), 1..9), newcomer in 1_u8..6) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        let gives_way = runtime.block_on(async { Full::of(&seated).await.gives_way(newcomer) });
        let seats = |peer: u8| seated.iter().filter(|(of, ..)| *of == peer).count();
        let how = |at: usize| seated[at].1(seconds(seated[at].2));
        let idle: Vec<usize> = (0..seated.len()).filter(|at| !matches!(how(*at), Standing::Busy(_))).collect();
        let most = idle.iter().map(|at| seats(seated[*at].0)).max();
        let Some(at) = gives_way else {
            let is_over_half = |(peer, ..): &Behaves| *peer != newcomer && seats(*peer) * 2 > seated.len();
            prop_assert!(idle.is_empty() && !seated.iter().any(is_over_half), "{seated:?}");
            return Ok(());
        };
        match how(at) {
            Standing::Busy(_) => prop_assert!(idle.is_empty() && seated[at].0 != newcomer && seats(seated[at].0) * 2 > seated.len()),
            of => {
                prop_assert_eq!(Some(seats(seated[at].0)), most);
                let equals = idle.iter().filter(|other| Some(seats(seated[**other].0)) == most).map(|other| how(*other));
                let worse = |other: Standing| match (of, other) {
                    (Standing::Stuck(_), Standing::Silent(_)) => true,
                    (Standing::Silent(long), Standing::Silent(other)) | (Standing::Stuck(long), Standing::Stuck(other)) => other > long,
                    _ => false,
                };
                prop_assert!(!equals.into_iter().any(worse), "{at} of {seated:?}");
            }
        }
    }
}
