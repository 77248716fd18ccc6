//! What each answer of an HTTP receiver means: whether the message is over, waits alone, or the channel does, and whom it may have
//! reached. The client is the one that the daemon has.

mod events;

use std::io::{BufRead, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{LazyLock, Mutex};

use super::*;
use crate::config::channels::{pagerduty, slack, webhook};
use crate::config::{AlertSettings, Secret};
use crate::messages::samples::{registered, torchtriton};
use crate::model::notice::Briefing;
use crate::model::{OwnerId, Reached, Recipient};
use crate::upstream::{Egress, HttpClient};

/// What the receiver says to the request of this number, whose path and body it is given; `None`: it closes the line.
type Answer = fn(usize, &str, &str) -> Option<String>;

struct Receiver {
    port: u16,
    /// The first line and the body of each request.
    heard: Arc<Mutex<Vec<(String, String)>>>,
}

impl Receiver {
    fn start(answer: Answer) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let heard = Arc::<Mutex<Vec<(String, String)>>>::default();
        let hearing = heard.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                // Whoever hangs up has had enough.
                let _ = serve(&stream, &hearing, answer);
            }
        });
        Self { port, heard }
    }

    fn requests(&self) -> Vec<(String, String)> {
        self.heard.lock().expect("a lock").clone()
    }
}

fn serve(mut stream: &TcpStream, heard: &Mutex<Vec<(String, String)>>, answer: Answer) -> std::io::Result<()> {
    let mut lines = BufReader::new(stream.try_clone()?);
    let (mut first, mut length) = (String::new(), 0);
    lines.read_line(&mut first)?;
    loop {
        let mut line = String::new();
        lines.read_line(&mut line)?;
        let line = line.trim_end().to_ascii_lowercase();
        if let Some(size) = line.strip_prefix("content-length: ") {
            length = size.parse().unwrap_or(0);
        }
        if line.is_empty() {
            break;
        }
    }
    let mut body = vec![0; length];
    lines.read_exact(&mut body)?;
    let (first, body) = (first.trim_end().to_owned(), String::from_utf8_lossy(&body).into_owned());
    let path = first.split(' ').nth(1).unwrap_or_default().to_owned();
    let number = {
        let mut heard = heard.lock().expect("a lock");
        heard.push((first, body.clone()));
        heard.len()
    };
    answer(number, &path, &body).map_or(Ok(()), |said| stream.write_all(said.as_bytes()))
}

/// `500` alone, or with headers and what stands in the body: `429\nretry-after: 60\n\nslow down`.
fn says(answer: &str) -> Option<String> {
    let (head, body) = answer.split_once("\n\n").unwrap_or((answer, ""));
    let (status, headers) = head.split_once('\n').unwrap_or((head, ""));
    let headers: String = headers.lines().map(|line| format!("{line}\r\n")).collect();
    let length = body.len();
    Some(format!("HTTP/1.1 {status} x\r\n{headers}content-length: {length}\r\nconnection: close\r\n\r\n{body}"))
}

fn channels(port: u16) -> Channels {
    let url = |path: &str| Secret::new(&format!("http://127.0.0.1:{port}/{path}"));
    let signing = Secret::new("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
    let routing_key = Secret::new("0123456789abcdef0123456789abcdef");
    let incidents = format!("http://127.0.0.1:{port}/v2/enqueue");
    let settings = [
        (hook(), ChannelSettings::Webhook(webhook::Settings { url: url("s3cr3t-hook?token=t0k3n"), signing })),
        (chat(), ChannelSettings::Slack(slack::Settings { url: url("services/T0/B0/s3cr3t"), mention: None })),
        (duty(), ChannelSettings::PagerDuty(pagerduty::Settings { routing_key, url: incidents })),
    ];
    let alert = AlertSettings {
        default_owner: OwnerId("security".to_owned()),
        escalate_after: None,
        undelivered_after: Duration::from_secs(300),
        daily_at_hour: 8,
        canary: false,
        channels: settings.into(),
    };
    Channels::build(&alert, HTTP.posting()).expect("good settings")
}

/// Made once: it reads the certificates of the system. No connection outlives its answer.
static HTTP: LazyLock<HttpClient> = LazyLock::new(|| {
    let egress = Egress { contact: "ops@acme.example", proxy: None, ca_file: None, timeout: Duration::from_secs(5) };
    HttpClient::new(&egress).expect("a client")
});

fn hook() -> Channel {
    Channel::Webhook("soc".to_owned())
}

fn chat() -> Channel {
    Channel::Slack("team".to_owned())
}

fn duty() -> Channel {
    "pagerduty:oncall".parse().expect("a channel")
}

type Told = Result<Receipt, DeliveryError>;

async fn tell(channels: &Channels, channel: &Channel, briefing: &Briefing, settled: &[Recipient]) -> Told {
    let owner = Owner::default();
    let delivery = Delivery { channel, owner: &owner, briefing, settled, now: briefing.at };
    channels.deliver(&delivery, &CancellationToken::new()).await
}

async fn told(channel: &Channel, answer: Answer) -> (Told, Vec<(String, String)>) {
    let receiver = Receiver::start(answer);
    let told = tell(&channels(receiver.port), channel, &registered(vec![torchtriton()]), &[]).await;
    (told, receiver.requests())
}

/// In a word, with what the receiver asked for, in seconds.
fn meaning(told: &Told) -> String {
    let after = |after: &Option<Duration>| after.map(|after| format!(" {}", after.as_secs())).unwrap_or_default();
    match told {
        Ok(Receipt { left: Left::Nothing, .. }) => "taken".to_owned(),
        Ok(Receipt { left, .. }) => format!("{left:?}"),
        Err(DeliveryError::Hold { after: wait, .. }) => format!("hold{}", after(wait)),
        Err(DeliveryError::Retry { after: wait, .. }) => format!("retry{}", after(wait)),
        Err(DeliveryError::GiveUp { .. }) => "give up".to_owned(),
    }
}

/// What an operator reads is short, harmless, and tells no secret.
fn assert_harmless(told: &Told) {
    let Err(error) = told else { return };
    let reason = error.reason();
    for bad in ["s3cr3t", "t0k3n", "0123456789abcdef0123456789abcdef", "whsec_", "\u{1b}", "\u{202e}", "https://evil"] {
        assert!(!reason.contains(bad), "{reason}");
    }
    assert!(reason.len() < 600, "{reason}");
}

macro_rules! answers {
    ($channel:expr; $($answer:literal => $meaning:literal,)*) => {
        $({
            let (told, _) = told(&$channel, |_, _, _| says($answer)).await;
            assert_eq!(meaning(&told), $meaning, "{:?}: {told:?}", $answer);
            assert_harmless(&told);
        })*
    };
}

#[tokio::test]
async fn every_answer_to_a_webhook_but_a_yes_is_tried_again() {
    answers! { hook();
        "200" => "taken",
        "204" => "taken",
        "202\n\n<html>whatever it says" => "taken",
        "200\nretry-after: 60" => "taken",
        // Whoever is elsewhere, out of service or does not know us is so for every message.
        "304" => "hold",
        "401" => "hold",
        "403" => "hold",
        "404" => "hold",
        "410" => "hold",
        "407" => "hold",
        "429" => "hold",
        "502" => "hold",
        "503" => "hold",
        "504" => "hold",
        // This message alone may be what it does not like.
        "400" => "retry",
        "413" => "retry",
        "422" => "retry",
        "500" => "retry",
        "501" => "retry",
        // Who names a time is left alone for it, within reason.
        "429\nretry-after: 60" => "hold 60",
        "500\nretry-after: 5" => "hold 5",
        "503\nretry-after: 999999" => "hold 3600",
        "503\nretry-after: 0" => "hold",
        "503\nretry-after: soon" => "hold",
        "503\nretry-after: -5" => "hold",
        "404\n\ns3cr3t-hook?token=t0k3n \u{1b}[2J\u{202e} https://evil.example" => "hold",
    }
}

#[tokio::test]
async fn slack_has_the_message_when_it_says_so_and_once_more_as_text_where_it_refuses_the_blocks() {
    answers! { chat();
        "200\n\nok" => "taken",
        "200\n\n<html>log in" => "hold",
        "200\n\n{\"ok\":false}" => "hold",
        "404\n\nno_service" => "hold",
        "403\n\naction_prohibited" => "hold",
        "429\nretry-after: 30" => "hold 30",
        "500" => "retry",
        "400\n\ninvalid_blocks" => "give up",
    }
    let (told, requests) =
        told(&chat(), |number, _, _| says(if number == 1 { "400\n\ninvalid_blocks" } else { "200\n\nok" })).await;
    assert_eq!(told, Ok(Receipt::taken()));
    let bodies: Vec<serde_json::Value> =
        requests.iter().map(|(_, body)| serde_json::from_str(body).expect("JSON")).collect();
    assert!(bodies[0]["blocks"].is_array() && bodies[1]["blocks"].is_null(), "{requests:?}");
    assert!(bodies[1]["text"].as_str().is_some_and(|text| text.contains("torchtriton")), "{requests:?}");
}

fn nobody(told: &Told) -> bool {
    matches!(told, Err(DeliveryError::Hold { reached: Reached::Nobody, .. }))
}

fn somebody(told: &Told) -> bool {
    matches!(
        told,
        Err(DeliveryError::Hold { reached: Reached::Perhaps, .. }
            | DeliveryError::Retry { reached: Reached::Perhaps, .. })
    )
}

/// What nobody can have is made anew with all that came since; what somebody may have is repeated.
#[tokio::test]
async fn only_where_there_was_no_connection_can_nobody_have_it() {
    for channel in [hook(), chat(), duty()] {
        let free = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a port").port();
        let dead = tell(&channels(free), &channel, &registered(vec![torchtriton()]), &[]).await;
        assert!(nobody(&dead), "{channel}: {dead:?}");
        assert_harmless(&dead);
        let (closed, _) = told(&channel, |_, _, _| None).await;
        assert!(somebody(&closed) && meaning(&closed) == "hold", "{channel}: {closed:?}");
        assert_harmless(&closed);
        let (cut, _) =
            told(&channel, |_, _, _| Some("HTTP/1.1 500 x\r\ncontent-length: 99\r\n\r\nhalf".to_owned())).await;
        assert!(somebody(&cut) && meaning(&cut) == "retry", "the status has decided: {cut:?}");
    }
    let half = |number: usize, _: &str, _: &str| if number == 1 { says("400") } else { None };
    let (half, _) = told(&chat(), half).await;
    assert!(somebody(&half), "the blocks were refused, and of the text nobody knows: {half:?}");
}

#[tokio::test]
async fn a_look_whether_it_is_there_tells_nothing_and_names_no_secret() {
    for channel in [hook(), chat(), duty()] {
        let receiver = Receiver::start(|_, _, _| says("405"));
        channels(receiver.port).probe(&channel, &[]).await.expect("somebody is there");
        assert_eq!(receiver.requests(), [("HEAD / HTTP/1.1".to_owned(), String::new())]);
        let closed = Receiver::start(|_, _, _| None);
        let error = channels(closed.port).probe(&channel, &[]).await.expect_err("nobody answers");
        assert!(error.reason().starts_with(&format!("{channel}: ")), "{error}");
        assert_harmless(&Err(error));
    }
}

#[tokio::test]
async fn a_channel_that_does_not_exist_is_given_up_with_a_remedy_and_one_that_is_to_stop_is_left() {
    let (receiver, elsewhere) = (Receiver::start(|_, _, _| says("200")), Channel::Webhook("gone".to_owned()));
    let channels = channels(receiver.port);
    let briefing = registered(vec![torchtriton()]);
    let error = tell(&channels, &elsewhere, &briefing, &[]).await.expect_err("there is none");
    assert_eq!(
        error.to_string(),
        "channel webhook:gone is not configured: add its [alert] section or correct the owner; given up"
    );
    let (stop, owner, channel) = (CancellationToken::new(), Owner::default(), hook());
    stop.cancel();
    let delivery = Delivery { channel: &channel, owner: &owner, briefing: &briefing, settled: &[], now: briefing.at };
    assert_eq!(channels.deliver(&delivery, &stop).await, Err(DeliveryError::stopped()));
    assert!(receiver.requests().is_empty());
}
