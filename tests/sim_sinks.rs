//! The mail sink against the mail client that the program uses.

use std::time::Duration;

use lettre::{AsyncSmtpTransport, AsyncTransport as _, Message, Tokio1Executor};
use namewarden::sim::sink::{SmtpMood, SmtpSink};

fn message() -> Message {
    let body = format!("first\n.a dot\n..two\n{}\nümlaut\n", "long ".repeat(300));
    Message::builder()
        .message_id(Some("<finding-1@namewarden.example>".to_owned()))
        .from("Night Watch <watch@acme.example>".parse().expect("an address"))
        .to("owner@acme.example".parse().expect("an address"))
        .subject("acme-billing appeared, ümlaut")
        .body(body)
        .expect("a message")
}

#[tokio::test]
async fn a_mail_of_lettre_arrives_with_its_message_id() {
    let sink = SmtpSink::start(0).await.expect("a free port");
    let mailer =
        AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous("127.0.0.1").port(sink.address().port()).build();
    for _ in 0..2 {
        mailer.send(message()).await.expect("accepted");
        let mail = sink.next(Duration::from_secs(5)).await.expect("arrived");
        assert_eq!(mail.header("Message-ID").as_deref(), Some("<finding-1@namewarden.example>"));
        assert_eq!((mail.from.as_str(), mail.to.len()), ("watch@acme.example", 1));
    }
    for mood in [SmtpMood::Defer, SmtpMood::Reject, SmtpMood::Down, SmtpMood::DieAfterAccept] {
        sink.set_mood(mood);
        let mailer =
            AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous("127.0.0.1").port(sink.address().port()).build();
        let error = mailer.send(message()).await.expect_err("refused");
        let (transient, permanent) = (mood == SmtpMood::Defer, mood == SmtpMood::Reject);
        assert_eq!((error.is_transient(), error.is_permanent()), (transient, permanent), "{mood:?}: {error}");
        assert_eq!(sink.mails().len(), usize::from(mood == SmtpMood::DieAfterAccept), "{mood:?}");
    }
}
