//! How a session begins: connect, greet, EHLO, TLS, log in (RFC 5321, 3.1 and 3.2; RFC 3207; RFC 8314, 3.3). Whatever
//! fails here fails for every mail.

use std::net::IpAddr;

use tokio::time::timeout;
use tokio_rustls::TlsConnector;

use super::failure::{Failure, Phase};
use super::login::login;
use super::server::{Offers, Server};
use super::session::Session;
use super::wire::{Stream, Wire, WireError, connect};
use crate::config::MailTls;

/// Connects, encrypts, logs in.
///
/// # Errors
/// With the phase, none later than `Login`; a certificate that is not believed is one of `Handshake`.
pub(super) async fn open(server: &Server) -> Result<Session, Failure> {
    let limits = server.limits;
    let connected = connect(&server.host, server.port, limits.connect).await;
    let (stream, ours) = connected.map_err(|error| Phase::Connection.failed(error))?;
    let mut stream: Box<dyn Stream> = Box::new(stream);
    if server.mode == MailTls::Implicit {
        stream = encrypt(server, stream).await?;
    }
    let mut session = Session { wire: Wire::new(stream), limits, offers: Offers::default() };
    greeting(&mut session).await?;
    introduce(&mut session, server, ours).await?;
    if server.mode == MailTls::Starttls {
        session = starttls(session, server, ours).await?;
    }
    if let Some(account) = &server.account {
        login(&mut session, account).await?;
    }
    Ok(session)
}

async fn greeting(session: &mut Session) -> Result<(), Failure> {
    let reply = session.wire.reply(session.limits.greeting).await.map_err(|error| Phase::Greeting.failed(error))?;
    if reply.code == 220 { Ok(()) } else { Err(Phase::Greeting.said(reply)) }
}

/// EHLO, or HELO to a server that will not hear of it, whatever it calls that (RFC 5321, 3.2), unless the mail needs
/// what only EHLO offers: then its refusal is what there is to say.
async fn introduce(session: &mut Session, server: &Server, ours: IpAddr) -> Result<(), Failure> {
    let name = server.hello.clone().unwrap_or_else(|| literal(ours));
    let mut reply = session.say(Phase::Hello, &format!("EHLO {name}")).await?;
    let bare = server.mode != MailTls::Starttls && server.account.is_none();
    if reply.is_permanent() && bare {
        reply = session.say(Phase::Hello, &format!("HELO {name}")).await?;
    }
    session.offers = Offers::of(&reply);
    if reply.is_done() { Ok(()) } else { Err(Phase::Hello.said(reply)) }
}

/// Nothing that was said before is believed after: the server introduces itself anew (RFC 3207, 4.2).
async fn starttls(mut session: Session, server: &Server, ours: IpAddr) -> Result<Session, Failure> {
    if !session.offers.starttls {
        return Err(Phase::Starttls.lacks("it offers no STARTTLS, and no mail goes out without"));
    }
    let reply = session.say(Phase::Starttls, "STARTTLS").await?;
    if reply.code != 220 {
        return Err(Phase::Starttls.said(reply));
    }
    let bare = session.wire.bare();
    let bare = bare.ok_or_else(|| Phase::Starttls.lacks("something was written into the line before the handshake"))?;
    let wire = Wire::new(encrypt(server, bare).await?);
    let mut session = Session { wire, limits: session.limits, offers: Offers::default() };
    introduce(&mut session, server, ours).await?;
    Ok(session)
}

async fn encrypt(server: &Server, stream: Box<dyn Stream>) -> Result<Box<dyn Stream>, Failure> {
    let Some((name, config)) = &server.tls else { return Err(Phase::Handshake.lacks("no TLS was set up")) };
    let handshake = TlsConnector::from(config.clone()).connect(name.clone(), stream);
    let limit = server.limits.command;
    match timeout(limit, handshake).await {
        Ok(Ok(stream)) => Ok(Box::new(stream)),
        Ok(Err(error)) => Err(Phase::Handshake.failed(error)),
        Err(_) => Err(Phase::Handshake.failed(WireError::Silent(limit))),
    }
}

/// An address in place of a name (RFC 5321, 4.1.3).
fn literal(ours: IpAddr) -> String {
    match ours.to_canonical() {
        IpAddr::V4(address) => format!("[{address}]"),
        IpAddr::V6(address) => format!("[IPv6:{address}]"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_stands_for_a_name_in_brackets() {
        assert_eq!(literal("127.0.0.1".parse().expect("an address")), "[127.0.0.1]");
        assert_eq!(literal("::ffff:10.0.0.1".parse().expect("an address")), "[10.0.0.1]");
        assert_eq!(literal("2001:db8::1".parse().expect("an address")), "[IPv6:2001:db8::1]");
    }
}
