//! The simulator's mail sink against the mail client that the program uses.

use std::time::Duration;

use namewarden::delivery::channel::{DeliveryError, Receipt};
use namewarden::model::{Channel, Fate, Recipient};
use namewarden::sim::sink::{SmtpMood, SmtpSink};

use super::world::{attempt, briefing, mail_settings, now, owner, with_email};

const KEY: &str = "0123456789abcdef0123456789abcdef";
const ANNA: &str = "anna@acme.example";

async fn send(sink: &SmtpSink) -> Result<Receipt, DeliveryError> {
    let channels = with_email(mail_settings(sink.address().port()));
    attempt(&channels, &Channel::Email, &owner(&[ANNA]), &briefing(KEY), now()).await
}

#[tokio::test]
async fn a_mail_arrives_with_its_message_id_and_every_mood_is_what_it_says() {
    let sink = SmtpSink::start(0).await.expect("a free port");
    for _ in 0..2 {
        assert_eq!(send(&sink).await.expect("sent").settled, [Recipient::accepted(ANNA)]);
        let mail = sink.next(Duration::from_secs(5)).await.expect("arrived");
        assert_eq!(mail.header("Message-ID"), Some(format!("<{KEY}@namewarden.acme.example>")));
        assert_eq!((mail.from.as_str(), mail.to.len()), ("namewarden@acme.example", 1));
    }
    for mood in [SmtpMood::Defer, SmtpMood::Reject, SmtpMood::Down, SmtpMood::DieAfterAccept] {
        sink.set_mood(mood);
        let sent = send(&sink).await;
        let as_it_says = match mood {
            SmtpMood::Reject => matches!(&sent, Ok(receipt) if receipt.settled[0].fate != Fate::Accepted),
            SmtpMood::Down | SmtpMood::Defer => matches!(sent, Err(DeliveryError::Hold { .. })),
            _ => matches!(sent, Err(DeliveryError::Retry { .. })),
        };
        assert!(as_it_says, "{mood:?}: {sent:?}");
        assert_eq!(sink.mails().len(), usize::from(mood == SmtpMood::DieAfterAccept), "{mood:?}");
    }
}
