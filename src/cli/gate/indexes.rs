//! The indexes behind the gate: PyPI, and the private one with the gate's own login.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::Url;
use reqwest::header::HeaderValue;

use super::super::failure::Failure;
use crate::config::{self, Secret, Settings};
use crate::gate::GateIndex;
use crate::registry::{file_client, http_client};

pub(super) const MIRROR: &str = "[gate.private] index has pip, requests and urllib3, so it is a mirror of PyPI: everything would come from it unjudged; write an index of your \
     own packages, or copies = true where somebody chooses which public ones it has";

/// PyPI, and the private one, where there is one.
///
/// # Errors
/// An address or a login that cannot be used.
pub(super) fn of(settings: &Settings) -> Result<(GateIndex, Option<GateIndex>), Failure> {
    let failed = |error: &dyn std::error::Error| Failure::failed(error);
    let http = http_client(settings).and_then(|pages| Ok((pages, file_client(settings)?))).map_err(|e| failed(&e))?;
    let address = |text: &str| Url::parse(text).map_err(|e| failed(&e));
    let pypi = GateIndex::new(address(&format!("{}/simple/", settings.pypi.base))?, http.clone(), None);
    let Some(of) = &settings.gate.private else { return Ok((pypi, None)) };
    let place = of.login.as_ref();
    let login = place.map(|place| config::private_login(&settings.file, &settings.environment, place));
    let login = login.transpose().map_err(Failure::configured)?.map(|login| basic(&login));
    let private = GateIndex::new(address(&of.root)?, http, login.transpose()?).taking_html().apart_from(&pypi);
    Ok((pypi, Some(private)))
}

/// RFC 7617.
fn basic(login: &Secret) -> Result<HeaderValue, Failure> {
    let text = format!("Basic {}", STANDARD.encode(login.expose()));
    HeaderValue::from_str(&text).map_err(|e| Failure::failed(&e))
}
