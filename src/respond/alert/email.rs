//! Email: one SMTP session per attempt, with an answer for each recipient.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::time::Duration;

use lettre::Address;
use lettre::message::Mailbox;
use lettre::transport::smtp::Error as SmtpError;
use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS};
use lettre::transport::smtp::client::{AsyncSmtpConnection, Certificate, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt};
use lettre::transport::smtp::extension::ClientId;

use tokio_util::sync::CancellationToken;

use super::{ChannelsError, Delivery, DeliveryError, Left, Receipt, chain, stopped};
use crate::config::{EmailSettings, MailTls};
use crate::model::{Fate, Owner, Recipient};

mod message;

/// For one attempt, all recipients included.
const ATTEMPT: Duration = Duration::from_secs(60);
/// For a TCP connection, and for the parting QUIT.
const CONNECT: Duration = Duration::from_secs(15);
const QUIT: Duration = Duration::from_secs(2);
/// The longest attempt.
pub(super) const LONGEST: Duration = ATTEMPT;

pub(super) struct Email {
    host: String,
    port: u16,
    mode: MailTls,
    tls: Option<TlsParameters>,
    from: Mailbox,
    credentials: Option<Credentials>,
    hello: ClientId,
    attempt: Duration,
}

impl Email {
    pub(super) fn build(settings: &EmailSettings) -> Result<Self, ChannelsError> {
        let from =
            settings.from.parse().map_err(|source| ChannelsError::Sender { from: settings.from.clone(), source })?;
        let credentials = match (&settings.username, &settings.password) {
            (Some(user), Some(password)) => Some(Credentials::new(user.clone(), password.expose().to_owned())),
            (None, None) => None,
            _ => return Err(ChannelsError::Credentials),
        };
        Ok(Self {
            host: settings.host.clone(),
            port: settings.port,
            mode: settings.tls,
            tls: tls(settings)?,
            from,
            credentials,
            hello: ClientId::default(),
            attempt: ATTEMPT,
        })
    }

    /// # Errors
    /// `Hold` when the session failed before a recipient was asked, `Retry` when everybody was put off.
    pub(super) async fn deliver(
        &self,
        mail: &Delivery<'_>,
        stop: &CancellationToken,
    ) -> Result<Receipt, DeliveryError> {
        let Delivery { owner, briefing, now, .. } = *mail;
        if owner.emails.is_empty() {
            return Err(DeliveryError::give_up("the owner has no email address: add one in the inventory"));
        }
        let waiting = waiting(owner, mail.settled);
        if waiting.is_empty() {
            return Ok(Receipt::taken());
        }
        let message = message::compose(&self.from, owner, briefing, now)
            .map_err(|error| DeliveryError::give_up(format!("the mail cannot be composed: {}", chain(&error))))?;
        let attempt = tokio::time::timeout(self.attempt, self.attempt(&waiting, &message));
        match stop.run_until_cancelled(attempt).await {
            Some(Ok(outcome)) => outcome?.receipt(),
            Some(Err(_)) => Err(DeliveryError::hold(format!("{} did not finish in {:?}", self.place(), self.attempt))),
            None => Err(stopped()),
        }
    }

    /// # Errors
    /// When connection, TLS or login fails.
    pub(super) async fn probe(&self) -> Result<(), DeliveryError> {
        let session = tokio::time::timeout(self.attempt, self.connect()).await;
        match session {
            Ok(Ok(session)) => {
                part(session).await;
                Ok(())
            }
            Ok(Err(error)) => Err(self.session_failed(&error)),
            Err(_) => Err(DeliveryError::hold(format!("{} did not answer in {:?}", self.place(), self.attempt))),
        }
    }

    async fn attempt(&self, recipients: &[String], message: &[u8]) -> Result<Outcome, DeliveryError> {
        let mut session = self.connect().await.map_err(|error| self.session_failed(&error))?;
        let outcome = self.transact(&mut session, recipients, message).await;
        part(session).await;
        outcome
    }

    /// Connects, encrypts, logs in. Whatever fails here fails for every mail, and is the operator's to repair.
    async fn connect(&self) -> Result<AsyncSmtpConnection, SmtpError> {
        let implicit = self.tls.clone().filter(|_| self.mode == MailTls::Implicit);
        let address = (self.host.as_str(), self.port);
        let mut session =
            AsyncSmtpConnection::connect_tokio1(address, Some(CONNECT), &self.hello, implicit, None).await?;
        if let (MailTls::Starttls, Some(tls)) = (self.mode, &self.tls) {
            session.starttls(tls.clone(), &self.hello).await?;
        }
        if let Some(credentials) = &self.credentials {
            session.auth(DEFAULT_MECHANISMS, credentials).await?;
        }
        Ok(session)
    }

    /// One mail transaction (RFC 5321, 3.3), with the fate of each recipient.
    async fn transact(
        &self,
        session: &mut AsyncSmtpConnection,
        recipients: &[String],
        message: &[u8],
    ) -> Result<Outcome, DeliveryError> {
        let sender = Mail::new(Some(self.from.email.clone()), vec![]);
        session.command(sender).await.map_err(|error| self.session_failed(&error))?;
        let mut outcome = Outcome::default();
        for recipient in recipients {
            self.ask(session, recipient, &mut outcome).await?;
        }
        if outcome.settled.iter().all(|recipient| recipient.fate != Fate::Accepted) {
            return Ok(outcome);
        }
        session.command(Data).await.map_err(|error| self.refused(&error))?;
        session.message(message).await.map_err(|error| self.refused(&error))?;
        Ok(outcome)
    }

    async fn ask(
        &self,
        session: &mut AsyncSmtpConnection,
        recipient: &str,
        outcome: &mut Outcome,
    ) -> Result<(), DeliveryError> {
        let Ok(address) = recipient.parse::<Address>() else {
            outcome.settled.push(Recipient::refused(recipient, format!("{} is no mail address", masked(recipient))));
            return Ok(());
        };
        match session.command(Rcpt::new(address, vec![])).await {
            Ok(_) => outcome.settled.push(Recipient::accepted(recipient)),
            Err(error) if error.is_permanent() => {
                let reason = format!("{} was refused ({})", masked(recipient), chain(&error));
                outcome.settled.push(Recipient::refused(recipient, reason));
            }
            Err(error) if error.is_transient() => {
                outcome.deferred.push(format!("{} was put off ({})", masked(recipient), chain(&error)));
            }
            Err(error) => return Err(self.session_failed(&error)),
        }
        Ok(())
    }

    /// A session that failed as a whole is worth another attempt even after a 5xx: a password is renewed, a sender is
    /// allowed, and a silent loss would be worse than a wait that is reported.
    fn session_failed(&self, error: &SmtpError) -> DeliveryError {
        DeliveryError::hold(format!("mail server {}: {}", self.place(), chain(error)))
    }

    /// The answer to the message itself: 5xx means that this mail is not wanted, however often it comes.
    fn refused(&self, error: &SmtpError) -> DeliveryError {
        let reason = format!("mail server {}: {}", self.place(), chain(error));
        if error.is_permanent() { DeliveryError::give_up(reason) } else { DeliveryError::retry(reason) }
    }

    fn place(&self) -> String {
        format!("{}:{}", self.host, self.port)
    }
}

/// Recipients whose fate is not known yet, each once.
fn waiting(owner: &Owner, settled: &[Recipient]) -> Vec<String> {
    let unique: BTreeSet<&String> = owner.emails.iter().collect();
    let known = |email: &str| settled.iter().any(|recipient| recipient.address == email);
    unique.into_iter().filter(|email| !known(email)).cloned().collect()
}

/// What became of the recipients of one attempt; texts name the masked address and the server's words.
#[derive(Debug, Default)]
struct Outcome {
    settled: Vec<Recipient>,
    deferred: Vec<String>,
}

impl Outcome {
    fn receipt(self) -> Result<Receipt, DeliveryError> {
        let Self { settled, deferred } = self;
        let later = DeliveryError::retry(deferred.join("; "));
        match (deferred.is_empty(), settled.is_empty()) {
            (false, true) => Err(later),
            (false, false) => Ok(Receipt { settled, left: Left::Later(later) }),
            (true, _) => Ok(Receipt { settled, left: Left::Nothing }),
        }
    }
}

/// Says good-bye where that is quick. The mail's fate is settled before, so a failure here means nothing.
async fn part(mut session: AsyncSmtpConnection) {
    drop(tokio::time::timeout(QUIT, session.quit()).await);
}

fn tls(settings: &EmailSettings) -> Result<Option<TlsParameters>, ChannelsError> {
    if settings.tls == MailTls::None {
        let loopback =
            settings.host == "localhost" || settings.host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
        let host = settings.host.clone();
        return if loopback { Ok(None) } else { Err(ChannelsError::ClearText { host }) };
    }
    let fail = |source| ChannelsError::Tls { host: settings.host.clone(), source };
    let mut builder = TlsParameters::builder(settings.host.clone());
    if let Some(path) = &settings.ca_file {
        let pem = std::fs::read(path).map_err(|source| ChannelsError::CaFile { path: path.clone(), source })?;
        builder = builder.add_root_certificate(Certificate::from_pem(&pem).map_err(fail)?);
    }
    builder.build().map(Some).map_err(fail)
}

/// `pa…@acme.example`: enough for the operator, not an address book in the log.
fn masked(email: &str) -> String {
    let (local, domain) = email.rsplit_once('@').unwrap_or((email, "?"));
    let head: String = local.chars().take(2).collect();
    crate::policy::render::hostile::shown(&format!("{head}…@{domain}"), 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn towards(port: u16) -> Email {
        let settings = EmailSettings {
            host: "127.0.0.1".to_owned(),
            port,
            tls: MailTls::None,
            ca_file: None,
            from: "namewarden@acme.example".to_owned(),
            username: None,
            password: None,
        };
        Email { attempt: Duration::from_millis(100), ..Email::build(&settings).expect("good settings") }
    }

    /// The kernel accepts the connection, and nobody ever says `220`.
    #[tokio::test]
    async fn a_server_that_says_nothing_is_left() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        let email = towards(listener.local_addr().expect("an address").port());
        let failure = email.probe().await.expect_err("no answer");
        assert!(
            matches!(&failure, DeliveryError::Hold { reason, .. } if reason.contains("did not answer")),
            "{failure}"
        );
    }

    #[test]
    fn whoever_is_settled_is_not_asked_again() {
        let owner = Owner {
            emails: ["b@x.example", "a@x.example", "b@x.example"].map(str::to_owned).into(),
            ..Owner::default()
        };
        assert_eq!(waiting(&owner, &[]), ["a@x.example", "b@x.example"]);
        let first = Outcome { settled: vec![Recipient::accepted("a@x.example")], deferred: vec!["b put off".into()] };
        let receipt = first.receipt().expect("a has it");
        assert!(matches!(receipt.left, Left::Later(DeliveryError::Retry { .. })), "{receipt:?}");
        assert_eq!(waiting(&owner, &receipt.settled), ["b@x.example"]);
    }

    #[test]
    fn addresses_are_masked() {
        assert_eq!(masked("anna.smith@acme.example"), "an…@acme.example");
        assert_eq!(masked("nonsense\r\n"), "no…@?");
    }
}
