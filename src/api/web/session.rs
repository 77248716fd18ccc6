//! The session of a browser: its cookie, and the word that its forms carry.

use axum::http::HeaderMap;
use axum::http::header::{ACCEPT, COOKIE};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use subtle::ConstantTimeEq as _;

use super::in_passing::in_passing;
use super::site::Site;
use crate::access::oidc::LONGEST;
use crate::access::session::{self, Signed};
use crate::config::WebSettings;
use crate::store::StoreError;

/// The cookie's name. Over TLS a browser takes one of this prefix from this very host alone, so that no neighbour in the
/// domain can set it (RFC 6265bis, 4.1.3.2).
pub fn cookie_name(secure: bool) -> &'static str {
    if secure { "__Host-namewarden" } else { "namewarden" }
}

/// The cookie of a session, where the browser sent one (RFC 6265, section 4.2). One that sent several is somebody's trick.
pub(super) fn cookie(headers: &HeaderMap, secure: bool) -> Option<String> {
    cookie_called(headers, cookie_name(secure))
}

/// The cookie of the page on which one signs in.
pub(super) fn form_name(secure: bool) -> &'static str {
    if secure { "__Host-namewarden-form" } else { "namewarden-form" }
}

pub(super) fn cookie_called(headers: &HeaderMap, called: &str) -> Option<String> {
    let texts = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
    let pairs = texts.flat_map(|text| text.split(';')).filter_map(|pair| pair.trim().split_once('='));
    let mut ours = pairs.filter(|(name, _)| *name == called).map(|(_, value)| value.to_owned());
    ours.next().filter(|_| ours.next().is_none())
}

/// With it `live.js` asks for a page that is shown already.
pub(super) const LIVE: &str = "x-live";
/// With this as `Accept` browsers ask for a stream (WHATWG HTML, section 9.2.2).
const STREAM: &[u8] = b"text/event-stream";

/// Is it asked by a page that keeps itself up to date, and by nobody who reads it?
pub(super) fn is_by_itself(headers: &HeaderMap) -> bool {
    headers.contains_key(LIVE) || headers.get(ACCEPT).is_some_and(|accept| accept.as_bytes() == STREAM)
}

/// The header that gives a browser its cookie. Scripts cannot read it, and nothing that a page of another site sends has it.
/// Where people come by a public address a link in a mail has it, too: else whoever follows one would sign in each time. So has what
/// a provider leads back to.
pub(super) fn give(cookie: &str, web: &WebSettings) -> String {
    let (secure, name) = (web.is_secure(), cookie_name(web.is_secure()));
    if secure || web.oidc.is_some() { give_lax(name, cookie, secure) } else { give_as(name, cookie, secure) }
}

pub(super) fn give_as(name: &str, cookie: &str, secure: bool) -> String {
    format!("{name}={cookie}; Path=/; HttpOnly; SameSite=Strict{}", if secure { "; Secure" } else { "" })
}

fn give_lax(name: &str, cookie: &str, secure: bool) -> String {
    give_as(name, cookie, secure).replace("SameSite=Strict", "SameSite=Lax")
}

/// The cookie of whoever is at a provider, from whose pages they come back with it.
pub(super) fn way_name(secure: bool) -> &'static str {
    if secure { "__Host-namewarden-oidc" } else { "namewarden-oidc" }
}

pub(super) fn give_on_the_way(cookie: &str, secure: bool) -> String {
    format!("{}; Max-Age={}", give_lax(way_name(secure), cookie, secure), LONGEST.as_secs())
}

pub(super) fn forget_the_way(secure: bool) -> String {
    format!("{}; Max-Age=0", give_lax(way_name(secure), "", secure))
}

/// The header that takes it away.
pub(super) fn forget(secure: bool) -> String {
    format!("{}; Max-Age=0", give_as(cookie_name(secure), "", secure))
}

/// Who is signed in by this cookie. That somebody uses it is written down once a minute, in passing; that a page which was left open
/// keeps itself up to date is no use.
pub(super) async fn signed(site: &Site, headers: &HeaderMap, cookie: String) -> Result<Option<Signed>, StoreError> {
    let (validity, now, asked) = (site.validity(), site.now(), cookie.clone());
    let signed = site.store().read(move |tx| session::find(tx, &asked, validity, now)).await?;
    if signed.as_ref().is_some_and(|signed| signed.is_stale && !is_by_itself(headers)) {
        let used = site.store().write(move |tx| session::used(tx, &cookie, now));
        in_passing("that a session is used", used).await;
    }
    Ok(signed)
}

/// What the forms of this session carry. Whoever does not know the cookie cannot make it.
pub fn csrf(cookie: &str) -> String {
    let key = Hmac::<Sha256>::new_from_slice(cookie.as_bytes());
    let bytes = key.map(|key| key.chain_update(b"csrf").finalize().into_bytes());
    bytes.map(|bytes| BASE64_URL_SAFE_NO_PAD.encode(bytes)).unwrap_or_default()
}

/// Is this that word? In a time that does not depend on where it differs.
pub(super) fn is_csrf(given: &str, of: &str) -> bool {
    !of.is_empty() && given.as_bytes().ct_eq(of.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(texts: &[&str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for text in texts {
            headers.append(COOKIE, text.parse().expect("a value"));
        }
        headers
    }

    #[test]
    fn a_cookie_is_ours_by_its_whole_name_and_there_once() {
        let local = |texts: &[&str]| cookie(&sent(texts), false);
        assert_eq!(local(&["a=b; namewarden=x; c=d"]).as_deref(), Some("x"));
        assert_eq!(local(&["namewarden=x; namewarden=y"]), None, "one of them was tossed in");
        assert_eq!(local(&["namewarden=x", "namewarden=x"]), None);
        assert_eq!(local(&["__Host-namewarden=x; namewarden2=y"]), None);
        assert_eq!(cookie(&sent(&["namewarden=x"]), true), None, "clear text is nothing over TLS");
        assert_eq!(cookie(&sent(&["__Host-namewarden=x"]), true).as_deref(), Some("x"));
    }

    #[test]
    fn a_cookie_is_for_this_host_alone_and_for_no_script() {
        let secure =
            WebSettings { public_url: Some("https://watch.acme.example".to_owned()), ..WebSettings::default() };
        assert_eq!(give("x", &WebSettings::default()), "namewarden=x; Path=/; HttpOnly; SameSite=Strict");
        assert_eq!(give("x", &secure), "__Host-namewarden=x; Path=/; HttpOnly; SameSite=Lax; Secure");
        assert_eq!(
            give_as(form_name(true), "x", true),
            "__Host-namewarden-form=x; Path=/; HttpOnly; SameSite=Strict; Secure"
        );
    }

    #[test]
    fn whoever_comes_back_from_a_provider_has_what_they_went_with_for_ten_minutes() {
        assert_eq!(give_on_the_way("x", false), "namewarden-oidc=x; Path=/; HttpOnly; SameSite=Lax; Max-Age=600");
        assert_eq!(forget_the_way(true), "__Host-namewarden-oidc=; Path=/; HttpOnly; SameSite=Lax; Secure; Max-Age=0");
    }

    #[test]
    fn the_word_of_a_form_belongs_to_one_session() {
        let (one, two) = (csrf("one"), csrf("two"));
        assert!(is_csrf(&one, &one) && !is_csrf(&one, &two) && !is_csrf("", &one) && !is_csrf("", ""));
        assert!(!one.contains("one") && one.len() == 43);
    }
}
