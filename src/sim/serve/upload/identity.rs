//! Who uploads: the token of the request, in each of the three ways that PyPI takes it.

use axum::http::{HeaderMap, header};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::answer::{Said, help};
use crate::sim::world::{Holder, Token, World};

/// The token that came, if PyPI knows it and its holder is not frozen. Whether it has expired, or is for this project, is
/// asked later, as PyPI does.
///
/// # Errors
/// For a user name other than `__token__`, and for no valid token: 403, never 401.
pub(super) fn of(world: &World, headers: &HeaderMap) -> Result<Token, Said> {
    let token = presented(headers)?;
    let known = token.and_then(|token| world.accounts.tokens.get(&token));
    let frozen = |token: &&Token| matches!(&token.holder, Holder::User(user) if world.accounts.user(user).frozen);
    known.filter(|token| !frozen(token)).cloned().ok_or_else(|| {
        let see = help("invalid-auth");
        Said::forbidden(format!("Invalid or non-existent authentication information. See {see} for more information."))
    })
}

fn presented(headers: &HeaderMap) -> Result<Option<String>, Said> {
    let authorization = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let Some((method, rest)) = authorization.and_then(|text| text.split_once(' ')) else { return Ok(None) };
    match method.to_ascii_lowercase().as_str() {
        "basic" => basic(rest),
        "bearer" | "token" => Ok(Some(rest.to_owned())),
        _ => Ok(None),
    }
}

fn basic(encoded: &str) -> Result<Option<String>, Said> {
    let decoded = STANDARD.decode(encoded.trim()).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    match decoded.as_deref().and_then(|pair| pair.split_once(':')) {
        None => Ok(None),
        Some(("__token__", token)) => Ok(Some(token.trim().to_owned())),
        Some(_) => Err(Said::forbidden(format!(
            "Username/Password authentication is no longer supported. Migrate to API Tokens or Trusted Publishers \
             instead. See {} and {}",
            help("apitoken"),
            help("trusted-publishers")
        ))),
    }
}
