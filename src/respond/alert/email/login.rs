//! Logging in (RFC 4954): PLAIN, or LOGIN where there is nothing else.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::reply::Reply;
use super::session::{Cause, Failure, Session, Step};
use crate::config::Secret;

pub(super) struct Account {
    pub(super) user: String,
    pub(super) password: Secret,
}

/// The words that LOGIN asks with are anybody's; the first question is the name, the second the password.
pub(super) async fn login(session: &mut Session, account: &Account) -> Result<(), Failure> {
    let offers = |way: &str| session.offers.login.iter().any(|offered| offered == way);
    let (plain, login) = (offers("PLAIN"), offers("LOGIN"));
    let (user, password) = (&account.user, account.password.expose());
    let reply = if plain {
        let both = STANDARD.encode(format!("\0{user}\0{password}"));
        answer(session, &format!("AUTH PLAIN {both}"), &[&both]).await?
    } else if login {
        answer(session, "AUTH LOGIN", &[&STANDARD.encode(user), &STANDARD.encode(password)]).await?
    } else {
        return Err(Step::Login.lacks("it offers no way to log in that we know (AUTH PLAIN or LOGIN)"));
    };
    if reply.code == 235 { Ok(()) } else { Err(Failure { at: Step::Login, cause: Cause::Said(reply) }) }
}

/// Answers as long as the server asks (334) and there is something to say. PLAIN is asked by servers that did not hear
/// what came with the command.
async fn answer(session: &mut Session, command: &str, answers: &[&str]) -> Result<Reply, Failure> {
    let mut reply = session.say(Step::Login, command).await?;
    for answer in answers {
        if reply.code != 334 {
            break;
        }
        reply = session.say(Step::Login, answer).await?;
    }
    Ok(reply)
}
