//! Identity tokens of the simulator's own issuer: JSON Web Tokens signed with HMAC-SHA256 (RFC 7515, 7519), since it has no
//! RSA. Whoever exchanges one passes it on unread.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

use crate::model::Time;

pub(super) const ISSUER: &str = "https://token.issuer.example";
pub(super) const AUDIENCE: &str = "pypi";
/// Seconds that an identity token lives.
const LIFE: i64 = 300;
/// PyPI allows clocks to differ by so many seconds.
const LEEWAY: i64 = 30;

/// What a token claims.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Claims {
    pub(super) iss: String,
    #[serde(default)]
    pub(super) sub: String,
    #[serde(default)]
    pub(super) aud: String,
    #[serde(default)]
    pub(super) iat: i64,
    #[serde(default)]
    pub(super) exp: i64,
    #[serde(default)]
    pub(super) jti: String,
}

/// It is no token at all.
#[derive(Debug)]
pub(super) struct Unsigned;

/// A token that the simulator believes, once.
pub(super) fn write(key: &str, subject: &str, now: Time, jti: &str) -> String {
    let claims = Claims {
        iss: ISSUER.to_owned(),
        sub: subject.to_owned(),
        aud: AUDIENCE.to_owned(),
        iat: now.timestamp(),
        exp: now.timestamp() + LIFE,
        jti: jti.to_owned(),
    };
    let head = URL_SAFE_NO_PAD.encode(r#"{"alg":"HS256","kid":"sim","typ":"JWT"}"#);
    let body = URL_SAFE_NO_PAD.encode(serde_json::to_string(&claims).unwrap_or_default());
    let signed = format!("{head}.{body}");
    let signature = URL_SAFE_NO_PAD.encode(mac(key, &signed).finalize().into_bytes());
    format!("{signed}.{signature}")
}

/// What a token claims, and whether that is to be believed.
pub(super) fn read(token: &str, key: &str, now: Time) -> Result<(Claims, bool), Unsigned> {
    let (signed, signature) = token.rsplit_once('.').ok_or(Unsigned)?;
    let (_, body) = signed.split_once('.').ok_or(Unsigned)?;
    let body = URL_SAFE_NO_PAD.decode(body).map_err(|_| Unsigned)?;
    let claims: Claims = serde_json::from_slice(&body).map_err(|_| Unsigned)?;
    let signature = URL_SAFE_NO_PAD.decode(signature).unwrap_or_default();
    let genuine = mac(key, signed).verify_slice(&signature).is_ok();
    let second = now.timestamp();
    let current = claims.iat - LEEWAY <= second && second < claims.exp + LEEWAY;
    let sound = genuine && current && claims.aud == AUDIENCE;
    Ok((claims, sound))
}

fn mac(key: &str, signed: &str) -> Hmac<Sha256> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).expect("HMAC takes any key");
    mac.update(signed.as_bytes());
    mac
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Time {
        chrono::DateTime::from_timestamp(second, 0).expect("in range")
    }

    #[test]
    fn a_token_is_believed_for_a_while_and_only_as_it_is() {
        let token = write("key", "repo:acme/x", at(1_000), "1");
        let sound = |token: &str, key, second| read(token, key, at(second)).map(|(_, sound)| sound).ok();
        assert_eq!(sound(&token, "key", 1_000), Some(true));
        assert_eq!(sound(&token, "key", 1_329), Some(true));
        assert_eq!(sound(&token, "key", 1_330), Some(false));
        assert_eq!(sound(&token, "key", 900), Some(false), "of the future");
        assert_eq!(sound(&token, "other", 1_000), Some(false));
        assert_eq!(sound("a.b", "key", 1_000), None);
        assert_eq!(read(&token, "key", at(1_000)).expect("a token").0.sub, "repo:acme/x");
    }
}
