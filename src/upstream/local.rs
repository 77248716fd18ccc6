//! The client of our own control socket: the same factory's rules, on a Unix socket instead of the network.

use std::path::Path;
use std::time::Duration;

use super::body;
use super::error::FetchError;

/// A reconcile of all of PyPI through the socket takes seconds; nothing takes minutes.
const PATIENCE: Duration = Duration::from_secs(120);
/// The largest reply is an inventory of a million watches; everything that strangers can make grow is paged.
const REPLY_LIMIT: u64 = 256_000_000;

/// Posts JSON to `path` on the socket; gives the status and the reply.
///
/// # Errors
/// `Unreachable` when nobody listens there.
pub async fn post(socket: &Path, path: &str, payload: Vec<u8>) -> Result<(u16, Vec<u8>), FetchError> {
    let _ = rustls::crypto::ring::default_provider().install_default();
    #[expect(clippy::disallowed_methods, reason = "a client of this folder")]
    let builder = reqwest::Client::builder().unix_socket(socket).timeout(PATIENCE).no_proxy().tls_certs_only([]);
    let client = builder.build().map_err(FetchError::sending)?;
    let request = client.post(format!("http://localhost{path}")).header("content-type", "application/json");
    let response = request.body(payload).send().await.map_err(FetchError::sending)?;
    let status = response.status().as_u16();
    Ok((status, body::whole(response, REPLY_LIMIT).await?))
}
