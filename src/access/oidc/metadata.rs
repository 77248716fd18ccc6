//! What a provider says of itself, with what we read of it beside OpenID Connect Discovery 1.0.

use openidconnect::core::{
    CoreAuthDisplay, CoreClaimName, CoreClaimType, CoreClientAuthMethod, CoreGrantType, CoreJsonWebKey,
    CoreJweContentEncryptionAlgorithm, CoreJweKeyManagementAlgorithm, CoreResponseMode, CoreResponseType,
    CoreSubjectIdentifierType,
};
use openidconnect::{AdditionalProviderMetadata, ProviderMetadata};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Where one signs out (OpenID Connect RP-Initiated Logout 1.0, section 2.1), as it was written: one that is no address keeps nobody from
/// signing in.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub(super) struct SignOut {
    #[serde(default)]
    pub(super) end_session_endpoint: Value,
}

impl AdditionalProviderMetadata for SignOut {}

/// openidconnect's own, with that.
pub(super) type ProviderSays = ProviderMetadata<
    SignOut,
    CoreAuthDisplay,
    CoreClientAuthMethod,
    CoreClaimName,
    CoreClaimType,
    CoreGrantType,
    CoreJweContentEncryptionAlgorithm,
    CoreJweKeyManagementAlgorithm,
    CoreJsonWebKey,
    CoreResponseMode,
    CoreResponseType,
    CoreSubjectIdentifierType,
>;
