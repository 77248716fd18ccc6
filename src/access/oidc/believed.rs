//! What of a provider's word is believed, and what it comes to: whom it names. Pure, of the moment that it is told.

use chrono::TimeDelta;
use openidconnect::core::{
    CoreGenderClaim, CoreIdToken, CoreIdTokenClaims, CoreIdTokenVerifier, CoreJwsSigningAlgorithm, CoreUserInfoClaims,
};
use openidconnect::{ClientId, Nonce, StandardClaims};

use super::metadata::ProviderSays;
use super::trouble::OidcTrouble;
use crate::config::AccountClaim;
use crate::model::{Time, UserName};

/// By so much two clocks that are looked after may differ.
const SKEW: TimeDelta = TimeDelta::minutes(1);

/// What a provider signs with a key of its own. What is signed with our secret could be signed by whoever else has it.
const TAKEN: [CoreJwsSigningAlgorithm; 9] = [
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha384,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha512,
    CoreJwsSigningAlgorithm::RsaSsaPssSha256,
    CoreJwsSigningAlgorithm::RsaSsaPssSha384,
    CoreJwsSigningAlgorithm::RsaSsaPssSha512,
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
    CoreJwsSigningAlgorithm::EcdsaP384Sha384,
    CoreJwsSigningAlgorithm::EdDsa,
];

/// The claims of an ID token that is good now, for us and for this sign-in (OpenID Connect Core, section 3.1.3.7).
pub(super) fn believed<'t>(
    token: &'t CoreIdToken,
    provider: &ProviderSays,
    client: &ClientId,
    nonce: &str,
    now: Time,
) -> Result<&'t CoreIdTokenClaims, OidcTrouble> {
    let (issuer, keys) = (provider.issuer().clone(), provider.jwks().clone());
    let verifier = CoreIdTokenVerifier::new_public_client(client.clone(), issuer, keys)
        .set_allowed_algs(TAKEN)
        .set_time_fn(move || now - SKEW);
    let claims = token.claims(&verifier, &Nonce::new(nonce.to_owned()))?;
    if claims.authorized_party().is_some_and(|party| party != client) {
        return Err(OidcTrouble::Audience);
    }
    if claims.issue_time() > now + SKEW {
        return Err(OidcTrouble::TooEarly);
    }
    Ok(claims)
}

/// Whom the provider speaks of, by one source of its words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Person {
    sub: String,
    email: Option<String>,
    is_verified: Option<bool>,
    username: Option<String>,
}

impl From<&CoreIdTokenClaims> for Person {
    fn from(claims: &CoreIdTokenClaims) -> Self {
        Self {
            sub: claims.subject().to_string(),
            email: claims.email().map(|email| email.to_string()),
            is_verified: claims.email_verified(),
            username: claims.preferred_username().map(|name| name.to_string()),
        }
    }
}

impl From<&CoreUserInfoClaims> for Person {
    fn from(claims: &CoreUserInfoClaims) -> Self {
        let said: &StandardClaims<CoreGenderClaim> = claims.standard_claims();
        Self {
            sub: said.subject().to_string(),
            email: said.email().map(|email| email.to_string()),
            is_verified: said.email_verified(),
            username: said.preferred_username().map(|name| name.to_string()),
        }
    }
}

impl Person {
    /// Is it to be asked elsewhere? Providers may say of a person in an ID token no more than who signed in (section 5.4).
    pub(super) fn lacks(&self, claim: AccountClaim) -> bool {
        match claim {
            AccountClaim::Email => self.email.is_none() || self.is_verified.is_none(),
            AccountClaim::PreferredUsername => self.username.is_none(),
            AccountClaim::Sub => false,
        }
    }

    /// The account that they would have.
    pub(super) fn account(&self, claim: AccountClaim) -> Result<UserName, OidcTrouble> {
        let name = match claim {
            AccountClaim::Email => self.email.as_deref(),
            AccountClaim::PreferredUsername => self.username.as_deref(),
            AccountClaim::Sub => Some(self.sub.as_str()),
        };
        let name = name.filter(|name| !name.is_empty()).ok_or(OidcTrouble::NoName(claim))?;
        if claim == AccountClaim::Email && self.is_verified != Some(true) {
            return Err(OidcTrouble::Unverified);
        }
        // Two of them may differ in nothing else (OpenID Connect Core, section 2), and accounts are called in small letters.
        if claim == AccountClaim::Sub && name.bytes().any(|b| b.is_ascii_uppercase()) {
            return Err(OidcTrouble::Capitals);
        }
        name.parse().map_err(|_| OidcTrouble::BadName)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(email: Option<&str>, is_verified: Option<bool>, username: Option<&str>) -> Person {
        let owned = |text: Option<&str>| text.map(str::to_owned);
        Person { sub: "00u1".to_owned(), email: owned(email), is_verified, username: owned(username) }
    }

    #[test]
    fn a_mail_address_counts_only_where_the_provider_verified_it() {
        let named = |email, is_verified| {
            person(email, is_verified, None).account(AccountClaim::Email).map(|name| name.to_string())
        };
        let ada = Some("Ada@acme.example");
        assert_eq!(named(ada, Some(true)), Ok("ada@acme.example".to_owned()));
        assert_eq!(named(ada, Some(false)), Err(OidcTrouble::Unverified));
        assert_eq!(named(ada, None), Err(OidcTrouble::Unverified), "said nothing");
        for none in [None, Some("")] {
            assert_eq!(named(none, Some(true)), Err(OidcTrouble::NoName(AccountClaim::Email)));
        }
        assert_eq!(named(Some("<b>@acme.example"), Some(true)), Err(OidcTrouble::BadName));
    }

    #[test]
    fn each_claim_names_an_account_by_itself_alone() {
        let ada = person(Some("a@acme.example"), Some(true), Some("Ada"));
        let named = |claim| ada.account(claim).map(|name| name.to_string());
        assert_eq!(named(AccountClaim::PreferredUsername), Ok("ada".to_owned()));
        assert_eq!(named(AccountClaim::Sub), Ok("00u1".to_owned()));
        for sub in ["aB", "Ab", "00U1"] {
            let capital = Person { sub: sub.to_owned(), ..person(None, None, None) };
            assert_eq!(
                capital.account(AccountClaim::Sub),
                Err(OidcTrouble::Capitals),
                "{sub} is not who has small letters"
            );
        }
        let bare = person(None, None, None);
        let no_name = OidcTrouble::NoName(AccountClaim::PreferredUsername);
        assert_eq!(bare.account(AccountClaim::PreferredUsername), Err(no_name), "never by another");
    }

    #[test]
    fn what_an_id_token_leaves_out_is_asked_for() {
        assert!(person(None, Some(true), None).lacks(AccountClaim::Email));
        assert!(person(Some("a@b.example"), None, None).lacks(AccountClaim::Email));
        assert!(!person(Some("a@b.example"), Some(false), None).lacks(AccountClaim::Email));
        assert!(person(Some("a@b.example"), Some(true), None).lacks(AccountClaim::PreferredUsername));
        assert!(!person(None, None, None).lacks(AccountClaim::Sub));
    }
}
