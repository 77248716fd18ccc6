//! One session with a mail server, step by step (RFC 5321, 3.1 to 3.3).

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use lettre::Address;
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::time::{Instant, timeout};
use tokio_rustls::TlsConnector;

use super::address::To;
use super::limits::{Limits, QUIT};
use super::login::{self, Account};
use super::reply::{Garbage, Reply};
use super::wire::{Stream, Wire, WireError, connect};
use crate::config::MailTls;
use crate::model::Recipient;

/// Where the mail server is, and how it is spoken to.
pub(super) struct Server {
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) mode: MailTls,
    /// Its name in the certificate, and whom we believe.
    pub(super) tls: Option<(ServerName<'static>, Arc<ClientConfig>)>,
    pub(super) account: Option<Account>,
    /// Our name; without one we say the address that we call from.
    pub(super) hello: Option<String>,
    pub(super) limits: Limits,
}

/// The steps, in their order. Up to `Sender` nothing was said about any one message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Step {
    Connection,
    Greeting,
    Hello,
    Starttls,
    Handshake,
    Login,
    Sender,
    Recipient,
    Data,
    Message,
    End,
}

/// Where a session broke off, and why.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) at: Step,
    pub(super) cause: Cause,
}

#[derive(Debug)]
pub(super) enum Cause {
    Said(Reply),
    Wire(WireError),
    /// The server cannot do what the configuration asks for.
    Lacks(&'static str),
}

impl Step {
    fn said(self, reply: Reply) -> Failure {
        Failure { at: self, cause: Cause::Said(reply) }
    }

    fn failed(self, error: impl Into<WireError>) -> Failure {
        Failure { at: self, cause: Cause::Wire(error.into()) }
    }

    pub(super) fn lacks(self, what: &'static str) -> Failure {
        Failure { at: self, cause: Cause::Lacks(what) }
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Connection => "connection",
            Self::Greeting => "greeting",
            Self::Hello => "EHLO",
            Self::Starttls => "STARTTLS",
            Self::Handshake => "TLS handshake",
            Self::Login => "AUTH",
            Self::Sender => "MAIL",
            Self::Recipient => "RCPT",
            Self::Data => "DATA",
            Self::Message => "message",
            Self::End => "end of the message",
        })
    }
}

/// What the server offered; keywords are the same in any case (RFC 5321, 2.4).
#[derive(Debug, Default)]
pub(super) struct Offers {
    starttls: bool,
    pub(super) smtputf8: bool,
    /// Ways to log in, in capitals.
    pub(super) login: Vec<String>,
}

impl Offers {
    fn of(reply: &Reply) -> Self {
        let keywords = reply.keywords();
        let has = |word: &str| keywords.iter().any(|line| line.first().is_some_and(|first| first == word));
        let login = keywords.iter().filter(|line| line.first().is_some_and(|first| first == "AUTH"));
        Self {
            starttls: has("STARTTLS"),
            smtputf8: has("SMTPUTF8"),
            login: login.flat_map(|line| line[1..].to_vec()).collect(),
        }
    }
}

/// A server that knows us.
pub(super) struct Session {
    wire: Wire,
    limits: Limits,
    pub(super) offers: Offers,
}

/// Who was asked, and what came of it.
#[derive(Debug, Default)]
pub(super) struct Asked {
    pub(super) accepted: Vec<String>,
    /// Refused or put off.
    pub(super) others: Vec<(String, Reply)>,
    /// At whom the session broke off, as long as the question stands.
    pub(super) asking: Option<String>,
    /// At whom earlier sessions broke off, and how.
    pub(super) put_off: Vec<(String, String)>,
    /// Nobody needs to ask for them.
    pub(super) settled: Vec<Recipient>,
    /// Somebody was not asked yet.
    pub(super) more: bool,
}

impl Session {
    /// Connects, encrypts, logs in. Whatever fails here fails for every mail.
    pub(super) async fn open(server: &Server) -> Result<Self, Failure> {
        let limits = server.limits;
        let connected = connect(&server.host, server.port, limits.connect).await;
        let (stream, ours) = connected.map_err(|error| Step::Connection.failed(error))?;
        let mut stream: Box<dyn Stream> = Box::new(stream);
        if server.mode == MailTls::Implicit {
            stream = encrypt(server, stream).await?;
        }
        let mut session = Self { wire: Wire::new(stream), limits, offers: Offers::default() };
        session.greeting().await?;
        session.introduce(server, ours).await?;
        if server.mode == MailTls::Starttls {
            session = session.starttls(server, ours).await?;
        }
        if let Some(account) = &server.account {
            login::login(&mut session, account).await?;
        }
        Ok(session)
    }

    async fn greeting(&mut self) -> Result<(), Failure> {
        let reply = self.wire.reply(self.limits.greeting).await.map_err(|error| Step::Greeting.failed(error))?;
        if reply.code == 220 { Ok(()) } else { Err(Step::Greeting.said(reply)) }
    }

    /// EHLO, or HELO to a server that will not hear of it, whatever it calls that (RFC 5321, 3.2), unless the mail needs
    /// what only EHLO offers: then its refusal is what there is to say.
    async fn introduce(&mut self, server: &Server, ours: IpAddr) -> Result<(), Failure> {
        let name = server.hello.clone().unwrap_or_else(|| literal(ours));
        let mut reply = self.say(Step::Hello, &format!("EHLO {name}")).await?;
        let bare = server.mode != MailTls::Starttls && server.account.is_none();
        if reply.is_permanent() && bare {
            reply = self.say(Step::Hello, &format!("HELO {name}")).await?;
        }
        self.offers = Offers::of(&reply);
        if reply.is_done() { Ok(()) } else { Err(Step::Hello.said(reply)) }
    }

    /// Nothing that was said before is believed after: the server introduces itself anew (RFC 3207, 4.2).
    async fn starttls(mut self, server: &Server, ours: IpAddr) -> Result<Self, Failure> {
        if !self.offers.starttls {
            return Err(Step::Starttls.lacks("it offers no STARTTLS, and no mail goes out without"));
        }
        let reply = self.say(Step::Starttls, "STARTTLS").await?;
        if reply.code != 220 {
            return Err(Step::Starttls.said(reply));
        }
        let bare = self.wire.bare();
        let bare =
            bare.ok_or_else(|| Step::Starttls.lacks("something was written into the line before the handshake"))?;
        let wire = Wire::new(encrypt(server, bare).await?);
        let mut session = Self { wire, limits: self.limits, offers: Offers::default() };
        session.introduce(server, ours).await?;
        Ok(session)
    }

    /// One command and its reply, whatever that is. `line` may hold a secret.
    pub(super) async fn say(&mut self, at: Step, line: &str) -> Result<Reply, Failure> {
        self.ask(at, line, self.limits.command).await
    }

    async fn ask(&mut self, at: Step, line: &str, limit: Duration) -> Result<Reply, Failure> {
        self.listen(at).await?;
        let sent = self.wire.send(format!("{line}\r\n").as_bytes(), limit).await;
        sent.map_err(|error| at.failed(error))?;
        self.wire.reply(limit).await.map_err(|error| at.failed(error))
    }

    /// Before anything is said: an answer too many would be taken for the next one, and a `250` of before for that of the
    /// message. A server that will not go on may say so early.
    async fn listen(&mut self, at: Step) -> Result<(), Failure> {
        if !self.wire.is_unasked().await.map_err(|error| at.failed(error))? {
            return Ok(());
        }
        let reply = self.wire.reply(self.limits.command).await.map_err(|error| at.failed(error))?;
        Err(if reply.is_done() || reply.is_next() { at.failed(Garbage::Unasked) } else { at.said(reply) })
    }

    /// Begins a message. What is special about one that needs SMTPUTF8 is whom it goes to.
    pub(super) async fn from(&mut self, sender: &Address, utf8: bool) -> Result<(), Failure> {
        let (at, parameters) = if utf8 { (Step::Recipient, " BODY=8BITMIME SMTPUTF8") } else { (Step::Sender, "") };
        let reply = self.say(at, &format!("MAIL FROM:<{sender}>{parameters}")).await?;
        if reply.is_done() { Ok(()) } else { Err(at.said(reply)) }
    }

    /// Asks for everybody, as long as there is time.
    pub(super) async fn to(&mut self, recipients: &[To], asked: &mut Asked) -> Result<(), Failure> {
        let began = Instant::now();
        for to in recipients {
            if began.elapsed() >= self.limits.recipients {
                asked.more = true;
                break;
            }
            asked.asking = Some(to.written.clone());
            let reply = self.say(Step::Recipient, &format!("RCPT TO:<{}>", to.address)).await?;
            match reply.code {
                // A server that says 421 is leaving (RFC 5321, 3.8).
                421 => return Err(Step::Recipient.said(reply)),
                _ if reply.is_done() => asked.accepted.push(to.written.clone()),
                _ => asked.others.push((to.written.clone(), reply)),
            }
            asked.asking = None;
        }
        Ok(())
    }

    /// The message, all but its end: until that is said, the server must not keep it.
    pub(super) async fn message(&mut self, message: &[u8]) -> Result<(), Failure> {
        let reply = self.ask(Step::Data, "DATA", self.limits.data).await?;
        if !reply.is_next() {
            return Err(Step::Data.said(reply));
        }
        let sent = self.wire.send(&transparent(message), self.limits.block).await;
        sent.map_err(|error| Step::Message.failed(error))
    }

    /// The end of the message, and what the server makes of it. From here on it may have it, whatever happens.
    pub(super) async fn end(&mut self) -> Result<(), Failure> {
        self.listen(Step::Message).await?;
        let sent = self.wire.send(b".\r\n", self.limits.block).await;
        sent.map_err(|error| Step::End.failed(error))?;
        let reply = self.wire.reply(self.limits.dot).await.map_err(|error| Step::End.failed(error))?;
        if reply.is_done() { Ok(()) } else { Err(Step::End.said(reply)) }
    }

    /// Says good-bye. The mail's fate is settled before, so the answer is not waited for.
    pub(super) async fn part(mut self) {
        if self.wire.send(b"QUIT\r\n", QUIT).await.is_ok() {
            self.wire.close(QUIT).await;
        }
    }
}

async fn encrypt(server: &Server, stream: Box<dyn Stream>) -> Result<Box<dyn Stream>, Failure> {
    let Some((name, config)) = &server.tls else { return Err(Step::Handshake.lacks("no TLS was set up")) };
    let handshake = TlsConnector::from(config.clone()).connect(name.clone(), stream);
    let limit = server.limits.command;
    match timeout(limit, handshake).await {
        Ok(Ok(stream)) => Ok(Box::new(stream)),
        Ok(Err(error)) => Err(Step::Handshake.failed(error)),
        Err(_) => Err(Step::Handshake.failed(WireError::Silent(limit))),
    }
}

/// An address in place of a name (RFC 5321, 4.1.3).
fn literal(ours: IpAddr) -> String {
    match ours.to_canonical() {
        IpAddr::V4(address) => format!("[{address}]"),
        IpAddr::V6(address) => format!("[IPv6:{address}]"),
    }
}

/// Lines that end as they must, and a dot that begins one doubled (RFC 5321, 4.5.2).
fn transparent(message: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(message.len() + 64);
    let body = message.strip_suffix(b"\n").unwrap_or(message);
    for line in body.split(|&byte| byte == b'\n') {
        if line.first() == Some(&b'.') {
            out.push(b'.');
        }
        // A lone CR is a line's end to some servers, and what follows it would be a line of its own.
        out.extend(line.iter().filter(|&&byte| byte != b'\r'));
        out.extend(b"\r\n");
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_line_of_a_message_ends_it() {
        for (message, sent) in [
            ("a\r\n.\r\nb\r\n", "a\r\n..\r\nb\r\n"),
            (".", "..\r\n"),
            ("a\n.\nb", "a\r\n..\r\nb\r\n"),
            ("a\r\r\n.b\r\n", "a\r\n..b\r\n"),
            ("", "\r\n"),
        ] {
            assert_eq!(String::from_utf8_lossy(&transparent(message.as_bytes())), sent);
        }
    }

    #[test]
    fn an_address_stands_for_a_name_in_brackets() {
        assert_eq!(literal("127.0.0.1".parse().expect("an address")), "[127.0.0.1]");
        assert_eq!(literal("::ffff:10.0.0.1".parse().expect("an address")), "[10.0.0.1]");
        assert_eq!(literal("2001:db8::1".parse().expect("an address")), "[IPv6:2001:db8::1]");
    }
}
