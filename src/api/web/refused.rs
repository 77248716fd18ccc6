//! What is said to whom nothing is given: a problem to programs, a way to sign in or a page to people.

use axum::http::header::LOCATION;
use axum::http::{Method, StatusCode, Uri};
use axum::response::{IntoResponse as _, Response};
use url::form_urlencoded;

use super::pages::shell::Shell;
use super::pages::trouble::TroublePage;
use crate::api::problem::told;
use crate::api::v1::resource::INVENTORY_ROOM;
use crate::api::v1::{Problem, ProblemType};
use crate::cases::ANSWER_PATH;
use crate::model::Role;
use crate::store::StoreError;

/// Why.
#[derive(Debug)]
pub(super) enum Reason {
    SignedOut,
    /// What the caller has, and what it takes.
    Role(Role, Role),
    Forged,
    Host,
    TooLarge(usize),
    /// Its body came in pieces, for too long.
    Slow,
    Nothing,
    Method,
    Store(StoreError),
}

/// Where people sign in.
pub(super) const LOGIN: &str = "/login";
/// Below it programs ask.
const API: &str = "/api/";
/// And here.
const METRICS: &str = "/metrics";

impl Reason {
    fn kind(&self) -> ProblemType {
        match self {
            Self::SignedOut => ProblemType::SignedOut,
            Self::Role(..) => ProblemType::NotAllowed,
            Self::Forged => ProblemType::Forged,
            Self::Host => ProblemType::WrongHost,
            Self::TooLarge(_) => ProblemType::TooLarge,
            Self::Slow => ProblemType::TooSlow,
            Self::Nothing => ProblemType::NoSuchPath,
            Self::Method => ProblemType::WrongMethod,
            Self::Store(_) => ProblemType::Store,
        }
    }

    fn detail(&self) -> String {
        match self {
            Self::SignedOut => "nobody is signed in, or no longer".to_owned(),
            Self::Role(has, needed) => format!("this is for the role {needed}, and the account has the role {has}"),
            Self::Forged => {
                "this was sent from a page of somebody else's, or from one that was opened before signing in".to_owned()
            }
            Self::Host => "this host is not ours".to_owned(),
            Self::TooLarge(most) => format!("nothing larger than {most} bytes is taken"),
            Self::Slow => "what was sent did not arrive in time".to_owned(),
            Self::Nothing => "nothing is at this address".to_owned(),
            Self::Method => "something is at this address, and not by this method".to_owned(),
            Self::Store(error) => error.to_string(),
        }
    }

    fn remedy(&self) -> &'static str {
        match self {
            Self::SignedOut => "sign in, or send a token: Authorization: Bearer nwt_…",
            Self::Role(..) => "an admin may change it: namewarden user role",
            Self::Forged => "open the page anew and send it again",
            Self::Host => "come by the address that the configuration has as [web] public_url",
            // Nothing but a preview has so much.
            Self::TooLarge(INVENTORY_ROOM) => {
                "look at the file where it lies: namewarden preview --inventory FILE --new"
            }
            Self::TooLarge(_) => "send less at once",
            Self::Slow => "send it again",
            Self::Nothing => "begin at /",
            Self::Method => "the header Allow names the methods",
            Self::Store(_) => "see namewarden status",
        }
    }

    fn problem(&self) -> Problem {
        Problem::new(self.kind(), self.detail()).with(self.remedy())
    }
}

/// A stranger who opens a page is led to where one signs in.
pub(super) fn refuse(reason: &Reason, method: &Method, uri: &Uri) -> Response {
    if uri.path().starts_with(API) || uri.path() == METRICS {
        return told(&reason.problem());
    }
    match reason {
        Reason::SignedOut => (StatusCode::SEE_OTHER, [(LOCATION, login(method, uri))]).into_response(),
        other => page(other),
    }
}

/// Back to where they were, where that can be repeated.
fn login(method: &Method, uri: &Uri) -> String {
    let there = uri.path_and_query().map_or("/", |there| there.as_str());
    // A link that was cut off, or asked in another way, goes into no other address.
    let next = if method.is_safe() && !there.starts_with(ANSWER_PATH) { there } else { "/" };
    format!("{LOGIN}?{}", form_urlencoded::Serializer::new(String::new()).append_pair("next", next).finish())
}

fn page(reason: &Reason) -> Response {
    TroublePage::new(reason.problem(), Shell::outside("Refused")).into_response()
}

#[cfg(test)]
mod tests {
    use axum::http::header::CONTENT_TYPE;

    use super::*;

    fn refused(reason: &Reason, method: &Method, uri: &str) -> (u16, String, String) {
        let response = refuse(reason, method, &uri.parse().expect("an address"));
        let header = |name| response.headers().get(name).map(|value| value.to_str().expect("text").to_owned());
        (response.status().as_u16(), header(LOCATION).unwrap_or_default(), header(CONTENT_TYPE).unwrap_or_default())
    }

    #[test]
    fn people_are_led_to_where_one_signs_in_and_back_to_what_they_read() {
        let led = |method: &Method, uri: &str| refused(&Reason::SignedOut, method, uri).1;
        assert_eq!(
            led(&Method::GET, "/findings/nw-1?tier=page&x=1"),
            "/login?next=%2Ffindings%2Fnw-1%3Ftier%3Dpage%26x%3D1"
        );
        assert_eq!(led(&Method::GET, "/answer/AbC-_1/x"), "/login?next=%2F", "a link goes into no other address");
        assert_eq!(led(&Method::POST, "/findings/nw-1/ack"), "/login?next=%2F", "nothing is sent twice");
        assert_eq!(
            led(&Method::GET, "//evil.example/x"),
            "/login?next=%2F%2Fevil.example%2Fx",
            "not a host, but a path"
        );
        assert_eq!(
            led(&Method::GET, "/x?next=%0d%0aset-cookie:a=b"),
            "/login?next=%2Fx%3Fnext%3D%250d%250aset-cookie%3Aa%3Db"
        );
    }

    #[test]
    fn programs_are_told_a_problem() {
        let told = |reason: &Reason| refused(reason, &Method::GET, "/api/v1/findings");
        let json = || "application/problem+json".to_owned();
        assert_eq!(told(&Reason::SignedOut), (401, String::new(), json()));
        assert_eq!(told(&Reason::Role(Role::Viewer, Role::Admin)), (403, String::new(), json()));
        assert_eq!(told(&Reason::Forged).0, 403);
        assert_eq!(told(&Reason::TooLarge(7)).0, 413);
        assert_eq!(told(&Reason::Slow).0, 408);
        assert_eq!(told(&Reason::Nothing).0, 404);
        assert_eq!(told(&Reason::Store(StoreError::Closed)).0, 500);
        assert_eq!(refused(&Reason::Host, &Method::GET, "/").0, 421);
        assert_eq!(refused(&Reason::Nothing, &Method::GET, "/x").2, "text/html; charset=utf-8");
    }
}
