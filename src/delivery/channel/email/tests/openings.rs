//! What goes wrong before anybody was asked: what it costs, whom it can have reached, and the words that an operator reads.

use super::*;
use crate::config::CaFile;
use crate::model::Reached;

async fn sent(settings: &EmailSettings, to: &[&str]) -> Sent {
    send_to(&towards(settings), &owner(to), &[], &CancellationToken::new()).await
}

fn with(port: u16, tls: MailTls) -> EmailSettings {
    EmailSettings { tls, host: "localhost".to_owned(), ..settings(port) }
}

fn nobody(sent: &Sent) -> bool {
    use DeliveryError::{Hold, Retry};
    matches!(sent, Err(Hold { reached: Reached::Nobody, .. } | Retry { reached: Reached::Nobody, .. }))
}

#[tokio::test]
async fn no_mail_goes_out_without_the_encryption_that_was_asked_for() {
    let plain = Fake::start(|_| None);
    let none = sent(&with(plain.port, MailTls::Starttls), &["a@x.example"]).await;
    assert!(is_held(&none) && nobody(&none));
    let place = format!("mail server localhost:{}", plain.port);
    assert_eq!(why(none), format!("{place}: STARTTLS: it offers no STARTTLS, and no mail goes out without"));
    let refuses = Fake::start(|line| match line {
        "STARTTLS" => Some(Say(b"454 4.7.0 TLS not available\r\n")),
        _ => line.starts_with("EHLO").then_some(Say(b"250-x\r\n250 STARTTLS\r\n")),
    });
    let refused = sent(&with(refuses.port, MailTls::Starttls), &["a@x.example"]).await;
    assert!(is_held(&refused) && nobody(&refused));
    assert!(why(refused).ends_with("STARTTLS: 454 4.7.0 TLS not available"));
    let wrong = sent(&with(plain.port, MailTls::Implicit), &["a@x.example"]).await;
    assert!(is_held(&wrong) && nobody(&wrong));
    let said = why(wrong);
    assert!(
        said.contains("TLS handshake: ") && said.contains("it does not begin with TLS: [alert.email] tls is"),
        "{said}"
    );
    for fake in [plain, refuses] {
        assert_eq!((fake.lines("MAIL").len(), fake.lines("AUTH").len(), fake.mails()), (0, 0, 0));
    }
}

/// Each of them at once, however the server behaves: there is nobody to ask for.
#[tokio::test]
async fn an_owner_without_a_usable_address_is_given_up_with_the_remedy_and_nobody_is_called() {
    let fake = Fake::start(|_| None);
    let none = sent(&settings(fake.port), &[]).await;
    assert_eq!(none, Err(DeliveryError::give_up("the owner has no email address: add one in the inventory")));
    let receipt = sent(&settings(fake.port), &["nobody", "a b@x.example"]).await.expect("it is decided");
    assert_eq!(receipt.left, Left::Nothing);
    assert_eq!(
        super::super::super::outcome(&receipt.settled),
        Err(DeliveryError::give_up("a …@x.example is no mail address; no…@? is no mail address"))
    );
    assert_eq!(fake.lines(""), [""; 0], "nobody was called");
    let both = sent(&settings(fake.port), &["nobody", "a@x.example"]).await.expect("one has it");
    assert_eq!((both.settled.len(), fake.mails()), (2, 1));
}

/// A server that takes its time over each word holds up one message of one channel, and not for ever.
#[tokio::test]
async fn what_takes_too_long_before_the_message_is_left_and_nobody_can_have_it() {
    let slow = Duration::from_millis(60);
    let fake = Fake::start(move |line| line.starts_with("RCPT").then_some(SayAfter(slow, b"250 ok\r\n")));
    let mut email = towards(&settings(fake.port));
    email.server.limits.handover = Duration::from_millis(200);
    let to: Vec<String> = (0..20).map(|n| format!("p{n:02}@x.example")).collect();
    let to: Vec<&str> = to.iter().map(String::as_str).collect();
    let late = send_to(&email, &owner(&to), &[], &CancellationToken::new()).await;
    assert!(is_retried(&late) && nobody(&late), "{late:?}");
    assert_eq!(why(late), format!("127.0.0.1:{} took more than 200ms before the message", fake.port));
    assert_eq!(fake.mails(), 0);
    // Those who were not asked in time have another message, and at once.
    email.server.limits = Limits { recipients: Duration::from_millis(100), ..QUICK };
    let part = send_to(&email, &owner(&to), &[], &CancellationToken::new()).await.expect("some have it");
    assert!((1..20).contains(&part.settled.len()) && part.left == Left::More, "{part:?}");
}

#[tokio::test]
async fn a_probe_sends_nothing_and_says_whose_address_the_server_cannot_take() {
    let fake = Fake::start(|_| None);
    let email = towards(&settings(fake.port));
    email.probe(&[&owner(&["a@x.example"])]).await.expect("it works");
    let owners = [owner(&["jürgen@x.example", "b@x.example"]), owner(&["zoë@x.example"])];
    let error = email.probe(&owners.iter().collect::<Vec<_>>()).await.expect_err("two need more");
    let asks = "needs SMTPUTF8, which the mail server does not offer: write an address in ASCII; given up";
    assert_eq!(error.to_string(), format!("jü…@x.example, zo…@x.example {asks}"));
    let dead = Fake::start(|_| Some(Close));
    let error = towards(&settings(dead.port)).probe(&[]).await.expect_err("it closes");
    assert!(error.reason().contains("the server closed the connection"), "{error}");
    assert_eq!((fake.lines("MAIL").len(), fake.mails(), dead.mails()), (0, 0, 0));
}

/// What can never work is said before anything is sent, and names the key that has to be another.
#[test]
fn settings_that_cannot_work_are_refused_with_the_key() {
    type Change = fn(&mut EmailSettings);
    let cases: [(Change, &str); 7] = [
        (|of| of.from = "nobody".to_owned(), "[alert.email] from = \"nobody\" is no mail address"),
        (|of| of.from = "jürgen@x.example".to_owned(), "[alert.email] from = \"jürgen@x.example\" is no mail address"),
        (|of| of.username = Some("nw".to_owned()), "[alert.email] username and password go together"),
        (|of| of.password = Some(Secret::new("geheim")), "[alert.email] username and password go together"),
        (
            |of| of.host = "mail.acme.example".to_owned(),
            "[alert.email] tls = \"none\" would send mail in clear text to mail.acme.example",
        ),
        (
            |of| (of.host, of.tls) = ("mail server".to_owned(), MailTls::Starttls),
            "[alert.email] host = \"mail server\" is no name that a certificate could hold",
        ),
        (
            |of| (of.ca_file, of.tls) = (Some(CaFile::read("/nowhere/ca.pem".into())), MailTls::Implicit),
            "[alert.email] ca_file: ",
        ),
    ];
    for (change, said) in cases {
        let mut wrong = settings(25);
        change(&mut wrong);
        let error = Email::build(&wrong, Arc::default()).err().expect("it cannot work").to_string();
        assert!(error.starts_with(said), "{error}");
        assert!(!error.contains("geheim"), "{error}");
    }
}
