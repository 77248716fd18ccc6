//! Slack and webhooks, delivered to a receiver on loopback that answers as it is told.

use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use namewarden::delivery::channel::{Channels, ChannelsError, DeliveryError};
use namewarden::model::{Channel, Time};
use serde_json::Value;

use super::world::{
    SIGNING, attempt, briefing, channels, client, fate, now, owner, settings, with_channel, with_hooks,
};

const KEY: &str = "0123456789abcdef0123456789abcdef";
/// The secret part of a hook's address.
const PATH: &str = "/services/T0AAAAAAA/B0BBBBBBB/xyzzyplughxyzzyplugh";

/// Status, headers, body.
type Answer = (u16, Vec<(&'static str, String)>, String);
/// Request line, headers, body.
type Taken = (String, HeaderMap, String);

/// What the receiver answers, in order (the last one for ever), and what it was sent.
#[derive(Clone, Default)]
pub(super) struct Receiver {
    answers: Arc<Mutex<Vec<Answer>>>,
    taken: Arc<Mutex<Vec<Taken>>>,
}

impl Receiver {
    pub(super) fn answering(answers: &[(u16, &str)]) -> Self {
        let answers = answers.iter().map(|(status, body)| (*status, vec![], (*body).to_owned())).collect();
        Self { answers: Arc::new(Mutex::new(answers)), ..Self::default() }
    }

    fn with_header(self, name: &'static str, value: &str) -> Self {
        for answer in self.answers.lock().expect("a lock").iter_mut() {
            answer.1.push((name, value.to_owned()));
        }
        self
    }

    /// Listens, and gives the address of the hook.
    #[expect(clippy::disallowed_methods, reason = "the receiver ends with the test's runtime")]
    pub(super) async fn listen(&self) -> String {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let app = Router::new().fallback(take).with_state(self.clone());
        tokio::spawn(async move { axum::serve(listener, app).await });
        format!("http://{address}{PATH}")
    }

    pub(super) fn taken(&self) -> Vec<Taken> {
        std::mem::take(&mut *self.taken.lock().expect("a lock"))
    }
}

async fn take(State(receiver): State<Receiver>, request: Request) -> Response {
    let line = format!("{} {}", request.method(), request.uri());
    let headers = request.headers().clone();
    let body = axum::body::to_bytes(request.into_body(), 1 << 20).await.expect("a body");
    receiver.taken.lock().expect("a lock").push((line, headers, String::from_utf8_lossy(&body).into_owned()));
    let mut answers = receiver.answers.lock().expect("a lock");
    let (status, headers, body) = if answers.len() > 1 { answers.remove(0) } else { answers[0].clone() };
    let mut response = (StatusCode::from_u16(status).expect("a status"), body).into_response();
    for (name, value) in headers {
        response.headers_mut().insert(name, value.parse().expect("a header value"));
    }
    response
}

fn slack() -> Channel {
    Channel::Slack("ops".to_owned())
}

fn webhook() -> Channel {
    Channel::Webhook("soc".to_owned())
}

async fn deliver(receiver: &Receiver, channel: &Channel) -> Result<(), DeliveryError> {
    post(&with_hooks(&receiver.listen().await), channel, now()).await
}

async fn post(hooks: &Channels, channel: &Channel, now: Time) -> Result<(), DeliveryError> {
    fate(attempt(hooks, channel, &owner(&[]), &briefing(KEY), now).await).map(drop)
}

/// No error tells the address, whatever the receiver put into its answer.
fn reason(error: &DeliveryError) -> &str {
    let reason = error.reason();
    for secret in ["T0AAAAAAA", "B0BBBBBBB", "xyzzy", "127.0.0.1"] {
        assert!(!reason.contains(secret), "{secret} in {reason}");
    }
    reason
}

fn retried(result: Result<(), DeliveryError>) -> (Option<Duration>, String) {
    let error = result.expect_err("a failure");
    let reason = reason(&error).to_owned();
    match error {
        DeliveryError::Retry { after, .. } => (after, reason),
        error => panic!("not for this notice alone: {error}"),
    }
}

fn held(result: Result<(), DeliveryError>) -> (Option<Duration>, String) {
    let error = result.expect_err("a failure");
    let reason = reason(&error).to_owned();
    match error {
        DeliveryError::Hold { after, .. } => (after, reason),
        error => panic!("not the whole channel: {error}"),
    }
}

fn given_up(result: Result<(), DeliveryError>) -> String {
    let error = result.expect_err("a failure");
    assert!(matches!(error, DeliveryError::GiveUp { .. }), "{error:?}");
    reason(&error).to_owned()
}

#[tokio::test]
async fn slack_gets_the_blocks_at_its_address() {
    let receiver = Receiver::answering(&[(200, "ok")]);
    deliver(&receiver, &slack()).await.expect("delivered");
    let [(line, headers, body)] = &receiver.taken()[..] else { panic!("one request") };
    assert_eq!(line, &format!("POST {PATH}"));
    assert_eq!(headers["content-type"], "application/json");
    let body: Value = serde_json::from_str(body).expect("JSON");
    assert_eq!(body["blocks"][0]["text"]["text"], "🔴 PAGE: pip would take it");
    assert_eq!(body["blocks"][1]["text"]["text"], "<!here>", "a page calls whom the section names");
}

#[tokio::test]
async fn slack_says_what_to_do() {
    let busy = Receiver::answering(&[(429, "rate_limited")]).with_header("Retry-After", "30");
    let (after, reason) = held(deliver(&busy, &slack()).await);
    assert_eq!((after, reason.as_str()), (Some(Duration::from_secs(30)), "slack:ops answered 429 (\"rate_limited\")"));
    for status in [302, 502, 503, 504] {
        assert_eq!(held(deliver(&Receiver::answering(&[(status, "")]), &slack()).await).0, None);
    }
    for page in ["<html>Please log in</html>", r#"{"ok":false,"error":"invalid_auth"}"#] {
        held(deliver(&Receiver::answering(&[(200, page)]), &slack()).await);
    }
    for status in [500, 408] {
        assert_eq!(retried(deliver(&Receiver::answering(&[(status, "")]), &slack()).await).0, None);
    }
    for (status, body) in [(404, "no_service"), (410, "channel_is_archived"), (403, "action_prohibited")] {
        let (after, reason) = held(deliver(&Receiver::answering(&[(status, body)]), &slack()).await);
        assert!(after.is_none() && reason.contains(body) && reason.contains("credential file"), "{reason}");
    }
}

#[tokio::test]
async fn blocks_that_slack_refuses_are_told_as_text() {
    let receiver = Receiver::answering(&[(400, "invalid_blocks"), (200, "ok")]);
    deliver(&receiver, &slack()).await.expect("delivered");
    let taken = receiver.taken();
    let second: Value = serde_json::from_str(&taken[1].2).expect("JSON");
    assert_eq!(taken.len(), 2);
    assert!(second.get("blocks").is_none());
    let text = second["text"].as_str().unwrap_or_default();
    assert!(text.starts_with("<!here>\n[page] ") && text.contains("namewarden findings ack"), "{second}");

    let reason = given_up(deliver(&Receiver::answering(&[(400, "invalid_payload")]), &slack()).await);
    assert!(reason.contains("invalid_payload"), "{reason}");
}

#[tokio::test]
async fn a_webhook_is_signed_and_a_repeat_keeps_its_id() {
    let receiver = Receiver::answering(&[(500, ""), (204, "")]);
    let hooks = with_hooks(&receiver.listen().await);
    let later = now() + chrono::TimeDelta::seconds(60);
    post(&hooks, &webhook(), now()).await.expect_err("the receiver failed");
    post(&hooks, &webhook(), later).await.expect("delivered");
    let taken = receiver.taken();
    assert_eq!(taken[0].1["webhook-id"], KEY);
    assert_eq!(taken[0].1["webhook-id"], taken[1].1["webhook-id"]);
    assert_eq!(taken[0].1["webhook-timestamp"], "1672005931");
    assert_eq!(taken[1].1["webhook-timestamp"], "1672005991", "the time of the attempt");
    assert_ne!(taken[0].1["webhook-signature"], taken[1].1["webhook-signature"]);
    assert_eq!(taken[0].2, taken[1].2, "a repeat says the same");
    let body: Value = serde_json::from_str(&taken[0].2).expect("JSON");
    assert_eq!(
        (&body["version"], &body["type"], &body["data"]["key"]),
        (&1.into(), &"finding.registered".into(), &KEY.into())
    );
}

/// The reference library of the specification accepts what we sign, and refuses it changed.
#[tokio::test]
#[ignore = "needs the client venv; tests/run provides it"]
async fn the_reference_library_accepts_the_signature() {
    let receiver = Receiver::answering(&[(200, "")]);
    let hooks = with_hooks(&receiver.listen().await);
    let now = namewarden::clock::Clock::System.now();
    post(&hooks, &webhook(), now).await.expect("delivered");
    let [(_, headers, body)] = &receiver.taken()[..] else { panic!("one request") };
    assert_eq!(verified(headers, body).as_deref(), Some("finding.registered"));
    assert_eq!(verified(headers, &body.replace("torchtriton", "torchtrito")), None);
}

fn verified(headers: &HeaderMap, body: &str) -> Option<String> {
    use std::io::Write;
    let value = |name: &str| headers[name].to_str().expect("text").to_owned();
    let mut child = Command::new(crate::python_program("python"))
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/clients/alerts/receiver.py"))
        .args([SIGNING.to_owned(), value("webhook-id"), value("webhook-timestamp"), value("webhook-signature")])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("python starts");
    child.stdin.take().expect("a pipe").write_all(body.as_bytes()).expect("written");
    let output = child.wait_with_output().expect("python ends");
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

#[tokio::test]
async fn a_webhook_says_what_to_do() {
    for status in [400, 413, 500] {
        retried(deliver(&Receiver::answering(&[(status, "")]), &webhook()).await);
    }
    for status in [301, 401, 404, 410, 429, 503] {
        held(deliver(&Receiver::answering(&[(status, "")]), &webhook()).await);
    }
    let date = Receiver::answering(&[(503, "")])
        .with_header("Retry-After", "Sun, 25 Dec 2022 22:06:31 GMT")
        .with_header("Date", "Sun, 25 Dec 2022 22:05:31 GMT");
    assert_eq!(held(deliver(&date, &webhook()).await).0, Some(Duration::from_secs(60)));
}

#[tokio::test]
async fn an_answer_is_capped_harmless_and_silent_about_the_address() {
    let echo = format!("Cannot POST {PATH} \u{1b}[2J https://evil.example {}", "x".repeat(5_000_000));
    let (_, reason) = retried(deliver(&Receiver::answering(&[(500, &echo)]), &webhook()).await);
    assert!(reason.len() < 300 && !reason.contains('\u{1b}') && !reason.contains("://evil"), "{reason}");
    assert!(reason.contains("Cannot POST /"), "{reason}");
}

#[tokio::test]
async fn nobody_listening_is_worth_another_try() {
    let address = format!("127.0.0.1:{}", namewarden::sim::free_port().expect("a port"));
    let hooks = with_hooks(&format!("http://{address}{PATH}"));
    for channel in [slack(), webhook()] {
        let (_, reason) = held(post(&hooks, &channel, now()).await);
        assert!(reason.contains(&channel.to_string()) && reason.contains("refused"), "{reason}");
        held(hooks.probe(&channel, &[]).await);
    }
}

#[tokio::test]
async fn a_probe_asks_the_server_and_not_the_hook() {
    let receiver = Receiver::answering(&[(404, "")]);
    let hooks = with_hooks(&receiver.listen().await);
    for channel in [slack(), webhook(), Channel::Console] {
        hooks.probe(&channel, &[]).await.expect("reachable");
    }
    let lines: Vec<String> = receiver.taken().into_iter().map(|(line, ..)| line).collect();
    assert_eq!(lines, ["HEAD /", "HEAD /"]);
}

#[tokio::test]
async fn a_channel_that_is_not_configured_is_given_up() {
    let none = channels(settings());
    for channel in [Channel::Email, slack(), webhook()] {
        let reason = given_up(post(&none, &channel, now()).await);
        assert!(reason.contains("not configured"), "{reason}");
    }
}

#[test]
fn settings_that_cannot_work_say_so_without_the_secret() {
    use namewarden::config::channels::{ChannelSettings, slack, webhook};
    use namewarden::config::{AlertSettings, EmailSettings, MailTls, Secret};
    let refused = |settings: &AlertSettings| -> ChannelsError {
        Channels::build(settings, &client()).err().expect("these settings cannot work")
    };
    let url = Secret::new("hooks.example/secret");
    let slack = ChannelSettings::Slack(slack::Settings { url, mention: None });
    let slack = with_channel(Channel::Slack("ops".to_owned()), slack);
    assert_eq!(
        refused(&slack).to_string(),
        "the address of slack:ops is no http or https address: put the whole address into its credential file"
    );
    let section = webhook::Settings { url: Secret::new("https://x.example/"), signing: Secret::new("secret") };
    let webhook = with_channel(Channel::Webhook("soc".to_owned()), ChannelSettings::Webhook(section));
    assert_eq!(
        refused(&webhook).to_string(),
        "the signing secret of webhook:soc is not \"whsec_\" and the base64 of 24 to 64 bytes"
    );
    let mail = super::world::mail_settings(25);
    let clear = EmailSettings { host: "mail.acme.example".to_owned(), tls: MailTls::None, ..mail.clone() };
    let sender = EmailSettings { from: "nobody".to_owned(), ..mail.clone() };
    let half = EmailSettings { username: Some("warden".to_owned()), ..mail };
    for (email, words) in
        [(clear, "clear text to mail.acme.example"), (sender, "no mail address"), (half, "go together")]
    {
        let error = refused(&with_channel(Channel::Email, ChannelSettings::Email(email)));
        assert!(error.to_string().contains(words), "{error}");
    }
}
