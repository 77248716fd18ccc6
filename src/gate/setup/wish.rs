//! What is wished of every installer.

use url::Url;

use crate::model::ProjectName;

/// The gate as the only index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetupWish {
    /// How clients reach the gate, without a slash at its end.
    pub gate: Url,
    /// Packages that are kept to this index by name, should another be added later.
    pub pins: Vec<ProjectName>,
}

impl SetupWish {
    /// Of the simple API, with a slash at its end.
    pub(super) fn index(&self) -> String {
        format!("{}/simple/", self.gate.as_str().trim_end_matches('/'))
    }

    /// Is this address the gate's index, whoever is to be known there?
    pub(super) fn is_index(&self, address: &str) -> bool {
        let bare = |text: &str| {
            let mut url = Url::parse(text.trim()).ok()?;
            // An address that can have no account has none.
            let _ = (url.set_username(""), url.set_password(None));
            Some(url.as_str().trim_end_matches('/').to_owned())
        };
        bare(address).is_some_and(|address| bare(&self.index()) == Some(address))
    }

    /// Does it lead to the gate, or to a file that the gate gives out?
    pub(super) fn leads_here(&self, url: &Url) -> bool {
        let below = self.gate.path().trim_end_matches('/');
        url.origin() == self.gate.origin()
            && url.path().strip_prefix(below).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }
}
