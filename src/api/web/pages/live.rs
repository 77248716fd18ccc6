//! Server-sent events (WHATWG HTML, section 9.2): that something in the store has changed. A page that hears so asks for itself
//! again. A stream ends with the session, with the daemon, and with the longest turn of a connection; browsers come back.

use std::convert::Infallible;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::Query;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use futures_util::stream::{self, Stream};
use serde::Deserialize;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::visit::Visit;
use crate::access;
use crate::api::web::session;
use crate::api::web::site::Site;

/// Windows that are kept up to date at one time; the others are whole without it, and ask again later.
const STREAMS: usize = 64;
/// Between two looks.
const TICK: Duration = Duration::from_secs(1);
/// Looks between two in which something is sent, so that nobody between takes the line for dead.
const QUIET: u32 = 15;

static SEATS: LazyLock<Arc<Semaphore>> = LazyLock::new(|| Arc::new(Semaphore::new(STREAMS)));

/// How often the store had been written to when the page was made.
#[derive(Debug, Deserialize)]
pub(super) struct From {
    #[serde(default)]
    from: u64,
}

/// One window.
struct Window {
    site: Site,
    headers: HeaderMap,
    /// What it has seen.
    commits: u64,
    quiet: u32,
    over: bool,
    _seat: OwnedSemaphorePermit,
}

pub(super) async fn show(visit: Visit, Query(From { from }): Query<From>, headers: HeaderMap) -> Response {
    let Ok(seat) = Arc::clone(&SEATS).try_acquire_owned() else {
        return (StatusCode::SERVICE_UNAVAILABLE, "too many windows are kept up to date\n").into_response();
    };
    // A browser that comes back says what it heard last.
    let last = headers.get("last-event-id").and_then(|id| id.to_str().ok()?.parse().ok());
    let (commits, quiet) = (last.unwrap_or(from), QUIET);
    let window = Window { site: visit.site, headers, commits, quiet, over: false, _seat: seat };
    ([(CONTENT_TYPE, "text/event-stream")], Body::from_stream(events(window))).into_response()
}

fn events(window: Window) -> impl Stream<Item = Result<Bytes, Infallible>> {
    stream::unfold(window, async |mut window| {
        if window.over {
            return None;
        }
        let event = window.next().await;
        Some((Ok(Bytes::from(event)), window))
    })
}

impl Window {
    /// The next that is to be said.
    async fn next(&mut self) -> String {
        loop {
            if !self.is_signed_in().await {
                self.over = true;
                return "event: bye\ndata: \n\n".to_owned();
            }
            // One that cannot be read is told by the page itself.
            let seen = self.site.store().read(|tx| tx.commits()).await.unwrap_or(self.commits);
            if seen != self.commits {
                (self.commits, self.quiet) = (seen, 0);
                return format!("event: changed\nid: {seen}\ndata: {seen}\n\n");
            }
            if self.quiet >= QUIET {
                self.quiet = 0;
                return format!("retry: 5000\nid: {seen}\n: nothing new\n\n");
            }
            self.quiet += 1;
            tokio::time::sleep(TICK).await;
        }
    }

    /// That a window is open is no use of a session: it ends as it would without.
    async fn is_signed_in(&self) -> bool {
        let secure = self.site.settings().web.is_secure();
        let Some(cookie) = session::cookie(&self.headers, secure) else { return false };
        let (validity, now) = (self.site.validity(), self.site.now());
        let found = self.site.store().read(move |tx| access::session::find(tx, &cookie, validity, now)).await;
        !matches!(found, Ok(None))
    }
}
