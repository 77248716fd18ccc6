//! The client of our own control socket: the same factory's rules, on a Unix socket instead of the network.

use std::path::Path;

use reqwest::Method;
use reqwest::header::CONTENT_TYPE;

use super::body;
use super::error::FetchError;

/// Far above any store.
const FILE_LIMIT: u64 = 1 << 40;
/// The largest reply is an inventory of a million watches; everything that strangers can make grow is paged.
const REPLY_LIMIT: u64 = 256_000_000;

/// What came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocalReply {
    pub status: u16,
    /// As its header says; empty where there is none.
    pub media_type: String,
    pub body: Vec<u8>,
}

/// Asks for what is at `target`, a path with its query, by this method of HTTP; a body is JSON. How long that may take is the caller's.
///
/// # Errors
/// `Unreachable` when nobody listens there.
pub async fn ask(
    socket: &Path,
    method: &str,
    target: &str,
    payload: Option<Vec<u8>>,
) -> Result<LocalReply, FetchError> {
    let method = Method::from_bytes(method.as_bytes()).unwrap_or_default();
    let response = send(socket, (method, target), payload).await?;
    let status = response.status().as_u16();
    let said = response.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let media_type = said.unwrap_or_default().to_owned();
    Ok(LocalReply { status, media_type, body: body::whole(response, REPLY_LIMIT).await? })
}

/// Asks for what is at `target`, and hands on each part of it as it comes, when it is there. Gives the status, and what was said instead.
///
/// # Errors
/// As for `ask`. What was handed on then is not whole.
pub async fn take(socket: &Path, target: &str, mut part: impl FnMut(&[u8])) -> Result<(u16, Vec<u8>), FetchError> {
    let mut response = send(socket, (Method::GET, target), None).await?;
    let status = response.status().as_u16();
    if status != 200 {
        return Ok((status, body::whole(response, REPLY_LIMIT).await?));
    }
    while let Some(chunk) = response.chunk().await.map_err(FetchError::reading)? {
        part(&chunk);
    }
    Ok((status, Vec::new()))
}

/// Posts JSON to `path` on the socket; gives the status and the reply.
///
/// # Errors
/// As for `ask`.
pub async fn post(socket: &Path, path: &str, payload: Vec<u8>) -> Result<(u16, Vec<u8>), FetchError> {
    let LocalReply { status, body, .. } = ask(socket, "POST", path, Some(payload)).await?;
    Ok((status, body))
}

/// Posts nothing to `path`, and writes the reply to a file that is open, when it is one. Gives the status, and what was
/// said instead.
///
/// # Errors
/// As for `post`. What was written then is not whole.
pub async fn fetch(socket: &Path, path: &str, into: std::fs::File) -> Result<(u16, Vec<u8>), FetchError> {
    let response = send(socket, (Method::POST, path), None).await?;
    let status = response.status().as_u16();
    if status != 200 {
        return Ok((status, body::whole(response, REPLY_LIMIT).await?));
    }
    body::poured(response, FILE_LIMIT, tokio::fs::File::from_std(into)).await?;
    Ok((status, Vec::new()))
}

async fn send(
    socket: &Path,
    (method, target): (Method, &str),
    payload: Option<Vec<u8>>,
) -> Result<reqwest::Response, FetchError> {
    let _ = rustls::crypto::ring::default_provider().install_default();
    #[expect(clippy::disallowed_methods, reason = "a client of this folder")]
    let builder = reqwest::Client::builder().unix_socket(socket).no_proxy().tls_certs_only([]);
    let client = builder.build().map_err(FetchError::sending)?;
    let request = client.request(method, format!("http://localhost{target}"));
    let request = match payload {
        Some(payload) => request.header(CONTENT_TYPE, "application/json").body(payload),
        None => request,
    };
    request.send().await.map_err(FetchError::sending)
}
