//! Who is connected: few seats, and patience with each.
//!
//! Whoever may connect may also connect a thousand times and say nothing. So a request has to be there whole within seconds,
//! who has been silent for longest gives way to who comes after, and no answer takes for ever.

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use axum::response::Response;
use http_body::{Frame, SizeHint};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// A verb or a browser sends its request at once.
const REQUEST: Duration = Duration::from_secs(10);
/// For one turn, from the request to the end of the answer: longer than a verb waits for its answer.
pub(super) const TURN: Duration = Duration::from_secs(150);

/// One connection, from its first byte to its last. Ends by itself.
pub(super) type Connection = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Who is connected.
pub(super) struct Crowd {
    seats: Arc<Semaphore>,
    /// In the order of their coming; also some that have gone.
    seated: VecDeque<Arc<Patience>>,
}

/// What is expected of one connection.
pub(super) struct Patience {
    /// Since when it owes a request; `None` while one is answered.
    silent: watch::Sender<Option<Instant>>,
    /// Another needs the seat.
    leave: CancellationToken,
}

/// Held while the connection lasts.
pub(super) struct Seat {
    pub(super) patience: Arc<Patience>,
    _permit: Option<OwnedSemaphorePermit>,
}

/// Held while a request that arrived whole is answered. The next one is waited for when it goes.
pub(super) struct Turn(Arc<Patience>);

impl Crowd {
    pub(super) fn new(seats: usize) -> Self {
        Self { seats: Arc::new(Semaphore::new(seats)), seated: VecDeque::new() }
    }

    /// A seat, at the cost of who has been silent for longest. Waits only when all have spoken and none is answered.
    pub(super) async fn seat(&mut self) -> Seat {
        // Nobody else holds the patience of a connection that is over.
        self.seated.retain(|patience| Arc::strong_count(patience) > 1 && !patience.leave.is_cancelled());
        if self.seats.available_permits() == 0
            && let Some(silent) = self.longest_silent()
        {
            silent.leave.cancel();
        }
        let patience = Arc::new(Patience::new());
        self.seated.push_back(Arc::clone(&patience));
        // The semaphore is never closed.
        let permit = Arc::clone(&self.seats).acquire_owned().await.ok();
        Seat { patience, _permit: permit }
    }

    fn longest_silent(&self) -> Option<&Arc<Patience>> {
        let since = |patience: &&Arc<Patience>| *patience.silent.borrow();
        self.seated.iter().filter(|patience| since(patience).is_some()).min_by_key(since)
    }
}

impl Patience {
    fn new() -> Self {
        Self { silent: watch::Sender::new(Some(Instant::now())), leave: CancellationToken::new() }
    }

    /// A request has arrived whole.
    pub(super) fn heard(self: &Arc<Self>) -> Turn {
        self.silent.send_replace(None);
        Turn(Arc::clone(self))
    }

    /// Returns when the connection has lost its seat: too slow, or too many behind it.
    pub(super) async fn lost(&self) {
        tokio::select! {
            () = self.leave.cancelled() => {}
            () = self.worn_out() => {}
        }
    }

    async fn worn_out(&self) {
        let mut silent = self.silent.subscribe();
        loop {
            let spoke = silent.wait_for(Option::is_none);
            // The sender lives as long as this does.
            if !matches!(tokio::time::timeout(REQUEST, spoke).await, Ok(Ok(_))) {
                return;
            }
            let answered = silent.wait_for(Option::is_some);
            if !matches!(tokio::time::timeout(TURN, answered).await, Ok(Ok(_))) {
                return;
            }
        }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.0.silent.send_replace(Some(Instant::now()));
    }
}

/// The turn ends when this answer has been sent whole, or is given up.
pub(super) fn ending(turn: Turn, answer: Response) -> Response {
    answer.map(|body| Body::new(Answer { body, _turn: turn }))
}

struct Answer {
    body: Body,
    _turn: Turn,
}

impl HttpBody for Answer {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
