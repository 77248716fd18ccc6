//! Buttons of messages in Slack. Whoever is let in is Slack, by its signature; whom it names is an account by the configuration, and decides what that
//! account may, by the rules that the dashboard has.

mod decided;
mod press;
mod signed;

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse as _, Response};

use super::needs::Needs;
use super::refused::{Reason, refuse};
use super::routes::Routes;
use super::site::Site;
use press::Press;
use signed::{Unsigned, WINDOW, verified};

/// Slack sends the whole message along, in a form.
const ROOM: usize = 256 * 1024;

pub(super) fn routes(routes: Routes) -> Routes {
    routes.post_up_to(ROOM, "/slack/actions", Needs::Signature, pressed)
}

/// Slack wants to hear within three seconds that it was heard, shows nothing of the answer, and tells whoever pressed that it failed where that comes late:
/// so it is answered first. What came of it goes to where it listens.
async fn pressed(State(site): State<Arc<Site>>, uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
    let settings = site.settings();
    let Some(app) = &settings.web.slack else { return refuse(&Reason::SignedOut, &Method::POST, &uri) };
    let now = site.now();
    let signed = verified(app.secret.expose().as_bytes(), &headers, &body, now);
    let first = signed.and_then(|(signature, at)| {
        site.slack.is_first(signature, at, (now, WINDOW)).then_some(()).ok_or(Unsigned::Again)
    });
    if let Err(why) = first {
        // Whoever has no signature of Slack fills no log. One that is not of now tells of a clock, and persons wonder about their buttons.
        match why {
            Unsigned::Old => tracing::warn!("a press of a button in Slack was not heard: {why}"),
            _ => tracing::debug!("something came to where Slack sends, and was not heard: {why}"),
        }
        return (StatusCode::FORBIDDEN, format!("not heard: {why}\n")).into_response();
    }
    // An app hears of more than of our buttons.
    let Some(press) = Press::read(&body) else { return StatusCode::OK.into_response() };
    let slack = Arc::clone(&site.slack);
    slack.later(async move {
        let said = decided::decided(&site, &press).await;
        if let Some(to) = &press.answer_to {
            site.slack.tell(&settings, to, &said).await;
        }
    });
    StatusCode::OK.into_response()
}
