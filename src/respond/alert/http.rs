//! One POST to somebody's webhook: limited in time and size, and silent about the address, which is a secret.

use std::time::Duration;

use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderValue, RETRY_AFTER};
use reqwest::{Client, Response, StatusCode, Url};

use super::{ChannelsError, DeliveryError, chain};
use crate::config::Secret;
use crate::model::Time;
use crate::model::notice::Channel;
use crate::policy::render::hostile;

/// For the whole exchange.
const EXCHANGE: Duration = Duration::from_secs(30);
/// Of an answer; more is not read.
const ANSWER: usize = 2_048;
/// The longest wait that a receiver can ask for.
const WAIT: Duration = Duration::from_secs(3_600);

/// An address that is never printed.
pub(super) struct Endpoint {
    http: Client,
    url: Url,
    /// How errors call it: `slack:ops`.
    channel: Channel,
}

/// What came back.
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) after: Option<Duration>,
    /// The first words of the body, made visible, without the address.
    pub(super) text: String,
}

impl Endpoint {
    pub(super) fn build(channel: Channel, url: &Secret, http: Client) -> Result<Self, ChannelsError> {
        let parsed = Url::parse(url.expose()).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
        match parsed.filter(Url::has_host) {
            Some(url) => Ok(Self { http, url, channel }),
            None => Err(ChannelsError::Address { channel }),
        }
    }

    pub(super) fn channel(&self) -> &Channel {
        &self.channel
    }

    /// # Errors
    /// `Retry` when no answer came.
    pub(super) async fn post(&self, headers: HeaderMap, body: String, now: Time) -> Result<Answer, DeliveryError> {
        let request = self.http.post(self.url.clone()).timeout(EXCHANGE).headers(headers);
        let request = request.header(CONTENT_TYPE, HeaderValue::from_static("application/json")).body(body);
        self.read(request.send().await.map_err(|error| self.unreachable(error))?, now).await
    }

    /// Asks the server, not the hook, for anything at all: an answer proves name, connection and TLS.
    ///
    /// # Errors
    /// `Retry` when no answer came.
    pub(super) async fn probe(&self) -> Result<(), DeliveryError> {
        let mut origin = self.url.clone();
        origin.set_path("/");
        origin.set_query(None);
        origin.set_fragment(None);
        let answer = self.http.head(origin).timeout(EXCHANGE).send().await;
        answer.map(drop).map_err(|error| self.unreachable(error))
    }

    async fn read(&self, mut response: Response, now: Time) -> Result<Answer, DeliveryError> {
        let status = response.status();
        let after = response.headers().get(RETRY_AFTER).and_then(|value| retry_after(value.to_str().ok()?, now));
        let mut body = Vec::new();
        // A body that breaks off changes nothing: the status has decided.
        while let Ok(Some(chunk)) = response.chunk().await {
            body.extend_from_slice(&chunk[..chunk.len().min(ANSWER - body.len())]);
            if body.len() == ANSWER {
                break;
            }
        }
        Ok(Answer { status, after, text: self.redacted(&String::from_utf8_lossy(&body)) })
    }

    /// Error pages like to quote the path they were asked for, and the path is the secret.
    fn redacted(&self, text: &str) -> String {
        let query = self.url.query().into_iter().flat_map(|query| query.split(['&', '=']));
        let parts = self.url.path_segments().into_iter().flatten().chain(query);
        let text = parts.filter(|part| part.len() >= 4).fold(text.to_owned(), |text, part| text.replace(part, "[…]"));
        hostile::inert(&text, 200)
    }

    fn unreachable(&self, error: reqwest::Error) -> DeliveryError {
        let why = if error.is_timeout() { format!("no answer in {EXCHANGE:?}") } else { chain(&error.without_url()) };
        DeliveryError::retry(format!("{}: {why}", self.channel))
    }
}

impl Answer {
    /// `slack:ops answered 404 ("no_service")`.
    pub(super) fn reason(&self, channel: &Channel) -> String {
        match self.text.as_str() {
            "" => format!("{channel} answered {}", self.status.as_u16()),
            text => format!("{channel} answered {} ({text:?})", self.status.as_u16()),
        }
    }

    pub(super) fn retry(&self, channel: &Channel) -> DeliveryError {
        DeliveryError::Retry { after: self.after, reason: self.reason(channel) }
    }

    pub(super) fn give_up(&self, channel: &Channel) -> DeliveryError {
        DeliveryError::give_up(self.reason(channel))
    }
}

/// Seconds or an HTTP date (RFC 9110, 10.2.3). No wait at all is no advice: the outbox then takes its own.
fn retry_after(value: &str, now: Time) -> Option<Duration> {
    let wait = match value.trim().parse::<u64>() {
        Ok(seconds) => Duration::from_secs(seconds),
        Err(_) => {
            (chrono::DateTime::parse_from_rfc2822(value.trim()).ok()?.to_utc() - now).to_std().unwrap_or_default()
        }
    };
    (!wait.is_zero()).then_some(wait.min(WAIT))
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeZone;

    #[test]
    fn retry_after_is_seconds_or_a_date_and_at_most_an_hour() {
        let now = chrono::Utc.with_ymd_and_hms(2015, 10, 21, 7, 27, 30).single().expect("a valid time");
        assert_eq!(retry_after(" 12 ", now), Some(Duration::from_secs(12)));
        assert_eq!(retry_after("999999999", now), Some(WAIT));
        assert_eq!(retry_after("Wed, 21 Oct 2015 07:28:00 GMT", now), Some(Duration::from_secs(30)));
        assert_eq!(retry_after("Wed, 21 Oct 2015 07:20:00 GMT", now), None);
        assert_eq!(retry_after("0", now), None);
        assert_eq!(retry_after("soon", now), None);
    }
}
