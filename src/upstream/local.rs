//! The client of our own control socket: the same factory's rules, on a Unix socket instead of the network.

use std::path::Path;

use super::body;
use super::error::FetchError;

/// Far above any store.
const FILE_LIMIT: u64 = 1 << 40;
/// The largest reply is an inventory of a million watches; everything that strangers can make grow is paged.
const REPLY_LIMIT: u64 = 256_000_000;

/// Posts JSON to `path` on the socket; gives the status and the reply. How long that may take is the caller's.
///
/// # Errors
/// `Unreachable` when nobody listens there.
pub async fn post(socket: &Path, path: &str, payload: Vec<u8>) -> Result<(u16, Vec<u8>), FetchError> {
    let response = send(socket, path, payload).await?;
    let status = response.status().as_u16();
    Ok((status, body::whole(response, REPLY_LIMIT).await?))
}

/// Posts nothing to `path`, and writes the reply to a file that is open, when it is one. Gives the status, and what was
/// said instead.
///
/// # Errors
/// As for `post`. What was written then is not whole.
pub async fn fetch(socket: &Path, path: &str, into: std::fs::File) -> Result<(u16, Vec<u8>), FetchError> {
    let response = send(socket, path, Vec::new()).await?;
    let status = response.status().as_u16();
    if status != 200 {
        return Ok((status, body::whole(response, REPLY_LIMIT).await?));
    }
    body::poured(response, FILE_LIMIT, tokio::fs::File::from_std(into)).await?;
    Ok((status, Vec::new()))
}

async fn send(socket: &Path, path: &str, payload: Vec<u8>) -> Result<reqwest::Response, FetchError> {
    let _ = rustls::crypto::ring::default_provider().install_default();
    #[expect(clippy::disallowed_methods, reason = "a client of this folder")]
    let builder = reqwest::Client::builder().unix_socket(socket).no_proxy().tls_certs_only([]);
    let client = builder.build().map_err(FetchError::sending)?;
    let request = client.post(format!("http://localhost{path}")).header("content-type", "application/json");
    request.body(payload).send().await.map_err(FetchError::sending)
}
