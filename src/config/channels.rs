//! The section `[alert]` and its channels, with their credentials.

use std::collections::BTreeMap;
use std::time::Duration;

use toml::Spanned;

use super::credential::{self, Found, Unread};
use super::file::{self, Key};
use super::load::{Loader, Opening, open};
use super::source::Fault;
use super::{AlertSettings, EmailSettings, MailTls, Secret, SlackSettings, WebhookSettings, check};
use crate::model::OwnerId;

impl Loader<'_> {
    pub(super) fn alert(&mut self, alert: Option<Spanned<file::Alert>>) -> Option<AlertSettings> {
        let (at, alert) = open(alert);
        if alert.email.is_none() && alert.slack.is_empty() && alert.webhook.is_empty() {
            self.note::<()>(at.start, "alert", no_alert_path());
        }
        let instead = "write the id of an owner in the inventory who answers for whatever nobody else does";
        let default_owner = self.required("alert.default_owner", at.start, alert.default_owner, instead, owner);
        let escalate_after = self.escalation(alert.escalate_after);
        let undelivered_after = self.period("alert.undelivered_after", alert.undelivered_after, "1h", ("1s", "7d"));
        let daily_at_hour = self.or("alert.daily_at_hour", alert.daily_at_hour, 7, check::hour);
        let email = alert.email.map(|email| self.email(email));
        let slack = self.named("alert.slack", alert.slack, Self::slack);
        let webhook = self.named("alert.webhook", alert.webhook, Self::webhook);
        Some(AlertSettings {
            default_owner: default_owner?,
            escalate_after: escalate_after?,
            undelivered_after: undelivered_after?,
            daily_at_hour: daily_at_hour?,
            canary: alert.canary.unwrap_or(true),
            email: match email {
                Some(email) => Some(email?),
                None => None,
            },
            slack,
            webhook,
            console: alert.console.unwrap_or(false),
        })
    }

    fn escalation(&mut self, value: Key<file::PeriodOrNever>) -> Option<Option<Duration>> {
        let default = Some(Duration::from_hours(4));
        self.or("alert.escalate_after", value, default, |value| match value.0 {
            None => Ok(None),
            Some(period) => check::within("1s", "30d")(period).map(Some),
        })
    }

    fn email(&mut self, email: Spanned<file::Email>) -> Option<EmailSettings> {
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
        if let Some(Err(fault)) = port.zip(tls).map(|(port, tls)| check::port_and_tls(port, tls)) {
            self.note::<()>(port_at, "alert.email.port", fault);
        }
        let ca_file = self.optional("alert.email.ca_file", email.ca_file, |text| check::path(&dir, &text));
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

    fn tls(&mut self, tls: Key<file::Tls>, host: Option<&Spanned<String>>) -> Option<MailTls> {
        let local = host.is_some_and(|host| check::is_loopback_host(host.get_ref()));
        self.or("alert.email.tls", tls, MailTls::Starttls, |tls| match tls {
            file::Tls::Starttls => Ok(MailTls::Starttls),
            file::Tls::Implicit => Ok(MailTls::Implicit),
            file::Tls::None if local => Ok(MailTls::None),
            file::Tls::None => Err(Fault::new(
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

    fn slack(&mut self, key: &str, at: usize, slack: file::Slack) -> Option<SlackSettings> {
        let url = self.receiver(key, at, slack.url_file, slack.url_credential);
        let mention = self.optional(&format!("{key}.mention"), slack.mention, |text| check::mention(&text));
        Some(SlackSettings { url: url?, mention: mention? })
    }

    fn webhook(&mut self, key: &str, at: usize, webhook: file::Webhook) -> Option<WebhookSettings> {
        let url = self.receiver(key, at, webhook.url_file, webhook.url_credential);
        let signing = self.needed(&format!("{key}.secret"), at, webhook.secret_file, webhook.secret_credential);
        let signing = signing.and_then(|found| {
            let instead = "write whsec_ and 24 to 64 random bytes in base64, as your receiver shows it";
            self.verify(&format!("{key}.secret"), at, found, check::is_signing_secret, "no signing secret", instead)
        });
        Some(WebhookSettings { url: url?, signing: signing? })
    }

    fn receiver(&mut self, key: &str, at: usize, file: Key<String>, credential: Key<String>) -> Option<Secret> {
        let key = format!("{key}.url");
        let found = self.needed(&key, at, file, credential)?;
        let instead = "write an https:// address into it; http:// is for this machine only";
        self.verify(&key, at, found, check::is_receiver, "no address to post to", instead)
    }

    /// Tests what a credential file holds, without ever showing it.
    fn verify(
        &mut self,
        key: &str,
        at: usize,
        found: Found,
        is_good: fn(&str) -> bool,
        what: &str,
        instead: &str,
    ) -> Option<Secret> {
        if found.is_blank() || is_good(found.secret.expose()) {
            return Some(found.secret);
        }
        self.note(at, key, Fault::new(format!("the credential file {} holds {what}", found.file.display()), instead))
    }

    fn needed(&mut self, key: &str, at: usize, file: Key<String>, credential: Key<String>) -> Option<Found> {
        let name = key.rsplit('.').next().unwrap_or(key);
        let instead = format!("write {name}_credential = \"NAME\" or {name}_file = \"PATH\"");
        match self.secret(key, file, credential)? {
            Some(found) => Some(found),
            None => self.note(at, key, Fault::new("is missing", instead)),
        }
    }

    /// `KEY_file` or `KEY_credential`.
    fn secret(&mut self, key: &str, file: Key<String>, credential: Key<String>) -> Option<Option<Found>> {
        let dir = self.directory.clone();
        match (file, credential) {
            (None, None) => Some(None),
            (Some(_), None) | (None, Some(_)) if self.opening == Opening::Sealed => Some(Some(Found::blank())),
            (Some(path), None) => {
                let found =
                    check::path(&dir, path.get_ref()).map_err(Unread::from).and_then(|path| credential::read(&path));
                self.opened(&format!("{key}_file"), path.span().start, found).map(Some)
            }
            (None, Some(name)) => {
                let found = self.credentials.named(name.get_ref());
                self.opened(&format!("{key}_credential"), name.span().start, found).map(Some)
            }
            (Some(path), Some(_)) => {
                let at = path.span().start;
                self.note(at, key, Fault::new("is given as a file and as a credential", "keep one of them"))
            }
        }
    }

    /// A credential, or a blank one where this process may not read it and need not.
    fn opened(&mut self, key: &str, at: usize, found: Result<Found, Unread>) -> Option<Found> {
        match found {
            Ok(found) => Some(found),
            Err(Unread::Closed { file, .. }) if self.opening == Opening::Permitted => {
                self.closed.push(file);
                Some(Found::blank())
            }
            Err(Unread::Closed { fault, .. } | Unread::Wrong(fault)) => self.note(at, key, fault),
        }
    }

    /// The sections `[PREFIX.NAME]`; those with problems are left out, which the caller never sees.
    fn named<R, S>(
        &mut self,
        prefix: &str,
        sections: BTreeMap<Spanned<String>, Spanned<R>>,
        build: impl Fn(&mut Self, &str, usize, R) -> Option<S>,
    ) -> BTreeMap<String, S> {
        let mut built = BTreeMap::new();
        for (name, section) in sections {
            let at = name.span().start;
            let key = format!("{prefix}.{}", name.get_ref());
            let name = self.check(&key, name, |name| check::channel_name(&name));
            let section = build(self, &key, at, section.into_inner());
            built.extend(name.zip(section));
        }
        built
    }
}

fn owner(text: String) -> Result<OwnerId, Fault> {
    match text.trim() {
        "" => Err(Fault::new("is empty", "write the id of an owner in the inventory")),
        id => Ok(OwnerId(id.to_owned())),
    }
}

fn no_alert_path() -> Fault {
    Fault::new(
        "no alert path is configured, so nobody would hear an alarm",
        "add at least one of: [alert.email] with host and from; [alert.slack.NAME] with url_credential; \
         [alert.webhook.NAME] with url_credential and secret_credential",
    )
}
