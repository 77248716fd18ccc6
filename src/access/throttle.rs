//! How often anybody may try to sign in: at one account, from one address, and how many passwords are compared at once.

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use governor::clock::{Clock as _, DefaultClock};
use governor::state::keyed::HashMapStateStore;
use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use sha2::{Digest as _, Sha256};
use tokio::sync::Semaphore;

type Keyed = RateLimiter<u16, HashMapStateStore<u16>, DefaultClock>;

/// So many at once, and then one in so many seconds: of one account, of one address, and lines of strangers in the trail.
const ACCOUNT: (u32, u64) = (10, 10);
const ADDRESS: (u32, u64) = (20, 3);
const NOTED: (u32, u64) = (60, 60);
/// Sessions that begin by the word of a proxy, of one account: nobody types anything for them, so a program may ask for many.
const NAMED: (u32, u64) = (20, 60);
/// Links opened from one address, behind which a whole office may be.
const LINKS: (u32, u64) = (60, 1);
/// Passwords compared at once: each takes 19 MiB and a core.
const AT_ONCE: usize = 2;
/// Those that are compared and those that wait for it: whoever comes when all places are taken is told so, and costs nothing.
const PLACES: usize = 32;
/// Until then some of them are over.
const A_MOMENT: Duration = Duration::from_secs(2);

/// What was tried of late. Accounts and addresses are counted in 65,536 boxes, so that no number of names takes memory; two
/// in one box share what is left.
pub struct Throttle {
    accounts: Keyed,
    addresses: Keyed,
    links: Keyed,
    named: Keyed,
    noted: DefaultDirectRateLimiter,
    comparing: Arc<Semaphore>,
    places: Semaphore,
}

impl Default for Throttle {
    fn default() -> Self {
        Self {
            accounts: RateLimiter::hashmap(quota(ACCOUNT)),
            addresses: RateLimiter::hashmap(quota(ADDRESS)),
            links: RateLimiter::hashmap(quota(LINKS)),
            named: RateLimiter::hashmap(quota(NAMED)),
            noted: RateLimiter::direct(quota(NOTED)),
            comparing: Arc::new(Semaphore::new(AT_ONCE)),
            places: Semaphore::new(PLACES),
        }
    }
}

impl Throttle {
    /// May this account be tried from this address now?
    ///
    /// # Errors
    /// How long to wait.
    pub fn admit(&self, account: &str, from: Option<IpAddr>) -> Result<(), Duration> {
        wait(&self.addresses, in_box(&from.map(network).unwrap_or_default()))?;
        wait(&self.accounts, in_box(account.as_bytes()))
    }

    /// May another link be opened from this address now?
    ///
    /// # Errors
    /// How long to wait.
    pub fn admit_link(&self, from: Option<IpAddr>) -> Result<(), Duration> {
        wait(&self.links, in_box(&from.map(network).unwrap_or_default()))
    }

    /// May another session of this account begin by the word of a proxy now?
    ///
    /// # Errors
    /// How long to wait.
    pub fn admit_named(&self, account: &str) -> Result<(), Duration> {
        wait(&self.named, in_box(account.as_bytes()))
    }

    /// Is there room in the trail for what a stranger tried?
    pub fn is_worth_a_line(&self) -> bool {
        self.noted.check().is_ok()
    }

    /// Compares a password when it is its turn.
    ///
    /// # Errors
    /// Too many wait for theirs: how long to stay away.
    pub async fn compare(&self, password: String, hash: Option<String>) -> Result<bool, Duration> {
        let compared = self.in_turn(move || super::password::is(&password, hash.as_deref())).await?;
        Ok(compared.unwrap_or(false))
    }

    /// A turn is over when the work is. Whoever hangs up stops no thread, and gives nobody else the memory that it holds.
    async fn in_turn<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<Option<T>, Duration> {
        let _place = self.places.try_acquire().map_err(|_| A_MOMENT)?;
        // It is never closed.
        let Ok(turn) = Arc::clone(&self.comparing).acquire_owned().await else { return Ok(None) };
        let done = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            work()
        });
        Ok(done.await.ok())
    }
}

fn wait(limit: &Keyed, key: u16) -> Result<(), Duration> {
    limit.check_key(&key).map_err(|not| not.wait_time_from(DefaultClock::default().now()))
}

/// Whoever has an address of IPv6 has 2^64 of them.
fn network(address: IpAddr) -> Vec<u8> {
    match address.to_canonical() {
        IpAddr::V4(address) => address.octets().to_vec(),
        IpAddr::V6(address) => address.octets()[..8].to_vec(),
    }
}

fn in_box(what: &[u8]) -> u16 {
    let digest = Sha256::digest(what);
    u16::from_be_bytes([digest[0], digest[1]])
}

fn quota((burst, seconds): (u32, u64)) -> Quota {
    let burst = NonZeroU32::new(burst).unwrap_or(NonZeroU32::MIN);
    // No period is zero.
    Quota::with_period(Duration::from_secs(seconds)).map_or(Quota::per_second(burst), |quota| quota.allow_burst(burst))
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use futures_util::FutureExt as _;

    use super::*;

    fn from(text: &str) -> Option<IpAddr> {
        text.parse().ok()
    }

    #[test]
    fn one_account_is_tried_ten_times_whatever_the_address() {
        let throttle = Throttle::default();
        let tried = (0..30).filter(|n| throttle.admit("ada", from(&format!("192.0.2.{n}"))).is_ok()).count();
        assert_eq!(tried, 10);
        let wait = throttle.admit("ada", from("198.51.100.1")).expect_err("no more");
        assert!(wait > Duration::from_secs(5) && wait <= Duration::from_secs(10), "{wait:?}");
        assert!(throttle.admit("bob", from("198.51.100.1")).is_ok(), "another is not concerned");
    }

    #[test]
    fn one_address_tries_twenty_accounts_and_a_network_of_ipv6_is_one() {
        let throttle = Throttle::default();
        let tried = |from: &dyn Fn(usize) -> Option<IpAddr>| {
            (0..50).filter(|n| throttle.admit(&format!("user-{n}-{:?}", from(0)), from(*n)).is_ok()).count()
        };
        assert_eq!(tried(&|_| from("192.0.2.1")), 20);
        assert_eq!(tried(&|n| from(&format!("2001:db8::{n}"))), 20);
        assert_eq!(tried(&|n| from(&format!("2001:db8:{:x}::1", n + 1))), 50, "those are fifty");
        assert!(throttle.admit("x", from("::ffff:192.0.2.1")).is_err(), "the same address in another form");
    }

    /// Work that goes on until the other end is dropped.
    fn held() -> (mpsc::Sender<()>, impl FnOnce() + Send + 'static) {
        let (go, held) = mpsc::channel();
        (go, move || held.recv().unwrap_or_default())
    }

    #[tokio::test]
    async fn a_turn_is_over_when_the_work_is_and_not_when_its_asker_hangs_up() {
        let throttle = Throttle::default();
        let mut going = Vec::new();
        for _ in 0..AT_ONCE {
            let (go, work) = held();
            assert!(Box::pin(throttle.in_turn(work)).now_or_never().is_none(), "it works, and nobody waits for it");
            going.push(go);
        }
        let mut next = Box::pin(throttle.in_turn(|| ()));
        assert!((&mut next).now_or_never().is_none(), "all turns are taken");
        assert_eq!(throttle.comparing.available_permits(), 0);
        drop(going);
        assert_eq!(next.await, Ok(Some(())), "those before have ended");
    }

    #[tokio::test]
    async fn whoever_comes_when_all_places_are_taken_is_told_so() {
        let throttle = Throttle::default();
        let (going, works): (Vec<_>, Vec<_>) = (0..PLACES).map(|_| held()).unzip();
        let mut waiting = Vec::new();
        for work in works {
            let mut asking = Box::pin(throttle.in_turn(work));
            assert!((&mut asking).now_or_never().is_none());
            waiting.push(asking);
        }
        assert_eq!(throttle.compare("x".to_owned(), None).await, Err(A_MOMENT));
        drop(waiting);
        drop(going);
        assert_eq!(throttle.compare("x".to_owned(), None).await, Ok(false), "a place is free");
    }
}
