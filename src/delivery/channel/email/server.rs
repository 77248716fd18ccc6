//! The mail server: where it is, how it is spoken to, and what it offers.

use std::sync::Arc;

use rustls::ClientConfig;
use rustls::pki_types::ServerName;

use super::limits::Limits;
use super::reply::Reply;
use crate::config::{MailTls, Secret};

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

pub(super) struct Account {
    pub(super) user: String,
    pub(super) password: Secret,
}

/// What the server offered; keywords are the same in any case (RFC 5321, 2.4).
#[derive(Debug, Default)]
pub(super) struct Offers {
    pub(super) starttls: bool,
    pub(super) smtputf8: bool,
    /// Ways to log in, in capitals.
    pub(super) login: Vec<String>,
}

impl Offers {
    pub(super) fn of(reply: &Reply) -> Self {
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
