//! What a package is made of beside its texts.

use crate::model::ProjectName;
use crate::model::version::Pep440;

/// Everything that a package is made of beside its texts. All of it is shown to everybody but `internal`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placeholder {
    pub name: ProjectName,
    /// The name as the company spells it.
    pub display: String,
    pub version: Pep440,
    /// The highest internal version, which the package has to stay below.
    pub internal: Option<String>,
    /// Of the watch, for templates that name a team. The texts that are compiled in do not.
    pub owner: String,
    pub company: String,
    pub contact: String,
    /// The private index, where the public may know it.
    pub index: Option<String>,
    pub homepage: Option<String>,
    pub policy: Option<String>,
    /// Host and port of the public registry, so that the command knows it from others.
    pub registry: String,
    /// An SPDX expression.
    pub license: String,
}

impl Placeholder {
    /// Where the contact has its mail.
    pub(super) fn domain(&self) -> &str {
        self.contact.rsplit_once('@').map_or("", |(_, domain)| domain)
    }
}
