//! A sign-in on its way: what a browser keeps of it until the provider sends it back. It is sealed by a key of this process, good
//! for ten minutes, and once.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use subtle::ConstantTimeEq as _;

use crate::access::random::random;

/// How long somebody may take at the provider.
pub const LONGEST: Duration = Duration::from_mins(10);
/// A page that is further away than this is not gone back to: a browser keeps no larger cookie than 4096 bytes.
const NEXT_MOST: usize = 2048;
/// So many that came back are remembered; beyond them it is the provider alone that takes no code twice.
const USED_MOST: usize = 10_000;

/// What one sign-in is known by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Way {
    /// Comes back in the address: whoever does not know it was not sent by us.
    pub state: String,
    /// Comes back in what the provider signs.
    pub nonce: String,
    /// Shown to the provider with the code (RFC 7636).
    pub verifier: String,
    /// Where they were going.
    pub next: String,
}

/// All that are on their way.
pub struct Ways {
    /// Empty where the kernel gave none: then nobody is sent anywhere.
    key: String,
    used: Mutex<BTreeMap<String, Duration>>,
}

impl Default for Ways {
    fn default() -> Self {
        Self { key: random().unwrap_or_default(), used: Mutex::default() }
    }
}

impl Ways {
    /// What the browser keeps, and what goes to the provider. `None`: the kernel gives no random bits. `mono` is the time that
    /// no wall clock moves.
    pub fn begin(&self, next: &str, mono: Duration) -> Option<(String, Way)> {
        let secret = random().ok().filter(|_| !self.key.is_empty())?;
        let next = if next.len() <= NEXT_MOST { next } else { "/" };
        let text = format!("{secret}.{}.{}", (mono + LONGEST).as_secs(), BASE64_URL_SAFE_NO_PAD.encode(next));
        let cookie = format!("{text}.{}", self.word("seal", &text));
        Some((cookie, self.way(&secret, next.to_owned())))
    }

    /// The way of this cookie, if it is the one that comes back. It is none afterwards.
    pub fn back(&self, cookie: &str, state: &str, mono: Duration) -> Option<Way> {
        let (text, seal) = cookie.rsplit_once('.').filter(|_| !self.key.is_empty())?;
        let mut parts = text.split('.');
        let (secret, ends, next) = (parts.next()?, parts.next()?, parts.next()?);
        let ends = Duration::from_secs(ends.parse().ok()?);
        let next = String::from_utf8(BASE64_URL_SAFE_NO_PAD.decode(next).ok()?).ok()?;
        let way = self.way(secret, next);
        let is_ours = is_same(seal, &self.word("seal", text)) && is_same(state, &way.state) && mono < ends;
        (is_ours && self.is_first(secret, ends, mono)).then_some(way)
    }

    fn is_first(&self, secret: &str, ends: Duration, mono: Duration) -> bool {
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        used.retain(|_, ends| mono < *ends);
        if used.len() >= USED_MOST {
            used.pop_first();
        }
        used.insert(secret.to_owned(), ends).is_none()
    }

    fn way(&self, secret: &str, next: String) -> Way {
        let word = |what: &str| self.word(what, secret);
        Way { state: word("state"), nonce: word("nonce"), verifier: word("verifier"), next }
    }

    /// What nobody can make who does not know the key.
    fn word(&self, what: &str, of: &str) -> String {
        let key = Hmac::<Sha256>::new_from_slice(self.key.as_bytes());
        let bytes = key.map(|key| key.chain_update(what).chain_update(":").chain_update(of).finalize().into_bytes());
        bytes.map(|bytes| BASE64_URL_SAFE_NO_PAD.encode(bytes)).unwrap_or_default()
    }
}

fn is_same(given: &str, ours: &str) -> bool {
    !ours.is_empty() && given.as_bytes().ct_eq(ours.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NOW: Duration = Duration::from_secs(1000);

    #[test]
    fn a_way_comes_back_once_within_ten_minutes_and_to_this_process() {
        let ways = Ways::default();
        let begun = || ways.begin("/findings?tier=page", NOW).expect("bits");
        let ((cookie, way), (other, _)) = (begun(), begun());
        assert_eq!((way.state.len(), way.nonce.len(), way.verifier.len()), (43, 43, 43));
        assert_eq!(ways.back(&other, &way.state, NOW), None, "the state of another browser");
        assert_eq!(ways.back(&cookie, "", NOW), None);
        assert_eq!(Ways::default().back(&cookie, &way.state, NOW), None, "sealed by another");
        assert_eq!(ways.back(&cookie, &way.state, NOW + LONGEST), None, "too late");
        assert_eq!(ways.back(&cookie, &way.state, NOW), Some(way.clone()), "what was refused is not used");
        assert_eq!(ways.back(&cookie, &way.state, NOW), None, "once");
        assert!(!cookie.contains(&way.state) && !cookie.contains(&way.verifier) && !cookie.contains(&way.nonce));
        let (last, way) = begun();
        assert!(ways.back(&last, &way.state, NOW + LONGEST - Duration::from_secs(1)).is_some());
    }

    #[test]
    fn a_page_that_is_too_far_away_is_not_gone_back_to() {
        let ways = Ways::default();
        let (cookie, way) = ways.begin(&"/x".repeat(NEXT_MOST), NOW).expect("bits");
        assert!(way.next == "/" && cookie.len() < 4096);
        assert!(ways.begin(&"x".repeat(NEXT_MOST), NOW).expect("bits").0.len() < 4096);
    }

    #[test]
    fn without_random_bits_nobody_goes_or_comes() {
        let ways = Ways { key: String::new(), used: Mutex::default() };
        assert_eq!(ways.begin("/", NOW), None);
        let (cookie, way) = Ways::default().begin("/", NOW).expect("bits");
        assert_eq!(ways.back(&cookie, &way.state, NOW), None);
    }

    proptest! {
        /// Whatever is changed, left out or put in, it is ours no more.
        #[test]
        fn what_was_changed_is_not_ours(at in 0_usize..200, with in "[A-Za-z0-9._=-]{0,3}", cut in 0_usize..4) {
            let ways = Ways::default();
            let (cookie, way) = ways.begin("/claims", NOW).expect("bits");
            let at = at.min(cookie.len());
            let changed = format!("{}{with}{}", &cookie[..at], &cookie[(at + cut).min(cookie.len())..]);
            prop_assert_eq!(ways.back(&changed, &way.state, NOW).is_some(), changed == cookie);
        }
    }
}
