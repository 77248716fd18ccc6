//! Who is connected: few seats, fairly shared, and patience with each.
//!
//! Whoever may connect may also connect a thousand times, and say nothing or read nothing. So a request has to be there within
//! seconds, what is answered has to be taken, no answer lasts for ever, and where all seats are taken, whoever has the most gives way.

mod answer;
mod conduct;
mod line;
mod patience;
pub mod tls;

use std::collections::{HashMap, VecDeque};
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;

pub use answer::{ending, while_answered};
pub use conduct::Manners;
use conduct::{Conduct, Standing};
pub use line::Line;
pub use patience::Patience;

/// One connection, from its first byte to its last. Ends by itself.
pub type Connection = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Who is connected.
pub struct Crowd {
    seats: usize,
    free: Arc<Semaphore>,
    manners: Manners,
    /// In the order of their coming; also some that have gone.
    seated: VecDeque<(Peer, Arc<Patience>)>,
}

/// By which connections are of one hand; `None`: of this machine.
type Peer = Option<IpAddr>;

/// Held while the connection lasts.
pub struct Seat {
    pub patience: Arc<Patience>,
    _permit: Option<OwnedSemaphorePermit>,
}

impl Crowd {
    pub fn new(seats: usize, manners: Manners) -> Self {
        Self { seats, free: Arc::new(Semaphore::new(seats)), manners, seated: VecDeque::new() }
    }

    /// A seat, at the cost of whoever has the most. Waits only where everybody is busy and nobody has more than half.
    pub async fn seat(&mut self, peer: Peer) -> Seat {
        // Nobody else holds the patience of a connection that is over.
        self.seated.retain(|(_, patience)| Arc::strong_count(patience) > 1 && !patience.has_to_leave());
        if self.free.available_permits() == 0
            && let Some(least) = self.least_needed(peer, Instant::now())
        {
            least.leave();
        }
        let patience = Arc::new(Patience::new(self.manners, Conduct::new(Instant::now())));
        self.seated.push_back((peer, Arc::clone(&patience)));
        // The semaphore is never closed.
        let permit = Arc::clone(&self.free).acquire_owned().await.ok();
        Seat { patience, _permit: permit }
    }

    /// Whoever does nothing, of the peer that has the most: silent before stuck, the longest first. One that is busy gives way only
    /// where all are, to another peer's, and where its own has more than half of the seats.
    fn least_needed(&self, newcomer: Peer, now: Instant) -> Option<&Arc<Patience>> {
        let mut of: HashMap<Peer, usize> = HashMap::new();
        self.seated.iter().for_each(|(peer, _)| *of.entry(*peer).or_default() += 1);
        let rank = |(peer, patience): &(Peer, Arc<Patience>)| {
            let seats = of[peer];
            match patience.standing(now) {
                Standing::Silent(long) => Some((true, seats, true, long)),
                Standing::Stuck(long) => Some((true, seats, false, long)),
                Standing::Busy(long) => {
                    (*peer != newcomer && seats * 2 > self.seats).then_some((false, seats, false, long))
                }
            }
        };
        let ranked = self.seated.iter().filter_map(|seated| Some((rank(seated)?, &seated.1)));
        // The first of equals came first.
        ranked.rev().max_by_key(|(rank, _)| *rank).map(|(_, patience)| patience)
    }
}

#[cfg(test)]
mod tests;
