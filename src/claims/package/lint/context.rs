//! What the rules of the lint are asked about beside a line.

use std::collections::BTreeSet;

use super::super::templates::Template;
use super::secrecy::Secrecy;

/// The text that the line is of, and what is ours.
pub(super) struct Context<'c> {
    pub(super) secrecy: &'c Secrecy,
    pub(super) template: &'c Template,
    /// The project's own names, which are no findings wherever they stand.
    pub(super) own: [&'c str; 4],
    /// Domain of the contact.
    pub(super) domain: &'c str,
    /// Hosts that the package is told to show.
    pub(super) shown: BTreeSet<String>,
}

impl Context<'_> {
    /// The line without the project's own names, however they are written.
    pub(super) fn without_own(&self, line: &str) -> String {
        self.own.iter().fold(line.to_lowercase(), |line, own| line.replace(&own.to_lowercase(), " "))
    }
}
