//! `[alert.slack.NAME]`: an incoming webhook of Slack.

use serde::Deserialize;

use super::address;
use crate::config::check;
use crate::config::key::Key;
use crate::config::loader::Loader;
use crate::config::secret::Secret;
use crate::model::{Channel, Mention};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// The incoming webhook's address; whoever has it can post, so it is a secret.
    pub url: Secret,
    /// Whom a page calls.
    pub mention: Option<Mention>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a table, [alert.slack.NAME], with url_credential or url_file")]
pub(in crate::config) struct Section {
    /// Path of a file that holds the incoming webhook's address.
    pub(in crate::config) url_file: Key<String>,
    /// Name of a credential that holds it.
    pub(in crate::config) url_credential: Key<String>,
    /// Whom a page calls: `<!here>`, `<!channel>`, `<!subteam^ID>`, `<@ID>`, several with spaces between. Default: nobody.
    mention: Key<String>,
}

/// The channel of a section of that name.
pub(in crate::config) fn named(name: String) -> Channel {
    Channel::Slack(name)
}

/// What a section needs at least.
pub(in crate::config) const NEEDS: &str = "url_credential";

impl Section {
    pub(in crate::config) fn settings(self, loader: &mut Loader<'_>, key: &str, at: usize) -> Option<Settings> {
        let url = loader.receiver(key, at, self.url_file, self.url_credential);
        let mention = loader.optional(&format!("{key}.mention"), self.mention, |text| check::mention(&text));
        Some(Settings { url: url?, mention: mention? })
    }
}

impl Settings {
    /// What must not be seen anywhere.
    pub(in crate::config) fn secrets(&self) -> Vec<String> {
        address::parts(self.url.expose())
    }

    /// What `config check` says of it beside its name.
    pub(in crate::config) fn summary(&self) -> String {
        String::new()
    }
}
