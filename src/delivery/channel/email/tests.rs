//! The session against a server that says whatever it likes.

mod attempts;
mod openings;

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use super::limits::Limits;
use super::*;
use crate::config::channels::ChannelSettings;
use crate::config::{AlertSettings, Redactor, Secret};
use crate::model::notice::{Briefing, Content, NoticeEvent, NoticeKey};
use crate::model::{Channel, Origin, Owner, OwnerId, Tier, Time};

/// What the server does when it has read a line.
enum Act {
    Say(&'static [u8]),
    /// The same for ever.
    Flood(&'static [u8]),
    /// A byte now and then.
    Drip(&'static [u8], Duration),
    SayAfter(Duration, &'static [u8]),
    Close,
    Hang,
}
use Act::{Close, Drip, Flood, Hang, Say, SayAfter};

/// What a decent server does; "" is the connection, "." the end of a message.
fn usual(line: &str) -> Act {
    match line.split([' ', ':']).next().unwrap_or_default() {
        "" => Say(b"220 fake\r\n"),
        "EHLO" => Say(b"250-fake\r\n250 8BITMIME\r\n"),
        "DATA" => Say(b"354 go\r\n"),
        "QUIT" => Say(b"221 bye\r\n"),
        _ => Say(b"250 ok\r\n"),
    }
}

#[derive(Clone)]
struct Fake {
    port: u16,
    /// Every command.
    lines: Arc<Mutex<Vec<String>>>,
    mails: Arc<Mutex<Vec<String>>>,
}

impl Fake {
    /// Serves one connection after the other; `act` may leave a line to `usual`.
    fn start(act: impl Fn(&str) -> Option<Act> + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let fake = Self { port, lines: Arc::default(), mails: Arc::default() };
        let serving = fake.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                // Whoever is left alone has had enough of this client.
                let _ = serving.session(stream, &act);
            }
        });
        fake
    }

    fn session(&self, stream: TcpStream, act: &impl Fn(&str) -> Option<Act>) -> std::io::Result<()> {
        let mut lines = BufReader::new(stream.try_clone()?).split(b'\n');
        let (mut mail, mut line) = (None::<String>, String::new());
        loop {
            let act = act(&line).unwrap_or_else(|| usual(&line));
            if line == "DATA"
                && matches!(act, Say(text) | Drip(text, _) | SayAfter(_, text) if text.starts_with(b"354"))
            {
                mail = Some(String::new());
            }
            do_it(&stream, act)?;
            line = loop {
                let Some(read) = lines.next().transpose()? else { return Ok(()) };
                let read = String::from_utf8_lossy(&read).trim_end().to_owned();
                match &mut mail {
                    Some(text) if read != "." => *text += &format!("{read}\n"),
                    _ => break read,
                }
            };
            if let Some(text) = mail.take() {
                self.mails.lock().expect("a lock").push(text);
            }
            self.lines.lock().expect("a lock").push(line.clone());
        }
    }

    fn lines(&self, verb: &str) -> Vec<String> {
        self.lines.lock().expect("a lock").iter().filter(|line| line.starts_with(verb)).cloned().collect()
    }

    fn mails(&self) -> usize {
        self.mails.lock().expect("a lock").len()
    }
}

fn do_it(mut stream: &TcpStream, act: Act) -> std::io::Result<()> {
    match act {
        Say(text) => stream.write_all(text),
        SayAfter(wait, text) => {
            std::thread::sleep(wait);
            stream.write_all(text)
        }
        Flood(text) => loop {
            stream.write_all(text)?;
        },
        Drip(text, pause) => text.iter().try_for_each(|byte| {
            std::thread::sleep(pause);
            stream.write_all(&[*byte])
        }),
        Close => Err(std::io::ErrorKind::Other.into()),
        Hang => {
            // Until the client has gone.
            BufReader::new(stream).split(b'\0').next();
            Ok(())
        }
    }
}

const SHORT: Duration = Duration::from_millis(300);
const QUICK: Limits = Limits {
    connect: SHORT,
    greeting: SHORT,
    command: SHORT,
    data: SHORT,
    block: SHORT,
    dot: SHORT,
    recipients: SHORT,
    handover: Duration::from_secs(5),
};

fn settings(port: u16) -> EmailSettings {
    EmailSettings {
        host: "127.0.0.1".to_owned(),
        port,
        tls: MailTls::None,
        ca_file: None,
        from: "namewarden <namewarden@münchen.example>".to_owned(),
        helo_name: None,
        username: None,
        password: None,
    }
}

fn towards(settings: &EmailSettings) -> Email {
    let alert = AlertSettings {
        default_owner: OwnerId("x".to_owned()),
        escalate_after: None,
        undelivered_after: SHORT,
        daily_at_hour: 0,
        canary: false,
        channels: [(Channel::Email, ChannelSettings::Email(settings.clone()))].into(),
    };
    let mut email = Email::build(settings, Arc::new(Words::new(Redactor::new(&alert)))).expect("good settings");
    email.server.limits = QUICK;
    email
}

fn owner(emails: &[&str]) -> Owner {
    Owner { emails: emails.iter().map(|&email| email.to_owned()).collect(), ..Owner::default() }
}

fn briefing() -> Briefing {
    Briefing {
        key: NoticeKey("0123456789abcdef".to_owned()),
        thread: "t".to_owned(),
        event: NoticeEvent::Canary,
        tier: Tier::Digest,
        owner: OwnerId("x".to_owned()),
        owner_name: "X".to_owned(),
        instead: None,
        at: Time::UNIX_EPOCH,
        origin: Origin::default(),
        coverage: "every event".to_owned(),
        dashboard: None,
        content: Content::Proof { overview: None },
    }
}

type Sent = Result<Receipt, DeliveryError>;

async fn send_to(email: &Email, owner: &Owner, settled: &[Recipient], stop: &CancellationToken) -> Sent {
    let briefing = briefing();
    let channel = Channel::Email;
    email.deliver(&Delivery { channel: &channel, owner, briefing: &briefing, settled, now: briefing.at }, stop).await
}

async fn send(fake: &Fake, to: &[&str]) -> Sent {
    send_to(&towards(&settings(fake.port)), &owner(to), &[], &CancellationToken::new()).await
}

fn is_held(sent: &Sent) -> bool {
    matches!(sent, Err(DeliveryError::Hold { .. }))
}

fn is_retried(sent: &Sent) -> bool {
    matches!(sent, Err(DeliveryError::Retry { .. }))
}

fn why(sent: Sent) -> String {
    sent.expect_err("a failure").reason().to_owned()
}

const STAGES: [&str; 6] = ["", "EHLO", "MAIL", "RCPT", "DATA", "."];

/// A line that begins so. The empty one is the connection alone.
fn begins(line: &str, stage: &str) -> bool {
    if stage.is_empty() { line.is_empty() } else { line.starts_with(stage) }
}

#[tokio::test]
async fn whatever_breaks_at_whatever_stage_is_survived_and_costs_only_what_it_must() {
    for stage in STAGES {
        for broken in
            [|| Close, || Hang, || Say(b"421 4.3.2 shutting down\r\n"), || Say(b"hello\r\n"), || Flood(b"250-x\r\n")]
        {
            let fake = Fake::start(move |line| begins(line, stage).then(broken));
            let sent = send(&fake, &["a@x.example"]).await;
            let whole = ["", "EHLO", "MAIL"].contains(&stage);
            assert!(if whole { is_held(&sent) } else { is_retried(&sent) }, "{stage}: {sent:?}");
            assert!(why(sent).len() < 600);
            assert_eq!(fake.mails(), usize::from(stage == "."), "{stage}");
        }
    }
}

/// An address that a filter dislikes must not cost the others their alert, nor must a server that takes one at a time.
#[tokio::test]
async fn whoever_a_session_breaks_off_at_costs_nobody_else() {
    for broken in [|| Close, || Say(b"421 4.7.0 go away\r\n"), || Hang] {
        let fake = Fake::start(move |line| line.starts_with("RCPT TO:<b@").then(broken));
        let receipt = send(&fake, &["a@x.example", "b@x.example", "c@x.example"]).await.expect("a has it");
        assert_eq!((receipt.settled, receipt.left), (vec![Recipient::accepted("a@x.example")], Left::More));
        let to = owner(&["b@x.example", "c@x.example"]);
        let receipt = send_to(&towards(&settings(fake.port)), &to, &[], &CancellationToken::new()).await;
        let receipt = receipt.expect("c has it");
        assert_eq!(receipt.settled, [Recipient::accepted("c@x.example")]);
        assert!(matches!(&receipt.left, Left::Later(why) if why.reason().contains("b…@x.example was put off")));
        assert_eq!(fake.mails(), 2);
    }
    let fake = Fake::start(|line| line.starts_with("RCPT").then_some(Close));
    assert!(is_retried(&send(&fake, &["a@x.example", "b@x.example"]).await));
    assert_eq!(fake.lines("RCPT").len(), 2, "everybody was asked once");
}

#[tokio::test]
async fn a_server_that_knows_no_ehlo_is_greeted_as_of_old() {
    for refusal in [&b"500 what\r\n"[..], b"501 syntax\r\n", b"502 no\r\n", b"550 rejected\r\n"] {
        let fake = Fake::start(move |line| line.starts_with("EHLO").then_some(Say(refusal)));
        send(&fake, &["a@x.example"]).await.expect("sent");
        let settings = EmailSettings { tls: MailTls::Starttls, ..settings(fake.port) };
        let sent = send_to(&towards(&settings), &owner(&["a@x.example"]), &[], &CancellationToken::new()).await;
        assert!(is_held(&sent) && why(sent).contains("EHLO: 5"), "without EHLO there is no STARTTLS");
    }
}

#[tokio::test]
async fn replies_may_be_ugly_and_slow() {
    let fake = Fake::start(|line| {
        let tick = Duration::from_millis(2);
        Some(match line.split([' ', ':']).next().unwrap_or_default() {
            "" => Drip(b"220-\0\xff\r\n220\r\n", tick),
            "EHLO" => Drip(b"250-fake\n250-\0\n250\n", tick),
            "MAIL" => Say(b"250\r\n"),
            "RCPT" => Say(b"251 \xe4\xf6\xfc\r\n"),
            "DATA" => Drip(b"354\r\n", tick),
            _ => Drip(b"250-queued\0\r\n250 \x1b[2J\r\n", tick),
        })
    });
    let receipt = send(&fake, &["a@x.example"]).await.expect("sent");
    assert_eq!(receipt.settled, [Recipient::accepted("a@x.example")]);
    assert_eq!(fake.mails(), 1);
}

/// An answer too many must not stand for that of the message.
#[tokio::test]
async fn no_answer_is_believed_before_its_question() {
    for (stage, twice) in [
        ("MAIL", &b"250 ok\r\n250 ok\r\n"[..]),
        ("RCPT", b"250 ok\r\n354 go\r\n250 queued\r\n"),
        ("DATA", b"354 go\r\n250 queued\r\n"),
    ] {
        let fake = Fake::start(move |line| begins(line, stage).then_some(Say(twice)));
        let sent = send(&fake, &["a@x.example"]).await;
        assert!(is_retried(&sent) && why(sent).contains("nobody asked for"), "{stage}");
        assert_eq!(fake.mails(), 0, "{stage}");
    }
    let fake = Fake::start(|line| (line == "DATA").then_some(Say(b"354 go\r\n552 5.3.4 too big\r\n")));
    let receipt = send(&fake, &["a@x.example"]).await.expect("a decision");
    assert!(matches!(&receipt.settled[0].fate, Fate::Refused { reason } if reason.contains("too big")));
}

#[tokio::test]
async fn a_reply_that_drips_is_left_when_its_time_is_over() {
    let fake = Fake::start(|line| line.starts_with("EHLO").then_some(Drip(&[b'2'; 1_000], Duration::from_millis(50))));
    let began = Instant::now();
    let sent = send(&fake, &["a@x.example"]).await;
    assert!(is_held(&sent) && why(sent).contains("no answer in"));
    assert!(began.elapsed() < Duration::from_secs(2));
}

#[tokio::test]
async fn a_stop_ends_what_the_server_cannot_have_and_nothing_else() {
    let slow = Duration::from_millis(150);
    for (stage, stopped) in [("EHLO", true), ("RCPT", true), ("DATA", true), (".", false)] {
        let fake = Fake::start(move |line| {
            let text: &[u8] = if line == "DATA" { b"354 go\r\n" } else { b"250 ok\r\n" };
            begins(line, stage).then_some(SayAfter(slow, text))
        });
        let (email, stop) = (towards(&settings(fake.port)), CancellationToken::new());
        let to = owner(&["a@x.example"]);
        let cancel = async {
            tokio::time::sleep(slow / 2).await;
            stop.cancel();
        };
        let (sent, ()) = tokio::join!(send_to(&email, &to, &[], &stop), cancel);
        let at_once = matches!(&sent, Err(DeliveryError::Retry { after: Some(Duration::ZERO), .. }));
        assert_eq!((at_once, sent.is_ok()), (stopped, !stopped), "{stage}: {sent:?}");
        assert_eq!(fake.mails(), usize::from(!stopped));
    }
}

#[tokio::test]
async fn words_written_into_the_line_before_the_handshake_are_refused() {
    let fake = Fake::start(|line| match line {
        "STARTTLS" => Some(Say(b"220 go\r\n250-fake\r\n250 AUTH PLAIN\r\n")),
        _ if line.starts_with("EHLO") => Some(Say(b"250-fake\r\n250 StartTLS\r\n")),
        _ => None,
    });
    let settings = EmailSettings { tls: MailTls::Starttls, ..settings(fake.port) };
    let sent = send_to(&towards(&settings), &owner(&["a@x.example"]), &[], &CancellationToken::new()).await;
    assert!(is_held(&sent) && why(sent).contains("before the handshake"));
}

#[tokio::test]
async fn keywords_are_the_same_in_any_case_and_login_prompts_say_what_they_like() {
    for (offer, dialogue) in [
        (&b"250-x\r\n250 auth login plain\r\n"[..], &["AUTH PLAIN AG53AGdlaGVpbQ=="][..]),
        (b"250-x\r\n250 Auth=Login\r\n", &["AUTH LOGIN", "bnc=", "Z2VoZWlt"]),
        (b"250-x\r\n250 AUTH CRAM-MD5\r\n", &["AUTH CRAM-MD5", CRAM]),
        // What is offered and refused is not the end of it.
        (b"250-x\r\n250 AUTH PLAIN LOGIN x\r\n", &["AUTH PLAIN AG53AGdlaGVpbQ==", "AUTH LOGIN", "bnc=", "Z2VoZWlt"]),
    ] {
        let fake = Fake::start(move |line| match line {
            "AUTH PLAIN AG53AGdlaGVpbQ==" if offer.ends_with(b"x\r\n") => Some(Say(b"504 5.5.4 not that\r\n")),
            "Z2VoZWlt" | CRAM | "AUTH PLAIN AG53AGdlaGVpbQ==" => Some(Say(b"235\r\n")),
            "AUTH CRAM-MD5" => Some(Say(b"334 PDFAeD4=\r\n")),
            "AUTH LOGIN" | "bnc=" => Some(Say(b"334 wie bitte? \xfc\r\n")),
            _ if line.starts_with("EHLO") => Some(Say(offer)),
            _ => None,
        });
        let email = towards(&logging_in(fake.port));
        send_to(&email, &owner(&["a@x.example"]), &[], &CancellationToken::new()).await.expect("sent");
        let lines = fake.lines("");
        assert_eq!(&lines[1..=dialogue.len()], dialogue);
    }
}

/// What `nw` answers to `<1@x>` with the password `geheim` (RFC 2195).
const CRAM: &str = "bncgMDU2OTllMWUyMjYyMmNkNzdkNDUzOGFkY2M2MjcxOTE=";

fn logging_in(port: u16) -> EmailSettings {
    EmailSettings { username: Some("nw".to_owned()), password: Some(Secret::new("geheim")), ..settings(port) }
}

#[tokio::test]
async fn no_error_tells_the_password_however_the_server_quotes_it() {
    for quoted in [
        &b"535 geheim\r\n"[..],
        b"535 bad command: AUTH PLAIN AG53AGdlaGVpbQ==\r\n",
        b"535-Z2VoZWlt\r\n535 GEHEIM%20%67eheim\r\n",
        b"501 AG53AGdlaGVpbQ\r\n",
    ] {
        let fake = Fake::start(move |line| match line.get(..4) {
            Some("EHLO") => Some(Say(b"250-x\r\n250 AUTH PLAIN\r\n")),
            Some("AUTH") => Some(Say(quoted)),
            _ => None,
        });
        let sent =
            send_to(&towards(&logging_in(fake.port)), &owner(&["a@x.example"]), &[], &CancellationToken::new()).await;
        assert!(is_held(&sent));
        let why = why(sent).to_lowercase();
        assert!(why.contains("auth: 5") && why.contains("[…]"), "{why}");
        assert!(!["geheim", "z2vozwlt", "dlagvpb", "%67"].iter().any(|secret| why.contains(secret)), "{why}");
    }
}

#[tokio::test]
async fn who_we_are_is_a_full_name_or_an_address() {
    let fake = Fake::start(|line| (line.starts_with("EHLO")).then_some(Say(b"502 what?\r\n")));
    let mut email = towards(&settings(fake.port));
    for (hello, said) in [(None, "[127.0.0.1]"), (Some("watch.acme.example"), "watch.acme.example")] {
        email.server.hello = hello.map(str::to_owned);
        email.probe(&[]).await.expect("it knows HELO");
        assert_eq!(fake.lines("EHLO").last(), Some(&format!("EHLO {said}")));
        assert_eq!(fake.lines("HELO").last(), Some(&format!("HELO {said}")));
    }
}

#[tokio::test]
async fn domains_are_sent_in_ascii_and_local_parts_where_the_server_takes_them() {
    let to = ["security@münchen.example", "jürgen@münchen.example"];
    let fake = Fake::start(|_| None);
    let receipt = send(&fake, &to).await.expect("sent");
    assert_eq!((receipt.settled.len(), receipt.left), (1, Left::More));
    let receipt =
        send_to(&towards(&settings(fake.port)), &owner(&to), &receipt.settled, &CancellationToken::new()).await;
    let settled = receipt.expect("settled").settled;
    assert!(matches!(&settled[..], [Recipient { fate: Fate::Refused { reason }, .. }] if reason.contains("SMTPUTF8")));
    assert_eq!(fake.lines("MAIL")[0], "MAIL FROM:<namewarden@xn--mnchen-3ya.example>");
    assert_eq!(fake.lines("RCPT"), ["RCPT TO:<security@xn--mnchen-3ya.example>"]);

    let fake =
        Fake::start(|line| line.starts_with("EHLO").then_some(Say(b"250-x\r\n250-8bitmime\r\n250 smtputf8\r\n")));
    send(&fake, &to[1..]).await.expect("sent");
    assert!(fake.lines("MAIL")[0].ends_with("> BODY=8BITMIME SMTPUTF8"));
    assert_eq!(fake.lines("RCPT"), ["RCPT TO:<jürgen@xn--mnchen-3ya.example>"]);
    assert!(fake.mails.lock().expect("a lock")[0].contains("\nTo: jürgen@xn--mnchen-3ya.example\n"));
}

#[tokio::test]
async fn many_recipients_are_told_in_groups_and_no_line_is_long() {
    let people: Vec<String> = (0..120).map(|i| format!("person{i:03}@department.acme.example")).collect();
    let owner = Owner { emails: people, ..Owner::default() };
    // The first hundred are not wanted today: that must not cost the others.
    let fake = Fake::start(|line| {
        let late = line.starts_with("RCPT") && !line.contains("person1");
        late.then_some(Say(b"450 4.7.1 greylisted\r\n"))
    });
    let email = towards(&settings(fake.port));
    let receipt = send_to(&email, &owner, &[], &CancellationToken::new()).await.expect("sent");
    assert_eq!((receipt.settled.len(), fake.mails()), (20, 1));
    assert!(matches!(receipt.left, Left::Later(DeliveryError::Retry { .. })));

    let fake = Fake::start(|_| None);
    let (email, mut settled) = (towards(&settings(fake.port)), Vec::new());
    while let Ok(receipt) = send_to(&email, &owner, &settled, &CancellationToken::new()).await {
        settled.extend(receipt.settled);
        if receipt.left == Left::Nothing {
            break;
        }
    }
    assert_eq!((settled.len(), fake.mails()), (120, 3));
    let mails = fake.mails.lock().expect("a lock");
    assert!(mails.iter().all(|mail| mail.lines().all(|line| line.len() <= 998)), "{}", mails[0]);
}

#[test]
fn the_sender_and_the_machines_name() {
    assert_eq!(sender("Name <a@münchen.example>").expect("an address").to_string(), "Name <a@xn--mnchen-3ya.example>");
    assert!(sender("jürgen@acme.example").is_err());
    assert!(full_name().is_none_or(|name| name.contains('.')));
}
