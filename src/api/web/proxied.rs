//! Whom a proxy names that people sign in at, where it proves that it is the one of the configuration.
//!
//! Its word is a way to sign in, as a password is: it begins a session of an account that is there. While the proxy names somebody, the
//! session of somebody else is none.

use axum::http::{HeaderMap, HeaderName};
use subtle::ConstantTimeEq as _;

use super::door::only;
use crate::config::WebSettings;
use crate::model::UserName;

/// What the proxy proves itself by.
const PROOF: HeaderName = HeaderName::from_static("x-namewarden-proxy");

/// Who asks, as a proxy of ours says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Word {
    /// There is no such proxy, or this request did not come by it, or it names nobody.
    None,
    /// It names somebody, and does not prove that it is ours.
    Unproven,
    /// It names what can be no account.
    NoName,
    User(UserName),
}

pub(super) fn word(web: &WebSettings, headers: &HeaderMap) -> Word {
    let Some(proxy) = &web.proxy_user else { return Word::None };
    if !headers.contains_key(&proxy.header) {
        return Word::None;
    }
    let is_proven = only(headers, &PROOF).is_some_and(|shown| is_secret(shown, proxy.secret.expose()));
    match only(headers, &proxy.header) {
        _ if !is_proven => Word::Unproven,
        Some("") => Word::None,
        Some(name) => name.parse().map_or(Word::NoName, Word::User),
        None => Word::NoName,
    }
}

/// Does a proxy of ours name whoever asks?
pub(super) fn is_named(web: &WebSettings, headers: &HeaderMap) -> bool {
    matches!(word(web, headers), Word::User(_))
}

/// May a session of this account be used by whoever asks?
pub(super) fn is_theirs(web: &WebSettings, headers: &HeaderMap, account: &UserName) -> bool {
    match word(web, headers) {
        Word::None | Word::Unproven => true,
        Word::NoName => false,
        Word::User(named) => named == *account,
    }
}

/// In a time that does not depend on where they differ. A secret that this process may not read is nobody's.
fn is_secret(shown: &str, of: &str) -> bool {
    !of.is_empty() && shown.as_bytes().ct_eq(of.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{ProxyUserSettings, Secret};

    const SECRET: &str = "what-only-the-proxy-knows";

    fn said(pairs: &[(&str, &str)]) -> Word {
        let proxy_user =
            ProxyUserSettings { header: HeaderName::from_static("x-forwarded-user"), secret: Secret::new(SECRET) };
        let web = WebSettings { proxy_user: Some(proxy_user), ..WebSettings::default() };
        word(&web, &headers(pairs))
    }

    fn headers(pairs: &[(&str, &str)]) -> HeaderMap {
        let mut all = HeaderMap::new();
        for (name, value) in pairs {
            all.append(name.parse::<HeaderName>().expect("a name"), value.parse().expect("a value"));
        }
        all
    }

    #[test]
    fn only_who_knows_the_secret_says_who_asks_and_says_it_once() {
        let (user, proof) = ("x-forwarded-user", "x-namewarden-proxy");
        let ada = Word::User("ada".parse().expect("a name"));
        assert_eq!(said(&[(user, "Ada"), (proof, SECRET)]), ada);
        assert_eq!(said(&[(user, "ada")]), Word::Unproven);
        assert_eq!(said(&[(user, "ada"), (proof, "another")]), Word::Unproven);
        assert_eq!(
            said(&[(user, "ada"), (proof, SECRET), (proof, SECRET)]),
            Word::Unproven,
            "one was sent by the browser"
        );
        assert_eq!(said(&[(user, "ada"), (user, "eve"), (proof, SECRET)]), Word::NoName);
        assert_eq!(said(&[(user, "no name"), (proof, SECRET)]), Word::NoName);
        assert_eq!((said(&[(proof, SECRET)]), said(&[(user, ""), (proof, SECRET)])), (Word::None, Word::None));
        let none = WebSettings::default();
        assert_eq!(word(&none, &headers(&[(user, "ada"), (proof, "")])), Word::None, "nobody is believed unasked");
    }

    #[test]
    fn a_secret_that_could_not_be_read_proves_nothing() {
        assert!(!is_secret("", "") && is_secret("x", "x") && !is_secret("x", "y"));
    }
}
