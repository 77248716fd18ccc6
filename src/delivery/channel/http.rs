//! One POST to somebody's webhook: limited in time and size, and silent about the address, which is a secret.

use std::sync::Arc;
use std::time::Duration;

use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use reqwest::{Client, Response, StatusCode, Url};

use super::parts::Parts;
use super::words::Words;
use super::{ChannelsError, DeliveryError};
use crate::config::Secret;
use crate::model::{Channel, Reached, Time};
use crate::upstream::{self, retry};

/// For the whole exchange.
const EXCHANGE: Duration = Duration::from_secs(30);
/// Of an answer; more is not read.
const ANSWER: usize = 2_048;
/// What to do where the receiver knows the address no more, or not us.
const REPLACED: &str = "; if it was replaced, write the new one into its credential file, then `namewarden reload`; where systemd \
                        loads it, restart the unit";

/// An address that is never printed.
pub(super) struct Endpoint {
    http: Client,
    url: Url,
    /// How errors call it: `slack:ops`.
    channel: Channel,
    words: Arc<Words>,
}

/// What came back.
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) after: Option<Duration>,
    /// The first words of the body, made harmless.
    pub(super) text: String,
    /// The beginning of the body as it came.
    pub(super) body: Vec<u8>,
}

impl Endpoint {
    pub(super) fn build(channel: Channel, url: &Secret, parts: &Parts) -> Result<Self, ChannelsError> {
        let (http, words) = (parts.http.clone(), parts.words.clone());
        let parsed = Url::parse(url.expose()).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
        match parsed.filter(Url::has_host) {
            Some(url) => Ok(Self { http, url, channel, words }),
            None => Err(ChannelsError::Address { channel }),
        }
    }

    pub(super) fn channel(&self) -> &Channel {
        &self.channel
    }

    /// # Errors
    /// `Hold` when no answer came.
    pub(super) async fn post(&self, headers: HeaderMap, body: String, now: Time) -> Result<Answer, DeliveryError> {
        let request = self.http.post(self.url.clone()).timeout(EXCHANGE).headers(headers);
        let request = request.header(CONTENT_TYPE, HeaderValue::from_static("application/json")).body(body);
        self.read(request.send().await.map_err(|error| self.unreachable(error))?, now).await
    }

    /// Asks the server, not the hook, for anything at all: an answer proves name, connection and TLS.
    ///
    /// # Errors
    /// `Hold` when no answer came.
    pub(super) async fn probe(&self) -> Result<(), DeliveryError> {
        let mut origin = self.url.clone();
        origin.set_path("/");
        origin.set_query(None);
        origin.set_fragment(None);
        let answer = self.http.head(origin).timeout(EXCHANGE).send().await;
        answer.map(drop).map_err(|error| self.unreachable(error))
    }

    async fn read(&self, response: Response, now: Time) -> Result<Answer, DeliveryError> {
        let status = response.status();
        // No wait at all is no advice: the outbox then takes its own.
        let after = retry::hold(response.headers(), now).filter(|wait| !wait.is_zero());
        // A body that breaks off changes nothing: the status has decided.
        let body = upstream::beginning(response, ANSWER).await;
        Ok(Answer { status, after, text: self.words.quoted(&body, body.len() >= ANSWER), body })
    }

    fn unreachable(&self, error: reqwest::Error) -> DeliveryError {
        // A connection is a must: whatever fails later may fail behind the receiver's back.
        let reached = if error.is_connect() { Reached::Nobody } else { Reached::Perhaps };
        let why = if error.is_timeout() {
            format!("no answer in {EXCHANGE:?}")
        } else {
            self.words.chain(&error.without_url())
        };
        DeliveryError::hold(format!("{}: {why}", self.channel)).reached(reached)
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

    /// Another try. Too many requests, and a server that is out of service, is elsewhere or does not know us, concern
    /// whatever we send there; so does an answer that names a time, and one that is no receipt.
    pub(super) fn later(&self, channel: &Channel) -> DeliveryError {
        let closed = matches!(self.status.as_u16(), 401 | 403 | 404 | 410);
        let remedy = if closed { REPLACED } else { "" };
        // Whoever answers for a receiver may have passed the message on.
        let (after, reached, reason) = (self.after, Reached::Perhaps, self.reason(channel) + remedy);
        let ours = closed || matches!(self.status.as_u16(), 200..=399 | 407 | 429 | 502..=504) || after.is_some();
        if ours {
            DeliveryError::Hold { after, reached, reason }
        } else {
            DeliveryError::Retry { after, reached, reason }
        }
    }

    pub(super) fn give_up(&self, channel: &Channel) -> DeliveryError {
        DeliveryError::give_up(self.reason(channel))
    }
}
