//! Email: one message per attempt, with an answer for each recipient.
//!
//! lettre makes the message; the session is our own. What decides is what the server says to whom and when, and how long
//! it takes over it: lettre's transport keeps neither (it fails on a reply that is no UTF-8, compares keywords by case,
//! has one limit for every step and no way to leave before the message is handed over but not after).

use std::net::IpAddr;
use std::sync::Arc;

use lettre::Address;
use lettre::message::Mailbox;
use rustls::pki_types::ServerName;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::words::Words;
use super::{ChannelsError, Delivery, DeliveryError, Left, Receipt};
use crate::config::{EmailSettings, MailTls};
use crate::model::{Fate, Owner, Recipient};
use crate::upstream::client_config;
use address::{Group, masked, needs_utf8};
use aside::{Aside, Late};
use failure::{Cause, Failure, Phase};
use opening::open;
use reply::Reply;
use server::{Account, Server};
use session::{Asked, Session};

mod address;
mod aside;
mod failure;
mod fates;
mod limits;
mod login;
mod message;
mod opening;
mod reply;
mod report;
mod server;
mod session;
mod wire;

pub(super) use limits::LONGEST;

pub(super) struct Email {
    server: Server,
    from: Mailbox,
    words: Arc<Words>,
    late: Late,
}

/// A message on its way: all of it is with the server but its end, if anybody there wants it.
struct Handed {
    session: Session,
    asked: Asked,
    sent: Result<(), Failure>,
}

impl Email {
    pub(super) fn build(settings: &EmailSettings, words: Arc<Words>) -> Result<Self, ChannelsError> {
        let host = address::domain(&settings.host).unwrap_or_else(|| settings.host.clone());
        let server = Server {
            tls: tls(settings, &host)?,
            host,
            port: settings.port,
            mode: settings.tls,
            account: account(settings)?,
            hello: settings.helo_name.clone().or_else(full_name),
            limits: limits::LIMITS,
        };
        Ok(Self { server, from: sender(&settings.from)?, words, late: Late::default() })
    }

    /// One message, to as many of those not settled yet as go into one.
    ///
    /// # Errors
    /// When nobody's fate is decided.
    pub(super) async fn deliver(
        &self,
        mail: &Delivery<'_>,
        stop: &CancellationToken,
    ) -> Result<Receipt, DeliveryError> {
        if mail.owner.emails.is_empty() {
            return Err(DeliveryError::give_up("the owner has no email address: add one in the inventory"));
        }
        let first = Group::next(mail.owner, mail.settled, &self.late.known());
        if first.to.is_empty() {
            let settled = first.unusable.iter().map(|written| unusable(written, NO_ADDRESS)).collect();
            return Ok(Receipt { settled, left: Left::Nothing });
        }
        let limit = self.server.limits.handover;
        match stop.run_until_cancelled(timeout(limit, self.hand_over(mail))).await {
            // Nothing can stop this any more: whoever breaks off here does not know who has the message.
            Some(Ok(handed)) => self.finish(handed.map_err(DeliveryError::reached_nobody)?, mail.settled).await,
            Some(Err(_)) => {
                let error =
                    DeliveryError::retry(format!("{} took more than {limit:?} before the message", self.place()));
                Err(error.reached_nobody())
            }
            None => Err(DeliveryError::stopped()),
        }
    }

    /// # Errors
    /// When connection, TLS or login fails, or somebody's address asks for what the server does not offer.
    pub(super) async fn probe(&self, owners: &[&Owner]) -> Result<(), DeliveryError> {
        let session = match timeout(limits::PROBE, open(&self.server)).await {
            Ok(session) => session.map_err(|failure| self.broken(&failure))?,
            Err(_) => return Err(self.silent()),
        };
        let smtputf8 = session.offers.smtputf8;
        session.part().await;
        let addresses = owners.iter().flat_map(|owner| &owner.emails);
        match addresses
            .filter(|written| !smtputf8 && needs_utf8(written))
            .map(|written| masked(written))
            .reduce(|a, b| a + ", " + &b)
        {
            None => Ok(()),
            Some(who) => Err(DeliveryError::give_up(format!("{who} {NO_SMTPUTF8}"))),
        }
    }

    fn silent(&self) -> DeliveryError {
        DeliveryError::hold(format!("{} did not answer in {:?}", self.place(), limits::PROBE))
    }

    /// Everything up to the end of the message, in as many sessions as it takes to ask everybody.
    async fn hand_over(&self, mail: &Delivery<'_>) -> Result<Handed, DeliveryError> {
        let mut aside = Aside::default();
        loop {
            let mut session = open(&self.server).await.map_err(|failure| self.broken(&failure))?;
            let mut asked = Asked::default();
            match self.ask(&mut session, mail.owner, aside.known(mail.settled), &mut asked).await {
                Ok(group) => {
                    aside.leave(&mut asked);
                    return self.send(session, group, asked, mail).await;
                }
                Err(failure) => {
                    self.late.add(asked.asking.as_ref());
                    if !aside.take(&asked, mail.owner, mail.settled, self.reason(&failure)) {
                        return Err(self.broken(&failure));
                    }
                }
            }
        }
    }

    async fn send(
        &self,
        mut session: Session,
        group: Group,
        asked: Asked,
        mail: &Delivery<'_>,
    ) -> Result<Handed, DeliveryError> {
        if asked.accepted.is_empty() {
            return Ok(Handed { session, asked, sent: Ok(()) });
        }
        let message = message::compose(&self.from, &group.to, mail.briefing, mail.now).map_err(|error| {
            DeliveryError::give_up(format!("the mail cannot be composed: {}", self.words.chain(&error)))
        })?;
        let sent = session.message(&message).await;
        Ok(Handed { session, asked, sent })
    }

    /// Asks group by group until somebody is welcome, so that those put off today do not hold up the others.
    async fn ask(
        &self,
        session: &mut Session,
        owner: &Owner,
        mut known: Vec<Recipient>,
        asked: &mut Asked,
    ) -> Result<Group, Failure> {
        loop {
            let group = Group::next(owner, &known, &self.late.known());
            asked.settled.extend(group.unusable.iter().map(|written| unusable(written, NO_ADDRESS)));
            asked.more = group.more;
            if group.utf8 && !session.offers.smtputf8 {
                asked.settled.extend(group.to.iter().map(|to| unusable(&to.written, NO_SMTPUTF8)));
            } else if !group.to.is_empty() {
                session.from(&self.from.email, group.utf8).await?;
                session.to(&group.to, asked).await?;
            }
            if !asked.accepted.is_empty() || !asked.more || group.to.is_empty() {
                return Ok(group);
            }
            // Not their fate, but whoever is known is not asked in the next group.
            known.extend(group.to.iter().map(|to| &to.written).chain(&group.unusable).map(Recipient::accepted));
            session.say(Phase::Recipient, "RSET").await?;
        }
    }

    /// The end of the message, its answer, and what that means for everybody.
    async fn finish(&self, handed: Handed, before: &[Recipient]) -> Result<Receipt, DeliveryError> {
        let Handed { mut session, mut asked, sent } = handed;
        let welcome = !asked.accepted.is_empty() || before.iter().any(|recipient| recipient.fate == Fate::Accepted);
        let ended = match sent {
            Ok(()) if !asked.accepted.is_empty() => session.end().await,
            other => other,
        };
        session.part().await;
        self.late.forget(&asked.accepted);
        if let Err(failure) = ended {
            let accepted = std::mem::take(&mut asked.accepted);
            let unwanted = fates::unwanted(&failure, &accepted, &self.reason(&failure));
            asked.settled.extend(unwanted.map_err(|error| error.reached(failure.at.reached()))?);
        }
        // Where this fails, nobody was welcome.
        fates::receipt(asked, welcome, |reply| self.said(reply)).map_err(DeliveryError::reached_nobody)
    }

    fn broken(&self, failure: &Failure) -> DeliveryError {
        fates::broken(failure, &self.reason(failure))
    }

    /// `mail server HOST:PORT: RCPT: 451 4.3.0 later`.
    fn reason(&self, failure: &Failure) -> String {
        let why = match &failure.cause {
            Cause::Said(reply) => self.said(reply),
            Cause::Lacks(what) => (*what).to_owned(),
            Cause::Wire(error) => format!("{}{}", self.words.chain(error), error.remedy()),
        };
        format!("mail server {}: {}: {why}", self.place(), failure.at)
    }

    fn said(&self, reply: &Reply) -> String {
        self.words.said(&reply.text())
    }

    fn place(&self) -> String {
        format!("{}:{}", self.server.host, self.server.port)
    }
}

const NO_SMTPUTF8: &str = "needs SMTPUTF8, which the mail server does not offer: write an address in ASCII";
const NO_ADDRESS: &str = "is no mail address";

fn unusable(written: &str, why: &str) -> Recipient {
    Recipient::refused(written, format!("{} {why}", masked(written)))
}

fn sender(text: &str) -> Result<Mailbox, ChannelsError> {
    let wrong = |source| ChannelsError::Sender { from: text.to_owned(), source };
    let mailbox: Mailbox = text.parse().map_err(wrong)?;
    let email: Option<Address> = address::in_ascii(&mailbox.email).filter(|email| email.user().is_ascii());
    let email = email.ok_or_else(|| wrong(lettre::address::AddressError::InvalidUser))?;
    Ok(Mailbox { email, ..mailbox })
}

fn account(settings: &EmailSettings) -> Result<Option<Account>, ChannelsError> {
    match (&settings.username, &settings.password) {
        (Some(user), Some(password)) => Ok(Some(Account { user: user.clone(), password: password.clone() })),
        (None, None) => Ok(None),
        _ => Err(ChannelsError::Credentials),
    }
}

type Tls = (ServerName<'static>, Arc<rustls::ClientConfig>);

fn tls(settings: &EmailSettings, host: &str) -> Result<Option<Tls>, ChannelsError> {
    if settings.tls == MailTls::None {
        let loopback = host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
        return if loopback { Ok(None) } else { Err(ChannelsError::ClearText { host: settings.host.clone() }) };
    }
    let name =
        ServerName::try_from(host.to_owned()).map_err(|_| ChannelsError::Host { host: settings.host.clone() })?;
    Ok(Some((name, Arc::new(client_config(settings.ca_file.as_ref().map(|file| file.path.as_path()))?))))
}

/// This machine's name, where it is a full one: many servers turn away who says `localhost` or `watch` (RFC 5321, 2.3.5).
fn full_name() -> Option<String> {
    let machine = rustix::system::uname();
    let name = machine.nodename().to_str().ok()?.trim_end_matches('.');
    let plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-".contains(&byte));
    (plain && name.trim_start_matches('.').contains('.')).then(|| name.to_owned())
}

#[cfg(test)]
mod tests;
