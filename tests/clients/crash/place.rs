//! A directory as an operator sets it up: configuration, inventory, credentials, and the state that outlives a process.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

use namewarden::model::command::FindingFilter;
use namewarden::model::{Finding, ProjectName};
use namewarden::store::Store;

/// What differs between one configuration and another.
pub(crate) struct Plan<'a> {
    pub(crate) pypi: &'a str,
    pub(crate) smtp_port: u16,
    pub(crate) hook: &'a str,
    /// The lines of `[feeds]`.
    pub(crate) feeds: &'a str,
    pub(crate) inventory: &'a str,
}

/// The directory; gone when it is dropped.
pub(crate) struct Place(tempfile::TempDir);

impl Place {
    /// Writes everything a daemon reads. `default_owner` is `security`, the webhook `soc`.
    pub(crate) fn new(plan: &Plan<'_>) -> Self {
        let place = Self(tempfile::tempdir().expect("a directory"));
        place.write("webhook-url", &format!("{}/hook", plan.hook));
        place.write("webhook-secret", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
        place.write("inventory.toml", plan.inventory);
        place.configure(plan);
        place
    }

    /// Writes the configuration again, for a daemon started later.
    pub(crate) fn configure(&self, plan: &Plan<'_>) {
        let Plan { pypi, smtp_port, feeds, .. } = plan;
        self.write(
            "namewarden.toml",
            &format!(
                "contact = \"crash@example.org\"\nstate_dir = \"state\"\n[pypi]\nbase = \"{pypi}\"\n[feeds]\n{feeds}\n\
                 [alert]\ndefault_owner = \"security\"\ncanary = false\nescalate_after = \"never\"\n\
                 [alert.email]\nhost = \"127.0.0.1\"\nport = {smtp_port}\ntls = \"none\"\n\
                 from = \"namewarden <namewarden@example.org>\"\n\
                 [alert.webhook.soc]\nurl_file = \"webhook-url\"\nsecret_file = \"webhook-secret\"\n\
                 [control]\nsocket = \"control.sock\"\n"
            ),
        );
    }

    /// A file only we may read, as credentials have to be.
    fn write(&self, name: &str, text: &str) {
        let path = self.0.path().join(name);
        fs::write(&path, text).expect("written");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).expect("a mode");
    }

    pub(crate) fn config(&self) -> PathBuf {
        self.0.path().join("namewarden.toml")
    }

    /// The store, once no daemon runs.
    pub(crate) fn store(&self) -> Store {
        Store::open(self.0.path().join("state").as_path()).expect("the store opens, whatever killed its last process")
    }
}

/// Every case of one project.
pub(crate) async fn findings_of(store: &Store, name: &str) -> Vec<Finding> {
    let project = Some(ProjectName::parse(name).expect("valid"));
    let filter = FindingFilter { project, ..FindingFilter::default() };
    store.read(move |tx| tx.findings().list(&filter)).await.expect("reads")
}
