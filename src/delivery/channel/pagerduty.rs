//! PagerDuty by its Events API v2: several events a message, each sent once.

use reqwest::StatusCode;
use reqwest::header::HeaderMap;
use serde_json::Value;

use super::http::{Answer, Endpoint};
use super::parts::Parts;
use super::{ChannelsError, Delivery, DeliveryError, Left, Receipt};
use crate::config::Secret;
use crate::config::channels::pagerduty::Settings;
use crate::messages;
use crate::messages::PagerDutyEvent;
use crate::model::{Channel, Recipient};

/// Events of one attempt; what was taken is stored, and the rest goes out in the next, at once.
const AT_ONCE: usize = 10;

pub(super) struct PagerDuty {
    incidents: Endpoint,
    changes: Endpoint,
    routing_key: Secret,
}

impl PagerDuty {
    pub(super) fn build(channel: Channel, settings: &Settings, parts: &Parts) -> Result<Self, ChannelsError> {
        let endpoint = |url: &str| Endpoint::build(channel.clone(), &Secret::new(url), parts);
        Ok(Self {
            incidents: endpoint(&settings.url)?,
            changes: endpoint(&changes(&settings.url))?,
            routing_key: settings.routing_key.clone(),
        })
    }

    /// Every event of the message that was not taken yet. In the place of an address stands the event, so that neither a
    /// retry nor a restart sends one again.
    ///
    /// # Errors
    /// When nothing was decided: `Hold` when PagerDuty throttles (429), is out of service or does not know the routing key,
    /// `Retry` for anything unforeseen.
    pub(super) async fn deliver(&self, delivery: &Delivery<'_>) -> Result<Receipt, DeliveryError> {
        let events = messages::pagerduty(delivery.briefing);
        let is_left = |event: &&PagerDutyEvent| !delivery.settled.iter().any(|done| done.address == event.id);
        let left: Vec<&PagerDutyEvent> = events.iter().filter(is_left).collect();
        let mut settled = Vec::new();
        for event in left.iter().take(AT_ONCE) {
            match self.send(event, delivery).await {
                Ok(fate) => settled.push(fate),
                Err(error) if settled.is_empty() => return Err(error),
                Err(error) => return Ok(Receipt { settled, left: Left::Later(error) }),
            }
        }
        let left = if left.len() > AT_ONCE { Left::More } else { Left::Nothing };
        Ok(Receipt { settled, left })
    }

    pub(super) async fn probe(&self) -> Result<(), DeliveryError> {
        self.incidents.probe().await
    }

    /// An event that PagerDuty will never take (400) is refused alone; a receiver of this kind that has no changes refuses
    /// those.
    async fn send(&self, event: &PagerDutyEvent, delivery: &Delivery<'_>) -> Result<Recipient, DeliveryError> {
        let mut body = event.body.clone();
        body["routing_key"] = self.routing_key.expose().into();
        let endpoint = if event.is_change { &self.changes } else { &self.incidents };
        let answer = endpoint.post(HeaderMap::new(), body.to_string(), delivery.now).await?;
        let channel = endpoint.channel();
        match answer.status {
            status if status.is_success() && is_receipt(&answer.body) => Ok(Recipient::accepted(&event.id)),
            StatusCode::BAD_REQUEST if is_about_the_key(&answer) => Err(DeliveryError::hold(format!(
                "{}; write the integration's key into its file",
                answer.reason(channel)
            ))),
            StatusCode::BAD_REQUEST => Ok(Recipient::refused(&event.id, answer.reason(channel))),
            StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED | StatusCode::GONE if event.is_change => {
                Ok(Recipient::refused(&event.id, format!("no change events: {}", answer.reason(channel))))
            }
            _ => Err(answer.later(channel)),
        }
    }
}

/// `/v2/change/enqueue` stands beside `/v2/enqueue`.
fn changes(url: &str) -> String {
    match url.strip_suffix("/enqueue") {
        Some(base) => format!("{base}/change/enqueue"),
        None => format!("{}/change/enqueue", url.trim_end_matches('/')),
    }
}

/// PagerDuty says `success`. A page comes from somebody in between.
fn is_receipt(body: &[u8]) -> bool {
    match serde_json::from_slice::<Value>(body) {
        Ok(answer) => answer["status"].as_str().is_none_or(|status| status == "success"),
        Err(_) => body.iter().all(u8::is_ascii_whitespace),
    }
}

/// "Invalid routing key", "Length of 'routing_key' is incorrect": whatever else is sent fails alike.
fn is_about_the_key(answer: &Answer) -> bool {
    let text = String::from_utf8_lossy(&answer.body).to_lowercase();
    text.contains("routing_key") || text.contains("routing key")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_go_beside_events() {
        assert_eq!(changes("https://events.example/v2/enqueue"), "https://events.example/v2/change/enqueue");
        assert_eq!(changes("http://127.0.0.1:9/"), "http://127.0.0.1:9/change/enqueue");
    }

    #[test]
    fn a_page_and_a_no_are_no_receipts() {
        for yes in [r#"{"status":"success","message":"Event processed","dedup_key":"x"}"#, "", "\n", "{}"] {
            assert!(is_receipt(yes.as_bytes()), "{yes}");
        }
        for no in ["<html>", r#"{"status":"invalid event"}"#, "ok?"] {
            assert!(!is_receipt(no.as_bytes()), "{no}");
        }
    }
}
