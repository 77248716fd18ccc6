//! `OidcTrouble`: every way in which a provider does not sign somebody in, in words of ours. None holds a code, a token, a secret or
//! anything else that the provider wrote but a name that an account could have.

use openidconnect::core::{CoreErrorResponseType, CoreRequestTokenError};
use openidconnect::{
    ClaimsVerificationError, ConfigurationError, DiscoveryError, RequestTokenError, SignatureVerificationError,
    UserInfoError,
};

use crate::config::AccountClaim;
use crate::model::UserName;
use crate::upstream::FetchError;

/// Why nobody was signed in, and what to do: whoever tried reads it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OidcTrouble {
    #[error("The provider cannot be asked: {0}. Sign in with a password, or try again in a minute.")]
    Silent(String),
    #[error(
        "The provider answers HTTP {0} where it says of itself how it is asked. Whoever runs this compares \
         [web.oidc] issuer."
    )]
    Metadata(u16),
    #[error(
        "The provider calls itself by another address than [web.oidc] issuer. Whoever runs this writes it as the \
         provider does."
    )]
    OtherIssuer,
    #[error("The provider leads to an address without TLS, to which nothing is sent. Whoever runs it mends that.")]
    Clear,
    #[error(
        "What the provider answers cannot be understood. Sign in with a password; whoever runs this compares \
         [web.oidc] issuer."
    )]
    Garbled,
    #[error("No request can leave: {0}.")]
    NoClient(String),
    #[error("This machine gives no random bits, without which nobody can be sent to a provider.")]
    NoBits,

    #[error(
        "What came back is not what this browser asked for, was used already, or took longer than 10 minutes. \
         Begin again, with cookies allowed, at the address that the provider leads back to."
    )]
    Lost,
    #[error("The provider signs you in for nothing: you declined, or you may not use this. Ask whoever runs it.")]
    Declined,
    #[error("The provider is not ready to sign anybody in. Sign in with a password, or try again in a minute.")]
    NotReady,
    #[error(
        "The provider does not take how this asks. Whoever runs this compares [web.oidc] client_id and the address \
         that the provider leads back to."
    )]
    NotTaken,
    #[error("The provider refuses, and says no reason that is known here. Try again, or sign in with a password.")]
    Refused,
    #[error("The provider takes this code no longer. Begin again.")]
    OldCode,
    #[error("The provider does not take [web.oidc] client_id with its secret. Whoever runs this compares both.")]
    Secret,

    #[error(
        "The provider says who somebody is in no signed way: there is no ID token. Whoever runs it has to allow \
         the scope openid."
    )]
    NoToken,
    #[error("What the provider says of you is not signed.")]
    Unsigned,
    #[error(
        "What the provider says of you is signed in a way that is not taken: one of RS256, ES256, PS256 and EdDSA \
         is."
    )]
    Algorithm,
    #[error("What the provider says of you is signed by a key that it does not name. Try again in a minute.")]
    UnknownKey,
    #[error("What the provider says of you has a wrong signature.")]
    Signature,
    #[error("What the provider says of you is said by another.")]
    Issuer,
    #[error("What the provider says of you is said to another service than this.")]
    Audience,
    #[error(
        "What the provider says of you is over by the clock of this machine. Try again; whoever runs this compares \
         both clocks."
    )]
    Expired,
    #[error(
        "What the provider says of you was said in the future by the clock of this machine. Whoever runs this \
         compares both clocks."
    )]
    TooEarly,
    #[error("What the provider says of you was not said for this sign-in.")]
    Nonce,

    #[error(
        "The provider does not say your {}. Whoever runs it lets this service have it, or [web.oidc] account says \
         another.", .0.as_str()
    )]
    NoName(AccountClaim),
    #[error("The provider has not verified your mail address. Have it verified there, or ask whoever runs it.")]
    Unverified,
    #[error(
        "The provider names you as no account can be called. Whoever runs this writes another as [web.oidc] \
         account."
    )]
    BadName,
    #[error(
        "The provider tells people apart by the size of letters in `sub`, and accounts here have small ones alone. \
         Whoever runs this writes another as [web.oidc] account: email, or preferred_username."
    )]
    Capitals,
    #[error("There is no account {0} here. Whoever runs this makes one: namewarden user add {0} --role viewer")]
    NoAccount(UserName),
    #[error("The proxy in front of this page names another than the provider does. Sign out at one of them.")]
    OtherUser,
    #[error("Too many tries. Try again in {0} seconds.")]
    TooMany(u64),
}

impl OidcTrouble {
    /// Can nobody mend it who signs in?
    pub fn is_ours_to_mend(&self) -> bool {
        matches!(
            self,
            Self::Silent(_)
                | Self::Metadata(_)
                | Self::OtherIssuer
                | Self::Clear
                | Self::Garbled
                | Self::NoClient(_)
                | Self::NoBits
                | Self::NotReady
                | Self::NotTaken
                | Self::Secret
        )
    }

    /// What a provider sends back in place of a code (RFC 6749, section 4.1.2.1; OpenID Connect Core, section 3.1.2.6).
    pub(super) fn sent_back(error: &str) -> Self {
        match error {
            "access_denied"
            | "login_required"
            | "interaction_required"
            | "consent_required"
            | "account_selection_required" => Self::Declined,
            "temporarily_unavailable" | "server_error" => Self::NotReady,
            "invalid_request" | "unauthorized_client" | "unsupported_response_type" | "invalid_scope" => Self::NotTaken,
            _ => Self::Refused,
        }
    }
}

impl From<FetchError> for OidcTrouble {
    fn from(error: FetchError) -> Self {
        Self::Silent(error.to_string())
    }
}

impl From<DiscoveryError<Self>> for OidcTrouble {
    fn from(error: DiscoveryError<Self>) -> Self {
        match error {
            DiscoveryError::Request(trouble) => trouble,
            DiscoveryError::Response(status, ..) if status.as_u16() != 200 => Self::Metadata(status.as_u16()),
            DiscoveryError::Validation(_) => Self::OtherIssuer,
            _ => Self::Garbled,
        }
    }
}

impl From<ConfigurationError> for OidcTrouble {
    fn from(_: ConfigurationError) -> Self {
        Self::Garbled
    }
}

impl From<CoreRequestTokenError<Self>> for OidcTrouble {
    fn from(error: CoreRequestTokenError<Self>) -> Self {
        use CoreErrorResponseType::{InvalidClient, InvalidGrant, UnauthorizedClient};
        match error {
            RequestTokenError::Request(trouble) => trouble,
            RequestTokenError::ServerResponse(said) => match said.error() {
                InvalidGrant => Self::OldCode,
                InvalidClient | UnauthorizedClient => Self::Secret,
                _ => Self::Refused,
            },
            _ => Self::Garbled,
        }
    }
}

impl From<UserInfoError<Self>> for OidcTrouble {
    fn from(error: UserInfoError<Self>) -> Self {
        match error {
            UserInfoError::Request(trouble) => trouble,
            UserInfoError::ClaimsVerification(error) => error.into(),
            _ => Self::Garbled,
        }
    }
}

impl From<ClaimsVerificationError> for OidcTrouble {
    fn from(error: ClaimsVerificationError) -> Self {
        use ClaimsVerificationError as Claims;
        match error {
            Claims::Expired(_) => Self::Expired,
            Claims::InvalidAudience(_) => Self::Audience,
            Claims::InvalidIssuer(_) => Self::Issuer,
            Claims::InvalidNonce(_) => Self::Nonce,
            Claims::SignatureVerification(error) => error.into(),
            _ => Self::Garbled,
        }
    }
}

impl From<SignatureVerificationError> for OidcTrouble {
    fn from(error: SignatureVerificationError) -> Self {
        use SignatureVerificationError as Signature;
        match error {
            Signature::NoSignature => Self::Unsigned,
            Signature::NoMatchingKey => Self::UnknownKey,
            Signature::DisallowedAlg(_) | Signature::UnsupportedAlg(_) => Self::Algorithm,
            _ => Self::Signature,
        }
    }
}
