//! To the provider and back: the address that somebody is sent to, and whom the provider names by the code that comes back.

use std::sync::Arc;

use openidconnect::core::{
    CoreAuthenticationFlow, CoreClient, CoreClientAuthMethod, CoreIdToken, CoreIdTokenClaims, CoreTokenResponse,
    CoreUserInfoClaims,
};
use openidconnect::{
    AuthType, AuthorizationCode, ClientId, ClientSecret, CsrfToken, EndpointMaybeSet, EndpointNotSet, EndpointSet,
    Nonce, OAuth2TokenResponse as _, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, Scope, TokenResponse as _,
};

use super::believed::{Person, believed};
use super::metadata::ProviderSays;
use super::provider::{Provider, is_safe};
use super::trouble::OidcTrouble;
use super::way::Way;
use crate::clock::Clock;
use crate::config::{AccountClaim, OidcSettings, Settings};
use crate::model::UserName;

/// Us, as the provider knows us.
type Client =
    CoreClient<EndpointSet, EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointMaybeSet, EndpointMaybeSet>;

/// Whoever signs in now, and by what.
pub struct Flow<'f> {
    pub provider: &'f Provider,
    pub settings: &'f Settings,
    pub oidc: &'f OidcSettings,
    /// Where the provider leads back to.
    pub lands: String,
    pub clock: &'f Clock,
}

/// What comes back with somebody, in the address.
#[derive(Clone, Default)]
pub struct Back {
    pub code: Option<String>,
    pub error: Option<String>,
    /// Who says so (RFC 9207).
    pub iss: Option<String>,
}

/// Whom a provider named, and its word for it.
pub struct NamedUser {
    pub user: UserName,
    /// The ID token: a secret.
    pub token: String,
}

impl Flow<'_> {
    /// Where the browser goes.
    ///
    /// # Errors
    /// What the provider says of itself cannot be had.
    pub async fn away(&self, way: Way) -> Result<String, OidcTrouble> {
        let provider = self.known().await?;
        let client = self.client(&provider)?;
        let challenge = PkceCodeChallenge::from_code_verifier_sha256(&PkceCodeVerifier::new(way.verifier));
        let (state, nonce) = (CsrfToken::new(way.state), Nonce::new(way.nonce));
        let request = client.authorize_url(CoreAuthenticationFlow::AuthorizationCode, move || state, move || nonce);
        let scope = scope(self.oidc.account).map(|scope| Scope::new(scope.to_owned()));
        let (address, ..) = request.add_scopes(scope).set_pkce_challenge(challenge).url();
        if is_safe(&self.oidc.issuer, address.as_str()) { Ok(address.into()) } else { Err(OidcTrouble::Clear) }
    }

    /// Whom the provider names.
    ///
    /// # Errors
    /// It names nobody whom it can be believed to name.
    pub async fn named(&self, way: &Way, back: &Back) -> Result<NamedUser, OidcTrouble> {
        if back.iss.as_ref().is_some_and(|issuer| *issuer != self.oidc.issuer) {
            return Err(OidcTrouble::Issuer);
        }
        if let Some(error) = &back.error {
            return Err(OidcTrouble::sent_back(error));
        }
        let code = back.code.clone().ok_or(OidcTrouble::Garbled)?;
        let provider = self.known().await?;
        let client = self.client(&provider)?;
        let answer = self.redeemed(&client, AuthorizationCode::new(code), way).await?;
        let token = answer.id_token().ok_or(OidcTrouble::NoToken)?;
        let claims = self.believed(token, &provider, &way.nonce).await?;
        let user = self.person(&client, &answer, claims).await?.account(self.oidc.account)?;
        Ok(NamedUser { user, token: token.to_string() })
    }

    /// Where a browser goes to sign out at the provider, which leads back to this address of ours; `token` is what it said of who signs
    /// out. `None`: it names no such place, or none that is safe, or cannot be asked.
    pub async fn out(&self, token: &str, lands: &str) -> Option<String> {
        let provider = self.known().await.ok()?;
        let place = provider.additional_metadata().end_session_endpoint.as_str()?.to_owned();
        let mut address = url::Url::parse(&place).ok().filter(|_| is_safe(&self.oidc.issuer, &place))?;
        address
            .query_pairs_mut()
            .append_pair("id_token_hint", token)
            .append_pair("client_id", &self.oidc.client_id)
            .append_pair("post_logout_redirect_uri", lands);
        Some(address.into())
    }

    async fn known(&self) -> Result<Arc<ProviderSays>, OidcTrouble> {
        self.provider.known(self.settings, &self.oidc.issuer, self.clock).await
    }

    fn client(&self, provider: &ProviderSays) -> Result<Client, OidcTrouble> {
        let secret = ClientSecret::new(self.oidc.client_secret.expose().to_owned());
        let lands = RedirectUrl::new(self.lands.clone()).map_err(|_| OidcTrouble::Garbled)?;
        let client = CoreClient::from_provider_metadata(provider.clone(), self.id(), Some(secret));
        Ok(client.set_redirect_uri(lands).set_auth_type(proves(provider)))
    }

    fn id(&self) -> ClientId {
        ClientId::new(self.oidc.client_id.clone())
    }

    async fn redeemed(
        &self,
        client: &Client,
        code: AuthorizationCode,
        way: &Way,
    ) -> Result<CoreTokenResponse, OidcTrouble> {
        let ask = self.provider.asking(self.settings, &self.oidc.issuer)?;
        let verifier = PkceCodeVerifier::new(way.verifier.clone());
        Ok(client.exchange_code(code)?.set_pkce_verifier(verifier).request_async(&ask).await?)
    }

    /// A provider may have begun to sign by another key since it was asked.
    async fn believed<'t>(
        &self,
        token: &'t CoreIdToken,
        provider: &ProviderSays,
        nonce: &str,
    ) -> Result<&'t CoreIdTokenClaims, OidcTrouble> {
        match believed(token, provider, &self.id(), nonce, self.clock.now()) {
            Err(OidcTrouble::UnknownKey) => {
                let renewed = self.provider.renewed(self.settings, &self.oidc.issuer, self.clock).await?;
                believed(token, &renewed, &self.id(), nonce, self.clock.now())
            }
            told => told,
        }
    }

    async fn person(
        &self,
        client: &Client,
        answer: &CoreTokenResponse,
        claims: &CoreIdTokenClaims,
    ) -> Result<Person, OidcTrouble> {
        let person = Person::from(claims);
        if !person.lacks(self.oidc.account) || client.user_info_url().is_none() {
            return Ok(person);
        }
        let token = answer.access_token().clone();
        // What no header can carry is no token.
        if !token.secret().bytes().all(|b| b.is_ascii_graphic()) {
            return Err(OidcTrouble::Garbled);
        }
        let ask = self.provider.asking(self.settings, &self.oidc.issuer)?;
        let more: CoreUserInfoClaims =
            client.user_info(token, Some(claims.subject().clone()))?.request_async(&ask).await?;
        Ok(Person::from(&more))
    }
}

fn scope(claim: AccountClaim) -> Option<&'static str> {
    match claim {
        AccountClaim::Email => Some("email"),
        AccountClaim::PreferredUsername => Some("profile"),
        AccountClaim::Sub => None,
    }
}

/// How we prove that we are we: in a header, unless the provider says that it reads the form alone.
fn proves(provider: &ProviderSays) -> AuthType {
    let ways = provider.token_endpoint_auth_methods_supported();
    let takes = |way: CoreClientAuthMethod| ways.is_some_and(|ways| ways.contains(&way));
    match takes(CoreClientAuthMethod::ClientSecretPost) && !takes(CoreClientAuthMethod::ClientSecretBasic) {
        true => AuthType::RequestBody,
        false => AuthType::BasicAuth,
    }
}
