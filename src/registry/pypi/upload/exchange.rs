//! Trusted Publishing: an identity token of a CI system is exchanged for a token that uploads to its projects for 15
//! minutes (`warehouse` `oidc/views.py`).
//!
//! An exchange is an act: where a pending publisher waits for the name, minting already creates the project, without a
//! file. So an answer that never came leaves that open too.

use std::time::Duration;

use reqwest::Response;
use reqwest::header::ACCEPT;
use serde::Deserialize;

use super::classify::{shown, why_name};
use super::refused::Refused;
use crate::clock::Clock;
use crate::config::{Redactor, Secret};
use crate::model::Time;
use crate::registry::pypi::addresses::Base;
use crate::upstream::{ClientError, FetchError, HttpClient, body};

/// Bytes of an answer that are read.
const REPLY_LIMIT: u64 = 64 << 10;
/// No minted token is believed to live longer; PyPI's live 900 s.
const LONGEST: Duration = Duration::from_secs(3600);

/// The exchange of one index.
#[derive(Debug)]
pub struct Exchange {
    base: Base,
    client: HttpClient,
    clock: Clock,
}

/// What became of an exchange. All text is the server's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Exchanged {
    Minted {
        token: Secret,
        expires: Time,
    },
    Refused {
        why: NotMinted,
        said: String,
    },
    /// No answer, or none that is known: a project may have been created. Look before the next exchange.
    Uncertain {
        why: String,
    },
}

/// Why PyPI minted nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotMinted {
    /// The identity token is none, or of an issuer that PyPI does not know.
    InvalidPayload,
    /// The pending publisher's name cannot be registered.
    Name(Refused),
    /// PyPI has trusted publishing switched off, or for this issuer.
    NotEnabled,
    /// Expired, badly signed, or for another audience.
    InvalidToken,
    /// No publisher is configured that fits what the identity token claims.
    InvalidPublisher,
    /// Somebody created the project before: the pending publisher is gone.
    InvalidPendingPublisher,
    /// The identity token was exchanged before.
    Reused,
}

impl NotMinted {
    /// What a person can do about it.
    pub fn remedy(self) -> &'static str {
        match self {
            Self::InvalidPayload => {
                "check the file or credential of the identity token: it must hold one OIDC token of an issuer that PyPI knows"
            }
            Self::Name(why) => why.remedy(),
            Self::NotEnabled => "upload with an API token, or wait until PyPI takes identity tokens again",
            Self::InvalidToken => "get a fresh identity token for the audience that PyPI names",
            Self::InvalidPublisher => {
                "register a publisher on PyPI for exactly this issuer, repository, workflow and environment; a pending one ends after 30 days"
            }
            Self::InvalidPendingPublisher => "look who holds the name now",
            Self::Reused => "get a fresh identity token: each is good for one exchange",
        }
    }

    fn of(code: &str, description: &str) -> Option<Self> {
        Some(match code {
            "invalid-payload" => why_name(description).map_or(Self::InvalidPayload, Self::Name),
            "not-enabled" => Self::NotEnabled,
            "invalid-token" => Self::InvalidToken,
            "invalid-publisher" => Self::InvalidPublisher,
            "invalid-pending-publisher" => Self::InvalidPendingPublisher,
            "invalid-reuse-token" => Self::Reused,
            _ => return None,
        })
    }
}

impl Exchange {
    /// `base` is the index, not the upload endpoint. The client must follow no redirect ([`HttpClient::unmoved`]).
    ///
    /// # Errors
    /// When it is not an address that a token may go to.
    pub fn new(base: &str, client: HttpClient, clock: Clock) -> Result<Self, ClientError> {
        Ok(Self { base: Base::parse(base)?, client, clock })
    }

    /// Exchanges the identity token, once.
    pub async fn mint(&self, identity: &Secret) -> Exchanged {
        let request = self.client.post_to(&self.base.join("/_/oidc/mint-token")).header(ACCEPT, "application/json");
        let request = request.json(&serde_json::json!({"token": identity.expose()}));
        match request.send().await {
            Ok(response) => self.read(identity, response).await,
            Err(error) => uncertain(&FetchError::sending(error)),
        }
    }

    async fn read(&self, identity: &Secret, response: Response) -> Exchanged {
        let status = response.status().as_u16();
        match body::whole(response, REPLY_LIMIT).await {
            Ok(body) => understood(status, &body, identity, self.clock.now()),
            Err(error) => uncertain(&error),
        }
    }
}

fn uncertain(error: &FetchError) -> Exchanged {
    Exchanged::Uncertain { why: error.to_string() }
}

/// Pure: what an answer means.
fn understood(status: u16, body: &[u8], identity: &Secret, now: Time) -> Exchanged {
    let said = |text: &str| shown(&Redactor::of([identity]).redacted(text));
    match (status, serde_json::from_slice::<Answer>(body)) {
        (200, Ok(Answer { token: Some(token), expires: Some(expires), .. })) if is_token(&token) => {
            Exchanged::Minted { token: Secret::new(&token), expires: expiry(expires, now) }
        }
        (403, _) => Exchanged::Refused { why: NotMinted::NotEnabled, said: String::new() },
        (422, Ok(answer)) => {
            let first = answer.errors.into_iter().flatten().next().unwrap_or_default();
            match NotMinted::of(&first.code, &first.description) {
                Some(why) => Exchanged::Refused { why, said: said(&first.description) },
                None => Exchanged::Uncertain { why: format!("HTTP 422 with an unknown code: {}", said(&first.code)) },
            }
        }
        _ => Exchanged::Uncertain { why: format!("HTTP {status}, and no answer that PyPI is known to give") },
    }
}

/// What a header can carry, and nothing else.
fn is_token(token: &str) -> bool {
    (1..=16 << 10).contains(&token.len()) && token.bytes().all(|byte| byte.is_ascii_graphic())
}

fn expiry(unix: i64, now: Time) -> Time {
    let longest = now + LONGEST;
    chrono::DateTime::from_timestamp(unix, 0).map_or(now, |expires| expires.min(longest))
}

#[derive(Deserialize)]
struct Answer {
    #[serde(default)]
    token: Option<String>,
    #[serde(default)]
    expires: Option<i64>,
    #[serde(default)]
    errors: Option<Vec<Problem>>,
}

#[derive(Default, Deserialize)]
struct Problem {
    #[serde(default)]
    code: String,
    #[serde(default)]
    description: String,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn answer(status: u16, body: &str) -> Exchanged {
        understood(status, body.as_bytes(), &Secret::new("ey.JhbGci.sig"), at(1_000))
    }

    fn at(second: i64) -> Time {
        chrono::DateTime::from_timestamp(second, 0).expect("in range")
    }

    fn refusal(code: &str, description: &str) -> Option<NotMinted> {
        let body = serde_json::json!({"message": "Token request failed", "errors": [{"code": code, "description": description}]});
        match answer(422, &body.to_string()) {
            Exchanged::Refused { why, .. } => Some(why),
            _ => None,
        }
    }

    #[test]
    fn a_minted_token_lives_as_long_as_is_believed() {
        let minted =
            |expires: i64| answer(200, &format!(r#"{{"success":true,"token":"pypi-AgE","expires":{expires}}}"#));
        let token = Secret::new("pypi-AgE");
        assert_eq!(minted(1_900), Exchanged::Minted { token: token.clone(), expires: at(1_900) });
        assert_eq!(minted(999_999), Exchanged::Minted { token, expires: at(4_600) });
        assert!(matches!(answer(200, r#"{"success":true,"token":"a\nb","expires":1}"#), Exchanged::Uncertain { .. }));
    }

    #[test]
    fn every_code_is_a_reason_and_a_new_one_is_none() {
        for (code, description, why) in [
            ("invalid-payload", "malformed JWT", NotMinted::InvalidPayload),
            (
                "invalid-payload",
                "The name 'acme' is too similar to an existing project. See x",
                NotMinted::Name(Refused::NameSimilar),
            ),
            ("not-enabled", "GitHub trusted publishing functionality not enabled", NotMinted::NotEnabled),
            ("invalid-token", "malformed or invalid token", NotMinted::InvalidToken),
            ("invalid-publisher", "valid token, but no corresponding publisher (x)", NotMinted::InvalidPublisher),
            (
                "invalid-pending-publisher",
                "valid token, but project already exists",
                NotMinted::InvalidPendingPublisher,
            ),
            ("invalid-reuse-token", "invalid token: already used", NotMinted::Reused),
        ] {
            assert_eq!(refusal(code, description), Some(why), "{code}");
            assert!(!why.remedy().is_empty());
        }
        assert_eq!(refusal("haunted", ""), None);
        assert!(matches!(answer(403, "{}"), Exchanged::Refused { why: NotMinted::NotEnabled, .. }));
    }

    #[test]
    fn the_identity_is_not_quoted() {
        let body = r#"{"errors":[{"code":"invalid-token","description":"bad: ey.JhbGci.sig"}]}"#;
        assert!(!format!("{:?}", answer(422, body)).contains("JhbGci"));
    }

    proptest! {
        #[test]
        fn any_bytes_are_survived(status in 100_u16..1000, body in proptest::collection::vec(any::<u8>(), 0..300)) {
            let answer = understood(status, &body, &Secret::new("x"), at(1_000));
            let minted = matches!(answer, Exchanged::Minted { .. });
            prop_assert!(!minted);
        }
    }
}
