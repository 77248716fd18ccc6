//! Slack through an incoming webhook.

use reqwest::StatusCode;
use reqwest::header::HeaderMap;
use serde_json::Value;

use super::http::{Answer, Endpoint};
use super::parts::Parts;
use super::{ChannelsError, Delivery, DeliveryError, Receipt};
use crate::config::channels::slack::Settings;
use crate::messages;
use crate::model::{Channel, Mention, Reached, Time};

pub(super) struct Slack {
    endpoint: Endpoint,
    /// Whom a page calls.
    mention: Option<Mention>,
}

impl Slack {
    pub(super) fn build(channel: Channel, settings: &Settings, parts: &Parts) -> Result<Self, ChannelsError> {
        let endpoint = Endpoint::build(channel, &settings.url, parts)?;
        Ok(Self { endpoint, mention: settings.mention.clone() })
    }

    /// A workspace that refuses the blocks (400) gets the text alone: a plain alert is better than none.
    ///
    /// # Errors
    /// `Hold` with Slack's `Retry-After` for 429, when it is out of service, for what is no receipt, and when the hook is
    /// gone (404 `no_service`, 410 `channel_is_archived`) or closed to us (403): whoever replaced it will name the new one.
    /// `Retry` for anything unforeseen; `GiveUp` for a message that is refused even as plain text (400).
    pub(super) async fn deliver(&self, delivery: &Delivery<'_>) -> Result<Receipt, DeliveryError> {
        let Delivery { briefing, now, .. } = *delivery;
        let mention = self.mention.as_ref();
        let answer = self.post(&messages::slack(briefing, mention), now).await?;
        if answer.status == StatusCode::BAD_REQUEST {
            let again = self.post(&messages::slack_text(briefing, mention), now).await;
            return self.judge(&again.map_err(|error| error.reached(Reached::Perhaps))?);
        }
        self.judge(&answer)
    }

    pub(super) async fn probe(&self) -> Result<(), DeliveryError> {
        self.endpoint.probe().await
    }

    async fn post(&self, body: &Value, now: Time) -> Result<Answer, DeliveryError> {
        self.endpoint.post(HeaderMap::new(), body.to_string(), now).await
    }

    fn judge(&self, answer: &Answer) -> Result<Receipt, DeliveryError> {
        match answer.status {
            status if status.is_success() && is_receipt(&answer.body) => Ok(Receipt::taken()),
            StatusCode::BAD_REQUEST => Err(answer.give_up(self.endpoint.channel())),
            _ => Err(answer.later(self.endpoint.channel())),
        }
    }
}

/// Slack says `ok`, and what stands in for it says that, nothing, or JSON. A page comes from somebody in between, such as a
/// proxy that wants a login, and JSON that says no means it, whatever the status is.
fn is_receipt(body: &[u8]) -> bool {
    let text = String::from_utf8_lossy(body);
    let text = text.trim_start_matches(|c: char| c == '\u{feff}' || c.is_whitespace());
    let no = |answer: &Value| ["ok", "success"].iter().any(|word| answer[word] == false);
    !text.starts_with('<') && !serde_json::from_str(text).is_ok_and(|answer: Value| no(&answer))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_and_a_no_are_no_receipts() {
        for yes in ["ok", "", "\n", "{\"ok\":true}", "{\"success\":true}", "{\"id\":1}", "[]", "null", "no_text"] {
            assert!(is_receipt(yes.as_bytes()), "{yes}");
        }
        for no in [
            "<!DOCTYPE html><title>Log in",
            "\u{feff}\r\n <html>",
            "{\"ok\": false, \"error\":\"no\"}",
            "{\"success\":false}",
        ] {
            assert!(!is_receipt(no.as_bytes()), "{no}");
        }
    }
}
