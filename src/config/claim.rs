//! What the configuration says about packages that hold names of ours.

use std::path::PathBuf;
use std::time::Duration;

use super::uploads::UploadSettings;
use crate::model::version::Pep440;

/// What is published in the company's name, and whether anything is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaimSettings {
    /// Nothing is sent to a registry while this is false.
    pub enabled: bool,
    /// Who publishes, as people know it.
    pub company: Option<String>,
    /// The mail address for questions, read by people.
    pub contact: Option<String>,
    /// The private index as the public may know it.
    pub index: Option<String>,
    /// The company's page.
    pub homepage: Option<String>,
    /// A page on why the company holds names.
    pub policy: Option<String>,
    /// Directory of the team's own texts; `None`: those that are compiled in.
    pub templates: Option<PathBuf>,
    /// Of the packages. Without a local part.
    pub version: Pep440,
    /// An SPDX expression.
    pub license: String,
    /// Hosts of the company that the public may know.
    pub public_hosts: Vec<String>,
    /// Customers, whose names nothing published may hold.
    pub customers: Vec<String>,
    /// Ours on PyPI.
    pub organization: Option<String>,
    /// How long a claim that the configuration makes waits for somebody to stop it.
    pub window: Duration,
    /// May one person plan and approve?
    pub one_person: bool,
    pub upload: UploadSettings,
}

impl Default for ClaimSettings {
    /// Those of a configuration that says nothing: nothing is published.
    fn default() -> Self {
        Self {
            enabled: false,
            company: None,
            contact: None,
            index: None,
            homepage: None,
            policy: None,
            templates: None,
            version: Pep440::read("0.0.1").expect("a version"),
            license: "MIT".to_owned(),
            public_hosts: Vec::new(),
            customers: Vec::new(),
            organization: None,
            window: Duration::from_hours(24),
            one_person: false,
            upload: UploadSettings { to: None, test: None, user: "namewarden-claim".to_owned(), per_day: 3 },
        }
    }
}
