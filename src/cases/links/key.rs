//! With what links are signed: HMAC-SHA256 (RFC 2104) under the operator's key, apart for each use.

use std::fmt;

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use crate::config::Secret;

/// The key, ready to sign.
#[derive(Clone)]
pub struct LinkKey(Hmac<Sha256>);

impl LinkKey {
    /// `None` where there is none, as in a configuration whose credentials were not opened: that signs nothing.
    pub fn of(secret: &Secret) -> Option<Self> {
        let secret = secret.expose().as_bytes();
        if secret.is_empty() {
            return None;
        }
        Hmac::new_from_slice(secret).ok().map(Self)
    }

    /// Over these parts, each behind its length, so that no two lists of them are alike.
    pub(super) fn mac(&self, what: &'static str, parts: &[&[u8]]) -> Hmac<Sha256> {
        let all = std::iter::once(what.as_bytes()).chain(parts.iter().copied());
        all.fold(self.0.clone(), |mac, part| mac.chain_update((part.len() as u64).to_be_bytes()).chain_update(part))
    }
}

impl fmt::Debug for LinkKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LinkKey(…)")
    }
}
