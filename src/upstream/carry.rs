//! A request that another crate made, sent by a client of ours: in time, and with an end to what is read of the answer.

use std::time::Duration;

use hyper::{Request, Response};

use super::body;
use super::client::HttpClient;
use super::error::FetchError;

/// Sends it, and gives the whole answer, whatever its status.
///
/// # Errors
/// No answer that is whole, in time and no larger than `limit`.
pub async fn carried(
    http: &HttpClient,
    request: Request<Vec<u8>>,
    (wait, limit): (Duration, u64),
) -> Result<Response<Vec<u8>>, FetchError> {
    let mut request = reqwest::Request::try_from(request).map_err(FetchError::sending)?;
    *request.timeout_mut() = Some(wait);
    let answer = http.raw().execute(request).await.map_err(FetchError::sending)?;
    let (status, headers) = (answer.status(), answer.headers().clone());
    let mut whole = Response::new(body::whole(answer, limit).await?);
    *whole.status_mut() = status;
    *whole.headers_mut() = headers;
    Ok(whole)
}
