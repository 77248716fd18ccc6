//! The token that a program shows (RFC 6750, section 2.1).

use super::in_passing::in_passing;
use super::site::Site;
use crate::access::token::{self, Shown};
use crate::store::StoreError;

/// Whose it is, if it is good. That it was used is written down once an hour, in passing.
pub(super) async fn shown(site: &Site, header: &str) -> Result<Option<Shown>, StoreError> {
    let Some((scheme, text)) = header.split_once(' ') else { return Ok(None) };
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Ok(None);
    }
    let (text, now) = (text.trim().to_owned(), site.now());
    let shown = site.store().read(move |tx| token::find(tx, &text, now)).await?;
    if let Some(Shown { id, is_stale: true, .. }) = shown {
        in_passing("that a token is used", site.store().write(move |tx| tx.tokens().touch(id, now))).await;
    }
    Ok(shown)
}
