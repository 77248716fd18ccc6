//! Buttons of Slack: Slack is known by its signature, whoever pressed by the configuration, and the gate hears of nothing else.

use std::time::Duration;

use chrono::TimeDelta;
use hmac::{Hmac, KeyInit as _, Mac as _};
use namewarden::model::Role;
use reqwest::Method;
use serde_json::{Value, json};
use sha2::Sha256;

use super::gate::{FakeGate, UNDECIDED};
use crate::world::{Browser, Setup, World};

const SECRET: &str = "8f742231b10e8888abcd99yyyzzz85a5";
const KEY: &str = "0123456789abcdef";

/// The app of a workspace whose webhook is `[alert.slack.team]`.
struct Workspace {
    world: World,
    gate: FakeGate,
    /// Slack itself, which has no cookie of ours.
    slack: Browser,
}

/// When Slack says that it sent something, and its word for it.
struct Signed {
    at: String,
    signature: String,
}

impl Workspace {
    async fn new() -> Self {
        let world = Setup { web: true, slack: true, links: true, ..Setup::default() }.start().await;
        for role in [Role::Viewer, Role::Approver] {
            world.signed_in(role).await;
        }
        let (gate, slack) = (FakeGate::at(&world.dir().join("gate.sock")), world.browser().await);
        Self { world, gate, slack }
    }

    async fn configured(&self) {
        self.world.write("slack-secret", SECRET);
        let users = "users = { UVIEWER = \"viewer\", UAPPROVER = \"approver\", UGONE = \"gone\" }";
        let app = format!("[web.slack]\nsigning_secret_file = \"slack-secret\"\nchannels = [\"team\"]\n{users}\n");
        self.world.reconfigure(&(self.world.config() + "[gate]\ncontrol_socket = \"gate.sock\"\n" + &app)).await;
        self.world.slack.take();
    }

    /// A form as Slack sends it, of one who presses a button of a review.
    fn pressed(&self, user: &str, act: &str, (review, key): (i64, &str), reason: &str) -> String {
        let listens = format!("{}/actions/T/1/x", self.world.slack.base_url());
        let payload = json!({
            "type": "block_actions", "user": {"id": user, "username": "root"},
            "actions": [{"type": "button", "action_id": act, "value": format!("{review} {key}")}],
            "state": {"values": {format!("reason-{review}"): {"reason": {"type": "plain_text_input", "value": reason}}}},
            "response_url": listens,
        });
        url::form_urlencoded::Serializer::new(String::new()).append_pair("payload", &payload.to_string()).finish()
    }

    /// Signed so long ago; gives the status, and what whoever pressed is told.
    async fn sent(&self, form: &str, secret: &str, age: TimeDelta) -> (u16, String) {
        self.sent_as(&self.signed(form, secret, age), form).await
    }

    async fn sent_as(&self, signed: &Signed, form: &str) -> (u16, String) {
        let status = self.sent_alone(signed, form).await;
        (status, if status == 200 { self.told_soon().await } else { self.told() })
    }

    async fn sent_alone(&self, Signed { at, signature }: &Signed, form: &str) -> u16 {
        let headers = [("x-slack-request-timestamp", at.as_str()), ("x-slack-signature", signature.as_str())];
        self.slack.send(Method::POST, "/slack/actions", &headers, form).await.status().as_u16()
    }

    fn signed(&self, form: &str, secret: &str, age: TimeDelta) -> Signed {
        let at = (self.world.clock.now() - age).timestamp().to_string();
        let mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("any length");
        let mac = mac.chain_update(format!("v0:{at}:{form}")).finalize().into_bytes();
        let signature = mac.iter().fold("v0=".to_owned(), |text, byte| format!("{text}{byte:02x}"));
        Signed { at, signature }
    }

    /// Slack was answered before.
    async fn told_soon(&self) -> String {
        for _ in 0..1000 {
            let told = self.told();
            if !told.is_empty() {
                return told;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        String::new()
    }

    /// What came to where Slack listens, which is shown to whoever pressed.
    fn told(&self) -> String {
        let posts = self.world.slack.take().into_iter().filter(|post| post.path.starts_with("/actions/"));
        let all: Vec<Value> = posts.map(|post| serde_json::from_slice(&post.body).expect("JSON")).collect();
        assert!(all.len() < 2 && all.iter().all(|told| told["response_type"] == "ephemeral"), "{all:?}");
        all.first().map(|told| told["text"].as_str().expect("text").to_owned()).unwrap_or_default()
    }

    fn decided(&self) -> Vec<Value> {
        std::mem::take(&mut *self.gate.heard.lock().expect("whole"))
    }
}

#[tokio::test]
async fn a_press_decides_as_the_account_of_whoever_pressed_and_is_refused_with_the_reason() {
    let of = Workspace::new().await;
    let approve = of.pressed("UAPPROVER", "approve", (UNDECIDED, KEY), "it is needed");
    assert_eq!(of.sent(&approve, SECRET, TimeDelta::zero()).await.0, 303, "without a secret nothing is there");
    of.configured().await;

    for (user, review, reason, why) in [
        ("UNOBODY", (UNDECIDED, KEY), "x", "nobody here is UNOBODY of Slack"),
        ("UGONE", (UNDECIDED, KEY), "x", "there is no account gone"),
        ("UVIEWER", (UNDECIDED, KEY), "x", "the account viewer has the role viewer"),
        ("UAPPROVER", (UNDECIDED, KEY), "", "write why into the field"),
        ("UAPPROVER", (UNDECIDED, "fedcba9876543210"), "x", "has other files by now"),
        ("UAPPROVER", (17, KEY), "x", "was decided and opened again"),
        ("UAPPROVER", (99, KEY), "x", "there is no review 99"),
        ("UAPPROVER", (UNDECIDED, KEY), "refuse", "has other files by now"),
    ] {
        let form = of.pressed(user, "approve", review, reason);
        let (status, told) = of.sent(&form, SECRET, TimeDelta::zero()).await;
        assert!(
            status == 200 && told.starts_with("Nothing was decided: ") && told.contains(why),
            "{user} {status}: {told}"
        );
    }
    assert!(of.decided().is_empty());

    let (status, told) = of.sent(&approve, SECRET, TimeDelta::minutes(1)).await;
    assert!(
        status == 200 && told.starts_with("Review 18 of acme-biling==") && told.ends_with("is approved, by approver."),
        "{told}"
    );
    assert!(!told.contains('<') && !told.contains('\u{202e}'), "{told}");
    let heard = of.decided().pop().expect("the gate was asked");
    assert_eq!((heard["id"].as_i64(), heard["decision"]["act"].as_str()), (Some(UNDECIDED), Some("approve")));
    assert_eq!(
        (heard["decision"]["files_key"].as_str(), heard["decision"]["reason"].as_str()),
        (Some(KEY), Some("it is needed"))
    );
    assert_eq!(
        (heard["on_behalf"]["name"].as_str(), heard["on_behalf"]["way"].as_str()),
        (Some("approver"), Some("slack"))
    );
    assert!(heard["on_behalf"]["uid"].is_u64(), "the account's user, which the gate counts persons by");
    let epoch = chrono::DateTime::UNIX_EPOCH;
    let trail = of.world.engine().store.read(move |tx| tx.audit().since(epoch, 0, 50)).await.expect("reads");
    let last = trail.iter().rfind(|line| line.line.action == "gate-decide").expect("a line");
    assert!(last.line.by.to_string().starts_with("approver (uid ") && last.line.by.to_string().ends_with(" by Slack"));
    of.world.finish().await;
}

#[tokio::test]
async fn what_slack_did_not_sign_lately_or_signed_before_is_not_heard() {
    let of = Workspace::new().await;
    of.configured().await;
    let reject = of.pressed("UAPPROVER", "reject", (UNDECIDED, KEY), "it calls home");
    assert_eq!(of.sent(&reject, "another secret of another app", TimeDelta::zero()).await, (403, String::new()));
    for age in [TimeDelta::seconds(301), TimeDelta::seconds(-301)] {
        assert_eq!(of.sent(&reject, SECRET, age).await, (403, String::new()), "{age}");
    }
    let unsigned = of.slack.send(Method::POST, "/slack/actions", &[], &reject).await;
    assert_eq!(unsigned.status(), 403);
    let signed_in = of.world.signed_in(Role::Approver).await;
    assert_eq!(signed_in.post("/slack/actions", &reject).await.status(), 403, "a session is no signature");
    assert!(of.decided().is_empty());
    let signed = of.signed(&reject, SECRET, TimeDelta::seconds(7));
    assert_eq!(of.sent_as(&signed, &reject).await.0, 200);
    assert_eq!(of.sent_as(&signed, &reject).await, (403, String::new()), "the same again");
    assert_eq!(of.decided().len(), 1);
    let other = of.slack.send(Method::POST, "/slack/actions", &[("host", "evil.example")], &reject).await;
    assert_eq!(other.status(), 421);
    of.world.finish().await;
}

/// It waits for three seconds, and shows a failure then, whatever is decided later.
#[tokio::test]
async fn slack_is_answered_before_anything_is_decided() {
    let of = Workspace::new().await;
    of.configured().await;
    let busy = of.gate.way.acquire().await.expect("open");
    let approve = of.pressed("UAPPROVER", "approve", (UNDECIDED, KEY), "it is needed");
    let signed = of.signed(&approve, SECRET, TimeDelta::zero());
    let answered = tokio::time::timeout(Duration::from_secs(3), of.sent_alone(&signed, &approve)).await;
    assert_eq!(answered.expect("in time"), 200);
    assert!(of.decided().is_empty() && of.told().is_empty());
    drop(busy);
    let told = of.told_soon().await;
    assert!(told.ends_with("is approved, by approver.") && of.decided().len() == 1, "{told}");
    of.world.finish().await;
}
