//! Email, delivered to aiosmtpd in its own process and read back as Python's mail client reads it.

use std::fmt::Debug;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use namewarden::config::{CaFile, EmailSettings, MailTls, Secret};
use namewarden::delivery::channel::{Channels, Delivery, DeliveryError};
use namewarden::model::{Channel, Recipient};
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use super::world::{attempt, briefing, fate, mail_settings, now, owner, with_email};
use crate::python_program;

const KEY: &str = "0123456789abcdef0123456789abcdef";
const ANNA: &str = "anna@acme.example";
const BEN: &str = "ben@acme.example";

/// aiosmtpd, running until it is dropped.
pub(super) struct Sink {
    pub(super) port: u16,
    mails: Receiver<Value>,
    child: Child,
    _stdin: ChildStdin,
}

impl Sink {
    pub(super) fn start(arguments: &[&str]) -> Self {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients/alerts/sink.py");
        let mut child = Command::new(python_program("python"))
            .arg(script)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("python starts");
        let stdin = child.stdin.take().expect("a pipe");
        let lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
        let (sender, mails) = channel();
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                let value = serde_json::from_str(&line).expect("the sink speaks JSON");
                if sender.send(value).is_err() {
                    break;
                }
            }
        });
        let first: Value = mails.recv_timeout(Duration::from_secs(30)).expect("the sink listens");
        let port = first["port"].as_u64().and_then(|port| port.try_into().ok()).expect("a port");
        Self { port, mails, child, _stdin: stdin }
    }

    pub(super) fn mail(&self) -> Value {
        self.mails.recv_timeout(Duration::from_secs(10)).expect("a mail arrives")
    }

    /// Nothing is left over.
    pub(super) fn end(self) {
        assert_eq!(self.mails.try_recv().ok(), None, "a mail that nobody expected");
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        self.child.kill().expect("the sink ends");
        self.child.wait().expect("the sink is gone");
    }
}

pub(super) fn header<'a>(mail: &'a Value, name: &str) -> Vec<&'a str> {
    let pairs = mail["headers"].as_array().expect("headers").iter();
    let named = pairs.filter(|pair| pair[0].as_str().is_some_and(|found| found.eq_ignore_ascii_case(name)));
    named.map(|pair| pair[1].as_str().expect("text")).collect()
}

/// What one attempt means for the notice; a remark where it did not reach everybody.
type Fate = Result<Option<String>, DeliveryError>;

async fn deliver(settings: EmailSettings, to: &[&str]) -> Fate {
    send(&with_email(settings), to, KEY).await
}

async fn send(channels: &Channels, to: &[&str], key: &str) -> Fate {
    fate(attempt(channels, &Channel::Email, &owner(to), &briefing(key), now()).await)
}

fn retries<T: Debug>(result: &Result<T, DeliveryError>, words: &str) {
    assert!(matches!(result, Err(DeliveryError::Retry { reason, .. }) if reason.contains(words)), "{result:?}");
}

fn holds<T: Debug>(result: &Result<T, DeliveryError>, words: &str) {
    assert!(matches!(result, Err(DeliveryError::Hold { reason, .. }) if reason.contains(words)), "{result:?}");
}

fn gives_up(result: &Fate, words: &str) {
    assert!(matches!(result, Err(DeliveryError::GiveUp { reason }) if reason.contains(words)), "{result:?}");
}

#[tokio::test]
#[ignore = "needs the client venv; tests/run provides it"]
async fn a_mail_arrives_as_it_was_meant() {
    let sink = Sink::start(&[]);
    deliver(mail_settings(sink.port), &[ANNA, BEN]).await.expect("delivered");
    let mail = sink.mail();
    assert_eq!(mail["from"], "namewarden@acme.example");
    assert_eq!(mail["to"], serde_json::json!([ANNA, BEN]), "one session for all");
    assert_eq!(header(&mail, "Subject"), ["[page] pip would take torchtriton: your internal name"]);
    assert_eq!(header(&mail, "From"), ["Name Warden <namewarden@acme.example>"]);
    assert_eq!(header(&mail, "To"), ["anna@acme.example, ben@acme.example"]);
    assert_eq!(header(&mail, "Date"), ["Sun, 25 Dec 2022 22:05:31 +0000"]);
    assert_eq!(header(&mail, "Message-ID"), [format!("<{KEY}@namewarden.acme.example>")]);
    assert_eq!(header(&mail, "References"), header(&mail, "In-Reply-To"));
    assert_eq!(header(&mail, "Auto-Submitted"), ["auto-generated"]);
    assert_eq!(header(&mail, "X-Namewarden-Key"), [KEY]);
    assert_eq!(header(&mail, "X-Namewarden-Event"), ["registered"]);
    assert_eq!(header(&mail, "X-Namewarden-Tier"), ["page"]);
    assert!(mail["text"].as_str().is_some_and(|text| text.contains("YES: its 3.0.0 beats your 2.0.0")), "{mail}");
    assert!(mail["html"].as_str().is_some_and(|html| html.contains("ünïcode")), "{mail}");
    assert_eq!(mail["defects"], serde_json::json!([]));
    assert!(mail["longest_line"].as_u64().is_some_and(|line| line <= 998), "RFC 5322, 2.1.1: {}", mail["longest_line"]);
    sink.end();
}

#[tokio::test]
#[ignore = "needs the client venv; tests/run provides it"]
async fn a_summary_forges_no_header_and_ends_no_message() {
    let sink = Sink::start(&[]);
    deliver(mail_settings(sink.port), &[ANNA]).await.expect("delivered");
    let mail = sink.mail();
    assert!(header(&mail, "Bcc").is_empty(), "{mail}");
    let text = mail["text"].as_str().expect("a text part").split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(text.contains(r"\r\nBcc: victim@evil[.]example\r\n\r\n.\r\n<script>"), "{text}");
    assert!(text.contains("What to do now"), "the message goes on: {text}");
    assert!(mail["html"].as_str().is_some_and(|html| !html.contains("<script")), "{mail}");
    sink.end();
}

#[tokio::test]
#[ignore = "needs the client venv; tests/run provides it"]
async fn a_repeat_has_the_same_id_and_a_worsening_another_in_the_same_thread() {
    let sink = Sink::start(&[]);
    let channels = with_email(mail_settings(sink.port));
    let keys = [KEY, KEY, "ffffffffffffffffffffffffffffffff"];
    for key in keys {
        send(&channels, &[ANNA], key).await.expect("delivered");
    }
    let mails = keys.map(|_| sink.mail());
    let ids: Vec<_> = mails.iter().map(|mail| header(mail, "Message-ID")).collect();
    let threads: Vec<_> = mails.iter().map(|mail| header(mail, "References")).collect();
    assert_eq!(ids[0], ids[1]);
    assert_ne!(ids[1], ids[2]);
    assert!(threads.iter().all(|thread| *thread == threads[0] && thread.len() == 1), "{threads:?}");
    sink.end();
}

fn secured(port: u16, tls: MailTls, ca: &Path) -> EmailSettings {
    EmailSettings { tls, ca_file: Some(CaFile::read(ca.to_owned())), ..mail_settings(port) }
}

#[tokio::test]
#[ignore = "needs the client venv; tests/run provides it"]
async fn tls_with_a_private_authority() {
    let folder = tempfile::tempdir().expect("a folder");
    for (mode, word) in [(MailTls::Starttls, "starttls"), (MailTls::Implicit, "implicit")] {
        let ca = folder.path().join(word);
        let sink = Sink::start(&["--tls", word, "--ca", ca.to_str().expect("a path")]);
        deliver(secured(sink.port, mode, &ca), &[ANNA]).await.expect("delivered");
        assert_eq!(sink.mail()["tls"], true);

        let stranger = EmailSettings { ca_file: None, ..secured(sink.port, mode, &ca) };
        holds(&deliver(stranger, &[ANNA]).await, "certificate");
        sink.end();
    }
}

#[tokio::test]
#[ignore = "needs the client venv; tests/run provides it"]
async fn no_mail_goes_out_in_clear_when_starttls_was_asked_for() {
    let sink = Sink::start(&[]);
    let settings = EmailSettings { tls: MailTls::Starttls, ..mail_settings(sink.port) };
    holds(&deliver(settings, &[ANNA]).await, "STARTTLS");
    sink.end();
}

#[tokio::test]
#[ignore = "needs the client venv; tests/run provides it"]
async fn login_is_used_and_its_failure_is_worth_another_try() {
    let folder = tempfile::tempdir().expect("a folder");
    let ca = folder.path().join("ca.pem");
    let sink = Sink::start(&["--tls", "starttls", "--ca", ca.to_str().expect("a path"), "--auth", "warden:opensesame"]);
    let login = |password: &str| EmailSettings {
        username: Some("warden".to_owned()),
        password: Some(Secret::new(password)),
        ..secured(sink.port, MailTls::Starttls, &ca)
    };
    deliver(login("opensesame"), &[ANNA]).await.expect("delivered");
    assert_eq!(header(&sink.mail(), "X-Namewarden-Key"), [KEY]);
    with_email(login("opensesame")).probe(&Channel::Email, &[]).await.expect("reachable");

    let refusals = [
        deliver(login("guessed"), &[ANNA]).await.map(drop),
        with_email(login("guessed")).probe(&Channel::Email, &[]).await,
    ];
    for result in refusals {
        holds(&result, "535");
        assert!(!format!("{result:?}").contains("guessed"), "{result:?}");
    }
    holds(&deliver(secured(sink.port, MailTls::Starttls, &ca), &[ANNA]).await, "530");
    sink.end();
}

#[tokio::test]
#[ignore = "needs the client venv; tests/run provides it"]
async fn a_refused_recipient_does_not_cost_the_others_their_mail() {
    let sink = Sink::start(&["--reply", &format!("rcpt:{BEN}=550 5.1.1 no such user")]);
    let result = deliver(mail_settings(sink.port), &[ANNA, BEN]).await;
    let remark = result.expect("anna has it").expect("and ben has not");
    assert!(remark.starts_with("be…@acme.example was refused"), "{remark}");
    assert!(remark.ends_with("1 other recipient took it"), "{remark}");
    assert_eq!(sink.mail()["to"], serde_json::json!([ANNA]));
    sink.end();
}

#[tokio::test]
#[ignore = "needs the client venv; tests/run provides it"]
async fn a_recipient_put_off_is_tried_again_alone() {
    let sink = Sink::start(&["--reply", &format!("rcpt:{BEN}=450 4.2.2 full")]);
    let channels = with_email(mail_settings(sink.port));
    let (owner, briefing, mut settled) = (owner(&[ANNA, BEN]), briefing(KEY), vec![]);
    for attempt in 1..=2 {
        let delivery =
            Delivery { channel: &Channel::Email, owner: &owner, briefing: &briefing, settled: &settled, now: now() };
        let result = channels.deliver(&delivery, &CancellationToken::new()).await;
        settled.extend(result.as_ref().map_or(vec![], |receipt| receipt.settled.clone()));
        assert_eq!(result.is_ok(), attempt == 1, "only the first attempt settles anybody");
        retries(&fate(result), "be…@acme.example was put off");
    }
    assert_eq!(settled, [Recipient::accepted(ANNA)]);
    assert_eq!(sink.mail()["to"], serde_json::json!([ANNA]));
    sink.end();
}

#[tokio::test]
#[ignore = "needs the client venv; tests/run provides it"]
async fn what_the_server_says_decides() {
    let said = |reply: &str| Sink::start(&["--reply", reply]);
    let sink = said("data=451 4.3.0 later");
    retries(&deliver(mail_settings(sink.port), &[ANNA]).await, "451");
    let sink = said("data=554 5.7.1 unwanted");
    gives_up(&deliver(mail_settings(sink.port), &[ANNA]).await, "554");
    let sink = said("mail=550 5.7.1 sender not allowed");
    holds(&deliver(mail_settings(sink.port), &[ANNA]).await, "sender not allowed");
}

#[tokio::test]
async fn nobody_listening_is_worth_another_try() {
    let free = namewarden::sim::free_port().expect("a port");
    let result = deliver(mail_settings(free), &[ANNA]).await;
    holds(&result, &format!("localhost:{free}"));
    holds(&with_email(mail_settings(free)).probe(&Channel::Email, &[]).await, "refused");
}

#[tokio::test]
async fn an_owner_without_a_usable_address_is_given_up() {
    gives_up(&deliver(mail_settings(1), &[]).await, "no email address");
    gives_up(&deliver(mail_settings(1), &["not an address\r\nRCPT TO:<x@evil.example>"]).await, "is no mail address");
}
