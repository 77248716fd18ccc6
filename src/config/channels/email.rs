//! `[alert.email]`: the mail server, and who writes.

use serde::Deserialize;
use toml::Spanned;

use crate::config::ca_file::CaFile;
use crate::config::check;
use crate::config::fault::Fault;
use crate::config::key::Key;
use crate::config::loader::Loader;
use crate::config::secret::Secret;

/// How the connection to the mail server is protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MailTls {
    /// STARTTLS, and no mail without it.
    Starttls,
    /// TLS from the first byte.
    Implicit,
    /// Clear text; only to a loopback address.
    None,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EmailSettings {
    pub host: String,
    pub port: u16,
    pub tls: MailTls,
    /// PEM certificates trusted besides the system's, for this server.
    pub ca_file: Option<CaFile>,
    pub from: String,
    /// How we introduce ourselves: a full name or an address literal. `None`: this machine's name, else its address.
    pub helo_name: Option<String>,
    pub username: Option<String>,
    pub password: Option<Secret>,
}

impl EmailSettings {
    pub(in crate::config) fn secrets(&self) -> Vec<String> {
        self.password.iter().map(|password| password.expose().to_owned()).collect()
    }

    /// What `config check` says of it.
    pub(in crate::config) fn summary(&self) -> String {
        let tls = match self.tls {
            MailTls::Starttls => "STARTTLS",
            MailTls::Implicit => "TLS",
            MailTls::None => "clear text on this machine",
        };
        format!("through {}:{}, {tls}", self.host, self.port)
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a table, [alert.email]")]
pub(in crate::config) struct Section {
    /// Name of the mail server. Required.
    pub(in crate::config) host: Key<String>,
    /// Default: 587 for starttls, 465 for implicit, 25 for none.
    pub(in crate::config) port: Key<i64>,
    /// `starttls`, `implicit`, or `none` (loopback only). Default: starttls.
    pub(in crate::config) tls: Key<Tls>,
    /// PEM file of certificates trusted besides the system's, for this server. Default: none.
    pub(in crate::config) ca_file: Key<String>,
    /// Sender address, with or without a display name. Required.
    pub(in crate::config) from: Key<String>,
    /// Name given in EHLO. Default: the machine's name where that has a dot, else the address it connects from.
    pub(in crate::config) helo_name: Key<String>,
    /// Account on the mail server. Default: none, then no password either.
    pub(in crate::config) username: Key<String>,
    /// Path of a file that holds the password.
    pub(in crate::config) password_file: Key<String>,
    /// Name of a credential that holds the password.
    pub(in crate::config) password_credential: Key<String>,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "lowercase", expecting = "\"starttls\", \"implicit\" or \"none\"")]
pub(in crate::config) enum Tls {
    Starttls,
    Implicit,
    None,
}

impl Loader<'_> {
    pub(in crate::config) fn email(&mut self, email: Spanned<Section>) -> Option<EmailSettings> {
        let (at, dir, email) = (email.span().start, self.directory.clone(), email.into_inner());
        let tls = self.tls(email.tls, email.host.as_ref());
        let write_host = "write the name of your mail server: host = \"smtp.your.example\"";
        let host = self.required("alert.email.host", at, email.host, write_host, |text| check::host(&text));
        let default_port = match tls {
            Some(MailTls::Implicit) => 465,
            Some(MailTls::None) => 25,
            Some(MailTls::Starttls) | None => 587,
        };
        let port_at = email.port.as_ref().map_or(at, |port| port.span().start);
        let port = self.or("alert.email.port", email.port, default_port, check::port);
        if let Some(Err(fault)) = port.zip(tls).map(|(port, tls)| port_and_tls(port, tls)) {
            self.note::<()>(port_at, "alert.email.port", fault);
        }
        let ca_file =
            self.optional("alert.email.ca_file", email.ca_file, |text| check::path(&dir, &text).map(CaFile::read));
        let write_from = "write the sender: from = \"namewarden@your.example\"";
        let from = self.required("alert.email.from", at, email.from, write_from, |text| check::mailbox(&text));
        let helo_name = self.optional("alert.email.helo_name", email.helo_name, |text| check::helo_name(&text));
        let has_username = email.username.is_some();
        let username = self.optional("alert.email.username", email.username, |text| check::account(&text));
        let password = self.secret("alert.email.password", email.password_file, email.password_credential);
        self.account(at, has_username, password.as_ref().is_none_or(Option::is_some));
        Some(EmailSettings {
            host: host?,
            port: port?,
            tls: tls?,
            ca_file: ca_file?,
            from: from?,
            helo_name: helo_name?,
            username: username?,
            password: password?.map(|found| found.secret),
        })
    }

    fn tls(&mut self, tls: Key<Tls>, host: Option<&Spanned<String>>) -> Option<MailTls> {
        let local = host.is_some_and(|host| check::is_loopback_host(host.get_ref()));
        self.or("alert.email.tls", tls, MailTls::Starttls, |tls| match tls {
            Tls::Starttls => Ok(MailTls::Starttls),
            Tls::Implicit => Ok(MailTls::Implicit),
            Tls::None if local => Ok(MailTls::None),
            Tls::None => Err(Fault::new(
                "clear text may not leave this machine",
                "write \"starttls\" or \"implicit\"; \"none\" is for a mail server on localhost",
            )),
        })
    }

    /// A username without a password, or the reverse, is half a configuration.
    fn account(&mut self, at: usize, username: bool, password: bool) {
        if username != password {
            let instead = "write both username and password_credential, or neither for a server that wants none";
            self.note::<()>(at, "alert.email", Fault::new("has half an account", instead));
        }
    }
}

/// What no mail server speaks: each of the two ports has one way to begin, by its registration.
fn port_and_tls(port: u16, tls: MailTls) -> Result<(), Fault> {
    match (port, tls) {
        (465, MailTls::Starttls) => Err(Fault::new("port 465 has TLS from the first byte", "write tls = \"implicit\"")),
        (587 | 25, MailTls::Implicit) => {
            Err(Fault::new(format!("port {port} begins in clear text"), "write tls = \"starttls\", or port = 465"))
        }
        _ => Ok(()),
    }
}
