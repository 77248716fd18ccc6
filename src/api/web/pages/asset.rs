//! The style sheet, the script and the mark, for whoever asks: they are the same for everybody, and the page on which one
//! signs in needs them.

use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{Method, StatusCode, Uri};
use axum::response::{IntoResponse as _, Response};

use crate::api::web::assets;
use crate::api::web::refused::{Reason, refuse};

pub(super) async fn show(method: Method, uri: Uri) -> Response {
    let Some(asset) = assets::at(uri.path()) else { return refuse(&Reason::Nothing, &method, &uri) };
    let kept = "public, max-age=31536000, immutable";
    (StatusCode::OK, [(CONTENT_TYPE, asset.media_type), (CACHE_CONTROL, kept)], asset.body).into_response()
}
