//! Answering by a link from a message. Opening it changes nothing, since scanners and previews open links too; the buttons
//! do, and each is good for what it says. The link is all that is known of who comes: whoever is signed in is nobody else here.

mod page;

use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::header::RETRY_AFTER;
use axum::http::{Extensions, HeaderMap, HeaderValue, StatusCode};
use axum::response::Response;
use chrono::TimeDelta;

use super::needs::Needs;
use super::origin;
use super::pages::visit::Fields;
use super::routes::Routes;
use super::site::Site;
use crate::cases::{LinkAnswer, Spent};
use page::{closed, done, open};

/// How long a link lets a case sleep, in minutes.
const LENGTHS: [i64; 3] = [60, 480, 1_440];
/// Letters of a reason.
const REASON: usize = 500;

pub(super) fn routes(routes: Routes) -> Routes {
    routes
        .get("/answer/{token}", Needs::Link, show)
        .post("/answer/{token}/acknowledge", Needs::Link, acknowledge)
        .post("/answer/{token}/snooze", Needs::Link, snooze)
        .post("/answer/{token}/harmless", Needs::Link, harmless)
}

/// Why somebody gets a page without buttons.
enum Refused {
    Spent(Spent),
    /// Comes too often.
    Often(Duration),
    /// What was filled in is nothing.
    Unfit(&'static str),
    Failed(String),
}

async fn show(
    State(site): State<Arc<Site>>,
    Path(token): Path<String>,
    headers: HeaderMap,
    request: Extensions,
) -> Response {
    let looked = match admitted(&site, &headers, &request) {
        Ok(()) => site.service.look_by_link(token).await.map_err(|error| Refused::Failed(error.to_string())),
        Err(refused) => Err(refused),
    };
    match (looked, site.service.link_key()) {
        (Ok(Ok(seen)), Some(key)) => open(&seen, &key, site.now()),
        (Ok(Ok(_)), None) => refused(Refused::Spent(Spent::Forged)),
        (Ok(Err(spent)), _) => refused(Refused::Spent(spent)),
        (Err(why), _) => refused(why),
    }
}

async fn acknowledge(
    State(site): State<Arc<Site>>,
    Path(token): Path<String>,
    headers: HeaderMap,
    request: Extensions,
) -> Response {
    answered(&site, token, (&headers, &request), Ok(LinkAnswer::Acknowledge)).await
}

async fn snooze(
    State(site): State<Arc<Site>>,
    Path(token): Path<String>,
    headers: HeaderMap,
    request: Extensions,
    body: Bytes,
) -> Response {
    let minutes = Fields::of(&body).one("minutes").parse().ok().filter(|minutes| LENGTHS.contains(minutes));
    let answer = minutes.map(|minutes| LinkAnswer::Snooze(TimeDelta::minutes(minutes)));
    let unfit = "Choose for how long: an hour, 8 hours or a day";
    answered(&site, token, (&headers, &request), answer.ok_or(Refused::Unfit(unfit))).await
}

async fn harmless(
    State(site): State<Arc<Site>>,
    Path(token): Path<String>,
    headers: HeaderMap,
    request: Extensions,
    body: Bytes,
) -> Response {
    let reason = Fields::of(&body).some("reason").map(|reason| reason.chars().take(REASON).collect());
    let unfit = "Say why it is harmless: whoever looks next has to know";
    answered(&site, token, (&headers, &request), reason.map(LinkAnswer::Harmless).ok_or(Refused::Unfit(unfit))).await
}

async fn answered(
    site: &Site,
    token: String,
    (headers, request): (&HeaderMap, &Extensions),
    answer: Result<LinkAnswer, Refused>,
) -> Response {
    let answer = admitted(site, headers, request).and(answer);
    let came = match answer {
        Ok(answer) => {
            let came = site.service.answer_by_link(token, answer.clone()).await;
            came.map_err(|refusal| Refused::Failed(refusal.to_string())).map(|came| (came, answer))
        }
        Err(refused) => Err(refused),
    };
    match came {
        Ok((Ok(answered), answer)) => done(&answered.case, &answer),
        Ok((Err(spent), _)) => refused(Refused::Spent(spent)),
        Err(why) => refused(why),
    }
}

/// Nobody opens links by the hundred.
fn admitted(site: &Site, headers: &HeaderMap, request: &Extensions) -> Result<(), Refused> {
    let from = origin::from(&site.settings().web, headers, request);
    site.throttle.admit_link(from).map_err(Refused::Often)
}

fn refused(why: Refused) -> Response {
    match why {
        Refused::Spent(spent) => {
            let status = if spent == Spent::Forged { StatusCode::FORBIDDEN } else { StatusCode::GONE };
            closed(status, &spent.to_string())
        }
        Refused::Often(wait) => {
            let seconds = wait.as_secs() + 1;
            let mut response = closed(
                StatusCode::TOO_MANY_REQUESTS,
                &format!("too many links are opened from your address: try again in {seconds} s"),
            );
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
            response
        }
        Refused::Unfit(what) => closed(StatusCode::BAD_REQUEST, &format!("{what}. Go back, and try again")),
        Refused::Failed(what) => {
            closed(StatusCode::INTERNAL_SERVER_ERROR, &format!("it was tried, and it failed: {what}"))
        }
    }
}
