//! `[alert.webhook.NAME]`: a receiver of signed webhooks.

use serde::Deserialize;

use super::address;
use crate::config::check;
use crate::config::key::Key;
use crate::config::loader::Loader;
use crate::config::secret::Secret;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    pub url: Secret,
    /// Standard Webhooks signing secret, `whsec_` and base64.
    pub signing: Secret,
}

#[derive(Debug, Deserialize)]
#[serde(
    deny_unknown_fields,
    expecting = "a table, [alert.webhook.NAME], with url_credential or url_file and secret_credential or secret_file"
)]
pub(in crate::config) struct Section {
    /// Path of a file that holds the receiver's address.
    url_file: Key<String>,
    /// Name of a credential that holds it.
    url_credential: Key<String>,
    /// Path of a file that holds the signing secret, `whsec_…`.
    secret_file: Key<String>,
    /// Name of a credential that holds it.
    secret_credential: Key<String>,
}

/// What a section needs at least.
pub(in crate::config) const NEEDS: &str = "url_credential and secret_credential";

impl Section {
    pub(in crate::config) fn settings(self, loader: &mut Loader<'_>, key: &str, at: usize) -> Option<Settings> {
        let url = loader.receiver(key, at, self.url_file, self.url_credential);
        let key = format!("{key}.secret");
        let signing = loader.needed(&key, at, self.secret_file, self.secret_credential).and_then(|found| {
            let instead = "write whsec_ and 24 to 64 random bytes in base64, as your receiver shows it";
            loader.verify(&key, at, found, check::is_signing_secret, "no signing secret", instead)
        });
        Some(Settings { url: url?, signing: signing? })
    }
}

impl Settings {
    /// What must not be seen anywhere.
    pub(in crate::config) fn secrets(&self) -> Vec<String> {
        let signing = self.signing.expose();
        let own = [signing, signing.trim_start_matches("whsec_")].map(str::to_owned);
        address::parts(self.url.expose()).into_iter().chain(own).collect()
    }

    /// What `config check` says of it beside its name.
    pub(in crate::config) fn summary(&self) -> String {
        "signed".to_owned()
    }
}
