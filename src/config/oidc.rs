//! The section `[web.oidc]`: an OpenID Connect provider that says who somebody is.

use toml::Spanned;

use super::check;
use super::fault::Fault;
use super::file;
use super::loader::{Loader, open};
use super::secret::Secret;

/// Longest name on the button, letters.
const LONGEST_NAME: usize = 40;

/// Whom people sign in at, and what of its word counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OidcSettings {
    /// As the provider writes it: it is compared letter by letter.
    pub issuer: String,
    pub client_id: String,
    /// Blank where this process may not read it.
    pub client_secret: Secret,
    pub account: AccountClaim,
    /// What the button says.
    pub name: String,
}

/// Which of the provider's words is the name of an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccountClaim {
    /// A mail address that the provider has verified.
    Email,
    PreferredUsername,
    Sub,
}

impl AccountClaim {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::PreferredUsername => "preferred_username",
            Self::Sub => "sub",
        }
    }
}

impl Loader<'_> {
    pub(super) fn oidc(&mut self, section: Option<Spanned<file::Oidc>>) -> Option<Option<OidcSettings>> {
        if section.is_none() {
            return Some(None);
        }
        let (at, section) = open(section);
        let issuer = self.required("web.oidc.issuer", at.start, section.issuer, WRITE_ISSUER, |text| issuer(&text));
        let instead = "write the name by which the provider knows this service, client_id = \"namewarden\"";
        let client_id =
            self.required("web.oidc.client_id", at.start, section.client_id, instead, |text| shown(&text, 256));
        let account = self.or("web.oidc.account", section.account, AccountClaim::Email, |text| account(&text));
        let named = self.optional("web.oidc.name", section.name, |text| shown(&text, LONGEST_NAME));
        let key = "web.oidc.client_secret";
        let found = self.secret(key, section.client_secret_file, section.client_secret_credential)?;
        let Some(found) = found else {
            let instead = "write client_secret_credential = \"NAME\" or client_secret_file = \"PATH\"";
            return self.note(at.start, key, Fault::new("is missing", instead));
        };
        let issuer = issuer?;
        let name = named?.unwrap_or_else(|| host(&issuer));
        Some(Some(OidcSettings { issuer, client_id: client_id?, client_secret: found.secret, account: account?, name }))
    }
}

const WRITE_ISSUER: &str =
    "write it as the provider does, issuer = \"https://login.your.example\"; http:// is for this machine only";

fn issuer(text: &str) -> Result<String, Fault> {
    let url = check::web(text).map_err(|what| Fault::new(format!("this address {what}"), WRITE_ISSUER))?;
    if url.query().is_some() || url.fragment().is_some() || url.path().ends_with("/.well-known/openid-configuration") {
        return Err(Fault::new(format!("{text:?} goes on after the issuer"), WRITE_ISSUER));
    }
    if url.scheme() != "https" && !check::is_loopback_base(text) {
        return Err(Fault::new(format!("{text:?} is clear text over a network"), WRITE_ISSUER));
    }
    Ok(text.to_owned())
}

fn account(text: &str) -> Result<AccountClaim, Fault> {
    let all = [AccountClaim::Email, AccountClaim::PreferredUsername, AccountClaim::Sub];
    all.into_iter().find(|claim| claim.as_str() == text).ok_or_else(|| {
        let what = format!("{text:?} is nothing that names an account");
        Fault::new(what, "write \"email\", \"preferred_username\" or \"sub\"")
    })
}

/// One line, of which everything is to be seen.
fn shown(text: &str, most: usize) -> Result<String, Fault> {
    if text.trim() == text && !text.is_empty() && text.chars().count() <= most && !text.contains(char::is_control) {
        return Ok(text.to_owned());
    }
    Err(Fault::new(
        "is no line that can be shown",
        format!("write 1 to {most} letters, without white space around them"),
    ))
}

fn host(issuer: &str) -> String {
    check::web(issuer).ok().and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_issuer_is_an_address_over_tls_or_of_this_machine() {
        let said = |text: &str| issuer(text).map_err(|fault| fault.what);
        for good in ["https://login.acme.example", "https://login.acme.example/realms/staff/", "http://127.0.0.1:3000"]
        {
            assert_eq!(said(good).as_deref(), Ok(good), "as it stands");
        }
        for (wrong, why) in [
            ("http://login.acme.example", "clear text"),
            ("https://a:b@login.acme.example", "account"),
            ("https://login.acme.example?x", "goes on"),
            ("https://login.acme.example/.well-known/openid-configuration", "goes on"),
            ("login.acme.example", "no web address"),
        ] {
            assert!(said(wrong).is_err_and(|what| what.contains(why) && !what.contains("a:b")), "{wrong}");
        }
        assert_eq!(host("https://login.acme.example/realms/staff"), "login.acme.example");
    }

    #[test]
    fn what_names_an_account_is_one_of_three_and_a_button_has_one_line() {
        for claim in [AccountClaim::Email, AccountClaim::PreferredUsername, AccountClaim::Sub] {
            assert_eq!(account(claim.as_str()).ok(), Some(claim));
        }
        assert!(account("name").is_err_and(|fault| fault.instead.contains("preferred_username")));
        assert!(shown("Acme SSO", 8).is_ok());
        for wrong in ["", " Acme", "Acme\nSSO", "Acme SSO!"] {
            assert!(shown(wrong, 8).is_err(), "{wrong:?}");
        }
    }
}
