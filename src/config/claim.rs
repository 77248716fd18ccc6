//! What the configuration says about packages that hold names of ours.

use std::path::PathBuf;

use crate::model::version::Pep440;

/// What a package says in the company's name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaimSettings {
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
}
