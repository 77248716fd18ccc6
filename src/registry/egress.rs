//! The way out: the HTTP client as the configuration wants it.

use crate::config::Settings;
use crate::upstream::{ClientError, Egress, HttpClient};

/// The HTTP client for PyPI and the channels.
pub fn http_client(settings: &Settings) -> Result<HttpClient, ClientError> {
    HttpClient::new(&Egress {
        contact: &settings.contact,
        proxy: settings.http.proxy.as_deref(),
        ca_file: settings.http.ca_file.as_deref(),
        timeout: settings.http.timeout,
    })
}
