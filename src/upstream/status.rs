//! What the status of an answer means to whoever only reads.

use std::time::Duration;

use reqwest::Response;

use super::error::FetchError;

/// How long a 429 without any advice keeps us away.
const UNADVISED: Duration = Duration::from_secs(60);

/// The answer, where there is one: 200, or 304 to a conditional request. `asked`: how long its headers ask to be left alone.
///
/// # Errors
/// What every other status says.
pub fn sorted(response: Response, asked: Option<Duration>) -> Result<Response, FetchError> {
    match response.status().as_u16() {
        200 | 304 => Ok(response),
        404 => Err(FetchError::NotFound),
        410 => Err(FetchError::Gone),
        429 => Err(FetchError::Throttled { after: asked.unwrap_or(UNADVISED) }),
        status @ 300..=399 => Err(FetchError::Elsewhere { status }),
        status @ 500..=599 => Err(FetchError::Failing { status }),
        status => Err(FetchError::Refused { status }),
    }
}
