//! `Fault`: what is wrong with something that a person wrote, and what to write instead.

use super::accounts::without_accounts;

/// What is wrong with a value, and what to write instead. Values of credentials never appear in either.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    pub what: String,
    pub instead: String,
}

impl Fault {
    /// What is repeated from a file may be an address with a password; it loses that here, whoever made the fault.
    pub fn new(what: impl Into<String>, instead: impl Into<String>) -> Self {
        Self { what: without_accounts(&what.into()), instead: without_accounts(&instead.into()) }
    }
}
