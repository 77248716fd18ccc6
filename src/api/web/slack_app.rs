//! What is known of the app of Slack while the daemon runs: which requests came already, and the way on which it is answered.

use std::collections::BTreeMap;
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::Duration;

use axum::http::{Request, header};
use chrono::TimeDelta;
use serde_json::json;
use tokio::task::JoinSet;
use url::Url;

use crate::config::Settings;
use crate::config::channels::ChannelSettings;
use crate::model::Time;
use crate::registry::provider_client;
use crate::upstream::{HttpClient, carried};

/// Whoever pressed waits for it.
const WAIT: Duration = Duration::from_secs(2);
/// Longest answer, bytes.
const MOST: u64 = 10_000;

/// One for all that comes.
#[derive(Default)]
pub(super) struct SlackApp {
    http: OnceLock<HttpClient>,
    /// Signatures that came, by themselves, and the time that each is of. Slack alone can add one.
    came: Mutex<BTreeMap<[u8; 32], Time>>,
    /// Presses that are being decided: whatever they ask has an end.
    under_way: Mutex<JoinSet<()>>,
}

impl SlackApp {
    /// Is it the first with this signature? Those of before the window are forgotten: nobody takes them any more.
    pub(super) fn is_first(&self, signature: [u8; 32], at: Time, (now, window): (Time, TimeDelta)) -> bool {
        let mut came = self.came.lock().unwrap_or_else(PoisonError::into_inner);
        came.retain(|_, at| now - *at <= window);
        came.insert(signature, at).is_none()
    }

    /// Does this once Slack was answered.
    pub(super) fn later(&self, work: impl Future<Output = ()> + Send + 'static) {
        let mut under_way = self.under_way.lock().unwrap_or_else(PoisonError::into_inner);
        while under_way.try_join_next().is_some() {}
        under_way.spawn(work);
    }

    /// Tells whoever pressed, and nobody else, what came of it. `to` is where Slack says that it listens; it is answered where a webhook of ours
    /// is, and nowhere else.
    pub(super) async fn tell(&self, settings: &Settings, to: &Url, text: &str) {
        if !is_slack(settings, to) {
            return tracing::warn!(
                "Slack asks to be answered where no webhook of [web.slack] channels is; nobody is told what came of a button"
            );
        }
        let body = json!({"response_type": "ephemeral", "replace_original": false, "text": text, "mrkdwn": false});
        if let Err(error) = self.post(settings, to, body.to_string()).await {
            tracing::warn!("Slack cannot be told what came of a button: {error}");
        }
    }

    async fn post(&self, settings: &Settings, to: &Url, body: String) -> Result<(), String> {
        let request = Request::post(to.as_str()).header(header::CONTENT_TYPE, "application/json");
        let request = request.body(body.into_bytes()).map_err(|error| error.to_string())?;
        let http = self.http(settings)?;
        let answer = carried(http, request, (WAIT.min(http.timeout), MOST)).await.map_err(|error| error.to_string())?;
        let status = answer.status();
        if status.is_success() { Ok(()) } else { Err(format!("it answers with {}", status.as_u16())) }
    }

    /// How requests leave is the same for as long as the daemon runs.
    fn http(&self, settings: &Settings) -> Result<&HttpClient, String> {
        if let Some(http) = self.http.get() {
            return Ok(http);
        }
        let http = provider_client(settings).map_err(|error| error.to_string())?;
        Ok(self.http.get_or_init(|| http))
    }
}

/// Is it where one of the app's webhooks is? Among what must not be seen of a channel is the whole of its address.
fn is_slack(settings: &Settings, to: &Url) -> bool {
    let Some(slack) = &settings.web.slack else { return false };
    let all = slack.channels.iter().filter_map(|channel| settings.alert.channels.get(channel));
    let secrets = all.flat_map(ChannelSettings::secrets).filter_map(|text| Url::parse(&text).ok());
    secrets.filter(Url::has_host).any(|webhook| webhook.origin() == to.origin())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_came_within_the_window_does_not_come_again() {
        let (app, window) = (SlackApp::default(), TimeDelta::minutes(5));
        let at = |seconds: i64| Time::UNIX_EPOCH + TimeDelta::seconds(seconds);
        assert!(app.is_first([1; 32], at(0), (at(10), window)) && app.is_first([2; 32], at(100), (at(110), window)));
        assert!(!app.is_first([1; 32], at(0), (at(300), window)));
        assert!(app.is_first([3; 32], at(500), (at(500), window)));
        assert_eq!(app.came.lock().expect("whole").len(), 1, "what nobody takes any more is not kept");
    }
}
