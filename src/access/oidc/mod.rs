//! Signing in by OpenID Connect: the code flow of OpenID Connect Core 1.0, section 3.1, with PKCE (RFC 7636).
//!
//! A provider says who somebody is; whether they may do anything here is said by the account of that name alone. What is on
//! its way is kept by the browser (`way`), what the provider says of itself for some minutes (`provider`), and what it says of a
//! person is believed only as `believed` finds it.

mod believed;
mod exchange;
mod hints;
mod metadata;
mod provider;
mod trouble;
mod way;

pub use exchange::{Back, Flow, NamedUser};
pub use hints::Hints;
pub use provider::Provider;
pub use trouble::OidcTrouble;
pub use way::{LONGEST, Ways};
