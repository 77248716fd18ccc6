//! `[alert.pagerduty.NAME]`: a service of PagerDuty with an integration of the Events API v2.

use serde::Deserialize;

use crate::config::check;
use crate::config::fault::Fault;
use crate::config::key::Key;
use crate::config::loader::Loader;
use crate::config::secret::Secret;

/// Where PagerDuty takes events; accounts of its European region have another.
const ADDRESS: &str = "https://events.pagerduty.com/v2/enqueue";
/// Of a routing key, in letters and digits.
const ROUTING_KEY: usize = 32;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// The integration's key; whoever has it can open and close incidents.
    pub routing_key: Secret,
    /// Where events are posted.
    pub url: String,
}

#[derive(Debug, Deserialize)]
#[serde(
    deny_unknown_fields,
    expecting = "a table, [alert.pagerduty.NAME], with routing_key_credential or routing_key_file"
)]
pub(in crate::config) struct Section {
    /// Path of a file that holds the routing key.
    routing_key_file: Key<String>,
    /// Name of a credential that holds it.
    routing_key_credential: Key<String>,
    /// Where events are posted. Default: `https://events.pagerduty.com/v2/enqueue`.
    url: Key<String>,
}

/// What a section needs at least.
pub(in crate::config) const NEEDS: &str = "routing_key_credential";

impl Section {
    pub(in crate::config) fn settings(self, loader: &mut Loader<'_>, key: &str, at: usize) -> Option<Settings> {
        let url = loader.or(&format!("{key}.url"), self.url, ADDRESS.to_owned(), |text| address(&text));
        let key = format!("{key}.routing_key");
        let found = loader.needed(&key, at, self.routing_key_file, self.routing_key_credential);
        let routing_key = found.and_then(|found| {
            let instead = "write the integration key of an Events API v2 integration, 32 letters and digits";
            loader.verify(&key, at, found, is_routing_key, "no routing key", instead)
        });
        Some(Settings { routing_key: routing_key?, url: url? })
    }
}

impl Settings {
    /// What must not be seen anywhere.
    pub(in crate::config) fn secrets(&self) -> Vec<String> {
        vec![self.routing_key.expose().to_owned()]
    }

    /// What `config check` says of it beside its name.
    pub(in crate::config) fn summary(&self) -> String {
        String::new()
    }
}

fn is_routing_key(text: &str) -> bool {
    text.len() == ROUTING_KEY && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

fn address(text: &str) -> Result<String, Fault> {
    if check::is_receiver(text) {
        return Ok(text.to_owned());
    }
    // The text may hold a password, so it is not repeated.
    Err(Fault::new(
        "this is no address to post to",
        "leave it out, or write \"https://events.eu.pagerduty.com/v2/enqueue\" for an account in Europe",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_routing_key_is_32_letters_and_digits() {
        assert!(is_routing_key("R0123456789abcdef0123456789abcde"));
        for bad in ["", "R0123456789abcdef0123456789abcd", "R0123456789abcdef0123456789abc-e"] {
            assert!(!is_routing_key(bad), "{bad}");
        }
        for bad in
            ["", "events.pagerduty.example", "http://events.pagerduty.example/v2/enqueue", "https://a:b@x.example/"]
        {
            assert!(address(bad).is_err(), "{bad}");
        }
    }
}
