//! What a provider said when somebody signed in, kept to tell it when they sign out (OpenID Connect RP-Initiated Logout 1.0,
//! section 2). In memory alone: it says who somebody is, and whoever signs out after a restart is signed out here.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::access::random::digest;

/// So many browsers; beyond them those go that signed in first.
const MOST: usize = 1_000;
/// Of a word, bytes: a longer one stands in no address.
const LONGEST: usize = 8_000;

/// By the digest of the session's cookie: when it was said, on the monotonic clock, and what.
#[derive(Default)]
pub struct Hints(Mutex<BTreeMap<String, (Duration, String)>>);

impl Hints {
    /// Whoever has this cookie was named by this ID token.
    pub fn keep(&self, cookie: &str, token: String, mono: Duration) {
        if token.len() > LONGEST {
            return;
        }
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.insert(digest(cookie), (mono, token));
        if kept.len() > MOST
            && let Some(first) = kept.iter().min_by_key(|(_, (at, _))| *at).map(|(cookie, _)| cookie.clone())
        {
            kept.remove(&first);
        }
    }

    /// Once.
    pub fn take(&self, cookie: &str) -> Option<String> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.remove(&digest(cookie)).map(|(_, token)| token)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_of_one_session_and_is_given_once() {
        let hints = Hints::default();
        hints.keep("cookie", "token".to_owned(), Duration::ZERO);
        hints.keep("long", "x".repeat(LONGEST + 1), Duration::ZERO);
        assert_eq!((hints.take("other"), hints.take("long")), (None, None));
        assert_eq!(hints.take("cookie").as_deref(), Some("token"));
        assert_eq!(hints.take("cookie"), None);
    }

    #[test]
    fn those_go_first_that_signed_in_first() {
        let hints = Hints::default();
        for at in 0..=MOST as u64 {
            hints.keep(&at.to_string(), at.to_string(), Duration::from_secs(at));
        }
        assert_eq!(hints.take("0"), None);
        assert_eq!((hints.take("1").as_deref(), hints.take("1000").as_deref()), (Some("1"), Some("1000")));
    }
}
