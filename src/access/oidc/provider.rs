//! The provider: what it says of itself, kept for some minutes, and the way on which it is asked.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use futures_util::future::BoxFuture;
use openidconnect::{AsyncHttpClient, HttpRequest, HttpResponse, IssuerUrl};
use tokio::sync::Mutex;

use super::metadata::ProviderSays;
use super::trouble::OidcTrouble;
use crate::clock::Clock;
use crate::config::{Settings, is_receiver};
use crate::registry::provider_client;
use crate::upstream::{HttpClient, carried};

/// Longest answer, bytes.
const MOST: u64 = 1_000_000;
/// Somebody waits for it.
const WAIT: Duration = Duration::from_secs(10);
/// How long it is believed what a provider says of itself, and that it cannot say it.
const KEPT: Duration = Duration::from_mins(10);
const TROUBLED: Duration = Duration::from_secs(15);
/// Nobody can have it asked anew more often by naming keys that there are not.
const REST: Duration = Duration::from_secs(10);

/// One for all who sign in: whoever comes while it is asked waits for that answer.
#[derive(Default)]
pub struct Provider {
    http: OnceLock<HttpClient>,
    looked: Mutex<Option<Looked>>,
}

/// What was found, and when that was.
struct Looked {
    issuer: String,
    at: Duration,
    found: Result<Arc<ProviderSays>, OidcTrouble>,
}

impl Looked {
    fn is_good(&self, issuer: &str, kept: Duration, mono: Duration) -> bool {
        let kept = if self.found.is_ok() { kept } else { TROUBLED };
        self.issuer == issuer && mono.saturating_sub(self.at) < kept
    }
}

impl Provider {
    /// What it says of itself, with its keys.
    pub(super) async fn known(
        &self,
        settings: &Settings,
        issuer: &str,
        clock: &Clock,
    ) -> Result<Arc<ProviderSays>, OidcTrouble> {
        self.looked_up(settings, issuer, (KEPT, clock)).await
    }

    /// The same, but what was found just now alone: a key is not among them.
    pub(super) async fn renewed(
        &self,
        settings: &Settings,
        issuer: &str,
        clock: &Clock,
    ) -> Result<Arc<ProviderSays>, OidcTrouble> {
        self.looked_up(settings, issuer, (REST, clock)).await
    }

    async fn looked_up(
        &self,
        settings: &Settings,
        issuer: &str,
        (kept, clock): (Duration, &Clock),
    ) -> Result<Arc<ProviderSays>, OidcTrouble> {
        let mut looked = self.looked.lock().await;
        if let Some(looked) = looked.as_ref().filter(|looked| looked.is_good(issuer, kept, clock.mono())) {
            return looked.found.clone();
        }
        let found = discovered(self.asking(settings, issuer)?, issuer).await.map(Arc::new);
        *looked = Some(Looked { issuer: issuer.to_owned(), at: clock.mono(), found: found.clone() });
        found
    }

    /// What requests leave by that this provider asks for.
    pub(super) fn asking(&self, settings: &Settings, issuer: &str) -> Result<Asking, OidcTrouble> {
        Ok(Asking { http: self.http(settings)?.clone(), issuer: issuer.to_owned() })
    }

    /// How requests leave is the same for as long as the daemon runs.
    fn http(&self, settings: &Settings) -> Result<&HttpClient, OidcTrouble> {
        if let Some(http) = self.http.get() {
            return Ok(http);
        }
        let http = provider_client(settings).map_err(|error| OidcTrouble::NoClient(error.to_string()))?;
        Ok(self.http.get_or_init(|| http))
    }
}

async fn discovered(ask: Asking, issuer: &str) -> Result<ProviderSays, OidcTrouble> {
    let named = IssuerUrl::new(issuer.to_owned()).map_err(|_| OidcTrouble::OtherIssuer)?;
    Ok(ProviderSays::discover_async(named, &ask).await?)
}

/// Sends requests to addresses that the provider named.
#[derive(Clone)]
pub(super) struct Asking {
    http: HttpClient,
    issuer: String,
}

impl Asking {
    async fn asked(self, request: HttpRequest) -> Result<HttpResponse, OidcTrouble> {
        if !is_safe(&self.issuer, &request.uri().to_string()) {
            return Err(OidcTrouble::Clear);
        }
        Ok(carried(&self.http, request, (WAIT.min(self.http.timeout), MOST)).await?)
    }
}

impl<'c> AsyncHttpClient<'c> for Asking {
    type Error = OidcTrouble;
    type Future = BoxFuture<'c, Result<HttpResponse, OidcTrouble>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(self.clone().asked(request))
    }
}

/// Over TLS; in clear text to this machine alone, and only where the operator wrote such an issuer.
pub(super) fn is_safe(issuer: &str, address: &str) -> bool {
    address.starts_with("https://") || (issuer.starts_with("http://") && is_receiver(address))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_provider_leads_nowhere_in_clear_text() {
        let (afar, here) = ("https://login.acme.example", "http://127.0.0.1:3000");
        assert!(is_safe(afar, "https://keys.acme.example/jwks") && is_safe(here, "https://keys.acme.example/jwks"));
        assert!(is_safe(here, "http://127.0.0.1:3000/token") && !is_safe(here, "http://10.0.0.7/token"));
        assert!(!is_safe(afar, "http://127.0.0.1:8470/"), "nobody afar has this machine ask itself");
        assert!(!is_safe(afar, "file:///etc/passwd") && !is_safe(here, "file:///etc/passwd"));
    }

    #[test]
    fn what_was_found_is_kept_for_minutes_and_trouble_for_seconds() {
        let looked = |found| Looked { issuer: "https://a.example".to_owned(), at: Duration::from_secs(100), found };
        let is_good = |of: &Looked, after: u64| of.is_good("https://a.example", KEPT, Duration::from_secs(100 + after));
        let silent = looked(Err(OidcTrouble::NotReady));
        assert!(is_good(&silent, 14) && !is_good(&silent, 15));
        assert!(!silent.is_good("https://b.example", KEPT, Duration::from_secs(100)), "another provider");
    }
}
