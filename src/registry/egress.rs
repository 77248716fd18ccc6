//! The way out: the HTTP client as the configuration wants it.

use crate::config::Settings;
use crate::upstream::{ClientError, Egress, HttpClient};

/// The HTTP client for PyPI and the channels.
pub fn http_client(settings: &Settings) -> Result<HttpClient, ClientError> {
    HttpClient::new(&egress(settings))
}

/// The same for files, whose digests are known.
pub fn file_client(settings: &Settings) -> Result<HttpClient, ClientError> {
    HttpClient::of_files(&egress(settings))
}

/// The same for uploads: what carries a token follows no redirect.
pub fn upload_client(settings: &Settings) -> Result<HttpClient, ClientError> {
    HttpClient::unmoved(&egress(settings))
}

/// The same for a provider at which people sign in: a code and a secret go to nobody to whom it leads.
pub fn provider_client(settings: &Settings) -> Result<HttpClient, ClientError> {
    HttpClient::unmoved(&egress(settings))
}

fn egress(settings: &Settings) -> Egress<'_> {
    Egress {
        contact: &settings.contact,
        proxy: settings.http.proxy.as_deref(),
        ca_file: settings.http.ca_file.as_ref().map(|file| file.path.as_path()),
        timeout: settings.http.timeout,
    }
}
