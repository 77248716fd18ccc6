//! What stands in the way of a file that has the gate as its only index.

use crate::config::source::without_accounts;
use crate::model::ProjectName;
use crate::model::unread::shown;

/// Why nothing is written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SetupRefusal {
    #[error("it cannot be read as TOML ({0}); mend it first")]
    Unread(String),
    #[error(
        "{place} names another index, {address}, and an installer that has two is not protected: take it out, and run this again"
    )]
    OtherIndex { place: String, address: String },
    #[error("{place} is {found}, and has to be {wanted}: change it, and run this again")]
    OtherValue { place: String, found: String, wanted: String },
    #[error(
        "{0} is written in a form that this does not add to: write it as a table of its own, [{0}], and run this again"
    )]
    Form(String),
    #[error("{name} is no dependency here, so there is nothing to pin: `{add}` adds it so")]
    NoDependency { name: ProjectName, add: String },
    #[error(
        "a uv.toml has no place for pins: name the pyproject.toml of the project, where [tool.uv.sources] says {name} = {{ index = \"{index}\" }}"
    )]
    NoPins { index: String, name: ProjectName },
}

impl SetupRefusal {
    pub(super) fn unread(error: &toml_edit::TomlError) -> Self {
        Self::Unread(shown(&without_accounts(error.message())))
    }

    /// Another address, of which no account is repeated.
    pub(super) fn other_index(place: &str, address: &str) -> Self {
        Self::OtherIndex { place: place.to_owned(), address: shown(&without_accounts(address)) }
    }

    pub(super) fn other_value(place: String, found: &str, wanted: &str) -> Self {
        Self::OtherValue { place, found: shown(&without_accounts(found.trim())), wanted: wanted.to_owned() }
    }
}
