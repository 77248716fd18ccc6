//! A webhook signed as the Standard Webhooks specification asks (github.com/standard-webhooks, spec 1.0.0).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use sha2::Sha256;

use super::http::Endpoint;
use super::parts::Parts;
use super::{ChannelsError, Delivery, DeliveryError, Receipt};
use crate::config::Secret;
use crate::config::channels::webhook::Settings;
use crate::messages;
use crate::model::Channel;

pub(super) struct Webhook {
    endpoint: Endpoint,
    key: Key,
}

impl Webhook {
    pub(super) fn build(channel: Channel, settings: &Settings, parts: &Parts) -> Result<Self, ChannelsError> {
        let key = Key::parse(&settings.signing).ok_or_else(|| ChannelsError::Signing { channel: channel.clone() })?;
        Ok(Self { endpoint: Endpoint::build(channel, &settings.url, parts)?, key })
    }

    /// # Errors
    /// `Hold` or `Retry` for everything but 2xx. The specification has 410 disable the endpoint: it is held, as an alert
    /// must not end with an address that was replaced, and tried with one message from time to time.
    pub(super) async fn deliver(&self, delivery: &Delivery<'_>) -> Result<Receipt, DeliveryError> {
        let Delivery { briefing, now, .. } = *delivery;
        let body = messages::webhook(briefing).to_string();
        let headers = self.key.headers(&briefing.key.0, now.timestamp(), &body);
        let answer = self.endpoint.post(headers, body, now).await?;
        match answer.status {
            status if status.is_success() => Ok(Receipt::taken()),
            _ => Err(answer.later(self.endpoint.channel())),
        }
    }

    pub(super) async fn probe(&self) -> Result<(), DeliveryError> {
        self.endpoint.probe().await
    }
}

/// The signing key: 24 to 64 bytes, as the specification asks.
struct Key(Vec<u8>);

impl Key {
    fn parse(secret: &Secret) -> Option<Self> {
        let bytes = STANDARD.decode(secret.expose().strip_prefix("whsec_")?).ok()?;
        (24..=64).contains(&bytes.len()).then_some(Self(bytes))
    }

    /// `v1,` and the base64 of the HMAC-SHA256 over `id.timestamp.body`.
    fn sign(&self, id: &str, timestamp: i64, body: &str) -> String {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).expect("HMAC takes a key of any length");
        mac.update(format!("{id}.{timestamp}.{body}").as_bytes());
        format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
    }

    fn headers(&self, key: &str, timestamp: i64, body: &str) -> HeaderMap {
        let id: String = key.chars().filter(char::is_ascii_alphanumeric).collect();
        let signature = self.sign(&id, timestamp, body);
        let values =
            [("webhook-id", id), ("webhook-timestamp", timestamp.to_string()), ("webhook-signature", signature)];
        let header = |text: &str| HeaderValue::from_str(text).expect("letters, digits and base64 are a header value");
        values.iter().map(|(name, value)| (HeaderName::from_static(name), header(value))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the specification's reference libraries (`standard-webhooks/libraries`, `test_webhook`).
    #[test]
    fn signs_the_published_vector() {
        let key = Key::parse(&Secret::new("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")).expect("a good secret");
        let signature = key.sign("msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, r#"{"test": 2432232314}"#);
        assert_eq!(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn a_secret_is_whsec_and_24_to_64_bytes() {
        for bad in
            ["", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_", "whsec_AAAA", "whsec_not base64 at all!!!!!!!!!!!!!"]
        {
            assert!(Key::parse(&Secret::new(bad)).is_none(), "{bad}");
        }
    }
}
