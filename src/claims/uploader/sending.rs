//! Sending the package that was sealed, and no other, file by file.

use super::daemon::{Daemon, Untold};
use super::maker::seal_of;
use super::publisher::{Done, Publisher};
use super::rehearsal::unmade;
use super::told::{shut, told};
use crate::config::Secret;
use crate::failpoint::{self, Step};
use crate::model::claim::{ClaimEvent, ClaimKey, Seal, Site};
use crate::registry::pypi::upload::exchange::Exchanged;
use crate::registry::pypi::upload::{Distribution, Login};

pub(super) async fn upload(
    publisher: &Publisher<'_>,
    daemon: &(impl Daemon + Sync),
    (key, used): (&ClaimKey, &[String]),
    seal: &Seal,
    missing: &[String],
) -> Result<Done, Untold> {
    let files = match (publisher.maker)(&key.name, used) {
        Ok(files) if seal_of(&files) == *seal => files,
        Err(why) if missing.len() == seal.files.len() => return unmade(daemon, key, why).await,
        made => {
            let changed = "the package is not the one that was rehearsed: texts, configuration or inventory changed since, or PyPI has had \
                 files of its version";
            let why = made.err().unwrap_or_else(|| changed.to_owned());
            daemon.tell(key, ClaimEvent::Unfit { why: why.clone() }).await?;
            return Ok(Done::failed(format!("{key} is not sent: {why}")));
        }
    };
    // Before anything is begun: without it nothing would be sent, and PyPI would be looked at for nothing.
    let token = match publisher.to.open() {
        Ok(token) => token,
        Err(why) => {
            let why = format!("the token cannot be had: {why}");
            daemon.tell(key, ClaimEvent::Hindered { site: Site::Index, why: why.clone(), wait: None }).await?;
            return Ok(Done::failed(format!("{key} is not sent: {why}")));
        }
    };
    daemon.tell(key, ClaimEvent::Begin { seal: seal.clone() }).await?;
    failpoint::hit(Step::ClaimBegun);
    let left = files.iter().filter(|file| missing.contains(&file.filename));
    match enter(publisher, daemon, key, token).await? {
        Ok(login) => send(publisher, daemon, key, &login, left).await,
        Err(said) => Ok(Done::failed(said)),
    }
}

/// What the files are sent with; else why they are not, of which the daemon knows.
async fn enter(
    publisher: &Publisher<'_>,
    daemon: &(impl Daemon + Sync),
    key: &ClaimKey,
    token: Secret,
) -> Result<Result<Login, String>, Untold> {
    let Some(exchange) = &publisher.to.exchange else { return Ok(Ok(Login::token(token))) };
    match exchange.mint(&token).await {
        Exchanged::Minted { token, .. } => {
            failpoint::hit(Step::ClaimMinted);
            // Where a pending publisher waited, the project is there by now, without a file.
            daemon.tell(key, ClaimEvent::Created).await?;
            Ok(Ok(Login::token(token)))
        }
        other => {
            let told = shut(&other);
            let why = told.detail();
            daemon.tell(key, told).await?;
            Ok(Err(format!("{key} is not sent: the identity was not exchanged for a token: {why}")))
        }
    }
}

async fn send(
    publisher: &Publisher<'_>,
    daemon: &(impl Daemon + Sync),
    key: &ClaimKey,
    login: &Login,
    files: impl Iterator<Item = &Distribution> + Send,
) -> Result<Done, Untold> {
    for file in files {
        let reply = publisher.to.send(login, file).await;
        let answered = told(file, &reply);
        failpoint::hit(Step::ClaimAnswered);
        let taken = matches!(answered, ClaimEvent::Accepted { .. });
        daemon.tell(key, answered).await?;
        failpoint::hit(Step::ClaimTold);
        if !taken {
            return Ok(Done::failed(format!("{} was not taken: {}; {}", file.filename, reply.cause(), reply.remedy())));
        }
    }
    Ok(Done::now(format!("{key} is sent")))
}
