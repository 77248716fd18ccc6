//! Does a request come from Slack? By its signature over time and body (docs.slack.dev, "Verifying requests from Slack"), and by that time.

use axum::http::{HeaderMap, HeaderName};
use chrono::{DateTime, TimeDelta};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use subtle::ConstantTimeEq as _;

use super::super::door::only;
use crate::model::Time;

const SIGNATURE: HeaderName = HeaderName::from_static("x-slack-signature");
const SENT: HeaderName = HeaderName::from_static("x-slack-request-timestamp");
/// What is older may have been kept by somebody.
pub(super) const WINDOW: TimeDelta = TimeDelta::minutes(5);

/// Why it does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Unsigned {
    #[error("it carries no signature of Slack")]
    Missing,
    #[error("its signature is not by [web.slack] signing_secret")]
    Forged,
    #[error("it was signed more than five minutes from now: is this machine's clock right?")]
    Old,
    #[error("it came before")]
    Again,
}

/// The signature, and when it was made.
///
/// # Errors
/// See [`Unsigned`].
pub(super) fn verified(
    secret: &[u8],
    headers: &HeaderMap,
    body: &[u8],
    now: Time,
) -> Result<([u8; 32], Time), Unsigned> {
    let (signature, sent) = only(headers, &SIGNATURE).zip(only(headers, &SENT)).ok_or(Unsigned::Missing)?;
    let ours = mac(secret, sent, body).ok_or(Unsigned::Forged)?;
    let written = ours.iter().fold("v0=".to_owned(), |text, byte| format!("{text}{byte:02x}"));
    if !bool::from(written.as_bytes().ct_eq(signature.as_bytes())) {
        return Err(Unsigned::Forged);
    }
    let seconds = sent.parse().ok().and_then(|seconds| DateTime::from_timestamp(seconds, 0));
    let at = seconds.filter(|at| (now - *at).abs() <= WINDOW).ok_or(Unsigned::Old)?;
    Ok((ours, at))
}

/// `None`: there is no secret, which signs nothing.
fn mac(secret: &[u8], sent: &str, body: &[u8]) -> Option<[u8; 32]> {
    let mac = Hmac::<Sha256>::new_from_slice(secret).ok().filter(|_| !secret.is_empty())?;
    let mac = mac.chain_update(b"v0:").chain_update(sent).chain_update(b":").chain_update(body);
    Some(mac.finalize().into_bytes().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of Slack's documentation.
    const SECRET: &[u8] = b"8f742231b10e8888abcd99yyyzzz85a5";
    const BODY: &[u8] = b"token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&\
        channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2F\
        hooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.\
        803a0bc887a14d10d2c447fce8b6703c";
    const SAID: &str = "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503";
    const AT: i64 = 1_531_420_618;

    fn tried(secret: &[u8], said: &[&str], body: &[u8], late: i64) -> Result<Time, Unsigned> {
        let mut headers = HeaderMap::new();
        headers.insert(SENT, AT.to_string().parse().expect("a value"));
        for said in said {
            headers.append(SIGNATURE, said.parse().expect("a value"));
        }
        let now = DateTime::from_timestamp(AT + late, 0).expect("a time");
        verified(secret, &headers, body, now).map(|(_, at)| at)
    }

    #[test]
    fn what_slack_signed_is_taken_for_five_minutes_and_nothing_else_is() {
        assert_eq!(tried(SECRET, &[SAID], BODY, 0).map(|at| at.timestamp()), Ok(AT));
        assert!(tried(SECRET, &[SAID], BODY, 300).is_ok() && tried(SECRET, &[SAID], BODY, -300).is_ok());
        for late in [301, -301, 86_400, i64::from(i32::MAX)] {
            assert_eq!(tried(SECRET, &[SAID], BODY, late), Err(Unsigned::Old), "{late}");
        }
        let (other, upper) = (SAID.replace("03", "04"), SAID.to_uppercase());
        for said in [other.as_str(), "", "v0=", "v1=a2114d57", upper.as_str(), &SAID[3..]] {
            assert_eq!(tried(SECRET, &[said], BODY, 0), Err(Unsigned::Forged), "{said}");
        }
        assert_eq!(tried(b"another secret of somebody's", &[SAID], BODY, 0), Err(Unsigned::Forged));
        assert_eq!(tried(SECRET, &[SAID], &BODY[1..], 0), Err(Unsigned::Forged));
        assert_eq!(tried(SECRET, &[], BODY, 0), Err(Unsigned::Missing));
        assert_eq!(tried(SECRET, &[SAID, SAID], BODY, 0), Err(Unsigned::Missing), "which of them?");
    }

    #[test]
    fn a_secret_that_was_not_opened_signs_nothing() {
        let empty =
            Hmac::<Sha256>::new_from_slice(b"").expect("any length").chain_update(b"v0:1531420618:x").finalize();
        let said = empty.into_bytes().iter().fold("v0=".to_owned(), |text, byte| format!("{text}{byte:02x}"));
        assert_eq!(tried(b"", &[&said], b"x", 0), Err(Unsigned::Forged));
    }
}
