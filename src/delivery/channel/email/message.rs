//! The mail with its headers: keys that survive retries, and a thread per case.

use lettre::Message;
use lettre::address::Envelope;
use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart};
use sha2::{Digest, Sha256};

use super::address::To;
use super::report;
use crate::messages;
use crate::model::notice::{Briefing, Content};
use crate::model::{Tier, Time};
use crate::reports;

/// The whole message as sent after DATA.
///
/// `Message-ID` is made of the notice key, so every repeat has the same; `References` is made of the thread, so all
/// mails about one case stand together (RFC 5322, 3.6.4). `Auto-Submitted` keeps holiday replies away (RFC 3834).
///
/// # Errors
/// When lettre cannot make a mail of it.
pub(super) fn compose(
    from: &Mailbox,
    to: &[To],
    briefing: &Briefing,
    now: Time,
) -> Result<Vec<u8>, lettre::error::Error> {
    let mail = messages::mail(briefing);
    let subject = mail.subject.clone();
    let domain = from.email.domain();
    let thread = thread_id(&briefing.thread, domain);
    let envelope = Envelope::new(Some(from.email.clone()), to.iter().map(|to| to.address.clone()).collect())?;
    let mut message = Message::builder()
        .envelope(envelope)
        .from(from.clone())
        .raw_header(recipients(to))
        .subject(subject)
        .date(now.into())
        .message_id(Some(format!("<{}@namewarden.{domain}>", token(&briefing.key.0))))
        .in_reply_to(thread.clone())
        .references(thread);
    for (name, value) in marks(briefing) {
        message = message.raw_header(HeaderValue::new(HeaderName::new_from_ascii_str(name), value));
    }
    let body = match &briefing.content {
        Content::Report { report } => report::body(&reports::mail(report, briefing.dashboard.as_deref()))?,
        _ => MultiPart::alternative_plain_html(mail.text, mail.html),
    };
    Ok(message.multipart(body)?.formatted())
}

/// An address a line: lettre writes them all in one, and 998 octets is the most that a line may have (RFC 5322, 2.1.1).
fn recipients(to: &[To]) -> HeaderValue {
    let addresses: Vec<String> = to.iter().map(|to| to.address.to_string()).collect();
    let (raw, folded) = (addresses.join(", "), addresses.join(",\r\n "));
    HeaderValue::dangerous_new_pre_encoded(HeaderName::new_from_ascii_str("To"), raw, folded)
}

/// Headers for filters and for tracing a mail back to its notice.
fn marks(briefing: &Briefing) -> Vec<(&'static str, String)> {
    let mut marks = vec![
        ("Auto-Submitted", "auto-generated".to_owned()),
        ("X-Namewarden-Key", token(&briefing.key.0)),
        ("X-Namewarden-Event", briefing.event.as_str().to_owned()),
        ("X-Namewarden-Tier", briefing.tier.as_str().to_owned()),
    ];
    if briefing.tier == Tier::Page {
        marks.push(("Importance", "high".to_owned()));
    }
    marks
}

fn thread_id(thread: &str, domain: &str) -> String {
    let digest = Sha256::digest(thread.as_bytes());
    let hex: String = digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    format!("<thread-{hex}@namewarden.{domain}>")
}

/// What may stand in a Message-ID unquoted. Notice keys are hex digits already.
fn token(key: &str) -> String {
    key.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').take(64).collect()
}
