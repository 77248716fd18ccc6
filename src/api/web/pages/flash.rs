//! What an action came to: told once, on the page that follows it. It travels in a cookie of its own, so that an address that
//! somebody else made says nothing in our words.

use axum::http::header::{COOKIE, SET_COOKIE};
use axum::http::{HeaderMap, HeaderName};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

use crate::api::web::session::{LIVE, give_as};

/// Lines that are told; cookies are small.
const LINES: usize = 12;
/// Letters of a line where there are many, and of one alone: why something was refused is read to its end.
const LINE: usize = 160;
const LONE: usize = 600;

/// Lines in a box.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::api::web) struct Flash {
    /// Was all of it done?
    pub(in crate::api::web) good: bool,
    pub(in crate::api::web) lines: Vec<String>,
}

impl Flash {
    pub(super) fn new(good: bool, lines: impl IntoIterator<Item = String>) -> Self {
        let mut all: Vec<String> = lines.into_iter().collect();
        let more = all.len().saturating_sub(LINES);
        all.truncate(LINES);
        let letters = (LINES * LINE / all.len().max(1)).clamp(LINE, LONE);
        all.iter_mut().for_each(|line| *line = super::parts::plain_to(line, letters));
        all.extend((more > 0).then(|| format!("and {more} more")));
        Self { good, lines: all }
    }

    /// To be sent with an answer.
    pub(super) fn cookie(&self, secure: bool) -> (HeaderName, String) {
        let text = BASE64_URL_SAFE_NO_PAD.encode(serde_json::to_vec(self).unwrap_or_default());
        (SET_COOKIE, format!("{}; Max-Age=60", give_as(name(secure), &text, secure)))
    }

    /// What came with a request; none that is not ours to read. A page that only keeps itself up to date leaves it to the one
    /// that is on its way, and that somebody reads.
    pub(super) fn of(headers: &HeaderMap, secure: bool) -> Option<Self> {
        if headers.contains_key(LIVE) {
            return None;
        }
        let texts = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
        let mut pairs = texts.flat_map(|text| text.split(';')).filter_map(|pair| pair.trim().split_once('='));
        let (_, value) = pairs.find(|(called, _)| *called == name(secure))?;
        let said: Self = serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(value).ok()?).ok()?;
        let lines = said.lines.iter().take(LINES + 1).map(|line| super::parts::plain_to(line, LONE)).collect();
        Some(Self { good: said.good, lines })
    }
}

/// Over TLS no neighbour in the domain can set it, as with that of a session.
fn name(secure: bool) -> &'static str {
    if secure { "__Host-namewarden-said" } else { "namewarden-said" }
}

/// It was told.
pub(super) fn forget(secure: bool) -> String {
    format!("{}; Max-Age=0", give_as(name(secure), "", secure))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn back(said: &Flash) -> Option<Flash> {
        let (_, cookie) = said.cookie(true);
        assert!(cookie.starts_with("__Host-namewarden-said=") && cookie.contains("; Secure"), "{cookie}");
        let pair = cookie.split(';').next().expect("a pair").to_owned();
        let sent = HeaderMap::from_iter([(COOKIE, pair.parse().expect("a value"))]);
        assert_eq!(Flash::of(&sent, false), None, "what TLS is for is nothing in clear text");
        Flash::of(&sent, true)
    }

    #[test]
    fn what_is_said_comes_back_harmless_and_not_too_long() {
        let said = Flash::new(false, ["<b>\u{202e}no".to_owned(), "x".repeat(5_000)]);
        assert_eq!(back(&said), Some(said.clone()));
        assert_eq!(said.lines[0], r"<b>\u{202e}no");
        let why = ["who asks cannot be told"; 20].join(" ");
        assert_eq!(back(&Flash::new(false, [why.clone()])).map(|said| said.lines), Some(vec![why]));
        let many = Flash::new(true, (0..40).map(|n| format!("{n} {}", "y".repeat(400))));
        assert_eq!((many.lines.len(), many.lines[12].as_str()), (13, "and 28 more"));
        assert_eq!(back(&many), Some(many.clone()));
        assert!(many.cookie(true).1.len() < 4_000, "browsers drop a cookie that is larger");
    }

    #[test]
    fn a_page_that_keeps_itself_up_to_date_takes_nothing_away() {
        let (_, cookie) = Flash::new(true, ["done".to_owned()]).cookie(false);
        let pair = cookie.split(';').next().expect("a pair").to_owned();
        let mut headers = HeaderMap::from_iter([(COOKIE, pair.parse().expect("a value"))]);
        assert!(Flash::of(&headers, false).is_some());
        headers.insert(LIVE, "1".parse().expect("a value"));
        assert_eq!(Flash::of(&headers, false), None);
        assert!(include_str!("../assets/live.js").contains("\"X-Live\": \"1\""));
    }

    #[test]
    fn what_is_none_of_ours_says_nothing() {
        for text in ["namewarden-said=", "namewarden-said=e30", "namewarden-said=!", "other=1"] {
            let sent = HeaderMap::from_iter([(COOKIE, text.parse().expect("a value"))]);
            assert_eq!(Flash::of(&sent, false), None, "{text}");
        }
    }
}
