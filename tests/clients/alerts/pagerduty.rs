//! PagerDuty, played on loopback by the rules of its reference: what it refuses, and what becomes of its incidents.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use axum::{Json, Router};
use namewarden::config::Secret;
use namewarden::config::channels::{ChannelSettings, pagerduty};
use namewarden::delivery::channel::{Channels, Delivery, DeliveryError, Left};
use namewarden::model::notice::{Briefing, Case, Content, NoticeEvent};
use namewarden::model::{Channel, FindingState, Owner, Recipient, Tier};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use super::world::{briefing, client, now, with_channel};

const ROUTING_KEY: &str = "R0123456789abcdef0123456789abcde";

/// The service behind one routing key.
#[derive(Clone, Default)]
struct PagerDuty {
    shared: Arc<Mutex<Service>>,
}

#[derive(Default)]
struct Service {
    /// How each incident stands, by its key.
    incidents: BTreeMap<String, &'static str>,
    /// Path and body of what was taken, in order.
    taken: Vec<(String, Value)>,
    /// What is answered in its stead: status, headers and body; the first is for the next request.
    moods: Vec<(u16, String)>,
    has_no_changes: bool,
}

impl PagerDuty {
    #[expect(clippy::disallowed_methods, reason = "the receiver ends with the test's runtime")]
    async fn listen(&self) -> Channels {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let app = Router::new().fallback(enqueue).with_state(self.clone());
        tokio::spawn(async move { axum::serve(listener, app).await });
        let url = format!("http://{address}/v2/enqueue");
        let settings = pagerduty::Settings { routing_key: Secret::new(ROUTING_KEY), url };
        let alert = with_channel(oncall(), ChannelSettings::PagerDuty(settings));
        Channels::build(&alert, &client()).expect("settings that work")
    }

    fn with<T>(&self, look: impl FnOnce(&mut Service) -> T) -> T {
        look(&mut self.shared.lock().expect("a lock"))
    }

    fn incidents(&self) -> Vec<(String, &'static str)> {
        self.with(|service| service.incidents.clone()).into_iter().collect()
    }
}

/// 400 says what is wrong, as the reference shows it.
fn invalid(what: &str) -> (StatusCode, Json<Value>) {
    let answer = json!({"status": "invalid event", "message": "Event object is invalid", "errors": [what]});
    (StatusCode::BAD_REQUEST, Json(answer))
}

async fn enqueue(State(pagerduty): State<PagerDuty>, request: Request) -> Response {
    let path = request.uri().path().to_owned();
    let body = axum::body::to_bytes(request.into_body(), 512 << 10).await.expect("at most 512 KB");
    let mood = pagerduty.with(|service| (!service.moods.is_empty()).then(|| service.moods.remove(0)));
    if let Some((status, answer)) = mood {
        let headers = [("retry-after", "30")];
        return (StatusCode::from_u16(status).expect("a status"), headers, answer).into_response();
    }
    let Ok(event) = serde_json::from_slice::<Value>(&body) else { return invalid("JSON is invalid").into_response() };
    pagerduty.with(|service| service.take(&path, event)).into_response()
}

impl Service {
    fn take(&mut self, path: &str, event: Value) -> (StatusCode, Json<Value>) {
        let text = |value: &Value| value.as_str().map(str::to_owned).filter(|text| !text.is_empty());
        if text(&event["routing_key"]).is_none_or(|key| key.len() != 32) {
            return invalid("Length of 'routing_key' is incorrect (should be 32 characters)");
        }
        if event["routing_key"] != ROUTING_KEY {
            return invalid("Invalid routing key");
        }
        match path {
            "/v2/enqueue" => self.alert(event),
            "/v2/change/enqueue" if !self.has_no_changes => self.change(event),
            _ => (StatusCode::NOT_FOUND, Json(json!({}))),
        }
    }

    fn alert(&mut self, event: Value) -> (StatusCode, Json<Value>) {
        let key = event["dedup_key"].as_str().unwrap_or_default().to_owned();
        if key.is_empty() || key.chars().count() > 255 {
            return invalid("'dedup_key' is missing or too long");
        }
        match event["event_action"].as_str() {
            Some("trigger") => {
                let payload = &event["payload"];
                let severity = payload["severity"].as_str().unwrap_or_default();
                let filled =
                    ["summary", "source"].iter().all(|name| payload[*name].as_str().is_some_and(|t| !t.is_empty()));
                if !filled || !["critical", "error", "warning", "info"].contains(&severity) {
                    return invalid("'payload' is missing or invalid");
                }
                let incident = self.incidents.entry(key.clone()).or_insert("triggered");
                if *incident == "resolved" {
                    *incident = "triggered";
                }
            }
            Some("acknowledge") => {
                self.incidents.entry(key.clone()).and_modify(|incident| {
                    if *incident == "triggered" {
                        *incident = "acknowledged";
                    }
                });
            }
            Some("resolve") => {
                self.incidents.entry(key.clone()).and_modify(|incident| *incident = "resolved");
            }
            _ => return invalid("'event_action' is missing or invalid"),
        }
        self.taken.push(("/v2/enqueue".to_owned(), event));
        (StatusCode::ACCEPTED, Json(json!({"status": "success", "message": "Event processed", "dedup_key": key})))
    }

    fn change(&mut self, event: Value) -> (StatusCode, Json<Value>) {
        if event["payload"]["summary"].as_str().is_none_or(str::is_empty) {
            return invalid("'payload.summary' is missing");
        }
        self.taken.push(("/v2/change/enqueue".to_owned(), event));
        (StatusCode::ACCEPTED, Json(json!({"status": "success", "message": "Change event processed"})))
    }
}

fn oncall() -> Channel {
    Channel::PagerDuty("oncall".to_owned())
}

/// All attempts of one message until nothing is left, or one fails; keeps what is settled, as the store does.
async fn tell(channels: &Channels, told: &Briefing, settled: &mut Vec<Recipient>) -> Result<(), DeliveryError> {
    loop {
        let (channel, owner) = (oncall(), Owner::default());
        let delivery = Delivery { channel: &channel, owner: &owner, briefing: told, settled, now: now() };
        let receipt = channels.deliver(&delivery, &CancellationToken::new()).await?;
        settled.extend(receipt.settled);
        match receipt.left {
            Left::Nothing => return Ok(()),
            Left::More => {}
            Left::Later(error) => return Err(error),
        }
    }
}

async fn told(channels: &Channels, told: &Briefing) {
    tell(channels, told, &mut Vec::new()).await.unwrap_or_else(|error| panic!("{error}"));
}

fn case() -> Case {
    let Content::Cases { cases, .. } = briefing("k").content else { panic!("a message about cases") };
    cases.into_iter().next().expect("a case")
}

fn about(event: NoticeEvent, cases: Vec<Case>) -> Briefing {
    let tier = cases.iter().map(|case| case.finding.tier).max().unwrap_or(Tier::Digest);
    Briefing {
        event,
        tier,
        content: Content::Cases { cases, omitted: 0, change: None },
        ..briefing("0123456789abcdef")
    }
}

fn with(state: FindingState, answered: bool) -> Case {
    let mut case = case();
    case.finding.state = state;
    case.answered = answered;
    case
}

#[tokio::test]
async fn an_incident_goes_the_way_of_its_case() {
    let pagerduty = PagerDuty::default();
    let channels = pagerduty.listen().await;
    let key = case().finding.key.0;
    for (event, case, stands) in [
        (NoticeEvent::Registered, with(FindingState::Open, false), "triggered"),
        (NoticeEvent::Registered, with(FindingState::Open, false), "triggered"),
        (NoticeEvent::Decided, with(FindingState::Acknowledged, true), "acknowledged"),
        (NoticeEvent::Worsened, with(FindingState::Open, true), "triggered"),
        (NoticeEvent::Escalated, with(FindingState::Open, true), "triggered"),
        (NoticeEvent::Decided, with(FindingState::Resolved, true), "resolved"),
        (NoticeEvent::Decided, with(FindingState::Open, true), "triggered"),
        (NoticeEvent::Ended, with(FindingState::Removed, true), "resolved"),
    ] {
        told(&channels, &about(event, vec![case])).await;
        assert_eq!(pagerduty.incidents(), [(key.clone(), stands)], "{event:?}");
    }
}

#[tokio::test]
async fn a_message_of_many_cases_sends_each_once_however_often_it_is_tried() {
    let pagerduty = PagerDuty::default();
    let channels = pagerduty.listen().await;
    let many = |n: i64| {
        let mut case = case();
        case.finding.key.0 = format!("acme-{n}@1672005911");
        case
    };
    let briefing = about(NoticeEvent::Registered, (0..25).map(many).collect());
    pagerduty.with(|service| service.moods = vec![(202, r#"{"status":"success"}"#.to_owned()); 12]);
    pagerduty.with(|service| service.moods.push((429, "slow down".to_owned())));
    let mut settled = Vec::new();
    let error = tell(&channels, &briefing, &mut settled).await.expect_err("throttled");
    let DeliveryError::Hold { after, reason, .. } = error else { panic!("the channel is held: {error}") };
    assert_eq!((after.map(|after| after.as_secs()), settled.len()), (Some(30), 12), "{reason}");
    tell(&channels, &briefing, &mut settled).await.expect("the rest");
    assert_eq!((settled.len(), pagerduty.incidents().len()), (25, 13), "twelve were taken before");
}

#[tokio::test]
async fn what_calls_nobody_is_a_change_event_and_a_receiver_without_them_holds_nothing_up() {
    let pagerduty = PagerDuty::default();
    let channels = pagerduty.listen().await;
    let mut weak = case();
    weak.finding.tier = Tier::Digest;
    told(&channels, &about(NoticeEvent::Registered, vec![weak.clone()])).await;
    assert_eq!(pagerduty.incidents(), []);
    assert_eq!(pagerduty.with(|service| service.taken.remove(0).0), "/v2/change/enqueue");
    pagerduty.with(|service| service.has_no_changes = true);
    let mut settled = Vec::new();
    tell(&channels, &about(NoticeEvent::Registered, vec![weak]), &mut settled).await.expect("no hold");
    assert!(matches!(&settled[..], [Recipient { fate: namewarden::model::Fate::Refused { .. }, .. }]), "{settled:?}");
}

#[tokio::test]
async fn a_routing_key_that_is_not_known_holds_the_channel_and_is_never_said() {
    let pagerduty = PagerDuty::default();
    let channels = pagerduty.listen().await;
    let briefing = about(NoticeEvent::Registered, vec![case()]);
    let quoting = format!(r#"{{"status":"invalid event","errors":["Invalid routing key {ROUTING_KEY}"]}}"#);
    pagerduty.with(|service| service.moods = vec![(400, quoting), (403, ROUTING_KEY.to_owned())]);
    for _ in 0..2 {
        let error = tell(&channels, &briefing, &mut Vec::new()).await.expect_err("closed to us");
        assert!(matches!(error, DeliveryError::Hold { .. }), "{error}");
        assert!(!error.reason().contains(&ROUTING_KEY[..8]), "{error}");
    }
    let broken = r#"{"status":"invalid event","errors":["something else"]}"#.to_owned();
    pagerduty.with(|service| service.moods = vec![(400, broken), (200, "<html>log in".to_owned())]);
    let mut settled = Vec::new();
    tell(&channels, &briefing, &mut settled).await.expect("refused, and nothing else waits for it");
    assert!(settled[0].fate != namewarden::model::Fate::Accepted);
    let error = tell(&channels, &briefing, &mut Vec::new()).await.expect_err("a page is no receipt");
    assert!(matches!(error, DeliveryError::Hold { .. }), "{error}");
}
