//! Server-sent events (WHATWG HTML, section 9.2): that something in the store has changed. A page that hears so asks for itself
//! again. A stream ends with the session, with the daemon, and with the longest turn of a connection; browsers come back.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::Query;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, HeaderName};
use axum::response::{IntoResponse as _, Response};
use futures_util::stream::{self, Stream};
use serde::Deserialize;

use super::visit::Visit;
use crate::access;
use crate::api::web::session;
use crate::api::web::site::Site;
use crate::api::web::windows::Seat;

/// Between two looks.
const TICK: Duration = Duration::from_secs(1);
/// Looks between two in which something is sent, so that nobody between takes the line for dead.
const QUIET: u32 = 15;
/// Looks between two changes that are told: each makes a window ask for all of its page.
const PACE: u32 = 5;
/// Milliseconds until a browser comes back whose line broke off, and one for which there was no seat.
const BACK: u32 = 5_000;
const LATER: u32 = 30_000;
/// nginx gathers what it passes on, unless it is told that this may not wait.
const UNBUFFERED: (HeaderName, &str) = (HeaderName::from_static("x-accel-buffering"), "no");

/// How often the store had been written to when the page was made.
#[derive(Debug, Deserialize)]
pub(super) struct From {
    #[serde(default)]
    from: u64,
}

/// One window.
struct Window {
    site: Arc<Site>,
    headers: HeaderMap,
    /// What it has seen.
    commits: u64,
    quiet: u32,
    /// Looks since a change was told.
    pace: u32,
    over: bool,
    /// `None`: it hears what there is now, and comes back.
    seat: Option<Seat>,
}

pub(super) async fn show(visit: Visit, Query(From { from }): Query<From>, headers: HeaderMap) -> Response {
    let seat = visit.site.windows.seat(visit.user());
    // A browser that comes back says what it heard last.
    let last = headers.get("last-event-id").and_then(|id| id.to_str().ok()?.parse().ok());
    let (commits, quiet) = (last.unwrap_or(from), QUIET);
    let window = Window { site: visit.site, headers, commits, quiet, pace: PACE, over: false, seat };
    let head = [(CONTENT_TYPE, "text/event-stream"), UNBUFFERED];
    (head, Body::from_stream(events(window))).into_response()
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
            // An answer of another status, or none, ends it in a browser for good.
            self.over = self.seat.is_none();
            let retry = if self.over { LATER } else { BACK };
            if seen != self.commits && self.pace >= PACE {
                (self.commits, self.quiet, self.pace) = (seen, 0, 0);
                return format!("retry: {retry}\nevent: changed\nid: {seen}\ndata: {seen}\n\n");
            }
            if self.quiet >= QUIET {
                self.quiet = 0;
                return format!("retry: {retry}\nid: {}\n: nothing new\n\n", self.commits);
            }
            (self.quiet, self.pace) = (self.quiet + 1, self.pace.saturating_add(1));
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
