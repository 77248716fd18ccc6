//! One session with a mail server that knows us: from MAIL to QUIT (RFC 5321, 3.3). `opening` begins it.

use std::time::Duration;

use lettre::Address;
use tokio::time::Instant;

use super::address::To;
use super::failure::{Failure, Phase};
use super::limits::{Limits, QUIT};
use super::reply::{Garbage, Reply};
use super::server::Offers;
use super::wire::Wire;
use crate::model::Recipient;

/// A server that knows us.
pub(super) struct Session {
    pub(super) wire: Wire,
    pub(super) limits: Limits,
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
    /// One command and its reply, whatever that is. `line` may hold a secret.
    pub(super) async fn say(&mut self, at: Phase, line: &str) -> Result<Reply, Failure> {
        self.ask(at, line, self.limits.command).await
    }

    async fn ask(&mut self, at: Phase, line: &str, limit: Duration) -> Result<Reply, Failure> {
        self.listen(at).await?;
        let sent = self.wire.send(format!("{line}\r\n").as_bytes(), limit).await;
        sent.map_err(|error| at.failed(error))?;
        self.wire.reply(limit).await.map_err(|error| at.failed(error))
    }

    /// Before anything is said: an answer too many would be taken for the next one, and a `250` of before for that of the
    /// message. A server that will not go on may say so early.
    async fn listen(&mut self, at: Phase) -> Result<(), Failure> {
        if !self.wire.is_unasked().await.map_err(|error| at.failed(error))? {
            return Ok(());
        }
        let reply = self.wire.reply(self.limits.command).await.map_err(|error| at.failed(error))?;
        Err(if reply.is_done() || reply.is_next() { at.failed(Garbage::Unasked) } else { at.said(reply) })
    }

    /// Begins a message. What is special about one that needs SMTPUTF8 is whom it goes to.
    pub(super) async fn from(&mut self, sender: &Address, utf8: bool) -> Result<(), Failure> {
        let (at, parameters) = if utf8 { (Phase::Recipient, " BODY=8BITMIME SMTPUTF8") } else { (Phase::Sender, "") };
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
            let reply = self.say(Phase::Recipient, &format!("RCPT TO:<{}>", to.address)).await?;
            match reply.code {
                // A server that says 421 is leaving (RFC 5321, 3.8).
                421 => return Err(Phase::Recipient.said(reply)),
                _ if reply.is_done() => asked.accepted.push(to.written.clone()),
                _ => asked.others.push((to.written.clone(), reply)),
            }
            asked.asking = None;
        }
        Ok(())
    }

    /// The message, all but its end: until that is said, the server must not keep it.
    pub(super) async fn message(&mut self, message: &[u8]) -> Result<(), Failure> {
        let reply = self.ask(Phase::Data, "DATA", self.limits.data).await?;
        if !reply.is_next() {
            return Err(Phase::Data.said(reply));
        }
        let sent = self.wire.send(&transparent(message), self.limits.block).await;
        sent.map_err(|error| Phase::Message.failed(error))
    }

    /// The end of the message, and what the server makes of it. From here on it may have it, whatever happens.
    pub(super) async fn end(&mut self) -> Result<(), Failure> {
        self.listen(Phase::Message).await?;
        let sent = self.wire.send(b".\r\n", self.limits.block).await;
        sent.map_err(|error| Phase::End.failed(error))?;
        let reply = self.wire.reply(self.limits.dot).await.map_err(|error| Phase::End.failed(error))?;
        if reply.is_done() { Ok(()) } else { Err(Phase::End.said(reply)) }
    }

    /// Says good-bye. The mail's fate is settled before, so the answer is not waited for.
    pub(super) async fn part(mut self) {
        if self.wire.send(b"QUIT\r\n", QUIT).await.is_ok() {
            self.wire.close(QUIT).await;
        }
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
}
