//! By which name somebody came, and from whose page. A name of ours that leads elsewhere, or a page of somebody else's, must
//! not act for who is signed in.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::header::{HOST, ORIGIN};
use axum::http::{HeaderMap, HeaderName, Uri};
use axum::middleware::Next;
use axum::response::Response;
use url::{Host, Url};

use super::health;
use super::refused::{Reason, refuse};
use super::site::Site;
use crate::config::WebSettings;

/// What a browser says of where a request comes from (Fetch Metadata, section 2.3).
const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Refuses hosts that are not ours: another name may have been made to lead to this machine (DNS rebinding). Whoever asks
/// whether a daemon answers may do so by any.
pub(super) async fn host(State(site): State<Arc<Site>>, request: Request, next: Next) -> Response {
    let is_ours = request.uri().path() == health::PATH || origin(&site.settings().web, request.headers()).is_some();
    match is_ours {
        true => next.run(request).await,
        false => refuse(&Reason::Host, request.method(), request.uri()),
    }
}

/// Was it sent from a page of ours, as far as the browser says so? Under our referrer policy a form's `Origin` is `null`
/// (Fetch, "append a request Origin header"), and then the browser has to say in the other header that it is ours.
pub(super) fn is_from_us(web: &WebSettings, headers: &HeaderMap) -> bool {
    let fetched = one(headers, &FETCH_SITE);
    let same_site = fetched.is_none_or(|site| site == "same-origin");
    let same_origin = match one(headers, &ORIGIN) {
        None => true,
        Some("null") => fetched.is_some(),
        Some(origin) => self::origin(web, headers).is_some_and(|ours| ours == origin),
    };
    same_site && same_origin && headers.get_all(ORIGIN).iter().count() < 2
}

/// The origin that this request was sent to, where it is ours: by `public_url`, or by an address of this machine if it is
/// listened at there.
pub(super) fn origin(web: &WebSettings, headers: &HeaderMap) -> Option<String> {
    let host = only(headers, &HOST)?;
    let url = Url::parse(&format!("{}://{host}/", web.scheme())).ok().filter(|url| is_bare(url, host))?;
    let public = web.public_url.as_ref().filter(|public| is_host_of(public, host));
    match public {
        Some(public) => Some(public.clone()),
        None if is_here(&url) && web.listen.is_some_and(|listen| listen.ip().is_loopback()) => {
            Some(web.public_url.clone().unwrap_or_else(|| url.origin().ascii_serialization()))
        }
        None => None,
    }
}

/// Nothing but a host and a port: no account, no path.
fn is_bare(url: &Url, host: &str) -> bool {
    let plain = host.bytes().all(|b| b.is_ascii_alphanumeric() || b".:-[]".contains(&b));
    plain && url.username().is_empty() && url.path() == "/"
}

fn is_host_of(public: &str, host: &str) -> bool {
    let authority = |text: &str| public.parse::<Uri>().ok().and_then(|uri| Some(uri.scheme_str()?.to_owned() + text));
    let of = |text: &str| Url::parse(text).ok().map(|url| url.origin().ascii_serialization());
    authority(&format!("://{host}/")).and_then(|text| of(&text)).as_deref() == Some(public)
}

fn is_here(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

fn one<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<&'h str> {
    headers.get(name).map(|value| value.to_str().unwrap_or("?"))
}

/// The value of a header that is there once.
pub(super) fn only<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<&'h str> {
    let mut all = headers.get_all(name).iter();
    let first = all.next().and_then(|value| value.to_str().ok());
    first.filter(|_| all.next().is_none())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn web(listen: &str, public: Option<&str>) -> WebSettings {
        let public_url = public.map(str::to_owned);
        WebSettings { listen: listen.parse().ok(), public_url, ..WebSettings::default() }
    }

    fn headers(pairs: &[(&HeaderName, &str)]) -> HeaderMap {
        let mut all = HeaderMap::new();
        for (name, value) in pairs {
            all.append(*name, value.parse().expect("a value"));
        }
        all
    }

    #[test]
    fn a_host_is_ours_by_its_public_name_or_on_this_machine() {
        let at = |web: &WebSettings, host: &str| origin(web, &headers(&[(&HOST, host)]));
        let local = web("127.0.0.1:8470", None);
        assert_eq!(at(&local, "127.0.0.1:8470").as_deref(), Some("http://127.0.0.1:8470"));
        assert_eq!(at(&local, "localhost:8470").as_deref(), Some("http://localhost:8470"));
        assert_eq!(at(&local, "[::1]:8470").as_deref(), Some("http://[::1]:8470"));
        let strange =
            ["evil.example", "127.0.0.1.evil.example", "localhost.", "a@127.0.0.1", "127.0.0.1/x", "", " ", "10.0.0.1"];
        for host in strange {
            assert_eq!(at(&local, host), None, "{host:?}");
        }
        let public = web("0.0.0.0:8470", Some("https://watch.acme.example"));
        for host in ["watch.acme.example", "watch.acme.example:443", "WATCH.acme.example"] {
            assert_eq!(at(&public, host).as_deref(), Some("https://watch.acme.example"), "{host}");
        }
        for host in ["127.0.0.1:8470", "localhost", "watch.acme.example:8443", "watch.acme.example.evil.example"] {
            assert_eq!(at(&public, host), None, "{host}");
        }
        let proxied = web("127.0.0.1:8470", Some("https://watch.acme.example"));
        assert_eq!(
            at(&proxied, "127.0.0.1:8470").as_deref(),
            Some("https://watch.acme.example"),
            "an nginx as it comes"
        );
        let twice = headers(&[(&HOST, "localhost"), (&HOST, "evil.example")]);
        assert_eq!(origin(&local, &twice), None);
        assert_eq!(origin(&local, &HeaderMap::new()), None);
    }

    #[test]
    fn what_a_page_of_somebody_elses_sends_is_known_by_what_the_browser_says() {
        let local = web("127.0.0.1:8470", None);
        let from = |pairs: &[(&HeaderName, &str)]| {
            is_from_us(&local, &headers(&[&[(&HOST, "localhost:8470")], pairs].concat()))
        };
        let ours = "http://localhost:8470";
        assert!(from(&[]) && from(&[(&ORIGIN, ours)]) && from(&[(&FETCH_SITE, "same-origin")]));
        assert!(from(&[(&ORIGIN, "null"), (&FETCH_SITE, "same-origin")]), "a form under our referrer policy");
        let foreign: [&[(&HeaderName, &str)]; 8] = [
            &[(&ORIGIN, "null")],
            &[(&ORIGIN, "http://evil.example")],
            &[(&ORIGIN, "http://localhost:8471")],
            &[(&ORIGIN, "https://localhost:8470")],
            &[(&FETCH_SITE, "cross-site")],
            &[(&FETCH_SITE, "same-site")],
            &[(&ORIGIN, ours), (&FETCH_SITE, "cross-site")],
            &[(&ORIGIN, ours), (&ORIGIN, "http://evil.example")],
        ];
        for pairs in foreign {
            assert!(!from(pairs), "{pairs:?}");
        }
    }
}
