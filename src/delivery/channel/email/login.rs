//! Logging in (RFC 4954): PLAIN, LOGIN where there is nothing else, CRAM-MD5 where the server wants no password on the line.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use md5::Md5;

use super::failure::{Cause, Failure, Phase};
use super::reply::Reply;
use super::server::Account;
use super::session::Session;

/// Ways to log in, the best first: all of them go through TLS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Plain,
    Login,
    /// RFC 2195.
    CramMd5,
}

impl Way {
    const ALL: [(Self, &'static str); 3] =
        [(Self::Plain, "PLAIN"), (Self::Login, "LOGIN"), (Self::CramMd5, "CRAM-MD5")];

    async fn go(self, session: &mut Session, account: &Account) -> Result<Reply, Failure> {
        let (user, password) = (&account.user, account.password.expose());
        match self {
            Self::Plain => {
                let both = STANDARD.encode(format!("\0{user}\0{password}"));
                answer(session, &format!("AUTH PLAIN {both}"), &[&both]).await
            }
            Self::Login => answer(session, "AUTH LOGIN", &[&STANDARD.encode(user), &STANDARD.encode(password)]).await,
            Self::CramMd5 => {
                let challenge = session.say(Phase::Login, "AUTH CRAM-MD5").await?;
                if challenge.code != 334 {
                    return Ok(challenge);
                }
                session.say(Phase::Login, &cram(user, password, &challenge.text())).await
            }
        }
    }
}

/// Tries what the server offers, until one way is known to it. A wrong password is said once: each attempt counts towards
/// being locked out.
pub(super) async fn login(session: &mut Session, account: &Account) -> Result<(), Failure> {
    let offered = |way: &str| session.offers.login.iter().any(|offered| offered == way);
    let ways: Vec<Way> = Way::ALL.iter().filter(|(_, word)| offered(word)).map(|(way, _)| *way).collect();
    let mut last = Phase::Login.lacks("it offers no way to log in that we know (AUTH PLAIN, LOGIN or CRAM-MD5)");
    for way in ways {
        let reply = way.go(session, account).await?;
        if reply.code == 235 {
            return Ok(());
        }
        // Offered and not known after all, or too weak for it (RFC 4954, 4 and 6).
        let another = matches!(reply.code, 500..=504 | 534);
        last = Failure { at: Phase::Login, cause: Cause::Said(reply) };
        if !another {
            break;
        }
    }
    Err(last)
}

/// Answers as long as the server asks (334) and there is something to say. The words that LOGIN asks with are anybody's: the
/// first question is the name, the second the password. PLAIN is asked by servers that did not hear what came with the
/// command.
async fn answer(session: &mut Session, command: &str, answers: &[&str]) -> Result<Reply, Failure> {
    let mut reply = session.say(Phase::Login, command).await?;
    for answer in answers {
        if reply.code != 334 {
            break;
        }
        reply = session.say(Phase::Login, answer).await?;
    }
    Ok(reply)
}

/// The name and the keyed hash of the challenge that stands behind the code. One that is no base64 is hashed as nothing,
/// which the server refuses.
fn cram(user: &str, password: &str, challenge: &str) -> String {
    let asked = challenge.split_whitespace().nth(1).and_then(|text| STANDARD.decode(text).ok()).unwrap_or_default();
    let mut mac = Hmac::<Md5>::new_from_slice(password.as_bytes()).expect("HMAC takes a key of any length");
    mac.update(&asked);
    let digest: String = mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    STANDARD.encode(format!("{user} {digest}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of RFC 2195, section 2.
    #[test]
    fn answers_the_published_challenge() {
        let challenge = "334 PDE4OTYuNjk3MTcwOTUyQHBvc3RvZmZpY2UucmVzdG9uLm1jaS5uZXQ+";
        let answer = "dGltIGI5MTNhNjAyYzdlZGE3YTQ5NWI0ZTZlNzMzNGQzODkw";
        assert_eq!(cram("tim", "tanstaaftanstaaf", challenge), answer);
    }
}
