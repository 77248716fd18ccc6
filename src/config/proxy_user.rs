//! The section `[web.proxy_user]`: a proxy that people sign in at says who asks, and proves that it is the proxy.

use axum::http::HeaderName;
use axum::http::header::{AUTHORIZATION, COOKIE, HOST};
use toml::Spanned;

use super::fault::Fault;
use super::file;
use super::loader::{Loader, open};
use super::secret::Secret;

/// How a proxy says who asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProxyUserSettings {
    pub header: HeaderName,
    /// What only the proxy knows: whoever reaches this service past it can write any header.
    pub secret: Secret,
}

impl Loader<'_> {
    pub(super) fn proxy_user(
        &mut self,
        section: Option<Spanned<file::ProxyUser>>,
    ) -> Option<Option<ProxyUserSettings>> {
        if section.is_none() {
            return Some(None);
        }
        let (at, section) = open(section);
        let instead = "write the header in which the proxy names who asks, header = \"X-Forwarded-User\"";
        let header = self.required("web.proxy_user.header", at.start, section.header, instead, |text| header(&text));
        let key = "web.proxy_user.secret";
        let found = self.secret(key, section.secret_file, section.secret_credential)?;
        let Some(found) = found else {
            let instead = "write secret_credential = \"NAME\" or secret_file = \"PATH\"";
            return self.note(at.start, key, Fault::new("is missing, and anybody can write a header", instead));
        };
        let instead = "write 24 random bytes or more into it: openssl rand -base64 32";
        let secret =
            self.verify(key, at.start, found, is_secret, "what can be guessed, or no header can carry", instead);
        Some(Some(ProxyUserSettings { header: header?, secret: secret? }))
    }
}

/// Those that browsers fill themselves say nothing of who asks.
fn header(text: &str) -> Result<HeaderName, Fault> {
    let instead = "write the one in which the proxy names who asks, header = \"X-Forwarded-User\"";
    match text.parse::<HeaderName>() {
        Ok(name) if ![AUTHORIZATION, COOKIE, HOST].contains(&name) => Ok(name),
        Ok(_) => Err(Fault::new(format!("{text:?} is a header of browsers"), instead)),
        Err(_) => Err(Fault::new(format!("{text:?} is no name of a header"), instead)),
    }
}

fn is_secret(text: &str) -> bool {
    text.len() >= 24 && text.bytes().all(|b| b.is_ascii_graphic())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_is_one_that_a_proxy_fills() {
        let said = |text: &str| header(text).map(|name| name.to_string()).map_err(|fault| fault.what);
        assert_eq!(said("X-Forwarded-User").as_deref(), Ok("x-forwarded-user"));
        assert!(said("Cookie").is_err_and(|what| what.contains("of browsers")));
        assert!(said("a b").is_err_and(|what| what.contains("no name")));
        assert!(is_secret(&"x".repeat(24)) && !is_secret(&"x".repeat(23)) && !is_secret(&"x ".repeat(24)));
    }
}
